package live

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"callhue/internal/access"
	"callhue/internal/store"
	"callhue/journal"
)

const (
	cardShown  journal.Verb = "card.shown"
	askMade    journal.Verb = "ask.made"
	noted      journal.Verb = "call.noted"
	headsMoved journal.Verb = "department.changed"
)

func newJournal(db *store.DB) *journal.Journal {
	j := journal.New(db, slog.New(slog.DiscardHandler))
	j.Register(journal.VerbInfo{Verb: cardShown, Sentence: "It happened.", Event: "card",
		Audience: func(e journal.Entry) journal.Audience { return journal.Audience{Users: []int64{e.Actor}} }},
		journal.VerbInfo{Verb: askMade, Sentence: "It happened.",
			Audience: func(journal.Entry) journal.Audience { return journal.Audience{Admins: true} },
			Localize: func(_ journal.Entry, language string) json.RawMessage {
				return journal.Details(map[string]string{"language": language})
			}},
		journal.VerbInfo{Verb: noted, Sentence: "It happened.",
			MaySee: func(e journal.Entry) journal.Audience { return journal.Audience{Heads: e.Team, Admins: true} }},
		journal.VerbInfo{Verb: headsMoved, Sentence: "It happened.",
			Ends: func(journal.Entry) journal.Audience { return journal.Audience{AllHeads: true} }})
	return j
}

// screen is a browser that keeps what it gets.
type screen struct {
	mu     sync.Mutex
	frames [][]byte
	ended  bool
	more   chan struct{}
}

func newScreen() *screen { return &screen{more: make(chan struct{}, 1)} }

func (s *screen) Push(frame []byte, _ bool) {
	s.mu.Lock()
	s.frames = append(s.frames, frame)
	s.mu.Unlock()
	select {
	case s.more <- struct{}{}:
	default:
	}
}

func (s *screen) End() {
	s.mu.Lock()
	s.ended = true
	s.mu.Unlock()
	select {
	case s.more <- struct{}{}:
	default:
	}
}

// ids returns the entries that came, in their order.
func (s *screen) ids(t *testing.T) (list []int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.frames {
		var id int64
		if _, err := fmt.Sscanf(string(f), "id: %d\n", &id); err != nil {
			t.Errorf("frame %q: %v", f, err)
		}
		list = append(list, id)
	}
	return list
}

// until waits for a state of the screen.
func (s *screen) until(t *testing.T, what string, reached func() bool) {
	t.Helper()
	limit := time.After(time.Minute)
	for !reached() {
		select {
		case <-s.more:
		case <-limit:
			t.Fatalf("%s: never", what)
		}
	}
}

func sees(id int64, roles ...access.Role) *Subscription {
	return &Subscription{listener: journal.Listener{User: access.User{ID: id, Roles: roles}}}
}

// open opens a stream that goes on after an entry.
func (h *hub) open(t *testing.T, s *Subscription, from int64) *screen {
	t.Helper()
	to := newScreen()
	_, err := h.join(t.Context(), s, to, from, h.ends.Load(), catchUp{
		send: func(frame []byte) error { to.Push(frame, false); return nil },
		gone: func() bool { return false }})
	if err != nil {
		t.Fatal(err)
	}
	return to
}

