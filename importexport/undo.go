package importexport

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/jobs"
	"callhue/internal/paging"
	"callhue/internal/store"
)

// Why an undo keeps a record as it is; a refusal for want of rights has the code of its fault.
const (
	keptChanged = "changed_since" // with the fields after a colon, unless it is the whole record
	keptLinked  = "linked_since"  // contacts or leads belong to it
	keptRemoved = "removed_since" // it is not there any more
)

// KeptRecord is a record that an undo had to leave.
type KeptRecord struct {
	Kind   RowKind `json:"kind"`
	ID     int64   `json:"id"`
	Reason string  `json:"reason"` // changed_since, linked_since, removed_since or the code of a refusal
	Fields string  `json:"fields"` // of changed_since: those that stayed, with commas
}

// undoing is one undo of an import.
type undoing struct {
	*Importer
	ctx   context.Context
	by    *access.User
	row   importRow
	kind  Kind
	pace  pace
	rates steps
}

// Each transaction of an undo removes a few records: a removal touches more tables than a row of an import.
const (
	undoFirst = 10
	undoMost  = 200
)

// Undo is StartUndo for the command line: it returns when the import is undone.
func (c *Importer) Undo(ctx context.Context, by *access.User, id int64) (FileImport, error) {
	err := c.checkUndo(ctx, by, id)
	if err != nil {
		return FileImport{}, err
	}
	err = c.db.Write(ctx, func(tx *store.Tx) error {
		if err := moveImport(tx, id, Undoing, append([]State{Undoing}, undoable...)...); err != nil {
			return err
		}
		return beginUndo(tx, id, by.ID)
	})
	if err == nil {
		err = c.undo(ctx, nil, by, id)
	}
	if err != nil {
		return FileImport{}, err
	}
	return c.FindImport(ctx, by, id)
}

// undo takes back what an import added and changed, in short transactions. It goes on where it was cut off.
func (c *Importer) undo(ctx context.Context, job *jobs.Job, by *access.User, id int64) error {
	row, err := importsTable.Find(c.db.Read(ctx), id)
	if err != nil {
		return err
	}
	u := &undoing{Importer: c, ctx: ctx, by: by, row: *row, kind: Kind(row.Kind), pace: pace{undoFirst},
		rates: *newSteps(time.Now)}
	for _, part := range []func(limit int) (int, error){u.revertSome, u.removeSome} {
		for {
			began := time.Now()
			n, err := part(min(u.pace.size, undoMost))
			if err != nil {
				return err
			}
			if n == 0 {
				break
			}
			u.pace.took(n, time.Since(began))
			u.recordProgress()
		}
	}
	return c.db.Write(ctx, func(tx *store.Tx) error {
		if job != nil {
			if err := job.Finish(tx); err != nil {
				return err
			}
		}
		end := u.row
		end.State, end.UndoneAt = string(Undone), store.MomentOf(tx.Now())
		if err := changeUndo(tx, end); err != nil {
			return err
		}
		return c.record(tx, by.ID, ImportUndone, &end)
	})
}

func (u *undoing) recordProgress() {
	if !u.rates.next(Progress{Bytes: u.row.Undone + u.row.Kept, Size: u.row.Added + u.row.Changed}) {
		return
	}
	if err := u.Importer.recordProgress(u.ctx, u.by.ID, u.row.ID); err != nil {
		u.service.Log.Warn("the progress of an undo was not recorded", "import", u.row.ID, "error", err)
	}
}

// write runs one transaction of the undo. do changes a copy of the progress.
func (u *undoing) write(locks crm.Locks, do func(*crm.Batch, *importRow) error) error {
	var next importRow
	err := u.records.Batch(u.ctx, u.by, locks, func(b *crm.Batch) error {
		next = u.row
		if err := do(b, &next); err != nil {
			return err
		}
		return changeUndo(b.Tx, next)
	})
	if err == nil {
		u.row = next
	}
	return err
}

// lock returns the locks of those records that exist.
func (u *undoing) lock(ids []int64, existing map[int64]int64) (locks crm.Locks) {
	there := slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return existing[id] == 0 })
	switch u.kind {
	case Companies:
		locks.Companies = there
	case Contacts:
		locks.Contacts = there
	case Leads:
		locks.Leads = there
	}
	return locks
}

