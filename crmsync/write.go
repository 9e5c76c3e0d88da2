package crmsync

import (
	"slices"
	"time"

	"callhue/crm"
	"callhue/internal/fault"
	"callhue/internal/store"
)

// write applies the records within the transaction.
func (a *attempt) write(b *crm.Batch) error {
	if err := a.addAll(b); err != nil {
		return err
	}
	var unchanged, fresh []string
	var links []linkRow
	for _, i := range a.items {
		switch {
		case i.link == nil && i.ourID == 0: // it could not be added, or does not count
			continue
		case i.link == nil && !i.matched:
			links, fresh = append(links, a.newLink(i, i.ourID)), append(fresh, i.record.ID)
			continue
		case i.link != nil && i.unchanged() && i.link.OurID != 0:
			unchanged = append(unchanged, i.record.ID)
			continue
		case i.link != nil && i.link.OurID == 0:
			if err := a.keepRemoved(b.Tx, i); err != nil {
				return err
			}
			continue
		case i.link == nil:
			fresh = append(fresh, i.record.ID)
		}
		if err := a.update(b, i); err != nil {
			return err
		}
		if err := putLink(b.Tx, a.work.source.ID, a.newLink(i, i.ourID)); err != nil {
			return err
		}
	}
	if err := insertLinks(b.Tx, a.work.source.ID, links); err != nil {
		return err
	}
	if err := markLinks(b.Tx, a.work.source.ID, a.kind, unchanged, a.full.Number); err != nil {
		return err
	}
	for _, ref := range a.missing {
		if a.work.mapping.has(ref.of.Kind) {
			if err := putMissingRef(b.Tx, a.work.source.ID, ref.of, ref.by); err != nil {
				return err
			}
		}
	}
	return requeueWaiting(b.Tx, a.work.source.ID, a.kind, fresh)
}

// newLink returns the link of an item to one of our records.
func (a *attempt) newLink(i *item, ours int64) linkRow {
	return linkRow{
		Kind:     int64(a.kind),
		TheirID:  i.record.ID,
		OurID:    ours,
		Snapshot: i.current.text(),
		Mark:     a.full.Number,
	}
}

// keepRemoved leaves alone a record that was removed here by hand: of its content in the CRM nothing is
// stored.
func (a *attempt) keepRemoved(tx *store.Tx, i *item) error {
	if err := dropConflicts(tx, a.work.source.ID, a.kind, i.record.ID); err != nil {
		return err
	}
	links, err := linksOf(tx, a.work.source.ID, a.kind, []string{i.record.ID})
	if err != nil {
		return err
	}
	return putLink(
		tx,
		a.work.source.ID,
		linkRow{
			Kind:    int64(a.kind),
			TheirID: i.record.ID,
			OurID:   links[i.record.ID].OurID,
			Mark:    a.full.Number,
			Removed: removedHere,
		},
	)
}

// addAll adds the records that are not here: all at once and as they are during the first import, later
// each in the name of its author.
func (a *attempt) addAll(b *crm.Batch) error {
	var fresh []*item
	for _, i := range a.items {
		if i.link == nil && !i.matched {
			i.ourID = 0
			if a.kind != crm.KindLead ||
				i.theirs.Stage != crm.StageConverted { // its company and contact are imported by themselves
				fresh = append(fresh, i)
			}
		}
	}
	if a.first {
		taken, err := a.add(b, fresh, true)
		if err != nil {
			return err
		}
		for n, i := range fresh {
			if err := a.recordAdded(b, i, taken[n], ""); err != nil {
				return err
			}
		}
		return nil
	}
	for _, i := range fresh {
		if err := a.addOne(b, i); err != nil {
			return err
		}
	}
	return nil
}

// addOne adds a record in the name of its author; a status that the author may not choose becomes a
// conflict.
func (a *attempt) addOne(all *crm.Batch, i *item) error {
	b, err := a.actingAs(all, i.record.ChangedBy)
	if err != nil {
		return err
	}
	taken, err := a.add(b, []*item{i}, true)
	if err != nil {
		return err
	}
	refused := ""
	if fault.Is(taken[0].Err, fault.KindForbidden) {
		refused = fault.Of(taken[0].Err).Key
		if taken, err = a.add(b, []*item{i}, false); err != nil {
			return err
		}
	}
	return a.recordAdded(all, i, taken[0], refused)
}

// recordAdded stores the result of adding a record.
func (a *attempt) recordAdded(b *crm.Batch, i *item, taken crm.AddResult, statusRefused string) error {
	if taken.Err != nil {
		return a.recordConflict(
			b.Tx,
			i,
			change{Part: partInvalid, By: i.record.ChangedBy},
			fault.Of(taken.Err).Key,
			state{},
		)
	}
	i.ourID = taken.ID
	a.outcome.Added++
	if statusRefused != "" {
		c := change{Part: partStatus, Status: i.theirs.Status, By: i.record.ChangedBy}
		ours := state{}
		if normal := a.statuses.Default(); normal != nil {
			ours.Status = normal.Code
		}
		if err := a.recordConflict(b.Tx, i, c, statusRefused, ours); err != nil {
			return err
		}
	}
	if err := a.recordUnknownOwner(b.Tx, i, state{}); err != nil {
		return err
	}
	return a.recordInvalid(b.Tx, i)
}

