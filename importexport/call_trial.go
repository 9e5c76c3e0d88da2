package importexport

import (
	"context"
	"slices"

	"callhue/crm"
	"callhue/internal/store"
	"callhue/rules"
)

// CallTrial judges the last calls as if the records of a file were there. Package calls has it; cmd passes it in.
type CallTrial interface {
	// Look notes what numbers lead to inside a transaction that has written a batch and will be rolled back: those of
	// its rows, and those of the last calls that led to one of its records before.
	Look(tx *store.Tx, kind crm.Kind, numbers, records []int64) error
	// Result judges the last calls both ways.
	Result(ctx context.Context) (CallColors, error)
}

// CallColors is how many cards of the last calls would have another colour.
type CallColors struct {
	Looked  int            `json:"looked"`  // cards that were judged
	Changed int            `json:"changed"` // those that would have another colour
	Counts  []ColorsChange `json:"counts"`  // of those, by old and new colour
}

// ColorsChange counts the cards of one colour that would have another.
type ColorsChange struct {
	Old   rules.Color `json:"old"`
	New   rules.Color `json:"new"`
	Count int         `json:"count"`
}

// judgeCalls shows the batch to the trial of past calls.
func (a *attempt) judgeCalls(tx *store.Tx) error {
	if a.options.Calls == nil {
		return nil
	}
	var numbers []int64
	a.eachValid(func(_ int, d *draft) { numbers = append(numbers, d.keys...) })
	records := slices.DeleteFunc(slices.Clone(a.touched), func(id int64) bool { return id == 0 })
	return a.options.Calls.Look(tx, a.kind.recordKind(), numbers, records)
}
