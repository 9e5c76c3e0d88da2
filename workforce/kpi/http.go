package kpi

import (
	"context"
	"iter"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/web"
)

// Routes returns the routes of indicators and months.
func (l *Ledger) Routes() []web.Route {
	const profiles, profile = "/api/v1/kpi/profiles", "/api/v1/kpi/profiles/:id"
	const months, month, sheet = "/api/v1/kpi/months", "/api/v1/kpi/months/:month", "/api/v1/kpi/months/:month/users/:user"
	return []web.Route{
		{Method: "GET", Path: profiles, Roles: access.Heads,
			Summary: "List KPI profiles by name with their users; to a head those of their departments",
			Do:      web.Do(l.getProfiles)},
		{Method: "POST", Path: profiles, Roles: access.Admins, Summary: "Add a KPI profile; its weights sum to 100",
			Status: 201, Do: web.Do(l.postProfile)},
		{Method: "GET", Path: profile, Roles: access.Heads, Summary: "Get a KPI profile",
			Do: web.Do(func(r *web.Request, in oneProfile) (Profile, error) {
				return l.Profile(r.Context(), r.User.ID, in.ID)
			})},
		{Method: "PUT", Path: profile, Roles: access.Admins,
			Summary: "Add a version of a KPI profile; omitted fields and closed months stay", Do: web.Do(l.putProfile)},
		{Method: "DELETE", Path: profile, Roles: access.Admins, Summary: "Remove a KPI profile that is not assigned",
			Do: web.Do(l.deleteProfile)},
		{Method: "GET", Path: profile + "/versions", Roles: access.Heads,
			Summary: "List profile versions, newest first", Do: web.Do(l.getVersions)},
		{Method: "PUT", Path: profile + "/users/:user", Roles: access.Admins,
			Summary: "Assign a KPI profile to a user, with their own base or the profile's", Do: web.Do(l.putHolder)},
		{Method: "DELETE", Path: profile + "/users/:user", Roles: access.Admins, Summary: "Unassign a KPI profile",
			Do: web.Do(l.deleteHolder)},

		{Method: "GET", Path: months, Roles: access.Staff,
			Summary: "List KPI months with data, newest first, and whether they are closed", Do: web.Do(l.getMonths)},
		{Method: "GET", Path: month, Slow: true, Roles: access.Staff,
			Summary: "List the scores and bonuses of a KPI month: your own, and those of your departments",
			Do:      web.DoSheet(l.getSheets, l.sheetsFile)},
		{Method: "POST", Path: month + "/calculate", Roles: access.Heads,
			Summary: "Save a calculation of an open KPI month, with its terms and facts", Do: web.Do(l.postCalculate)},
		{Method: "POST", Path: month + "/close", Roles: access.Admins, Summary: "Close a past KPI month for good",
			Do: web.Do(l.postClose)},
		{Method: "GET", Path: sheet, Roles: access.Staff,
			Summary: "Get a user's KPI month: indicators, facts, score and bonus", Do: web.Do(l.getSheet)},
		{Method: "GET", Path: sheet + "/revisions", Roles: access.Staff,
			Summary: "List the saved calculations of a user's KPI month, newest first", Do: web.Do(l.getRevisions)},
		{Method: "PUT", Path: sheet + "/facts/:indicator", Roles: access.Heads, Summary: "Enter a manual KPI value",
			Do: web.Do(l.putFact)},
	}
}

func (l *Ledger) getProfiles(r *web.Request, _ web.Nothing) (web.List[Profile], error) {
	list, err := l.Profiles(r.Context(), r.User.ID)
	return web.List[Profile]{Items: list}, err
}

func (l *Ledger) postProfile(r *web.Request, in Terms) (Profile, error) {
	return l.AddProfile(r.Context(), r.User.ID, in)
}

// oneProfile names a profile in the path.
type oneProfile struct {
	ID int64 `path:"id" json:"-"`
}

type putProfile struct {
	oneProfile
	ProfileDraft
}

func (l *Ledger) putProfile(r *web.Request, in putProfile) (Profile, error) {
	return l.ChangeProfile(r.Context(), r.User.ID, in.ID, in.ProfileDraft)
}

func (l *Ledger) deleteProfile(r *web.Request, in oneProfile) (web.Nothing, error) {
	return web.Nothing{}, l.RemoveProfile(r.Context(), r.User.ID, in.ID)
}

func (l *Ledger) getVersions(r *web.Request, in oneProfile) (web.List[ProfileVersion], error) {
	list, err := l.Versions(r.Context(), r.User.ID, in.ID)
	return web.List[ProfileVersion]{Items: list}, err
}

type oneHolder struct {
	oneProfile
	User int64 `path:"user" json:"-"`
}

type putHolderIn struct {
	oneHolder
	Base *int64 `json:"base"`
}

