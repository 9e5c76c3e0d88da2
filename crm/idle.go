package crm

import (
	"slices"
	"time"

	"callhue/internal/store"
	"callhue/journal"
	"callhue/rules"
	"callhue/statuses"
)

// Protection fades where the policy has it so (rules.Policy.IdleDays): a protected company with which neither its
// owner nor who helps them was in touch for so many days. What counts is when they were in touch last, or when the
// company came under protection or to its owner, if that was later.

// Touch is a contact of the side of an owner with some companies: today a conversation, later a mail or a task that
// was done. Whether the user is on the owner's side is for the caller to know.
type Touch struct {
	Companies []int64
	At        time.Time
	User      int64
	Team      int64       // the user's department
	By        journal.Ref // what the contact was
	Fresh     []int64     // those of Companies that were in touch within freshFor before; the journal need not know
}

// freshFor is how recent a contact is that makes a further one no news: less than the shortest time after which
// protection fades by more than a match stays in the memory of lookups.
const freshFor = 12 * time.Hour

// IsFresh reports whether a contact at a moment is no news for a company that was touched at another one, in
// milliseconds.
func IsFresh(touched int64, at time.Time) bool { return touched > store.Millis(at.Add(-freshFor)) }

// RecordTouch stores a contact. One that is older than what is known of a company changes nothing there.
func (b *Records) RecordTouch(tx *store.Tx, t Touch) error {
	ids := slices.Sorted(slices.Values(t.Companies))
	if len(ids) == 0 {
		return nil
	}
	at := min(store.Millis(t.At), store.Millis(tx.Now())) // a clock that is fast must not promise a contact
	if err := putTouch(tx, ids, at); err != nil {
		return err
	}
	for _, id := range ids {
		if slices.Contains(t.Fresh, id) {
			continue
		}
		company := journal.Ref{Kind: KindCompany.String(), ID: id}
		_, err := b.journal.Record(tx, journal.Entry{Verb: CompanyTouched, Actor: t.User, Team: t.Team,
			Subject: company, Client: company,
			Details: journal.Details(map[string]any{"at": store.Time(at), "by": t.By})})
		if err != nil {
			return err
		}
	}
	return nil
}

// guard is what the protection of a company is counted from.
type guard struct {
	ID      int64 `db:"id"`
	Contact int64 `db:"contact_at"`
	Since   int64 `db:"since"` // it is protected for its owner
}

// isRed reports whether a status protects its companies by its colour.
func isRed(set *statuses.Set, status int64) bool {
	s := set.ByID(status)
	if s == nil || !s.Active {
		s = set.Default()
	}
	return s != nil && s.CardEffect == rules.EffectRed
}

// guardWithStatus stores since when a company is protected that has just got another status. Between two red ones
// nothing begins: since is when it got the one before.
func (a *act) guardWithStatus(row companyRow, wasRed, isRed bool, since int64) error {
	if wasRed && isRed {
		return keepGuard(a.Tx, row.ID, since)
	}
	return startGuard(a.Tx, row.ID, row.StatusAt)
}

// guardOfMerged returns what the protection of a merged company is counted from: of those that had its owner before,
// and were red where it is, the oldest start and the latest contact. A merge is no contact, and loses none.
func (m *merger) guardOfMerged(rows []companyRow, after companyRow) (guard, error) {
	known, err := guardsOf(m.Tx, append([]int64{m.into}, m.from...))
	if err != nil {
		return guard{}, err
	}
	set, err := m.statusSet()
	if err != nil {
		return guard{}, err
	}
	merged := guard{ID: m.into}
	for _, r := range rows {
		if r.OwnerID != after.OwnerID {
			continue
		}
		g := known[r.ID]
		merged.Contact = max(merged.Contact, g.Contact)
		if isRed(set, r.StatusID) != isRed(set, after.StatusID) {
			continue
		}
		if merged.Since == 0 || g.Since < merged.Since {
			merged.Since = g.Since
		}
	}
	if merged.Since == 0 {
		merged.Since = m.now()
	}
	m.snapshot.Before.Contact, m.snapshot.Before.Guarded = known[m.into].Contact, known[m.into].Since
	m.snapshot.After.Contact, m.snapshot.After.Guarded = merged.Contact, merged.Since
	return merged, nil
}

// restoreGuard undoes what a merge made of the guard, except what has changed since.
func (u *mergeUndo) restoreGuard() error {
	known, err := guardsOf(u.Tx, []int64{u.into})
	if err != nil {
		return err
	}
	was, merged, now := u.snapshot.Before, u.snapshot.After, known[u.into]
	if merged.Guarded == 0 {
		return nil // a merge of an older version
	}
	if now.Contact == merged.Contact {
		now.Contact = was.Contact
	}
	if now.Since == merged.Guarded {
		now.Since = was.Guarded
	}
	return putGuard(u.Tx, now)
}