func write(t *testing.T, db *store.DB, j *journal.Journal, list ...journal.Entry) (ids []int64) {
	t.Helper()
	if err := db.Write(t.Context(), func(tx *store.Tx) error {
		ids = nil
		for _, e := range list {
			id, err := j.Record(tx, e)
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return ids
}

// onSQLite opens a database for what does not depend on which one it is.
func onSQLite(t *testing.T) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "test.db"))
	if err == nil {
		err = db.Migrate(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func card(agent int64) journal.Entry { return journal.Entry{Verb: cardShown, Actor: agent} }

// following is a journal that reads the entries of other processes, as a server's does.
func following(t *testing.T, db *store.DB) *journal.Journal {
	j := newJournal(db)
	ctx, stop := context.WithCancel(context.Background())
	var ended sync.WaitGroup
	ended.Go(func() { _ = j.Run(ctx) })
	t.Cleanup(func() { stop(); ended.Wait() })
	for !j.Following() {
		time.Sleep(time.Millisecond)
	}
	return j
}

// TestTheIndexFindsTheAudience: for any streams and audiences the index finds exactly those that Audience.Includes
// defines, each once.
func TestTheIndexFindsTheAudience(t *testing.T) {
	chance := rand.New(rand.NewPCG(11, 3))
	some := func(most int) (list []int64) {
		for range chance.IntN(most) {
			list = append(list, int64(chance.IntN(6)))
		}
		slices.Sort(list)
		return slices.Compact(list)
	}
	for range 300 {
		x := newIndex()
		var all []*member
		for range 20 {
			m := &member{sub: sees(int64(1+chance.IntN(6)), access.Agent)}
			l := &m.sub.listener
			if chance.IntN(4) == 0 {
				l.User.Roles = access.Roles{access.Admin}
			}
			l.Leads, l.WithTeam = some(3), chance.IntN(3) == 0
			all = append(all, m)
			x.add(m)
		}
		for i := 19; i >= 15; i-- {
			x.remove(all[i])
			all = all[:i]
		}
		for range 20 {
			a := journal.Audience{Users: some(3), Admins: chance.IntN(5) == 0, Heads: int64(chance.IntN(6)),
				AllHeads: chance.IntN(8) == 0, Everyone: chance.IntN(20) == 0, Follows: int64(chance.IntN(6)),
				ByDepartment: chance.IntN(2) == 0}
			found := map[*member]int{}
			x.begin()
			x.visit(a, func(m *member) { found[m]++ })
			for i, m := range all {
				want := 0
				if a.Includes(m.sub.listener) {
					want = 1
				}
				if found[m] != want {
					t.Fatalf("%+v visits stream %d, %+v, %d times, want %d", a, i, m.sub.listener, found[m], want)
				}
				delete(found, m)
			}
			if len(found) > 0 {
				t.Fatalf("%+v visits %d closed streams", a, len(found))
			}
		}
	}
}

// TestStreamsOfOthersCostNothing: an entry for one agent touches one stream, however many are open.
func TestStreamsOfOthersCostNothing(t *testing.T) {
	db := onSQLite(t)
	j := newJournal(db)
	h := newHub(j, db)
	mine := h.open(t, sees(1, access.Agent), 0)
	for user := range int64(2000) {
		s := sees(2+user, access.Agent)
		if user%10 == 0 {
			s.listener.User.Roles, s.listener.Leads = access.Roles{access.Supervisor}, []int64{user}
			s.listener.WithTeam, s.listed = true, []journal.Verb{noted}
		}
		h.open(t, s, 0)
	}
	before := h.index.visits
	ids := write(t, db, j, card(1), journal.Entry{Verb: noted, Actor: 1, Team: 10})
	mine.until(t, "the card", func() bool { return len(mine.ids(t)) == 1 })
	last := write(t, db, j, card(1))
	mine.until(t, "the second card", func() bool { return len(mine.ids(t)) == 2 })
	if got, want := mine.ids(t), []int64{ids[0], last[0]}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if n := h.index.visits - before; n != 3 { // two cards, and the head of the note's department
		t.Errorf("three entries visited %d of 2001 streams", n)
	}
}

// TestWritersDoNotWaitForStreams: a commit returns while the hub is busy with its streams.
func TestWritersDoNotWaitForStreams(t *testing.T) {
	db := onSQLite(t)
	j := newJournal(db)
	h := newHub(j, db)
	to := h.open(t, sees(1, access.Agent), 0)
	h.mu.Lock()
	var ids []int64
	for range 3 {
		ids = append(ids, write(t, db, j, card(1))...)
	}
	h.mu.Unlock()
	to.until(t, "the cards", func() bool { return slices.Equal(to.ids(t), ids) })
}

// TestAnEventIsEncodedOnceForEachLanguage: all streams share its bytes.
func TestAnEventIsEncodedOnceForEachLanguage(t *testing.T) {
	db := onSQLite(t)
	j := newJournal(db)
	h := newHub(j, db)
	var screens []*screen
	for user := range int64(100) {
		s := sees(1+user, access.Admin)
		s.listener.User.Language = []string{"ru", "en"}[user%2]
		screens = append(screens, h.open(t, s, 0))
	}
	write(t, db, j, journal.Entry{Verb: askMade})
	for i, s := range screens {
		s.until(t, "the event", func() bool { return len(s.ids(t)) == 1 })
		if same := screens[i%2]; &s.frames[0][0] != &same.frames[0][0] {
			t.Fatalf("stream %d has bytes of its own", i)
		}
	}
	for i, language := range []string{"ru", "en"} {
		if frame := screens[i].frames[0]; !bytes.Contains(frame, []byte(language)) {
			t.Errorf("%s in %q", language, frame)
		}
	}
}

func TestWhoMaySeeWhatTheyAskFor(t *testing.T) {
	db := onSQLite(t)
	j := newJournal(db)
	h := newHub(j, db)
	head, other, silent := sees(1, access.Supervisor), sees(2, access.Supervisor), sees(3, access.Supervisor)
	head.listener.Leads, other.listener.Leads, silent.listener.Leads = []int64{5, 6}, []int64{7}, []int64{5}
	head.listed, other.listed = []journal.Verb{noted}, []journal.Verb{noted}
	screens := []*screen{h.open(t, head, 0), h.open(t, other, 0), h.open(t, silent, 0)}
	write(t, db, j, journal.Entry{Verb: noted, Team: 6}, journal.Entry{Verb: noted, Team: 7})
	for i, want := range []int{1, 1, 0} {
		screens[i].until(t, "the note", func() bool { return len(screens[i].ids(t)) == want })
	}
}

// TestRightsThatChangeEndStreams: those of heads, and a stream whose rights were found out before the change.
func TestRightsThatChangeEndStreams(t *testing.T) {
	db := onSQLite(t)
	j := newJournal(db)
	h := newHub(j, db)
	head := sees(1, access.Supervisor)
	head.listener.Leads = []int64{5}
	ends := h.ends.Load()
	leads, agent := h.open(t, head, 0), h.open(t, sees(2, access.Agent), 0)
	write(t, db, j, journal.Entry{Verb: headsMoved})
	leads.until(t, "the end", func() bool { leads.mu.Lock(); defer leads.mu.Unlock(); return leads.ended })
	if agent.ended {
		t.Error("the stream of an agent ended")
	}
	for _, from := range []int64{0, 1} {
		_, err := h.join(t.Context(), head, newScreen(), from, ends, catchUp{gone: func() bool { return false }})
		if !errors.Is(err, errOutdated) {
			t.Errorf("from %d with the rights of before: %v", from, err)
		}
	}
}
