package crm

import (
	"encoding/json"
	"strings"

	"callhue/internal/fault"
	"callhue/internal/store"
)

// base is the part of a row that all three kinds have.
type base struct {
	ID        int64  `db:"id"`
	Name      string `db:"name"`
	OwnerID   int64  `db:"owner_id"`
	Version   int64  `db:"version"`
	CreatedAt int64  `db:"created_at"`
	CreatedBy int64  `db:"created_by"`
	UpdatedAt int64  `db:"updated_at"`
	UpdatedBy int64  `db:"updated_by"`
	Search    string `db:"search"`
}

type companyRow struct {
	base
	TeamIDs  string `db:"team_ids"` // JSON
	StatusID int64  `db:"status_id"`
	StatusAt int64  `db:"status_at"`
	StatusBy int64  `db:"status_by"`
}

type contactRow struct {
	base
	Post string `db:"post"`
}

type leadRow struct {
	base
	Title       string `db:"title"`
	Source      string `db:"source"`
	Stage       string `db:"stage"`
	Semantics   string `db:"semantics"`
	ContactID   int64  `db:"contact_id"`
	CompanyID   int64  `db:"company_id"`
	LinkedAt    int64  `db:"linked_at"`
	ConvertedAt int64  `db:"converted_at"`
}

// sheet is a table and the columns of it that we write.
type table struct {
	name    string
	columns string
}

const baseColumns = "name, owner_id, version, created_at, created_by, updated_at, updated_by, search, "

var (
	companiesTable = table{"companies", baseColumns + "team_ids, status_id, status_at, status_by, holds, deleted_at"}
	contactsTable  = table{"contacts", baseColumns + "post, holds, deleted_at"}
	leadsTable     = table{"leads", baseColumns +
		"title, source, stage, semantics, contact_id, company_id, linked_at, converted_at, holds, deleted_at"}
	phonesTable       = table{"phones", "kind, entity_id, place, raw, number_key, extension, phone_kind, since"}
	emailsTable       = table{"emails", "kind, entity_id, place, address"}
	companyLinksTable = table{"contact_companies", "contact_id, company_id, place, linked_at"}
	mergesTable       = table{"merges", "kind, record_id, into_id, at, by_id"}
	numbersTable      = table{"numbers", "number_key, kind, entity_id, company_id, since, is_primary"}
)

func (b base) values(more ...any) []any {
	return append(append([]any{b.Name, b.OwnerID, b.Version, b.CreatedAt, b.CreatedBy, b.UpdatedAt, b.UpdatedBy,
		b.Search}, more...), 0, 0)
}

func (r companyRow) values() []any {
	return r.base.values(r.TeamIDs, r.StatusID, r.StatusAt, r.StatusBy)
}

func (r contactRow) values() []any { return r.base.values(r.Post) }

func (r leadRow) values() []any {
	return r.base.values(r.Title, r.Source, r.Stage, r.Semantics, r.ContactID, r.CompanyID, r.LinkedAt, r.ConvertedAt)
}

// kind returns the kind of the records of a table.
func (s table) kind() Kind {
	switch s.name {
	case companiesTable.name:
		return KindCompany
	case contactsTable.name:
		return KindContact
	default:
		return KindLead
	}
}

// insertOne adds a record and what it is found by.
func insertOne(tx *store.Tx, s table, values []any) (int64, error) {
	id, err := tx.Insert("INSERT INTO "+s.name+" ("+s.columns+") VALUES ("+marks(len(values))+")", values...)
	if err != nil {
		return 0, err
	}
	search := values[searchPlace].(string)
	if err := addSearch(tx, s.kind(), []int64{id}, func(int) string { return search }); err != nil {
		return 0, err
	}
	return id, markChanged(tx, s.kind(), id)
}

// lastID is the highest id of a kind, removed records included.
func lastID(tx *store.Tx, kind Kind) (id int64, err error) {
	err = tx.Get(&id, "SELECT COALESCE(MAX(id), 0) FROM "+kind.table())
	return id, err
}

func insertRows(tx *store.Tx, s table, rows [][]any) error {
	return tx.InsertAll(s.name, s.columns, rows)
}

