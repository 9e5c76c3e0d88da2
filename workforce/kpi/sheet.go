package kpi

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/staff"
)

// Sheet is a user's month: his indicators with their facts, the score and the
// bonus. Of an open month it is reckoned at this moment; of a closed one, and of a
// revision that was asked for, it is as it was kept.
type Sheet struct {
	Month   Month        `json:"month"`
	User    staff.Person `json:"user"`
	Profile ProfileRef   `json:"profile"`
	Reckoned
	Closed       bool          `json:"closed"`        // the month was closed with this
	Revision     int64         `json:"revision"`      // of the last calculation that was kept; 0 for none
	CalculatedAt *time.Time    `json:"calculated_at"` // of that calculation
	CalculatedBy *staff.Person `json:"calculated_by"`
}

// ProfileRef names the version of a profile.
type ProfileRef struct {
	ID      int64  `json:"id"`
	Name    string `json:"name"`
	Version int64  `json:"version"`
}

// kept is what is stored of a calculation: enough to show it and to do it again.
type kept struct {
	Profile ProfileRef `json:"profile"`
	Zone    string     `json:"zone"`
	Bonus   BonusTable `json:"bonus_table"`
	Reckoned
}

func (r resultRow) kept() (k kept, err error) {
	if err = json.Unmarshal([]byte(r.Content), &k); err != nil {
		err = fmt.Errorf("calculation %d of user %d: %w", r.Revision, r.UserID, err)
	}
	return k, err
}

// sheet shows a calculation as it was kept.
func (r resultRow) sheet(org *staff.Org, month Month, closed bool) (Sheet, error) {
	k, err := r.kept()
	s := Sheet{Month: month, User: personOf(org, r.UserID), Profile: k.Profile, Reckoned: k.Reckoned, Closed: closed}
	s.calculated(org, r)
	return s, err
}

func (s *Sheet) calculated(org *staff.Org, r resultRow) {
	at, by := store.Time(r.At), personOf(org, r.ByID)
	s.Revision, s.CalculatedAt, s.CalculatedBy = r.Revision, &at, &by
}

// Sheets returns the month of every user whose months the reader may see, by name.
func (l *Ledger) Sheets(ctx context.Context, by int64, month Month) ([]Sheet, error) {
	tx := l.db.ReadSlow(ctx)
	org, err := l.roster.OrgIn(tx)
	if err != nil {
		return nil, err
	}
	return visibleSheets(tx, org, by, month)
}

func visibleSheets(tx *store.Tx, org *staff.Org, by int64, month Month) ([]Sheet, error) {
	list, err := sheetsIn(tx, org, month)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(s Sheet) bool { return !maySee(org, by, s.User.ID) })
	slices.SortFunc(list, func(a, b Sheet) int {
		return cmp.Or(cmp.Compare(store.Fold(a.User.Name), store.Fold(b.User.Name)), cmp.Compare(a.User.ID, b.User.ID))
	})
	return list, nil
}

// Sheet returns a user's month; of a revision, if one is named. Faults: kpi_forbidden for a month that the reader may
// not see; not_found for a user without a profile.
func (l *Ledger) Sheet(ctx context.Context, by int64, month Month, user, revision int64) (Sheet, error) {
	tx := l.db.ReadSlow(ctx)
	org, err := l.roster.OrgIn(tx)
	if err != nil {
		return Sheet{}, err
	}
	return sheetIn(tx, org, by, month, user, revision)
}

func sheetIn(tx *store.Tx, org *staff.Org, by int64, month Month, user, revision int64) (Sheet, error) {
	if !maySee(org, by, user) {
		return Sheet{}, fault.Forbidden("kpi_forbidden")
	}
	var list []Sheet
	var err error
	if revision == 0 {
		list, err = sheetsIn(tx, org, month)
	} else {
		list, err = revisionsIn(tx, org, month, user)
	}
	for _, s := range list {
		if s.User.ID == user && (revision == 0 || s.Revision == revision) {
			return s, err
		}
	}
	if err == nil {
		err = fault.Missing("kpi_sheet")
	}
	return Sheet{}, err
}

// Revisions returns every calculation of a user's month that was kept, newest first.
func (l *Ledger) Revisions(ctx context.Context, by int64, month Month, user int64) ([]Sheet, error) {
	tx := l.db.ReadSlow(ctx)
	org, err := l.roster.OrgIn(tx)
	if err != nil {
		return nil, err
	}
	if !maySee(org, by, user) {
		return nil, fault.Forbidden("kpi_forbidden")
	}
	return revisionsIn(tx, org, month, user)
}

