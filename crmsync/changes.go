package crmsync

import (
	"context"
	"slices"
	"time"

	"callhue/crm"
	"callhue/internal/fault"
	"callhue/internal/store"
)

// readAtOnce is how many records are read in one request.
const readAtOnce = 50

// readQueue reads some of the records whose change was reported. done is false if none is due.
func (w *work) readQueue(ctx context.Context) (done bool, err error) {
	rows, err := dueRecords(w.DB.Read(ctx), w.source.ID, readAtOnce)
	if err != nil || len(rows) == 0 {
		return false, err
	}
	for _, kind := range recordKinds {
		some := slices.DeleteFunc(slices.Clone(rows), func(c queuedRow) bool { return c.Kind != int64(kind) })
		if len(some) == 0 {
			continue
		}
		if !w.mapping.has(kind) {
			err = w.DB.Write(ctx, func(tx *store.Tx) error { return w.dequeue(tx, some) })
		} else if err = w.readQueued(ctx, kind, some); unreadable(err) && len(some) > 1 {
			err = w.readOneByOne(ctx, kind, some)
		} else if unreadable(err) {
			err = w.postpone(ctx, some[0], err)
		}
		if err != nil {
			return false, err
		}
	}
	return true, nil
}

// unreadable reports whether the CRM answers but does not return what it was asked for.
func unreadable(err error) bool {
	return err != nil && (fault.Of(err).Key == "crm_refused" || fault.Of(err).Key == "crm_answer")
}

