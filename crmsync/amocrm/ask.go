package amocrm

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"callhue/crmsync"
	"callhue/internal/fault"
	"callhue/internal/web"
)

// What is posted, all of it: none of these changes a record. Everything else is
// only read.
const (
	postToken = "/oauth2/access_token"
	postPopup = "/api/v2/events"   // tells users of a call; there is no v4 of it
	postCalls = "/api/v4/calls"    // writes a finished call into the record's history
	postHooks = "/api/v4/webhooks" // subscribes to changes
)

var posts = []string{postToken, postPopup, postCalls, postHooks}

// Bounds of a request: how often it is tried, how much of an answer is read, how
// much of a refusal is kept, and for how long all requests stop when the account
// blocks us without saying how long.
const (
	tries       = 4
	maxAnswer   = 16 << 20
	maxRefusal  = 200
	firstPause  = time.Second // doubled each time
	blockPause  = time.Minute
	longestHold = 10 * time.Minute
)

var (
	errEmpty    = errors.New("amocrm: nothing where something is always")
	errTooLong  = errors.New("amocrm: the answer is too long")
	errRedirect = errors.New("amocrm: a redirect")
	errNotJSON  = errors.New("amocrm: the answer is no JSON")
)

// get reads one address; found is false where the account has nothing (204).
func (p *Portal) get(ctx context.Context, path string, query url.Values, into any) (found bool, err error) {
	return p.ask(ctx, http.MethodGet, path, query, nil, into)
}

// post sends one of posts.
func (p *Portal) post(ctx context.Context, path string, body, into any) error {
	_, err := p.ask(ctx, http.MethodPost, path, nil, body, into)
	return err
}

// ask sends a request until it is answered, refused, or has been tried enough. A
// token that ended is replaced once.
func (p *Portal) ask(ctx context.Context, method, path string, query url.Values, body, into any) (found bool, err error) {
	a := attempt{method: method, path: path, query: query}
	if body != nil {
		if a.body, err = json.Marshal(body); err != nil {
			return false, err
		}
	}
	if a.secret, err = p.access(ctx, ""); err != nil {
		return false, err
	}
	renewed := false
	for n := 1; ; n++ {
		said, err := p.send(ctx, a, a.secret)
		switch {
		case err == nil && said.status == http.StatusUnauthorized && !renewed:
			renewed = true
			if a.secret, err = p.access(ctx, a.secret); err != nil {
				return false, err
			}
			continue
		case err == nil:
			err = p.judge(a, said, n)
		}
		if err == nil {
			return said.read(into)
		}
		pause, again := pauseBefore(a, said, err, n)
		if !again {
			return false, err
		}
		if err := web.Sleep(ctx, pause); err != nil {
			return false, err
		}
	}
}

// attempt is a request that may be sent several times.
type attempt struct {
	method, path string
	query        url.Values
	body         []byte
	secret       string // in it, never shown: a token or a code
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// send makes one request in its turn. Its faults are crm_unreachable and crm_answer.
func (p *Portal) send(ctx context.Context, a attempt, token string) (answer, error) {
	if a.method != http.MethodGet && (a.method != http.MethodPost || !slices.Contains(posts, a.path)) {
		return answer{}, fault.Internal(fmt.Errorf("amocrm: %s %s is not asked", a.method, a.path))
	}
	if err := p.pace.turn(ctx); err != nil {
		return answer{}, err
	}
	r, err := http.NewRequestWithContext(ctx, a.method, p.opt.Address+a.path, bytes.NewReader(a.body))
	if err != nil {
		return answer{}, fault.Internal(err)
	}
	r.URL.RawQuery = a.query.Encode()
	r.Header.Set("Accept", "application/json")
	r.Header.Set("User-Agent", "Callhue")
	if a.body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	came, err := p.opt.Client.Do(r)
	if err != nil {
		return answer{}, unreached(ctx, err)
	}
	defer came.Body.Close()
	body, err := io.ReadAll(io.LimitReader(came.Body, maxAnswer+1))
	switch {
	case err != nil:
		return answer{}, unreached(ctx, err)
	case len(body) > maxAnswer:
		return answer{}, crmsync.NotUnderstood(errTooLong)
	}
	return answer{came.StatusCode, came.Header, body}, nil
}

// unreached is the fault of a request without an answer.
func unreached(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return crmsync.Unreachable(web.Unaddressed(err))
}

// judge gives the fault of an answer, nil for a good one; n counts the tries. Where
// the account asks us to wait, all requests do.
func (p *Portal) judge(a attempt, said answer, n int) error {
	switch status := said.status; {
	case status >= 200 && status < 300, a.path == postCalls && noSuchRecord(said):
		return nil
	case status == http.StatusUnauthorized:
		return crmsync.SignInAgain(fmt.Errorf("amocrm: HTTP %d", status))
	case status == http.StatusTooManyRequests:
		wait := max(firstPause<<(n-1), web.RetryAfter(said.header, p.opt.Now(), longestHold))
		p.pace.hold(wait)
		return crmsync.Busy(wait)
	case status == http.StatusForbidden && !said.isObject():
		// The web server in front of the account blocks the address after abuse; the
		// account itself would say in JSON that a right is missing.
		p.pace.hold(blockPause)
		return crmsync.Busy(blockPause)
	case status >= 500:
		return crmsync.Unreachable(fmt.Errorf("amocrm: HTTP %d", status))
	case status >= 300 && status < 400:
		return crmsync.NotUnderstood(errRedirect)
	}
	return crmsync.Refused(p.refusal(said, a.secret))
}

// pauseBefore says whether a request is tried again, and after which pause. What was
// posted and then not answered may have been done: only what was surely not done
// is posted again.
func pauseBefore(a attempt, said answer, err error, n int) (time.Duration, bool) {
	switch {
	case n >= tries:
		return 0, false
	case said.status == http.StatusTooManyRequests:
		return 0, true // its turn comes when the account may be asked again
	case a.method == http.MethodGet && fault.Of(err).Key == "crm_unreachable":
		return firstPause << (n - 1), true
	}
	return 0, false
}

// isObject says whether an answer looks like the account's own: it gives objects only.
func (a answer) isObject() bool { return bytes.HasPrefix(bytes.TrimSpace(a.body), []byte("{")) }

// read decodes a good answer; false for an empty one.
func (a answer) read(into any) (found bool, err error) {
	if a.status == http.StatusNoContent || len(bytes.TrimSpace(a.body)) == 0 {
		return false, nil
	}
	if into == nil {
		return true, nil
	}
	if !a.isObject() {
		return false, crmsync.NotUnderstood(errNotJSON)
	}
	if err := json.Unmarshal(a.body, into); err != nil {
		return false, crmsync.NotUnderstood(err)
	}
	return true, nil
}

// refusal is what the account says when it refuses, in its own words (RFC 7807,
// or its sign-in's hint) and never with a secret of ours.
func (p *Portal) refusal(said answer, secret string) string {
	var problem struct {
		Title  string `json:"title"`
		Detail string `json:"detail"`
		Hint   string `json:"hint"`
	}
	_ = json.Unmarshal(said.body, &problem) // a page of HTML says nothing
	words := "HTTP " + strconv.Itoa(said.status)
	for _, part := range []string{problem.Title, problem.Detail, problem.Hint} {
		if part != "" {
			words += ": " + part
		}
	}
	for _, secret := range []string{secret, p.opt.Token, p.opt.Secret} {
		if secret != "" {
			words = strings.ReplaceAll(words, secret, "…")
		}
	}
	return fault.Cut(strings.Join(strings.Fields(words), " "), maxRefusal)
}
