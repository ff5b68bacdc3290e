package playground

import (
	"encoding/json"
	"errors"

	"socketplayground/playground/demo"
)

// VetDemo says what is wrong with the fields of a command in a demo file; it is the demo.Vet of this engine.
func VetDemo(command string, fields json.RawMessage) error {
	cmd, err := DecodeCommand(command, fields)
	if err == nil {
		err = vetAddresses(cmd)
	}
	if err == nil {
		err = vetValues(cmd)
	}
	var refusal *Error
	if errors.As(err, &refusal) {
		return &demo.FieldError{Field: refusal.Field, Message: refusal.Message}
	}
	return err
}

// vetAddresses finds what cannot be an address wherever the demo runs.
func vetAddresses(cmd Command) error {
	check := func(field, address string, listening bool) error {
		if isName(address) {
			return nil
		}
		if err := checkAddress(field, normalAddress(address), listening); err != nil { // a nil *Error is no nil error
			return err
		}
		return nil
	}
	switch c := cmd.(type) {
	case *Listen:
		return check("address", c.Address, true)
	case *Dial:
		err := check("address", c.Address, false)
		if err == nil && c.Local != "" {
			err = check("local", c.Local, false)
		}
		return err
	}
	return nil
}
