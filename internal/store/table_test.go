package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"callhue/internal/fault"
	"callhue/internal/paging"
)

// note is a row with everything that a table knows.
type note struct {
	ID     int64  `db:"id"`
	author        // an embedded struct's columns are the row's
	Title  string `db:"title"`
	Search string `db:"search"`
	State  state  `db:"state"`
	Code   string `db:"code,once"`
	DueAt  Moment `db:"due_at"`
	Shown  string // no column
	stamps
}

type author struct {
	By int64 `db:"by_id"`
}

type stamps struct {
	Version   int64  `db:"version"`
	CreatedAt Moment `db:"created_at"`
	UpdatedAt Moment `db:"updated_at"`
}

type state string

// stub is a row without a version.
type stub struct {
	ID    int64  `db:"id"`
	Title string `db:"title"`
}

const notesTable = `CREATE TABLE IF NOT EXISTS notes (
  id ID,
  by_id BIGINT NOT NULL,
  title VARCHAR(100) NOT NULL,
  search TEXT NOT NULL,
  state VARCHAR(10) NOT NULL,
  code VARCHAR(20) NOT NULL,
  due_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (code)
)`

var notes = NewTable[note]("notes", "note").Unique("code", "code_taken")

// testNotes runs a test on a table of notes in each kind of database.
func testNotes(t *testing.T, f func(t *testing.T, db *DB, write func(func(tx *Tx) error) error)) {
	Test(t, func(t *testing.T, db *DB) {
		ctx := context.Background()
		for _, own := range db.engine.ddl(notesTable) {
			if _, err := db.write.sqlx.ExecContext(ctx, own); err != nil {
				t.Fatal(err)
			}
		}
		f(t, db, func(do func(tx *Tx) error) error { return db.Write(ctx, do) })
	})
}

