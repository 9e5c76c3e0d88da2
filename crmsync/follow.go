package crmsync

import (
	"context"
	"slices"
	"time"

	"callhue/crm"
	"callhue/internal/fault"
	"callhue/internal/store"
)

// readAtOnce is how many records a CRM is asked for together.
const readAtOnce = 50

// changes reads some of the records that we were told of. done is false when
// nothing waits.
func (w *work) changes(ctx context.Context) (done bool, err error) {
	rows, err := dueChanges(w.DB.Read(ctx), w.source.ID, readAtOnce)
	if err != nil || len(rows) == 0 {
		return false, err
	}
	for _, kind := range records {
		some := slices.DeleteFunc(slices.Clone(rows), func(c changeRow) bool { return c.Kind != int64(kind) })
		if len(some) == 0 {
			continue
		}
		if !w.mapping.has(kind) {
			err = w.DB.Write(ctx, func(tx *store.Tx) error { return w.drop(tx, some) })
		} else if err = w.readChanges(ctx, kind, some); unreadable(err) && len(some) > 1 {
			err = w.oneByOne(ctx, kind, some)
		} else if unreadable(err) {
			err = w.delay(ctx, some[0], err)
		}
		if err != nil {
			return false, err
		}
	}
	return true, nil
}

// unreadable says that the CRM is there and yet does not give what it was asked for.
func unreadable(err error) bool {
	return err != nil && (fault.Of(err).Key == "crm_refused" || fault.Of(err).Key == "crm_answer")
}

// oneByOne finds out which record the CRM does not give: the others need not wait.
func (w *work) oneByOne(ctx context.Context, kind crm.Kind, some []changeRow) error {
	for _, c := range some {
		err := w.readChanges(ctx, kind, []changeRow{c})
		if unreadable(err) {
			err = w.delay(ctx, c, err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *work) delay(ctx context.Context, c changeRow, cause error) error {
	w.Log.Warn("a record of a CRM cannot be read", "source", w.source.Name, "kind", wordOf(crm.Kind(c.Kind)), "id", c.TheirID, "error", cause)
	return w.DB.Write(ctx, func(tx *store.Tx) error {
		due, _ := backoff().Next(tx.Now(), c.Tries+1, 0)
		return delayChange(tx, w.source.ID, c, due)
	})
}

func (w *work) drop(tx *store.Tx, some []changeRow) error {
	for _, c := range some {
		if err := dropChange(tx, w.source.ID, c); err != nil {
			return err
		}
	}
	return nil
}

// readChanges reads records and takes them out of the queue with what became of
// them.
func (w *work) readChanges(ctx context.Context, kind crm.Kind, some []changeRow) error {
	ids := make([]string, len(some))
	for i, c := range some {
		ids[i] = c.TheirID
	}
	list, gone, err := w.readNow(ctx, kind, ids)
	if err != nil {
		return err
	}
	if err := w.lose(ctx, kind, gone, ""); err != nil {
		return err
	}
	return w.importBatch(ctx, kind, list, func(tx *store.Tx) error { return w.drop(tx, some) })
}

// readNow reads records as they are, and says which are gone. What is only not shown
// to us stays here, and is noted.
func (w *work) readNow(ctx context.Context, kind crm.Kind, ids []string) (list []Record, gone []string, err error) {
	list, hidden, err := w.source.Portal.Read(ctx, kind, ids, w.mapping.StatusField)
	if err != nil {
		return nil, nil, err
	}
	for _, id := range ids {
		if !slices.Contains(hidden, id) && !slices.ContainsFunc(list, func(r Record) bool { return r.ID == id }) {
			gone = append(gone, id)
		}
	}
	return list, gone, w.lose(ctx, kind, hidden, notShown)
}

// precede brings what some records refer to and nobody has seen yet, and the users
// whom they name.
func (w *work) precede(ctx context.Context, kind crm.Kind, list []Record) error {
	var companies, contacts []string
	stranger := false
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
		stranger = stranger || r.OwnerID != "" && org.Holder(w.source.Name, r.OwnerID) == nil
	}
	if stranger && w.DB.Clock().Sub(store.Time(w.row.StaffAt)) > time.Minute {
		if err := w.people(ctx); err != nil {
			return err
		}
	}
	for _, of := range []struct {
		kind crm.Kind
		ids  []string
	}{{crm.KindCompany, distinct(companies)}, {crm.KindContact, distinct(contacts)}} {
		if err := w.bringFirst(ctx, of.kind, of.ids); err != nil {
			return err
		}
	}
	return nil
}

// bringFirst brings those of some records that nobody has seen yet. What the CRM
// does not give is waited for.
func (w *work) bringFirst(ctx context.Context, kind crm.Kind, ids []string) error {
	if len(ids) == 0 || !w.mapping.has(kind) {
		return nil
	}
	links, err := linksOf(w.DB.Read(ctx), w.source.ID, kind, ids)
	if err != nil {
		return err
	}
	ids = slices.DeleteFunc(ids, func(id string) bool { _, linked := links[id]; return linked })
	for part := range slices.Chunk(ids, readAtOnce) {
		list, _, err := w.readNow(ctx, kind, part)
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