// locksOf returns the locks for changed records, with the companies and contacts that they were or will be linked to.
func (u *undoing) locksOf(rows []changedRow, existing map[int64]int64) (crm.Locks, error) {
	var ids, companies, contacts []int64
	for _, row := range rows {
		ids = append(ids, row.ID)
		changes, err := row.decoded()
		if err != nil {
			return crm.Locks{}, err
		}
		for _, value := range []json.RawMessage{changes["company_ids"].From, changes["company_ids"].To} {
			var list []int64
			_ = json.Unmarshal(value, &list) // missing for most
			companies = append(companies, list...)
		}
		for field, list := range map[string]*[]int64{"company_id": &companies, "contact_id": &contacts} {
			for _, value := range []json.RawMessage{changes[field].From, changes[field].To} {
				var id int64
				if json.Unmarshal(value, &id) == nil && id != 0 {
					*list = append(*list, id)
				}
			}
		}
	}
	locks := u.lock(ids, existing)
	read := u.db.Read(u.ctx)
	for _, more := range []struct {
		kind crm.Kind
		ids  []int64
		to   *[]int64
	}{{crm.KindCompany, companies, &locks.Companies}, {crm.KindContact, contacts, &locks.Contacts}} {
		if len(more.ids) == 0 {
			continue
		}
		there, err := crm.FindExisting(read, more.kind, more.ids)
		if err != nil {
			return locks, err
		}
		*more.to = append(*more.to, there...)
	}
	return locks, nil
}

// retry repeats a part when a record was removed between reading and locking.
func retry(do func() error) error {
	for try := 1; ; try++ {
		err := do()
		if try == 5 || fault.Of(err) == nil || fault.Of(err).Key != "stale_version" {
			return err
		}
	}
}

// removeSome removes some of the records that the import added, the newest first, and returns how many it looked at.
func (u *undoing) removeSome(limit int) (n int, err error) {
	err = retry(func() error {
		read := u.db.Read(u.ctx)
		ids, err := u.addedBelow(read, limit)
		if n = len(ids); err != nil || n == 0 {
			return err
		}
		versions, err := crm.FindVersions(read, u.kind.recordKind(), ids)
		if err != nil {
			return err
		}
		expected, err := findChanged(read, u.row.ID, ids)
		if err != nil {
			return err
		}
		return u.write(u.lock(ids, versions), func(b *crm.Batch, next *importRow) error {
			var rows []changedRow
			for _, id := range ids {
				reason, fatal := u.remove(b, id, versionAfter(expected, id))
				if fatal != nil {
					return fatal
				}
				row := changedRow{ID: id, Added: true}
				row.end(next, reason)
				if reason != "" {
					rows = append(rows, row)
				}
			}
			next.UndoBelow = ids[len(ids)-1]
			return saveChanged(b.Tx, u.row.ID, rows)
		})
	})
	return n, err
}

// versionAfter returns the version that a record had after the import.
func versionAfter(rows []changedRow, id int64) int64 {
	for _, r := range rows {
		if r.ID == id {
			return r.Version
		}
	}
	return 1 // as it was added
}

// addedBelow returns ids of added records below where the undo stands, falling.
func (u *undoing) addedBelow(tx *store.Tx, limit int) (ids []int64, err error) {
	ranges, err := findAdded(tx, u.row.ID, u.row.UndoBelow, limit)
	for _, r := range ranges {
		for id := min(r.Last, u.row.UndoBelow-1); id >= r.First && len(ids) < limit; id-- {
			ids = append(ids, id)
		}
	}
	return ids, err
}

// remove removes an added record, unless it was changed since or something belongs to it.
func (u *undoing) remove(b *crm.Batch, id, version int64) (reason string, fatal error) {
	kind := u.kind.recordKind()
	versions, err := crm.FindVersions(b.Tx, kind, []int64{id})
	switch {
	case err != nil:
		return "", err
	case versions[id] == 0:
		return keptRemoved, nil
	case versions[id] != version:
		return keptChanged, nil
	}
	contacts, leads, err := crm.FindLinked(b.Tx, kind, id)
	if err != nil {
		return "", err
	}
	if len(contacts)+len(leads) > 0 {
		return keptLinked, nil
	}
	refused, fatal := b.Remove(kind, id)
	if refused != nil {
		return fault.Of(refused).Key, nil
	}
	return "", fatal
}

// ListKept returns the records that the undo of an import had to leave, and why.
func (c *Importer) ListKept(ctx context.Context, by *access.User, id int64,
	page paging.Query) (out paging.List[KeptRecord], err error) {
	row, _, err := c.find(ctx, by, id)
	if err != nil {
		return out, err
	}
	var after struct {
		ID int64 `json:"id"`
	}
	if err := page.After(&after); err != nil {
		return out, err
	}
	rows, err := findKept(c.db.Read(ctx), id, after.ID, page.Size()+1)
	if err != nil {
		return out, err
	}
	out.Items = make([]KeptRecord, 0, len(rows))
	for _, r := range rows {
		reason, fields, _ := strings.Cut(r.Reason, ":")
		out.Items = append(out.Items, KeptRecord{RowKind(row.Kind), r.ID, reason, fields})
	}
	return paging.Cut(out.Items, page.Size(), func(r KeptRecord) any { return map[string]int64{"id": r.ID} }), nil
}
