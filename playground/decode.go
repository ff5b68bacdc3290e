package playground

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// maxNesting is how deep the JSON of a command may nest. A command needs three: itself, its settings, a list in them.
const maxNesting = 16

// DecodeCommand reads the fields of a command of the given type from a JSON object. Fields it does not know are
// refused, so that a typing mistake is told and not ignored, and so is a field that stands twice, of which readers of JSON
// take the first or the last as they like (RFC 8259 §4); "id" and "type" belong to the envelope and are skipped.
func DecodeCommand(kind string, object []byte) (Command, error) {
	make, ok := commands[kind]
	if !ok {
		return nil, invalid("type", "There is no command %q; the commands are %s.", clip(kind, 40), strings.Join(sortedKeys(commands), ", "))
	}
	cmd := make()
	if err := DecodeFields(kind, object, cmd); err != nil {
		return nil, err
	}
	return cmd, nil
}

// DecodeFields is DecodeCommand for a command that is not a session's: it reads the fields into a struct.
func DecodeFields(kind string, object []byte, into any) error {
	if err := shallow(object); err != nil {
		return err
	}
	var fields map[string]jsontext.Value
	if err := json.Unmarshal(object, &fields); err != nil {
		return decodeError(kind, object, err)
	}
	delete(fields, "id")
	delete(fields, "type")
	rest, err := json.Marshal(fields)
	if err != nil {
		return decodeError(kind, object, err)
	}
	if err := json.Unmarshal(rest, into, json.RejectUnknownMembers(true)); err != nil {
		return decodeError(kind, rest, err)
	}
	return refuseZeros(kind, rest)
}

// shallow refuses JSON that nests deeper than any command does. It reads no further than to what is wrong.
func shallow(object []byte) error {
	d := jsontext.NewDecoder(bytes.NewReader(object), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	for {
		switch _, err := d.ReadToken(); {
		case d.StackDepth() > maxNesting:
			for name := range d.StackPointer().Tokens() {
				return TooDeep(clip(name, 80))
			}
			return TooDeep("")
		case err == io.EOF:
			return nil
		case err != nil:
			return notJSON(err)
		}
	}
}

// TooDeep is the refusal of JSON that nests deeper than any command does, in a field of it.
func TooDeep(field string) *Error {
	return invalid(field, "A command nests at most %d deep.", maxNesting)
}

func notJSON(err error) *Error {
	return &Error{Code: CodeInvalidArgument, Message: "A command is one JSON object.", Err: err}
}

// decodeError says in a sentence what is wrong with a command's JSON.
func decodeError(kind string, object []byte, err error) *Error {
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		field := fieldOf(syntax.JSONPointer)
		refusal := invalid(field, "%s: the text of %q has an escape that stands for no character.", kind, clip(field, 40))
		switch {
		case errors.Is(err, jsontext.ErrDuplicateName):
			refusal = invalid(field, "%s: the field %q stands there twice; say it once.", kind, clip(field, 40))
		case !strings.Contains(syntax.Err.Error(), "surrogate"): // jsontext has no value for it
			refusal = notJSON(err)
		}
		refusal.Err = err
		return refusal
	}
	var semantic *json.SemanticError
	if !errors.As(err, &semantic) || semantic.JSONPointer == "" {
		return notJSON(err)
	}
	field := fieldOf(semantic.JSONPointer)
	refusal := invalid(field, "%s has no field %q.", kind, clip(field, 40))
	if semantic.Err != json.ErrUnknownName {
		refusal = mismatch(kind, field, clip(valueAt(object, semantic.JSONPointer), 40), semantic)
	}
	refusal.Err = err
	return refusal
}

// fieldOf is a path in JSON as messages and refusals spell it: settings.bytes.
func fieldOf(p jsontext.Pointer) string {
	var names []string
	for name := range p.Tokens() {
		names = append(names, name)
	}
	return clip(strings.Join(names, "."), 80)
}

// valueAt is the value at a path in an object, as it stands there.
func valueAt(object []byte, p jsontext.Pointer) string {
	d := jsontext.NewDecoder(bytes.NewReader(object))
	for d.StackPointer() != p { // which it is behind the value's name
		if _, err := d.ReadToken(); err != nil {
			return "" // the path is in the object
		}
	}
	v, err := d.ReadValue()
	if err != nil {
		return ""
	}
	return string(v)
}

// mismatch says what a field should have been, and not what it is.
func mismatch(kind, field, found string, e *json.SemanticError) *Error {
	of := e.GoType
	for of != nil && of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	switch {
	case of == nil:
	case errors.Is(e.Err, strconv.ErrRange):
		return invalid(field, "%s: %s is out of range: %s.", kind, field, found)
	case of.Kind() == reflect.Int || of.Kind() == reflect.Int64:
		return invalid(field, "%s: %s must be a whole number, not %s.", kind, field, found)
	case of.Kind() == reflect.Uint64:
		return invalid(field, "%s: %s must be a whole number from 0, not %s.", kind, field, found)
	case of.Kind() == reflect.Float64:
		return invalid(field, "%s: %s must be a number, not %s.", kind, field, found)
	case of.Kind() == reflect.Bool:
		return invalid(field, "%s: %s must be true or false, not %s.", kind, field, found)
	case of.Kind() == reflect.String:
		return invalid(field, "%s: %s must be a text, not %s.", kind, field, found)
	case of.Kind() == reflect.Slice:
		return invalid(field, "%s: %s must be a list, not %s.", kind, field, found)
	}
	return invalid(field, "%s: %s must be an object, not %s.", kind, field, found)
}

// Clip is clip for whoever else writes messages.
func Clip(s string, n int) string { return clip(s, n) }

// clip shortens what a user sent for use in a message. What would be carried out rather than shown (control characters, and
// those that turn the direction of a text) stands there as its escape, so that a message is safe on a terminal too.
func clip(s string, n int) string {
	var b strings.Builder
	for i, r := range []rune(strings.ToValidUTF8(s, "\ufffd")) {
		switch {
		case i == n:
			return b.String() + "…"
		case strconv.IsPrint(r):
			b.WriteRune(r)
		default:
			escaped := strconv.QuoteRune(r)
			b.WriteString(escaped[1 : len(escaped)-1])
		}
	}
	return b.String()
}
