package calls

import (
	"context"
	"time"

	"callhue/internal/store"
)

// Old calls are removed in small transactions, so that present calls do not wait, and only so many in one sweep, so
// that the first removal after years does not block the database.
const (
	removedTogether  = 50
	removalsPerSweep = 200 // transactions; with one sweep a minute, 10 000 calls a minute
)

// removeOld removes calls that the policy no longer keeps: the calls, their cards and their entries in the journal.
// Incidents, permits and the history of the clients stay.
func (d *Tracker) removeOld(ctx context.Context) error {
	policy, err := d.Policy.Active(ctx)
	if err != nil || policy.KeepCallsDays == 0 {
		return err
	}
	before := d.DB.Clock().UTC().Add(-time.Duration(policy.KeepCallsDays) * 24 * time.Hour)
	for range removalsPerSweep {
		ids, err := endedBefore(d.DB.Read(ctx), before, removedTogether)
		if err != nil || len(ids) == 0 {
			return err
		}
		err = d.DB.Write(ctx, func(tx *store.Tx) error {
			if err := removeCalls(tx, ids); err != nil {
				return err
			}
			return d.Journal.Drop(tx, "call", ids)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
