package store

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"

	"callhue/internal/fault"
	"callhue/internal/paging"
)

// Table is the plain SQL of one table: insert, find, list, page, update under a
// version, remove. R is its row: each field with a `db` tag is a column, and `id` is
// the auto-increment key. Three more names have a meaning where R has them: `version`
// counts the updates from 1, `created_at` and `updated_at` are when the row was made
// and last changed. A tag `db:"name,once"` is a column that updates leave alone. SQL
// beyond that is written out beside the table, with Columns.
type Table[R any] struct {
	// Columns is what a SELECT of rows names: "id, name, version".
	Columns string

	name, noun                 string
	taken                      fault.Field // how a row is refused that is there already; the zero value for not at all
	columns                    []column
	id, version, made, changed *column // nil where R has no such column
	insert, update             string
	inserted, updated          []*column // the arguments of these statements, in their order
}

// column is a field of a row.
type column struct {
	name string
	once bool
	at   []int // of the field, as reflect counts it
}

// NewTable returns the SQL of a table. noun is the word of the product that a missing
// row is reported with. It panics when R cannot be the row of a table.
func NewTable[R any](name, noun constant) *Table[R] {
	t := &Table[R]{name: string(name), noun: string(noun)}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[R]()) {
		tag, options, _ := strings.Cut(field.Tag.Get("db"), ",")
		if tag != "" && tag != "-" {
			t.columns = append(t.columns, column{tag, options == "once", field.Index})
		}
	}
	var names, inserted, set []string
	for i := range t.columns {
		c := &t.columns[i]
		names = append(names, c.name)
		switch c.name {
		case "id":
			t.id = c
			continue
		case "version":
			t.version = c
		case "created_at":
			t.made = c
		case "updated_at":
			t.changed = c
		}
		inserted, t.inserted = append(inserted, c.name), append(t.inserted, c)
		if c != t.version && c != t.made && !c.once {
			set, t.updated = append(set, c.name+" = ?"), append(t.updated, c)
		}
	}
	if t.id == nil {
		panic("store: a row without an id: " + reflect.TypeFor[R]().String())
	}
	t.Columns = strings.Join(names, ", ")
	t.insert = "INSERT INTO " + t.name + " (" + strings.Join(inserted, ", ") + ") VALUES (?" +
		strings.Repeat(", ?", len(inserted)-1) + ")"
	t.update, t.updated = "UPDATE "+t.name+" SET "+strings.Join(set, ", ")+" WHERE id = ?", append(t.updated, t.id)
	if t.version != nil {
		t.update = strings.Replace(t.update, " SET ", " SET version = version + 1, ", 1) + " AND version = ?"
		t.updated = append(t.updated, t.version)
	}
	return t
}

// Unique names the conflict that Insert and Update answer when a unique key of the
// table refuses the row, and the field at which it is found.
func (t *Table[R]) Unique(field, code constant) *Table[R] {
	t.taken = fault.Field{Field: string(field), Code: string(code)}
	return t
}

// Insert adds a row. It sets the row's id, its version to 1, and when it was made.
func (t *Table[R]) Insert(tx *Tx, row *R) error {
	v := reflect.ValueOf(row).Elem()
	t.set(v, t.version, 1)
	t.set(v, t.made, tx.moment())
	t.set(v, t.changed, tx.moment())
	id, err := tx.Insert(t.insert, arguments(v, t.inserted)...)
	if err != nil {
		return t.refused(tx, err)
	}
	t.set(v, t.id, id)
	return nil
}

// Update writes a row over the one of its id and version, and sets its next version
// and when it was changed. When that one is not there any more the fault is
// "stale_version", or "not_found" for rows without a version.
func (t *Table[R]) Update(tx *Tx, row *R) error {
	v := reflect.ValueOf(row).Elem()
	t.set(v, t.changed, tx.moment())
	found, err := tx.Exec(t.update, arguments(v, t.updated)...)
	switch {
	case err != nil:
		return t.refused(tx, err)
	case found == 0 && t.version == nil:
		return fault.Missing(t.noun)
	case found == 0:
		return fault.Stale()
	}
	if t.version != nil {
		t.set(v, t.version, t.version.of(v).Int()+1)
	}
	return nil
}

// Remove removes a row; "not_found" when it is not there.
func (t *Table[R]) Remove(tx *Tx, id int64) error {
	found, err := tx.Exec("DELETE FROM "+t.name+" WHERE id = ?", id)
	if err == nil && found == 0 {
		err = fault.Missing(t.noun)
	}
	return err
}

// Take removes a row and returns it as it was; "not_found" when it is not there.
func (t *Table[R]) Take(tx *Tx, id int64) (*R, error) {
	row, err := t.Find(tx, id)
	if err != nil {
		return nil, err
	}
	return row, t.Remove(tx, id)
}

// RemoveAll removes the rows of a condition and returns how many there were.
func (t *Table[R]) RemoveAll(tx *Tx, where Where) (int64, error) {
	return tx.Exec("DELETE FROM "+t.name+where.clause(), where.args...)
}

// Find returns the row of an id, or the fault "not_found".
func (t *Table[R]) Find(tx *Tx, id int64) (*R, error) {
	row, err := t.First(tx, Equal("id", id))
	if err == nil && row == nil {
		err = fault.Missing(t.noun)
	}
	return row, err
}

