package crm

import (
	"context"

	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/web"
	"callhue/rules"
	"callhue/staff"
)

// MergeInfo is a merge of the last 30 days.
type MergeInfo struct {
	ID        int64         `json:"id"`
	Kind      rules.Kind    `json:"kind"` // company or contact
	Into      Named         `json:"into"`
	From      []Named       `json:"from"`
	At        store.Moment  `json:"at"`
	By        *staff.Person `json:"by"` // null: the command line
	UndoUntil store.Moment  `json:"undo_until"`
	UndoneAt  store.Moment  `json:"undone_at" null:"it was not undone"`
	UndoneBy  *staff.Person `json:"undone_by"`
}

// MergeFilter chooses merges; empty fields do not choose.
type MergeFilter struct {
	Kind string `query:"kind" json:"-"` // company or contact
	ID   int64  `query:"id" json:"-"`   // the record that stayed
	web.Paging
}

// ListMerges returns a page of the merges that can be undone or were, the newest first.
func (b *Records) ListMerges(ctx context.Context, f MergeFilter) (page web.List[MergeInfo], err error) {
	where := store.AtLeast("at", store.MomentOf(b.db.Clock().Add(-undoDays))).And(store.Given("into_id", f.ID))
	if f.Kind != "" {
		kind, err := KindOf(f.Kind)
		if err != nil || kind == KindLead {
			return page, fault.Invalid("kind", "unknown_value")
		}
		where = where.And(store.Equal("kind", int64(kind)))
	}
	v, err := b.reading(ctx)
	if err != nil {
		return page, err
	}
	rows, err := mergeOperations.Page(v.tx, where, store.By("id").Descending(), f.Paging)
	if err != nil {
		return page, err
	}
	page.NextPageToken = rows.NextPageToken
	page.Items, err = v.mergeInfos(rows.Items)
	return page, err
}

func (v view) mergeInfos(rows []*mergeOperation) ([]MergeInfo, error) {
	names := map[Kind]map[int64]string{}
	for _, kind := range []Kind{KindCompany, KindContact} {
		var ids []int64
		for _, op := range rows {
			if op.Kind == kind {
				ids = append(append(ids, op.IntoID), idsIn(op.FromIDs)...)
			}
		}
		var err error
		if names[kind], err = namesOfRecords(v.tx, kind, ids); err != nil {
			return nil, err
		}
	}
	list := []MergeInfo{}
	for _, op := range rows {
		info := MergeInfo{ID: op.ID, Kind: rules.Kind(op.Kind.String()),
			Into: Named{op.IntoID, names[op.Kind][op.IntoID]}, From: []Named{}, At: op.At,
			By: v.person(op.ByID), UndoUntil: store.MomentOf(op.At.Time().Add(undoDays)),
			UndoneAt: op.UndoneAt}
		if op.UndoneAt != 0 {
			info.UndoneBy = v.person(op.UndoneBy)
		}
		for _, id := range idsIn(op.FromIDs) {
			info.From = append(info.From, Named{id, names[op.Kind][id]})
		}
		list = append(list, info)
	}
	return list, nil
}
