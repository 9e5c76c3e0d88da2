package calls

import (
	"context"
	"iter"
	"time"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/web"
	"callhue/staff"
)

// IncidentFilter narrows incidents down.
type IncidentFilter struct {
	Agent      int64         `query:"agent_id" json:"-"`
	Owner      int64         `query:"owner_id" json:"-"`
	Company    int64         `query:"company_id" json:"-"`
	Department int64         `query:"department_id" json:"-" doc:"Of the agent or the owner; the departments below count."`
	State      IncidentState `query:"state" json:"-"`
	From       string        `query:"from" json:"-" doc:"Not before this time, RFC 3339."`
	Till       string        `query:"until" json:"-" doc:"Before this time, RFC 3339."`
}

// IncidentsInput asks for a page of incidents, or for a file.
type IncidentsInput struct {
	web.Paging
	web.Sheet
	IncidentFilter
}

// incidentWhere is a filter as the database takes it; zero fields do not filter.
type incidentWhere struct {
	sight      sight
	agent      int64
	owner      int64
	company    []int64 // with those that were merged into it; nil for any
	department []int64 // users of it; nil for any
	state      IncidentState
	from, till int64 // ms
}

// sight is whose incidents a user may see: those by him and those with his
// clients; those by, and with clients of, the people whom he heads; or all.
type sight struct {
	all   bool
	self  int64
	heads []int64 // users of the departments that he heads
}

func sightOf(org *staff.Org, user *access.User) sight {
	if user.Has(access.Admin, access.Service) {
		return sight{all: true}
	}
	return sight{self: user.ID, heads: usersIn(org, org.TeamsOf(user.ID))}
}

// sees says whether an incident is within a sight.
func (s sight) sees(r *incidentRow) bool {
	if s.all || r.AgentID == s.self || r.OwnerID == s.self {
		return true
	}
	for _, u := range s.heads {
		if u == r.AgentID || u == r.OwnerID {
			return true
		}
	}
	return false
}

// usersIn gives the users of some departments.
func usersIn(org *staff.Org, departments []int64) []int64 {
	in := make(map[int64]bool, len(departments))
	for _, d := range departments {
		in[d] = true
	}
	users := []int64{}
	for _, u := range org.Users() {
		if in[u.DepartmentID] {
			users = append(users, u.ID)
		}
	}
	return users
}

// below gives a department and all those under it.
func below(org *staff.Org, department int64) []int64 {
	list := []int64{department}
	for i := 0; i < len(list) && i <= len(org.Departments()); i++ {
		for _, d := range org.Departments() {
			if d.ParentID == list[i] {
				list = append(list, d.ID)
			}
		}
	}
	return list
}

// where reads a filter for a user.
func (f IncidentFilter) where(org *staff.Org, user *access.User) (incidentWhere, error) {
	w := incidentWhere{sight: sightOf(org, user), agent: f.Agent, owner: f.Owner, state: f.State}
	var wrong *fault.Error
	switch f.State {
	case "", IncidentOpen, IncidentAcknowledged:
	default:
		wrong = wrong.And("state", "unknown_value")
	}
	if f.Department != 0 {
		if org.Department(f.Department) == nil {
			wrong = wrong.And("department_id", "unknown")
		}
		w.department = usersIn(org, below(org, f.Department))
	}
	w.from, wrong = millisIn("from", f.From, wrong)
	w.till, wrong = millisIn("until", f.Till, wrong)
	return w, wrong.OrNil()
}

// millisIn reads a time of a filter; an empty text is no filter.
func millisIn(field, text string, wrong *fault.Error) (int64, *fault.Error) {
	if text == "" {
		return 0, wrong
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return 0, wrong.And(field, "malformed")
	}
	return store.Millis(at), wrong
}

// incidentCursor is where a page ended.
type incidentCursor struct {
	At int64 `json:"a"`
	ID int64 `json:"i"`
}

