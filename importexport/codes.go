package importexport

import (
	"callhue/crm"
	"callhue/internal/store"
)

// The codes of imported files are the external ids of the system crm.ImportSystem.

// codeRow is a code and its record.
type codeRow struct {
	Code   string
	Record int64
}

// findByCodes returns the records that have one of the codes, removed ones included.
func findByCodes(tx *store.Tx, kind Kind, codes []string) (map[string]int64, error) {
	return crm.FindByExternalIDs(tx, kind.recordKind(), crm.ImportSystem, codes)
}

// findCodesOf returns the codes of records.
func findCodesOf(tx *store.Tx, kind Kind, ids []int64) (rows []codeRow, err error) {
	found, err := crm.FindExternalIDs(tx, kind.recordKind(), ids)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		for _, e := range found[id] {
			if e.System == crm.ImportSystem {
				rows = append(rows, codeRow{e.ID, id})
			}
		}
		delete(found, id) // ids may repeat
	}
	return rows, nil
}

// addCodes stores the codes of records. The removed codes belonged to removed records and are reassigned. Fault:
// stale_version if another import has just added one of them.
func addCodes(tx *store.Tx, kind Kind, rows []codeRow, removed []string) error {
	if len(removed) > 0 {
		if err := crm.RemoveExternalIDs(tx, kind.recordKind(), crm.ImportSystem, removed); err != nil {
			return err
		}
	}
	records := make(map[string]int64, len(rows))
	for _, r := range rows {
		records[r.Code] = r.Record
	}
	return crm.AddExternalIDs(tx, kind.recordKind(), crm.ImportSystem, records)
}
