package calls

import (
	"context"
	"time"

	"callhue/internal/store"
	"callhue/journal"
)

// Old calls go in small transactions, so that the calls of now wait for none of
// them, and not all in one sweep, so that a first one after years is no storm.
const (
	removedTogether  = 200
	removalsPerSweep = 50 // transactions: 10 000 calls a minute
)

// removeOld takes calls that the policy does not keep any longer out of the call
// journal: the calls, their cards, and what the journal told of them. Incidents
// outlive their calls, and so do permits and the clients' own history.
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
			return journal.Drop(tx, "call", ids)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
