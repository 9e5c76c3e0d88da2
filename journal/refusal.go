package journal

import (
	"context"
	"errors"

	"callhue/internal/fault"
	"callhue/internal/store"
)

// Refusal ends a write for want of rights. Nothing of the write stays but the
// entry, which tells who tried what.
type Refusal struct {
	Fault *fault.Error
	Entry Entry // of the verb ChangeRefused
}

func (r *Refusal) Error() string { return r.Fault.Error() }
func (r *Refusal) Unwrap() error { return r.Fault }

// Write runs a write in a transaction of db, which may have another clock than the
// tail's, again when the database asks for it. One that ends in a Refusal is
// undone, the journal gets the refusal's entry in a transaction of its own, and
// its fault is the answer.
func (t *Journal) Write(ctx context.Context, db *store.DB, do func(tx *store.Tx) error) error {
	err := db.Write(ctx, do)
	var refused *Refusal
	if !errors.As(err, &refused) {
		return err
	}
	err = db.Write(ctx, func(tx *store.Tx) error {
		_, err := t.Record(tx, refused.Entry)
		return err
	})
	if err != nil {
		return err
	}
	return refused.Fault
}
