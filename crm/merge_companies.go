package crm

import (
	"context"
	"slices"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/rules"
	"callhue/statuses"
)

// MergeCompanies makes several companies one. It keeps the strictest of their
// statuses and the owner who has been one for longest, and has all their phones,
// e-mails, helpers, contacts and leads; of equal links the older one stays. The
// merged ones are removed, and FindCompany returns into which they went (merged_into). The
// right is checked for each company: merge_forbidden. Further faults: not_found,
// stale_version, and from_ids or phones, emails, team_ids that are too many.
func (b *Records) MergeCompanies(ctx context.Context, by *access.User, id int64, in Merge) (kept Company, err error) {
	from := distinct(in.FromIDs)
	// Who is linked is read before the transaction, which has to hold them all
	// before it reads anything.
	linked, err := b.linkedToAny(ctx, from)
	if err != nil {
		return Company{}, err
	}
	err = b.write(ctx, by, func(a *act) error {
		m, err := a.startMerge(KindCompany, id, from)
		if err != nil {
			return err
		}
		if err := a.lockLinked(linked); err != nil {
			return err
		}
		if err := m.companies(in, linked); err != nil {
			return err
		}
		kept, err = a.company(id)
		a.Tx.Answer(kept)
		return err
	})
	return kept, err
}

func (b *Records) linkedToAny(ctx context.Context, companies []int64) (r linkedRecords, err error) {
	for _, id := range companies {
		contacts, err := contactsLinkedTo(b.db.Read(ctx), id)
		if err != nil {
			return r, err
		}
		leads, err := leadsLinkedTo(b.db.Read(ctx), KindCompany, id)
		if err != nil {
			return r, err
		}
		r.contacts, r.leads = append(r.contacts, contacts...), append(r.leads, leads...)
	}
	return r, nil
}

func (m *merger) companies(in Merge, linked linkedRecords) error {
	rows, err := readInOrder(m, companyRows, func(r companyRow) int64 { return r.ID })
	if err != nil {
		return err
	}
	for i := range rows {
		if err := m.authorize(mergeCompany, &rows[i], map[string]any{"into": m.into, "from": m.from}); err != nil {
			return err
		}
	}
	before := rows[0]
	reason, err := m.prepare(in, before.base)
	if err != nil {
		return err
	}
	after := before
	after.base = m.nextBase(before.base)
	since, err := m.oldestOwner(&after.base, basesOf(rows, func(r companyRow) base { return r.base }))
	if err != nil {
		return err
	}
	set, err := m.statusSet()
	if err != nil {
		return err
	}
	var team []int64
	for _, r := range rows {
		team = append(team, idsIn(r.TeamIDs)...)
		if stricter(set, r.StatusID, after.StatusID) {
			after.StatusID, after.StatusAt, after.StatusBy = r.StatusID, r.StatusAt, r.StatusBy
		}
	}
	if team = distinct(team); len(team) > maxTeam {
		return fault.Invalid("team_ids", "too_many")
	}
	after.TeamIDs = idsText(team)
	if since, err = m.chooseForCompany(in.Fields, rows, &after, since); err != nil {
		return err
	}
	guard, err := m.guardOfMerged(rows, after)
	if err != nil {
		return err
	}
	m.snapshot.Before.setCompany(before)
	m.snapshot.After.setCompany(after)
	if err := m.snapshotOthers(linked); err != nil {
		return err
	}
	after.Search = searchText([]string{after.Name}, m.lines, m.emails)
	if err := update(m.Tx, companiesTable, m.into, after.values()); err != nil {
		return err
	}
	if err := putGuard(m.Tx, guard); err != nil {
		return err
	}
	if err := m.moveLinked(linked); err != nil {
		return err
	}
	if err := m.finish(nil, since); err != nil {
		return err
	}
	return m.recordCompanies(rows, after, set, reason)
}

