package crm

import (
	"context"

	"callhue/internal/access"
	"callhue/internal/fault"
)

// MergeContacts makes several contacts one, as MergeCompanies does: the oldest
// owner stays, and all phones, e-mails, companies and leads. Every protected
// company that one of them leads to is asked about.
func (b *Records) MergeContacts(ctx context.Context, by *access.User, id int64, in Merge) (kept Contact, err error) {
	from := distinct(in.FromIDs)
	var linked records
	for _, one := range from {
		leads, err := leadsLinkedTo(b.db.Read(ctx), KindContact, one)
		if err != nil {
			return Contact{}, err
		}
		linked.leads = append(linked.leads, leads...)
	}
	err = b.write(ctx, by, func(a *act) error {
		m, err := a.merging(KindContact, id, from)
		if err != nil {
			return err
		}
		if err := a.holdLinked(linked); err != nil {
			return err
		}
		if err := m.contacts(in, linked); err != nil {
			return err
		}
		kept, err = a.contact(id)
		return err
	})
	return kept, err
}

func (m *merging) contacts(in Merge, linked records) error {
	rows, err := inOrder(m, contactRows, func(r contactRow) int64 { return r.ID })
	if err != nil {
		return err
	}
	var ties []tie
	for _, r := range rows {
		had, err := tiesAt(m.Tx, r.ID)
		if err != nil {
			return err
		}
		ties = joinTies(ties, had)
	}
	if err := m.mayAll(mergeContact, companiesIn(ties), map[string]any{"into": m.into, "from": m.from}); err != nil {
		return err
	}
	before := rows[0]
	reason, err := m.ready(in, before.base)
	if err != nil {
		return err
	}
	if len(ties) > maxTies {
		return fault.Invalid("company_ids", "too_many")
	}
	after := before
	after.base = m.touched(before.base)
	since, err := m.oldestOwner(&after.base, basesOf(rows, func(r contactRow) base { return r.base }))
	if err != nil {
		return err
	}
	for _, r := range rows {
		if after.Post == "" {
			after.Post = r.Post
		}
	}
	after.Search = searchText([]string{after.Name, after.Post}, m.lines, m.mail)
	if err := update(m.Tx, contactsTable, m.into, after.values()); err != nil {
		return err
	}
	if err := m.moveLeads(linked); err != nil {
		return err
	}
	if err := m.tieContact(ties); err != nil {
		return err
	}
	if err := m.finish(ties, since); err != nil {
		return err
	}
	if err := m.noteOwner(before.base, after.base, reason); err != nil {
		return err
	}
	for _, r := range rows[1:] {
		if err := m.noteMerge(r.base, after.base, map[string]any{"companies": companiesIn(ties), "reason": reason}); err != nil {
			return err
		}
	}
	return nil
}

// tieContact gives the contact that stays the links of all, if that makes no
// company's link older than a protected company's that had the number first.
func (m *merging) tieContact(ties []tie) error {
	t, err := m.turn(KindContact, m.into, m.lines, ties)
	if err != nil {
		return err
	}
	if err := m.guardWays(t); err != nil {
		return err
	}
	for _, id := range m.from {
		if err := replaceTies(m.Tx, id, nil); err != nil {
			return err
		}
	}
	return replaceTies(m.Tx, m.into, ties)
}

// moveLeads gives the leads of the merged contacts to the one that stays.
func (m *merging) moveLeads(held records) error {
	for _, from := range m.from {
		leads, err := leadsLinkedTo(m.Tx, KindContact, from)
		if err != nil {
			return err
		}
		if !containsAll(held.leads, leads) {
			return fault.Stale()
		}
		for _, id := range leads {
			if err := linkLeadContact(m.Tx, id, m.into, m.now(), m.User.ID); err != nil {
				return err
			}
		}
	}
	return nil
}
