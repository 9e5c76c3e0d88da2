package crm

import (
	"context"
	"fmt"
	"slices"
	"time"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/web"
	"callhue/journal"
	"callhue/phone"
	"callhue/staff"
)

// DoNotCall is an entry of the do-not-call list: a number that its owner, or the
// law, does not want called. It is about the number, whatever records have it.
type DoNotCall struct {
	ID     int64      `json:"id"`
	Number string     `json:"number"` // E.164
	Reason string     `json:"reason"`
	Since  time.Time  `json:"since"`
	Till   *time.Time `json:"until"` // null: for good
	By     *Person    `json:"by"`    // null: the command line
}

// NewDoNotCall is what an entry is made from.
type NewDoNotCall struct {
	Number string     `json:"number"` // in any spelling
	Reason string     `json:"reason"`
	Till   *time.Time `json:"until,omitempty"` // for good when left out
}

// DoNotCallFilter chooses entries of the list; an empty field does not choose.
type DoNotCallFilter struct {
	Q string `query:"q" json:"-"` // part of the number or the reason
	web.Paging
}

// Listed is an entry of the do-not-call list as a lookup finds it. Times are ms.
type Listed struct {
	Reason string
	Since  int64
	Till   int64 // 0: for good
}

// At gives the entry while it holds, and nil before and after.
func (l *Listed) At(now time.Time) *Listed {
	if l == nil || l.Till != 0 && store.Millis(now) >= l.Till {
		return nil
	}
	return l
}

// AddDoNotCall puts a number on the list: heads and admins only. Faults: what is
// wrong with the fields; "do_not_call_forbidden", which the journal remembers;
// the conflict "number_listed". An entry whose time is over makes room.
func (b *Records) AddDoNotCall(ctx context.Context, by *access.User, in NewDoNotCall) (added DoNotCall, err error) {
	err = b.write(ctx, by, func(a *act) error {
		reason := a.Required("reason", in.Reason, maxReason)
		n := a.plan.Parse(in.Number)
		if n.Kind != phone.External {
			a.Invalid("number", "invalid_number")
		}
		row := doNotCallRow{Key: n.Key(), Reason: reason, SinceAt: a.now(), ByID: by.ID}
		if in.Till != nil {
			if row.TillAt = store.Millis(*in.Till); row.TillAt <= row.SinceAt {
				a.Invalid("until", "out_of_range")
			}
		}
		if err := a.check(); err != nil {
			return err
		}
		row.Search = store.Fold(fmt.Sprint(reason, " ", row.Key))
		if err := endOver(a.Tx, row.Key, row.SinceAt); err != nil {
			return err
		}
		org, err := a.mayList(row, "add")
		if err != nil {
			return err
		}
		id, fresh, err := insertDoNotCall(a.Tx, row)
		if err != nil {
			return err
		}
		if row.ID = id; !fresh {
			return fault.Conflict("number_listed")
		}
		added = view{org: org}.doNotCall(row)
		a.Tx.Answer(added)
		return a.noteDoNotCall(DoNotCallAdded, row)
	})
	return added, err
}

// RemoveDoNotCall takes an entry off the list: heads and admins only. Faults:
// not_found, and "do_not_call_forbidden", which the journal remembers.
func (b *Records) RemoveDoNotCall(ctx context.Context, by *access.User, id int64) error {
	return b.write(ctx, by, func(a *act) error {
		a.Tx.Answer(nil)
		row, err := doNotCallByID(a.Tx, id)
		if err != nil {
			return err
		}
		if _, err := a.mayList(row, "remove"); err != nil {
			return err
		}
		if err := removeDoNotCall(a.Tx, id); err != nil {
			return err
		}
		return a.noteDoNotCall(DoNotCallRemoved, row)
	})
}

// ListDoNotCall gives a page of the list, the newest entry first.
func (b *Records) ListDoNotCall(ctx context.Context, f DoNotCallFilter) (page web.List[DoNotCall], err error) {
	last := place{ID: 1<<63 - 1}
	if err := f.After(&last); err != nil {
		return page, err
	}
	org, err := b.roster.Org(ctx)
	if err != nil {
		return page, err
	}
	rows, err := doNotCallPage(b.db.Read(ctx), f.Q, last.ID, f.Size()+1)
	if err != nil {
		return page, err
	}
	cut := web.Page(rows, f.Size(), func(last doNotCallRow) any { return place{last.ID} })
	page = web.List[DoNotCall]{Items: make([]DoNotCall, len(cut.Items)), NextPageToken: cut.NextPageToken}
	for i, row := range cut.Items {
		page.Items[i] = view{org: org}.doNotCall(row)
	}
	return page, nil
}

// mayList asks whether the user of this write may change the list, with rights
// as they are inside the transaction: a supervisor, an admin, or whoever heads a
// department.
func (a *act) mayList(row doNotCallRow, action string) (*staff.Org, error) {
	org, err := a.org()
	if err != nil {
		return nil, err
	}
	u := org.User(a.User.ID)
	machine := a.User.ID == 0 && a.User.Has(access.Admin)
	if machine || u != nil && u.Active && (slices.ContainsFunc(u.Roles, isHeads) || len(org.TeamsOf(u.ID)) > 0) {
		return org, nil
	}
	const code = "do_not_call_forbidden"
	return nil, a.Refuse(fault.Forbidden(code), journal.Entry{Team: org.DepartmentOf(a.User.ID), Subject: row.ref()},
		map[string]any{"action": action, "number": row.number()})
}

func isHeads(role access.Role) bool { return slices.Contains(access.Heads, role) }

// noteDoNotCall writes into the journal that a number came to the list or left
// it; the lookup forgets what it knew of that number.
func (a *act) noteDoNotCall(verb journal.Verb, row doNotCallRow) error {
	org, err := a.org()
	if err != nil {
		return err
	}
	words := map[string]any{"numbers": []int64{row.Key}, "number": row.number(), "reason": row.Reason}
	if row.TillAt != 0 {
		words["until"] = store.Time(row.TillAt)
	}
	return a.Record(journal.Entry{Team: org.DepartmentOf(a.User.ID), Verb: verb, Subject: row.ref()}, words)
}

// doNotCallRow is an entry as it is stored.
type doNotCallRow struct {
	ID      int64  `db:"id"`
	Key     int64  `db:"number_key"`
	Reason  string `db:"reason"`
	Search  string `db:"search"`
	SinceAt int64  `db:"since_at"`
	TillAt  int64  `db:"till_at"`
	ByID    int64  `db:"by_id"`
}

func (r doNotCallRow) ref() journal.Ref { return journal.Ref{Kind: "do_not_call", ID: r.ID} }

func (r doNotCallRow) number() string {
	return phone.Number{Kind: phone.External, E164: r.Key}.String()
}

func (v view) doNotCall(r doNotCallRow) DoNotCall {
	entry := DoNotCall{ID: r.ID, Number: r.number(), Reason: r.Reason, Since: store.Time(r.SinceAt), By: v.person(r.ByID)}
	if r.TillAt != 0 {
		till := store.Time(r.TillAt)
		entry.Till = &till
	}
	return entry
}
