package kpi

import (
	"cmp"
	"context"
	"slices"
	"time"

	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/web"
	"callhue/journal"
	"callhue/staff"
)

// A month is open until an admin closes it. While it is open heads enter facts, and
// the one who looks sees it reckoned at that moment; a calculation that is kept
// (Calculate) gets a number and never changes. To close a month is to keep a last
// calculation of everybody and to refuse every change from then on.

// MonthState is a month and whether it is closed.
type MonthState struct {
	Month    Month         `json:"month"`
	Closed   bool          `json:"closed"`
	ClosedAt *time.Time    `json:"closed_at"`
	ClosedBy *staff.Person `json:"closed_by"`
}

// Months returns the present month and all that hold anything, newest first.
func (l *Ledger) Months(ctx context.Context) ([]MonthState, error) {
	tx := l.db.Read(ctx)
	org, err := l.roster.OrgIn(tx)
	if err != nil {
		return nil, err
	}
	return monthsIn(tx, org)
}

func monthsIn(tx *store.Tx, org *staff.Org) ([]MonthState, error) {
	closed, err := closedMonths(tx)
	if err != nil {
		return nil, err
	}
	open, err := openMonths(tx)
	if err != nil {
		return nil, err
	}
	list := []MonthState{}
	for _, row := range closed {
		at, by := store.Time(row.ClosedAt), personOf(org, row.ClosedBy)
		list = append(list, MonthState{Month(row.Month), true, &at, &by})
	}
	for _, month := range append(open, tx.Now().Format(monthLayout)) {
		if !slices.ContainsFunc(list, func(m MonthState) bool { return m.Month == Month(month) }) {
			list = append(list, MonthState{Month: Month(month)})
		}
	}
	slices.SortFunc(list, func(a, b MonthState) int { return -cmp.Compare(a.Month, b.Month) })
	return list, nil
}

// EnterFact stores what a user did in a month, for one of their indicators that is
// entered by hand. version is that of the fact before, 0 when there is none. Only
// their heads and administrators may, and no one for themselves: kpi_forbidden, which the journal keeps.
// Conflicts: month_closed, stale_version.
func (l *Ledger) EnterFact(ctx context.Context, by int64, month Month, user int64, indicator string, fact Decimal,
	version int64) (sheet Sheet, err error) {
	err = l.write(ctx, by, month.turn(), func(a *act) error {
		if a.org.User(user) == nil {
			return fault.Missing("user")
		}
		if err := a.needHead(user); err != nil {
			return err
		}
		if err := a.open(month); err != nil {
			return err
		}
		if fact.units < 0 {
			return fault.Invalid("fact", "out_of_range")
		}
		if err := a.manual(user, indicator); err != nil {
			return err
		}
		f := factRow{UserID: user, Indicator: indicator, Value: fact.units, Version: version}
		if err := store.Changed(putFact(a.Tx, month, f, by)); err != nil {
			return err
		}
		details := map[string]any{"month": month, "indicator": indicator}
		if err := a.record(FactEntered, journal.Ref{Kind: "user", ID: user}, details); err != nil {
			return err
		}
		sheet, err = sheetIn(a.Tx, a.org, by, month, user, 0)
		a.Tx.Answer(sheet)
		return err
	})
	return sheet, err
}

// manual finds the indicator of a user: missing when his profile has none of that
// name, the conflict fact_is_counted when the journal counts it.
func (a *act) manual(user int64, indicator string) error {
	holders, err := holderRows(a.Tx)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(holders, func(h holderRow) bool { return h.UserID == user })
	if at < 0 {
		return fault.Missing("kpi_sheet")
	}
	row, err := profileByID(a.Tx, holders[at].ProfileID)
	if err != nil {
		return err
	}
	terms, err := termsOf(row.Terms)
	if err != nil {
		return err
	}
	for _, in := range terms.Indicators {
		switch {
		case in.Code == indicator && in.Source == Manual:
			return nil
		case in.Code == indicator:
			return fault.Conflict("fact_is_counted")
		}
	}
	return fault.Missing("indicator")
}

