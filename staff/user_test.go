package staff

import (
	"slices"
	"strings"
	"testing"
	"time"

	"callhue/internal/access"
	"callhue/internal/store"
	"callhue/journal"
)

func TestAddUserGathersWhatIsWrong(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		r := roster(db)
		_, err := r.AddUser(t.Context(), system, NewUser{Login: "a b", Name: " ", Roles: access.Roles{"king"},
			DepartmentID: 7, Language: "de", Extension: strings.Repeat("1", 201), Password: "short"})
		refused(t, err,
			"login malformed;name required;roles unknown_role;department_id unknown;language unknown_language;extensions too_long;password too_short;")
		u := add(t, r, " Ivanov@X ", func(in *NewUser) {
			in.Name, in.Extension, in.Extensions = " Anna   Ivanova ", "101", []string{"102", "101"}
		})
		if u.Login != "ivanov@x" || u.Name != "Anna Ivanova" || u.Extension != "101" ||
			!slices.Equal(u.Extensions, []string{"101", "102"}) || u.Language != "ru" || !u.Active {
			t.Fatalf("%+v", u)
		}
		_, err = r.AddUser(t.Context(), system,
			NewUser{Login: "IVANOV@x", Name: "x", Roles: access.Roles{access.Agent}})
		refused(t, err, "login_taken")
		_, err = r.AddUser(t.Context(), system, NewUser{Login: "other", Name: "x", Roles: access.Roles{access.Agent},
			Extension: "102"})
		refused(t, err, "identity_taken")
		if org := must[*Org](t)(r.Org(t.Context())); org.ByLogin("other") != nil {
			t.Fatal("a refused user was half-written")
		}
	})
}

func TestChangeUser(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		r := roster(db)
		u := add(t, r, "ivanov", func(in *NewUser) { in.Extensions = []string{"101", "102"} })
		_, err := r.Change(t.Context(), system, u.ID, UserChange{Name: ptr("x")})
		refused(t, err, "version required;")
		after := must[*User](t)(r.Change(t.Context(), system, u.ID,
			UserChange{Version: u.Version, Extension: ptr("105"),
				Roles: &access.Roles{access.Agent, access.Supervisor}}))
		if !slices.Equal(after.Extensions, []string{"105"}) || after.Version != u.Version+1 || len(after.Roles) != 2 ||
			after.Name != u.Name {
			t.Fatalf("%+v", after)
		}
		_, err = r.Change(t.Context(), system, u.ID, UserChange{Version: u.Version, Name: ptr("x")})
		refused(t, err, "stale_version")
		same := must[*User](t)(r.Change(t.Context(), system, u.ID,
			UserChange{Version: after.Version, Name: ptr(after.Name)}))
		if same.Version != after.Version {
			t.Fatal("a change that changes nothing made a new version")
		}
		swapped := must[*User](t)(r.Change(t.Context(), system, u.ID,
			UserChange{Version: after.Version, Extensions: &[]string{"106", "105"}}))
		if swapped.Extension != "106" || len(swapped.Extensions) != 2 {
			t.Fatalf("%+v", swapped)
		}
		want := []journal.Verb{UserAdded, IdentityAdded, IdentityAdded,
			UserChanged, IdentityRemoved, IdentityRemoved, IdentityAdded,
			UserChanged, IdentityRemoved, IdentityAdded, IdentityAdded}
		if got := history(t, db); !slices.Equal(got, want) {
			t.Fatalf("the journal holds %v", got)
		}
	})
}

func TestADismissedUserGivesUpHisExtension(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		r := roster(db)
		gone := add(t, r, "gone", func(in *NewUser) { in.Extension = "101" })
		if err := r.Disable(t.Context(), system, gone.ID); err != nil {
			t.Fatal(err)
		}
		add(t, r, "fresh", func(in *NewUser) { in.Extension = "101" })
		org := must[*Org](t)(r.Org(t.Context()))
		if u := org.ByIdentity("office", "101"); u == nil || u.Login != "fresh" {
			t.Fatalf("101 is %+v", u)
		}
		if u := org.User(gone.ID); u.Active || u.DismissedAt == 0 || len(u.Extensions) != 0 {
			t.Fatalf("%+v", u)
		}
	})
}