func (d *Tracker) incidents(r *web.Request, in IncidentsInput) (web.List[Incident], error) {
	none := web.List[Incident]{}
	org, w, err := d.incidentsWanted(r, in.IncidentFilter)
	if err != nil {
		return none, err
	}
	var before incidentCursor
	if err := in.After(&before); err != nil {
		return none, err
	}
	rows, err := listIncidents(d.DB.Read(r.Context()), w, before, in.Size()+1)
	if err != nil {
		return none, err
	}
	page := web.Page(rows, in.Size(), func(last *incidentRow) any { return incidentCursor{last.At, last.ID} })
	list := web.List[Incident]{Items: make([]Incident, len(page.Items)), NextPageToken: page.NextPageToken}
	for i, row := range page.Items {
		list.Items[i] = row.incident(org)
	}
	return list, nil
}

func (d *Tracker) incidentsWanted(r *web.Request, f IncidentFilter) (*staff.Org, incidentWhere, error) {
	org, err := d.Roster.Org(r.Context())
	if err != nil {
		return nil, incidentWhere{}, err
	}
	w, err := f.where(org, r.User)
	if err == nil && f.Company != 0 {
		w.company, err = d.Book.Absorbed(r.Context(), crm.KindCompany, f.Company)
		w.company = append(w.company, f.Company)
	}
	return org, w, err
}

// incidentsAtOnce is how many rows of a file are read together.
const incidentsAtOnce = 500

func (d *Tracker) incidentsFile(r *web.Request, in IncidentsInput) (web.CSV, error) {
	org, w, err := d.incidentsWanted(r, in.IncidentFilter)
	return d.incidentFile(org, w), err
}

// IncidentsFile gives all incidents as a file, newest first, for the command line.
func (d *Tracker) IncidentsFile(ctx context.Context) (web.CSV, error) {
	org, err := d.Roster.Org(ctx)
	return d.incidentFile(org, incidentWhere{sight: sight{all: true}}), err
}

func (d *Tracker) incidentFile(org *staff.Org, w incidentWhere) web.CSV {
	header := []string{"id", "at", "call_id", "source", "direction", "number", "agent_id", "agent", "owner_id", "owner", "company_id", "company",
		"why", "talk_seconds", "card_seconds", "recording_url", "reason", "state", "acknowledged_by", "acknowledged_at", "acknowledged_reason"}
	rows := func(ctx context.Context) iter.Seq2[[]any, error] {
		return func(yield func([]any, error) bool) {
			for before, more := (incidentCursor{}), true; more; {
				part, err := listIncidents(d.DB.Read(ctx), w, before, incidentsAtOnce)
				if err != nil {
					yield(nil, err)
					return
				}
				for _, row := range part {
					if !yield(row.incident(org).cells(), nil) {
						return
					}
					before = incidentCursor{row.At, row.ID}
				}
				more = len(part) == incidentsAtOnce
			}
		}
	}
	return web.CSV{Name: "incidents", Header: header, Rows: rows}
}

func (i Incident) cells() []any {
	cells := []any{i.ID, i.At, i.CallID, i.Source, i.Direction, i.Number, i.Agent.ID, i.Agent.Name, i.Owner.ID, i.Owner.Name,
		i.Company.ID, i.Company.Name, i.Why, i.TalkSeconds, i.CardSeconds, i.Recording, i.Reason, i.State}
	if a := i.Acknowledged; a != nil {
		return append(cells, a.By.Name, a.At, a.Reason)
	}
	return append(cells, nil, nil, nil)
}

func (d *Tracker) incident(r *web.Request, in callPath) (Incident, error) {
	org, err := d.Roster.Org(r.Context())
	if err != nil {
		return Incident{}, err
	}
	row, err := findIncident(d.DB.Read(r.Context()), in.ID)
	if err != nil {
		return Incident{}, err
	}
	if !sightOf(org, r.User).sees(row) {
		return Incident{}, fault.Missing("incident")
	}
	return row.incident(org), nil
}
