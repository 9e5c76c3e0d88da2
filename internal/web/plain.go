package web

import (
	"context"

	"callhue/internal/access"
)

// RowID is the input of a route about one row: the id in its path.
type RowID struct {
	ID int64 `path:"id" json:"-"`
}

// DoList makes a handler of a function that lists or counts what the input chooses.
func DoList[In, Out any](list func(context.Context, In) (Out, error)) Handler {
	return Do(func(r *Request, in In) (Out, error) { return list(r.Context(), in) })
}

// DoFind makes a handler of a function that returns one row.
func DoFind[Out any](find func(context.Context, int64) (Out, error)) Handler {
	return Do(func(r *Request, in RowID) (Out, error) { return find(r.Context(), in.ID) })
}

// DoAdd makes a handler of a function that adds what the input describes and returns it.
func DoAdd[In, Out any](add func(context.Context, *access.User, In) (Out, error)) Handler {
	return Do(func(r *Request, in In) (Out, error) { return add(r.Context(), r.User, in) })
}

// DoRemove makes a handler of a function that removes one row.
func DoRemove(remove func(context.Context, *access.User, int64) error) Handler {
	return Do(func(r *Request, in RowID) (Nothing, error) { return Nothing{}, remove(r.Context(), r.User, in.ID) })
}
