package crmsync

import (
	"errors"
	"time"

	"callhue/internal/fault"
	"callhue/internal/web"
)

// comeAgain is when a CRM that did not answer, or not sensibly, is asked again.
const comeAgain = 30 * time.Second

// Unreachable is the fault of a CRM that cannot be asked: nobody listens, it takes
// too long, or its server fails. One in our own network, where that is not allowed,
// is private_address: somebody has to allow it.
func Unreachable(cause error) *fault.Error {
	if errors.Is(cause, web.ErrPrivate) {
		return fault.Conflict("private_address").Because(cause)
	}
	return fault.Busy("crm_unreachable", comeAgain).Because(cause)
}

// Busy is the fault of a CRM whose limits ask us to wait.
func Busy(after time.Duration) *fault.Error { return fault.Busy("crm_busy", after) }

// SignInAgain is the fault of a grant that is over.
func SignInAgain(cause error) *fault.Error {
	return fault.Conflict("crm_sign_in_again").Because(cause)
}

// Refused is the fault of a CRM that understood and says no; what are its words,
// without any secret.
func Refused(what string) *fault.Error { return fault.Forbidden("crm_refused").With("what", what) }

// NotUnderstood is the fault of an answer that makes no sense.
func NotUnderstood(cause error) *fault.Error {
	return fault.Busy("crm_answer", comeAgain).Because(cause)
}
