package store

import (
	"context"
	"testing"
)

// TestThePoolOfTestDatabases: the next test finds no row, ids from 1, and the tables as
// the migrations make them, whatever the test before did.
func TestThePoolOfTestDatabases(t *testing.T) {
	ctx := context.Background()
	for _, leave := range []string{"nothing", "INSERT INTO staff_turns (name, turn) VALUES ('x', 1)",
		"DROP TABLE staff_turns", "ALTER TABLE users ADD COLUMN odd INT NOT NULL DEFAULT 0", "nothing"} {
		t.Run(leave, func(t *testing.T) {
			db := pooledMySQL(t)
			if err := db.Migrated(ctx); err != nil {
				t.Fatal(err)
			}
			for query, want := range map[string]int{
				"SELECT COUNT(*) FROM staff_turns": 0, "SELECT COUNT(*) FROM journal": 0,
				"SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND column_name = 'odd'": 0,
			} {
				var n int
				if err := db.Read(ctx).Get(&n, query); err != nil || n != want {
					t.Errorf("%s = %d, %v; want %d", query, n, err, want)
				}
			}
			other := pooledMySQL(t) // at the same time: another one
			if other.URL == db.URL {
				t.Errorf("two tests have %s at once", db.URL)
			}
			err := db.Write(ctx, func(tx *Tx) error {
				id, err := tx.Insert("INSERT INTO departments (name, parent_id, head_id, kind, version, created_at, updated_at) VALUES ('Sales', 0, 0, 'sales', 1, 0, 0)")
				if err == nil && id != 1 {
					t.Errorf("the first id is %d", id)
				}
				if err == nil && leave != "nothing" {
					_, err = tx.Exec(leave)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}
