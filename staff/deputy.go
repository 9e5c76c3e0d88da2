package staff

import (
	"context"
	"slices"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
)

// Deputy is a user who stands in for another one for a while.
type Deputy struct {
	ID        int64        `json:"id" db:"id"`
	UserID    int64        `json:"user_id" db:"user_id"`     // the user who is away
	DeputyID  int64        `json:"deputy_id" db:"deputy_id"` // the user who stands in
	From      store.Moment `json:"from" db:"from_at"`
	Until     store.Moment `json:"until" db:"till_at"` // exclusive
	CreatedAt store.Moment `json:"created_at" db:"created_at"`
}

// NewDeputy is the input for a deputy.
type NewDeputy struct {
	DeputyID int64        `json:"deputy_id"`
	From     store.Moment `json:"from"`
	Until    store.Moment `json:"until"`
}

// Deputies lists a user's deputies, past ones too, in the order in which they were added.
func (r *Roster) Deputies(ctx context.Context, user int64) ([]Deputy, error) {
	org, err := r.Org(ctx)
	if err != nil {
		return nil, err
	}
	if org.User(user) == nil {
		return nil, fault.Missing("user")
	}
	return org.deputies[user], nil
}

// AddDeputy adds a deputy of a user for a period. Periods may overlap: a user can have two deputies. Faults: what is
// wrong with the fields; not_found.
func (r *Roster) AddDeputy(ctx context.Context, by *access.User, user int64, in NewDeputy) (added *Deputy, err error) {
	err = r.write(ctx, by, func(a *act) error {
		u, err := a.user(user)
		if err != nil {
			return err
		}
		added = &Deputy{UserID: user, DeputyID: in.DeputyID, From: in.From, Until: in.Until}
		a.checkDeputy(added)
		if err := a.Check(); err != nil {
			return err
		}
		if err := deputies.Insert(a.Tx, added); err != nil {
			return err
		}
		a.Tx.Answer(added)
		details := map[string]any{"deputy_id": added.DeputyID, "from": added.From, "until": added.Until}
		return a.record(u, DeputyAdded, details)
	})
	return added, err
}

// RemoveDeputy removes a deputy of a user at once.
func (r *Roster) RemoveDeputy(ctx context.Context, by *access.User, user, id int64) error {
	return r.write(ctx, by, func(a *act) error {
		a.Tx.Answer(nil)
		u, err := a.user(user)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(a.org.deputies[user], func(d Deputy) bool { return d.ID == id })
		if at < 0 {
			return fault.Missing("deputy")
		}
		if err := deputies.Remove(a.Tx, id); err != nil {
			return err
		}
		return a.record(u, DeputyRemoved, map[string]any{"deputy_id": a.org.deputies[user][at].DeputyID})
	})
}

// checkDeputy gathers what is wrong with a deputy.
func (a *act) checkDeputy(d *Deputy) {
	deputy := a.org.User(d.DeputyID)
	switch {
	case d.DeputyID == d.UserID:
		a.Invalid("deputy_id", "himself")
	case deputy == nil || !deputy.Active:
		a.Invalid("deputy_id", "unknown")
	}
	a.Invalid("from", timeFault(d.From))
	if code := timeFault(d.Until); code != "" {
		a.Invalid("until", code)
	} else if d.From >= d.Until {
		a.Invalid("until", "not_after_from")
	}
}

// timeFault refuses a time that is missing or that no calendar of ours reaches.
func timeFault(at store.Moment) string {
	year := at.Time().Year()
	switch {
	case at == 0:
		return "required"
	case year < 1971 || year > 9999:
		return "out_of_range"
	}
	return ""
}
