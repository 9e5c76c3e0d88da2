package calllog

import (
	"context"

	"callhue/crm"
	"callhue/internal/store"
	"callhue/journal"
)

// FindData returns nothing: what is stored here of a person is a number that a call has too.
func (n *Notifier) FindData(context.Context, crm.DataSubject) (any, error) { return nil, nil }

// FindRows returns the calls of a person that are just being logged in a CRM.
func (n *Notifier) FindRows(tx *store.Tx, who crm.DataSubject) (rows []int64, _ []journal.Ref, err error) {
	rows, err = loggedWithNumbers(tx, who.Numbers)
	return rows, nil, err
}

// EraseRows removes the numbers of some calls.
func (n *Notifier) EraseRows(tx *store.Tx, _ crm.DataSubject, rows []int64) error {
	return eraseLogged(tx, rows)
}
