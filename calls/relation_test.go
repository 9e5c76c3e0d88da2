package calls

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"callhue/internal/access"
	"callhue/internal/store"
	"callhue/staff"
)

// TestWhoSeesACall states by hand who sees and changes what of a call that Boris made to Anna's client, through every
// door that shows calls. Igor heads both; Vera, of another department, is Boris' deputy; her head Oleg is a supervisor.
func TestWhoSeesACall(t *testing.T) {
	inOffice(t, func(o *office) {
		ctx, now := context.Background(), o.db.Clock()
		_, err := o.roster.AddDeputy(ctx, o.admin, o.user["boris"].ID, staff.NewDeputy{DeputyID: o.user["vera"].ID,
			From: store.MomentOf(now.Add(-1e9)), Until: store.MomentOf(now.Add(3600e9))})
		o.must(err)
		o.user["oleg"].Roles = access.Roles{access.Agent, access.Supervisor}
		for _, e := range []Event{event(Ringing, "102", 0), event(Answered, "102", 6), event(Ended, "102", 48)} {
			o.hear(e)
		}
		ask, call := o.door(), o.only().ID
		boris, path := o.user["boris"].ID, fmt.Sprintf("/api/v1/calls/%d", call)
		if status, answer := ask("boris", "POST", path+"/note", `{"note":"wants a price"}`); status != http.StatusOK {
			t.Fatal(status, answer)
		}
		here := fmt.Sprintf(`"id":%d,"source"`, call)
		theirs := []string{"boris", "vera", "igor", "admin"}
		for _, c := range []struct {
			why, method, path, body string
			holds                   string   // in the answer of those who see it
			who                     []string // by hand, from the specification
			refused                 int      // of the others; 200 where the answer is without it
		}{
			{"the list", "GET", "/api/v1/calls", "", here, theirs, 200},
			{"the list of his calls", "GET", fmt.Sprintf("/api/v1/calls?agent=%d", boris), "", here, theirs, 403},
			{"the list of a colour", "GET", "/api/v1/calls?color=red", "", here, theirs, 200},
			{"the call", "GET", path, "", here, theirs, 404},
			{"his card", "GET", fmt.Sprintf("%s/card?agent=%d", path, boris), "", `"color":"red"`, theirs, 404},
			{"writing its note", "POST", path + "/note", `{"note":"wants a price"}`, here, theirs, 404},
			{"the day of a team", "GET", "/api/v1/reports/team?day=2026-03-12", "", `"name":"boris"`, theirs, 200},
			{"calls on the page of her client", "GET", "/api/v1/clients/company/1", "", `"agent":"boris"`,
				append([]string{"anna"}, theirs...), 200},
			{"its note on that page", "GET", "/api/v1/clients/company/1", "", "wants a price",
				append([]string{"anna"}, theirs...), 200},
			{"the client itself", "GET", "/api/v1/clients/company/1", "", `"verb":"record.added"`,
				append([]string{"anna", "oleg"}, theirs...), 200},
			{"the incident", "GET", "/api/v1/incidents", "", `"why":"foreign_in_work"`,
				append([]string{"anna"}, theirs...), 200},
			{"the incident itself", "GET", "/api/v1/incidents/1", "", `"why":"foreign_in_work"`,
				append([]string{"anna"}, theirs...), 404},
			{"the report of incidents", "GET", "/api/v1/reports/incidents", "", `"name":"boris"`,
				append([]string{"anna"}, theirs...), 200},
		} {
			for _, login := range []string{"anna", "boris", "vera", "igor", "oleg", "admin"} {
				status, answer := ask(login, c.method, c.path, c.body)
				sees := slices.Contains(c.who, login)
				if sees != (status == 200 && strings.Contains(answer, c.holds)) || !sees && status != c.refused {
					t.Errorf("%s: %s gets %d %.300s, may see it: %v", c.why, login, status, answer, sees)
				}
			}
		}
	})
}
