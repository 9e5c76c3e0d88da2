package store

import (
	"context"
	"errors"
	"testing"
	"time"

	"callhue/internal/fault"
)

// forever is a statement that would run for minutes on both databases.
const forever = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900) " +
	"SELECT COUNT(*) FROM n a, n b, n c, n d WHERE a.i + b.i + c.i + d.i < 0"

func TestSlowReadingStopsWithItsContext(t *testing.T) {
	Test(t, func(t *testing.T, db *DB) {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		start := time.Now()
		var n int64
		err := db.ReadSlow(ctx).Get(&n, forever)
		if !fault.Is(err, fault.KindUnavailable) || time.Since(start) > 3*time.Second {
			t.Fatalf("%v after %v", err, time.Since(start))
		}
		if db.Engine() != "mysql" {
			return
		}
		var running int
		for wait := 0; ; wait++ {
			plain := db.Read(context.Background())
			if err := plain.Get(&running, "SELECT COUNT(*) FROM information_schema.processlist "+
				"WHERE info LIKE '/* slow%' AND info LIKE '%a.i + b.i%' AND command <> 'Killed'"); err != nil {
				t.Fatal(err)
			}
			if running == 0 {
				return
			}
			if wait == 100 {
				t.Fatal("the server goes on with a statement that was left")
			}
			time.Sleep(20 * time.Millisecond)
		}
	})
}

func TestSlowReadingWaitsForItsTurnAndNoOneElseDoes(t *testing.T) {
	Test(t, func(t *testing.T, db *DB) {
		ctx, cancel := context.WithCancel(context.Background())
		turns := cap(db.slow.turns)
		ended := make(chan error, turns)
		for range turns {
			go func() {
				var n int64
				ended <- db.ReadSlow(ctx).Get(&n, forever)
			}()
		}
		for len(db.slow.turns) < turns {
			time.Sleep(time.Millisecond)
		}
		var one int
		if err := db.Read(context.Background()).Get(&one, "SELECT 1"); err != nil {
			t.Errorf("plain reading beside slow reading: %v", err)
		}
		tx := db.ReadSlow(context.Background())
		tx.turn.waited = slowWait - 50*time.Millisecond
		if err := tx.Get(&one, "SELECT 1"); fault.Of(err) == nil || fault.Of(err).Key != "database_reading_busy" {
			t.Errorf("without a turn: %v", err)
		}
		cancel()
		for range turns {
			if err := <-ended; !errors.Is(err, context.Canceled) {
				t.Errorf("a statement that was left: %v", err)
			}
		}
		// After its rest.
		if err := tx.db.ReadSlow(context.Background()).Get(&one, "SELECT 1"); err != nil || one != 1 {
			t.Errorf("after the turns are free: %d %v", one, err)
		}
	})
}

func TestSlowReadingWithinAnEach(t *testing.T) {
	Test(t, func(t *testing.T, db *DB) {
		tx := db.ReadSlow(context.Background())
		sum := 0
		err := tx.Each("SELECT 1 UNION ALL SELECT 2", nil, func(scan func(...any) error) error {
			var n, found int
			if err := scan(&n); err != nil {
				return err
			}
			var list []int
			if err := tx.Select(&list, "SELECT 5 WHERE 1 IN (?)", []int64{1, 2}); err != nil {
				return err
			}
			err := tx.Get(&found, "SELECT ? + 0", n)
			sum += found + len(list)
			return err
		})
		if err != nil || sum != 5 || tx.turn.depth != 0 {
			t.Errorf("sum %d, %d statements deep, %v", sum, tx.turn.depth, err)
		}
	})
}
