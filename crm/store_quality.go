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

// sharedRow is a record that has a number together with others.
type sharedRow struct {
	Key int64 `db:"number_key"`
	ID  int64 `db:"entity_id"`
}

// sharedRows returns the numbers that several records of a kind have. The primary
// key of numbers is read once, in its order.
func sharedRows(tx *store.Tx, kind Kind) (rows []sharedRow, err error) {
	err = tx.Select(&rows, `SELECT DISTINCT n.number_key, n.entity_id FROM (SELECT number_key FROM numbers WHERE kind = ? AND number_key > 0
		GROUP BY number_key HAVING MIN(entity_id) <> MAX(entity_id)) s
		JOIN numbers n ON n.number_key = s.number_key AND n.kind = ? ORDER BY n.number_key, n.entity_id`, int64(kind),
		int64(kind))
	return rows, err
}

// emailsOfKind reads every e-mail of a kind, those of removed records too.
func emailsOfKind(tx *store.Tx, kind Kind, f func(id int64, email string)) error {
	var id int64
	var email string
	return tx.Each("SELECT entity_id, address FROM emails WHERE kind = ?", []any{int64(kind)},
		func(scan func(dest ...any) error) error {
			if err := scan(&id, &email); err != nil {
				return err
			}
			f(id, email)
			return nil
		})
}

// liveEmails reads the e-mails of some records that are there, by id.
func liveEmails(tx *store.Tx, kind Kind, ids []int64, f func(id int64, email string)) error {
	var rows []emailRow
	err := tx.Select(&rows, "SELECT e.entity_id, e.address FROM emails e JOIN "+kind.table()+` r ON r.id = e.entity_id
		WHERE e.kind = ? AND e.entity_id IN (?) AND r.deleted_at = 0 ORDER BY e.entity_id, e.place`, int64(kind), ids)
	for _, r := range rows {
		f(r.Entity, r.Address)
	}
	return err
}