// Calculate keeps a calculation of the month for these users (all that someone
// heads, or everybody for an admin, when none is named) and returns their sheets. One
// that would be the same as the last is not kept again.
func (l *Ledger) Calculate(ctx context.Context, by int64, month Month, users []int64) (sheets []Sheet, err error) {
	err = l.write(ctx, by, month.turn(), func(a *act) error {
		for _, user := range users {
			if err := a.needHead(user); err != nil {
				return err
			}
		}
		if err := a.open(month); err != nil {
			return err
		}
		list, err := reckonIn(a.Tx, month)
		if err != nil {
			return err
		}
		list = slices.DeleteFunc(list, func(c calculation) bool {
			return len(users) > 0 && !slices.Contains(users, c.user) || a.needHead(c.user) != nil
		})
		done, err := a.keep(month, list, false)
		if err != nil {
			return err
		}
		if len(done) > 0 {
			details := map[string]any{"month": month, "users": done}
			if err := a.record(MonthCalculated, journal.Ref{Kind: "kpi_month"}, details); err != nil {
				return err
			}
		}
		if sheets, err = visibleSheets(a.Tx, a.org, by, month); err != nil {
			return err
		}
		sheets = slices.DeleteFunc(sheets, func(s Sheet) bool {
			return len(users) > 0 && !slices.Contains(users, s.User.ID)
		})
		a.Tx.Answer(web.List[Sheet]{Items: sheets})
		return nil
	})
	return sheets, err
}

// keep stores what differs from the last calculation, or everything when it closes
// the month, and returns the user.
func (a *act) keep(month Month, list []calculation, closes bool) (users []int64, err error) {
	last, err := lastResults(a.Tx, month)
	if err != nil {
		return nil, err
	}
	for _, c := range list {
		row := resultRow{UserID: c.user, Revision: 1, At: store.Millis(a.Tx.Now()), ByID: a.User.ID, Closes: closes,
			Content: string(journal.Details(c.kept))}
		if at := slices.IndexFunc(last, func(r resultRow) bool { return r.UserID == c.user }); at >= 0 {
			if last[at].Content == row.Content && !closes {
				continue
			}
			row.Revision = last[at].Revision + 1
		}
		if err := insertResult(a.Tx, month, row); err != nil {
			return nil, err
		}
		users = append(users, c.user)
	}
	return users, nil
}

// Close closes a month for good. Conflicts: month_closed, month_not_over (also for
// the minute after it, in which the journal may still get entries of it), and
// facts_missing, which names the user and indicator of each.
func (l *Ledger) Close(ctx context.Context, by int64, month Month) (state MonthState, err error) {
	err = l.write(ctx, by, month.turn(), func(a *act) error {
		if err := a.needAdmin(); err != nil {
			return err
		}
		if err := a.open(month); err != nil {
			return err
		}
		list, err := reckonIn(a.Tx, month)
		if err != nil {
			return err
		}
		if err := a.over(month, list); err != nil {
			return err
		}
		if missing := missingFacts(list); len(missing) > 0 {
			return fault.Conflict("facts_missing").With("facts", missing)
		}
		if _, err := a.keep(month, list, true); err != nil {
			return err
		}
		if err := insertMonth(a.Tx, month, by); err != nil {
			return err
		}
		details := map[string]any{"month": month}
		if err := a.record(MonthClosed, journal.Ref{Kind: "kpi_month"}, details); err != nil {
			return err
		}
		months, err := monthsIn(a.Tx, a.org)
		at := slices.IndexFunc(months, func(m MonthState) bool { return m.Month == month })
		if err != nil || at < 0 {
			return err
		}
		state = months[at]
		a.Tx.Answer(state)
		return nil
	})
	return state, err
}

// over refuses a month that is not over everywhere that it is reckoned.
func (a *act) over(month Month, list []calculation) error {
	zones := []string{"UTC"}
	for _, c := range list {
		zones = append(zones, c.Zone)
	}
	for _, name := range zones {
		zone, err := time.LoadLocation(name)
		if err != nil {
			return err
		}
		if _, till := month.span(zone); a.Tx.Now().Before(till.Add(journal.LongAgo)) {
			return fault.Conflict("month_not_over")
		}
	}
	return nil
}

// MissingFact is a fact that no one has entered.
type MissingFact struct {
	User      int64  `json:"user"`
	Indicator string `json:"indicator"`
}

func missingFacts(list []calculation) (missing []MissingFact) {
	for _, c := range list {
		for _, line := range c.Lines {
			if line.Fact == nil {
				missing = append(missing, MissingFact{c.user, line.Code})
			}
		}
	}
	return missing
}
