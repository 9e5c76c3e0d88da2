package crmsync

import (
	"errors"
	"time"

	"callhue/internal/fault"
	"callhue/internal/web"
)

// retryAfter is the pause before a CRM that did not answer sensibly is asked again.
const retryAfter = 30 * time.Second

// Unreachable returns the fault of a CRM that cannot be reached: the connection fails, times out, or its
// server fails. For an address in our own network, if that is not allowed, it is private_address.
func Unreachable(cause error) *fault.Error {
	if errors.Is(cause, web.ErrPrivate) {
		return fault.Conflict("private_address").Because(cause)
	}
	return fault.Unavailable("crm_unreachable", retryAfter).Because(cause)
}

// Busy returns the fault of a CRM whose limits demand a pause.
func Busy(after time.Duration) *fault.Error { return fault.Unavailable("crm_busy", after) }

// Moved returns the fault of a CRM that sends us to another address, which is in "what". It is not followed: only an
// admin decides where a token is sent.
func Moved(address string) *fault.Error {
	return fault.Conflict("crm_moved").With("what", address)
}

// SignInAgain returns the fault of a token that is no longer valid.
func SignInAgain(cause error) *fault.Error {
	return fault.Conflict("crm_sign_in_again").Because(cause)
}

// Refused returns the fault of a CRM that understood and refused; what is its text, without secrets.
func Refused(what string) *fault.Error { return fault.Forbidden("crm_refused").With("what", what) }

// NotUnderstood returns the fault of an answer that cannot be understood.
func NotUnderstood(cause error) *fault.Error {
	return fault.Unavailable("crm_answer", retryAfter).Because(cause)
}
