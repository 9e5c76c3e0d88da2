package crm

import (
	"context"
	"slices"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
)

// Erase erases the personal data of a person's records and removes them; the empty rows stay for
// statistics. Only admins may. The reason is recorded, unless it names the person. who finds
// the person before the transaction and again inside it, because records are locked before they are
// read. also erases what other packages store, in the same transaction. Faults: role_missing,
// stale_version, invalid_input (reason).
func (b *Records) Erase(ctx context.Context, by *access.User, reason string,
	who func(*store.Tx) (DataSubject, error), also func(*store.Tx, DataSubject) error) (DataSubject, error) {
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

// SubjectData is what crm stores about a person.
type SubjectData struct {
	Contacts  []Contact    `json:"contacts"`
	Leads     []Lead       `json:"leads"`
	DoNotCall []*DoNotCall `json:"do_not_call"`
}

// FindData returns everything that crm stores about a person.
func (b *Records) FindData(ctx context.Context, who DataSubject) (SubjectData, error) {
	out := SubjectData{Contacts: []Contact{}, Leads: []Lead{}, DoNotCall: []*DoNotCall{}}
	v, err := b.reading(ctx)
	if err != nil {
		return out, err
	}
	for _, r := range who.Records {
		if r.Kind == KindContact.String() {
			c, err := v.contact(r.ID)
			if fault.Is(err, fault.KindMissing) {
				continue // merged: its values are in the other record
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
	listed, err := doNotCalls.List(v.tx, store.In("number_key", slices.Concat(who.Numbers, who.Shared)), store.By("id"))
	for _, entry := range listed {
		entry.By = v.person(entry.ByID)
		out.DoNotCall = append(out.DoNotCall, entry)
	}
	return out, err
}

// AnyDoNotCall reports whether one of the numbers is on the do-not-call list.
func AnyDoNotCall(tx *store.Tx, numbers []int64) (bool, error) {
	if len(numbers) == 0 {
		return false, nil
	}
	listed, err := doNotCalls.First(tx, store.In("number_key", numbers))
	return listed != nil, err
}
