package calls

import (
	"context"

	"callhue/crm"
	"callhue/internal/fault"
	"callhue/staff"
)

// relates reports whether a client is a user's: they own it, head its owner, are in the team of its company, stand in
// for one of these, or have a permit for the company. A contact or lead is also whose its companies are. The fault is
// not_found for a client that is not there.
func (d *Tracker) relates(ctx context.Context, scope staff.Scope, user int64, kind crm.Kind, id int64) (bool, error) {
	if scope.All() {
		return true, nil
	}
	switch kind {
	case crm.KindContact:
		c, err := d.Records.FindContact(ctx, id)
		if err != nil || scope.Sees(c.OwnerID) {
			return err == nil, err
		}
		return d.relatesToOneOf(ctx, scope, user, c.CompanyIDs...)
	case crm.KindLead:
		l, err := d.Records.FindLead(ctx, id)
		if err != nil || scope.Sees(l.OwnerID) || l.CompanyID == 0 {
			return err == nil && scope.Sees(l.OwnerID), err
		}
		return d.relatesToOneOf(ctx, scope, user, l.CompanyID)
	}
	return d.relatesToCompany(ctx, scope, user, id)
}

// relatesToOneOf is relates for companies, of which some may have been removed.
func (d *Tracker) relatesToOneOf(ctx context.Context, scope staff.Scope, user int64, companies ...int64) (bool, error) {
	for _, id := range companies {
		theirs, err := d.relatesToCompany(ctx, scope, user, id)
		if theirs || err != nil && !fault.Is(err, fault.KindMissing) {
			return theirs, err
		}
	}
	return false, nil
}

func (d *Tracker) relatesToCompany(ctx context.Context, scope staff.Scope, user, id int64) (bool, error) {
	c, err := d.Records.FindCompany(ctx, id)
	if err != nil || scope.Sees(c.OwnerID) || scope.Helps(c.TeamIDs) {
		return err == nil, err
	}
	held, err := d.Permits.Held(ctx)
	if err != nil {
		return false, err
	}
	_, permitted := held.Find(user, id, c.OwnerID, d.DB.Clock())
	return permitted, nil
}
