package crmsync

import (
	"context"
	"slices"
	"strings"
	"testing"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/store"
	"callhue/staff"
)

func (w *world) add(in staff.NewUser) *staff.User {
	w.Helper()
	u, err := w.Roster.AddUser(context.Background(), access.System(), in)
	must(w.T, err)
	return u
}

// userList lists their users with ours, as the mapping shows them.
func (w *world) userList() string {
	w.Helper()
	m, err := w.MappingOf(context.Background(), 1)
	must(w.T, err)
	var list []string
	for _, u := range m.Users {
		name := ""
		if u.User != nil {
			name = u.User.Name
		}
		list = append(list, u.ID+" "+string(u.How)+" "+name)
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

// TestUsersAreMatched imports users who exist here already, in every way of matching.
func TestUsersAreMatched(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		agent := access.Roles{access.Agent}
		byMail := w.add(staff.NewUser{Login: "Ivanov@acme.example", Name: "I. Ivanov", Roles: agent})
		byExtension := w.add(staff.NewUser{Login: "petya", Name: "P. Petrov", Roles: agent, Extension: "102"})
		byName := w.add(staff.NewUser{Login: "rita", Name: "RITA", Roles: agent})
		twin1, twin2 := w.add(
			staff.NewUser{Login: "igor1", Name: "Igor", Roles: agent},
		), w.add(
			staff.NewUser{Login: "igor2", Name: "Igor", Roles: agent},
		)
		_, err := w.work.step(context.Background())
		must(t, err)
		org, err := w.Roster.Org(context.Background())
		must(t, err)
		before := w.userList()
		is(t, "who is here before anybody was brought", len(org.Users()), 5)
		w.run()
		if after := w.userList(); before != "17 email I. Ivanov, 18 extension P. Petrov, 3 made , 9 name RITA" ||
			after != strings.Replace(before, "3 made ", "3 made Igor", 1) {
			t.Errorf("it was expected that %s, and it came that %s", before, after)
		}
		for id, want := range map[string]*staff.User{"17": byMail, "18": byExtension, "9": byName} {
			if got := w.user(id); got == nil || got.ID != want.ID {
				t.Errorf("user %s is %+v, want %s", id, got, want.Login)
			}
		}
		if got := w.user("3"); got.ID == twin1.ID || got.ID == twin2.ID || got.Login != "igor@acme.example" ||
			got.Extension != "103" {
			t.Errorf("one of two users with the same name was matched, or none was added: %+v", got)
		}
		is(t, "the extension of one who had none", w.user("17").Extension, "101")
		is(t, "his department", w.user("17").DepartmentID, w.user("3").DepartmentID)
		their, known := w.TheirUser(context.Background(), 1, byMail.ID)
		if their != "17" || !known {
			t.Errorf("he is called %s there, %v", their, known)
		}
	})
}

// TestUsersCannotClaimOthersRights enters, in the CRM, the names and extensions of users with more rights.
func TestUsersCannotClaimOthersRights(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.run()
		admin := w.add(staff.NewUser{Login: "root", Name: "The Admin", Roles: access.Admins, Extension: "900"})
		plain := w.add(staff.NewUser{Login: "nina", Name: "Nina", Roles: access.Roles{access.Agent}})
		w.crm.users = append(
			w.crm.users,
			User{ID: "66", Name: "The Admin", Extension: "900", Active: true},
			User{ID: "67", Name: "Nina", Active: true},
		)
		w.skip.Add(4000)
		w.catchUp()
		if got := w.user("66"); got == nil || got.ID == admin.ID || got.Extension == "900" {
			t.Errorf("user 66 is %+v", got)
		}
		is(t, "a plain agent", w.user("67").ID, plain.ID)
	})
}

// TestDismissedUsers dismisses an agent, an admin of ours, the only admin, and a user who was already
// dismissed when matched.
func TestDismissedUsers(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		admin := w.add(staff.NewUser{Login: "rita@acme.example", Name: "Rita", Roles: access.Admins})
		met := w.add(staff.NewUser{Login: "old@acme.example", Name: "Old", Roles: access.Roles{access.Agent}})
		w.crm.users = append(
			w.crm.users,
			User{ID: "40", Name: "Old", Email: "old@acme.example"},
			User{ID: "41", Name: "Past", Email: "past@acme.example", Extension: "141"},
		)
		w.fill()
		w.crm.put(crm.KindCompany, "9", "17", func(r *Record) { r.Name, r.OwnerID = "Past's", "41" })
		w.run()
		is(t, "one who was met dismissed", w.user("40").Active && w.user("40").ID == met.ID, true)
		is(t, "one who had left before", w.user("41").Active, false)
		is(t, "whose the company is", w.company("9").OwnerID, w.user("41").ID)
		for i := range w.crm.users {
			w.crm.users[i].Active = false
		}
		w.skip.Add(4000)
		w.catchUp()
		is(t, "the agent", w.user("17").Active, false)
		is(t, "the admin", w.user("9").Active && w.user("9").ID == admin.ID, true)
		for i := range w.crm.users {
			w.crm.users[i].Active, w.crm.users[i].Name = true, w.crm.users[i].Name+" II"
		}
		w.skip.Add(4000)
		w.catchUp()
		is(
			t,
			"the agent who is back",
			[]string{w.user("17").Name, w.user("17").Extension},
			[]string{"Ivanov II", "101"},
		)
		is(t, "he works", w.user("17").Active, true)
	})
}

