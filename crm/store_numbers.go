package crm

import (
	"cmp"
	"slices"

	"callhue/internal/store"
)

func numberRowsIn(tx *store.Tx, kind Kind, id int64) (rows []numberRow, err error) {
	err = tx.Select(&rows, `SELECT number_key, kind, entity_id, company_id, since, is_primary FROM numbers
		WHERE kind = ? AND entity_id = ? ORDER BY number_key, company_id`, int64(kind), id)
	return rows, err
}

func removeNumberRow(tx *store.Tx, l numberRow) error {
	_, err := tx.Exec("DELETE FROM numbers WHERE number_key = ? AND kind = ? AND entity_id = ? AND company_id = ?",
		l.Key, int64(l.Kind), l.Entity, l.Company)
	return err
}

func changeNumberRow(tx *store.Tx, l numberRow) error {
	_, err := tx.Exec("UPDATE numbers SET since = ?, is_primary = ? WHERE number_key = ? AND kind = ? AND entity_id "+
		"= ? AND company_id = ?",
		l.Since, l.Primary, l.Key, int64(l.Kind), l.Entity, l.Company)
	return err
}

// oldestLinks returns since when each company has had a number, by its oldest link of
// the kinds up to one.
func oldestLinks(tx *store.Tx, key int64, last Kind) (map[int64]int64, error) {
	var rows []struct {
		Company int64 `db:"company_id"`
		Since   int64 `db:"since"`
	}
	err := tx.Select(&rows, "SELECT company_id, MIN(since) AS since FROM numbers WHERE number_key = ? AND kind <= ? "+
		"AND company_id <> 0 GROUP BY company_id", key, int64(last))
	oldest := make(map[int64]int64, len(rows))
	for _, r := range rows {
		oldest[r.Company] = r.Since
	}
	return oldest, err
}

// outranked reports whether a company, through some of its records of a kind, has a
// number for longer than a company that stands on one of these statuses and has
// an owner other than the user. Leads may count or not (policy): a link that is no
// lead's outranks the company if it is older than its links without leads, too.
func outranked(tx *store.Tx, kind Kind, records []int64, company int64, statuses []int64, user int64) (bool, error) {
	var found []int64
	err := tx.Select(&found, `SELECT theirs.company_id FROM numbers mine
		JOIN numbers theirs ON theirs.number_key = mine.number_key AND theirs.company_id <> mine.company_id
		JOIN companies c ON c.id = theirs.company_id AND c.deleted_at = 0
		WHERE mine.kind = ? AND mine.entity_id IN (?) AND mine.company_id = ? AND c.status_id IN (?) AND c.owner_id <> 0 AND c.owner_id <> ?
		GROUP BY mine.number_key, theirs.company_id 
		HAVING MIN(mine.since) < MIN(theirs.since)
		OR (? <> ? AND MIN(mine.since) < MIN(CASE WHEN theirs.kind <> ? THEN theirs.since END)) LIMIT 1`,
		int64(kind), records, company, statuses, user, int64(kind), int64(KindLead), int64(KindLead))
	return len(found) > 0, err
}

// ReachSQL is the query of every call for so many numbers at once, whose keys are
// its arguments, twice; for Reach, and for the benchmark, which holds it against
// the driver alone. Each join is by a primary key, and only into the table of the
// record's kind: a NULL is looked up nowhere. The do-not-call list comes along in
// the same round trip as rows of no kind. There is no ORDER BY: a database would
// gather both halves before it sorts them, at an eighth of the whole time.
func ReachSQL(numbers int) string {
	return recordsSQL(numbers) + `
	UNION ALL SELECT d.number_key, 0, d.id, d.since_at, 0, d.reason, 0, '', d.till_at, 0, 0, '', 0, 0, '', 0, 0, 0
	FROM do_not_call d WHERE d.number_key IN (` + marks(numbers) + `)`
}

