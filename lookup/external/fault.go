package external

import (
	"context"
	"errors"
	"regexp"
	"strings"

	"callhue/internal/fault"
	"callhue/internal/text"
)

// The codes of what can go wrong, for the page of a source and for the log.
const (
	codeTimeout     = "timeout"      // no answer within the time budget
	codeBusy        = "too_many"     // too many lookups wait already
	codeOpen        = "resting"      // the system has failed again and again: it is not asked for a while
	codeUnreachable = "unreachable"  // no connection
	codeRefused     = "access"       // wrong user, password or token, or a right is missing
	codeQuery       = "query"        // the system does not understand the question: a column or table is not there
	codeReadOnly    = "read_only"    // the question wanted to write
	codeColumn      = "column"       // a column or path that was chosen, or any that names the record, is missing
	codeRow         = "row"          // a row whose kind is none
	codeTooMany     = "rows"         // too many rows
	codeTooLarge    = "too_large"    // the answer is too long
	codeAnswer      = "answer"       // the answer cannot be read
	codeHTTP        = "http_status"  // the endpoint answers with an error
	codePrivate     = "private_host" // a private address, which is not allowed
	codeFailed      = "failed"       // anything else
)

// failed returns a fault of asking a system: its key is "lookup_source", its argument "why" one of the codes.
func failed(code string, cause error) *fault.Error {
	f := fault.Unavailable("lookup_source", 0).With("why", code)
	if cause != nil {
		f = f.Because(cause)
	}
	return f
}

// CodeOf returns the code of an error of this package; "" for none.
func CodeOf(err error) string {
	switch f := fault.Of(err); {
	case err == nil:
		return ""
	case f != nil && f.Key == "lookup_source":
		code, _ := f.Args["why"].(string)
		return code
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return codeTimeout
	}
	return codeFailed
}

// longDigits matches what may be a number of a client.
var longDigits = regexp.MustCompile(`\d{5,}`)

// maxDetail is how much of a foreign message is shown, in bytes.
const maxDetail = 300

// detailOf returns what the system itself said, for the administrator who tries a source, in one line and without what
// may be a client's number.
func detailOf(err error) string {
	f := fault.Of(err)
	if f == nil {
		return ""
	}
	cause := errors.Unwrap(f)
	if cause == nil {
		return ""
	}
	line := strings.TrimSpace(text.OneLine(cause.Error()))
	return text.Cut(longDigits.ReplaceAllString(line, "…"), maxDetail)
}
