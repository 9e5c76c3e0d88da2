package crm

import "callhue/internal/store"

var duplicateGroupsTable = table{"duplicate_groups", "kind, sort, value, strength, total"}

const groupColumns = "kind, sort, value, strength, total"

// keyTotal is how many records of a kind have a key.
type keyTotal struct {
	Kind  Kind  `db:"kind"`
	Value int64 `db:"value"`
	N     int64 `db:"n"`
}

func keyTotals(tx *store.Tx, sort keySort, values []int64) (rows []keyTotal, err error) {
	err = tx.Select(&rows, `SELECT kind, value, COUNT(*) AS n FROM record_keys WHERE sort = ? AND value IN (?)
		GROUP BY value, kind`, int64(sort), values)
	return rows, err
}

// recordsWithKeys returns the records that have one of the keys.
func recordsWithKeys(tx *store.Tx, sort keySort, values []int64) (rows []recordValue, err error) {
	err = tx.Select(&rows, `SELECT kind, record_id, sort, value, n FROM record_keys WHERE sort = ? AND value IN (?)
		ORDER BY value, kind, record_id`, int64(sort), values)
	return rows, err
}

// comparedKeys returns the keys by which records are compared, the strongest first.
func comparedKeys(tx *store.Tx, kind Kind, ids []int64) (rows []recordValue, err error) {
	err = tx.Select(&rows, `SELECT kind, record_id, sort, value, n FROM record_keys
		WHERE kind = ? AND record_id IN (?) AND sort <= ? ORDER BY record_id, sort, value`, int64(kind), ids,
		int64(keyName))
	return rows, err
}

// ---- groups

func groupRows(tx *store.Tx, sort keySort, values []int64) (rows []groupRow, err error) {
	err = tx.Select(&rows, "SELECT "+groupColumns+" FROM duplicate_groups "+
		"WHERE kind IN (0, 1, 2, 3) AND sort = ? AND value IN (?)", int64(sort), values)
	return rows, err
}

func removeGroup(tx *store.Tx, id groupID) error {
	_, err := tx.Exec("DELETE FROM duplicate_groups WHERE kind = ? AND sort = ? AND value = ?", int64(id.kind),
		int64(id.sort), id.value)
	return err
}

func changeGroup(tx *store.Tx, g groupRow) error {
	_, err := tx.Exec("UPDATE duplicate_groups SET strength = ?, total = ? WHERE kind = ? AND sort = ? AND value = ?",
		g.Strength, g.Total, int64(g.Kind), int64(g.Sort), g.Value)
	return err
}

// groupsInOrder returns groups of a kind, the strongest first, after one of them.
func groupsInOrder(tx *store.Tx, kind Kind, after duplicatePlace, size int) (rows []groupRow, err error) {
	err = tx.Select(&rows, "SELECT "+groupColumns+` FROM duplicate_groups
		WHERE kind = ? AND strength >= ? AND strength < ? AND (strength > ? OR sort > ? OR sort = ? AND value > ?)
		ORDER BY strength, sort, value LIMIT ?`, int64(kind),
		after.Strength, covered, after.Strength, int64(after.Sort), int64(after.Sort), after.Value, size)
	return rows, err
}

// groupsOfSort returns groups of a kind that have a sort of key, after one of them.
func groupsOfSort(tx *store.Tx, kind Kind, sort keySort, after int64, size int) (rows []groupRow, err error) {
	err = tx.Select(&rows, "SELECT "+groupColumns+` FROM duplicate_groups WHERE kind = ? AND sort = ? AND value > ?
		AND strength <> ? ORDER BY value LIMIT ?`, int64(kind), int64(sort), after, notAnyLonger, size)
	return rows, err
}

