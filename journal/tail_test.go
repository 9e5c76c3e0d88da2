package journal

import (
	"context"
	"slices"
	"testing"
	"time"

	"callhue/internal/store"
)

// TestTailReadsEntriesOnce: a poll reads what came since the last one and what was missing then, not the last seconds.
func TestTailReadsEntriesOnce(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		now := db.Clock()
		add := func(ids ...int64) {
			t.Helper()
			if err := db.Write(ctx, func(tx *store.Tx) error { return insertAt(tx, now, ids...) }); err != nil {
				t.Fatal(err)
			}
		}
		tail := newTail(0, nil, now)
		read := func(want ...int64) {
			t.Helper()
			ids, err := tail.read(db.Read(ctx), 0)
			if err != nil || !slices.Equal(ids, want) {
				t.Fatalf("read %v, %v, want %v", ids, err, want)
			}
			tail.advance(ids, nil, now)
		}
		add(1, 2, 3, 5)
		read(1, 2, 3, 5)
		read()
		add(7)
		read(7)
		add(4) // its transaction was slower than that of 5
		read(4)
		read()
		if len(tail.missing) != 1 || tail.sparse { // 6
			t.Errorf("missing %v, sparse %v", tail.missing, tail.sparse)
		}
		tail.advance(nil, nil, now.Add(longAgo+time.Second))
		if len(tail.missing) != 0 {
			t.Errorf("%v are missing for ever", tail.missing)
		}
	})
}

// TestTailOfSeveralServers: where ids are far apart, or come below those that were read, the last seconds are read
// again.
func TestTailOfSeveralServers(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for name, read := range map[string]func(*tail){
		"a batch for each server": func(tail *tail) { tail.advance([]int64{1, 30_001}, nil, now) },
		"a lower batch":           func(tail *tail) { tail.advance([]int64{50}, []int64{50}, now) },
		"interleaved": func(tail *tail) {
			for id := int64(101); id < 3*maxMissing; id += 3 {
				tail.advance([]int64{id}, []int64{id}, now)
			}
		},
	} {
		tail := newTail(100, nil, now)
		if read(&tail); !tail.sparse || len(tail.missing) > 0 {
			t.Errorf("%s: sparse %v, %d missing", name, tail.sparse, len(tail.missing))
		}
	}
}

func insertAt(tx *store.Tx, at time.Time, ids ...int64) error {
	for _, id := range ids {
		_, err := tx.Exec(`INSERT INTO journal (id, at, actor_id, team_id, verb, subject_kind, subject_id,
			client_kind, client_id, amount, words)
			VALUES (?, ?, 0, 0, 'test.done', '', 0, '', 0, 0, '{}')`, id, store.Millis(at))
		if err != nil {
			return err
		}
	}
	return nil
}
