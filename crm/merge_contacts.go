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
	var linked linkedRecords
	for _, one := range from {
		leads, err := leadsLinkedTo(b.db.Read(ctx), KindContact, one)
		if err != nil {
			return Contact{}, err
		}
		linked.leads = append(linked.leads, leads...)
	}
	err = b.write(ctx, by, func(a *act) error {
		m, err := a.startMerge(KindContact, id, from)
		if err != nil {
			return err
		}
		if err := a.lockLinked(linked); err != nil {
			return err
		}
		if err := m.contacts(in, linked); err != nil {
			return err
		}
		kept, err = a.contact(id)
		a.Tx.Answer(kept)
		return err
	})
	return kept, err
}

func (m *merger) contacts(in Merge, linked linkedRecords) error {
	rows, err := readInOrder(m, contactRows, func(r contactRow) int64 { return r.ID })
	if err != nil {
		return err
	}
	var links []companyLink
	for _, r := range rows {
		had, err := companyLinksOf(m.Tx, r.ID)
		if err != nil {
			return err
		}
		links = joinCompanyLinks(links, had)
	}
	if err := m.authorizeAll(mergeContact, companiesIn(links),
		map[string]any{"into": m.into, "from": m.from}); err != nil {
		return err
	}
	before := rows[0]
	reason, err := m.prepare(in, before.base)
	if err != nil {
		return err
	}
	if len(links) > maxCompanies {
		return fault.Invalid("company_ids", "too_many")
	}
	after := before
	after.base = m.nextBase(before.base)
	since, err := m.oldestOwner(&after.base, basesOf(rows, func(r contactRow) base { return r.base }))
	if err != nil {
		return err
	}
	for _, r := range rows {
		if after.Post == "" {
			after.Post = r.Post
		}
	}
	if since, err = m.chooseForContact(in.Fields, rows, &after, since); err != nil {
		return err
	}
	m.snapshot.Before.setContact(before)
	m.snapshot.After.setContact(after)
	if err := m.snapshotOthers(linked); err != nil {
		return err
	}
	if err := m.snapshotLinks(rows); err != nil {
		return err
	}
	after.Search = searchText([]string{after.Name, after.Post}, m.lines, m.emails)
	if err := update(m.Tx, contactsTable, m.into, after.values()); err != nil {
		return err
	}
	if err := m.moveLeads(linked); err != nil {
		return err
	}
	if err := m.linkContact(links); err != nil {
		return err
	}
	if err := m.finish(links, since); err != nil {
		return err
	}
	if err := m.recordOwner(before.base, after.base, reason); err != nil {
		return err
	}
	if err := m.recordFields(before.base, after.base, before.Post, after.Post, reason); err != nil {
		return err
	}
	for _, r := range rows[1:] {
		if err := m.recordMerge(r.base, after.base,
			map[string]any{"companies": companiesIn(links), "reason": reason}); err != nil {
			return err
		}
	}
	return nil
}

// tieContact returns the contact that stays the links of all, if that makes no
// company's link older than a protected company's that had the number first.
func (m *merger) linkContact(links []companyLink) error {
	t, err := m.indexChange(KindContact, m.into, m.lines, links)
	if err != nil {
		return err
	}
	if err := m.guardLinks(t); err != nil {
		return err
	}
	for _, id := range m.from {
		if err := replaceCompanyLinks(m.Tx, id, nil); err != nil {
			return err
		}
	}
	return replaceCompanyLinks(m.Tx, m.into, links)
}

// moveLeads moves the leads of the merged contacts to the remaining one.
func (m *merger) moveLeads(held linkedRecords) error {
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