// readOneByOne finds the record that the CRM does not return; the others need not wait for it.
func (w *work) readOneByOne(ctx context.Context, kind crm.Kind, some []queuedRow) error {
	for _, c := range some {
		err := w.readQueued(ctx, kind, []queuedRow{c})
		if unreadable(err) {
			err = w.postpone(ctx, c, err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *work) postpone(ctx context.Context, c queuedRow, cause error) error {
	w.Log.Warn(
		"a record of a CRM cannot be read",
		"source",
		w.source.Name,
		"kind",
		kindName(crm.Kind(c.Kind)),
		"id",
		c.TheirID,
		"error",
		cause,
	)
	w.noteUnreadable(crm.Kind(c.Kind), c.TheirID, fault.Of(cause).Key, crmText(fault.Of(cause)))
	return w.DB.Write(ctx, func(tx *store.Tx) error {
		due, _ := backoff().Next(tx.Now(), c.Tries+1, 0)
		if err := postpone(tx, w.source.ID, c, due); err != nil {
			return err
		}
		return w.save(tx)
	})
}

func (w *work) dequeue(tx *store.Tx, some []queuedRow) error {
	for _, c := range some {
		if err := dequeue(tx, w.source.ID, c); err != nil {
			return err
		}
	}
	return nil
}

// readQueued reads queued records, applies them and removes them from the queue.
func (w *work) readQueued(ctx context.Context, kind crm.Kind, some []queuedRow) error {
	ids := make([]string, len(some))
	for i, c := range some {
		ids[i] = c.TheirID
	}
	list, gone, err := w.readRecords(ctx, kind, ids)
	if err != nil {
		return err
	}
	early, err := w.notReadableYet(ctx, kind, some, gone)
	if err != nil {
		return err
	}
	if err := w.applyDeletions(ctx, kind, gone, ""); err != nil {
		return err
	}
	done := slices.DeleteFunc(slices.Clone(some), func(c queuedRow) bool { return slices.Contains(early, c) })
	return w.importBatch(ctx, kind, list, func(tx *store.Tx) error {
		for _, c := range early {
			if err := postpone(tx, w.source.ID, c, tx.Now().Add(rereadAfter[c.Tries])); err != nil {
				return err
			}
		}
		return w.dequeue(tx, done)
	})
}

// rereadAfter is when a record that the CRM reported and does not return yet is read again, each time counted from the
// reading before: a portal may send an event before it has stored the record.
var rereadAfter = []time.Duration{5 * time.Second, 25 * time.Second}

// notReadableYet returns those of some queued records that the CRM does not return, that are not here either, and that
// will be read again. Those that were read again often enough are noted: the next scan may find them.
func (w *work) notReadableYet(ctx context.Context, kind crm.Kind, some []queuedRow, gone []string) (
	early []queuedRow, err error) {
	if len(gone) == 0 {
		return nil, nil
	}
	links, err := linksOf(w.DB.Read(ctx), w.source.ID, kind, gone)
	if err != nil {
		return nil, err
	}
	for _, c := range some {
		_, linked := links[c.TheirID]
		switch {
		case linked || !slices.Contains(gone, c.TheirID):
		case c.Tries < len(rereadAfter):
			early = append(early, c)
		case c.Tries == len(rereadAfter):
			w.noteUnreadable(kind, c.TheirID, neverReturned, "")
		}
	}
	return early, nil
}

// readRecords returns records as they are now and the ids of deleted ones. Records that are hidden from us
// stay here, with a conflict.
func (w *work) readRecords(ctx context.Context, kind crm.Kind, ids []string) (list []Record, gone []string, err error) {
	got, err := w.source.Portal.Read(ctx, kind, ids, w.mapping.StatusField)
	if err != nil {
		return nil, nil, err
	}
	w.noteAllUnreadable(kind, got.Unreadable)
	for _, id := range ids {
		if !slices.Contains(got.Hidden, id) && !got.has(id) {
			gone = append(gone, id)
		}
	}
	return got.Records, gone, w.applyDeletions(ctx, kind, got.Hidden, notShown)
}

// has reports whether a record was returned, readable or not.
func (r Reading) has(id string) bool {
	return slices.ContainsFunc(r.Records, func(r Record) bool { return r.ID == id }) ||
		slices.ContainsFunc(r.Unreadable, func(u Unreadable) bool { return u.ID == id })
}

// importReferenced imports the records that some records refer to and that are not here yet, and the staff
// if an owner is unknown.
func (w *work) importReferenced(ctx context.Context, kind crm.Kind, list []Record) error {
	var companies, contacts []string
	var unknownOwners []string
	org, err := w.Roster.Org(ctx)
	if err != nil {
		return err
	}
	for _, r := range list {
		if kind != crm.KindCompany {
			companies = append(companies, r.CompanyIDs...)
		}
		if kind == crm.KindLead {
			contacts = append(contacts, r.ContactID)
		}
		if r.OwnerID != "" && org.Holder(w.source.Name, r.OwnerID) == nil {
			unknownOwners = append(unknownOwners, r.OwnerID)
		}
	}
	unknownOwners = distinct(unknownOwners)
	seen, err := linksOf(w.DB.Read(ctx), w.source.ID, kindUser, unknownOwners)
	if err != nil {
		return err
	}
	unseen := slices.DeleteFunc(unknownOwners, func(id string) bool { _, known := seen[id]; return known })
	if len(unseen) > 0 && w.DB.Clock().Sub(store.Time(w.row.StaffAt)) > time.Minute {
		if err := w.syncStaff(ctx); err != nil {
			return err
		}
	}
	for _, of := range []struct {
		kind crm.Kind
		ids  []string
	}{{crm.KindCompany, distinct(companies)}, {crm.KindContact, distinct(contacts)}} {
		if err := w.importMissing(ctx, of.kind, of.ids); err != nil {
			return err
		}
	}
	return nil
}

// importMissing imports those of some records that are not linked yet. What the CRM does not return now is
// imported later.
func (w *work) importMissing(ctx context.Context, kind crm.Kind, ids []string) error {
	if len(ids) == 0 || !w.mapping.has(kind) {
		return nil
	}
	links, err := linksOf(w.DB.Read(ctx), w.source.ID, kind, ids)
	if err != nil {
		return err
	}
	ids = slices.DeleteFunc(ids, func(id string) bool { _, linked := links[id]; return linked })
	for part := range slices.Chunk(ids, readAtOnce) {
		list, _, err := w.readRecords(ctx, kind, part)
		if unreadable(err) {
			continue
		}
		if err != nil {
			return err
		}
		if err := w.importBatch(ctx, kind, list, nil); err != nil {
			return err
		}
	}
	return nil
}
