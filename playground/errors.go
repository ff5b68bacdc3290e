package playground

import "fmt"

// Code says what kind of refusal an Error is. The page switches on it, never on the message.
type Code string

// The codes of an Error.
const (
	CodeInvalidArgument Code = "invalid_argument" // the command is malformed
	CodeNotFound        Code = "not_found"        // it names something that is not there
	CodeConflict        Code = "conflict"         // it does not fit the state things are in
	CodeQuotaExceeded   Code = "quota_exceeded"   // it asks for more than a limit allows
	CodeDenied          Code = "denied"           // the policy forbids it
	CodeUnsupported     Code = "unsupported"      // this system cannot do it
	CodeInternal        Code = "internal"         // our own fault; Err is in the log
)

// Error is a refusal by the playground itself. What a call into the network returned is never an Error:
// it is a result, and travels in an event (see CallError).
type Error struct {
	Code    Code
	Field   string // the command's field that is wrong, if one is
	Message string // for the user: one sentence that says what to do
	Err     error  // for the log only
}

func (e *Error) Error() string { return e.Message }

// Unwrap gives the cause, for errors.Is and the log.
func (e *Error) Unwrap() error { return e.Err }

func refuse(code Code, field, format string, args ...any) *Error {
	return &Error{Code: code, Field: field, Message: fmt.Sprintf(format, args...)}
}

// errEnded refuses what comes after the session's end.
func errEnded() *Error {
	return refuse(CodeNotFound, "", "This session has ended; reload the page for a new one.")
}

func invalid(field, format string, args ...any) *Error {
	return refuse(CodeInvalidArgument, field, format, args...)
}

func conflict(format string, args ...any) *Error {
	return refuse(CodeConflict, "", format, args...)
}
