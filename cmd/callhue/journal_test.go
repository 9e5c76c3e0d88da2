package main

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"callhue/internal/store"
)

// TestTheJournalIsVerified: an installation that was only used is as it was written; an entry that was changed past the
// program is named, with exit code 1, and so is a damaged page.
func TestTheJournalIsVerified(t *testing.T) {
	atTerminals(t, func(at *terminal) {
		at.do("user", "add", "--login", "ivanov", "--name", "Ivanov", "--extension", "101")
		e := &env{ctx: context.Background(), global: &globals{DB: at.db, Key: at.key}, out: &strings.Builder{},
			err: &strings.Builder{}}
		change := func(query string) {
			t.Helper()
			err := e.withApp(shipped, func(a *app) error {
				for range 2 { // what is there now is sealed a minute later
					if err := a.journal.Seal(e.ctx); err != nil {
						return err
					}
					later := a.db.Clock().Add(time.Minute)
					a.db.Clock = func() time.Time { return later }
				}
				return a.db.Write(e.ctx, func(tx *store.Tx) error { _, err := tx.Exec(query); return err })
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		change("UPDATE journal SET id = id WHERE id = 1")
		if out := at.do("journal", "verify"); !strings.Contains(out, "1 blocks are as they were sealed") {
			t.Errorf("untouched: %s", out)
		}
		head := strings.TrimSpace(at.do("journal", "head"))
		at.do("journal", "verify", "--head", head)
		if exit, _, stderr := at.try("journal", "verify", "--head", "7"+head); exit != exitFailed ||
			!strings.Contains(stderr, "head missing") {
			t.Errorf("a head that is not there: %d %s", exit, stderr)
		}
		change("UPDATE journal SET actor_id = 77 WHERE id = 1")
		if exit, out, stderr := at.try("journal", "verify", "--json"); exit != exitFailed ||
			!strings.Contains(out, `"entry": 1`) || !strings.Contains(stderr, "journal entry changed") {
			t.Errorf("a changed entry: %d %s %s", exit, out, stderr)
		}
		file, lite := strings.CutPrefix(at.db, "sqlite:")
		if !lite {
			return
		}
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		clear(raw[len(raw)/2 : len(raw)/2+40960])
		if err := os.WriteFile(file, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		if exit, _, stderr := at.try("journal", "verify"); exit != exitFailed {
			t.Errorf("damaged pages: %d %s", exit, stderr)
		}
	})
}
