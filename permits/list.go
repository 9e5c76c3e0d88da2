package permits

import (
	"context"
	"math"
	"slices"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/web"
	"callhue/staff"
)

// PermitFilter chooses permits; empty fields do not choose.
type PermitFilter struct {
	AgentID   int64 `query:"agent_id" json:"-"`
	CompanyID int64 `query:"company_id" json:"-"`
	Active    bool  `query:"active" json:"-" doc:"Only those that count now."`
	web.Paging
}

// AskFilter chooses asks; empty fields do not choose.
type AskFilter struct {
	State     AskState `query:"state" json:"-"`
	Kind      AskKind  `query:"kind" json:"-"`
	CompanyID int64    `query:"company_id" json:"-"`
	Mine      bool     `query:"mine" json:"-" doc:"Only those that the user asked himself."`
	web.Paging
}

// AskCount is how many asks wait for a user's decision.
type AskCount struct {
	Open int `json:"open"`
}

// place is where a page ended: lists go from the newest to the oldest.
type place struct {
	ID int64 `json:"id"`
}

// reader is who looks at a list, and what he is to others at that moment.
type reader struct {
	tx    *store.Tx
	org   *staff.Org
	id    int64
	admin bool
	leads bool // he heads someone
}

func (b *Registry) reader(ctx context.Context, user *access.User) (reader, error) {
	org, err := b.roster.Org(ctx)
	if err != nil {
		return reader{}, err
	}
	return reader{b.db.Read(ctx), org, user.ID, org.IsAdmin(user.ID), len(org.TeamsOf(user.ID)) > 0}, nil
}

// Permits lists permits, the newest first: those of the user and those that he
// gave; to a head also those of his people and of their companies; all to an admin.
func (b *Registry) Permits(ctx context.Context, user *access.User, f PermitFilter) (page web.List[Permit], err error) {
	r, err := b.reader(ctx, user)
	if err != nil {
		return page, err
	}
	var c choice
	c.and(f.AgentID != 0, "agent_id = ?", f.AgentID)
	c.and(f.CompanyID != 0, "company_id = ?", f.CompanyID)
	c.and(f.Active, "ended_at = 0")
	c.and(!r.admin && !r.leads, "(agent_id = ? OR by_id = ?)", r.id, r.id)
	return walk(f.Paging, permitsBelowIn(r.tx, c), func(rows []*permitRow) ([]Permit, error) {
		briefs, err := crm.FindBriefs(r.tx, companiesOf(rows, nil))
		if err != nil {
			return nil, err
		}
		var list []Permit
		for _, row := range rows {
			company := briefs[row.CompanyID]
			_, ending := row.ending(company, r.tx.Now())
			if r.sees(row) && !(f.Active && ending) {
				list = append(list, row.permit(r.org, company.Name))
			}
		}
		return list, nil
	}, func(p Permit) int64 { return p.ID })
}

func (r reader) sees(row *permitRow) bool {
	return r.admin || row.AgentID == r.id || row.ByID == r.id || r.org.IsHeadOf(r.id, row.AgentID) || r.org.IsHeadOf(r.id, row.OwnerID)
}

// Asks lists asks, the newest first: those of the user, and those that he may
// decide, or could have.
func (b *Registry) Asks(ctx context.Context, user *access.User, f AskFilter) (page web.List[Ask], err error) {
	if err := f.check(); err != nil {
		return page, err
	}
	r, err := b.reader(ctx, user)
	if err != nil {
		return page, err
	}
	return walk(f.Paging, asksBelowIn(r.tx, r.chosen(f)), r.asks, func(a Ask) int64 { return a.ID })
}

func (f AskFilter) check() error {
	var wrong *fault.Error
	if f.State != "" && !slices.Contains(f.State.Values(), string(f.State)) {
		wrong = wrong.And("state", "unknown_value")
	}
	if f.Kind != "" && !slices.Contains(f.Kind.Values(), string(f.Kind)) {
		wrong = wrong.And("kind", "unknown_value")
	}
	return wrong.OrNil()
}

func (r reader) chosen(f AskFilter) (c choice) {
	c.and(f.State != "", "state = ?", string(f.State))
	c.and(f.Kind != "", "kind = ?", string(f.Kind))
	c.and(f.CompanyID != 0, "company_id = ?", f.CompanyID)
	c.and(f.Mine || !r.admin && !r.leads, "agent_id = ?", r.id)
	return c
}

// asks returns those of some rows that the reader may see.
func (r reader) asks(rows []*askRow) ([]Ask, error) {
	briefs, err := crm.FindBriefs(r.tx, companiesOf(nil, rows))
	if err != nil {
		return nil, err
	}
	var list []Ask
	for _, row := range rows {
		company := briefs[row.CompanyID]
		if row.AgentID == r.id || row.mayDecide(r.org, company, r.id) {
			list = append(list, row.ask(r.org, company, r.id))
		}
	}
	return list, nil
}

// CountAsks counts the open asks that the user may decide.
func (b *Registry) CountAsks(ctx context.Context, user *access.User) (AskCount, error) {
	r, err := b.reader(ctx, user)
	if err != nil || !r.admin && !r.leads {
		return AskCount{}, err
	}
	rows, err := allOpen(r.tx)
	if err != nil {
		return AskCount{}, err
	}
	list, err := r.asks(rows)
	n := 0
	for _, a := range list {
		if a.MayDecide {
			n++
		}
	}
	return AskCount{n}, err
}

// FindAsk returns one ask to who may see it; to others it is missing.
func (b *Registry) FindAsk(ctx context.Context, user *access.User, id int64) (Ask, error) {
	r, err := b.reader(ctx, user)
	if err != nil {
		return Ask{}, err
	}
	row, err := askByID(r.tx, id)
	if err != nil {
		return Ask{}, err
	}
	list, err := r.asks([]*askRow{row})
	if err == nil && len(list) == 0 {
		err = fault.Missing("ask")
	}
	if err != nil {
		return Ask{}, err
	}
	return list[0], nil
}

// walk gathers a page from below a place. Who may see a row depends on the tree of
// departments as it is now, so that is asked row by row and not in SQL.
func walk[Row, Out any](p web.Paging, below func(id int64, limit int) ([]Row, int64, error), show func([]Row) ([]Out, error), idOf func(Out) int64) (web.List[Out], error) {
	const part = 500
	after := place{math.MaxInt64}
	if err := p.After(&after); err != nil {
		return web.List[Out]{}, err
	}
	var list []Out
	for id := after.ID; len(list) <= p.Size(); {
		rows, last, err := below(id, part)
		if err != nil {
			return web.List[Out]{}, err
		}
		seen, err := show(rows)
		if err != nil {
			return web.List[Out]{}, err
		}
		list = append(list, seen...)
		if len(rows) < part {
			break
		}
		id = last
	}
	return web.Page(list[:min(len(list), p.Size()+1)], p.Size(), func(last Out) any { return place{idOf(last)} }), nil
}
