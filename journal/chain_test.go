package journal

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"testing"
	"time"

	"callhue/internal/store"
)

// sealedJournal returns a journal whose entries are sealed, of which some were erased and some dropped, before that and
// after it.
func sealedJournal(t *testing.T, db *store.DB, entries int64) *Journal {
	t.Helper()
	j := New(db, slog.New(slog.DiscardHandler))
	j.UseKey([]byte("a key of 32 bytes, or so it seems"))
	j.Register(VerbInfo{Verb: "thing.done"})
	write := func(do func(tx *store.Tx) error) {
		t.Helper()
		if err := db.Write(t.Context(), do); err != nil {
			t.Fatal(err)
		}
	}
	some := func(ids ...int64) func(tx *store.Tx) error {
		return func(tx *store.Tx) error {
			if err := j.Drop(tx, "thing", ids[1:]); err != nil {
				return err
			}
			redact := func(Entry) json.RawMessage { return json.RawMessage(`{"name":"***"}`) }
			_, err := j.EraseEntries(tx, ids[:1], redact)
			return err
		}
	}
	for n := int64(1); n <= entries; n++ {
		write(func(tx *store.Tx) error {
			_, err := j.Record(tx, Entry{Actor: n % 7, Verb: "thing.done", Subject: Ref{"thing", n},
				Details: Details(map[string]any{"name": fmt.Sprint("Name ", n)})})
			return err
		})
	}
	write(some(3, 5, 6))
	if done, err := j.sealThrough(t.Context(), entries); err != nil || !done {
		t.Fatalf("sealed: %v, %v", done, err)
	}
	write(some(8, 10, 11))
	write(some(3, 12, 13)) // nothing of entry 3 is left to erase
	return j
}

func (j *Journal) verified(t *testing.T, pinned Head) Verified {
	t.Helper()
	v, err := j.Verify(t.Context(), pinned)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestTamperingIsFound makes 100 random edits of the journal past the program, one at a time: each is found and named.
func TestTamperingIsFound(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		const entries = 60
		j := sealedJournal(t, db, entries)
		if v := j.verified(t, Head{}); v.Bad != nil || v.Entries != entries-2 || v.Unsealed != 0 {
			t.Fatalf("untouched: %+v, bad %+v", v, v.Bad)
		}
		random := rand.New(rand.NewPCG(3, 4))
		for n := range 100 {
			edit := edits[n%len(edits)]
			id := int64(14 + random.IntN(entries-14))
			undo := edit.do(t, db, id, random)
			v := j.verified(t, Head{})
			if v.Bad == nil || edit.why != "" && v.Bad.Why != edit.why {
				t.Errorf("%s of entry %d: %+v, want %s", edit.name, id, v.Bad, edit.why)
			}
			undo()
		}
		if v := j.verified(t, Head{}); v.Bad != nil {
			t.Errorf("all is as it was, but: %+v", v.Bad)
		}
	})
}

// edit is a way to tamper with the journal.
type edit struct {
	name string
	why  BadKind // "" for any
	do   func(t *testing.T, db *store.DB, id int64, random *rand.Rand) (undo func())
}

