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
	"callhue/internal/text"
	"callhue/internal/web"
)

// Everything that is posted: nothing here changes a record. All other requests only read.
const (
	postToken = "/oauth2/access_token"
	postPopup = "/api/v2/events"   // announces a call to users; v4 has no equivalent
	postCalls = "/api/v4/calls"    // logs a finished call in the record's history
	postHooks = "/api/v4/webhooks" // subscribes to changes
)

var posts = []string{postToken, postPopup, postCalls, postHooks}

// Bounds of a request: its tries, the bytes read of an answer, the characters kept of a refusal, and the
// pause of all requests if the account blocks us without naming one.
const (
	tries        = 4
	maxAnswer    = 16 << 20
	maxRefusal   = 200
	firstPause   = time.Second // doubled each time
	blockPause   = time.Minute
	longestPause = 10 * time.Minute
)

var (
	errEmpty    = errors.New("amocrm: a required value is missing")
	errTooLong  = errors.New("amocrm: the answer is too long")
	errRedirect = errors.New("amocrm: a redirect")
	errNotJSON  = errors.New("amocrm: the answer is not JSON")
)

// get reads one address; found is false if the account has nothing there (204).
func (p *Portal) get(ctx context.Context, path string, query url.Values, into any) (found bool, err error) {
	return p.request(ctx, http.MethodGet, path, query, nil, into)
}

// post posts to one of posts.
func (p *Portal) post(ctx context.Context, path string, body, into any) error {
	_, err := p.request(ctx, http.MethodPost, path, nil, body, into)
	return err
}

// request sends a request until it is answered, refused, or out of tries. An expired token is replaced
// once.
func (p *Portal) request(
	ctx context.Context,
	method, path string,
	query url.Values,
	body, into any,
) (found bool, err error) {
	a := attempt{method: method, path: path, query: query}
	if body != nil {
		if a.body, err = json.Marshal(body); err != nil {
			return false, err
		}
	}
	if a.secret, err = p.accessToken(ctx, ""); err != nil {
		return false, err
	}
	renewed := false
	for n := 1; ; n++ {
		got, err := p.send(ctx, a, a.secret)
		switch {
		case err == nil && got.status == http.StatusUnauthorized && !renewed:
			renewed = true
			if a.secret, err = p.accessToken(ctx, a.secret); err != nil {
				return false, err
			}
			continue
		case err == nil:
			err = p.check(a, got, n)
		}
		if err == nil {
			return got.decode(into)
		}
		pause, again := retryPause(a, got, err, n)
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
	secret       string // contained in it, never shown: a token or a code
}

// answer is the answer to one request.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// send sends a request once, in its turn. Faults: crm_unreachable, crm_answer.
func (p *Portal) send(ctx context.Context, a attempt, token string) (answer, error) {
	if a.method != http.MethodGet && (a.method != http.MethodPost || !slices.Contains(posts, a.path)) {
		return answer{}, fault.Internal(fmt.Errorf("amocrm: %s %s is not allowed", a.method, a.path))
	}
	if err := p.throttle.wait(ctx); err != nil {
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
	response, err := p.opt.Client.Do(r)
	if err != nil {
		return answer{}, unreachable(ctx, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	switch {
	case err != nil:
		return answer{}, unreachable(ctx, err)
	case len(body) > maxAnswer:
		return answer{}, crmsync.NotUnderstood(errTooLong)
	}
	return answer{response.StatusCode, response.Header, body}, nil
}

// unreachable returns the fault of a request without an answer.
func unreachable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return crmsync.Unreachable(web.Unaddressed(err))
}

// check returns the fault of an answer, nil for a good one; n counts the tries. If the account demands a
// pause, it pauses all requests.
func (p *Portal) check(a attempt, got answer, n int) error {
	switch status := got.status; {
	case status >= 200 && status < 300, a.path == postCalls && isNoRecord(got):
		return nil
	case status == http.StatusUnauthorized:
		return crmsync.SignInAgain(fmt.Errorf("amocrm: HTTP %d", status))
	case status == http.StatusTooManyRequests:
		wait := max(firstPause<<(n-1), web.RetryAfter(got.header, p.opt.Now(), longestPause))
		p.throttle.pause(wait)
		return crmsync.Busy(wait)
	case status == http.StatusForbidden && !got.isObject():
		// The web server in front of the account blocks an address after abuse; the account itself would
		// answer in JSON that a right is missing.
		p.throttle.pause(blockPause)
		return crmsync.Busy(blockPause)
	case status >= 500:
		return crmsync.Unreachable(fmt.Errorf("amocrm: HTTP %d", status))
	case status >= 300 && status < 400:
		return p.redirected(got.header.Get("Location"))
	}
	return crmsync.Refused(p.refusal(got, a.secret))
}

// redirected returns the fault of a redirect, which is not followed: an account that has another address by now is
// named with it.
func (p *Portal) redirected(location string) error {
	from, err := url.Parse(p.opt.Address)
	if err != nil {
		return crmsync.NotUnderstood(errRedirect)
	}
	to, err := from.Parse(location)
	if err != nil || to.Host == "" || to.Host == from.Host && to.Scheme == from.Scheme {
		return crmsync.NotUnderstood(errRedirect)
	}
	return crmsync.Moved(to.Scheme + "://" + to.Host)
}

// retryPause reports whether a request is retried, and after which pause. A post without an answer may have
// had its effect: it is repeated only if it certainly had none.
func retryPause(a attempt, got answer, err error, n int) (time.Duration, bool) {
	switch {
	case n >= tries:
		return 0, false
	case got.status == http.StatusTooManyRequests:
		return 0, true // the throttle waits until the account accepts requests again
	case a.method == http.MethodGet && fault.Of(err).Key == "crm_unreachable":
		return firstPause << (n - 1), true
	}
	return 0, false
}

// isObject reports whether an answer looks like the account's own, which are always objects.
func (a answer) isObject() bool { return bytes.HasPrefix(bytes.TrimSpace(a.body), []byte("{")) }

// decode decodes a good answer; false for an empty one.
func (a answer) decode(into any) (found bool, err error) {
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

// refusal returns the text of a refusal (RFC 7807, or the hint of the sign-in), without secrets.
func (p *Portal) refusal(got answer, secret string) string {
	var problem struct {
		Title  string `json:"title"`
		Detail string `json:"detail"`
		Hint   string `json:"hint"`
	}
	_ = json.Unmarshal(got.body, &problem) // an HTML page has no text for us
	words := "HTTP " + strconv.Itoa(got.status)
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
	return text.Cut(strings.Join(strings.Fields(words), " "), maxRefusal)
}