// TestBrokenDepartmentTree imports departments in a circle, without a parent, with unknown heads, and two
// users with one extension.
func TestBrokenDepartmentTree(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		w.crm.tree = []Department{
			{ID: "1", Name: "A", ParentID: "3", HeadID: "17"},
			{ID: "2", Name: "B", ParentID: "1", HeadID: "unknown"},
			{
				ID:       "3",
				Name:     "C",
				ParentID: "2",
			},
			{ID: "4", Name: "", ParentID: "none"},
			{ID: "5", Name: "A", ParentID: "4", HeadID: "18"},
		}
		w.crm.users[3].Extension = "101"
		w.run()
		org, err := w.Roster.Org(ctx)
		must(t, err)
		is(t, "departments", len(org.Departments()), 5)
		if a, b := w.user("17").Extension, w.user("18").Extension; a != "101" || b != "" {
			t.Errorf("the extensions are %q and %q", a, b)
		}
		for _, d := range org.Departments() {
			if d.Name == "B" && (d.ParentID != 0 || d.HeadID != 0) {
				t.Errorf("where the circle is cut stands %+v", d)
			}
		}

		// The circle is fixed, one department gets its head, one moves and is renamed.
		w.crm.tree = []Department{{ID: "1", Name: "A", HeadID: "17"}, {ID: "2", Name: "B", ParentID: "1", HeadID: "18"},
			{ID: "3", Name: "C", ParentID: "2"}, {ID: "4", Name: "D"}, {ID: "5", Name: "E", ParentID: "3"}}
		for range 2 { // the first round removes what blocked the second
			w.skip.Add(4000)
			w.catchUp()
		}
		org, err = w.Roster.Org(ctx)
		must(t, err)
		var names []string
		for _, d := range org.Departments() {
			parent, head := "", ""
			if p := org.Department(d.ParentID); p != nil {
				parent = p.Name
			}
			if u := org.User(d.HeadID); u != nil {
				head = u.Name
			}
			names = append(names, d.Name+"<"+parent+" "+head)
		}
		slices.Sort(names)
		is(t, "the tree", names, []string{"A< Ivanov", "B<A Petrov", "C<B ", "D< ", "E<C "})
	})
}

// TestUserChosenByAdmin lets an admin choose who is who, choose differently, and not at all.
func TestUserChosenByAdmin(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		other := w.add(staff.NewUser{Login: "other", Name: "Other", Roles: access.Roles{access.Agent}})
		w.fill()
		w.run()
		is(t, "whose the company is", w.company("1").OwnerID, w.user("17").ID)
		none := int64(0)
		m, err := w.MappingOf(ctx, 1)
		must(t, err)
		_, err = w.ChangeMapping(
			ctx,
			0,
			1,
			MappingChange{Version: m.Version, Users: &map[string]*int64{"17": &other.ID, "18": &none}},
		)
		must(t, err)
		w.run()
		is(t, "who Ivanov is", w.user("17").ID, other.ID)
		is(t, "whose his company is", w.company("1").OwnerID, other.ID)
		if w.user("18") != nil {
			t.Errorf("Petrov has no user here, got %+v", w.user("18"))
		}
		m, err = w.MappingOf(ctx, 1)
		must(t, err)
		_, err = w.ChangeMapping(ctx, 0, 1, MappingChange{Version: m.Version, Users: &map[string]*int64{"18": nil}})
		must(t, err)
		w.run()
		is(t, "who Petrov is again", w.user("18").Login, "petrov@acme.example")
	})
}

func TestNoUsersAreAddedIfSwitchedOff(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.saveMapping(func(m *mapping) { m.MakeUsers = false })
		w.fill()
		w.run()
		if w.user("17") != nil {
			t.Error("a user was added")
		}
		is(t, "whose the company is", w.company("1").OwnerID, int64(0))
		u := w.add(staff.NewUser{Login: "vanya", Name: "Vanya", Roles: access.Roles{access.Agent}})
		_, err := w.Roster.AddIdentity(context.Background(), access.System(), u.ID,
			staff.NewIdentity{Source: "portal", Value: "17"})
		must(t, err)
		_, err = w.RequestFullSync(context.Background(), 1)
		must(t, err)
		w.run()
		is(t, "the owner after the user was chosen", w.company("1").OwnerID, u.ID)
	})
}
