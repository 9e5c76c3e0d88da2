package bitrix24

import (
	"context"
	"fmt"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"callhue/crm"
	"callhue/crmsync"
	"callhue/internal/fault"
	"callhue/internal/web"
	portal "callhue/test/fakecrm/bitrix24"
)

// clock is the clock of both sides: waiting advances it.
type clock struct {
	mu     sync.Mutex
	now    time.Time
	waited time.Duration
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Wait(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now, c.waited = c.now.Add(d), c.waited+d
	return ctx.Err()
}

// memoryTokens stores one token, as the database does.
type memoryTokens struct {
	mu   sync.Mutex
	kept crmsync.Token
}

func (s *memoryTokens) Token(context.Context) (crmsync.Token, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept, nil
}

func (s *memoryTokens) SaveToken(_ context.Context, g crmsync.Token) (crmsync.Token, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if g.Version != s.kept.Version {
		return crmsync.Token{}, fault.Stale()
	}
	g.Version++
	s.kept = g
	return g, nil
}

// world is a portal and its clients.
type world struct {
	*testing.T
	clock  *clock
	sim    *portal.Portal
	tokens *memoryTokens
}

func newWorld(t *testing.T, o portal.Options) *world {
	t.Helper()
	w := &world{t, &clock{now: time.Date(2026, 3, 12, 9, 0, 0, 0, time.UTC)}, nil, &memoryTokens{}}
	o.Now = w.clock.Now
	w.sim = portal.New(o)
	server := httptest.NewServer(w.sim)
	t.Cleanup(server.Close)
	w.sim.Listens(server.URL)
	return w
}

func (w *world) options() Options {
	return Options{Client: web.NewClient(true), Now: w.clock.Now, Wait: w.clock.Wait, Timeout: 5 * time.Second}
}

// webhook connects by an incoming webhook.
func (w *world) webhook(change ...func(*Options)) *Portal {
	o := w.options()
	o.Webhook = w.sim.Webhook()
	return w.connect(o, change)
}

// application connects as an application whose token is stored.
func (w *world) application(change ...func(*Options)) *Portal {
	if w.tokens.kept.Version == 0 {
		t := w.sim.Tokens(1)
		w.tokens.kept = crmsync.Token{
			Access:  t.Access,
			Refresh: t.Refresh,
			Expires: w.clock.Now().Add(time.Hour),
			Account: portal.Member,
			Version: 1,
		}
	}
	o := w.options()
	o.Portal, o.ClientID, o.ClientSecret = w.sim.Address(), portal.ClientID, portal.ClientSecret
	o.OAuth, o.Tokens = w.sim.OAuth(), w.tokens
	return w.connect(o, change)
}

func (w *world) connect(o Options, change []func(*Options)) *Portal {
	w.Helper()
	for _, c := range change {
		c(&o)
	}
	p, err := New(o)
	if err != nil {
		w.Fatal(err)
	}
	return p
}

func items(o *Options) { o.Lists = Items }

// every returns all records of a kind, page by page; between is called between them.
func (w *world) every(
	p *Portal,
	q crmsync.Query,
	between ...func(page int),
) (all []crmsync.Record, pages []crmsync.Page) {
	w.Helper()
	for n := 0; ; n++ {
		page, err := p.Page(context.Background(), q)
		if err != nil {
			w.Fatalf("page %d: %v", n, err)
		}
		all, pages = append(all, page.Records...), append(pages, page)
		if q.After = page.Next; q.After == "" {
			return all, pages
		}
		if n > 1000 {
			w.Fatal("the pages do not end")
		}
		for _, do := range between {
			do(n)
		}
	}
}

// ids checks that records are 1 to n in order, except some.
func (w *world) ids(why string, all []crmsync.Record, n int, without ...int) {
	w.Helper()
	var want []string
next:
	for id := 1; id <= n; id++ {
		for _, gone := range without {
			if gone == id {
				continue next
			}
		}
		want = append(want, fmt.Sprint(id))
	}
	if len(all) != len(want) {
		w.Fatalf("%s: %d records, want %d", why, len(all), len(want))
	}
	for i := range want {
		if all[i].ID != want[i] {
			w.Fatalf("%s: record %d is %s, want %s", why, i, all[i].ID, want[i])
		}
	}
}

// checkRequests checks that no request changed a record and that the limits were observed.
func (w *world) checkRequests() {
	w.Helper()
	if n := w.sim.Writes(); n != 0 {
		w.Errorf("%d requests wanted to change a record", n)
	}
	if n := w.sim.Busy(); n != 0 {
		w.Errorf("the portal was asked too much %d times", n)
	}
}

func key(err error) string {
	if err == nil {
		return ""
	}
	return fault.Of(err).Key
}

var allKinds = []crm.Kind{crm.KindCompany, crm.KindContact, crm.KindLead}