// FindVersion is Find for a row that is about to change: the version that the user has
// seen must be the present one. Faults beside "not_found": version "required",
// "stale_version".
func (t *Table[R]) FindVersion(tx *Tx, id, version int64) (*R, error) {
	row, err := t.Find(tx, id)
	if err == nil {
		err = Seen(version, t.version.of(reflect.ValueOf(row).Elem()).Int())
	}
	if err != nil {
		return nil, err
	}
	return row, nil
}

// Seen checks that a user has seen the present version of what they change. Faults:
// version "required", "stale_version".
func Seen(version, present int64) error {
	switch version {
	case 0:
		return fault.Invalid("version", "required")
	case present:
		return nil
	}
	return fault.Stale()
}

// First returns the row of a condition that has the lowest id, nil when there is none.
func (t *Table[R]) First(tx *Tx, where Where) (*R, error) {
	rows, err := t.read(tx, where, " ORDER BY id LIMIT 1")
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0], nil
}

// List returns all rows of a condition.
func (t *Table[R]) List(tx *Tx, where Where, order Order) ([]*R, error) {
	return t.read(tx, where, order.clause())
}

// Count returns the number of rows of a condition.
func (t *Table[R]) Count(tx *Tx, where Where) (n int64, err error) {
	rows := []int64{}
	err = tx.Select(&rows, "SELECT COUNT(*) FROM "+t.name+where.clause(), where.args...)
	if err == nil {
		n = rows[0]
	}
	return n, err
}

// Page returns one page of the rows of a condition. Rows that come or go meanwhile
// move no other row to another page.
func (t *Table[R]) Page(tx *Tx, where Where, order Order, query paging.Query) (page paging.List[*R], err error) {
	sort := t.column(order.column)
	after, err := t.after(sort, order, query)
	if err != nil {
		return page, err
	}
	where = where.And(after)
	where.args = append(where.args[:len(where.args):len(where.args)], query.Size()+1)
	rows, err := t.read(tx, where, order.clause()+" LIMIT ?")
	if err != nil {
		return page, err
	}
	return paging.Cut(rows, query.Size(), func(last *R) any {
		v := reflect.ValueOf(last).Elem()
		return cursor{Value: sort.of(v).Interface(), ID: t.id.of(v).Int()}
	}), nil
}

// cursor is where a page ended.
type cursor struct {
	Value any   `json:"v"` // of the column that the list is sorted by
	ID    int64 `json:"id"`
}

// after holds for the rows behind those of the page before.
func (t *Table[R]) after(sort *column, order Order, query paging.Query) (Where, error) {
	if query.PageToken == "" {
		return Where{}, nil
	}
	var token struct {
		Value json.RawMessage `json:"v"`
		ID    int64           `json:"id"`
	}
	err := query.After(&token)
	value := reflect.New(reflect.TypeFor[R]().FieldByIndex(sort.at).Type)
	if err == nil && json.Unmarshal(token.Value, value.Interface()) != nil {
		err = paging.Malformed(errors.New("the value is of another type"))
	}
	if err != nil {
		return Where{}, err
	}
	above := ">"
	if order.descending {
		above = "<"
	}
	if sort == t.id {
		return Where{"id " + above + " ?", []any{token.ID}}, nil
	}
	v := value.Elem().Interface()
	text := "(" + sort.name + " " + above + "= ? AND (" + sort.name + " " + above + " ? OR id " + above + " ?))"
	return Where{text, []any{v, v, token.ID}}, nil
}

// Order is the order of a list: by a column, then by id.
type Order struct {
	column     string
	descending bool
}

// By returns the rising order of a column.
func By(column constant) Order { return Order{column: string(column)} }

// Descending returns the falling order; of "id" the newest row comes first.
func (o Order) Descending() Order {
	o.descending = true
	return o
}

func (o Order) clause() string {
	down := ""
	if o.descending {
		down = " DESC"
	}
	if o.column == "id" {
		return " ORDER BY id" + down
	}
	return " ORDER BY " + o.column + down + ", id" + down
}

func (t *Table[R]) read(tx *Tx, where Where, tail string) (rows []*R, err error) {
	err = tx.Select(&rows, "SELECT "+t.Columns+" FROM "+t.name+where.clause()+tail, where.args...)
	return rows, err
}

func (t *Table[R]) column(name string) *column {
	for i := range t.columns {
		if t.columns[i].name == name {
			return &t.columns[i]
		}
	}
	panic("store: " + t.name + " has no column " + name)
}

func (t *Table[R]) refused(tx *Tx, err error) error {
	if t.taken.Code != "" && tx.Duplicate(err) {
		return fault.Taken(t.taken.Field, t.taken.Code)
	}
	return err
}

func (t *Table[R]) set(row reflect.Value, c *column, value int64) {
	if c != nil {
		c.of(row).SetInt(value)
	}
}

func (c *column) of(row reflect.Value) reflect.Value { return row.FieldByIndex(c.at) }

func arguments(row reflect.Value, columns []*column) []any {
	args := make([]any, len(columns))
	for i, c := range columns {
		args[i] = c.of(row).Interface()
	}
	return args
}
