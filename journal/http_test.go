package journal_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/web"
	"callhue/journal"
)

func newServer(t *testing.T, db *store.DB, table []web.Route) *web.Server {
	t.Helper()
	s, err := serverOf(db, table)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func serverOf(db *store.DB, table []web.Route) (*web.Server, error) {
	return web.New(web.Options{
		Who: func(_ context.Context, bearer, _ string) (*access.User, error) {
			if bearer == "" {
				return nil, fault.Unauthorised("sign_in_first")
			}
			return &access.User{ID: int64(len(bearer)), Login: bearer, Roles: access.Roles{access.Supervisor}}, nil
		},
		Ready: db.Ping, Idempotency: journal.NewIdempotencyStore(db), Log: quiet(), Metrics: prometheus.NewRegistry(),
		Now: time.Now,
	}, table)
}

func ask(t *testing.T, s *web.Server, method, path, user, key, body string) (int, http.Header, string) {
	t.Helper()
	req := httptest.NewRequest(method, path, strings.NewReader(body))
	req.Header.Set("Authorization", "Bearer "+user)
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	answer, err := s.App().Test(req, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, answer.Header, string(text)
}

func TestJournalIsListedByFilter(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		j := journal.NewForTest(db, quiet())
		of := people{all: true}
		j.ScopeFrom(func(context.Context, *access.User) (journal.Scope, error) { return of, nil })
		j.RelateClients("company", func(s journal.Scope) store.Where {
			return store.Condition("journal.client_id = 310 AND ? = 310", s.Self()[0])
		})
		s := newServer(t, db, j.Routes())
		at := time.Date(2026, 3, 12, 12, 0, 0, 0, time.UTC)
		db.Clock = func() time.Time { return at }
		acme := journal.Ref{Kind: "company", ID: 310}
		for n := range 5 {
			at = at.Add(time.Minute)
			e := journal.Entry{Actor: 17, Client: acme, Subject: acme, Verb: journal.CompanyStatus}
			if n%2 == 1 {
				e = journal.Entry{Actor: 18, Subject: journal.Ref{Kind: "user", ID: 18}, Verb: journal.SignedIn}
			}
			write(t, db, j, e) // ids 1 to 5, at 12:01 to 12:05
		}
		for query, want := range map[string][]int64{
			"":                           {5, 4, 3, 2, 1},
			"client=company:310":         {5, 3, 1},
			"client=contact:310":         nil,
			"subject=user:18":            {4, 2},
			"actor=17":                   {5, 3, 1},
			"verb=user.signed_in":        {4, 2},
			"from=2026-03-12T12:03:00Z":  {5, 4, 3},
			"until=2026-03-12T12:03:00Z": {2, 1},
			"from=2026-03-12T15:02:00%2B03:00&until=2026-03-12T12:05:00Z&actor=17": {3},
		} {
			for _, limit := range []int{1, 2, 50} {
				if got := pages(t, s, query, limit); cmp.Diff(want, got) != "" {
					t.Errorf("%q by %d: got %v, want %v", query, limit, got, want)
				}
			}
		}
		for person, want := range map[int64][]int64{ // whose entries they are
			17: {5, 3, 1}, 18: {4, 2}, 310: {5, 3, 1}, 7: nil,
		} {
			of = people{id: person}
			if got := pages(t, s, "", 2); cmp.Diff(want, got) != "" {
				t.Errorf("of the people of %d: got %v, want %v", person, got, want)
			}
		}
	})
}

// people is the scope of one person, or all.
type people struct {
	all bool
	id  int64
}

func (p people) All() bool          { return p.all }
func (p people) Self() []int64      { return []int64{p.id} }
func (p people) Where() store.Where { return store.In("{}", p.Self()) }

// pages walks through a list and returns the ids.
func pages(t *testing.T, s *web.Server, query string, limit int) (ids []int64) {
	t.Helper()
	for token := ""; ; {
		status, _, body := ask(t, s, "GET", fmt.Sprintf("/api/v1/journal?%s&limit=%d&page_token=%s", query, limit,
			token), "orlova", "", "")
		var page web.List[journal.Entry]
		if err := json.Unmarshal([]byte(body), &page); status != 200 || err != nil {
			t.Fatal(status, body, err)
		}
		for _, e := range page.Items {
			ids = append(ids, e.ID)
		}
		if token = page.NextPageToken; token == "" {
			return ids
		}
	}
}

