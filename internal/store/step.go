package store

import (
	"context"
	"errors"
	"time"

	"callhue/internal/budget"
)

// stepTimer ends a transaction when one of its steps takes longer than the budget of its context. Steps are BEGIN, each
// statement and COMMIT, not what happens between them. A nil timer ends nothing.
type stepTimer struct {
	timer *time.Timer
	step  time.Duration
	whole context.Context // of the transaction
	end   context.CancelCauseFunc
}

// timeSteps returns the context for a transaction and its timer, nil without a budget.
func timeSteps(ctx context.Context) (context.Context, *stepTimer) {
	step := budget.Of(ctx)
	if step == 0 {
		return ctx, nil
	}
	s := &stepTimer{step: step}
	s.whole, s.end = context.WithCancelCause(ctx)
	s.timer = time.AfterFunc(step, func() { s.end(context.DeadlineExceeded) })
	s.timer.Stop()
	return s.whole, s
}

func (s *stepTimer) begin() {
	if s != nil {
		s.timer.Reset(s.step)
	}
}

func (s *stepTimer) done() {
	if s != nil {
		s.timer.Stop()
	}
}

// close frees the timer after the transaction.
func (s *stepTimer) close() {
	if s != nil {
		s.timer.Stop()
		s.end(nil)
	}
}

// late reports whether a step took too long.
func (s *stepTimer) late() bool {
	return s != nil && errors.Is(context.Cause(s.whole), context.DeadlineExceeded)
}

// within returns the context of one statement of plain reading.
func (tx *Tx) within() (context.Context, context.CancelFunc) {
	if tx.tx == nil {
		if step := budget.Of(tx.ctx); step > 0 {
			return context.WithTimeout(tx.ctx, step)
		}
	}
	return tx.ctx, func() {}
}
