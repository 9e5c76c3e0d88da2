package jobs

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Signal wakes a loop. Notifications while the loop is busy count as one. A nil Signal
// is never notified.
type Signal chan struct{}

// NewSignal returns a signal that was not notified yet.
func NewSignal() Signal { return make(Signal, 1) }

// Notify wakes the loop that waits for the signal, now or as soon as it waits.
func (s Signal) Notify() {
	select {
	case s <- struct{}{}:
	default:
	}
}

// Loop is work that a process repeats for itself: at once, after each period and
// whenever it is woken. For work that one of several processes does, see Tick.
type Loop struct {
	Name  string // for the log
	Every time.Duration
	Wake  Signal // may be nil
	Log   *slog.Logger
	Do    func(ctx context.Context) error
}

// Run repeats the work until the context ends and then returns nil. Of a series of
// failures only the first is logged.
func (l Loop) Run(ctx context.Context) error {
	tick := time.NewTicker(l.Every)
	defer tick.Stop()
	failing := false
	for {
		err := l.Do(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && !failing:
			l.Log.Error(l.Name+" failed", "error", err)
		case err == nil && failing:
			l.Log.Info(l.Name + " works again")
		}
		failing = err != nil
		select {
		case <-ctx.Done():
			return nil
		case <-l.Wake:
		case <-tick.C:
		}
	}
}

// RunAll runs loops beside each other until the context ends, and returns nil.
func RunAll(ctx context.Context, loops ...Loop) error {
	var all sync.WaitGroup
	for _, l := range loops {
		all.Go(func() { _ = l.Run(ctx) })
	}
	all.Wait()
	return nil
}

// Until asks at once and after each period whether something has happened, until it has,
// the question fails or the context ends.
func Until(ctx context.Context, every time.Duration, happened func(ctx context.Context) (bool, error)) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if done, err := happened(ctx); err != nil || done {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}