func TestJournalRefusesAWrongFilter(t *testing.T) {
	s := newServer(t, nil, journal.NewForTest(nil, quiet()).Routes()) // refused before any database
	for query, field := range map[string]string{
		"client=company": "client", "client=company:x": "client", "client=:5": "client", "subject=user:-1": "subject",
		"verb=company.eaten": "verb", "from=yesterday": "from", "until=2026-03-12": "until", "actor=me": "actor",
		"page_token=%21": "page_token", "page_token=eyJiIjoieCJ9": "page_token", "limit=ten": "limit",
	} {
		status, _, body := ask(t, s, "GET", "/api/v1/journal?"+query, "orlova", "", "")
		if status != 422 || !strings.Contains(body, fmt.Sprintf(`"field":%q`, field)) {
			t.Errorf("%s: %d %s", query, status, body)
		}
	}
}

// A write with a key is done once, whatever happens to its answer.
func TestIdempotencyKey(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		var done int
		var mu sync.Mutex
		running, hold := make(chan struct{}, 1), make(chan struct{})
		type in struct {
			How string `json:"how"`
		}
		s := newServer(t, db, []web.Route{{Method: "POST", Path: "/api/v1/acts", Roles: access.Heads, Summary: "Act.",
			Status: 201, Do: web.Do(func(_ *web.Request, in in) (map[string]int, error) {
				mu.Lock()
				done++
				n := done
				mu.Unlock()
				switch in.How {
				case "refused":
					return nil, fault.Conflict("stale_version")
				case "panics":
					panic("boom")
				case "slow":
					running <- struct{}{}
					<-hold
				}
				return map[string]int{"n": n}, nil
			})}})
		act := func(user, key, how string) (int, bool, string) {
			status, header, body := ask(t, s, "POST", "/api/v1/acts", user, key, `{"how":"`+how+`"}`)
			return status, header.Get("Idempotent-Replay") == "true", body
		}
		type step struct {
			why, user, key, how string
			status              int
			replay              bool
			says                string
		}
		for _, c := range []step{
			{"the first", "orlova", "k1", "well", 201, false, `{"n":1}`},
			{"again: the same answer, nothing done", "orlova", "k1", "well", 201, true, `{"n":1}`},
			{"the key over another request", "orlova", "k1", "otherwise", 409, false, "key_reused"},
			{"another user's key is his own", "root", "k1", "well", 201, false, `{"n":2}`},
			{"no key, no memory", "orlova", "", "well", 201, false, `{"n":3}`},
			{"a refused write", "orlova", "k2", "refused", 409, false, "stale_version"},
			{"may be tried again", "orlova", "k2", "refused", 409, false, "stale_version"},
			{"a write that panicked", "orlova", "k3", "panics", 500, false, "internal"},
			{"gives its key back", "orlova", "k3", "well", 201, false, `{"n":7}`},
			{"a key that is no key", "orlova", strings.Repeat("k", 201), "well", 422, false, "too_long"},
			{"a key that is no text", "orlova", "caf\xe9", "well", 422, false, "malformed"},
			{"a key of other letters", "orlova", "ключ", "well", 422, false, "malformed"},
		} {
			status, replay, body := act(c.user, c.key, c.how)
			if status != c.status || replay != c.replay || !strings.Contains(body, c.says) {
				t.Errorf("%s: %d, replay %v, %s", c.why, status, replay, body)
			}
		}
		var slow sync.WaitGroup
		slow.Go(func() { act("orlova", "k4", "slow") })
		<-running
		if status, _, body := act("orlova", "k4", "slow"); status != 409 || !strings.Contains(body, "key_in_use") {
			t.Errorf("while the first runs: %d %s", status, body)
		}
		close(hold)
		slow.Wait()
		if status, replay, body := act("orlova", "k4", "slow"); status != 201 || !replay || body != `{"n":8}` {
			t.Errorf("when it has ended: %d %v %s", status, replay, body)
		}
		db.Clock = func() time.Time { return time.Now().Add(25 * time.Hour) }
		if status, replay, _ := act("orlova", "k1", "well"); status != 201 || replay {
			t.Errorf("a day later: %d, replay %v", status, replay)
		}
	})
}
