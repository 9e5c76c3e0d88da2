package crm

import "slices"

func (u *mergeUndo) contacts() error {
	kept, err := contactRowOf(u.Tx, u.into)
	if err != nil {
		return err
	}
	gone, err := removedContacts(u.Tx, u.from)
	if err != nil {
		return err
	}
	had, err := companyLinksOf(u.Tx, u.into)
	if err != nil {
		return err
	}
	links := restoreLinks(had, u.snapshot.Before.Links, u.snapshot.After.Links)
	all := companiesIn(slices.Concat(had, links))
	back := map[int64][]companyLink{}
	for _, id := range u.from {
		if back[id], err = u.liveLinks(u.snapshot.Links[id]); err != nil {
			return err
		}
		all = append(all, companiesIn(back[id])...)
	}
	if err := u.authorizeAll(mergeContact, all, map[string]any{"undo_merge": u.op.ID}); err != nil {
		return err
	}
	after := kept
	after.base = u.nextBase(kept.base)
	u.restoreBase(&after.base)
	if after.Post == u.snapshot.After.Post {
		after.Post = u.snapshot.Before.Post
	}
	if err := u.restoreLines(KindContact); err != nil {
		return err
	}
	for _, row := range gone {
		if err := replaceCompanyLinks(u.Tx, row.ID, back[row.ID]); err != nil {
			return err
		}
		if err := u.restoreRecord(row.base, back[row.ID], false); err != nil {
			return err
		}
	}
	if err := u.returnLeads(); err != nil {
		return err
	}
	after.Search = searchText([]string{after.Name, after.Post}, u.lines, u.emails)
	if err := update(u.Tx, contactsTable, u.into, after.values()); err != nil {
		return err
	}
	if err := replaceCompanyLinks(u.Tx, u.into, links); err != nil {
		return err
	}
	if err := u.reindexGuarded(KindContact, u.into, u.lines, links); err != nil {
		return err
	}
	if err := u.forgetMerge(kept.base); err != nil {
		return err
	}
	if err := u.recordOwner(kept.base, after.base, u.why); err != nil {
		return err
	}
	for _, row := range gone {
		if err := u.recordUndo(row.base, after.base); err != nil {
			return err
		}
	}
	return nil
}

// restoreLinks returns the links of a contact as they were before a merge, with what was changed since.
func restoreLinks(now, before, merged []companyLink) (links []companyLink) {
	at := func(list []companyLink, company int64) (companyLink, bool) {
		i := slices.IndexFunc(list, func(l companyLink) bool { return l.Company == company })
		if i < 0 {
			return companyLink{}, false
		}
		return list[i], true
	}
	for _, link := range now {
		was, had := at(before, link.Company)
		then, joined := at(merged, link.Company)
		switch unchanged := joined && then.At == link.At; {
		case unchanged && had:
			links = append(links, was)
		case !unchanged || !joined:
			links = append(links, link)
		}
	}
	return links
}

// liveLinks returns those of the links whose company is still there.
func (u *mergeUndo) liveLinks(links []companyLink) (live []companyLink, err error) {
	rows, err := companyRows(u.Tx, companiesIn(links))
	for _, link := range links {
		if slices.ContainsFunc(rows, func(r companyRow) bool { return r.ID == link.Company }) {
			live = append(live, link)
		}
	}
	return live, err
}
