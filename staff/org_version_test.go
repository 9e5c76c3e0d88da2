package staff

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"callhue/internal/access"
	"callhue/internal/store"
)

// orgIn returns the organisation as a write finds it.
func orgIn(t *testing.T, r *Roster) (org *Org) {
	t.Helper()
	if err := r.db.Write(context.Background(), func(tx *store.Tx) (err error) {
		org, err = r.OrgIn(tx)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return org
}

// TestAWriteKnowsWhatAnotherProcessCommitted: two rosters on one database, neither of
// which follows the journal.
func TestAWriteKnowsWhatAnotherProcessCommitted(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		here, there := roster(db), roster(db)
		ctx := context.Background()
		head, anna := add(t, here, "head", admin), add(t, here, "anna")
		sales, err := here.AddDepartment(ctx, system, NewDepartment{Name: "Sales", HeadID: head.ID})
		if err != nil {
			t.Fatal(err)
		}
		version := anna.Version
		change := func(why string, in UserChange, holds func(*Org) bool) {
			t.Helper()
			before := orgIn(t, there)
			if orgIn(t, there) != before {
				t.Errorf("%s: an organisation that did not change was read again", why)
			}
			in.Version = version
			after, err := here.Change(ctx, system, anna.ID, in)
			if err != nil {
				t.Fatal(err)
			}
			version = after.Version
			if !holds(orgIn(t, there)) || !holds(orgIn(t, here)) {
				t.Errorf("%s: a write does not know it", why)
			}
		}
		change("a department", UserChange{DepartmentID: &sales.ID},
			func(o *Org) bool { return o.IsHeadOf(head.ID, anna.ID) })
		change("a role", UserChange{Roles: &access.Roles{access.Admin}},
			func(o *Org) bool { return o.IsAdmin(anna.ID) })
		off := false
		change("a dismissal", UserChange{Active: &off}, func(o *Org) bool { return !o.IsAdmin(anna.ID) })
		until := db.Clock().Add(time.Hour)
		if _, err := here.AddDeputy(ctx, system, anna.ID,
			NewDeputy{DeputyID: head.ID, From: store.MomentOf(until.Add(-2 * time.Hour)),
				Until: store.MomentOf(until)}); err != nil {
			t.Fatal(err)
		}
		if !orgIn(t, there).Deputises(head.ID, anna.ID, db.Clock()) {
			t.Error("a write does not know a deputy")
		}
		if _, err := here.AddIdentity(ctx, system, head.ID, NewIdentity{Source: "pbx", Value: "700"}); err != nil {
			t.Fatal(err)
		}
		if u := orgIn(t, there).ByIdentity("pbx", "700"); u == nil || u.ID != head.ID {
			t.Error("a write does not know an identity")
		}
	})
}

// TestAChangeThatWasUndoneIsNotKept: what a transaction has read of itself must not
// be in memory when it is rolled back.
func TestAChangeThatWasUndoneIsNotKept(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		r := roster(db)
		anna := add(t, r, "anna")
		boom := errors.New("boom")
		err := r.write(context.Background(), system, func(a *act) error {
			u := *a.org.User(anna.ID)
			u.Roles = access.Roles{access.Admin}
			return errors.Join(updateUser(a.Tx, &u), boom)
		})
		if !errors.Is(err, boom) || orgIn(t, r).IsAdmin(anna.ID) {
			t.Errorf("%v; she is admin: %v", err, orgIn(t, r).IsAdmin(anna.ID))
		}
	})
}

// TestTheVersionStandsForTheOrganisation changes the organisation while several
// processes read it: an organisation in memory is never another one than the tables
// hold at its version.
func TestTheVersionStandsForTheOrganisation(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		writer := roster(db)
		anna := add(t, writer, "anna")
		names := sync.Map{} // version -> name
		remember := func(version int64, name string) {
			if was, known := names.LoadOrStore(version, name); known && was != name {
				t.Errorf("version %d is both %v and %s", version, was, name)
			}
		}
		var over atomic.Bool
		var all sync.WaitGroup
		for range 4 {
			reader := roster(db)
			all.Go(func() {
				for !over.Load() {
					if err := db.Write(ctx, func(tx *store.Tx) error {
						org, err := reader.OrgIn(tx)
						if err != nil {
							return err
						}
						// Others may commit before the version is read here: the one that was read with it counts.
						known := reader.latest.Load()
						if known.org != org {
							t.Error("the organisation of a write is not the one in memory")
						}
						remember(known.version, org.User(anna.ID).Name)
						return nil
					}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		version := anna.Version
		for i := range 40 {
			name := fmt.Sprint("Anna ", i)
			after, err := writer.Change(ctx, system, anna.ID, UserChange{Version: version, Name: &name})
			if err != nil {
				t.Fatal(err)
			}
			version = after.Version
		}
		over.Store(true)
		all.Wait()
	})
}

// TestWhatAWriteReadsOfTwoThousandPeople counts the statements that rights cost a
// write, and those that touch the people.
func TestWhatAWriteReadsOfTwoThousandPeople(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		r := roster(db)
		if err := db.Write(context.Background(), func(tx *store.Tx) error {
			rows := make([][]any, 2000)
			for i := range rows {
				login := fmt.Sprint("user", i)
				rows[i] = []any{login, login, "agent", 0, "en", true, 0, "", 1, 0, 0}
			}
			return tx.InsertAll("users",
				"login, name, roles, department_id, language, active, dismissed_at, password, version, created_at, updated_at", rows)
		}); err != nil {
			t.Fatal(err)
		}
		cost := func() (statements, people int, took time.Duration) {
			db.Trace = func(query string) {
				statements++
				if strings.Contains(query, "FROM users") {
					people += 2000
				}
			}
			defer func() { db.Trace = nil }()
			start := time.Now()
			if n := len(orgIn(t, r).Users()); n != 2000 {
				t.Errorf("%d people", n)
			}
			return statements, people, time.Since(start)
		}
		statements, people, took := cost()
		t.Logf("the first write: %d statements, %d people, %v", statements, people, took.Round(10*time.Microsecond))
		statements, people, took = cost()
		t.Logf("the next one: %d statements, %d people, %v", statements, people, took.Round(10*time.Microsecond))
		if statements != 1 || people != 0 {
			t.Errorf("the organisation costs a write %d statements and %d people; want the row of its version",
				statements, people)
		}
	})
}
