package store

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDamagedPagesAreFound overwrites a page that is in use, each time another one, in a copy of a database.
func TestDamagedPagesAreFound(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := filepath.Join(folder, "whole.db")
	db, err := Open(t.Context(), "sqlite:"+file)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Write(t.Context(), func(tx *Tx) error {
		for _, ddl := range []string{"CREATE TABLE rows (id INTEGER PRIMARY KEY, word TEXT)",
			"CREATE INDEX rows_by_word ON rows (word)"} {
			if _, err := tx.Exec(ddl); err != nil {
				return err
			}
		}
		for i := range 1500 {
			word := strings.Repeat(string(rune('a'+i%26)), 20+i%300)
			if _, err := tx.Exec("INSERT INTO rows (word) VALUES (?)", word); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	wrong, err := db.CheckPages(t.Context())
	if err != nil || len(wrong) != 0 {
		t.Fatalf("untouched: %q, %v", wrong, err)
	}
	if err := db.Close(); err != nil { // moves the log into the file
		t.Fatal(err)
	}
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const pageSize = 4096
	random := rand.New(rand.NewPCG(5, 6))
	for n := range 40 {
		page := 1 + random.IntN(len(whole)/pageSize-1)
		damaged := append([]byte{}, whole...)
		for i := range pageSize {
			damaged[page*pageSize+i] = 0
			if n%2 == 0 {
				damaged[page*pageSize+i] = byte(random.Uint32())
			}
		}
		if err := os.WriteFile(filepath.Join(folder, "damaged.db"), damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		lite := &sqliteEngine{file: filepath.Join(folder, "damaged.db")}
		if wrong, err := lite.checkPages(t.Context()); err != nil || len(wrong) == 0 {
			t.Errorf("page %d of %d: %q, %v", page+1, len(whole)/pageSize, wrong, err)
		}
	}
}