func revisionsIn(tx *store.Tx, org *staff.Org, month Month, user int64) ([]Sheet, error) {
	rows, err := resultsOf(tx, month, user)
	if err != nil {
		return nil, err
	}
	list := make([]Sheet, len(rows))
	for i, row := range rows {
		if list[i], err = row.sheet(org, month, row.Closes); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// sheetsIn returns everybody's month.
func sheetsIn(tx *store.Tx, org *staff.Org, month Month) ([]Sheet, error) {
	closed, err := closedMonth(tx, month)
	if err != nil {
		return nil, err
	}
	if closed.ClosedAt != 0 {
		final, err := finalResults(tx, month)
		if err != nil {
			return nil, err
		}
		list := make([]Sheet, len(final))
		for i, row := range final {
			if list[i], err = row.sheet(org, month, true); err != nil {
				return nil, err
			}
		}
		return list, nil
	}
	last, err := lastResults(tx, month)
	if err != nil {
		return nil, err
	}
	now, err := reckonIn(tx, month)
	if err != nil {
		return nil, err
	}
	list := make([]Sheet, len(now))
	for i, n := range now {
		list[i] = Sheet{Month: month, User: personOf(org, n.user), Profile: n.Profile, Reckoned: n.Reckoned}
		if at := slices.IndexFunc(last, func(r resultRow) bool { return r.UserID == n.user }); at >= 0 {
			list[i].calculated(org, last[at])
		}
	}
	return list, nil
}

// calculation is what came of a user's month.
type calculation struct {
	user int64
	kept
}

// reckonIn reckons the month of everybody who is measured, by the present terms and
// facts.
func reckonIn(tx *store.Tx, month Month) ([]calculation, error) {
	profiles, err := profileRows(tx)
	if err != nil {
		return nil, err
	}
	holders, err := holderRows(tx)
	if err != nil {
		return nil, err
	}
	entered, err := factRows(tx, month)
	if err != nil {
		return nil, err
	}
	var list []calculation
	for _, row := range profiles {
		terms, err := termsOf(row.Terms)
		if err != nil {
			return nil, err
		}
		totals, err := totalsIn(tx, month, terms)
		if err != nil {
			return nil, err
		}
		for _, h := range holders {
			if h.ProfileID != row.ID {
				continue
			}
			base := terms.Base
			if h.Base >= 0 {
				base = h.Base
			}
			c := calculation{h.UserID, kept{ProfileRef{row.ID, row.Name, row.Version}, terms.Zone, terms.Bonus,
				terms.reckon(base, terms.factsOf(h.UserID, entered, totals))}}
			c.stamp(entered)
			list = append(list, c)
		}
	}
	return list, nil
}

// totalsIn counts what the terms count.
func totalsIn(tx *store.Tx, month Month, t Terms) ([]journal.Total, error) {
	var verbs []string
	for _, in := range t.Indicators {
		if in.Source != Manual {
			verbs = append(verbs, string(in.Verb))
		}
	}
	if len(verbs) == 0 {
		return nil, nil
	}
	zone, err := time.LoadLocation(t.Zone)
	if err != nil {
		return nil, err
	}
	from, till := month.span(zone)
	return journal.Totals(tx, verbs, from, till)
}

// factsOf gathers the facts of a user by indicator; one that a head has not entered
// is missing.
func (t Terms) factsOf(user int64, entered []factRow, totals []journal.Total) map[string]Decimal {
	facts := map[string]Decimal{}
	for _, in := range t.Indicators {
		if in.Source == Manual {
			for _, f := range entered {
				if f.UserID == user && f.Indicator == in.Code {
					facts[in.Code] = Decimal{f.Value}
				}
			}
			continue
		}
		facts[in.Code] = Decimal{}
		for _, total := range totals {
			switch {
			case total.Actor != user || total.Verb != in.Verb:
			case in.Source == Count:
				facts[in.Code] = Whole(total.Count)
			default:
				facts[in.Code] = Whole(total.Amount)
			}
		}
	}
	return facts
}

// stamp puts the versions of entered facts on the lines.
func (c *calculation) stamp(entered []factRow) {
	for i := range c.Lines {
		line := &c.Lines[i]
		for _, f := range entered {
			if line.Source == Manual && f.UserID == c.user && f.Indicator == line.Code {
				line.Version = f.Version
			}
		}
	}
}
