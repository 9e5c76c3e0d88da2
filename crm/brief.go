package crm

import (
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/statuses"
)

// Brief is the part of a company that other packages need for their decisions.
type Brief struct {
	ID        int64
	Name      string
	OwnerID   int64 // 0 for none
	Team      []int64
	Protected bool // its status protects its owner
	Removed   bool
}

// FindBriefs returns companies by id, removed ones included. Unknown ids are absent.
func FindBriefs(tx *store.Tx, ids []int64) (map[int64]Brief, error) {
	briefs := make(map[int64]Brief, len(ids))
	if len(ids) == 0 {
		return briefs, nil
	}
	rows, err := briefRows(tx, distinct(ids))
	if err != nil {
		return nil, err
	}
	set, err := statuses.SetIn(tx)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		status := set.ByID(r.StatusID)
		briefs[r.ID] = Brief{ID: r.ID, Name: r.Name, OwnerID: r.OwnerID, Team: idsIn(r.TeamIDs),
			Protected: status != nil && status.IsProtected, Removed: r.DeletedAt != 0}
	}
	return briefs, nil
}

// FindNames returns the names of records as lists show them, without removed ones.
func FindNames(tx *store.Tx, kind Kind, ids []int64) (map[int64]string, error) {
	rows, err := foundRows(tx, kind, ids)
	called := make(map[int64]string, len(rows))
	for _, r := range rows {
		called[r.ID] = r.Name
	}
	return called, err
}

// LockCompany locks a company until the transaction ends and returns it, so that decisions use the
// owner it has then. It must precede every SELECT of the transaction. Fault: not_found for a
// removed company.
func LockCompany(tx *store.Tx, id int64) (Brief, error) {
	if err := lockOne(tx, KindCompany, id); err != nil {
		return Brief{}, err
	}
	briefs, err := FindBriefs(tx, []int64{id})
	if err == nil && briefs[id].ID == 0 {
		return Brief{}, fault.Missing("company")
	}
	return briefs[id], err
}

// Assign is SetOwner inside a write of another package that has locked the company, without a
// version check. Rights are checked; a refusal ends the write.
func (b *Records) Assign(write *journal.Act, id, owner int64, reason string) error {
	row, err := companyRowOf(write.Tx, id)
	if err != nil {
		return err
	}
	a := &act{Records: b, Act: write}
	return a.changeCompany(id, CompanyChange{OwnerID: &owner, Reason: reason, Version: row.Version})
}

// FindOwner returns the owner of a record, 0 without one or for a removed record.
func FindOwner(tx *store.Tx, kind Kind, id int64) (int64, error) {
	rows, err := foundRows(tx, kind, []int64{id})
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	return rows[0].OwnerID, nil
}
