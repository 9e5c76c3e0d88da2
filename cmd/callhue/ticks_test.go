package main

import (
	"context"
	"slices"
	"testing"

	"callhue/internal/store"
)

// TestEveryTickRuns starts two servers, makes every tick due, and waits until each has
// run without a failure.
func TestEveryTickRuns(t *testing.T) {
	atTerminals(t, func(at *terminal) {
		at.serve()
		at.serve()
		ctx := context.Background()
		db, err := store.Open(ctx, at.db)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if err := db.Write(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec("UPDATE jobs SET due_at = 1")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		var ran []string
		at.until("every tick has run", func() bool {
			var waiting int
			if err := db.Read(ctx).Get(&waiting, "SELECT COUNT(*) FROM jobs WHERE ran_at = 0"); err != nil {
				t.Fatal(err)
			}
			if err := db.Read(ctx).Select(&ran, "SELECT kind FROM jobs WHERE error = '' ORDER BY kind"); err != nil {
				t.Fatal(err)
			}
			return waiting == 0
		})
		want := []string{"tick/call_log.forget", "tick/calls.idle", "tick/calls.sweep", "tick/crm.search",
			"tick/crm.sweep", "tick/idempotency.sweep", "tick/importexport.sweep", "tick/jobs.sweep",
			"tick/journal.seal", "tick/outhooks.tidy", "tick/proposals.sweep", "tick/staff.sweep",
			"tick/webhooks.sweep"}
		if !slices.Equal(ran, want) {
			t.Errorf("these ticks ran: %v", ran)
		}
	})
}