// recordsSQL is ReachSQL without the do-not-call list; the keys are its arguments.
func recordsSQL(numbers int) string {
	return `SELECT n.number_key, n.kind, n.entity_id, n.since, n.is_primary,
	COALESCE(p.name, l.title, c.name, ''), COALESCE(p.owner_id, l.owner_id, c.owner_id, 0),
	COALESCE(l.semantics, ''), COALESCE(l.updated_at, 0), COALESCE(l.created_at, 0),
	COALESCE(c.id, 0), COALESCE(c.name, ''), COALESCE(c.owner_id, 0), COALESCE(c.status_id, 0),
	COALESCE(c.team_ids, ''), COALESCE(c.contact_at, 0), COALESCE(c.guarded_at, 0), COALESCE(c.status_at, 0)
	FROM numbers n
	LEFT JOIN companies c ON c.id = n.company_id AND c.deleted_at = 0
	LEFT JOIN contacts p ON p.id = CASE n.kind WHEN 2 THEN n.entity_id END AND p.deleted_at = 0
	LEFT JOIN leads l ON l.id = CASE n.kind WHEN 3 THEN n.entity_id END AND l.deleted_at = 0
	WHERE n.number_key IN (` + marks(numbers) + `)
	AND COALESCE(p.id, l.id, CASE n.kind WHEN 1 THEN c.id END) IS NOT NULL`
}

// twins returns the records of a kind that have one of some numbers, by id. The
// kind is hidden from the planner: it would rather read all of a kind than look
// up some hundred numbers.
func findByNumbers(tx *store.Tx, kind Kind, keys []int64) (list []NumberMatch, err error) {
	err = tx.Select(&list, "SELECT n.number_key, n.entity_id, "+kind.title()+" AS name FROM numbers n JOIN "+
		kind.table()+` r ON r.id = n.entity_id
		WHERE n.number_key IN (?) AND n.kind + 0 = ? AND r.deleted_at = 0`, keys, int64(kind))
	slices.SortFunc(list, func(a, b NumberMatch) int { return cmp.Compare(a.ID, b.ID) })
	return list, err
}

// ---- what is there already, for imports

func findExisting(tx *store.Tx, kind Kind, ids []int64) (there []int64, err error) {
	err = tx.Select(&there, "SELECT id FROM "+kind.table()+" WHERE id IN (?) AND deleted_at = 0", ids)
	return there, err
}

// versioned is a record and its version.
type versioned struct {
	ID      int64 `db:"id"`
	Version int64 `db:"version"`
}

func findVersions(tx *store.Tx, kind Kind, ids []int64) (rows []versioned, err error) {
	err = tx.Select(&rows, "SELECT id, version FROM "+kind.table()+" WHERE id IN (?) AND deleted_at = 0", ids)
	return rows, err
}

func findNumbered(tx *store.Tx, kind Kind, ids []int64) (some []int64, err error) {
	err = tx.Select(&some, "SELECT DISTINCT entity_id FROM numbers WHERE kind = ? AND entity_id IN (?)", int64(kind),
		ids)
	return some, err
}

func eachName(tx *store.Tx, kind Kind, f func(id int64, name string)) error {
	var id int64
	var name string
	return tx.Each("SELECT id, "+kind.title()+" FROM "+kind.table()+" r WHERE deleted_at = 0 ORDER BY id", nil,
		func(scan func(dest ...any) error) error {
			if err := scan(&id, &name); err != nil {
				return err
			}
			f(id, name)
			return nil
		})
}

// title is the column of what a record is called in lists.
func (k Kind) title() string {
	if k == KindLead {
		return "r.title"
	}
	return "r.name"
}

// linkedTo returns the contacts or the leads of a company.
func linkedTo(tx *store.Tx, kind Kind, company int64) ([]int64, error) {
	if kind == KindContact {
		return contactsLinkedTo(tx, company)
	}
	return leadsLinkedTo(tx, KindCompany, company)
}
