package proposals

import (
	"context"
	"slices"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/paging"
	"callhue/internal/store"
	"callhue/internal/web"
)

// Filter chooses changes.
type Filter struct {
	State State `query:"state" json:"-"`
	web.Paging
}

// Count is the number of changes that wait for the user's decision.
type Count struct {
	Open int `json:"open"`
}

// List returns a page of changes, the newest first: all to an administrator, to others their own.
func (r *Registry) List(ctx context.Context, user *access.User, f Filter) (page web.List[Change], err error) {
	if f.State != "" && !slices.Contains(f.State.Values(), string(f.State)) {
		return page, fault.Invalid("state", "unknown_value")
	}
	tx := r.db.Read(ctx)
	as, err := r.readerIn(tx, user)
	if err != nil {
		return page, err
	}
	where := inState(f.State, store.MomentOf(as.now)).And(as.visible())
	rows, err := changes.Page(tx, where, store.By("id").Descending(), f.Paging)
	if err != nil {
		return page, err
	}
	return paging.Map(rows, func(row *changeRow) Change { return row.change(as) }), nil
}

// Find returns one change to a user who may see it; to others it is missing.
func (r *Registry) Find(ctx context.Context, user *access.User, id int64) (Change, error) {
	tx := r.db.Read(ctx)
	as, err := r.readerIn(tx, user)
	if err != nil {
		return Change{}, err
	}
	row, err := changes.First(tx, store.Equal("id", id).And(as.visible()))
	if err != nil {
		return Change{}, err
	}
	if row == nil {
		return Change{}, fault.Missing("change")
	}
	return row.change(as), nil
}

// CountOpen counts the changes that wait for the user's decision.
func (r *Registry) CountOpen(ctx context.Context, user *access.User) (Count, error) {
	tx := r.db.Read(ctx)
	as, err := r.readerIn(tx, user)
	if err != nil || !as.admin {
		return Count{}, err
	}
	where := open(store.MomentOf(as.now))
	if !as.only {
		where = where.And(store.NotEqual("proposed_by", user.ID))
	}
	n, err := changes.Count(tx, where)
	return Count{int(n)}, err
}

// visible holds for the changes that the reader sees.
func (as reader) visible() store.Where {
	if as.admin {
		return store.Where{}
	}
	return store.Equal("proposed_by", as.user.ID)
}
