package staff

import (
	"slices"
	"testing"
	"time"

	"callhue/internal/access"
)

// TestWhoseThingsAreSeen holds the one rule against a table written by hand, over the organisation of org_test.go.
func TestWhoseThingsAreSeen(t *testing.T) {
	o := testOrg()
	day := func(d int) time.Time { return time.Date(2026, 3, d, 12, 0, 0, 0, time.UTC) }
	everyone := []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	for _, c := range []struct {
		why  string
		user access.User
		at   time.Time
		want []int64
	}{
		{"an agent", access.User{ID: 7}, day(1), []int64{7}},
		{"an agent with the role of a supervisor, who heads no department",
			access.User{ID: 7, Roles: access.Roles{access.Supervisor}}, day(1), []int64{7}},
		{"the head of a department", access.User{ID: 4}, day(1), []int64{4, 5, 6}},
		{"a head of departments below, who is a member of his own", access.User{ID: 2}, day(1), []int64{2, 4, 5, 6, 7}},
		{"the head of the other branch", access.User{ID: 3}, day(1), []int64{3, 8}},
		{"the head of all, who is in no department", access.User{ID: 1}, day(1), []int64{1, 2, 3, 4, 5, 6, 7, 8}},
		{"a deputy before the period", access.User{ID: 6}, day(9), []int64{6}},
		{"a deputy in the period", access.User{ID: 6}, day(15), []int64{5, 6}},
		{"a deputy after it", access.User{ID: 6}, day(20), []int64{6}},
		{"a deputy who has left", access.User{ID: 9}, day(15), []int64{9}},
		{"an administrator", access.User{ID: 8, Roles: access.Admins}, day(1), everyone},
		{"an administrator by a limited token", access.User{ID: 8, Scope: access.WriteScope}, day(1), []int64{8}},
		{"an administrator who has left", access.User{ID: 9, Roles: access.Admins}, day(1), []int64{9}},
		{"the command line", *access.System(), day(1), everyone},
		{"a stranger", access.User{ID: 99}, day(1), nil},
	} {
		scope := o.ScopeOf(&c.user, c.at)
		var got []int64
		for id := range int64(12) {
			if id != 0 && scope.Sees(id) && o.User(id) != nil {
				got = append(got, id)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s sees the things of %v, want %v", c.why, got, c.want)
		}
		if all := len(c.want) == len(everyone); scope.All() != all || scope.Sees(0) != all {
			t.Errorf("%s sees everything: %v, what is no one's: %v", c.why, scope.All(), scope.Sees(0))
		}
		people := scope.People()
		slices.Sort(people)
		if !scope.All() && o.User(c.user.ID) != nil && !slices.Equal(people, c.want) {
			t.Errorf("%s: people %v, want %v", c.why, people, c.want)
		}
		for id := int64(1); id <= 10; id++ {
			seen := slices.Contains(o.SeersOf(id, c.at), c.user.ID)
			user := o.User(c.user.ID)
			if user != nil && user.Active && !scope.All() && seen != scope.Sees(id) {
				t.Errorf("%s is among those who see the things of %d: %v", c.why, id, seen)
			}
		}
		for _, d := range o.Departments() {
			if want := scope.All() || slices.Contains(o.TeamsOf(c.user.ID), d.ID); scope.Leads(d.ID) != want {
				t.Errorf("%s leads %d: %v", c.why, d.ID, !want)
			}
		}
	}
}

func TestTheDeputyOfAHeadSeesTheirDepartments(t *testing.T) {
	o := testOrg()
	at := time.Date(2026, 3, 15, 0, 0, 0, 0, time.UTC)
	o.standsIn[7] = append(o.standsIn[7], Deputy{ID: 9, UserID: 4, DeputyID: 7, From: 1, Until: 1 << 60})
	scope := o.ScopeOf(&access.User{ID: 7}, at)
	for id, want := range map[int64]bool{4: true, 5: true, 6: true, 7: true, 2: false, 8: false} {
		if scope.Sees(id) != want {
			t.Errorf("sees the things of %d: %v", id, !want)
		}
	}
	if !scope.Leads(4) || scope.Leads(2) {
		t.Error("he leads the department of the head, and not the one above")
	}
	if !scope.Helps([]int64{3, 4}) || scope.Helps([]int64{5}) {
		t.Error("he is in the teams of the head, and not in those of the head's people")
	}
}
