package crm

import (
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/statuses"
)

// Brief is as much of a company as another room needs for its own decisions
// about it.
type Brief struct {
	ID        int64
	Name      string
	OwnerID   int64 // 0: nobody
	Team      []int64
	Protected bool // its status guards its owner
	Removed   bool
}

// Briefs gives companies by their ids, removed ones too. An id that never was
// is not in the answer.
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

// NamesOf gives what some records are called in lists; removed ones are not in it.
func FindNames(tx *store.Tx, kind Kind, ids []int64) (map[int64]string, error) {
	rows, err := foundRows(tx, kind, ids)
	called := make(map[int64]string, len(rows))
	for _, r := range rows {
		called[r.ID] = r.Name
	}
	return called, err
}

// HoldCompany keeps a company as it is until the transaction has ended, and gives
// it: whoever decides by its owner decides by the one it has then. It stands
// before every SELECT of the transaction. A removed company is fault.Missing.
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

// Assign is SetOwner within a write of another package, which holds the company; no
// version is compared. The table of rights holds here too: its refusal ends that write.
func (b *Records) Assign(write *journal.Act, id, owner int64, reason string) error {
	row, err := companyRowOf(write.Tx, id)
	if err != nil {
		return err
	}
	a := &act{Records: b, Act: write}
	return a.changeCompany(id, CompanyChange{OwnerID: &owner, Reason: reason, Version: row.Version})
}
