package playground

import (
	"encoding/json"
	"errors"
)

// VetDemo says what is wrong with the fields of a command in a demo file; it is the demo.Vet of this engine.
func VetDemo(command string, fields json.RawMessage) error {
	_, err := DecodeCommand(command, fields)
	var refusal *Error
	if errors.As(err, &refusal) {
		return errors.New(refusal.Message)
	}
	return err
}
