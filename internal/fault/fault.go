// Package fault is the one error type of the product.
//
// Every package answers a refusal with a *fault.Error. Its kind is what a caller can do about it, its key the exact cause
// (it is the "code" of the API and a translation key), its fields are what was wrong in the input. Package web turns kinds
// into HTTP statuses in one place. An error that is not a *fault.Error is foreign: it counts as internal, and its text
// never leaves the server.
package fault

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Kind is what a caller can do about a fault.
type Kind uint8

// The kinds. Internal is the zero value: an unclassified error is ours.
const (
	KindInternal     Kind = iota // our failure; the caller can only try again
	KindInvalid                  // the input is wrong; Fields has where
	KindMissing                  // no such record
	KindConflict                 // the record has changed, or the name is taken
	KindForbidden                // the user may not do this
	KindUnauthorised             // no one is signed in, or the secret is wrong
	KindBusy                     // the caller did too much at once; RetryAfter is when to try again
	KindUnavailable              // our trouble, which passes: a database that does not answer, an overload
)

var kindNames = [...]string{"internal", "invalid", "missing", "conflict", "forbidden", "unauthorised", "busy",
	"unavailable"}

// String returns the kind's name in lower case.
func (k Kind) String() string { return kindNames[k] }

// Field is one thing wrong with the input: the JSON name of the field (a
// dotted path for nested ones) and a stable code.
type Field struct {
	Field string `json:"field"`
	Code  string `json:"code"`
}

// Error is a refusal. Key is stable and translatable; Args fill the placeholders of its translation.
type Error struct {
	Kind       Kind
	Key        string
	Args       map[string]any
	Fields     []Field
	RetryAfter time.Duration // only for KindBusy and KindUnavailable
	cause      error
}

// Error returns a line for logs and terminals, the cause included.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Key)
	for _, f := range e.Fields {
		fmt.Fprintf(&b, "; %s: %s", f.Field, f.Code)
	}
	for k, v := range e.Args {
		fmt.Fprintf(&b, "; %s=%v", k, v)
	}
	if e.cause != nil {
		b.WriteString(": " + e.cause.Error())
	}
	return b.String()
}

// Unwrap returns the cause, which may be nil.
func (e *Error) Unwrap() error { return e.cause }

// Because attaches the error that led to this one; it is logged, never answered.
func (e *Error) Because(cause error) *Error {
	e.cause = cause
	return e
}

// With adds an argument for the translation of the key.
func (e *Error) With(name string, value any) *Error {
	if e.Args == nil {
		e.Args = map[string]any{}
	}
	e.Args[name] = value
	return e
}

// Invalid reports that one field of the input is wrong. Further fields are added
// with And.
func Invalid(field, code string) *Error {
	return &Error{Kind: KindInvalid, Key: "invalid_input", Fields: []Field{{field, code}}}
}

// And adds another wrong field; a nil receiver starts a new fault, so that a
// validation can gather what it finds.
func (e *Error) And(field, code string) *Error {
	if e == nil {
		return Invalid(field, code)
	}
	e.Fields = append(e.Fields, Field{field, code})
	return e
}

// OrNil returns e as an error, and a true nil when nothing was gathered.
func (e *Error) OrNil() error {
	if e == nil {
		return nil
	}
	return e
}

// Missing reports that there is no such record; what is a word of the product.
func Missing(what string) *Error {
	return (&Error{Kind: KindMissing, Key: "not_found"}).With("what", what)
}

// Conflict refuses a change that no longer fits what is stored.
func Conflict(key string) *Error { return &Error{Kind: KindConflict, Key: key} }

// Taken refuses a value that another record has: the conflict of this key, found at its field.
func Taken(field, key string) *Error { return Conflict(key).And(field, key) }

// Stale is the conflict of an outdated version.
func Stale() *Error { return Conflict("stale_version") }

// Forbidden refuses an action that the user has no right to.
func Forbidden(key string) *Error { return &Error{Kind: KindForbidden, Key: key} }

// Unauthorised refuses a request without a known user.
func Unauthorised(key string) *Error { return &Error{Kind: KindUnauthorised, Key: key} }

// Busy refuses a caller who did too much, until a time has passed. For trouble of our own there is Unavailable.
func Busy(key string, after time.Duration) *Error {
	return &Error{Kind: KindBusy, Key: key, RetryAfter: after}
}

// Unavailable refuses what we cannot do at the moment through no fault of the caller, who may try again after a time.
func Unavailable(key string, after time.Duration) *Error {
	return &Error{Kind: KindUnavailable, Key: key, RetryAfter: after}
}

// Internal is a failure of ours.
func Internal(cause error) *Error {
	return (&Error{Kind: KindInternal, Key: "internal"}).Because(cause)
}

// Of finds the fault in an error's chain. A deadline that has passed is unavailable "timeout"; any other foreign error
// becomes an internal fault that carries it. Of a nil error it is nil.
func Of(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return Unavailable("timeout", time.Second).Because(err)
	}
	return Internal(err)
}

// Is reports whether an error is a fault of this kind.
func Is(err error, kind Kind) bool { return err != nil && Of(err).Kind == kind }
