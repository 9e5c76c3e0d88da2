package store

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
)

// Texts is a column of texts by their names, kept as a JSON object. Of a nil map the column holds an empty one.
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
	var raw []byte
	switch column := column.(type) {
	case string:
		raw = []byte(column)
	case []byte:
		raw = column
	default:
		return fmt.Errorf("store: a column of texts is %T", column)
	}
	read := map[string]string{}
	if err := json.Unmarshal(raw, &read); err != nil {
		return fmt.Errorf("store: a column of texts: %w", err)
	}
	*t = read
	return nil
}