func TestAnIdentityGoesToOneOfMany(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		r := roster(db)
		users := []*User{add(t, r, "a"), add(t, r, "b"), add(t, r, "c"), add(t, r, "d")}
		errs := atOnce(len(users), func(i int) error {
			_, err := r.AddIdentity(t.Context(), system, users[i].ID, NewIdentity{Source: "office", Value: "Agent-7"})
			return err
		})
		if count(errs, "") != 1 || count(errs, "identity_taken") != 3 {
			t.Fatalf("%v", errs)
		}
		owner := must[*Org](t)(r.Org(t.Context())).ByIdentity("office", "agent-7")
		list := must[[]*Identity](t)(r.Identities(t.Context(), owner.ID))
		if len(list) != 1 || list[0].Source != "office" || list[0].Value != "agent-7" {
			t.Fatalf("%+v", list)
		}
		_, err := r.AddIdentity(t.Context(), system, owner.ID, NewIdentity{Source: "office", Value: "agent-7"})
		refused(t, err, "identity_taken")
		refused(t, r.RemoveIdentity(t.Context(), system, users[0].ID+100, list[0].ID), "not_found")
		if err := r.RemoveIdentity(t.Context(), system, owner.ID, list[0].ID); err != nil {
			t.Fatal(err)
		}
		if must[*Org](t)(r.Org(t.Context())).ByIdentity("office", "agent-7") != nil {
			t.Fatal("still called so")
		}
	})
}

func TestDeputies(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		r := roster(db)
		u, other := add(t, r, "a"), add(t, r, "b")
		from := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
		_, err := r.AddDeputy(t.Context(), system, u.ID,
			NewDeputy{DeputyID: u.ID, From: store.MomentOf(from), Until: store.MomentOf(from)})
		refused(t, err, "deputy_id himself;until not_after_from;")
		_, err = r.AddDeputy(t.Context(), system, u.ID,
			NewDeputy{DeputyID: 99, From: store.MomentOf(time.Time{}), Until: store.MomentOf(from)})
		refused(t, err, "deputy_id unknown;from required;")
		d := must[*Deputy](t)(r.AddDeputy(t.Context(), system, u.ID,
			NewDeputy{DeputyID: other.ID, From: store.MomentOf(from), Until: store.MomentOf(from.Add(time.Hour))}))
		if !must[*Org](t)(r.Org(t.Context())).Deputises(other.ID, u.ID, from) {
			t.Fatal("no deputy at the first moment")
		}
		if err := r.RemoveDeputy(t.Context(), system, u.ID, d.ID); err != nil {
			t.Fatal(err)
		}
		if must[*Org](t)(r.Org(t.Context())).Deputises(other.ID, u.ID, from) {
			t.Fatal("still a deputy")
		}
	})
}

func TestDepartmentsStayATree(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		r := roster(db)
		_, err := r.AddDepartment(t.Context(), system, NewDepartment{ParentID: 9, HeadID: 9, Kind: "x"})
		refused(t, err, "name required;parent_id unknown;head_id unknown;kind unknown_value;")
		top := must[*Department](t)(r.AddDepartment(t.Context(), system, NewDepartment{Name: "Top"}))
		low := must[*Department](t)(r.AddDepartment(t.Context(), system, NewDepartment{Name: "Low", ParentID: top.ID}))
		_, err = r.ChangeDepartment(t.Context(), system, top.ID,
			DepartmentChange{Version: top.Version, ParentID: &low.ID})
		refused(t, err, "parent_id circle;")
		_, err = r.ChangeDepartment(t.Context(), system, top.ID,
			DepartmentChange{Version: top.Version, ParentID: &top.ID})
		refused(t, err, "parent_id circle;")
		refused(t, r.RemoveDepartment(t.Context(), system, top.ID), "department_in_use")
		add(t, r, "a", func(in *NewUser) { in.DepartmentID = low.ID })
		refused(t, r.RemoveDepartment(t.Context(), system, low.ID), "department_in_use")

		x := must[*Department](t)(r.AddDepartment(t.Context(), system, NewDepartment{Name: "X"}))
		y := must[*Department](t)(r.AddDepartment(t.Context(), system, NewDepartment{Name: "Y"}))
		errs := atOnce(2, func(i int) error {
			d, under := []*Department{x, y}[i], []*Department{y, x}[i]
			_, err := r.ChangeDepartment(t.Context(), system, d.ID,
				DepartmentChange{Version: d.Version, ParentID: &under.ID})
			return err
		})
		if count(errs, "") != 1 || count(errs, "invalid_input") != 1 {
			t.Fatalf("two departments were hung under each other: %v", errs)
		}
	})
}

func TestListUsers(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		r := roster(db)
		for _, name := range []string{"Яна", "Алёна", "Anna", "Алена", "Борис"} {
			add(t, r, "l"+name, func(in *NewUser) { in.Name = name })
		}
		var names []string
		for place := (UserPlace{}); ; {
			page := must[[]*User](t)(r.List(t.Context(), UserFilter{}, place, 2))
			for _, u := range page {
				names = append(names, u.Name)
				place = UserPlace{store.Fold(u.Name), u.ID}
			}
			if len(page) < 2 {
				break
			}
		}
		if want := []string{"Anna", "Алёна", "Алена", "Борис", "Яна"}; !slices.Equal(names, want) {
			t.Fatalf("%v, want %v", names, want)
		}
		if found := must[[]*User](t)(r.List(t.Context(), UserFilter{Query: "АЛЁН"}, UserPlace{}, 10)); len(found) != 2 {
			t.Fatalf("%d found", len(found))
		}
	})
}
