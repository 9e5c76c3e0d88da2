package permits

import (
	"context"
	"slices"
	"time"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/paging"
	"callhue/internal/store"
	"callhue/internal/web"
	"callhue/staff"
)

// PermitFilter chooses permits; empty fields do not choose.
type PermitFilter struct {
	AgentID   int64 `query:"agent_id" json:"-"`
	CompanyID int64 `query:"company_id" json:"-"`
	Active    bool  `query:"active" json:"-" doc:"Only permits in force now."`
	web.Paging
}

// AskFilter chooses requests; empty fields do not choose.
type AskFilter struct {
	State     AskState `query:"state" json:"-"`
	Decided   bool     `query:"decided" json:"-" doc:"Only requests that are not open any more."`
	Kind      AskKind  `query:"kind" json:"-"`
	CompanyID int64    `query:"company_id" json:"-"`
	Mine      bool     `query:"mine" json:"-" doc:"Only the user's own requests."`
	web.Paging
}

// AskCount is the number of requests that wait for a user's decision.
type AskCount struct {
	Open int `json:"open"`
}

// reader is the user who reads a list, and what they are in the organisation at that moment.
type reader struct {
	tx    *store.Tx
	org   *staff.Org
	id    int64
	admin bool
	now   time.Time
	seats []staff.Seat // where they decide as head
}

func (b *Registry) reader(ctx context.Context, user *access.User) (reader, error) {
	org, err := b.roster.Org(ctx)
	if err != nil {
		return reader{}, err
	}
	now := b.db.Clock().UTC()
	return reader{b.db.Read(ctx), org, user.ID, org.IsAdmin(user.ID), now, org.SeatsOf(user.ID, now)}, nil
}

// Permits returns a page of permits, the newest first: the user's own and those that they granted; to a head also those
// of their people and of the companies of these; all to an admin.
func (b *Registry) Permits(ctx context.Context, user *access.User, f PermitFilter) (page web.List[Permit], err error) {
	r, err := b.reader(ctx, user)
	if err != nil {
		return page, err
	}
	where := f.condition(store.MomentOf(r.tx.Now())).And(r.permits())
	rows, err := permits.Page(r.tx, where, newestFirst(), f.Paging)
	if err != nil {
		return page, err
	}
	briefs, err := crm.FindBriefs(r.tx, companiesOf(rows.Items, nil))
	if err != nil {
		return page, err
	}
	show := func(row *permitRow) Permit { return row.permit(r.org, briefs[row.CompanyID].Name) }
	return paging.Map(rows, show), nil
}

// Asks returns a page of requests, the newest first: the user's own, and those that they may decide, or could have.
func (b *Registry) Asks(ctx context.Context, user *access.User, f AskFilter) (page web.List[Ask], err error) {
	if err := f.check(); err != nil {
		return page, err
	}
	r, err := b.reader(ctx, user)
	if err != nil {
		return page, err
	}
	rows, err := asks.Page(r.tx, f.condition(r.id).And(r.asks()), newestFirst(), f.Paging)
	if err != nil {
		return page, err
	}
	briefs, err := crm.FindBriefs(r.tx, companiesOf(nil, rows.Items))
	if err != nil {
		return page, err
	}
	show := func(row *askRow) Ask { return row.ask(r.org, briefs[row.CompanyID], r.id, r.now) }
	return paging.Map(rows, show), nil
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

// CountAsks counts the open requests that the user may decide.
func (b *Registry) CountAsks(ctx context.Context, user *access.User) (AskCount, error) {
	r, err := b.reader(ctx, user)
	if err != nil || !r.admin && len(r.seats) == 0 {
		return AskCount{}, err
	}
	n, err := asks.Count(r.tx, open().And(r.decidable()))
	return AskCount{int(n)}, err
}

// FindAsk returns one request to a user who may see it; to others it is missing.
func (b *Registry) FindAsk(ctx context.Context, user *access.User, id int64) (Ask, error) {
	r, err := b.reader(ctx, user)
	if err != nil {
		return Ask{}, err
	}
	row, err := asks.Find(r.tx, id)
	if err != nil {
		return Ask{}, err
	}
	briefs, err := crm.FindBriefs(r.tx, []int64{row.CompanyID})
	if err != nil {
		return Ask{}, err
	}
	company := briefs[row.CompanyID]
	if row.AgentID != r.id && !row.mayDecide(r.org, company, r.id, r.now) {
		return Ask{}, fault.Missing("ask")
	}
	return row.ask(r.org, company, r.id, r.now), nil
}
