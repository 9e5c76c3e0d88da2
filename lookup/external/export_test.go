package external

import (
	"database/sql"
	"testing"
)

// ExecForTest runs a statement on a connection as the queries have it, past our check of queries.
func ExecForTest(t *testing.T, d Database, statement string) error {
	t.Helper()
	connector, err := d.connector()
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		return databaseFault(err)
	}
	return nil
}
