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

// DoNotCall is an entry of the do-not-call list: a number that its owner, or the law,
// does not want called. It is about the number, whatever records have it.
type DoNotCall struct {
	ID     int64         `json:"id" db:"id"`
	Key    int64         `json:"-" db:"number_key"`
	Number string        `json:"number"` // E.164
	Reason string        `json:"reason" db:"reason"`
	Search string        `json:"-" db:"search"`
	Since  store.Moment  `json:"since" db:"since_at"`
	Until  store.Moment  `json:"until" db:"till_at" null:"for good"`
	ByID   int64         `json:"-" db:"by_id"`
	By     *staff.Person `json:"by"` // null: the command line
}

// NewDoNotCall is what an entry is made from.
type NewDoNotCall struct {
	Number string       `json:"number"` // in any spelling
	Reason string       `json:"reason"`
	Until  store.Moment `json:"until,omitzero"` // for good when left out
}

// DoNotCallFilter chooses entries of the list; an empty field does not choose.
type DoNotCallFilter struct {
	Q string `query:"q" json:"-"` // part of the number or the reason
	web.Paging
}

// AddDoNotCall adds a number to the list: heads and admins only. Faults: invalid
// fields; "do_not_call_forbidden", which is recorded; the conflict
// "number_listed". An expired entry does not count.
func (b *Records) AddDoNotCall(ctx context.Context, by *access.User, in NewDoNotCall) (added *DoNotCall, err error) {
	err = b.write(ctx, by, func(a *act) error {
		n, now := a.plan.Parse(in.Number), store.MomentOf(a.Tx.Now())
		added = &DoNotCall{Key: n.Key(), Reason: a.Required("reason", in.Reason, maxReason), Since: now,
			Until: in.Until, ByID: by.ID}
		added.Search = store.Fold(fmt.Sprint(added.Reason, " ", added.Key))
		if n.Kind != phone.External {
			a.Invalid("number", "invalid_number")
		}
		if in.Until != 0 && in.Until <= now {
			a.Invalid("until", "out_of_range")
		}
		if err := a.Check(); err != nil {
			return err
		}
		if _, err := doNotCalls.RemoveAll(a.Tx, store.Equal("number_key", added.Key).And(overAt(now))); err != nil {
			return err
		}
		if err := a.mayList(added, "add"); err != nil {
			return err
		}
		if err := doNotCalls.Insert(a.Tx, added); err != nil {
			return err
		}
		a.Tx.Answer(added)
		return a.recordDoNotCall(DoNotCallAdded, added)
	})
	return added, err
}

// RemoveDoNotCall removes an entry from the list: heads and admins only. Faults:
// not_found, and "do_not_call_forbidden", which is recorded.
func (b *Records) RemoveDoNotCall(ctx context.Context, by *access.User, id int64) error {
	return b.write(ctx, by, func(a *act) error {
		a.Tx.Answer(nil)
		entry, err := doNotCalls.Find(a.Tx, id)
		if err != nil {
			return err
		}
		if err := a.mayList(entry, "remove"); err != nil {
			return err
		}
		if err := doNotCalls.Remove(a.Tx, id); err != nil {
			return err
		}
		return a.recordDoNotCall(DoNotCallRemoved, entry)
	})
}

// ListDoNotCall returns a page of the list, the newest entry first.
func (b *Records) ListDoNotCall(ctx context.Context, f DoNotCallFilter) (web.List[*DoNotCall], error) {
	page, err := doNotCalls.Page(b.db.Read(ctx), f.like(), store.By("id").Descending(), f.Paging)
	if err != nil {
		return page, err
	}
	org, err := b.roster.Org(ctx)
	for _, entry := range page.Items {
		view{org: org}.complete(entry)
	}
	return page, err
}

// mayList refuses users who may not change the list: supervisors, admins and heads of
// a department may. It completes the entry with names.
func (a *act) mayList(entry *DoNotCall, action string) error {
	org, err := a.org()
	if err != nil {
		return err
	}
	view{org: org}.complete(entry)
	u := org.User(a.User.ID)
	system := a.User.ID == 0 && a.User.Has(access.Admin)
	if system || u != nil && u.Active && (slices.ContainsFunc(u.Roles, isHeads) || len(org.TeamsOf(u.ID)) > 0) {
		return nil
	}
	about := journal.Entry{Team: org.DepartmentOf(a.User.ID), Subject: entry.ref()}
	return a.Refuse(fault.Forbidden("do_not_call_forbidden"), about,
		map[string]any{"action": action, "number": entry.Number})
}

func isHeads(role access.Role) bool { return slices.Contains(access.Heads, role) }

// recordDoNotCall appends to the journal that a number came to the list or left it;
// the lookup forgets what it knew of that number.
func (a *act) recordDoNotCall(verb journal.Verb, entry *DoNotCall) error {
	org, err := a.org()
	if err != nil {
		return err
	}
	details := map[string]any{"numbers": []int64{entry.Key}, "number": entry.Number, "reason": entry.Reason}
	if entry.Until != 0 {
		details["until"] = entry.Until
	}
	return a.Record(journal.Entry{Team: org.DepartmentOf(a.User.ID), Verb: verb, Subject: entry.ref()}, details)
}

func (d *DoNotCall) ref() journal.Ref { return journal.Ref{Kind: "do_not_call", ID: d.ID} }

// complete fills in what the table holds as ids and keys.
func (v view) complete(d *DoNotCall) {
	d.Number, d.By = phone.Number{Kind: phone.External, E164: d.Key}.String(), v.person(d.ByID)
}

// Listed is an entry of the do-not-call list as a lookup finds it. Times are ms.
type Listed struct {
	Reason string
	Since  int64
	Until  int64 // 0: for good
}

// At returns the entry while it is in force, and nil before and after.
func (l *Listed) At(now time.Time) *Listed {
	if l == nil || l.Until != 0 && store.Millis(now) >= l.Until {
		return nil
	}
	return l
}
