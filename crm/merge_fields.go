package crm

import (
	"slices"

	"callhue/journal"
)

// chooseForCompany applies the choices of a user to the company that stays, and returns since when it has its owner.
func (m *merger) chooseForCompany(in MergeFields, rows []companyRow, after *companyRow, since int64) (int64, error) {
	all := basesOf(rows, func(r companyRow) base { return r.base })
	since, err := m.choose(in, all, &after.base, since)
	if err != nil {
		return since, err
	}
	if in.Post != 0 {
		m.Invalid("fields.post", "unknown")
	}
	if in.Owner == 0 || m.Wrong != nil {
		return since, m.check()
	}
	return since, m.authorizeOwner(rows, after.OwnerID)
}

// authorizeOwner refuses an owner that the user may not set on each of the companies.
func (m *merger) authorizeOwner(rows []companyRow, owner int64) error {
	for i := range rows {
		if rows[i].OwnerID == owner {
			continue
		}
		if err := m.authorize(setOwner, &rows[i], owner); err != nil {
			return err
		}
	}
	return nil
}

// chooseForContact is chooseForCompany for contacts. Who may merge them may choose: both need the same rights.
func (m *merger) chooseForContact(in MergeFields, rows []contactRow, after *contactRow, since int64) (int64, error) {
	since, err := m.choose(in, basesOf(rows, func(r contactRow) base { return r.base }), &after.base, since)
	if err != nil {
		return since, err
	}
	if in.Post != 0 {
		at := slices.IndexFunc(rows, func(r contactRow) bool { return r.ID == in.Post })
		if at < 0 {
			m.Invalid("fields.post", "unknown")
		} else {
			after.Post = rows[at].Post
		}
	}
	return since, m.check()
}

// choose applies the choices that all kinds have.
func (m *merger) choose(in MergeFields, all []base, after *base, since int64) (int64, error) {
	if in.Name != 0 {
		at := slices.IndexFunc(all, func(r base) bool { return r.ID == in.Name })
		if at < 0 {
			m.Invalid("fields.name", "unknown")
		} else {
			after.Name = all[at].Name
		}
	}
	if in.Owner == 0 {
		return since, nil
	}
	at := slices.IndexFunc(all, func(r base) bool { return r.ID == in.Owner })
	if at < 0 {
		m.Invalid("fields.owner", "unknown")
		return since, nil
	}
	if all[at].OwnerID == after.OwnerID {
		return since, nil
	}
	after.OwnerID = all[at].OwnerID
	known, err := ownersSince(m.Tx, m.kind, []int64{in.Owner})
	return ownedSince(known, all[at]), err
}

// recordFields records what was chosen for the record that stays.
func (m *merger) recordFields(before, after base, post, newPost, reason string) error {
	d := journal.Changes{}
	d.Note("name", before.Name, after.Name)
	d.Note("post", post, newPost)
	if len(d) == 0 {
		return nil
	}
	return m.recordEntry(RecordChanged, m.kind, m.into, after.OwnerID,
		map[string]any{"name": after.Name, "changed": d, "numbers": m.keys, "reason": reason})
}

// snapshotLinks remembers the companies of the contacts that are merged.
func (m *merger) snapshotLinks(rows []contactRow) error {
	for _, r := range rows {
		links, err := companyLinksOf(m.Tx, r.ID)
		if err != nil {
			return err
		}
		if r.ID == m.into {
			m.snapshot.Before.Links = links
		} else {
			m.snapshot.Links[r.ID] = links
		}
	}
	return nil
}
