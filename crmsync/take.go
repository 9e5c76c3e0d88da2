package crmsync

import (
	"slices"
	"time"

	"callhue/crm"
	"callhue/internal/fault"
	"callhue/internal/store"
)

// write takes the records in, within the transaction.
func (a *attempt) write(b *crm.Batch) error {
	if err := a.addAll(b); err != nil {
		return err
	}
	var seenOnly, fresh []string
	var links []linkRow
	for _, i := range a.items {
		switch {
		case i.link == nil && i.ours == 0: // it could not be taken, or counts for nothing
			continue
		case i.link == nil && !i.matched:
			links, fresh = append(links, a.linkRow(i, i.ours)), append(fresh, i.record.ID)
			continue
		case i.link != nil && i.idle() && i.link.OurID != 0:
			seenOnly = append(seenOnly, i.record.ID)
			continue
		case i.link != nil && i.link.OurID == 0:
			if err := a.stayRemoved(b.Tx, i); err != nil {
				return err
			}
			continue
		case i.link == nil:
			fresh = append(fresh, i.record.ID)
		}
		if err := a.change(b, i); err != nil {
			return err
		}
		if err := putLink(b.Tx, a.work.source.ID, a.linkRow(i, i.ours)); err != nil {
			return err
		}
	}
	if err := insertLinks(b.Tx, a.work.source.ID, links); err != nil {
		return err
	}
	if err := markLinks(b.Tx, a.work.source.ID, a.kind, seenOnly, a.whole.Number); err != nil {
		return err
	}
	for _, w := range a.wants {
		if a.work.mapping.has(w.of.Kind) {
			if err := putWant(b.Tx, a.work.source.ID, w.of, w.by); err != nil {
				return err
			}
		}
	}
	return fulfil(b.Tx, a.work.source.ID, a.kind, fresh)
}

func (a *attempt) linkRow(i *item, ours int64) linkRow {
	return linkRow{Kind: int64(a.kind), TheirID: i.record.ID, OurID: ours, Seen: i.now.text(), Mark: a.whole.Number}
}

// stayRemoved leaves a record alone that somebody removed here by hand: of what it
// is there nothing is kept but that it was seen.
func (a *attempt) stayRemoved(tx *store.Tx, i *item) error {
	if err := dropDifferences(tx, a.work.source.ID, a.kind, i.record.ID); err != nil {
		return err
	}
	links, err := linksOf(tx, a.work.source.ID, a.kind, []string{i.record.ID})
	if err != nil {
		return err
	}
	return putLink(tx, a.work.source.ID, linkRow{Kind: int64(a.kind), TheirID: i.record.ID, OurID: links[i.record.ID].OurID, Mark: a.whole.Number, Gone: goneHere})
}

