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

// world is a simulated account and how it is reached. It lives in a bubble of its
// own time: what waits for minutes takes none.
type world struct {
	*testing.T
	account *sim.Account
	client  *http.Client
	grants  *grants
}

// inWorld runs a test with an account that knows a long-lived token and an
// integration. Whatever is done, no record is written, and no second sees more
// requests than the account allows.
func inWorld(t *testing.T, f func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{T: t, grants: &grants{}}
		w.account = sim.New(sim.Options{Token: longLived, ClientID: "id", Secret: "SECRET", Redirect: "https://callhue.example/back"})
		line := &pipes{dialled: make(chan net.Conn), closed: make(chan struct{})}
		server := &http.Server{Handler: w.account}
		go func() { _ = server.Serve(line) }() // ends with Close
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

// limits looks for a second that saw more than seven requests.
func (w *world) limits() {
	w.Helper()
	log := w.account.Log()
	for i := range log {
		if i >= 7 && log[i].At.Sub(log[i-7].At) < time.Second {
			w.Fatalf("eight requests within %v at %d", log[i].At.Sub(log[i-7].At), i)
		}
	}
}

// asked counts the requests whose path begins so.
func (w *world) asked(path string) (n int) {
	for _, r := range w.account.Log() {
		if strings.HasPrefix(r.Path, path) {
			n++
		}
	}
	return n
}

// portal asks with a long-lived token, signed with what an integration was granted.
func (w *world) portal() *Portal { return w.with(Options{Token: longLived}) }
func (w *world) signed() *Portal {
	return w.with(Options{ClientID: "id", Secret: "SECRET", Redirect: "https://callhue.example/back", Tokens: w.grants})
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

// grants keeps a grant as the database does.
type grants struct {
	mu     sync.Mutex
	grant  crmsync.Token
	broken error // of SaveGrant
	saved  int
}

func (g *grants) Token(context.Context) (crmsync.Token, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.grant, nil
}

func (g *grants) SaveToken(ctx context.Context, grant crmsync.Token) (crmsync.Token, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case ctx.Err() != nil:
		return grant, ctx.Err()
	case g.broken != nil:
		return grant, g.broken
	case grant.Version != g.grant.Version:
		return grant, fault.Stale()
	}
	grant.Version++
	g.grant = grant
	g.saved++
	return grant, nil
}

func (g *grants) breakWith(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.broken = err
}

// keyOf is the key of an error's fault, "" for none.
func keyOf(err error) string {
	if err == nil {
		return ""
	}
	return fault.Of(err).Key
}
