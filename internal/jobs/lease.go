package jobs

import (
	"context"
	"sync"
	"time"

	"callhue/internal/fault"
	"callhue/internal/store"
)

// LeaseLost is the key of the conflict that a transaction ends with when another
// process may hold the lease by now.
const LeaseLost = "lease_lost"

// Lease is the right to do something that one holder at a time may do. It is renewed
// in the background until Release or until it is lost.
type Lease struct {
	runner *Runner
	name   string
	holder string

	ctx      context.Context
	end      context.CancelFunc
	renewing sync.WaitGroup
}

// TryAcquire returns the lease of this name, or nil while another holder has it. The
// context of the lease derives from ctx.
func (r *Runner) TryAcquire(ctx context.Context, name string) (*Lease, error) {
	read := r.opt.DB.Read(ctx)
	row, found, err := leaseByName(read, name)
	if err != nil || found && row.Until >= store.Millis(read.Now()) {
		return nil, err
	}
	holder, acquired, asked := r.newHolder(), false, time.Now()
	err = r.opt.DB.Write(ctx, func(tx *store.Tx) (err error) {
		until := tx.Now().Add(r.opt.LeaseTime)
		if found {
			acquired, err = takeOverLease(tx, name, holder, until)
		} else {
			acquired, err = insertLease(tx, name, holder, until)
		}
		return err
	})
	if err != nil || !acquired {
		return nil, err
	}
	l := &Lease{runner: r, name: name, holder: holder}
	l.ctx, l.end = context.WithCancel(ctx)
	l.renewing.Go(func() { l.renew(asked) })
	r.meter.leases.Inc()
	return l, nil
}

// acquire waits for the lease of this name. It returns nil when the context ends first;
// while the database is away it goes on waiting.
func (r *Runner) acquire(ctx context.Context, name string) *Lease {
	tick := time.NewTicker(r.opt.PollEvery)
	defer tick.Stop()
	failing := false
	for {
		released := r.nextRelease() // before the attempt, so that none is missed after it
		lease, err := r.TryAcquire(ctx, name)
		switch {
		case lease != nil:
			return lease
		case ctx.Err() != nil:
			return nil
		case err != nil && !failing:
			r.opt.Log.Error("a lease cannot be acquired", "lease", name, "error", err)
		}
		failing = err != nil
		select {
		case <-ctx.Done():
			return nil
		case <-released:
		case <-tick.C:
		}
	}
}

// RunWhileLeased waits for the lease of this name and calls f, whose context ends when
// ctx does or the lease is lost. After a loss it waits for the lease again. It returns
// when ctx ends or f returns by itself, and releases the lease.
func (r *Runner) RunWhileLeased(ctx context.Context, name string, f func(ctx context.Context, lease *Lease)) {
	for {
		lease := r.acquire(ctx, name)
		if lease == nil {
			return
		}
		f(lease.ctx, lease)
		lost := lease.ctx.Err() != nil
		lease.Release()
		if !lost || ctx.Err() != nil {
			return
		}
	}
}

// Context returns a context that ends when the lease is lost or released.
func (l *Lease) Context() context.Context { return l.ctx }

// Guard lets a transaction commit only while the lease is held. When another holder has
// acquired it, Guard fails with the conflict lease_lost and the context of the lease
// ends. Guard writes, because what is only read protects nothing across the nodes of a
// cluster.
func (l *Lease) Guard(tx *store.Tx) error {
	held, err := guardLease(tx, l.name, l.holder)
	if err == nil && !held {
		l.end()
		err = fault.Conflict(LeaseLost)
	}
	return err
}

// Release ends the lease, so that another holder can acquire it at once.
func (l *Lease) Release() {
	l.end()
	l.renewing.Wait()
	r := l.runner
	ctx, cancel := ToEnd(l.ctx)
	defer cancel()
	err := r.opt.DB.Write(ctx, func(tx *store.Tx) error { return removeLease(tx, l.name, l.holder) })
	if err != nil {
		r.opt.Log.Info("a lease was not released and will run out", "lease", l.name, "error", err)
	}
	r.meter.leases.Dec()
	r.mu.Lock()
	defer r.mu.Unlock()
	close(r.released)
	r.released = make(chan struct{})
}

// nextRelease returns a channel that is closed when this process releases a lease.
func (r *Runner) nextRelease() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.released
}

// renew renews the lease until it is released or lost. confirmed is when it was
// acquired, by the clock of this machine. A holder that cannot reach the database ends
// its work before another one may begin.
func (l *Lease) renew(confirmed time.Time) {
	every := l.runner.opt.LeaseTime / 3
	last := l.runner.opt.LeaseTime * 5 / 6
	for wait := every; ; {
		select {
		case <-l.ctx.Done():
			return
		case <-time.After(wait):
		}
		asked := time.Now()
		held, err := l.renewOnce(confirmed.Add(last))
		if err == nil && held {
			confirmed, wait = asked, every
			continue
		}
		if l.ctx.Err() == nil && (err == nil || time.Since(confirmed) >= last) {
			l.runner.opt.Log.Warn("a lease was lost", "lease", l.name, "error", err)
			l.end()
		}
		wait = every / 5
	}
}

func (l *Lease) renewOnce(deadline time.Time) (held bool, err error) {
	ctx, cancel := context.WithDeadline(l.ctx, deadline)
	defer cancel()
	err = l.runner.opt.DB.Write(ctx, func(tx *store.Tx) error {
		held, err = extendLease(tx, l.name, l.holder, tx.Now().Add(l.runner.opt.LeaseTime))
		return err
	})
	return held, err
}

// Held reports whether anyone holds the lease of this name now.
func Held(tx *store.Tx, name string) (bool, error) {
	row, found, err := leaseByName(tx, name)
	return found && row.Until >= store.Millis(tx.Now()), err
}
