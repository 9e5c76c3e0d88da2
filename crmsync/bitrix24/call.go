package bitrix24

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"callhue/crmsync"
	"callhue/internal/web"
)

// Bounds of one request.
const (
	maxAnswer = 64 << 20 // bytes; a thousand whole records take a tenth of that
	maxTries  = 5
	firstWait = time.Second // doubled from try to try
	maxWhat   = 200         // of a refusal's words that are kept
)

// answer is what the portal says to one request.
type answer struct {
	Result json.RawMessage `json:"result"`
	Total  int64           `json:"total"`
	Next   int64           `json:"next"`
	Time   timing          `json:"time"`
	Error  *text           `json:"error"` // nil where it went well; the code may be empty
	What   text            `json:"error_description"`

	parts *parts // of a batch
}

// read decodes the result. The fault is crm_answer.
func (a *answer) read(into any) error {
	if len(a.Result) == 0 {
		return senseless("an answer without a result")
	}
	if err := json.Unmarshal(a.Result, into); err != nil {
		return crmsync.NotUnderstood(err)
	}
	return nil
}

// refusal is an answer that says no, in the portal's own words.
type refusal struct {
	status  int
	code    string
	words   string
	method  string
	resetAt time.Time // for OPERATION_TIME_LIMIT
}

// Error gives its words for logs.
func (r *refusal) Error() string { return fmt.Sprintf("%s: %d %s", r.method, r.status, r.what()) }

