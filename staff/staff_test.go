package staff

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/phone"
)

func roster(db *store.DB) *Roster {
	return rosterOf(db, journal.New(db, slog.New(slog.DiscardHandler)))
}

func rosterOf(db *store.DB, j *journal.Journal) *Roster {
	plan, err := phone.NewPlan("RU", "495")
	if err != nil {
		panic(err)
	}
	return New(db, j, plan)
}

func add(t *testing.T, r *Roster, login string, change ...func(*NewUser)) *User {
	t.Helper()
	in := NewUser{Login: login, Name: login, Roles: access.Roles{access.Agent}}
	for _, f := range change {
		f(&in)
	}
	u, err := r.AddUser(t.Context(), system, in)
	if err != nil {
		t.Fatalf("add %s: %v", login, err)
	}
	return u
}

func admin(in *NewUser)                { in.Roles = access.Roles{access.Admin} }
func password(p string) func(*NewUser) { return func(in *NewUser) { in.Password = p } }

// refused checks the key of a fault, or of its only field.
func refused(t *testing.T, err error, key string) {
	t.Helper()
	f := fault.Of(err)
	if f == nil {
		t.Fatalf("not refused, want %s", key)
	}
	got := f.Key
	if f.Key == "invalid_input" {
		got = ""
		for _, field := range f.Fields {
			got += field.Field + " " + field.Code + ";"
		}
	}
	if got != key {
		t.Fatalf("refused with %q (%v), want %q", got, err, key)
	}
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// history returns the verbs of the journal, oldest first.
func history(t *testing.T, db *store.DB) (verbs []journal.Verb) {
	t.Helper()
	list := must[[]journal.Entry](t)(journal.List(db.Read(t.Context()), journal.History{Limit: 1000}))
	for i := len(list) - 1; i >= 0; i-- {
		verbs = append(verbs, list[i].Verb)
	}
	return verbs
}

func TestACommitIsSeenByTheNextCall(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		r := roster(db)
		stop, done := context.WithCancel(t.Context())
		busy := make(chan struct{})
		go func() { // readers that keep filling the memory with what they saw
			defer close(busy)
			for stop.Err() == nil {
				_, _ = r.Org(stop)
			}
		}()
		defer func() { done(); <-busy }()
		u := add(t, r, "ivanov")
		for range 30 {
			u = must[*User](t)(r.Change(t.Context(), system, u.ID,
				UserChange{Version: u.Version, Name: ptr(u.Name + "x")}))
			if seen := must[*Org](t)(r.Org(t.Context())).User(u.ID); seen.Version != u.Version || seen.Name != u.Name {
				t.Fatalf("the snapshot shows %+v after the commit of %+v", seen, u)
			}
		}
	})
}

func ptr[T any](v T) *T { return &v }

func TestTwoProcessesSeeEachOther(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		here := roster(db)
		j := journal.New(db, slog.New(slog.DiscardHandler))
		there := rosterOf(db, j)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- j.Run(ctx) }()
		defer func() { cancel(); <-ended }()
		for j.SinceRead() > time.Minute {
			time.Sleep(time.Millisecond)
		}
		u := add(t, here, "petrov")
		s := must[string](t)(here.Link(t.Context(), system, u.ID, time.Hour))
		session := must[*Session](t)(here.FollowLink(t.Context(), s, Browser{}))
		until(t, func() bool {
			_, err := there.Authenticate(t.Context(), "", session.Secret)
			return err == nil
		})
		if err := here.Disable(t.Context(), system, u.ID); err != nil {
			t.Fatal(err)
		}
		until(t, func() bool {
			_, err := there.Authenticate(t.Context(), "", session.Secret)
			return fault.Is(err, fault.KindUnauthorised) && !must[*Org](t)(there.Org(t.Context())).User(u.ID).Active
		})
	})
}

// until waits for something that happens beside the test, also on a slow machine.
func until(t *testing.T, true func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !true(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it never came")
		}
	}
}

func TestOnlyAnAdminOfThatMomentChangesUs(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		r := roster(db)
		boss, second, agent := add(t, r, "boss", admin), add(t, r, "second", admin), add(t, r, "agent")
		_, err := r.AddDepartment(t.Context(), by(agent), NewDepartment{Name: "Sales"})
		refused(t, err, "role_missing")
		must[*User](t)(r.Change(t.Context(), by(boss), second.ID,
			UserChange{Version: second.Version, Roles: &access.Roles{access.Supervisor}}))
		_, err = r.AddDepartment(t.Context(), by(second), NewDepartment{Name: "Sales"})
		refused(t, err, "role_missing")
		refused(t, r.Disable(t.Context(), by(boss), boss.ID), "last_admin")
		_, err = r.Change(t.Context(), by(boss), boss.ID,
			UserChange{Version: boss.Version, Roles: &access.Roles{access.Agent}})
		refused(t, err, "last_admin")
	})
}

func TestAdminsWhoDemoteEachOtherLeaveOne(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		r := roster(db)
		a, b := add(t, r, "a", admin), add(t, r, "b", admin)
		errs := atOnce(2, func(i int) error {
			victim := []*User{a, b}[i]
			_, err := r.Change(t.Context(), system, victim.ID,
				UserChange{Version: victim.Version, Roles: &access.Roles{access.Agent}})
			return err
		})
		if count(errs, "") != 1 || count(errs, "last_admin") != 1 {
			t.Fatalf("want one demoted and one last admin: %v", errs)
		}
	})
}

// atOnce runs f n times at the same moment.
func atOnce(n int, f func(i int) error) []error {
	errs, start, done := make([]error, n), make(chan struct{}), make(chan struct{})
	for i := range n {
		go func() {
			<-start
			errs[i] = f(i)
			done <- struct{}{}
		}()
	}
	close(start)
	for range n {
		<-done
	}
	return errs
}

// count returns how many errors have a key; "" counts the nils.
func count(errs []error, key string) (n int) {
	for _, err := range errs {
		if f := fault.Of(err); f == nil && key == "" || f != nil && f.Key == key {
			n++
		}
	}
	return n
}

// system is the command line.
var system = access.System()

// by returns a user as the author of a write.
func by(u *User) *access.User { return &access.User{ID: u.ID, Login: u.Login, Roles: u.Roles} }