func marks(n int) string { return "?" + strings.Repeat(", ?", n-1) }

// update writes the sheet's columns of one row that the transaction holds.
func update(tx *store.Tx, s table, id int64, values []any) error {
	before, err := searchTextAt(tx, s.kind(), id)
	if err != nil {
		return err
	}
	if err := changeSearch(tx, s.kind(), id, before, values[searchPlace].(string)); err != nil {
		return err
	}
	columns := strings.TrimSuffix(s.columns, ", holds, deleted_at")
	_, err = tx.Exec("UPDATE "+s.name+" SET "+strings.ReplaceAll(columns, ",", " = ?,")+" = ? WHERE id = ?",
		append(values[:len(values)-2:len(values)-2], id)...)
	if err != nil {
		return err
	}
	return markChanged(tx, s.kind(), id)
}

// hold locks records for this transaction and returns how many of them exist; removed ones do not count. It comes before
// every SELECT of a write: the row lock, not the version read before it, keeps two writes apart, and a Galera cluster
// compares changed rows.
func lock(tx *store.Tx, kind Kind, ids ...int64) (int64, error) {
	if len(ids) == 1 {
		return tx.Exec("UPDATE "+kind.table()+" SET holds = holds + 1 WHERE id = ? AND deleted_at = 0", ids[0])
	}
	if len(ids) == 0 {
		return 0, nil
	}
	return tx.Exec("UPDATE "+kind.table()+" SET holds = holds + 1 WHERE id IN (?) AND deleted_at = 0", ids)
}

// holdOne is hold for the record that a write is about.
func lockOne(tx *store.Tx, kind Kind, id int64) error {
	n, err := lock(tx, kind, id)
	if err == nil && n == 0 {
		return fault.Missing(kind.String())
	}
	return err
}

const (
	companyColumns = "id, " + baseColumns + "team_ids, status_id, status_at, status_by"
	contactColumns = "id, " + baseColumns + "post"
	leadColumns    = "id, " + baseColumns + "title, source, stage, semantics, contact_id, company_id, linked_at, " +
		"converted_at"
)

func companyRows(tx *store.Tx, ids []int64) (rows []companyRow, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	err = tx.Select(&rows, "SELECT "+companyColumns+" FROM companies WHERE id IN (?) AND deleted_at = 0 ORDER BY id",
		ids)
	return rows, err
}

func companyRowOf(tx *store.Tx, id int64) (r companyRow, err error) {
	err = tx.Find("company", &r, "SELECT "+companyColumns+" FROM companies WHERE id = ? AND deleted_at = 0", id)
	return r, err
}

type briefRow struct {
	ID        int64  `db:"id"`
	Name      string `db:"name"`
	OwnerID   int64  `db:"owner_id"`
	TeamIDs   string `db:"team_ids"`
	StatusID  int64  `db:"status_id"`
	DeletedAt int64  `db:"deleted_at"`
}

func briefRows(tx *store.Tx, ids []int64) (rows []briefRow, err error) {
	err = tx.Select(&rows, "SELECT id, name, owner_id, team_ids, status_id, deleted_at FROM companies WHERE id IN (?)",
		ids)
	return rows, err
}

func contactRows(tx *store.Tx, ids []int64) (rows []contactRow, err error) {
	err = tx.Select(&rows, "SELECT "+contactColumns+" FROM contacts WHERE id IN (?) AND deleted_at = 0 ORDER BY id",
		ids)
	return rows, err
}

func contactRowOf(tx *store.Tx, id int64) (r contactRow, err error) {
	err = tx.Find("contact", &r, "SELECT "+contactColumns+" FROM contacts WHERE id = ? AND deleted_at = 0", id)
	return r, err
}

func leadRowOf(tx *store.Tx, id int64) (r leadRow, err error) {
	err = tx.Find("lead", &r, "SELECT "+leadColumns+" FROM leads WHERE id = ? AND deleted_at = 0", id)
	return r, err
}

