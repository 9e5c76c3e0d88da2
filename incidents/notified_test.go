package incidents

import (
	"log/slog"
	"slices"
	"testing"

	"callhue/internal/access"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/phone"
	"callhue/rules"
	"callhue/staff"
)

// TestThePolicySaysWhoIsNotified: Vera, whose head is Oleg, has talked with a client of Anna, whose head is Igor.
func TestThePolicySaysWhoIsNotified(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		plan, err := phone.NewPlan("RU", "495")
		if err != nil {
			t.Fatal(err)
		}
		roster := staff.New(db, journal.New(db, slog.New(slog.DiscardHandler)), plan)
		person := func(login string, department int64) int64 {
			u, err := roster.AddUser(t.Context(), 0, staff.NewUser{Login: login, Name: login, DepartmentID: department,
				Roles: access.Roles{access.Agent}})
			if err != nil {
				t.Fatal(err)
			}
			return u.ID
		}
		department := func(name string, head int64) int64 {
			d, err := roster.AddDepartment(t.Context(), 0, staff.NewDepartment{Name: name, HeadID: head, Kind: "sales"})
			if err != nil {
				t.Fatal(err)
			}
			return d.ID
		}
		igor, oleg := person("igor", 0), person("oleg", 0)
		anna, vera := person("anna", department("A", igor)), person("vera", department("B", oleg))
		org, err := roster.Org(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			why          string
			agent, owner int64
			notify       rules.Notify
			want         []int64
		}{
			{"all of them", vera, anna, rules.Notify{Owner: true, OwnerHead: true, AgentHead: true},
				[]int64{anna, igor, oleg}},
			{"the agent's head only", vera, anna, rules.Notify{AgentHead: true}, []int64{oleg}},
			{"no one", vera, anna, rules.Notify{}, nil},
			{"never the agent, although they head the owner", igor, anna, rules.Notify{Owner: true, OwnerHead: true},
				[]int64{anna}},
		} {
			got := notified(org, &incidentRow{AgentID: c.agent, OwnerID: c.owner}, c.notify)
			if !slices.Equal(got, c.want) {
				t.Errorf("%s: %v, want %v", c.why, got, c.want)
			}
		}
	})
}
