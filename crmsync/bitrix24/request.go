package bitrix24

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"callhue/crmsync"
	"callhue/internal/web"
)

// Bounds of one request.
const (
	maxAnswer  = 64 << 20 // bytes; a thousand whole records take a tenth of that
	maxTries   = 5
	firstPause = time.Second // doubled with each try
	maxMessage = 200         // of a refusal's text that is kept
)

// answer is the portal's answer to one request.
type answer struct {
	Result  json.RawMessage `json:"result"`
	Total   number          `json:"total"`
	Next    number          `json:"next"`
	Time    timing          `json:"time"`
	Error   *text           `json:"error"` // nil on success; the code may be empty
	Message text            `json:"error_description"`

	batch *batchResult // of a batch
}

// decode decodes the result. Fault: crm_answer.
func (a *answer) decode(into any) error {
	if len(a.Result) == 0 {
		return malformed("an answer without a result")
	}
	if err := json.Unmarshal(a.Result, into); err != nil {
		return crmsync.NotUnderstood(err)
	}
	return nil
}

// refusal is an answer that refuses a request, in the portal's words.
type refusal struct {
	status  int
	code    string
	message string
	method  string
	resetAt time.Time // for OPERATION_TIME_LIMIT
}

// Error returns its text for logs.
func (r *refusal) Error() string { return fmt.Sprintf("%s: %d %s", r.method, r.status, r.text()) }

func (r *refusal) text() string {
	what := strings.Trim(r.code+": "+r.message, ": ")
	if runes := []rune(what); len(runes) > maxMessage {
		what = string(runes[:maxMessage])
	}
	return what
}

func (r *refusal) is(codes ...string) bool {
	for _, code := range codes {
		if strings.EqualFold(r.code, code) {
			return true
		}
	}
	return false
}

// The codes that are handled.
var (
	tooMany      = []string{"QUERY_LIMIT_EXCEEDED"}
	tooLong      = []string{"OPERATION_TIME_LIMIT"}
	tokenExpired = []string{"expired_token", "invalid_token", "NO_AUTH_FOUND"}
	signedOut    = []string{"invalid_grant", "INVALID_CREDENTIALS", "invalid_client", "APPLICATION_NOT_FOUND"}
	noMethod     = []string{"ERROR_METHOD_NOT_FOUND"}
	noRight      = []string{"insufficient_scope"} // to a method, whatever the record
)

// fault translates a refusal into a fault.
func (r *refusal) fault() error {
	switch {
	case r.is(tooMany...):
		return crmsync.Busy(30 * time.Second)
	case r.is(tooLong...):
		return crmsync.Busy(longestPause)
	case r.is(signedOut...), r.is(tokenExpired...):
		return crmsync.SignInAgain(r)
	case r.status >= 500:
		return crmsync.Unreachable(r)
	}
	return crmsync.Refused(r.text()).Because(r)
}

// call calls a method and decodes its result.
func (p *Portal) call(ctx context.Context, method string, params map[string]any, into any) error {
	got, err := p.request(ctx, p.rest, p.signer(), method, params)
	if err != nil {
		return err
	}
	return got.decode(into)
}

// signer returns the access token of a request, "" if none is needed; rejected is the one that the portal
// no longer accepts, "" at first.
type signer func(ctx context.Context, rejected string) (string, error)

// fixedToken signs with a user's token, which we cannot refresh.
func fixedToken(token string) signer {
	return func(_ context.Context, rejected string) (string, error) {
		if rejected != "" {
			return "", crmsync.Refused("expired_token")
		}
		return token, nil
	}
}

// request sends a request until it is answered or not worth another try.
func (p *Portal) request(
	ctx context.Context,
	at string,
	sign signer,
	method string,
	params map[string]any,
) (*answer, error) {
	repeatable, known := methods[method]
	if !known {
		return nil, fmt.Errorf("bitrix24: %s is not an allowed method", method)
	}
	token, err := sign(ctx, "")
	if err != nil {
		return nil, err
	}
	renewed := false
	for try := 0; ; try++ {
		got, err := p.send(ctx, at, token, method, params)
		if err == nil || ctx.Err() != nil {
			return got, err
		}
		var refused *refusal
		isRefusal := errors.As(err, &refused)
		switch {
		case try+1 >= maxTries:
			return nil, p.asFault(err)
		case isRefusal && refused.is(tokenExpired...) && !renewed:
			renewed = true
			if token, err = sign(ctx, token); err != nil {
				return nil, err
			}
			continue
		case isRefusal && refused.is(tooLong...):
			p.limits.pause(p.opt.Now(), refused.method, refused.resetAt)
			continue // send waits, or reports how long it would take
		case isRefusal && refused.is(tooMany...):
			p.limits.fill()
		case isRefusal && refused.status < 500, !isRefusal && !isNoAnswer(err), !bool(repeatable):
			return nil, p.asFault(err)
		}
		if err := p.opt.Wait(ctx, firstPause<<try); err != nil {
			return nil, err
		}
	}
}