// recordsOfGroup returns the first records of a group.
func recordsOfGroup(tx *store.Tx, id groupID, size int) (rows []recordValue, err error) {
	from, to := id.kind, id.kind
	if id.has(KindCompany) && id.has(KindContact) {
		from, to = KindCompany, KindLead
	}
	err = tx.Select(&rows, `SELECT kind, record_id, sort, value, n FROM record_keys WHERE sort = ? AND value = ?
		AND kind >= ? AND kind <= ? ORDER BY kind, record_id LIMIT ?`, int64(id.sort), id.value, int64(from), int64(to),
		size)
	return rows, err
}

// sharedNumberKeys returns numbers that several records have, after one of them.
func sharedNumberKeys(tx *store.Tx, after int64, size int) (keys []int64, err error) {
	err = tx.Select(&keys, "SELECT value FROM duplicate_groups WHERE kind = ? AND sort = ? AND value > ? "+
		"ORDER BY value LIMIT ?", int64(groupOfAll), int64(keyNumber), after, size)
	return keys, err
}

// ---- leads that have a number of a company

func leadsOfCompaniesSeen(tx *store.Tx, numbers []int64) (rows []recordValue, err error) {
	err = tx.Select(&rows, "SELECT kind, record_id, sort, value, n FROM record_keys WHERE sort = ? AND value IN (?)",
		int64(keyLeadOfCompany), numbers)
	return rows, err
}

// leadsOfCompaniesNow returns the same as the index of numbers has it.
func leadsOfCompaniesNow(tx *store.Tx, numbers []int64) (rows []recordValue, err error) {
	if len(numbers) == 0 {
		return nil, nil
	}
	err = tx.Select(&rows, `SELECT DISTINCT 3 AS kind, n.entity_id AS record_id, ? AS sort, n.number_key AS value,
		1 AS n FROM numbers n JOIN numbers m ON m.number_key = n.number_key AND m.kind < 3
			AND m.company_id NOT IN (0, n.company_id)
		WHERE n.number_key IN (?) AND n.kind = 3`, int64(keyLeadOfCompany), numbers)
	return rows, err
}

// countLeadsOfCompanies counts those of some leads that have a number of a company.
func countLeadsOfCompanies(tx *store.Tx, leads []int64) (int64, error) {
	var found []int64
	err := tx.Select(&found, "SELECT DISTINCT record_id FROM record_keys "+
		"WHERE kind = ? AND record_id IN (?) AND sort = ?", int64(KindLead), leads, int64(keyLeadOfCompany))
	return int64(len(found)), err
}

func leadOfCompanyKeys(tx *store.Tx, after int64, size int) (keys []int64, err error) {
	err = tx.Select(&keys, "SELECT DISTINCT value FROM record_keys WHERE sort = ? AND value > ? ORDER BY value LIMIT ?",
		int64(keyLeadOfCompany), after, size)
	return keys, err
}

// leadLinks is what a lead is linked to.
type leadLinks struct {
	ID      int64 `db:"id"`
	Contact int64 `db:"contact_id"`
	Company int64 `db:"company_id"`
}

func linksOfLeads(tx *store.Tx, ids []int64) (rows []leadLinks, err error) {
	err = tx.Select(&rows, "SELECT id, contact_id, company_id FROM leads WHERE id IN (?)", ids)
	return rows, err
}

// ---- pairs that are no duplicates

// dismissedPairs returns the pairs of records of which the first is one of these.
func dismissedPairs(tx *store.Tx, kind Kind, ids []int64) (rows []notDuplicatesRow, err error) {
	err = tx.Select(&rows, "SELECT "+notDuplicates.Columns+" FROM not_duplicates WHERE kind = ? AND record_id IN (?)",
		int64(kind), ids)
	return rows, err
}

// removePair removes a pair, if it is there.
func removePair(tx *store.Tx, p recordPair) error {
	_, err := tx.Exec("DELETE FROM not_duplicates WHERE kind = ? AND record_id = ? AND other_kind = ? AND other_id = ?",
		int64(p.a.kind), p.a.id, int64(p.b.kind), p.b.id)
	return err
}
