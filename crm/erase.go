package crm

import (
	"context"
	"slices"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
)

// Erase takes everything personal out of somebody's records and removes them: the
// rows stay, for the statistics, with nothing in them. Only admins may, and the
// journal keeps the reason, unless he is named in it. who finds him; it is asked before the transaction and in it, for he must be held before he
// is read. also does in the same transaction what other rooms have to.
func (b *Records) Erase(ctx context.Context, by *access.User, reason string, who func(*store.Tx) (DataSubject, error), also func(*store.Tx, DataSubject) error) (DataSubject, error) {
	before, err := who(b.db.Read(ctx))
	if err != nil {
		return before, err
	}
	var gone DataSubject
	err = b.write(ctx, by, func(a *act) error {
		for _, kind := range []Kind{KindContact, KindLead} {
			if _, err := lock(a.Tx, kind, before.ids(kind)...); err != nil {
				return err
			}
		}
		as, err := a.standing(&companyRow{})
		if err != nil {
			return err
		}
		if as != admin {
			return fault.Forbidden("role_missing").With("roles", access.Admins)
		}
		if gone, err = who(a.Tx); err != nil {
			return err
		}
		if !slices.Equal(before.Records, gone.Records) {
			return fault.Stale()
		}
		if err := also(a.Tx, gone); err != nil {
			return err
		}
		for _, kind := range []Kind{KindContact, KindLead} {
			if err := eraseRecords(a.Tx, kind, gone.ids(kind), a.now(), a.User.ID); err != nil {
				return err
			}
		}
		if err := eraseReasons(a.Tx, slices.Concat(gone.Numbers, gone.Shared)); err != nil {
			return err
		}
		reason := a.Required("reason", reason, maxReason)
		if err := a.check(); err != nil {
			return err
		}
		words := gone.Redact(journal.Details(map[string]any{"reason": reason}))
		for _, r := range gone.Records {
			if err := a.Record(journal.Entry{Verb: RecordErased, Subject: r, Client: r}, words); err != nil {
				return err
			}
		}
		return nil
	})
	return gone, err
}

// Around is what the room keeps about somebody, for him to see.
type SubjectData struct {
	Contacts  []Contact   `json:"contacts"`
	Leads     []Lead      `json:"leads"`
	DoNotCall []DoNotCall `json:"do_not_call"`
}

// About gives everything that the room keeps about somebody.
func (b *Records) FindData(ctx context.Context, who DataSubject) (SubjectData, error) {
	out := SubjectData{Contacts: []Contact{}, Leads: []Lead{}, DoNotCall: []DoNotCall{}}
	v, err := b.reading(ctx)
	if err != nil {
		return out, err
	}
	for _, r := range who.Records {
		if r.Kind == KindContact.String() {
			c, err := v.contact(r.ID)
			if fault.Is(err, fault.KindMissing) {
				continue // it was merged: its values are in the other one
			}
			if err != nil {
				return out, err
			}
			out.Contacts = append(out.Contacts, c)
			continue
		}
		l, err := v.lead(r.ID)
		if fault.Is(err, fault.KindMissing) {
			continue
		}
		if err != nil {
			return out, err
		}
		out.Leads = append(out.Leads, l)
	}
	rows, err := doNotCallOf(v.tx, slices.Concat(who.Numbers, who.Shared))
	for _, row := range rows {
		out.DoNotCall = append(out.DoNotCall, v.doNotCall(row))
	}
	return out, err
}
