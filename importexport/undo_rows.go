package importexport

import (
	"encoding/json"
	"slices"

	"callhue/crm"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
)

// mostFaults is how many refused rows an answer shows; the report has them all.
const mostFaults = 20

// noteChange gathers what the row that is being written changes.
func (a *attempt) noteChange(_ crm.Kind, _ int64, changes journal.Changes) {
	a.changing = mergeChanges(a.changing, changes)
}

// keepChange remembers what a row changed of a record, for an undo.
func (a *attempt) keepChange(id int64) {
	if a.changing != nil {
		a.changed[id] = mergeChanges(a.changed[id], a.changing)
	}
}

// mergeChanges adds later changes to earlier ones: a field keeps its first value and gets its last one.
func mergeChanges(before, after journal.Changes) journal.Changes {
	merged := journal.Changes{}
	for field, change := range before {
		merged[field] = change
	}
	for field, change := range after {
		if first, known := merged[field]; known {
			change.From = first.From
		}
		merged[field] = change
	}
	return merged
}

// saveUndo stores what an undo of this batch needs: the ranges of new records, and the changes of those that were there
// or that an earlier row of the file had added.
func (a *attempt) saveUndo(tx *store.Tx) error {
	added := slices.DeleteFunc(slices.Clone(a.added), func(id int64) bool { return id == 0 })
	slices.Sort(added)
	if err := addAdded(tx, a.state.ID, added); err != nil {
		return err
	}
	if len(a.changed) == 0 {
		return nil
	}
	ids := make([]int64, 0, len(a.changed))
	for id := range a.changed {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	versions, err := crm.FindVersions(tx, a.kind.recordKind(), ids)
	if err != nil {
		return err
	}
	earlier, err := inChunks(ids, func(part []int64) ([]changedRow, error) { return findChanged(tx, a.state.ID, part) })
	if err != nil {
		return err
	}
	had := map[int64]changedRow{}
	for _, row := range earlier {
		had[row.ID] = row
	}
	var rows []changedRow
	for _, id := range ids {
		row, err := a.changedRow(tx, id, had[id], added)
		if err != nil {
			return err
		}
		row.Version = versions[id]
		rows = append(rows, row)
	}
	for part := range slices.Chunk(rows, 200) {
		if err := saveChanged(tx, a.state.ID, part); err != nil {
			return err
		}
	}
	return nil
}

// changedRow returns the row of a changed record. Of one that this import has added nothing but its version matters.
func (a *attempt) changedRow(tx *store.Tx, id int64, had changedRow, added []int64) (changedRow, error) {
	_, isNew := slices.BinarySearch(added, id)
	if !isNew {
		var err error
		if isNew, err = isAdded(tx, a.state.ID, id); err != nil {
			return had, err
		}
	}
	if isNew {
		return changedRow{ID: id, Added: true, Changes: "{}"}, nil
	}
	changes := a.changed[id]
	if had.ID != 0 {
		var before journal.Changes
		if err := json.Unmarshal([]byte(had.Changes), &before); err != nil {
			return had, fault.Internal(err)
		}
		changes = mergeChanges(before, changes)
	}
	text, err := json.Marshal(changes)
	return changedRow{ID: id, Changes: string(text)}, err
}