func versionOf(tx *store.Tx, kind Kind, id int64) (version int64, err error) {
	err = tx.Find(kind.String(), &version, "SELECT version FROM "+kind.table()+" WHERE id = ? AND deleted_at = 0", id)
	return version, err
}

func remove(tx *store.Tx, kind Kind, id, now, by int64) error {
	if err := hideSearch(tx, kind, id); err != nil {
		return err
	}
	_, err := tx.Exec("UPDATE "+kind.table()+" SET deleted_at = ?, updated_at = ?, updated_by = ?, version = version "+
		"+ 1 WHERE id = ?", now, now, by, id)
	if err != nil {
		return err
	}
	return markChanged(tx, kind, id)
}

// touch counts one more change of a row that the transaction holds.
func touch(tx *store.Tx, kind Kind, id, now, by int64) error {
	_, err := tx.Exec("UPDATE "+kind.table()+" SET version = version + 1, updated_at = ?, updated_by = ? WHERE id = ?",
		now, by, id)
	if err != nil {
		return err
	}
	return markChanged(tx, kind, id)
}

// linkLeadContact returns a lead another contact, 0 for none.
func linkLeadContact(tx *store.Tx, lead, contact, now, by int64) error {
	_, err := tx.Exec("UPDATE leads SET contact_id = ?, version = version + 1, updated_at = ?, updated_by = ? WHERE "+
		"id = ?", contact, now, by, lead)
	if err != nil {
		return err
	}
	return markChanged(tx, KindLead, lead)
}

// ---- phones, e-mails, links

type phoneRow struct {
	Entity int64 `db:"entity_id"`
	phoneLine
}

func phonesOf(tx *store.Tx, kind Kind, ids []int64) (rows []phoneRow, err error) {
	err = tx.Select(&rows, `SELECT entity_id, place, raw, number_key, extension, phone_kind, since FROM phones
		WHERE kind = ? AND entity_id IN (?) ORDER BY entity_id, place`, int64(kind), ids)
	return rows, err
}

type emailRow struct {
	Entity  int64  `db:"entity_id"`
	Address string `db:"address"`
}

func emailsOf(tx *store.Tx, kind Kind, ids []int64) (rows []emailRow, err error) {
	err = tx.Select(&rows, `SELECT entity_id, address FROM emails
		WHERE kind = ? AND entity_id IN (?) ORDER BY entity_id, place`, int64(kind), ids)
	return rows, err
}

type namedRow struct {
	Contact int64  `db:"contact_id"`
	ID      int64  `db:"id"`
	Name    string `db:"name"`
	At      int64  `db:"linked_at"`
}

// companiesNamed returns the companies of contacts, each contact's in its order.
func companiesNamed(tx *store.Tx, contacts []int64) (rows []namedRow, err error) {
	err = tx.Select(&rows, `SELECT t.contact_id, c.id, c.name, t.linked_at FROM contact_companies t JOIN companies c ON c.id = t.company_id
		WHERE t.contact_id IN (?) ORDER BY t.contact_id, t.place`, contacts)
	return rows, err
}

func linesAt(tx *store.Tx, kind Kind, id int64) (lines []phoneLine, err error) {
	err = tx.Select(&lines, `SELECT place, raw, number_key, extension, phone_kind, since FROM phones
		WHERE kind = ? AND entity_id = ? ORDER BY place`, int64(kind), id)
	return lines, err
}

func emailsAt(tx *store.Tx, kind Kind, id int64) ([]string, error) {
	list := []string{}
	err := tx.Select(&list, "SELECT address FROM emails WHERE kind = ? AND entity_id = ? ORDER BY place", int64(kind),
		id)
	return list, err
}

func companyLinksOf(tx *store.Tx, contact int64) (links []companyLink, err error) {
	err = tx.Select(&links, "SELECT company_id, linked_at FROM contact_companies WHERE contact_id = ? ORDER BY place",
		contact)
	return links, err
}

func replaceLines(tx *store.Tx, kind Kind, id int64, lines []phoneLine) error {
	if _, err := tx.Exec("DELETE FROM phones WHERE kind = ? AND entity_id = ?", int64(kind), id); err != nil {
		return err
	}
	return insertRows(tx, phonesTable, phoneRows(kind, id, lines))
}

