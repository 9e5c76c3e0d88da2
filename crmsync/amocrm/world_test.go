package amocrm

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"callhue/crmsync"
	"callhue/internal/fault"
	"callhue/phone"
	sim "callhue/test/fakecrm/amocrm"
)

const longLived = "LONG-LIVED-TOKEN"

// world is a simulated account and its client, in a synctest bubble: waiting for minutes takes no time.
type world struct {
	*testing.T
	account *sim.Account
	client  *http.Client
	tokens  *memoryTokens
}

// inWorld runs a test with an account that knows a long-lived token and an integration, and checks that no
// record was written and the request limit was kept in every second.
func inWorld(t *testing.T, f func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{T: t, tokens: &memoryTokens{}}
		w.account = sim.New(
			sim.Options{Token: longLived, ClientID: "id", Secret: "SECRET", Redirect: "https://callhue.example/back"},
		)
		line := &pipes{dialled: make(chan net.Conn), closed: make(chan struct{})}
		server := &http.Server{Handler: w.account}
		go func() { _ = server.Serve(line) }() // ends on Close
		transport := &http.Transport{DialContext: line.dial}
		w.client = &http.Client{Transport: transport, Timeout: 10 * time.Second,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		defer func() {
			transport.CloseIdleConnections()
			_ = server.Close()
		}()
		f(w)
		if n := w.account.Writes(); n != 0 {
			t.Errorf("%d records were written", n)
		}
		w.limits()
	})
}

// limits checks that no second had more than seven requests.
func (w *world) limits() {
	w.Helper()
	log := w.account.Log()
	for i := range log {
		if i >= 7 && log[i].At.Sub(log[i-7].At) < time.Second {
			w.Fatalf("eight requests within %v at %d", log[i].At.Sub(log[i-7].At), i)
		}
	}
}

// asked counts the requests whose path has a prefix.
func (w *world) asked(path string) (n int) {
	for _, r := range w.account.Log() {
		if strings.HasPrefix(r.Path, path) {
			n++
		}
	}
	return n
}

// portal uses a long-lived token, signed the token of an integration.
func (w *world) portal() *Portal { return w.with(Options{Token: longLived}) }
func (w *world) signed() *Portal {
	return w.with(Options{ClientID: "id", Secret: "SECRET", Redirect: "https://callhue.example/back", Tokens: w.tokens})
}

func (w *world) with(opt Options) *Portal {
	plan, err := phone.NewPlan("RU", "495")
	if err != nil {
		w.Fatal(err)
	}
	opt.Address, opt.Client, opt.Now, opt.Plan, opt.Name = "http://demo.amocrm.test", w.client, time.Now, plan, "office"
	return New(opt)
}

// pipes is a network of one server.
type pipes struct {
	dialled chan net.Conn
	closed  chan struct{}
	once    sync.Once
}

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.dialled <- theirs:
		return ours, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.dialled:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes"} }

// memoryTokens stores a token as the database does.
type memoryTokens struct {
	mu     sync.Mutex
	token  crmsync.Token
	broken error // of SaveToken
	saved  int
}

func (g *memoryTokens) Token(context.Context) (crmsync.Token, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.token, nil
}

func (g *memoryTokens) SaveToken(ctx context.Context, token crmsync.Token) (crmsync.Token, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case ctx.Err() != nil:
		return token, ctx.Err()
	case g.broken != nil:
		return token, g.broken
	case token.Version != g.token.Version:
		return token, fault.Stale()
	}
	token.Version++
	g.token = token
	g.saved++
	return token, nil
}

func (g *memoryTokens) breakWith(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.broken = err
}

// keyOf returns the key of an error's fault, "" for none.
func keyOf(err error) string {
	if err == nil {
		return ""
	}
	return fault.Of(err).Key
}