// actingAs returns the batch acting as the author of a change in the CRM, with their rights here; with all
// rights if the CRM is the master.
func (a *attempt) actingAs(b *crm.Batch, by string) (*crm.Batch, error) {
	return b.As(a.actor(by), a.work.mapping.Owners == ownersCRM)
}

// add adds records as they are in the CRM. Records of the first import keep the age that they have there.
func (a *attempt) add(b *crm.Batch, list []*item, status bool) ([]crm.AddResult, error) {
	if len(list) == 0 {
		return nil, nil
	}
	switch a.kind {
	case crm.KindCompany:
		all := make([]crm.NewCompany, len(list))
		for n, i := range list {
			all[n] = crm.NewCompany{
				Name:    i.theirs.Name,
				OwnerID: i.theirs.Owner,
				Phones:  a.phonesWithAge(i),
				Emails:  i.theirs.Emails,
			}
			if status {
				all[n].Status = i.theirs.Status
			}
		}
		return b.AddCompanies(all)
	case crm.KindContact:
		all := make([]crm.NewContact, len(list))
		for n, i := range list {
			all[n] = crm.NewContact{
				Name:       i.theirs.Name,
				Post:       i.theirs.Post,
				OwnerID:    i.theirs.Owner,
				Phones:     a.phonesWithAge(i),
				Emails:     i.theirs.Emails,
				CompanyIDs: i.theirs.Companies,
			}
			for _, id := range i.theirs.Companies {
				all[n].Since = append(all[n].Since, a.since(i, id))
			}
		}
		return b.AddContacts(all)
	}
	all := make([]crm.NewLead, len(list))
	for n, i := range list {
		company := firstOf(i.theirs.Companies)
		all[n] = crm.NewLead{
			Title:     i.theirs.Title,
			Name:      i.theirs.Name,
			OwnerID:   i.theirs.Owner,
			Phones:    a.phonesWithAge(i),
			Emails:    i.theirs.Emails,
			Stage:     i.theirs.Stage,
			Source:    i.theirs.Source,
			CompanyID: company,
			ContactID: i.theirs.Contact,
			Since:     a.since(i, company),
		}
	}
	return b.AddLeads(all)
}

// phonesWithAge returns the phones of a new record with their age.
func (a *attempt) phonesWithAge(i *item) []crm.Phone {
	list := slices.Clone(i.theirs.Phones)
	for n := range list {
		list[n].Since = a.since(i, 0)
	}
	return list
}

// since returns the age of a number of a record, or of its link to a company: not older than either of them
// in the CRM. It is zero except during the first import.
func (a *attempt) since(i *item, company int64) time.Time {
	if !a.first || i.current.Created == 0 {
		return time.Time{}
	}
	at := i.current.Created
	for _, p := range a.translator.companies {
		if company != 0 && p.id == company {
			at = max(at, p.created)
		}
	}
	if since := store.Time(at); since.Before(a.now) {
		return since
	}
	return time.Time{}
}

// update applies to a record of ours what changed in the CRM.
func (a *attempt) update(b *crm.Batch, i *item) error {
	ours, err := ourState(b, a.kind, i.ourID)
	if err != nil {
		return err
	}
	var base *state
	if i.previous != nil {
		previous, _ := a.stateOf(*i.previous)
		base = &previous
	}
	changed, unresolved := false, i.hasConflicts
	for _, c := range a.changes(a.kind, base, i.theirs, ours) {
		c.By = a.authorOf(i, c.Part)
		as, err := a.actingAs(b, c.By)
		if err != nil {
			return err
		}
		done, refused, fatal := a.apply(as, a.kind, i.ourID, c)
		if fatal != nil {
			return fatal
		}
		changed = changed || done
		if refused != nil {
			unresolved = true
			if err := a.recordConflict(b.Tx, i, c, fault.Of(refused).Key, ours); err != nil {
				return err
			}
		}
	}
	if changed {
		a.outcome.Changed++
	}
	if err := a.recordUnknownOwner(b.Tx, i, ours); err != nil {
		return err
	}
	if i.hasConflicts || len(i.invalid) > 0 {
		if err := a.recordInvalid(b.Tx, i); err != nil {
			return err
		}
	}
	if !unresolved {
		return nil
	}
	if a.work.mapping.Owners == ownersCRM {
		if err := a.applyAsMaster(b, i, ours); err != nil {
			return err
		}
	}
	if ours, err = ourState(b, a.kind, i.ourID); err != nil {
		return err
	}
	return a.resolveConflicts(b.Tx, i, ours)
}

// authorOf returns the user of theirs who decided a part of a record.
func (a *attempt) authorOf(i *item, p part) string {
	switch {
	case i.previous == nil:
		return i.record.ChangedBy
	case p == partOwner:
		return i.current.OurOwner.By
	case p == partStatus:
		return i.current.OurStatus.By
	}
	return i.record.ChangedBy
}