func phoneRows(kind Kind, id int64, lines []phoneLine) [][]any {
	rows := make([][]any, len(lines))
	for i, l := range lines {
		rows[i] = []any{int64(kind), id, l.Place, l.Raw, l.Key, l.Extension, l.Kind, l.Since}
	}
	return rows
}

func replaceEmails(tx *store.Tx, kind Kind, id int64, list []string) error {
	if _, err := tx.Exec("DELETE FROM emails WHERE kind = ? AND entity_id = ?", int64(kind), id); err != nil {
		return err
	}
	return insertRows(tx, emailsTable, emailRows(kind, id, list))
}

func emailRows(kind Kind, id int64, list []string) [][]any {
	rows := make([][]any, len(list))
	for i, address := range list {
		rows[i] = []any{int64(kind), id, i, address}
	}
	return rows
}

func replaceCompanyLinks(tx *store.Tx, contact int64, links []companyLink) error {
	if _, err := tx.Exec("DELETE FROM contact_companies WHERE contact_id = ?", contact); err != nil {
		return err
	}
	return insertRows(tx, companyLinksTable, companyLinkRows(contact, links))
}

func companyLinkRows(contact int64, links []companyLink) [][]any {
	rows := make([][]any, len(links))
	for i, t := range links {
		rows[i] = []any{contact, t.Company, i, t.At}
	}
	return rows
}

// ---- around a record

// pageQuery returns a page of a list, newest first; its last argument is the size.
func pageQuery(kind Kind, columns, where string) string {
	return "SELECT " + columns + " FROM " + kind.table() + " WHERE " + where + " ORDER BY id DESC LIMIT ?"
}

// What stands around a record: its id and how many at most.
var (
	companiesOfContact = "SELECT " + prefixed("c", companyColumns) +
		` FROM contact_companies t JOIN companies c ON c.id = t.company_id
		WHERE t.contact_id = ? AND c.deleted_at = 0 ORDER BY t.place LIMIT ?`
	contactsOfCompany = "SELECT " + prefixed("p", contactColumns) +
		` FROM contact_companies t JOIN contacts p ON p.id = t.contact_id
		WHERE t.company_id = ? AND p.deleted_at = 0 ORDER BY t.contact_id DESC LIMIT ?`
)

func leadsAround(of Kind) string {
	return pageQuery(KindLead, leadColumns, of.String()+"_id = ? AND deleted_at = 0")
}

// prefixed names columns by the table that they are of.
func prefixed(table, columns string) string {
	return table + "." + strings.ReplaceAll(columns, ", ", ", "+table+".")
}

func contactsLinkedTo(tx *store.Tx, company int64) (ids []int64, err error) {
	err = tx.Select(&ids, "SELECT contact_id FROM contact_companies WHERE company_id = ? ORDER BY contact_id", company)
	return ids, err
}

// leadsLinkedTo returns the leads of a company or contact.
func leadsLinkedTo(tx *store.Tx, to Kind, id int64) (ids []int64, err error) {
	err = tx.Select(&ids, "SELECT id FROM leads WHERE "+to.String()+"_id = ? AND deleted_at = 0 ORDER BY id", id)
	return ids, err
}

// companiesWithStatus counts the companies that stand on a status, for the
// directory.
func companiesWithStatus(tx *store.Tx, status int64) (n int64, err error) {
	err = tx.Get(&n, "SELECT COUNT(*) FROM companies WHERE status_id = ? AND deleted_at = 0", status)
	return n, err
}

// idsIn reads a column of ids; what is not a JSON array of numbers was never
// written by us and counts as empty.
func idsIn(text string) []int64 {
	if text == "" || text == "[]" {
		return nil
	}
	var ids []int64
	if err := json.Unmarshal([]byte(text), &ids); err != nil {
		return nil
	}
	return ids
}

func idsText(ids []int64) string {
	if len(ids) == 0 {
		return "[]"
	}
	text, err := json.Marshal(ids)
	if err != nil {
		panic("crm: numbers that are no JSON: " + err.Error())
	}
	return string(text)
}