// asFault turns the last failure into a fault.
func (p *Portal) asFault(err error) error {
	var refused *refusal
	if errors.As(err, &refused) {
		return refused.fault()
	}
	return err
}

// noAnswer is a request without an answer.
type noAnswer struct{ cause error }

func (s *noAnswer) Error() string { return s.cause.Error() }
func (s *noAnswer) Unwrap() error { return s.cause }

func isNoAnswer(err error) bool {
	var s *noAnswer
	return errors.As(err, &s)
}

// send sends a request once, when the limits allow it. A *refusal is the portal's refusal; every other
// error is a fault already.
func (p *Portal) send(ctx context.Context, at, token, method string, params map[string]any) (*answer, error) {
	if err := p.wait(ctx, method, params); err != nil {
		return nil, err
	}
	body := make(map[string]any, len(params)+1)
	for key, value := range params {
		body[key] = value
	}
	if token != "" {
		body["auth"] = token // in the body: proxies log addresses
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, at+method, bytes.NewReader(raw))
	if err != nil {
		return nil, web.Unaddressed(err)
	}
	r.Header.Set("Content-Type", "application/json")
	status, data, err := p.fetch(r)
	if err != nil {
		return nil, err
	}
	got, err := decode(method, status, data)
	if err != nil {
		var refused *refusal
		if errors.As(err, &refused) {
			refused.message = p.mask(refused.message, token)
		}
		return nil, err
	}
	p.limits.observe(p.opt.Now(), method, got.Time)
	if method == "batch" {
		return got, p.decodeBatch(got, params)
	}
	return got, nil
}

// wait delays a request as the limits demand. Fault: crm_busy if a method is paused for longer than a
// request should wait.
func (p *Portal) wait(ctx context.Context, method string, params map[string]any) error {
	asked := []string{method}
	if cmd, ok := params["cmd"].(map[string]any); ok {
		asked = append(asked, methodsIn(cmd)...)
	}
	if left := p.limits.pauseLeft(p.opt.Now(), asked); left > longestWait {
		return crmsync.Busy(left)
	} else if left > 0 {
		if err := p.opt.Wait(ctx, left); err != nil {
			return err
		}
	}
	if pause := p.limits.take(p.opt.Now()); pause > 0 {
		return p.opt.Wait(ctx, pause)
	}
	return ctx.Err()
}

// fetch sends a request and reads the answer, within bounds. Its errors never show the address: that of a
// webhook is its secret.
func (p *Portal) fetch(r *http.Request) (int, []byte, error) {
	ctx := r.Context()
	r.Header.Set("Accept", "application/json")
	got, err := p.client.Do(r)
	if err != nil {
		return 0, nil, p.unreachable(ctx, err)
	}
	defer got.Body.Close()
	data, err := io.ReadAll(io.LimitReader(got.Body, maxAnswer+1))
	if err != nil {
		return 0, nil, p.unreachable(ctx, err)
	}
	if len(data) > maxAnswer {
		return 0, nil, malformed("an answer that is too long")
	}
	if got.StatusCode >= 300 && got.StatusCode < 400 {
		return 0, nil, p.redirected(r.URL, got.Header.Get("Location"))
	}
	return got.StatusCode, data, nil
}

// redirected returns the fault of a redirect, which is not followed: a portal that has another address by now is named
// with it.
func (p *Portal) redirected(from *url.URL, location string) error {
	to, err := from.Parse(location)
	asked := strings.HasPrefix(from.String(), p.rest)
	if err != nil || !asked || to.Host == "" || to.Host == from.Host && to.Scheme == from.Scheme {
		return malformed("a redirect")
	}
	return crmsync.Moved(p.mask(to.Scheme+"://"+to.Host, ""))
}

// unreachable returns the fault of a request without an answer, without its address.
func (p *Portal) unreachable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err = web.Unaddressed(err); errors.Is(err, web.ErrPrivate) {
		return crmsync.Unreachable(err) // a retry would not help
	}
	return crmsync.Unreachable(&noAnswer{err})
}

// decode decodes an answer: a *refusal if it refuses, crm_answer if it is not a portal's answer.
func decode(method string, status int, data []byte) (*answer, error) {
	got := &answer{}
	err := json.Unmarshal(data, got)
	switch {
	case err != nil && status >= 500:
		return nil, &refusal{status: status, method: method}
	case err != nil:
		return nil, crmsync.NotUnderstood(fmt.Errorf("%s: status %d: %w", method, status, err))
	case got.Error != nil || status >= 400:
		code := text("")
		if got.Error != nil {
			code = *got.Error
		}
		return nil, &refusal{
			status:  status,
			code:    string(code),
			message: string(got.Message),
			method:  method,
			resetAt: got.Time.resetAt(),
		}
	}
	return got, nil
}

// mask removes our secrets from a text that is shown.
func (p *Portal) mask(text, token string) string {
	for _, secret := range []string{p.secret, token, p.opt.ClientSecret} {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "***")
		}
	}
	return text
}
