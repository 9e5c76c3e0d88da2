package calls

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"callhue/internal/access"
)

func TestADayOfATeam(t *testing.T) {
	inOffice(t, func(o *office) {
		o.hear(event(Ringing, "102", 0)) // Boris calls Anna's client
		o.hear(event(Answered, "102", 6))
		o.hear(event(Ended, "102", 48))
		second := event(Ringing, "103", 100)
		second.CallID, second.Number, second.Direction = "c-2", p7, "in"
		o.hear(second)
		second.Kind, second.At = Answered, second.At.Add(5*time.Second)
		o.hear(second)
		for _, c := range []struct {
			why  string
			user *access.User
			in   TeamInput
			want []string
		}{
			{"an agent sees themselves", o.signed("anna"), TeamInput{}, []string{"anna 0 0 0 0s 0 false"}},
			{"a head sees their department", o.signed("igor"), TeamInput{},
				[]string{"anna 0 0 0 0s 0 false", "boris 1 1 1 42s 1 false", "igor 0 0 0 0s 0 false"}},
			{"and no other", o.signed("oleg"), TeamInput{},
				[]string{"oleg 0 0 0 0s 0 false", "vera 1 0 1 0s 0 true"}},
			{"another day has none of it", o.signed("boris"), TeamInput{Day: "2026-03-11"},
				[]string{"boris 0 0 0 0s 0 false"}},
			{"a day ends where the zone says", o.signed("boris"),
				TeamInput{Day: "2026-03-13", Zone: "Pacific/Kiritimati"}, []string{"boris 1 1 1 42s 1 false"}},
		} {
			day, err := o.desk.TeamDay(t.Context(), c.user, c.in)
			o.must(err)
			var got []string
			for _, m := range day.Members {
				got = append(got, fmt.Sprintf("%s %d %d %d %ds %d %v", m.Agent.Name, m.Calls, m.Outgoing, m.Answered,
					m.Talk, m.Red, m.Talking))
			}
			slices.Sort(got)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.why, diff)
			}
		}
		if day, err := o.desk.TeamDay(t.Context(), o.admin, TeamInput{}); err != nil || len(day.Members) != 6 {
			t.Errorf("an admin sees everybody: %+v, %v", day, err)
		}
		if _, err := o.desk.TeamDay(t.Context(), o.admin, TeamInput{Day: "yesterday", Zone: "Mars"}); err == nil {
			t.Error("a day and a zone that are none")
		}
	})
}

// signed returns a user of the office as if signed in.
func (o *office) signed(login string) *access.User {
	u := o.user[login]
	return &access.User{ID: u.ID, Login: u.Login, Name: u.Name, Roles: u.Roles, Department: u.DepartmentID}
}