// liveNames reads the names of some records that are there, by id.
func liveNames(tx *store.Tx, kind Kind, ids []int64, f func(id int64, name string)) error {
	var rows []foundRow
	err := tx.Select(&rows, "SELECT r.id, "+kind.title()+" AS name FROM "+kind.table()+
		" r WHERE r.id IN (?) AND r.deleted_at = 0 ORDER BY r.id", ids)
	for _, r := range rows {
		f(r.ID, r.Name)
	}
	return err
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

// flawSQL is a report about records of one kind, called r: what is wrong with
// them.
type flawSQL struct {
	kind  Kind
	where string
	args  func(reportInput) []any
}

func flawsOf(report Report) flawSQL {
	switch report {
	case ContactsWithoutCompany:
		return flawSQL{kind: KindContact, where: "NOT EXISTS (SELECT 1 FROM contact_companies t WHERE t.contact_id = " +
			"r.id)"}
	case CompaniesWithoutStatus:
		return flawSQL{KindCompany, "r.status_id NOT IN (?)", func(f reportInput) []any { return []any{f.statuses} }}
	case CompaniesWithoutPhone:
		return flawSQL{kind: KindCompany, where: "NOT EXISTS (SELECT 1 FROM phones p WHERE p.kind = 1 AND " +
			"p.entity_id = r.id)"}
	case CompaniesWithoutOwner:
		return flawSQL{kind: KindCompany, where: "r.owner_id = 0"}
	default: // OwnerInactive
		return flawSQL{KindCompany, "r.owner_id IN (?)", func(f reportInput) []any { return []any{f.inactive} }}
	}
}

const (
	// A number that several records have: each record of any kind has a number of
	// its own in the sum. The order is that of the primary key of numbers.
	sharedNumbers = `SELECT number_key FROM numbers WHERE number_key > ? GROUP BY number_key
		HAVING MIN(entity_id * 4 + kind) <> MAX(entity_id * 4 + kind)`

	// A number that a lead and a company have, the company by a phone of its own or
	// by a contact.
	numbersOfLeads = `SELECT number_key FROM numbers WHERE number_key > ? GROUP BY number_key
		HAVING MAX(kind) = 3 AND MAX(CASE WHEN kind < 3 THEN company_id ELSE 0 END) > 0`

	// The leads n with such a number that are not linked to the company m.
	leadsOfCompanies = `JOIN numbers n ON n.number_key = s.number_key AND n.kind = 3
		JOIN numbers m ON m.number_key = s.number_key AND m.kind < 3 AND m.company_id NOT IN (0, n.company_id)`

	unreadableNumbers = `FROM phones p LEFT JOIN companies c ON p.kind = 1 AND c.id = p.entity_id AND c.deleted_at = 0
		LEFT JOIN contacts t ON p.kind = 2 AND t.id = p.entity_id AND t.deleted_at = 0
		LEFT JOIN leads l ON p.kind = 3 AND l.id = p.entity_id AND l.deleted_at = 0
		WHERE p.number_key <= 0 AND p.id > ? AND COALESCE(c.id, t.id, l.id) IS NOT NULL`
)

func (s flawSQL) from(f reportInput) (query string, args []any) {
	if s.args != nil {
		args = s.args(f)
	}
	return " FROM " + s.kind.table() + " r WHERE r.deleted_at = 0 AND " + s.where, args
}

func countOf(tx *store.Tx, report Report, f reportInput) (int64, error) {
	var query string
	args := []any{int64(0)}
	switch report {
	case SharedNumbers:
		query = "SELECT COUNT(*) FROM (" + sharedNumbers + ") s"
	case UnreadableNumbers:
		query = "SELECT COUNT(*) " + unreadableNumbers
	case LeadsOfCompanies:
		query = "SELECT COUNT(DISTINCT n.entity_id) FROM (" + numbersOfLeads + ") s " + leadsOfCompanies
	default:
		query, args = flawsOf(report).from(f)
		query = "SELECT COUNT(*)" + query
	}
	var found []int64 // Get takes no lists
	if err := tx.Select(&found, query, args...); err != nil {
		return 0, err
	}
	return found[0], nil
}

// flawRows returns the lines of a report after a place; next is 0 at the end.
func flawRows(tx *store.Tx, report Report, f reportInput, after int64,
	size int) (rows []flawRow, next int64, err error) {
	switch report {
	case SharedNumbers:
		return flawsByNumber(tx, sharedNumbers, `SELECT DISTINCT number_key AS place, kind, entity_id AS id, number_key, '' AS raw, 0 AS company_id
			FROM numbers WHERE number_key IN (?) ORDER BY number_key, kind, entity_id`, after, size)
	case LeadsOfCompanies:
		return flawsByNumber(tx, numbersOfLeads, `SELECT s.number_key AS place, 3 AS kind, n.entity_id AS id, s.number_key, '' AS raw, MIN(m.company_id) AS company_id
			FROM (SELECT DISTINCT number_key FROM numbers WHERE number_key IN (?)) s `+leadsOfCompanies+`
			GROUP BY s.number_key, n.entity_id ORDER BY s.number_key, n.entity_id`, after, size)
	case UnreadableNumbers:
		err = tx.Select(&rows, "SELECT p.id AS place, p.kind, p.entity_id AS id, 0 AS number_key, p.raw, 0 AS "+
			"company_id "+unreadableNumbers+
			" ORDER BY p.id LIMIT ?", after, size+1)
	default:
		s := flawsOf(report)
		from, args := s.from(f)
		args = append(append([]any{int64(s.kind)}, args...), after, size+1)
		err = tx.Select(&rows, "SELECT r.id AS place, ? AS kind, r.id, 0 AS number_key, '' AS raw, 0 AS company_id"+
			from+" AND r.id > ? ORDER BY r.id LIMIT ?", args...)
	}
	if err != nil {
		return nil, 0, err
	}
	if len(rows) > size {
		rows = rows[:size]
		next = rows[size-1].Place
	}
	return rows, next, nil
}

// flawsByNumber finds some numbers after a place, and then the lines of them.
func flawsByNumber(tx *store.Tx, numbers, lines string, after int64, size int) (rows []flawRow, next int64, err error) {
	var keys []int64
	if err := tx.Select(&keys, numbers+" ORDER BY number_key LIMIT ?", after, size+1); err != nil {
		return nil, 0, err
	}
	if len(keys) > size {
		keys = keys[:size]
		next = keys[size-1]
	}
	err = tx.Select(&rows, lines, keys)
	return rows, next, err
}