// stricter reports whether one status guards its company more than another one:
// protected before free, then by what it does to the card. One that is missing
// counts as the default.
func stricter(set *statuses.Set, one, other int64) bool {
	rank := func(id int64) int {
		s := set.ByID(id)
		if s == nil {
			s = set.Default()
		}
		order := []rules.Effect{rules.EffectNone, rules.EffectBanner, rules.EffectYellow, rules.EffectRed}
		n := slices.Index(order, s.CardEffect)
		if s.IsProtected {
			n += len(order)
		}
		return n
	}
	return rank(one) > rank(other)
}

// moveLinked links the contacts and leads of the merged companies to the remaining one; their links keep their dates.
func (m *merger) moveLinked(held linkedRecords) error {
	for _, from := range m.from {
		contacts, err := contactsLinkedTo(m.Tx, from)
		if err != nil {
			return err
		}
		leads, err := leadsLinkedTo(m.Tx, KindCompany, from)
		if err != nil {
			return err
		}
		if !containsAll(held.contacts, contacts) || !containsAll(held.leads, leads) {
			return fault.Stale() // a record was linked in between
		}
		for _, id := range contacts {
			if err := m.moveContact(id, from); err != nil {
				return err
			}
		}
		for _, id := range leads {
			if err := m.moveLead(id); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *merger) moveContact(id, from int64) error {
	had, err := companyLinksOf(m.Tx, id)
	if err != nil {
		return err
	}
	links := joinCompanyLinks(nil, renamedLinks(had, []int64{from}, m.into))
	if err := replaceCompanyLinks(m.Tx, id, links); err != nil {
		return err
	}
	if err := touch(m.Tx, KindContact, id, m.now(), m.User.ID); err != nil {
		return err
	}
	lines, err := linesAt(m.Tx, KindContact, id)
	if err != nil {
		return err
	}
	return m.reindexed(KindContact, id, lines, links)
}

// renamedLinks returns links with another company in the place of some.
func renamedLinks(links []companyLink, from []int64, into int64) []companyLink {
	renamed := make([]companyLink, len(links))
	for i, t := range links {
		if slices.Contains(from, t.Company) {
			t.Company = into
		}
		renamed[i] = t
	}
	return renamed
}

func (m *merger) moveLead(id int64) error {
	row, err := leadRowOf(m.Tx, id)
	if err != nil {
		return err
	}
	row.base, row.CompanyID = m.nextBase(row.base), m.into
	if err := update(m.Tx, leadsTable, id, row.values()); err != nil || row.ConvertedAt != 0 {
		return err
	}
	lines, err := linesAt(m.Tx, KindLead, id)
	if err != nil {
		return err
	}
	return m.reindexed(KindLead, id, lines, row.links())
}

func (m *merger) reindexed(kind Kind, id int64, lines []phoneLine, links []companyLink) error {
	t, err := m.reindex(kind, id, lines, links)
	m.keys = append(m.keys, t.keys()...)
	return err
}

// noteCompanies writes the entries of merged companies: each is the history of
// the remaining one.
func (m *merger) recordCompanies(rows []companyRow, after companyRow, set *statuses.Set, reason string) error {
	before := rows[0]
	if err := m.recordOwner(before.base, after.base, reason); err != nil {
		return err
	}
	if err := m.recordFields(before.base, after.base, "", "", reason); err != nil {
		return err
	}
	if before.StatusID != after.StatusID {
		err := m.recordEntry(CompanyStatus, m.kind, m.into, after.OwnerID, map[string]any{"name": after.Name,
			"changed": statusChange(set.ByID(before.StatusID), set.ByID(after.StatusID)), "reason": reason})
		if err != nil {
			return err
		}
	}
	for _, r := range rows[1:] {
		err := m.recordMerge(r.base, after.base, map[string]any{"status": statusCode(set.ByID(r.StatusID)),
			"reason": reason})
		if err != nil {
			return err
		}
	}
	return nil
}
