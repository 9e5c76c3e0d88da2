package crm

import "callhue/store"

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
	err = tx.Select(&rows, "SELECT r.id, "+kind.title()+" AS name, r.owner_id, "+status+" AS status_id, r.updated_at FROM "+kind.table()+
		" r WHERE r.id IN (?) AND r.deleted_at = 0", ids)
	return rows, err
}

// sharedRow is a record that has a number together with others.
type sharedRow struct {
	Key int64 `db:"number_key"`
	ID  int64 `db:"entity_id"`
}

// sharedRows gives the numbers that several records of a kind have. The primary
// key of numbers is read once, in its order.
func sharedRows(tx *store.Tx, kind Kind) (rows []sharedRow, err error) {
	err = tx.Select(&rows, `SELECT DISTINCT n.number_key, n.entity_id FROM (SELECT number_key FROM numbers WHERE kind = ? AND number_key > 0
		GROUP BY number_key HAVING MIN(entity_id) <> MAX(entity_id)) s
		JOIN numbers n ON n.number_key = s.number_key AND n.kind = ? ORDER BY n.number_key, n.entity_id`, int64(kind), int64(kind))
	return rows, err
}

func emailsOfKind(tx *store.Tx, kind Kind, f func(id int64, email string)) error {
	var id int64
	var email string
	return tx.Each("SELECT r.id, e.address FROM emails e JOIN "+kind.table()+" r ON r.id = e.entity_id WHERE e.kind = ? AND r.deleted_at = 0",
		[]any{int64(kind)}, func(scan func(dest ...any) error) error {
			if err := scan(&id, &email); err != nil {
				return err
			}
			f(id, email)
			return nil
		})
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
	args  func(flawed) []any
}

func flawsOf(report Report) flawSQL {
	switch report {
	case ContactsWithoutCompany:
		return flawSQL{kind: KindContact, where: "NOT EXISTS (SELECT 1 FROM contact_companies t WHERE t.contact_id = r.id)"}
	case CompaniesWithoutStatus:
		return flawSQL{KindCompany, "r.status_id NOT IN (?)", func(f flawed) []any { return []any{f.statuses} }}
	case CompaniesWithoutPhone:
		return flawSQL{kind: KindCompany, where: "NOT EXISTS (SELECT 1 FROM phones p WHERE p.kind = 1 AND p.entity_id = r.id)"}
	case CompaniesWithoutOwner:
		return flawSQL{kind: KindCompany, where: "r.owner_id = 0"}
	case OwnerInactive:
		return flawSQL{KindCompany, "r.owner_id IN (?)", func(f flawed) []any { return []any{f.gone} }}
	default: // LeadsOfCompanies
		return flawSQL{kind: KindLead, where: "EXISTS (SELECT 1 FROM numbers n " + numbersOfCompanies +
			" WHERE n.kind = 3 AND n.entity_id = r.id AND m.company_id <> n.company_id)"}
	}
}

// numbersOfCompanies joins the companies m that a number n of a lead belongs to,
// by their own phones or by those of their contacts.
const numbersOfCompanies = "JOIN numbers m ON m.number_key = n.number_key AND n.number_key > 0 AND m.kind IN (1, 2) AND m.company_id <> 0"

const (
	// A number that several records have: each record of any kind has a number of
	// its own in the sum.
	sharedNumbers = `SELECT number_key FROM numbers WHERE number_key > ? GROUP BY number_key
		HAVING MIN(entity_id * 4 + kind) <> MAX(entity_id * 4 + kind)`

	unreadableNumbers = `FROM phones p LEFT JOIN companies c ON p.kind = 1 AND c.id = p.entity_id AND c.deleted_at = 0
		LEFT JOIN contacts t ON p.kind = 2 AND t.id = p.entity_id AND t.deleted_at = 0
		LEFT JOIN leads l ON p.kind = 3 AND l.id = p.entity_id AND l.deleted_at = 0
		WHERE p.number_key <= 0 AND p.id > ? AND COALESCE(c.id, t.id, l.id) IS NOT NULL`
)

func (s flawSQL) from(f flawed) (query string, args []any) {
	if s.args != nil {
		args = s.args(f)
	}
	return " FROM " + s.kind.table() + " r WHERE r.deleted_at = 0 AND " + s.where, args
}

func countOf(tx *store.Tx, report Report, f flawed) (int64, error) {
	var query string
	args := []any{int64(0)}
	switch report {
	case SharedNumbers:
		query = "SELECT COUNT(*) FROM (" + sharedNumbers + ") s"
	case UnreadableNumbers:
		query = "SELECT COUNT(*) " + unreadableNumbers
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

// flawRows gives the lines of a report after a place; next is 0 at the end.
func flawRows(tx *store.Tx, report Report, f flawed, after int64, size int) (rows []flawRow, next int64, err error) {
	switch report {
	case SharedNumbers:
		return sharedFlaws(tx, after, size)
	case UnreadableNumbers:
		err = tx.Select(&rows, "SELECT p.id AS place, p.kind, p.entity_id AS id, 0 AS number_key, p.raw, 0 AS company_id "+unreadableNumbers+
			" ORDER BY p.id LIMIT ?", after, size+1)
	default:
		s := flawsOf(report)
		from, args := s.from(f)
		args = append(append([]any{int64(s.kind)}, args...), after, size+1)
		err = tx.Select(&rows, "SELECT r.id AS place, ? AS kind, r.id, 0 AS number_key, '' AS raw, 0 AS company_id"+from+" AND r.id > ? ORDER BY r.id LIMIT ?", args...)
	}
	if err != nil {
		return nil, 0, err
	}
	if len(rows) > size {
		rows = rows[:size]
		next = rows[size-1].Place
	}
	if report == LeadsOfCompanies {
		err = nameNumbers(tx, rows)
	}
	return rows, next, err
}

func sharedFlaws(tx *store.Tx, after int64, size int) (rows []flawRow, next int64, err error) {
	var keys []int64
	if err := tx.Select(&keys, sharedNumbers+" ORDER BY number_key LIMIT ?", after, size+1); err != nil {
		return nil, 0, err
	}
	if len(keys) > size {
		keys = keys[:size]
		next = keys[size-1]
	}
	err = tx.Select(&rows, `SELECT DISTINCT number_key AS place, kind, entity_id AS id, number_key, '' AS raw, 0 AS company_id
		FROM numbers WHERE number_key IN (?) ORDER BY number_key, kind, entity_id`, keys)
	return rows, next, err
}

// nameNumbers says of each lead which of its numbers belongs to which company.
func nameNumbers(tx *store.Tx, leads []flawRow) error {
	ids := make([]int64, len(leads))
	at := make(map[int64]int, len(leads))
	for i, l := range leads {
		ids[i], at[l.ID] = l.ID, i
	}
	var rows []flawRow
	err := tx.Select(&rows, `SELECT 0 AS place, 3 AS kind, n.entity_id AS id, n.number_key, '' AS raw, m.company_id FROM numbers n `+numbersOfCompanies+
		` WHERE n.kind = 3 AND n.entity_id IN (?) AND m.company_id <> n.company_id ORDER BY n.number_key DESC, m.kind DESC, m.company_id DESC`, ids)
	for _, r := range rows { // the lowest comes last, and stays
		leads[at[r.ID]].Key, leads[at[r.ID]].Company = r.Key, r.Company
	}
	return err
}
