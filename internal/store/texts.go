package store

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
)

// Texts is a column of texts by their names, kept as a JSON object; of a nil map the column holds an empty one.
type Texts map[string]string

// Value returns what the column holds.
func (t Texts) Value() (driver.Value, error) {
	if t == nil {
		return "{}", nil
	}
	raw, err := json.Marshal(map[string]string(t))
	return string(raw), err
}

// Scan reads what the column holds.
func (t *Texts) Scan(column any) error {
	read := map[string]string{}
	err := scanJSON(column, &read)
	*t = read
	return err
}

// Strings is a column of a list of texts, kept as a JSON array; of a nil list the column holds an empty one.
type Strings []string

// Value returns what the column holds.
func (s Strings) Value() (driver.Value, error) {
	if s == nil {
		return "[]", nil
	}
	raw, err := json.Marshal([]string(s))
	return string(raw), err
}

// Scan reads what the column holds.
func (s *Strings) Scan(column any) error {
	read := []string{}
	err := scanJSON(column, &read)
	*s = read
	return err
}

// List is a column of a list of values, kept as a JSON array; of a nil list, and of NULL, it is empty.
type List[T any] []T

// Value returns what the column holds.
func (l List[T]) Value() (driver.Value, error) {
	if l == nil {
		return "[]", nil
	}
	raw, err := json.Marshal([]T(l))
	return string(raw), err
}

// Scan reads what the column holds.
func (l *List[T]) Scan(column any) error {
	read := []T{}
	if column == nil {
		*l = read
		return nil
	}
	err := scanJSON(column, &read)
	*l = read
	return err
}

func scanJSON(column, into any) error {
	var raw []byte
	switch column := column.(type) {
	case string:
		raw = []byte(column)
	case []byte:
		raw = column
	default:
		return fmt.Errorf("store: a column of JSON is %T", column)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("store: a column of JSON: %w", err)
	}
	return nil
}
