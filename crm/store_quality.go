package crm

import "callhue/internal/store"

type foundRow struct {
	ID        int64  `db:"id"`
	Name      string `db:"name"`
	OwnerID   int64  `db:"owner_id"`
	StatusID  int64  `db:"status_id"`
	UpdatedAt int64  `db:"updated_at"`
}

func foundRows(tx *store.Tx, kind Kind, ids []int64) (rows []foundRow, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	status := "0"
	if kind == KindCompany {
		status = "r.status_id"
	}
	err = tx.Select(&rows, "SELECT r.id, "+kind.title()+" AS name, r.owner_id, "+status+
		" AS status_id, r.updated_at FROM "+kind.table()+
		" r WHERE r.id IN (?) AND r.deleted_at = 0", ids)
	return rows, err
}

// ---- the reports

// flawRow is a line of a report; Place is where it stands in it.
type flawRow struct {
	Place   int64  `db:"place"`
	Kind    Kind   `db:"kind"`
	ID      int64  `db:"id"`
	Key     int64  `db:"number_key"`
	Raw     string `db:"raw"`
	Company int64  `db:"company_id"`
}

// flawPlace is where a record stands in a report whose lines are records: kind by kind.
func flawPlace(kind Kind, id int64) int64 { return int64(kind)<<56 | id }

// recordFlaws returns the records that have a key of a flaw, after a place.
func recordFlaws(tx *store.Tx, sort keySort, after int64, size int) ([]flawRow, error) {
	found, err := recordsWithKey(tx, sort, recordKey{Kind(after >> 56), after & (1<<56 - 1)}, size)
	rows := make([]flawRow, len(found))
	for i, r := range found {
		rows[i] = flawRow{Place: flawPlace(r.Kind, r.ID), Kind: r.Kind, ID: r.ID}
	}
	return rows, err
}

// unreadableRows returns a line for each phone of some records that is no number of the outside world.
func unreadableRows(tx *store.Tx, records []flawRow) (rows []flawRow, err error) {
	for _, kind := range []Kind{KindCompany, KindContact, KindLead} {
		var ids []int64
		for _, r := range records {
			if r.Kind == kind {
				ids = append(ids, r.ID)
			}
		}
		if len(ids) == 0 {
			continue
		}
		var some []flawRow
		if err := tx.Select(&some, `SELECT kind, entity_id AS id, raw FROM phones
			WHERE kind = ? AND entity_id IN (?) AND number_key <= 0 ORDER BY entity_id, place`, int64(kind),
			ids); err != nil {
			return nil, err
		}
		rows = append(rows, some...)
	}
	return rows, nil
}

// sharedNumberRows returns a line for each record that has one of the numbers.
func sharedNumberRows(tx *store.Tx, numbers []int64) (rows []flawRow, err error) {
	err = tx.Select(&rows, `SELECT DISTINCT kind, entity_id AS id, number_key FROM numbers WHERE number_key IN (?)
		ORDER BY number_key, kind, entity_id`, numbers)
	return rows, err
}

// leadOfCompanyRows returns a line for each lead with one of the numbers, and a company that has it too and to which
// the lead is not linked.
func leadOfCompanyRows(tx *store.Tx, numbers []int64) (rows []flawRow, err error) {
	err = tx.Select(&rows, `SELECT 3 AS kind, n.entity_id AS id, n.number_key, MIN(m.company_id) AS company_id
		FROM numbers n
		JOIN numbers m ON m.number_key = n.number_key AND m.kind < 3 AND m.company_id NOT IN (0, n.company_id)
		WHERE n.number_key IN (?) AND n.kind = 3 GROUP BY n.number_key, n.entity_id ORDER BY n.number_key, n.entity_id`,
		numbers)
	return rows, err
}

// fewCompanies is how many companies are found by an index of owners or statuses and sorted then; of more the next ones
// are found sooner in the order of ids.
const fewCompanies = 20_000

// companyFlaws returns the companies that have one of the owners, or statuses, of a report, after one of them. total is
// how many there are.
func companyFlaws(tx *store.Tx, report Report, values []int64, total, after int64,
	size int) (rows []flawRow, err error) {
	column := "owner_id"
	if report == CompaniesWithoutStatus {
		column = "status_id"
	}
	if total > fewCompanies && len(values) > 1 {
		column += " + 0" // no index of this column
	}
	err = tx.Select(&rows, "SELECT id AS place, 1 AS kind, id FROM companies WHERE "+column+
		" IN (?) AND deleted_at = 0 AND id > ? ORDER BY id LIMIT ?", values, after, size)
	return rows, err
}