func (l *Ledger) putHolder(r *web.Request, in putHolderIn) (Profile, error) {
	return l.Assign(r.Context(), r.User.ID, in.ID, in.User, in.Base)
}

func (l *Ledger) deleteHolder(r *web.Request, in oneHolder) (web.Nothing, error) {
	return web.Nothing{}, l.Unassign(r.Context(), r.User.ID, in.ID, in.User)
}

// ---- months

func (l *Ledger) getMonths(r *web.Request, _ web.Nothing) (web.List[MonthState], error) {
	list, err := l.Months(r.Context())
	return web.List[MonthState]{Items: list}, err
}

// oneMonth names a month in the path.
type oneMonth struct {
	Month string `path:"month" json:"-"`
}

func (in oneMonth) month() (Month, error) {
	m, ok := monthOf(in.Month)
	if !ok {
		return "", fault.Missing("month")
	}
	return m, nil
}

type listSheets struct {
	oneMonth
	web.Paging
	web.Sheet
}

type sheetPlace struct {
	User int64 `json:"u"`
}

func (l *Ledger) getSheets(r *web.Request, in listSheets) (page web.List[Sheet], err error) {
	var after sheetPlace
	if err := in.After(&after); err != nil {
		return page, err
	}
	list, err := l.sheets(r.Context(), r.User.ID, in)
	if err != nil {
		return page, err
	}
	for i, s := range list {
		if s.User.ID == after.User {
			list = list[i+1:]
			break
		}
	}
	return web.Page(list, in.Size(), func(last Sheet) any { return sheetPlace{last.User.ID} }), nil
}

func (l *Ledger) sheets(ctx context.Context, by int64, in listSheets) ([]Sheet, error) {
	month, err := in.month()
	if err != nil {
		return nil, err
	}
	return l.Sheets(ctx, by, month)
}

func (l *Ledger) sheetsFile(r *web.Request, in listSheets) (web.CSV, error) {
	list, err := l.sheets(r.Context(), r.User.ID, in)
	return web.CSV{Name: "kpi-" + in.Month, Header: []string{"month", "user_id", "user", "profile", "profile_version",
		"score", "pay", "base", "bonus", "closed", "revision"}, Rows: func(context.Context) iter.Seq2[[]any, error] {
		return func(yield func([]any, error) bool) {
			for _, s := range list {
				row := []any{s.Month, s.User.ID, s.User.Name, s.Profile.Name, s.Profile.Version, s.Score.String(),
					s.Pay.String(), s.Base, s.Bonus, s.Closed, s.Revision}
				if !yield(row, nil) {
					return
				}
			}
		}
	}}, err
}

type calculateIn struct {
	oneMonth
	UserIDs []int64 `json:"user_ids,omitempty"`
}

func (l *Ledger) postCalculate(r *web.Request, in calculateIn) (web.List[Sheet], error) {
	month, err := in.month()
	if err != nil {
		return web.List[Sheet]{}, err
	}
	list, err := l.Calculate(r.Context(), r.User.ID, month, in.UserIDs)
	return web.List[Sheet]{Items: list}, err
}

func (l *Ledger) postClose(r *web.Request, in oneMonth) (MonthState, error) {
	month, err := in.month()
	if err != nil {
		return MonthState{}, err
	}
	return l.Close(r.Context(), r.User.ID, month)
}

type oneSheet struct {
	oneMonth
	User int64 `path:"user" json:"-"`
}

type getSheetIn struct {
	oneSheet
	Revision int64 `query:"revision" json:"-" doc:"A calculation that was kept; without it the month as it stands."`
}

func (l *Ledger) getSheet(r *web.Request, in getSheetIn) (Sheet, error) {
	month, err := in.month()
	if err != nil {
		return Sheet{}, err
	}
	return l.Sheet(r.Context(), r.User.ID, month, in.User, in.Revision)
}

func (l *Ledger) getRevisions(r *web.Request, in oneSheet) (web.List[Sheet], error) {
	month, err := in.month()
	if err != nil {
		return web.List[Sheet]{}, err
	}
	list, err := l.Revisions(r.Context(), r.User.ID, month, in.User)
	return web.List[Sheet]{Items: list}, err
}

type factIn struct {
	oneSheet
	Indicator string   `path:"indicator" json:"-"`
	Fact      *Decimal `json:"fact"`
	Version   int64    `json:"version"` // of the fact before; 0 when there is none
}

func (l *Ledger) putFact(r *web.Request, in factIn) (Sheet, error) {
	month, err := in.month()
	if err != nil {
		return Sheet{}, err
	}
	if in.Fact == nil {
		return Sheet{}, fault.Invalid("fact", "required")
	}
	return l.EnterFact(r.Context(), r.User.ID, month, in.User, in.Indicator, *in.Fact, in.Version)
}
