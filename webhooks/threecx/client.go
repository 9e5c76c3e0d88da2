package threecx

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// Options are what a Client is built from.
type Options struct {
	Address string // of the PBX: https://pbx.example, with a port where it has one
	ID      string // client id: the DN of the route point
	Key     string // client secret
	HTTP    *http.Client
	Now     func() time.Time
}

// Client asks a 3CX. It may be used by several goroutines.
type Client struct {
	opt Options

	mu      sync.Mutex
	token   string
	expires time.Time
}

// NewClient returns a client that has asked nothing yet.
func NewClient(opt Options) *Client {
	opt.Address = strings.TrimRight(opt.Address, "/")
	return &Client{opt: opt}
}

// Why a 3CX does not answer as asked.
var (
	ErrRefused  = errors.New("3cx: the client id or its key was refused")
	ErrDenied   = errors.New("3cx: this client may not use call control")
	ErrNoAPI    = errors.New("3cx: there is no call control at this address")
	ErrGone     = errors.New("3cx: it is not there any more")
	ErrNotReady = errors.New("3cx: an answer that cannot be used")
)

const (
	maxAnswer    = 8 << 20          // bytes of an answer: the list of a large PBX
	usualToken   = 55 * time.Minute // how long a token is used when the PBX does not say
	tokenReserve = time.Minute      // before its end a token is not used any more
)

// authorise returns a token. With renew it asks for one even if it has one.
func (c *Client) authorise(ctx context.Context, renew bool) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !renew && c.token != "" && c.opt.Now().Before(c.expires) {
		return c.token, nil
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, field := range [][2]string{
		{"grant_type", "client_credentials"}, {"client_id", c.opt.ID}, {"client_secret", c.opt.Key},
	} {
		if err := form.WriteField(field[0], field[1]); err != nil {
			return "", err
		}
	}
	if err := form.Close(); err != nil {
		return "", err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.opt.Address+"/connect/token", &body)
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", form.FormDataContentType())
	status, answer, err := c.send(r)
	switch {
	case err != nil:
		return "", err
	case status == http.StatusBadRequest || status == http.StatusUnauthorized || status == http.StatusForbidden:
		return "", ErrRefused
	case status == http.StatusNotFound:
		return "", ErrNoAPI
	case status != http.StatusOK:
		return "", fmt.Errorf("%w: status %d for a token", ErrNotReady, status)
	}
	var granted struct {
		Token   text        `json:"access_token"`
		Seconds json.Number `json:"expires_in"`
	}
	if json.Unmarshal(answer, &granted) != nil || granted.Token == "" {
		return "", ErrNoAPI
	}
	valid := usualToken
	if seconds, err := granted.Seconds.Int64(); err == nil && seconds > 0 {
		valid = time.Duration(seconds)*time.Second - tokenReserve
	}
	c.token, c.expires = string(granted.Token), c.opt.Now().Add(valid)
	return c.token, nil
}

func (c *Client) send(r *http.Request) (status int, body []byte, err error) {
	r.Header.Set("Accept", "application/json")
	answer, err := c.opt.HTTP.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	body, err = io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	return answer.StatusCode, body, err
}

// ask sends a request with a token; when that is refused, once more with another one.
func (c *Client) ask(ctx context.Context, method, path string, in any) (status int, body []byte, err error) {
	var raw []byte
	if in != nil {
		if raw, err = json.Marshal(in); err != nil {
			return 0, nil, err
		}
	}
	for _, renew := range []bool{false, true} {
		token, err := c.authorise(ctx, renew)
		if err != nil {
			return 0, nil, err
		}
		r, err := http.NewRequestWithContext(ctx, method, c.opt.Address+path, bytes.NewReader(raw))
		if err != nil {
			return 0, nil, err
		}
		r.Header.Set("Authorization", "Bearer "+token)
		if in != nil {
			r.Header.Set("Content-Type", "application/json")
		}
		status, body, err = c.send(r)
		if err != nil || status != http.StatusUnauthorized {
			return status, body, err
		}
	}
	return 0, nil, ErrDenied
}

