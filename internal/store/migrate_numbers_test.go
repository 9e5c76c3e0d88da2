package store

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
)

// TestNumbersAreStoredInOrder: the table keeps its rows and its index when it is made again without a rowid.
func TestNumbersAreStoredInOrder(t *testing.T) {
	ctx := context.Background()
	db := openTest(t, "sqlite:"+filepath.Join(t.TempDir(), "test.db"))
	if err := db.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	text, err := migrations.ReadFile("migrations/0051_numbers_in_order.sql")
	if err != nil {
		t.Fatal(err)
	}
	mysql := &mysqlEngine{}
	if err := db.Write(ctx, func(tx *Tx) error {
		if _, err := tx.Exec("DROP TABLE numbers"); err != nil {
			return err
		}
		if _, err := tx.Exec(`CREATE TABLE numbers (number_key BIGINT NOT NULL, kind INT NOT NULL,
			entity_id BIGINT NOT NULL, company_id BIGINT NOT NULL, since BIGINT NOT NULL, is_primary INT NOT NULL,
			PRIMARY KEY (number_key, kind, entity_id, company_id))`); err != nil {
			return err
		}
		_, err := tx.Exec("INSERT INTO numbers VALUES (3, 1, 7, 7, 5, 0), (1, 2, 8, 0, 6, 1), (2, 1, 7, 7, 5, 0)")
		if err != nil {
			return err
		}
		for _, statement := range statements(string(text)) {
			for _, own := range db.engine.ddl(statement) {
				if _, err := tx.Exec(own); err != nil {
					return err
				}
			}
			if own := mysql.ddl(statement); len(own) > 0 {
				t.Errorf("MySQL runs %v", own)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	var keys []int64
	var made []string
	tx := db.Read(ctx)
	if err := tx.Select(&keys, "SELECT number_key * 100 + since * 10 + is_primary FROM numbers"); err != nil {
		t.Fatal(err)
	}
	if len(keys) != 3 || keys[0] != 161 || keys[1] != 250 || keys[2] != 350 {
		t.Errorf("rows %v", keys)
	}
	err = tx.Select(&made, "SELECT sql FROM sqlite_master WHERE tbl_name = 'numbers' ORDER BY type DESC")
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"WITHOUT ROWID", "numbers_of_record"} {
		if i >= len(made) || !strings.Contains(made[i], want) {
			t.Errorf("no %s in %q", want, made)
		}
	}
}
