package kpi

import (
	"context"
	"slices"
	"time"

	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/staff"
)

// Profile is what some users are measured by, as its present version says.
type Profile struct {
	ID int64 `json:"id"`
	Terms
	Holders   []Holder  `json:"holders"`
	Version   int64     `json:"version"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// Holder is a user who is measured by a profile.
type Holder struct {
	User staff.Person `json:"user"`
	Base *int64       `json:"base"` // his own, in minor units; null: the profile's
}

// ProfileVersion is what a profile said since a time.
type ProfileVersion struct {
	Version int64        `json:"version"`
	At      time.Time    `json:"at"`
	By      staff.Person `json:"by"`
	Terms
}

// ProfileDraft changes a profile; what is nil stays.
type ProfileDraft struct {
	Version    int64        `json:"version"`
	Name       *string      `json:"name"`
	Base       *int64       `json:"base"`
	Zone       *string      `json:"zone"`
	Indicators *[]Indicator `json:"indicators"`
	Bonus      *BonusTable  `json:"bonus"`
}

func (c ProfileDraft) apply(t Terms) Terms {
	if c.Name != nil {
		t.Name = *c.Name
	}
	if c.Base != nil {
		t.Base = *c.Base
	}
	if c.Zone != nil {
		t.Zone = *c.Zone
	}
	if c.Indicators != nil {
		t.Indicators = *c.Indicators
	}
	if c.Bonus != nil {
		t.Bonus = *c.Bonus
	}
	return t.tidy()
}

// Profiles returns the profiles by name with their holders: all to an administrator, to others those that apply to a
// user whose months they may see, without other holders.
func (l *Ledger) Profiles(ctx context.Context, by int64) ([]Profile, error) {
	tx := l.db.Read(ctx)
	org, err := l.roster.OrgIn(tx)
	if err != nil {
		return nil, err
	}
	return profilesIn(tx, org, by)
}

func profilesIn(tx *store.Tx, org *staff.Org, by int64) ([]Profile, error) {
	rows, err := profileRows(tx)
	if err != nil {
		return nil, err
	}
	holders, err := holderRows(tx)
	if err != nil {
		return nil, err
	}
	holders = slices.DeleteFunc(holders, func(h holderRow) bool { return !maySee(org, by, h.UserID) })
	list := []Profile{}
	for _, row := range rows {
		p, err := row.profile(org, holders)
		if err != nil {
			return nil, err
		}
		if len(p.Holders) > 0 || org.IsAdmin(by) {
			list = append(list, p)
		}
	}
	return list, nil
}

// Profile returns one profile as a user may see it, or the fault not_found.
func (l *Ledger) Profile(ctx context.Context, by, id int64) (Profile, error) {
	list, err := l.Profiles(ctx, by)
	return profileAmong(list, id, err)
}

func profileAmong(list []Profile, id int64, err error) (Profile, error) {
	if err != nil {
		return Profile{}, err
	}
	at := slices.IndexFunc(list, func(p Profile) bool { return p.ID == id })
	if at < 0 {
		return Profile{}, fault.Missing("kpi_profile")
	}
	return list[at], nil
}

// answer returns a profile as it is after the write, and registers it as the write's answer.
func (a *act) answer(id int64) (Profile, error) {
	list, err := profilesIn(a.Tx, a.org, a.User.ID)
	p, err := profileAmong(list, id, err)
	a.Tx.Answer(p)
	return p, err
}

// Versions returns what a profile has said, newest first.
func (l *Ledger) Versions(ctx context.Context, by, id int64) ([]ProfileVersion, error) {
	if _, err := l.Profile(ctx, by, id); err != nil {
		return nil, err
	}
	tx := l.db.Read(ctx)
	org, err := l.roster.OrgIn(tx)
	if err != nil {
		return nil, err
	}
	rows, err := versionRows(tx, id)
	if err != nil {
		return nil, err
	}
	list := make([]ProfileVersion, len(rows))
	for i, row := range rows {
		list[i] = ProfileVersion{Version: row.Version, At: store.Time(row.At), By: personOf(org, row.ByID)}
		if list[i].Terms, err = termsOf(row.Terms); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// AddProfile adds a profile. Faults: the fields, kpi_forbidden, name_taken.
func (l *Ledger) AddProfile(ctx context.Context, by int64, terms Terms) (added Profile, err error) {
	err = l.write(ctx, by, profilesTurn, func(a *act) error {
		if err := a.needAdmin(); err != nil {
			return err
		}
		terms = terms.tidy()
		if err := terms.check(l.journal.Verbs()).OrNil(); err != nil {
			return err
		}
		id, fresh, err := insertProfile(a.Tx, terms.Name)
		if err != nil {
			return err
		}
		if !fresh {
			return fault.Taken("name", "name_taken")
		}
		if err := insertVersion(a.Tx, id, 1, terms, by); err != nil {
			return err
		}
		subject := journal.Ref{Kind: "kpi_profile", ID: id}
		if err := a.record(ProfileAdded, subject, map[string]any{"name": terms.Name}); err != nil {
			return err
		}
		added, err = a.answer(id)
		return err
	})
	return added, err
}

// ChangeProfile adds the next version of a profile. Saved calculations stay as they are; an open month is calculated by
// the new version from now on. Faults: what is wrong with the fields; role_missing; not_found; stale_version;
// name_taken.
func (l *Ledger) ChangeProfile(ctx context.Context, by, id int64, change ProfileDraft) (changed Profile, err error) {
	err = l.write(ctx, by, profilesTurn, func(a *act) error {
		if err := a.needAdmin(); err != nil {
			return err
		}
		row, err := profileByID(a.Tx, id)
		if err != nil {
			return err
		}
		if change.Version == 0 {
			return fault.Invalid("version", "required")
		}
		old, err := termsOf(row.Terms)
		if err != nil {
			return err
		}
		terms := change.apply(old)
		if err := terms.check(l.journal.Verbs()).OrNil(); err != nil {
			return err
		}
		err = store.Changed(updateProfile(a.Tx, id, terms.Name, change.Version))
		switch {
		case a.Tx.Duplicate(err):
			return fault.Taken("name", "name_taken")
		case err != nil:
			return err
		}
		if err := insertVersion(a.Tx, id, change.Version+1, terms, by); err != nil {
			return err
		}
		changes := journal.Changes{"version": {From: change.Version, To: change.Version + 1}}
		changes.Note("name", old.Name, terms.Name)
		details := map[string]any{"name": terms.Name, "changed": changes}
		if err := a.record(ProfileChanged, journal.Ref{Kind: "kpi_profile", ID: id}, details); err != nil {
			return err
		}
		changed, err = a.answer(id)
		return err
	})
	return changed, err
}

// RemoveProfile removes a profile that no one holds; calculations by it stay. One
// that is held is the conflict profile_in_use.
func (l *Ledger) RemoveProfile(ctx context.Context, by, id int64) error {
	return l.write(ctx, by, profilesTurn, func(a *act) error {
		a.Tx.Answer(nil)
		if err := a.needAdmin(); err != nil {
			return err
		}
		row, err := profileByID(a.Tx, id)
		if err != nil {
			return err
		}
		holders, err := holderRows(a.Tx)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(holders, func(h holderRow) bool { return h.ProfileID == id }) {
			return fault.Conflict("profile_in_use")
		}
		if err := deleteProfile(a.Tx, id); err != nil {
			return err
		}
		return a.record(ProfileRemoved, journal.Ref{Kind: "kpi_profile", ID: id}, map[string]any{"name": row.Name})
	})
}

// Assign assigns a profile to a user instead of the one before. base is their own, in minor units; nil: the profile's.
func (l *Ledger) Assign(ctx context.Context, by, profile, user int64, base *int64) (changed Profile, err error) {
	err = l.write(ctx, by, profilesTurn, func(a *act) error {
		if err := a.needAdmin(); err != nil {
			return err
		}
		if _, err := profileByID(a.Tx, profile); err != nil {
			return err
		}
		if a.org.User(user) == nil {
			return fault.Missing("user")
		}
		own := int64(-1)
		if base != nil {
			if own = *base; own < 0 || own > maxBase {
				return fault.Invalid("base", "out_of_range")
			}
		}
		before, err := holderOf(a.Tx, user)
		if err != nil {
			return err
		}
		if err := putHolder(a.Tx, user, profile, own); err != nil {
			return err
		}
		if err := a.recordAssigned(user, before, profile); err != nil {
			return err
		}
		changed, err = a.answer(profile)
		return err
	})
	return changed, err
}

// Unassign takes the profile of a user away. Their closed months stay.
func (l *Ledger) Unassign(ctx context.Context, by, profile, user int64) error {
	return l.write(ctx, by, profilesTurn, func(a *act) error {
		a.Tx.Answer(nil)
		if err := a.needAdmin(); err != nil {
			return err
		}
		found, err := deleteHolder(a.Tx, user, profile)
		if err != nil {
			return err
		}
		if found == 0 {
			return fault.Missing("holder")
		}
		return a.recordAssigned(user, profile, 0)
	})
}

func (a *act) recordAssigned(user, before, after int64) error {
	changed := journal.Changes{"profile_id": {From: before, To: after}}
	return a.record(ProfileAssigned, journal.Ref{Kind: "user", ID: user}, map[string]any{"changed": changed})
}
