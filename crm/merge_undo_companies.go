package crm

import (
	"slices"

	"callhue/internal/fault"
)

func (u *mergeUndo) companies() error {
	kept, err := companyRowOf(u.Tx, u.into)
	if err != nil {
		return err
	}
	gone, err := removedCompanies(u.Tx, u.from)
	if err != nil {
		return err
	}
	wanted := map[string]any{"undo_merge": u.op.ID}
	for _, row := range slices.Concat([]companyRow{kept}, gone) {
		if err := u.authorize(mergeCompany, &row, wanted); err != nil {
			return err
		}
	}
	after := kept
	after.base = u.nextBase(kept.base)
	u.restoreCompany(&after)
	if err := u.restoreLines(KindCompany); err != nil {
		return err
	}
	for _, row := range gone {
		sameOwner := after.OwnerID == kept.OwnerID && row.OwnerID == kept.OwnerID
		if err := u.restoreRecord(row.base, nil, sameOwner); err != nil {
			return err
		}
		if err := u.restoreStatus(row, kept); err != nil {
			return err
		}
	}
	if err := u.returnContacts(); err != nil {
		return err
	}
	if err := u.returnLeads(); err != nil {
		return err
	}
	after.Search = searchText([]string{after.Name}, u.lines, u.emails)
	if err := update(u.Tx, companiesTable, u.into, after.values()); err != nil {
		return err
	}
	if err := u.restoreGuard(); err != nil {
		return err
	}
	if err := u.reindexed(KindCompany, u.into, u.lines, nil); err != nil {
		return err
	}
	if err := u.forgetMerge(kept.base); err != nil {
		return err
	}
	return u.recordCompanies(kept, after, gone)
}

// restoreCompany restores the fields that a company had, except those that were changed since.
func (u *mergeUndo) restoreCompany(row *companyRow) {
	was, merged := u.snapshot.Before, u.snapshot.After
	u.restoreBase(&row.base)
	if row.StatusID == merged.StatusID && row.StatusAt == merged.StatusAt {
		row.StatusID, row.StatusAt, row.StatusBy = was.StatusID, was.StatusAt, was.StatusBy
	}
	if row.TeamIDs == merged.TeamIDs {
		row.TeamIDs = was.TeamIDs
	}
}

// restoreStatus sets the status of the one that stayed on a company whose own status is no longer in the directory.
func (u *mergeUndo) restoreStatus(row, kept companyRow) error {
	set, err := u.statusSet()
	if err != nil || set.ByID(row.StatusID) != nil {
		return err
	}
	row.base = u.nextBase(row.base)
	row.StatusID, row.StatusAt, row.StatusBy = kept.StatusID, u.now(), u.User.ID
	return update(u.Tx, companiesTable, row.ID, row.values())
}

// returnContacts links contacts to the companies again that they had, where they are still linked to the one that
// stayed.
func (u *mergeUndo) returnContacts() error {
	for _, id := range sortedKeys(u.snapshot.Contacts) {
		row, err := contactRowOf(u.Tx, id)
		if fault.Is(err, fault.KindMissing) {
			continue
		}
		if err != nil {
			return err
		}
		had, err := companyLinksOf(u.Tx, id)
		if err != nil {
			return err
		}
		links := u.unjoinLinks(had, u.snapshot.Contacts[id])
		if slices.Equal(links, had) {
			continue
		}
		if err := replaceCompanyLinks(u.Tx, id, links); err != nil {
			return err
		}
		if err := touch(u.Tx, KindContact, id, u.now(), u.User.ID); err != nil {
			return err
		}
		lines, err := linesAt(u.Tx, KindContact, row.ID)
		if err != nil {
			return err
		}
		if err := u.reindexGuarded(KindContact, id, lines, links); err != nil {
			return err
		}
	}
	return nil
}

// unjoinLinks puts the links of before in the place of the one to the company that stayed.
func (u *mergeUndo) unjoinLinks(now, before []companyLink) (links []companyLink) {
	if slices.Equal(now, joinCompanyLinks(nil, renamedLinks(before, u.from, u.into))) {
		return before // nothing changed since
	}
	for _, link := range now {
		if link.Company != u.into {
			links = append(links, link)
			continue
		}
		oldest := int64(0) // as the merge dated it
		var back []companyLink
		for _, old := range before {
			if old.Company == u.into || slices.Contains(u.from, old.Company) {
				back = append(back, old)
				if oldest == 0 || old.At < oldest {
					oldest = old.At
				}
			}
		}
		if link.At != oldest { // unlinked since, and linked again
			back = []companyLink{link}
		}
		links = append(links, back...)
	}
	if len(links) > maxCompanies {
		return now
	}
	return links
}

// returnLeads links leads to the company or contact again that they had.
func (u *mergeUndo) returnLeads() error {
	for _, id := range sortedKeys(u.snapshot.Leads) {
		row, err := leadRowOf(u.Tx, id)
		if fault.Is(err, fault.KindMissing) {
			continue
		}
		if err != nil {
			return err
		}
		had := u.snapshot.Leads[id]
		if u.kind == KindContact {
			if row.ContactID != u.into {
				continue
			}
			if err := linkLeadContact(u.Tx, id, had, u.now(), u.User.ID); err != nil {
				return err
			}
			continue
		}
		if row.CompanyID != u.into {
			continue
		}
		row.base, row.CompanyID = u.nextBase(row.base), had
		if err := update(u.Tx, leadsTable, id, row.values()); err != nil {
			return err
		}
		if row.ConvertedAt != 0 {
			continue
		}
		lines, err := linesAt(u.Tx, KindLead, id)
		if err != nil {
			return err
		}
		if err := u.reindexGuarded(KindLead, id, lines, row.links()); err != nil {
			return err
		}
	}
	return nil
}

func (u *mergeUndo) recordCompanies(before, after companyRow, gone []companyRow) error {
	if err := u.recordOwner(before.base, after.base, u.why); err != nil {
		return err
	}
	if before.StatusID != after.StatusID {
		set, err := u.statusSet()
		if err != nil {
			return err
		}
		err = u.recordEntry(CompanyStatus, KindCompany, u.into, after.OwnerID, map[string]any{"name": after.Name,
			"changed": statusChange(set.ByID(before.StatusID), set.ByID(after.StatusID)), "reason": u.why})
		if err != nil {
			return err
		}
	}
	for _, row := range gone {
		if err := u.recordUndo(row.base, after.base); err != nil {
			return err
		}
	}
	return nil
}
