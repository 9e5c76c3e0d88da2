package live

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"callhue/internal/access"
	"callhue/internal/store"
)

// TestResumeWithoutAGap: every entry written while a client comes back is sent once: what it missed, what happens
// meanwhile, what comes after; also where memory is short.
func TestResumeWithoutAGap(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		j := following(t, db)
		h := newHub(j, db)
		from := write(t, db, j, card(1))[0]
		var missed []int64
		for range 30 {
			missed = append(missed, write(t, db, j, card(1), card(2))[0])
		}
		var mu sync.Mutex
		var wrote []int64
		stop, ended := make(chan struct{}), sync.WaitGroup{}
		ended.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					id := write(t, db, j, card(1))[0]
					mu.Lock()
					wrote = append(wrote, id)
					mu.Unlock()
				}
			}
		})
		var screens []*screen
		for i := range 6 {
			time.Sleep(5 * time.Millisecond)
			if i == 3 { // what memory does not hold is read
				h.mu.Lock()
				h.recent = recent{from: never}
				h.early = map[int64]int64{}
				h.unfit = time.Now()
				h.mu.Unlock()
			}
			if i == 5 {
				h.mu.Lock()
				h.unfit = time.Time{}
				h.mu.Unlock()
			}
			screens = append(screens, h.open(t, sees(1, access.Agent), from))
		}
		time.Sleep(10 * time.Millisecond)
		close(stop)
		ended.Wait()
		want := append(missed, wrote...)
		for i, s := range screens {
			s.until(t, "the last entry", func() bool { return slices.Contains(s.ids(t), want[len(want)-1]) })
			got := s.ids(t)
			times := map[int64]int{}
			for _, id := range got {
				times[id]++
			}
			for _, id := range want {
				if times[id] != 1 {
					t.Errorf("stream %d got entry %d %d times", i, id, times[id])
				}
			}
			if !slices.IsSorted(got) {
				t.Errorf("stream %d: one writer's entries in the order %v", i, got)
			}
		}
	})
}

// TestResumeRepeatsWhatMayHaveCommittedLate: the seconds before the last entry, and no more.
func TestResumeRepeatsWhatMayHaveCommittedLate(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		j := newJournal(db)
		h := newHub(j, db)
		clock := time.Now()
		db.Clock = func() time.Time { return clock }
		write(t, db, j, card(1))
		clock = clock.Add(20 * time.Second)
		want := write(t, db, j, card(1))
		want = append(want, write(t, db, j, card(1))...)
		if got := h.open(t, sees(1, access.Agent), want[1]).ids(t); !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

// TestAHerdReadsTheJournalOnce: browsers that come back after a restart are served from memory, which one of them
// fills.
func TestAHerdReadsTheJournalOnce(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		var statements atomic.Int64
		db.Trace = func(query string) { // not what the journal's own reader asks several times a second
			if strings.Contains(query, "WHERE id <= ?") || strings.Contains(query, "at > ? OR id > ?") {
				statements.Add(1)
			}
		}
		j := following(t, db)
		var from int64
		for user := range int64(50) {
			from = write(t, db, j, card(user+1), card(user+1))[0]
		}
		h := newHub(j, db) // knows nothing of what was written before
		before := statements.Load()
		var herd sync.WaitGroup
		for user := range int64(50) {
			herd.Go(func() {
				for range 20 {
					if n := len(h.open(t, sees(user+1, access.Agent), from).ids(t)); n != 2 {
						t.Errorf("user %d got %d entries, want 2", user+1, n)
					}
				}
			})
		}
		herd.Wait()
		if n := statements.Load() - before; n > 500 {
			t.Errorf("1000 streams took %d statements", n)
		}
	})
}

// TestDetailsAreReadAgain: memory keeps the heads of entries for longer than their details.
func TestDetailsAreReadAgain(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		j := following(t, db)
		h := newHub(j, db)
		from := write(t, db, j, card(1))[0]
		first := h.open(t, sees(1, access.Agent), from)
		more := write(t, db, j, card(1), card(1))
		first.until(t, "the cards", func() bool { return len(first.ids(t)) == 3 })
		h.mu.Lock()
		h.recent.bytes = 2 * maxRecentBytes
		h.recent.trim()
		if !h.recent.list[0].bare || h.recent.list[0].entry.Details != nil {
			t.Error("the details are kept")
		}
		h.mu.Unlock()
		second := h.open(t, sees(1, access.Agent), from)
		if got := second.ids(t); !slices.Equal(got, append([]int64{from}, more...)) {
			t.Errorf("got %v", got)
		}
		for i, frame := range second.frames {
			if string(frame) != string(first.frames[i]) {
				t.Errorf("got %q, before %q", frame, first.frames[i])
			}
		}
	})
}

// TestAClientThatLeavesEndsItsResuming: nothing of it is left.
func TestAClientThatLeavesEndsItsResuming(t *testing.T) {
	db := onSQLite(t)
	j := newJournal(db)
	h := newHub(j, db)
	from := write(t, db, j, card(1))[0]
	left := errors.New("left")
	_, err := h.join(context.Background(), sees(1, access.Agent), newScreen(), from, 0, catchUp{
		send: func([]byte) error { return left }, gone: func() bool { return false }})
	if !errors.Is(err, left) || len(h.index.all) != 0 {
		t.Errorf("%v, and %d streams are open", err, len(h.index.all))
	}
}