func addNotes(t *testing.T, db *DB, list ...note) {
	t.Helper()
	err := db.Write(context.Background(), func(tx *Tx) error {
		for i := range list {
			list[i].Search = Fold(list[i].Title)
			if list[i].Code == "" {
				list[i].Code = fmt.Sprint("n", i)
			}
			if err := notes.Insert(tx, &list[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func wantKey(t *testing.T, why string, err error, key string) {
	t.Helper()
	if f := fault.Of(err); f == nil || f.Key != key {
		t.Errorf("%s: %v, want %s", why, err, key)
	}
}

func TestTheStatementsOfATable(t *testing.T) {
	if want := "id, by_id, title, search, state, code, due_at, version, created_at, updated_at"; notes.Columns != want {
		t.Errorf("columns: %s", notes.Columns)
	}
	if want := "INSERT INTO notes (by_id, title, search, state, code, due_at, version, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"; notes.insert != want {
		t.Errorf("insert: %s", notes.insert)
	}
	if want := "UPDATE notes SET version = version + 1, by_id = ?, title = ?, search = ?, state = ?, due_at = ?, updated_at = ? WHERE id = ? AND version = ?"; notes.update != want {
		t.Errorf("update: %s", notes.update)
	}
	if stubs := NewTable[stub]("notes", "note"); stubs.update != "UPDATE notes SET title = ? WHERE id = ?" {
		t.Errorf("update without a version: %s", stubs.update)
	}
	defer func() {
		if recover() == nil {
			t.Error("a row without an id is no row")
		}
	}()
	NewTable[author]("notes", "note")
}

func TestALifeOfARow(t *testing.T) {
	testNotes(t, func(t *testing.T, db *DB, write func(func(tx *Tx) error) error) {
		now := time.UnixMilli(1_700_000_000_123).UTC()
		db.Clock = func() time.Time { return now }
		row := note{author: author{7}, Title: "Tea", Search: "tea", State: "open", Code: "a",
			DueAt: MomentOf(now.Add(time.Hour)), stamps: stamps{Version: 9}}
		if err := write(func(tx *Tx) error { return notes.Insert(tx, &row) }); err != nil {
			t.Fatal(err)
		}
		if row.ID == 0 || row.Version != 1 || row.CreatedAt != MomentOf(now) || row.UpdatedAt != MomentOf(now) {
			t.Errorf("added: %+v", row)
		}
		read := func() *note {
			found, err := notes.Find(db.Read(context.Background()), row.ID)
			if err != nil {
				t.Fatal(err)
			}
			return found
		}
		if got := read(); *got != row {
			t.Errorf("read %+v, want %+v", got, row)
		}

		db.Clock = func() time.Time { return now.Add(time.Minute) }
		changed := row
		changed.Title, changed.State, changed.Code, changed.DueAt = "Coffee", "done", "b", 0
		if err := write(func(tx *Tx) error { return notes.Update(tx, &changed) }); err != nil {
			t.Fatal(err)
		}
		got := read()
		if got.Title != "Coffee" || got.State != "done" || got.DueAt != 0 || got.Version != 2 ||
			got.CreatedAt != MomentOf(now) || got.UpdatedAt != MomentOf(now.Add(time.Minute)) {
			t.Errorf("changed: %+v", got)
		}
		if got.Code != "a" {
			t.Error("a column that is written once was changed")
		}
		if changed.stamps != got.stamps {
			t.Errorf("the row in memory has %+v, the table %+v", changed.stamps, got.stamps)
		}
		wantKey(t, "an old version", write(func(tx *Tx) error { return notes.Update(tx, &row) }), "stale_version")

		for _, c := range []struct {
			why     string
			id      int64
			version int64
			key     string
		}{
			{"no version", row.ID, 0, "invalid_input"},
			{"an old version", row.ID, 1, "stale_version"},
			{"a row that is not there", row.ID + 1, 2, "not_found"},
		} {
			_, err := notes.FindVersion(db.Read(context.Background()), c.id, c.version)
			wantKey(t, c.why, err, c.key)
		}
		if got, err := notes.FindVersion(db.Read(context.Background()), row.ID, 2); err != nil ||
			got.Title != "Coffee" {
			t.Errorf("the present version: %+v, %v", got, err)
		}

		var taken *note
		err := write(func(tx *Tx) (err error) {
			taken, err = notes.Take(tx, row.ID)
			return err
		})
		if err != nil || taken.Title != "Coffee" {
			t.Fatalf("taken: %+v, %v", taken, err)
		}
		wantKey(t, "taken already", write(func(tx *Tx) error {
			_, err := notes.Take(tx, row.ID)
			return err
		}), "not_found")
		wantKey(t, "removed already", write(func(tx *Tx) error { return notes.Remove(tx, row.ID) }), "not_found")
		if none, err := notes.First(db.Read(context.Background()), Equal("title", "Coffee")); none != nil ||
			err != nil {
			t.Errorf("the first of none: %+v, %v", none, err)
		}
	})
}

func TestAUniqueKeyRefusesARow(t *testing.T) {
	testNotes(t, func(t *testing.T, db *DB, write func(func(tx *Tx) error) error) {
		addNotes(t, db, note{Title: "first", Code: "a"})
		err := write(func(tx *Tx) error { return notes.Insert(tx, &note{Title: "second", Code: "a"}) })
		wantKey(t, "a code that is taken", err, "code_taken")
		if f := fault.Of(err); len(f.Fields) != 1 || f.Fields[0] != (fault.Field{Field: "code", Code: "code_taken"}) {
			t.Errorf("a code that is taken: fields %+v", f.Fields)
		}
		plain := NewTable[note]("notes", "note")
		err = write(func(tx *Tx) error {
			err := plain.Insert(tx, &note{Title: "third", Code: "a"})
			if !tx.Duplicate(err) {
				t.Errorf("without a word for it the error stays: %v", err)
			}
			return err
		})
		if err == nil || fault.Is(err, fault.KindConflict) {
			t.Errorf("%v", err)
		}
	})
}

func TestConditions(t *testing.T) {
	testNotes(t, func(t *testing.T, db *DB, _ func(func(tx *Tx) error) error) {
		addNotes(t, db, note{author: author{1}, Title: "Зелёный чай", State: "open", DueAt: 10},
			note{author: author{2}, Title: "100% sure", State: "open", DueAt: 20},
			note{author: author{3}, Title: "under_score!", State: "done", DueAt: 30},
			note{author: author{3}, Title: "underXscore", State: "gone", DueAt: 40})
		none := state("")
		for _, c := range []struct {
			why   string
			where Where
			want  string // the authors
		}{
			{"no condition", Where{}, "1 2 3 3"},
			{"equal, of a named type", Equal("state", state("open")), "1 2"},
			{"not equal", NotEqual("state", state("open")), "3 3"},
			{"below", Below("due_at", Moment(30)), "1 2"},
			{"at least", AtLeast("due_at", Moment(30)), "3 3"},
			{"one of some", In("state", []state{"done", "gone"}), "3 3"},
			{"one of none", In("by_id", []int64{}), ""},
			{"one of many", In("by_id", []int64{1, 3, 5}), "1 3 3"},
			{"a filter that was left out", Given("state", none), "1 2 3 3"},
			{"a filter", Given("by_id", int64(3)), "3 3"},
			{"folded", Contains("search", "ЗЕЛЕНЫЙ  Чай"), "1"},
			{"a percent sign is one", Contains("search", "0%"), "2"},
			{"an underscore is one", Contains("search", "r_s"), "3"},
			{"the sign that escapes is one", Contains("search", "!"), "3"},
			{"nothing sought", Contains("search", ""), "1 2 3 3"},
			{"and", Equal("state", state("open")).And(Below("due_at", 20)), "1"},
			{"and nothing", Where{}.And(Where{}, Equal("by_id", 2), Where{}), "2"},
			{"or within and", Equal("state", state("open")).And(Or(Equal("by_id", 2), Equal("by_id", 3))), "2"},
			{"or with everything", Or(Equal("by_id", 2), Where{}), "1 2 3 3"},
			{"or of none", Or(), ""},
			{"written out, within and", Equal("by_id", 3).And(Condition("due_at = ? OR title LIKE 'under%'", 10)),
				"3 3"},
			{"written out, with a list", Condition("by_id IN (?) AND due_at > ?", []int64{1, 2, 3}, 30), "3"},
		} {
			rows, err := notes.List(db.Read(context.Background()), c.where, By("by_id"))
			if err != nil {
				t.Fatalf("%s: %v", c.why, err)
			}
			var got []string
			for _, row := range rows {
				got = append(got, fmt.Sprint(row.By))
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%s: %v, want %s", c.why, got, c.want)
			}
			if n, err := notes.Count(db.Read(context.Background()), c.where); err != nil || int(n) != len(rows) {
				t.Errorf("%s: counted %d, %v", c.why, n, err)
			}
		}
	})
}

// TestAConditionIsNotChanged: several may begin with the same one.
func TestAConditionIsNotChanged(t *testing.T) {
	base := Equal("a", 1).And(Equal("b", 2), Equal("c", 3))
	one, two := base.And(Equal("d", 4)), base.And(Equal("e", 5))
	if len(base.args) != 3 || one.args[3] != 4 || two.args[3] != 5 ||
		two.text != "a = ? AND b = ? AND c = ? AND e = ?" {
		t.Errorf("%+v, %+v, %+v", base, one, two)
	}
}

func TestPagesHoldEachRowOnce(t *testing.T) {
	testNotes(t, func(t *testing.T, db *DB, _ func(func(tx *Tx) error) error) {
		var list []note
		for i := range 23 {
			list = append(list, note{author: author{int64(i % 4)}, Title: string(rune('a' + i%5)),
				DueAt: Moment(1000 * (i % 3))})
		}
		addNotes(t, db, list...)
		tx := db.Read(context.Background())
		where := NotEqual("by_id", 3)
		for why, order := range map[string]Order{"by id": By("id"), "newest first": By("id").Descending(),
			"by title": By("title"), "title, falling": By("title").Descending(), "by a moment": By("due_at"),
			"moment, falling": By("due_at").Descending()} {
			want, err := notes.List(tx, where, order)
			if err != nil {
				t.Fatal(err)
			}
			var got []*note
			query := paging.Query{Limit: 4}
			for pages := 0; ; pages++ {
				page, err := notes.Page(tx, where, order, query)
				if err != nil {
					t.Fatalf("%s: %v", why, err)
				}
				got = append(got, page.Items...)
				if query.PageToken = page.NextPageToken; query.PageToken == "" {
					break
				}
				if len(page.Items) != 4 || pages > 10 {
					t.Fatalf("%s: page %d has %d items", why, pages, len(page.Items))
				}
			}
			if !slices.EqualFunc(got, want, func(a, b *note) bool { return a.ID == b.ID }) || len(want) != 18 {
				t.Errorf("%s: %d rows on the pages, %d in the list", why, len(got), len(want))
			}
		}
		// no JSON, "no", {"v":{},"id":1}, {"v":1,"id":"s"}
		for _, token := range []string{"x", "bm8", "eyJ2Ijp7fSwiaWQiOjF9", "eyJ2IjoxLCJpZCI6InMifQ"} {
			_, err := notes.Page(tx, where, By("title"), paging.Query{PageToken: token})
			if f := fault.Of(err); f == nil || len(f.Fields) != 1 ||
				f.Fields[0] != (fault.Field{Field: "page_token", Code: "malformed"}) {
				t.Errorf("token %s: %v", token, err)
			}
		}
		if page, err := notes.Page(tx, In("by_id", []int64{9}), By("id"), paging.Query{}); err != nil ||
			page.Items == nil || len(page.Items) != 0 {
			t.Errorf("a page of nothing: %+v, %v", page, err)
		}
	})
}

// TestOneOfThoseWhoChangeAVersion lets several change the version that all have seen.
func TestOneOfThoseWhoChangeAVersion(t *testing.T) {
	testNotes(t, func(t *testing.T, db *DB, write func(func(tx *Tx) error) error) {
		row := note{Title: "x", Code: "a"}
		if err := write(func(tx *Tx) error { return notes.Insert(tx, &row) }); err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		failed := make([]error, 8)
		for i := range failed {
			all.Go(func() {
				failed[i] = write(func(tx *Tx) error {
					mine := row
					mine.Title = fmt.Sprint("by ", i)
					return notes.Update(tx, &mine)
				})
			})
		}
		all.Wait()
		changed := 0
		for _, err := range failed {
			if err == nil {
				changed++
			} else {
				wantKey(t, "beside the first", err, "stale_version")
			}
		}
		if got, err := notes.Find(db.Read(context.Background()), row.ID); err != nil || changed != 1 ||
			got.Version != 2 {
			t.Errorf("%d changes, now %+v, %v", changed, got, err)
		}
	})
}

func TestRemoveAll(t *testing.T) {
	testNotes(t, func(t *testing.T, db *DB, write func(func(tx *Tx) error) error) {
		addNotes(t, db, note{State: "open"}, note{State: "done"}, note{State: "done"})
		err := write(func(tx *Tx) error {
			if n, err := notes.RemoveAll(tx, Equal("state", state("done"))); err != nil || n != 2 {
				t.Errorf("removed %d, %v", n, err)
			}
			return nil
		})
		if n, failed := notes.Count(db.Read(context.Background()), Where{}); err != nil || failed != nil || n != 1 {
			t.Errorf("%d left, %v, %v", n, err, failed)
		}
	})
}

// TestATableIsPreparedOnce: the texts of a table are few, whatever the values are.
func TestATableIsPreparedOnce(t *testing.T) {
	testNotes(t, func(t *testing.T, db *DB, write func(func(tx *Tx) error) error) {
		use := func(n int) {
			if err := write(func(tx *Tx) error {
				row := note{author: author{int64(n)}, Title: fmt.Sprint("title ", n), Code: fmt.Sprint(n)}
				return errors.Join(notes.Insert(tx, &row), notes.Update(tx, &row))
			}); err != nil {
				t.Fatal(err)
			}
			where := Given("by_id", int64(n)).And(Contains("search", fmt.Sprint(n)), In("state", make([]state, n)))
			if _, err := notes.Page(db.Read(context.Background()), where,
				By("title"), paging.Query{Limit: n}); err != nil {
				t.Fatal(err)
			}
		}
		use(1)
		before := len(db.write.stmts) + len(db.read.stmts)
		for n := range 20 {
			use(n + 2)
		}
		if after := len(db.write.stmts) + len(db.read.stmts); after != before {
			t.Errorf("%d statements after one round, %d after twenty", before, after)
		}
	})
}

func TestMomentsInJSON(t *testing.T) {
	type times struct {
		At   Moment `json:"at"`
		Left Moment `json:"left,omitzero"`
	}
	at := MomentOf(time.Date(2026, 3, 12, 12, 16, 4, 56e6, time.UTC))
	for text, want := range map[string]times{
		`{"at":"2026-03-12T12:16:04.056Z","left":"2026-03-12T12:16:04.056Z"}`: {at, at},
		`{"at":null}`: {},
	} {
		raw, err := json.Marshal(want)
		if err != nil || string(raw) != text {
			t.Errorf("%+v became %s, %v", want, raw, err)
		}
		var got times
		if err := json.Unmarshal([]byte(text), &got); err != nil || got != want {
			t.Errorf("%s became %+v, %v", text, got, err)
		}
	}
	var zoned times
	if err := json.Unmarshal([]byte(`{"at":"2026-03-12T15:16:04.0569+03:00"}`), &zoned); err != nil || zoned.At != at {
		t.Errorf("another zone: %v, %v", zoned.At, err)
	}
	for _, text := range []string{`{"at":"yesterday"}`, `{"at":1}`, `{"at":{}}`} {
		var wrong *json.UnmarshalTypeError
		if err := json.Unmarshal([]byte(text), &zoned); !errors.As(err, &wrong) || wrong.Field != "at" {
			t.Errorf("%s: %v is not about its field", text, err)
		}
	}
	if Moment(0).String() != "never" || at.String() != "2026-03-12T12:16:04.056Z" || Moment(0).Add(time.Hour) != 0 ||
		at.Add(time.Second)-at != 1000 {
		t.Error("a moment's words and sums")
	}
	if !Moment(0).Time().IsZero() || MomentOf(time.Time{}) != 0 || MomentOf(at.Time()) != at {
		t.Error("never is the zero time")
	}
}
