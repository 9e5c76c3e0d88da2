package crm

import (
	"context"
	"fmt"
	"slices"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/web"
	"callhue/journal"
	"callhue/staff"
)

// RecordRef names a record of any kind.
type RecordRef struct {
	Kind string `json:"kind"` // company, contact or lead
	ID   int64  `json:"id"`
}

// NewNotDuplicates names records of which no two are one and the same.
type NewNotDuplicates struct {
	Records []RecordRef `json:"records"`
	Reason  string      `json:"reason,omitempty"` // for the journal
}

// NotDuplicates is a pair of records that a person has called no duplicates.
type NotDuplicates struct {
	ID      int64         `json:"id"`
	Records []RecordRef   `json:"records"` // two
	At      store.Moment  `json:"at"`
	By      *staff.Person `json:"by"` // null: the command line
}

// notDuplicatesRow is a pair as it is stored, the lower kind and id first.
type notDuplicatesRow struct {
	ID        int64        `db:"id"`
	Kind      Kind         `db:"kind"`
	RecordID  int64        `db:"record_id"`
	OtherKind Kind         `db:"other_kind"`
	OtherID   int64        `db:"other_id"`
	At        store.Moment `db:"at"`
	ByID      int64        `db:"by_id"`
}

var notDuplicates = store.NewTable[notDuplicatesRow]("not_duplicates", "not_duplicates")

func (r notDuplicatesRow) pair() recordPair {
	return recordPair{recordKey{r.Kind, r.RecordID}, recordKey{r.OtherKind, r.OtherID}}
}

func (r notDuplicatesRow) refs() []RecordRef {
	return []RecordRef{{r.Kind.String(), r.RecordID}, {r.OtherKind.String(), r.OtherID}}
}

// AddNotDuplicates remembers that no two of some records are one and the same. They are proposed no more as
// duplicates of each other. Faults: records (required, too_many, unknown), reason.
func (b *Records) AddNotDuplicates(ctx context.Context, by *access.User, in NewNotDuplicates) (web.Nothing, error) {
	return web.Nothing{}, b.write(ctx, by, func(a *act) error {
		records, err := a.lockRefs(in.Records)
		if err != nil {
			return err
		}
		reason := a.Text("reason", in.Reason, maxReason)
		if err := a.check(); err != nil {
			return err
		}
		for i, one := range records {
			for _, other := range records[:i] {
				pair := pairOf(one, other)
				if err := removePair(a.Tx, pair); err != nil {
					return err
				}
				row := &notDuplicatesRow{Kind: pair.a.kind, RecordID: pair.a.id, OtherKind: pair.b.kind,
					OtherID: pair.b.id, At: store.MomentOf(a.Tx.Now()), ByID: by.ID}
				if err := notDuplicates.Insert(a.Tx, row); err != nil {
					return err
				}
			}
		}
		a.Tx.Answer(nil)
		return a.recordPairs(DuplicatesDismissed, records, reason)
	})
}

// lockRefs locks records of any kind, kind by kind as every write does, and returns them in order.
func (a *act) lockRefs(refs []RecordRef) (records []recordKey, err error) {
	for i, ref := range refs {
		kind, err := KindOf(ref.Kind)
		if err != nil {
			a.Invalid(fmt.Sprintf("records.%d.kind", i), "unknown_value")
			continue
		}
		records = append(records, recordKey{kind, ref.ID})
	}
	slices.SortFunc(records, recordKey.compare)
	records = slices.Compact(records)
	switch {
	case a.Wrong != nil:
		return nil, a.check()
	case len(records) < 2:
		return nil, fault.Invalid("records", "required")
	case len(records) > maxMerge:
		return nil, fault.Invalid("records", "too_many")
	}
	for _, kind := range []Kind{KindCompany, KindContact, KindLead} {
		var ids []int64
		for _, r := range records {
			if r.kind == kind {
				ids = append(ids, r.id)
			}
		}
		if err := a.lockAll("records", kind, ids); err != nil {
			return nil, err
		}
	}
	return records, nil
}

// RemoveNotDuplicates forgets a pair: its records may be proposed as duplicates again. Fault: not_found.
func (b *Records) RemoveNotDuplicates(ctx context.Context, by *access.User, id int64) error {
	return b.write(ctx, by, func(a *act) error {
		a.Tx.Answer(nil)
		row, err := notDuplicates.Take(a.Tx, id)
		if err != nil {
			return err
		}
		return a.recordPairs(DuplicatesRestored, []recordKey{row.pair().a, row.pair().b}, "")
	})
}

// ListNotDuplicates returns a page of the pairs, the newest first.
func (b *Records) ListNotDuplicates(ctx context.Context, p web.Paging) (page web.List[NotDuplicates], err error) {
	org, err := b.roster.Org(ctx)
	if err != nil {
		return page, err
	}
	rows, err := notDuplicates.Page(b.db.Read(ctx), store.Where{}, store.By("id").Descending(), p)
	if err != nil {
		return page, err
	}
	page.NextPageToken, page.Items = rows.NextPageToken, []NotDuplicates{}
	for _, r := range rows.Items {
		page.Items = append(page.Items, NotDuplicates{r.ID, r.refs(), r.At, org.User(r.ByID).Person()})
	}
	return page, nil
}

// recordPairs records that records are, or are not, called duplicates, and has their groups looked at again.
func (a *act) recordPairs(verb journal.Verb, records []recordKey, reason string) error {
	refs := make([]RecordRef, len(records))
	for i, r := range records {
		refs[i] = RecordRef{r.kind.String(), r.id}
		if err := markChanged(a.Tx, r.kind, r.id); err != nil {
			return err
		}
	}
	subject := journal.Ref{Kind: refs[0].Kind, ID: refs[0].ID}
	return a.Record(journal.Entry{Verb: verb, Subject: subject, Client: subject},
		map[string]any{"records": refs, "reason": reason})
}
