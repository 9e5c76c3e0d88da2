package calls

import (
	"context"
	"slices"
	"time"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/staff"
)

// TeamInput asks for a day of the people that a user may see.
type TeamInput struct {
	Day  string `query:"day" json:"-" doc:"YYYY-MM-DD; today unless set."`
	Zone string `query:"zone" json:"-" doc:"Where the day begins and ends, such as Europe/Moscow; UTC unless set."`
}

// TeamMember is what one person did on the telephone in a day.
type TeamMember struct {
	Agent    *staff.Person `json:"agent"`
	Calls    int64         `json:"calls"`
	Outgoing int64         `json:"outgoing"`
	Answered int64         `json:"answered"`     // calls on which they talked
	Talk     int64         `json:"talk_seconds"` // a talk under way is not counted yet
	Red      int64         `json:"red"`          // calls whose card was red when it was shown last
	Talking  bool          `json:"talking"`      // now
}

// TeamDay is a day of a team.
type TeamDay struct {
	Day     string       `json:"day"`
	Members []TeamMember `json:"members"` // by name; those without a call too
}

// TeamDay returns a day of everybody whose calls a user sees (staff.Scope).
func (d *Tracker) TeamDay(ctx context.Context, user *access.User, in TeamInput) (TeamDay, error) {
	from, until, err := dayOf(in, d.DB.Clock())
	if err != nil {
		return TeamDay{}, err
	}
	org, scope, err := d.scopeOf(ctx, user)
	if err != nil {
		return TeamDay{}, err
	}
	day := TeamDay{Day: from.Format(time.DateOnly), Members: []TeamMember{}}
	var ids []int64
	for _, u := range org.Users() {
		if u.Active && scope.Sees(u.ID) {
			ids = append(ids, u.ID)
			day.Members = append(day.Members, TeamMember{Agent: org.Person(u.ID)})
		}
	}
	rows, err := sumOfAgents(d.DB.ReadSlow(ctx), ids, store.Millis(from), store.Millis(until))
	if err != nil {
		return TeamDay{}, err
	}
	for _, r := range rows {
		m := &day.Members[slices.Index(ids, r.Agent)]
		m.Calls, m.Outgoing, m.Answered, m.Talk, m.Red = r.Calls, r.Outgoing, r.Answered, r.Talk/1000, r.Red
		m.Talking = r.Talking > 0
	}
	return day, nil
}

// dayOf returns when a day begins and ends.
func dayOf(in TeamInput, now time.Time) (from, until time.Time, err error) {
	var wrong *fault.Error
	zone, err := time.LoadLocation(in.Zone)
	if err != nil || in.Zone == "Local" {
		wrong, zone = wrong.And("zone", "unknown_value"), time.UTC
	}
	y, m, d := now.In(zone).Date()
	if in.Day != "" {
		at, err := time.Parse(time.DateOnly, in.Day)
		if err != nil {
			wrong = wrong.And("day", "malformed")
		}
		y, m, d = at.Date()
	}
	return time.Date(y, m, d, 0, 0, 0, 0, zone), time.Date(y, m, d+1, 0, 0, 0, 0, zone), wrong.OrNil()
}
