package staff

import (
	"context"
	"slices"
	"time"

	"callhue/internal/fault"
	"callhue/internal/store"
)

// Deputy is a user who stands in for another one for a while.
type Deputy struct {
	ID        int64     `json:"id"`
	UserID    int64     `json:"user_id"`   // who is stood in for
	DeputyID  int64     `json:"deputy_id"` // who stands in
	From      time.Time `json:"from"`
	Until     time.Time `json:"until"` // exclusive
	CreatedAt time.Time `json:"created_at"`
}

// Deputies lists a user's deputies, past ones too, in the order in which they
// were named.
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

// AddDeputy names a deputy for a user from one moment until another. Periods may
// overlap: a user can have two deputies.
func (r *Roster) AddDeputy(ctx context.Context, by, user, deputy int64, from, till time.Time) (*Deputy, error) {
	var added *Deputy
	err := r.change(ctx, by, func(tx *store.Tx, org *Org) error {
		u := org.User(user)
		if u == nil {
			return fault.Missing("user")
		}
		d := &Deputy{UserID: user, DeputyID: deputy, From: from.UTC().Truncate(time.Millisecond),
			Until: till.UTC().Truncate(time.Millisecond), CreatedAt: tx.Now()}
		err := d.check(org).OrNil()
		if err != nil {
			return err
		}
		if d.ID, err = insertDeputy(tx, d); err != nil {
			return err
		}
		added = d
		tx.Answer(added)
		return r.record(tx, by, u, DeputyAdded, map[string]any{"deputy_id": deputy, "from": d.From, "until": d.Until})
	})
	return added, err
}

// RemoveDeputy takes a deputy away, at once.
func (r *Roster) RemoveDeputy(ctx context.Context, by, user, id int64) error {
	return r.change(ctx, by, func(tx *store.Tx, org *Org) error {
		tx.Answer(nil)
		u := org.User(user)
		if u == nil {
			return fault.Missing("user")
		}
		at := slices.IndexFunc(org.deputies[user], func(d Deputy) bool { return d.ID == id })
		if at < 0 {
			return fault.Missing("deputy")
		}
		if err := removeDeputy(tx, id); err != nil {
			return err
		}
		return r.record(tx, by, u, DeputyRemoved, map[string]any{"deputy_id": org.deputies[user][at].DeputyID})
	})
}

func (d *Deputy) check(org *Org) (wrong *fault.Error) {
	deputy := org.User(d.DeputyID)
	switch {
	case d.DeputyID == d.UserID:
		wrong = wrong.And("deputy_id", "himself")
	case deputy == nil || !deputy.Active:
		wrong = wrong.And("deputy_id", "unknown")
	}
	if code := timeFault(d.From); code != "" {
		wrong = wrong.And("from", code)
	}
	if code := timeFault(d.Until); code != "" {
		wrong = wrong.And("until", code)
	} else if !d.From.Before(d.Until) {
		wrong = wrong.And("until", "not_after_from")
	}
	return wrong
}

// timeFault refuses a time that is missing or that no calendar of ours reaches.
func timeFault(at time.Time) string {
	switch {
	case at.IsZero():
		return "required"
	case at.Year() < 1971 || at.Year() > 9999:
		return "out_of_range"
	}
	return ""
}
