package demo

import (
	"fmt"
	"strings"
)

// Error is what is wrong with a demo file, and where. Line and Column begin with 1; Column 0 means the line.
type Error struct {
	Line, Column int
	Message      string // one sentence that says what is allowed there
}

func (e *Error) Error() string {
	if e.Column == 0 {
		return fmt.Sprintf("line %d: %s", e.Line, e.Message)
	}
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Message)
}

// FieldError is what a Vet finds wrong with one field of a command.
type FieldError struct {
	Field   string // within others behind points, as to_server.mtu; empty: the command
	Message string
}

func (e *FieldError) Error() string { return e.Message }

// Errors are all that was found, in the order of the file; at most maxErrors.
type Errors []*Error

const maxErrors = 20

func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, one := range e {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap lets errors.As find an *Error.
func (e Errors) Unwrap() []error {
	list := make([]error, len(e))
	for i, one := range e {
		list[i] = one
	}
	return list
}
