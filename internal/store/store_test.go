package store

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"callhue/internal/fault"
)

func TestOpenRefusesAMalformedURL(t *testing.T) {
	for _, url := range []string{"", "sqlite:", "postgres://x", "mysql://", "mysql://user@host:3306",
		"mysql://user@/name", "mysql://a:b@tcp(/x"} {
		if _, err := Open(context.Background(), url); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("Open(%q) = %v, want an invalid database_url", url, err)
		}
	}
}

func TestANewFileIsForItsUserAlone(t *testing.T) {
	file := filepath.Join(t.TempDir(), "new", "callhue.db")
	db, err := Open(context.Background(), "sqlite:"+file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Migrate(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{file, file + "-wal", file + "-shm"} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if rights := info.Mode().Perm(); rights != 0o600 {
			t.Errorf("%s has the rights %o, want 600", filepath.Base(name), rights)
		}
	}
}

func TestMySQLAddressForms(t *testing.T) {
	for _, c := range []struct{ url, net, addr, user, pass, name string }{
		{"mysql://u:p@db.example:3307/crm", "tcp", "db.example:3307", "u", "p", "crm"},
		{"mysql://u:p@db.example/crm?timeout=5s", "tcp", "db.example:3306", "u", "p", "crm"},
		{"mysql://u:p%40%2Fx@db.example/crm", "tcp", "db.example:3306", "u", "p@/x", "crm"},
		{"mysql://u:p@ss@db.example/crm", "tcp", "db.example:3306", "u", "p@ss", "crm"},
		{"mysql://root@unix(/tmp/my.sock)/crm", "unix", "/tmp/my.sock", "root", "", "crm"},
	} {
		eng, err := engineOf(c.url)
		if err != nil {
			t.Errorf("%s: %v", c.url, err)
			continue
		}
		got := eng.(*mysqlEngine).conf
		if got.Net != c.net || got.Addr != c.addr || got.User != c.user || got.Passwd != c.pass ||
			got.DBName != c.name {
			t.Errorf("%s read as %s %s %s %s %s", c.url, got.Net, got.Addr, got.User, got.Passwd, got.DBName)
		}
	}
}

// rows that the tests write: the journal has every type of column.
const addRow = `INSERT INTO journal (at, actor_id, team_id, verb, subject_kind, subject_id, client_kind, client_id, amount, words)
	VALUES (?, ?, 0, ?, '', 0, '', 0, 0, '')`

func count(t *testing.T, db *DB) (n int) {
	t.Helper()
	if err := db.Read(context.Background()).Get(&n, "SELECT COUNT(*) FROM journal"); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAFailedWriteLeavesNothing(t *testing.T) {
	Test(t, func(t *testing.T, db *DB) {
		boom, after := errors.New("boom"), false
		err := db.Write(context.Background(), func(tx *Tx) error {
			tx.After(func() { after = true })
			if _, err := tx.Insert(addRow, 1, 1, "x"); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(err, boom) || count(t, db) != 0 || after {
			t.Errorf("err = %v, rows = %d, after = %v; want boom, 0, false", err, count(t, db), after)
		}
	})
}

func TestWriteHasOneClockAndRunsAfterTheCommit(t *testing.T) {
	Test(t, func(t *testing.T, db *DB) {
		ticks := 0
		db.Clock = func() time.Time { ticks++; return time.UnixMicro(1_000_500) }
		seen := -1
		err := db.Write(context.Background(), func(tx *Tx) error {
			tx.After(func() { seen = count(t, db) })
			if !tx.Now().Equal(time.UnixMilli(1000)) || tx.Now().Location() != time.UTC || ticks != 1 {
				t.Errorf("now = %v after %d ticks, want one tick of whole milliseconds in UTC", tx.Now(), ticks)
			}
			_, err := tx.Insert(addRow, Millis(tx.Now()), 1, "x")
			return err
		})
		if err != nil || seen != 1 {
			t.Errorf("err = %v, rows seen after the commit = %d, want 1", err, seen)
		}
	})
}

func TestConcurrentWritersLoseNothing(t *testing.T) {
	Test(t, func(t *testing.T, db *DB) {
		ctx := context.Background()
		if err := db.Write(ctx, func(tx *Tx) error {
			_, err := tx.Insert(addRow, 0, 0, "sum")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 10 {
					err := db.Write(ctx, func(tx *Tx) error {
						_, err := tx.Exec("UPDATE journal SET amount = amount + 1 WHERE verb = 'sum'")
						return err
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		var sum int
		if err := db.Read(ctx).Get(&sum, "SELECT amount FROM journal WHERE verb = ?", "sum"); err != nil || sum != 80 {
			t.Errorf("sum = %d, %v; want 80", sum, err)
		}
	})
}

func TestUpsertInsertNewAndLists(t *testing.T) {
	Test(t, func(t *testing.T, db *DB) {
		ctx := context.Background()
		err := db.Write(ctx, func(tx *Tx) error {
			for _, since := range []int64{5, 7} {
				err := tx.Upsert("numbers", []Column{{"number_key", 74950000011}, {"kind", 1}, {"entity_id", 3},
					{"company_id", 3}}, []Column{{"since", since}, {"is_primary", 0}})
				if err != nil {
					return err
				}
			}
			const add = "INSERT INTO numbers (number_key, kind, entity_id, company_id, since, is_primary) VALUES (?, 1, 3, 3, 0, 0)"
			if _, fresh, err := tx.InsertNew(add, 74950000011); fresh || err != nil {
				t.Errorf("a row that is there: fresh = %v, %v", fresh, err)
			}
			if _, fresh, err := tx.InsertNew(add, 74950000012); !fresh || err != nil {
				t.Errorf("a new row: fresh = %v, %v", fresh, err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		var since []int64
		tx := db.Read(ctx)
		if err := tx.Select(&since, "SELECT since FROM numbers WHERE number_key IN (?) ORDER BY since DESC",
			[]int64{74950000011, 74950000012}); err != nil || len(since) != 2 || since[0] != 7 {
			t.Errorf("since = %v, %v; want [7 0]", since, err)
		}
		if err := tx.Select(&since, "SELECT since FROM numbers WHERE number_key IN (?)", []int64{}); err != nil ||
			len(since) != 0 {
			t.Errorf("an empty list matches nothing, got %v, %v", since, err)
		}
		if err := tx.Find("number", new(int64), "SELECT since FROM numbers WHERE number_key = ?", 1); !fault.Is(err,
			fault.KindMissing) {
			t.Errorf("Find of nothing = %v, want missing", err)
		}
		if _, err := tx.Exec("DELETE FROM numbers"); err == nil {
			t.Error("plain reading must not write")
		}
	})
}

func TestMigrateTwiceAndRefuseANewerSchema(t *testing.T) {
	Test(t, func(t *testing.T, db *DB) {
		ctx := context.Background()
		if err := db.Migrate(ctx); err != nil {
			t.Errorf("a second migration must change nothing: %v", err)
		}
		if err := db.Migrated(ctx); err != nil {
			t.Errorf("Migrated = %v", err)
		}
		steps, err := db.Steps(ctx)
		if err != nil || len(steps) == 0 || !steps[len(steps)-1].Applied {
			t.Errorf("steps = %v, %v", steps, err)
		}
		err = db.Write(ctx, func(tx *Tx) error {
			_, err := tx.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for name, err := range map[string]error{"Migrate": db.Migrate(ctx), "Migrated": db.Migrated(ctx)} {
			if !fault.Is(err, fault.KindConflict) || fault.Of(err).Key != "schema_newer" {
				t.Errorf("%s of a newer schema = %v, want schema_newer", name, err)
			}
		}
	})
}

func TestAMigrationCutHalfWayGoesOn(t *testing.T) {
	Test(t, func(t *testing.T, db *DB) {
		ctx := context.Background()
		err := db.Write(ctx, func(tx *Tx) error {
			// As after a crash between the DDL and goose's own row.
			_, err := tx.Exec("DELETE FROM goose_db_version WHERE version_id >= 3")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Migrated(ctx); fault.Of(err) == nil || fault.Of(err).Key != "schema_older" {
			t.Errorf("Migrated = %v, want schema_older", err)
		}
		if err := db.Migrate(ctx); err != nil {
			t.Errorf("Migrate = %v", err)
		}
	})
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{"  ООО «Ёлка»\u00a0Плюс ": "ооо «елка» плюс", "ACME": "acme", "": ""} {
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
	if got := Like("50%_!"); got != "%50!%!_!!%" {
		t.Errorf("Like = %q", got)
	}
}

func TestAtHasItsOwnClock(t *testing.T) {
	Test(t, func(t *testing.T, db *DB) {
		past := time.Date(2020, 2, 29, 12, 0, 0, 0, time.UTC)
		var then, now time.Time
		note := func(to *time.Time) func(tx *Tx) error {
			return func(tx *Tx) error { *to = tx.Now(); return nil }
		}
		if err := db.At(func() time.Time { return past }).Write(context.Background(), note(&then)); err != nil {
			t.Fatal(err)
		}
		if err := db.Write(context.Background(), note(&now)); err != nil {
			t.Fatal(err)
		}
		if !then.Equal(past) || !now.After(past.AddDate(1, 0, 0)) {
			t.Errorf("the transaction of the past was at %v, that of the present at %v", then, now)
		}
	})
}

func TestADatabaseThatIsAway(t *testing.T) {
	Test(t, func(t *testing.T, db *DB) {
		late, cancel := context.WithTimeout(context.Background(), time.Nanosecond)
		defer cancel()
		away := func(what string, err error) {
			t.Helper()
			if f := fault.Of(err); f == nil || f.Kind != fault.KindUnavailable || f.Key != "database_away" ||
				f.RetryAfter == 0 {
				t.Errorf("%s: %v, want database_away", what, err)
			}
		}
		away("reading out of time", db.Read(late).Get(new(int), "SELECT COUNT(*) FROM journal"))
		away("writing out of time", db.Write(late, func(*Tx) error { return nil }))
		if db.Engine() != "mysql" {
			return
		}
		gone, err := engineOf("mysql://root@unix(/nowhere/at.all.sock)/x")
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = gone.open(context.Background())
		away("a server that is not there", db.said(err))
	})
}

func TestAPartThatFailsIsUndone(t *testing.T) {
	Test(t, func(t *testing.T, db *DB) {
		ctx, heard := context.Background(), 0
		add := func(tx *Tx, name string) error {
			tx.After(func() { heard++ })
			_, err := tx.Exec("INSERT INTO staff_turns (name, turn) VALUES (?, 1)", name)
			return err
		}
		err := db.Write(ctx, func(tx *Tx) error {
			if err := add(tx, "before"); err != nil {
				return err
			}
			if err := tx.Try(func() error { return errors.Join(add(tx, "part"), fault.Conflict("no")) }); !fault.Is(err,
				fault.KindConflict) {
				t.Errorf("Try = %v", err)
			}
			return tx.Try(func() error { return add(tx, "after") })
		})
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		if err := db.Read(ctx).Select(&names, "SELECT name FROM staff_turns ORDER BY name"); err != nil ||
			strings.Join(names, " ") != "after before" || heard != 2 {
			t.Errorf("%v stayed (%v), %d were told", names, err, heard)
		}
	})
}

// TestSelectReadsRowsAndColumns: the rows are structs, pointers to structs, or one
// column, whatever scans itself included; what the slice held before is gone.
func TestSelectReadsRowsAndColumns(t *testing.T) {
	Test(t, func(t *testing.T, db *DB) {
		tx := db.Read(context.Background())
		const two = "SELECT 5 AS id, 'Acme' AS name UNION ALL SELECT 7, 'Beta' ORDER BY 1"
		type row struct {
			ID   int64
			Name string
		}
		rows, pointers, names, maybe := []row{{ID: 1}, {ID: 2},
			{ID: 3}}, []*row(nil), []string{"old"}, []sql.NullString(nil)
		for dest, query := range map[any]string{&rows: two, &pointers: two,
			&names: "SELECT name FROM (" + two + ") AS x", &maybe: "SELECT 'Acme' UNION ALL SELECT NULL"} {
			if err := tx.Select(dest, query); err != nil {
				t.Fatal(err)
			}
		}
		if want := []row{{5, "Acme"}, {7, "Beta"}}; !slices.Equal(rows, want) || len(pointers) != 2 ||
			*pointers[1] != want[1] {
			t.Errorf("rows = %v, pointers = %v; want %v", rows, pointers, want)
		}
		if !slices.Equal(names, []string{"Acme", "Beta"}) || len(maybe) != 2 || maybe[0].Valid == maybe[1].Valid {
			t.Errorf("names = %v, maybe = %v", names, maybe)
		}
		if err := tx.Select(&rows, "SELECT id, login FROM users WHERE id = -1"); err == nil {
			t.Error("a column that the row has no place for is no fault")
		}
	})
}
