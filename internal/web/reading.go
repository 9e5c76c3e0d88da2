package web

import (
	"context"
	"iter"

	"callhue/internal/access"
)

// ReadingBudget bounds how many records a user reads through all routes together.
type ReadingBudget interface {
	// Take takes n records from the user's budget; a busy fault when fewer are left.
	Take(ctx context.Context, user *access.User, n int) error
	// GiveBack returns what was taken and not read; a negative n takes what was read beyond it.
	GiveBack(user *access.User, n int)
}

// recordCounter is an answer that holds any number of records; all others count as one.
type recordCounter interface{ Records() int }

// read runs a handler's function and takes what it answers from the user's budget. A page is taken as a whole before it
// is read: what is not left cannot be read by requests at the same moment. The answer is boxed once, for its reader
// too: some are large.
func read[In, Out any](r *Request, in *In, f func(r *Request, in In) (Out, error)) (any, error) {
	if !r.reads {
		out, err := f(r, *in)
		return out, err
	}
	taken := 1
	if page, paged := any(in).(interface{ Size() int }); paged {
		taken = page.Size()
	}
	if err := r.server.opt.Reading.Take(r.Context(), r.User, taken); err != nil {
		return nil, err
	}
	answer, err := f(r, *in)
	if err != nil {
		r.server.opt.Reading.GiveBack(r.User, taken)
		return nil, err
	}
	out := any(answer)
	if used := recordsIn(out); used != taken {
		r.server.opt.Reading.GiveBack(r.User, taken-used)
	}
	return out, nil
}

func recordsIn(out any) int {
	if counter, many := out.(recordCounter); many {
		return counter.Records()
	}
	return 1
}

// rowsOf reads the rows of a file.
type rowsOf = func(context.Context) iter.Seq2[[]any, error]

// budgeted returns the rows of a file, each of which comes off the user's budget. A file that exceeds it is cut off.
func (r *Request) budgeted(rows rowsOf) rowsOf {
	if !r.reads {
		return rows
	}
	return func(ctx context.Context) iter.Seq2[[]any, error] {
		return func(yield func([]any, error) bool) {
			for row, err := range rows(ctx) {
				if err == nil {
					err = r.server.opt.Reading.Take(ctx, r.User, 1)
				}
				if !yield(row, err) || err != nil {
					return
				}
			}
		}
	}
}