// List returns the DNs that this client may watch. Errors: ErrRefused, ErrDenied, ErrNoAPI.
func (c *Client) List(ctx context.Context) ([]DN, error) {
	status, body, err := c.ask(ctx, http.MethodGet, "/callcontrol", nil)
	switch {
	case err != nil:
		return nil, err
	case status == http.StatusForbidden:
		return nil, ErrDenied
	case status == http.StatusNotFound:
		return nil, ErrNoAPI
	case status != http.StatusOK:
		return nil, fmt.Errorf("%w: status %d for the list", ErrNotReady, status)
	}
	var list []DN
	if err := json.Unmarshal(body, &list); err != nil {
		return nil, ErrNoAPI
	}
	return list, nil
}

// Participant returns what a participant is now, and the answer as it came. The error is ErrGone when it is not there
// any more.
func (c *Client) Participant(ctx context.Context, dn, id string) (Participant, []byte, error) {
	status, body, err := c.ask(ctx, http.MethodGet, "/callcontrol/"+url.PathEscape(dn)+"/participants/"+
		url.PathEscape(id), nil)
	switch {
	case err != nil:
		return Participant{}, nil, err
	case status == http.StatusNotFound || status == http.StatusNoContent || status == http.StatusGone:
		return Participant{}, nil, ErrGone
	case status != http.StatusOK:
		return Participant{}, nil, fmt.Errorf("%w: status %d for a participant", ErrNotReady, status)
	}
	var p Participant
	if err := json.Unmarshal(body, &p); err != nil {
		return Participant{}, nil, fmt.Errorf("%w: a participant that is no JSON", ErrNotReady)
	}
	p.ID, p.DN = text(id), text(dn)
	return p, body, nil
}

// Refusal is a call that the PBX did not place, in its own words.
type Refusal struct {
	Status int // of HTTP; 0 when the words say it
	Reason string
}

func (r *Refusal) Error() string { return "3cx: the call was not placed: " + r.Reason }

// ringSeconds is how long a telephone rings for a call that we place.
const ringSeconds = 30

// MakeCall has the telephone of a DN call a number, and returns the callid, "" when the PBX does not say. The error is
// a *Refusal for a call that was not placed.
func (c *Client) MakeCall(ctx context.Context, dn, number string) (string, error) {
	order := map[string]any{"destination": number, "timeout": ringSeconds}
	status, body, err := c.ask(ctx, http.MethodPost, "/callcontrol/"+url.PathEscape(dn)+"/makecall", order)
	if err != nil {
		return "", err
	}
	var answer struct {
		Status text        `json:"finalstatus"`
		Reason text        `json:"reason"`
		Words  text        `json:"reasontext"`
		Result Participant `json:"result"`
	}
	_ = json.Unmarshal(body, &answer) // an empty answer is one of success
	reason := string(answer.Words)
	if reason == "" {
		reason = string(answer.Reason)
	}
	switch final := strings.ToLower(string(answer.Status)); {
	case status < 200 || status > 299:
		return "", &Refusal{status, reason}
	case final == "-1" || final == "0" || final == "failed" || final == "rejected":
		return "", &Refusal{0, reason}
	}
	return string(answer.Result.CallID), nil
}

// Connect opens the WebSocket of notifications. Errors: ErrRefused, ErrDenied, ErrNoAPI.
func (c *Client) Connect(ctx context.Context) (*websocket.Conn, error) {
	for _, renew := range []bool{false, true} {
		token, err := c.authorise(ctx, renew)
		if err != nil {
			return nil, err
		}
		conn, answer, err := websocket.Dial(ctx, c.opt.Address+"/callcontrol/ws", &websocket.DialOptions{
			HTTPClient: c.opt.HTTP, HTTPHeader: http.Header{"Authorization": {"Bearer " + token}},
		})
		switch {
		case err == nil:
			conn.SetReadLimit(maxAnswer)
			return conn, nil
		case answer == nil:
			return nil, err
		case answer.StatusCode == http.StatusForbidden:
			return nil, ErrDenied
		case answer.StatusCode == http.StatusNotFound:
			return nil, ErrNoAPI
		case answer.StatusCode != http.StatusUnauthorized:
			return nil, err
		}
	}
	return nil, ErrDenied
}