func (r *refusal) what() string {
	what := strings.Trim(r.code+": "+r.words, ": ")
	if runes := []rune(what); len(runes) > maxWhat {
		what = string(runes[:maxWhat])
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

// The codes that we do something about.
var (
	tooMany   = []string{"QUERY_LIMIT_EXCEEDED"}
	tooLong   = []string{"OPERATION_TIME_LIMIT"}
	tokenOver = []string{"expired_token", "invalid_token", "NO_AUTH_FOUND"}
	signedOut = []string{"invalid_grant", "INVALID_CREDENTIALS", "invalid_client", "APPLICATION_NOT_FOUND"}
	noMethod  = []string{"ERROR_METHOD_NOT_FOUND"}
)

// fault says what a refusal means to whoever asked.
func (r *refusal) fault() error {
	switch {
	case r.is(tooMany...):
		return crmsync.Busy(30 * time.Second)
	case r.is(tooLong...):
		return crmsync.Busy(restTime)
	case r.is(signedOut...), r.is(tokenOver...):
		return crmsync.SignInAgain(r)
	case r.status >= 500:
		return crmsync.Unreachable(r)
	}
	return crmsync.Refused(r.what()).Because(r)
}

// ask asks for a method and decodes its result.
func (p *Portal) ask(ctx context.Context, method string, params map[string]any, into any) error {
	got, err := p.request(ctx, p.rest, p.signer(), method, params)
	if err != nil {
		return err
	}
	return got.read(into)
}

// signer gives the access token of a request, "" where none is needed; over is
// the one that the portal does not take any longer, "" at first.
type signer func(ctx context.Context, over string) (string, error)

// viewer signs with somebody's token, which we cannot renew.
func viewer(token string) signer {
	return func(_ context.Context, over string) (string, error) {
		if over != "" {
			return "", crmsync.Refused("expired_token")
		}
		return token, nil
	}
}

// request asks until there is an answer or nothing more to be tried.
func (p *Portal) request(ctx context.Context, at string, sign signer, method string, params map[string]any) (*answer, error) {
	repeatable, known := methods[method]
	if !known {
		return nil, fmt.Errorf("bitrix24: %s is none of the methods that we ask", method)
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
		var no *refusal
		refused := errors.As(err, &no)
		switch {
		case try+1 >= maxTries:
			return nil, p.end(err)
		case refused && no.is(tokenOver...) && !renewed:
			renewed = true
			if token, err = sign(ctx, token); err != nil {
				return nil, err
			}
			continue
		case refused && no.is(tooLong...):
			p.limits.rest(p.opt.Now(), no.method, no.resetAt)
			continue // send waits for it, or says how long it takes
		case refused && no.is(tooMany...):
			p.limits.full()
		case refused && no.status < 500, !refused && !unanswered(err), !bool(repeatable):
			return nil, p.end(err)
		}
		if err := p.opt.Wait(ctx, firstWait<<try); err != nil {
			return nil, err
		}
	}
}

// end turns the last failure into a fault.
func (p *Portal) end(err error) error {
	var no *refusal
	if errors.As(err, &no) {
		return no.fault()
	}
	return err
}

// silence is a request without an answer.
type silence struct{ cause error }

func (s *silence) Error() string { return s.cause.Error() }
func (s *silence) Unwrap() error { return s.cause }

func unanswered(err error) bool {
	var s *silence
	return errors.As(err, &s)
}

// send asks once, when the limits let it. A *refusal is what the portal says no
// with; everything else is a fault already.
func (p *Portal) send(ctx context.Context, at, token, method string, params map[string]any) (*answer, error) {
	if err := p.wait(ctx, method, params); err != nil {
		return nil, err
	}
	body := make(map[string]any, len(params)+1)
	for key, value := range params {
		body[key] = value
	}
	if token != "" {
		body["auth"] = token // in the body: addresses are written down on the way
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
	status, said, err := p.fetch(r)
	if err != nil {
		return nil, err
	}
	got, err := understand(method, status, said)
	if err != nil {
		var no *refusal
		if errors.As(err, &no) {
			no.words = p.mask(no.words, token)
		}
		return nil, err
	}
	p.limits.heed(p.opt.Now(), method, got.Time)
	if method == "batch" {
		return got, p.readParts(got, params)
	}
	return got, nil
}

// wait holds a request back as the limits want it. crm_busy: a method rests, and
// for so long that it is the caller's matter.
func (p *Portal) wait(ctx context.Context, method string, params map[string]any) error {
	asked := []string{method}
	if cmd, ok := params["cmd"].(map[string]any); ok {
		asked = append(asked, methodsOf(cmd)...)
	}
	if left := p.limits.resting(p.opt.Now(), asked); left > patience {
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

// fetch sends a request and reads the answer, within bounds. No error of it shows the
// address: a webhook's is its secret.
func (p *Portal) fetch(r *http.Request) (int, []byte, error) {
	ctx := r.Context()
	r.Header.Set("Accept", "application/json")
	got, err := p.client.Do(r)
	if err != nil {
		return 0, nil, p.silent(ctx, err)
	}
	defer got.Body.Close()
	said, err := io.ReadAll(io.LimitReader(got.Body, maxAnswer+1))
	if err != nil {
		return 0, nil, p.silent(ctx, err)
	}
	if len(said) > maxAnswer {
		return 0, nil, senseless("an answer without an end")
	}
	if got.StatusCode >= 300 && got.StatusCode < 400 {
		return 0, nil, senseless("a redirect")
	}
	return got.StatusCode, said, nil
}

// silent is the fault of a request without an answer, without its address.
func (p *Portal) silent(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err = web.Unaddressed(err); errors.Is(err, web.ErrPrivate) {
		return crmsync.Unreachable(err) // it will not be another one the next time
	}
	return crmsync.Unreachable(&silence{err})
}

// understand reads an answer: a *refusal where it says no, crm_answer where it is
// no answer of a portal.
func understand(method string, status int, said []byte) (*answer, error) {
	got := &answer{}
	err := json.Unmarshal(said, got)
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
		return nil, &refusal{status: status, code: string(code), words: string(got.What), method: method, resetAt: got.Time.resetAt()}
	}
	return got, nil
}

// mask takes our secrets out of what is shown.
func (p *Portal) mask(text, token string) string {
	for _, secret := range []string{p.secret, token, p.opt.ClientSecret} {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "***")
		}
	}
	return text
}
