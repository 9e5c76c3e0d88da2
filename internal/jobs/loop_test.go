package jobs

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestLoop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		begun, wake := time.Now(), NewSignal()
		var at []time.Duration
		count := func(context.Context) error {
			at = append(at, time.Since(begun))
			return nil
		}
		loop := Loop{Name: "counting", Every: time.Minute, Wake: wake, Log: slog.New(slog.DiscardHandler), Do: count}
		go func() { _ = loop.Run(ctx) }()
		time.Sleep(90 * time.Second)
		wake.Notify()
		wake.Notify() // counts as one
		time.Sleep(60 * time.Second)
		cancel()
		synctest.Wait()
		want := []time.Duration{0, 60 * time.Second, 90 * time.Second, 120 * time.Second}
		if !slices.Equal(at, want) && !slices.Equal(at, slices.Insert(slices.Clone(want), 3, 90*time.Second)) {
			t.Errorf("it worked after %v, want %v", at, want)
		}
	})
}

func TestALoopLogsASeriesOfFailuresOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var log bytes.Buffer
		n := 0
		count := func(context.Context) error {
			n++
			if n < 5 || n == 8 {
				return errors.New("no")
			}
			return nil
		}
		loop := Loop{Name: "counting", Every: time.Second, Log: slog.New(slog.NewTextHandler(&log, nil)), Do: count}
		go func() { _ = loop.Run(ctx) }()
		time.Sleep(10 * time.Second)
		cancel()
		synctest.Wait()
		failed, works := strings.Count(log.String(), "counting failed"), strings.Count(log.String(),
			"counting works again")
		if failed != 2 || works != 2 {
			t.Errorf("%d failures and %d recoveries in the log:\n%s", failed, works, log.String())
		}
	})
}

func TestUntil(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begun, no := time.Now(), errors.New("no")
		for _, c := range []struct {
			why   string
			after int // of questions
			fails error
			limit time.Duration
			want  error
			at    time.Duration
		}{
			{"it has happened before", 1, nil, time.Hour, nil, 0},
			{"it happens", 4, nil, time.Hour, nil, 3 * time.Second},
			{"the question fails", 2, no, time.Hour, no, time.Second},
			{"it does not happen in time", 100, nil, 5 * time.Second / 2, context.DeadlineExceeded,
				5 * time.Second / 2},
		} {
			ctx, cancel := context.WithTimeout(t.Context(), c.limit)
			asked := 0
			err := Until(ctx, time.Second, func(context.Context) (bool, error) {
				asked++
				if asked == c.after {
					return c.fails == nil, c.fails
				}
				return false, nil
			})
			if !errors.Is(err, c.want) || time.Since(begun) != c.at {
				t.Errorf("%s: %v after %v, want %v after %v", c.why, err, time.Since(begun), c.want, c.at)
			}
			cancel()
			begun = time.Now()
		}
	})
}