var edits = []edit{
	{"an update", BadChanged, func(t *testing.T, db *store.DB, id int64, random *rand.Rand) func() {
		column := []string{"actor_id", "at", "team_id", "subject_id", "client_id", "amount"}[random.IntN(6)]
		set := func(by int) {
			run(t, db, fmt.Sprintf("UPDATE journal SET %s = %s + ? WHERE id = ?", column, column), by, id)
		}
		set(1)
		return func() { set(-1) }
	}},
	{"other details", BadChanged, func(t *testing.T, db *store.DB, id int64, _ *rand.Rand) func() {
		run(t, db, "UPDATE journal SET words = ? WHERE id = ?", `{"name":"Another"}`, id)
		return func() {
			run(t, db, "UPDATE journal SET words = ? WHERE id = ?", fmt.Sprintf(`{"name":"Name %d"}`, id), id)
		}
	}},
	{"a removal", BadMissing, func(t *testing.T, db *store.DB, id int64, _ *rand.Rand) func() {
		run(t, db, "UPDATE journal SET id = id + 1000000 WHERE id = ?", id)
		return func() { run(t, db, "UPDATE journal SET id = id - 1000000 WHERE id = ?", id+1000000) }
	}},
	{"an insertion", BadAdded, func(t *testing.T, db *store.DB, _ int64, random *rand.Rand) func() {
		gap := []int64{5, 6}[random.IntN(2)] // dropped before they were sealed
		run(t, db, "INSERT INTO journal ("+columns+") SELECT ?, at, actor_id, team_id, verb, subject_kind, "+
			"subject_id, client_kind, client_id, amount, words FROM journal WHERE id = 20", gap)
		return func() { run(t, db, "DELETE FROM journal WHERE id = ?", gap) }
	}},
	{"an exchange", BadChanged, func(t *testing.T, db *store.DB, id int64, _ *rand.Rand) func() {
		swap := func() {
			run(t, db, "UPDATE journal SET id = -1 WHERE id = ?", id)
			run(t, db, "UPDATE journal SET id = ? WHERE id = ?", id, id+1)
			run(t, db, "UPDATE journal SET id = ? WHERE id = -1", id+1)
		}
		swap()
		return swap
	}},
	{"an erasure that is not ours", BadErasure, func(t *testing.T, db *store.DB, id int64, random *rand.Rand) func() {
		run(t, db, "INSERT INTO journal_gone ("+goneColumns+") VALUES (?, ?, '', '', ?)", id, random.IntN(2), "mac")
		return func() { run(t, db, "DELETE FROM journal_gone WHERE entry_id = ?", id) }
	}},
	{"another digest", BadBlock, func(t *testing.T, db *store.DB, _ int64, _ *rand.Rand) func() {
		run(t, db, "UPDATE journal_blocks SET entries = entries + 1")
		return func() { run(t, db, "UPDATE journal_blocks SET entries = entries - 1") }
	}},
}

func run(t *testing.T, db *store.DB, query string, args ...any) {
	t.Helper()
	err := db.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	})
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// TestAChainThatWasWrittenAgain: without the key, or against a head kept elsewhere, even a whole new chain is found.
func TestAChainThatWasWrittenAgain(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		j := sealedJournal(t, db, 30)
		pinned := j.verified(t, Head{}).Head
		if v := j.verified(t, pinned); v.Bad != nil {
			t.Errorf("the pinned head: %+v", v.Bad)
		}
		forger := New(db, slog.New(slog.DiscardHandler))
		forger.UseKey([]byte("another key"))
		again := func(j *Journal) {
			t.Helper()
			run(t, db, "DELETE FROM journal_blocks")
			run(t, db, "DELETE FROM journal_gone")
			if _, err := j.sealThrough(t.Context(), 30); err != nil {
				t.Fatal(err)
			}
		}
		again(forger)
		if v := j.verified(t, Head{}); v.Bad == nil || v.Bad.Why != BadKey {
			t.Errorf("with another key: %+v", v.Bad)
		}
		run(t, db, "UPDATE journal SET actor_id = 99 WHERE id = 20")
		again(j) // the key was stolen too
		if v := j.verified(t, Head{}); v.Bad != nil {
			t.Errorf("with the key: %+v", v.Bad)
		}
		if v := j.verified(t, pinned); v.Bad == nil || v.Bad.Why != BadHead {
			t.Errorf("against the pinned head: %+v", v.Bad)
		}
		run(t, db, "DELETE FROM journal_blocks")
		if v := j.verified(t, pinned); v.Bad == nil || v.Bad.Why != BadHeadGone {
			t.Errorf("without the pinned block: %+v", v.Bad)
		}
	})
}

// TestTwoProcessesSealOneChain: each block is written once, and entries of the last minute wait.
func TestTwoProcessesSealOneChain(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		now := db.Clock()
		at := db.At(func() time.Time { return now })
		one, two := sealedJournal(t, at, 30), New(at, slog.New(slog.DiscardHandler))
		two.UseKey(one.key)
		record := func() {
			run(t, db, "INSERT INTO journal (at, actor_id, team_id, verb, subject_kind, subject_id, client_kind, "+
				"client_id, amount, words) VALUES (1, 0, 0, 'thing.done', '', 0, '', 0, 0, '{}')")
		}
		record()
		for range 3 {
			for _, j := range []*Journal{one, two} {
				if err := j.Seal(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			record()
			now = now.Add(blockAge)
		}
		v := one.verified(t, Head{})
		if v.Bad != nil || v.Blocks != 3 || v.Unsealed != 2 {
			t.Errorf("%+v, bad %+v", v, v.Bad)
		}
	})
}
