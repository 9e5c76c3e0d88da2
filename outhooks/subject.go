package outhooks

import (
	"context"

	"callhue/crm"
	"callhue/internal/store"
	"callhue/journal"
)

// A delivery has no data of its own: what it sends is read from the journal at each attempt. What a receiver answered
// may name a person.

// FindData returns the deliveries whose receiver named a person in its answer, as a []Delivery.
func (c *Dispatcher) FindData(ctx context.Context, who crm.DataSubject) (any, error) {
	list := []Delivery{}
	err := eachDetail(c.opt.DB.ReadSlow(ctx), func(row deliveryRow) {
		if who.Mentions(row.Detail) {
			list = append(list, row.delivery())
		}
	})
	return list, err
}

// FindRows returns the deliveries whose receiver named a person in its answer.
func (c *Dispatcher) FindRows(tx *store.Tx, who crm.DataSubject) (rows []int64, _ []journal.Ref, err error) {
	err = eachDetail(tx, func(row deliveryRow) {
		if who.Mentions(row.Detail) {
			rows = append(rows, row.ID)
		}
	})
	return rows, nil, err
}

// EraseRows forgets what the receivers of some deliveries answered.
func (c *Dispatcher) EraseRows(tx *store.Tx, _ crm.DataSubject, rows []int64) error {
	return forgetDetails(tx, rows)
}
