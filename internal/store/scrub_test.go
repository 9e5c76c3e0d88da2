package store

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"
)

// TestErasedRowsLeaveNoBytes: rows of all sizes are written, moved between pages, changed and erased. Afterwards
// neither the file nor the log beside it has a byte of them, and the database is whole.
func TestErasedRowsLeaveNoBytes(t *testing.T) {
	t.Parallel()
	file := t.TempDir() + "/erased.db"
	db, err := Open(t.Context(), "sqlite:"+file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	random := rand.New(rand.NewPCG(1, 2))
	write := func(do func(tx *Tx) error) {
		t.Helper()
		if err := db.Write(t.Context(), do); err != nil {
			t.Fatal(err)
		}
	}
	write(func(tx *Tx) error {
		for _, ddl := range []string{
			"CREATE TABLE entries (id INTEGER PRIMARY KEY AUTOINCREMENT, word TEXT, details TEXT)",
			"CREATE INDEX entries_by_word ON entries (word, id)",
			"CREATE TABLE words (word TEXT, entry INTEGER, PRIMARY KEY (word, entry)) WITHOUT ROWID"} {
			if _, err := tx.Exec(ddl); err != nil {
				return err
			}
		}
		return nil
	})
	insert := func(tx *Tx, i int) error {
		text := "plain"
		if i%50 == 7 {
			text = fmt.Sprintf("CANARY%03dX", i)
		}
		word := fmt.Sprintf("%c%s%d", 'a'+random.IntN(26), text, random.IntN(1000))
		if _, err := tx.Exec("INSERT INTO entries (word, details) VALUES (?, ?)", word,
			text+strings.Repeat("x", random.IntN(400))); err != nil {
			return err
		}
		if _, err := tx.Exec("UPDATE entries SET details = details || ? WHERE id = ?",
			strings.Repeat("y", random.IntN(3000)), 1+random.IntN(20*i+1)); err != nil {
			return err
		}
		_, err := tx.Exec("INSERT OR REPLACE INTO words (word, entry) VALUES (?, ?)", word, i)
		return err
	}
	for part := range 10 {
		write(func(tx *Tx) error {
			for i := range 300 {
				if err := insert(tx, part*300+i); err != nil {
					return err
				}
			}
			return nil
		})
	}
	write(func(tx *Tx) error {
		_, err := tx.Exec("UPDATE entries SET word = '***', details = '***' WHERE word LIKE '%CANARY%'")
		if err != nil {
			return err
		}
		_, err = tx.Exec("DELETE FROM words WHERE word LIKE '%CANARY%'")
		return err
	})
	var sum, after int64
	check := "SELECT SUM(id + LENGTH(details) + LENGTH(word)) FROM entries"
	if err := db.Read(t.Context()).Get(&sum, check); err != nil {
		t.Fatal(err)
	}
	if left(t, file) == 0 {
		t.Error("the log has nothing of what was erased: this test would prove nothing")
	}
	if err := db.Scrub(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := left(t, file); n != 0 {
		t.Errorf("%d erased texts are left", n)
	}
	var state string
	if err := db.Read(t.Context()).Get(&state, "PRAGMA integrity_check"); err != nil || state != "ok" {
		t.Errorf("the database is %q, %v", state, err)
	}
	if err := db.Read(t.Context()).Get(&after, check); err != nil || after != sum {
		t.Errorf("the rows are %d, were %d, %v", after, sum, err)
	}
}

// left counts the erased texts in the files of a database. Another process reads them: closing one of them here would
// end the locks of this process.
func left(t *testing.T, file string) (n int) {
	t.Helper()
	for _, ending := range []string{"", "-wal", "-shm"} {
		content, err := exec.Command("cat", file+ending).Output()
		if err != nil {
			t.Fatal(err)
		}
		n += bytes.Count(content, []byte("CANARY"))
	}
	return n
}
