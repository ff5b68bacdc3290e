package wire

import "fmt"

// Error is a refusal: nothing was changed.
type Error struct {
	Code    Code
	Field   string // the field that is wrong, named as in the protocol: "to_server.delay_ms", "flags"
	Message string // for the user: one sentence that says what to do
}

func (e *Error) Error() string { return e.Message }

// Code says what kind of refusal an Error is, in the protocol's words.
type Code string

// The codes of an Error.
const (
	CodeInvalidArgument Code = "invalid_argument"
	CodeNotFound        Code = "not_found"
	CodeConflict        Code = "conflict"
	CodeQuotaExceeded   Code = "quota_exceeded"
)

func refuse(code Code, field, format string, args ...any) *Error {
	return &Error{Code: code, Field: field, Message: fmt.Sprintf(format, args...)}
}

func invalid(field, format string, args ...any) *Error {
	return refuse(CodeInvalidArgument, field, format, args...)
}
