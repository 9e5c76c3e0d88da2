package store

import (
	"database/sql/driver"
	"fmt"
)

// Only is a flag that at most one row of a table has, such as "is the default": its
// column is 1 or NULL, and unique, so that the database itself keeps it the only one.
type Only bool

// Value returns what the column holds.
func (o Only) Value() (driver.Value, error) {
	if o {
		return int64(1), nil
	}
	return nil, nil
}

// Scan reads what the column holds.
func (o *Only) Scan(column any) error {
	switch column.(type) {
	case nil:
		*o = false
	case int64:
		*o = true
	default:
		return fmt.Errorf("store: a flag of only one row is %T", column)
	}
	return nil
}