// addAll adds the records that are not here: the first time all at once, as they
// are there; later each in the name of whoever made it.
func (a *attempt) addAll(b *crm.Batch) error {
	var fresh []*item
	for _, i := range a.items {
		if i.link == nil && !i.matched {
			i.ours = 0
			if a.kind != crm.KindLead || i.theirs.Stage != crm.StageConverted { // what it became comes by itself
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
			if err := a.added(b, i, taken[n], ""); err != nil {
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

// addOne adds a record in the name of whoever made it; a status that he may not
// choose waits for somebody's decision.
func (a *attempt) addOne(all *crm.Batch, i *item) error {
	b, err := a.as(all, i.record.ChangedBy)
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
	return a.added(all, i, taken[0], refused)
}

// added notes what became of a record that was to be added.
func (a *attempt) added(b *crm.Batch, i *item, taken crm.Taken, statusRefused string) error {
	if taken.Err != nil {
		return a.recordConflict(b.Tx, i, change{Part: partInvalid, By: i.record.ChangedBy}, fault.Of(taken.Err).Key, state{})
	}
	i.ours = taken.ID
	a.came.Added++
	if statusRefused != "" {
		w := change{Part: partStatus, Status: i.theirs.Status, By: i.record.ChangedBy}
		ours := state{}
		if normal := a.set.Default(); normal != nil {
			ours.Status = normal.Code
		}
		if err := a.recordConflict(b.Tx, i, w, statusRefused, ours); err != nil {
			return err
		}
	}
	return a.unfit(b.Tx, i)
}

// as gives the batch to whoever changed something in the CRM: with his rights here,
// or sworn where the CRM is the master.
func (a *attempt) as(b *crm.Batch, by string) (*crm.Batch, error) {
	return b.As(a.actor(by), a.work.mapping.Owners == ownersCRM)
}

// add adds records as they are there. What comes with the first import is as old as
// its record is there.
func (a *attempt) add(b *crm.Batch, list []*item, status bool) ([]crm.Taken, error) {
	if len(list) == 0 {
		return nil, nil
	}
	switch a.kind {
	case crm.KindCompany:
		all := make([]crm.NewCompany, len(list))
		for n, i := range list {
			all[n] = crm.NewCompany{Name: i.theirs.Name, OwnerID: i.theirs.Owner, Phones: a.aged(i), Emails: i.theirs.Emails}
			if status {
				all[n].Status = i.theirs.Status
			}
		}
		return b.AddCompanies(all)
	case crm.KindContact:
		all := make([]crm.NewContact, len(list))
		for n, i := range list {
			all[n] = crm.NewContact{Name: i.theirs.Name, Post: i.theirs.Post, OwnerID: i.theirs.Owner, Phones: a.aged(i), Emails: i.theirs.Emails, CompanyIDs: i.theirs.Companies}
			for _, id := range i.theirs.Companies {
				all[n].Since = append(all[n].Since, a.since(i, id))
			}
		}
		return b.AddContacts(all)
	}
	all := make([]crm.NewLead, len(list))
	for n, i := range list {
		company := firstOf(i.theirs.Companies)
		all[n] = crm.NewLead{Title: i.theirs.Title, Name: i.theirs.Name, OwnerID: i.theirs.Owner, Phones: a.aged(i), Emails: i.theirs.Emails,
			Stage: i.theirs.Stage, Source: i.theirs.Source, CompanyID: company, ContactID: i.theirs.Contact, Since: a.since(i, company)}
	}
	return b.AddLeads(all)
}

// aged are the phones of a new record with their age.
func (a *attempt) aged(i *item) []crm.Phone {
	list := slices.Clone(i.theirs.Phones)
	for n := range list {
		list[n].Since = a.since(i, 0)
	}
	return list
}

// since tells how old a number of a record, or its link to a company, is: no older
// than either of them is there. Only the first import tells; else it is zero.
func (a *attempt) since(i *item, company int64) time.Time {
	if !a.first || i.now.Created == 0 {
		return time.Time{}
	}
	at := i.now.Created
	for _, p := range a.translator.company {
		if company != 0 && p.id == company {
			at = max(at, p.created)
		}
	}
	if since := store.Time(at); since.Before(a.now) {
		return since
	}
	return time.Time{}
}

// change makes of a record that is here what changed there.
func (a *attempt) change(b *crm.Batch, i *item) error {
	ours, err := oursIn(b, a.kind, i.ours)
	if err != nil {
		return err
	}
	var base *state
	if i.before != nil {
		had, _ := a.faceOf(*i.before)
		base = &had
	}
	changed, settle := false, i.differs
	for _, w := range a.wishes(a.kind, base, i.theirs, ours) {
		w.By = a.saidBy(i, w.Part)
		as, err := a.as(b, w.By)
		if err != nil {
			return err
		}
		done, refused, fatal := a.do(as, a.kind, i.ours, w)
		if fatal != nil {
			return fatal
		}
		changed = changed || done
		if refused != nil {
			settle = true
			if err := a.recordConflict(b.Tx, i, w, fault.Of(refused).Key, ours); err != nil {
				return err
			}
		}
	}
	if changed {
		a.came.Changed++
	}
	if i.differs || len(i.wrong) > 0 {
		if err := a.unfit(b.Tx, i); err != nil {
			return err
		}
	}
	if !settle {
		return nil
	}
	if a.work.mapping.Owners == ownersCRM {
		if err := a.applyAsMaster(b, i, ours); err != nil {
			return err
		}
	}
	if ours, err = oursIn(b, a.kind, i.ours); err != nil {
		return err
	}
	return a.resolveConflicts(b.Tx, i, ours)
}

// saidBy says whose word a part of a record is.
func (a *attempt) saidBy(i *item, p part) string {
	switch {
	case i.before == nil:
		return i.record.ChangedBy
	case p == partOwner:
		return i.now.Owned.By
	case p == partStatus:
		return i.now.Stands.By
	}
	return i.record.ChangedBy
}
