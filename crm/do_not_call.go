package crm

import (
	"context"
	"strings"
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
	Number phone.E164    `json:"number" db:"number_key"`
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
	web.Sheet
}

// AddDoNotCall adds a number to the list: heads and admins only. Faults: invalid
// fields; "do_not_call_forbidden", which is recorded; the conflict
// "number_listed". An expired entry does not count.
func (b *Records) AddDoNotCall(ctx context.Context, by *access.User, in NewDoNotCall) (added *DoNotCall, err error) {
	err = b.write(ctx, by, func(a *act) error {
		n, now := a.plan.ParseTyped(in.Number), store.MomentOf(a.Tx.Now())
		added = &DoNotCall{Number: phone.E164(n.E164), Reason: a.Required("reason", in.Reason, maxReason),
			Since: now, Until: in.Until, ByID: by.ID}
		added.Search = store.Fold(added.Reason + " " + added.Number.String())
		if n.Kind != phone.External {
			a.Invalid("number", "invalid_number")
		}
		if in.Until != 0 && in.Until <= now {
			a.Invalid("until", "out_of_range")
		}
		if err := a.Check(); err != nil {
			return err
		}
		if _, err := doNotCalls.RemoveAll(a.Tx, expired(added.Number, now)); err != nil {
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
		entry, err := doNotCalls.Take(a.Tx, id) // a refusal undoes it
		if err != nil {
			return err
		}
		if err := a.mayList(entry, "remove"); err != nil {
			return err
		}
		return a.recordDoNotCall(DoNotCallRemoved, entry)
	})
}

// ListDoNotCall returns a page of the list, the newest entry first.
func (b *Records) ListDoNotCall(ctx context.Context, f DoNotCallFilter) (page web.List[*DoNotCall], err error) {
	org, err := b.roster.Org(ctx)
	if err != nil {
		return page, err
	}
	found := store.Contains("search", searchedFor(f.Q))
	page, err = doNotCalls.Page(b.db.ReadSlow(ctx), found, store.By("id").Descending(), f.Paging)
	for _, entry := range page.Items {
		entry.By = org.User(entry.ByID).Person()
	}
	return page, err
}

// mayList refuses users who may not change the list: only heads and admins may. It
// completes the entry with the name of who added it.
func (a *act) mayList(entry *DoNotCall, action string) error {
	org, err := a.org()
	if err != nil {
		return err
	}
	entry.By = org.User(entry.ByID).Person()
	if org.LeadsAny(a.User) {
		return nil
	}
	return a.Refuse(fault.Forbidden("do_not_call_forbidden"), entry.about(org, a.User),
		map[string]any{"action": action, "number": entry.Number})
}

// recordDoNotCall appends to the journal that a number came to the list or left it;
// the lookup forgets what it knew of that number.
func (a *act) recordDoNotCall(verb journal.Verb, entry *DoNotCall) error {
	org, err := a.org()
	if err != nil {
		return err
	}
	about := entry.about(org, a.User)
	about.Verb = verb
	details := map[string]any{"numbers": []int64{int64(entry.Number)}, "number": entry.Number, "reason": entry.Reason}
	if entry.Until != 0 {
		details["until"] = entry.Until
	}
	return a.Record(about, details)
}

// about returns a journal entry about an entry that a user changes.
func (d *DoNotCall) about(org *staff.Org, by *access.User) journal.Entry {
	return journal.Entry{Team: org.DepartmentOf(by.ID), Subject: journal.Ref{Kind: "do_not_call", ID: d.ID}}
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

// searchedFor returns what is searched for typed words: themselves, or the digits of a part of a number.
func searchedFor(q string) string {
	if digits := digitsOf(q); len(digits) >= 3 && strings.Trim(q, "0123456789+-() .\u00a0") == "" {
		return digits
	}
	return q
}
