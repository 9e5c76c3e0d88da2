package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"callhue/internal/store"
)

// TestADatabaseThatIsLocked has another program keep the database from being written. Events, names and people are
// answered nevertheless, before the lock is free: an event is refused with 503 and Retry-After and its agent sees a
// grey card; readyz reports the trouble. When the lock is free, the events have their effect, once, though no PBX sends
// them again.
func TestADatabaseThatIsLocked(t *testing.T) {
	atTerminals(t, func(at *terminal) {
		at.serveFlags = []string{"--database-timeout", "2s"}
		p := at.stage()
		cards := p.listen("", "")
		free := lockForWriting(t, at.db)
		defer free()
		p.answersWithout(cards, []request{
			{"GET", "/cid/office/0123456789abcdef?number=84950000011", "", http.StatusOK},
			{"POST", "/api/v1/check", `{"number":"84950000011"}`, http.StatusOK},
			{"POST", "/api/v1/live/ticket", "", http.StatusServiceUnavailable},
			{"GET", "/readyz", "", http.StatusServiceUnavailable},
		})
		free()
		p.recovers(at, cards)
		db, err := store.Open(context.Background(), at.db)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		var stored int
		err = db.Read(context.Background()).Get(&stored, "SELECT COUNT(*) FROM cards")
		if err != nil || stored != eventsWithout {
			t.Errorf("%d cards are stored, %v", stored, err)
		}
	})
}

// request is one with the status that it must have.
type request struct {
	method, path, body string
	status             int
}

// eventsWithout is how many events answersWithout posts.
const eventsWithout = 2

// answersWithout posts events and requests while the database does not answer, and expects answers in time.
func (p *process) answersWithout(cards <-chan string, requests []request) {
	p.t.Helper()
	var took []time.Duration
	for i := range eventsWithout {
		begun := time.Now()
		status, header, answer := p.event(fmt.Sprint("without-", i))
		if status != http.StatusServiceUnavailable || header.Get("Retry-After") == "" {
			p.t.Errorf("an event: %d %v %s", status, header, answer)
		}
		event := nextCard(p.t, cards)
		took = append(took, time.Since(begun))
		if !strings.Contains(event, `"grey"`) || !strings.Contains(event, fmt.Sprint("without-", i)) {
			p.t.Errorf("the agent sees %.300s", event)
		}
	}
	for _, c := range requests {
		begun := time.Now()
		if status, answer := p.ask(c.method, c.path, c.body); status != c.status {
			p.t.Errorf("%s %s: %d %s", c.method, c.path, status, answer)
		}
		took = append(took, time.Since(begun))
	}
	slices.Sort(took)
	slowest := took[len(took)-1]
	p.t.Logf("answers and cards without the database: %v to %v to %v", took[0], took[len(took)/2], slowest)
	if slowest > 15*time.Second { // two seconds on a quiet machine
		p.t.Errorf("an answer took %v", slowest)
	}
}

// recovers waits until the events of answersWithout have their cards, though no PBX repeats them, and the server is
// ready.
func (p *process) recovers(at *terminal, cards <-chan string) {
	p.t.Helper()
	begun := time.Now()
	for seen := map[string]bool{}; len(seen) < eventsWithout; {
		if event := nextCard(p.t, cards); strings.Contains(event, `"red"`) {
			_, id, _ := strings.Cut(event, `"call_id":"`)
			id, _, _ = strings.Cut(id, `"`)
			seen[id] = true
		}
	}
	at.until("the server is ready", func() bool {
		status, _ := p.ask("GET", "/readyz", "")
		return status == http.StatusOK
	})
	p.t.Logf("%v later all cards are red and the server is ready", time.Since(begun))
}

// nextCard is next without signs of life.
func nextCard(t *testing.T, events <-chan string) string {
	t.Helper()
	for {
		if event := next(t, events); !strings.HasPrefix(event, "event: ping") {
			return event
		}
	}
}

// event posts a ringing and returns the answer.
func (p *process) event(call string) (int, http.Header, string) {
	p.t.Helper()
	answer, err := http.Post(p.at+"/hooks/office/0123456789abcdef", "application/json",
		strings.NewReader(fmt.Sprintf(ringing, call)))
	if err != nil {
		p.t.Fatal(err)
	}
	defer answer.Body.Close()
	return answer.StatusCode, answer.Header, answer.Status
}

// lockForWriting keeps all others from writing calls, keys and the table that readyz writes, until free is called.
func lockForWriting(t *testing.T, url string) (free func()) {
	t.Helper()
	driver, source, lock, unlock := "sqlite", strings.TrimPrefix(url, "sqlite:"), "BEGIN IMMEDIATE", "ROLLBACK"
	if address, isMySQL := strings.CutPrefix(url, "mysql://"); isMySQL {
		driver, source = "mysql", address
		lock, unlock = "LOCK TABLES calls WRITE, keys_of_users WRITE, goose_db_version WRITE", "UNLOCK TABLES"
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := db.Conn(t.Context())
	if err == nil {
		_, err = conn.ExecContext(t.Context(), lock)
	}
	if err != nil {
		t.Fatal(err)
	}
	return sync.OnceFunc(func() {
		_, err := conn.ExecContext(context.Background(), unlock)
		if err = errors.Join(err, conn.Close(), db.Close()); err != nil {
			t.Error(err)
		}
	})
}
