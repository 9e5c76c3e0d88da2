package incidents

import (
	"context"
	"iter"
	"time"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/paging"
	"callhue/internal/store"
	"callhue/internal/web"
	"callhue/staff"
)

// FilterInput narrows incidents down.
type FilterInput struct {
	Agent      int64         `query:"agent_id" json:"-"`
	Owner      int64         `query:"owner_id" json:"-"`
	Company    int64         `query:"company_id" json:"-"`
	Department int64         `query:"department_id" json:"-" doc:"Of the agent or the owner; the departments below count."`
	State      IncidentState `query:"state" json:"-"`
	From       string        `query:"from" json:"-" doc:"Not before this time, RFC 3339."`
	Until      string        `query:"until" json:"-" doc:"Before this time, RFC 3339."`
}

// filter is a FilterInput as it was read for one user; zero fields do not filter.
type filter struct {
	scope     staff.Scope
	agent     int64
	owner     int64
	companies []int64 // the company and those that were merged into it; nil for any
	users     []int64 // of a department, as agents or owners; nil for any
	state     IncidentState
	from      store.Moment
	until     store.Moment // exclusive
}

// sees reports whether an incident is in a scope: its agent or its owner is.
func sees(scope staff.Scope, r *incidentRow) bool {
	return scope.Sees(r.AgentID) || scope.Sees(r.OwnerID)
}

// usersIn returns the users of some departments.
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

// withBelow returns a department and all departments under it.
func withBelow(org *staff.Org, department int64) []int64 {
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

// filter reads the input for a user. It returns the organisation beside it, which the names of a list come from.
func (r *Registry) filter(ctx context.Context, user *access.User, in FilterInput) (*staff.Org, filter, error) {
	org, err := r.roster.Org(ctx)
	if err != nil {
		return nil, filter{}, err
	}
	f := filter{scope: org.ScopeOf(user, r.db.Clock()), agent: in.Agent, owner: in.Owner, state: in.State}
	var wrong *fault.Error
	switch in.State {
	case "", IncidentOpen, IncidentAcknowledged:
	default:
		wrong = wrong.And("state", "unknown_value")
	}
	if in.Department != 0 {
		if org.Department(in.Department) == nil {
			wrong = wrong.And("department_id", "unknown")
		}
		f.users = usersIn(org, withBelow(org, in.Department))
	}
	f.from, wrong = moment("from", in.From, wrong)
	f.until, wrong = moment("until", in.Until, wrong)
	if err := wrong.OrNil(); err != nil {
		return org, f, err
	}
	if in.Company != 0 {
		f.companies, err = r.records.FindMerged(ctx, crm.KindCompany, in.Company)
		f.companies = append(f.companies, in.Company)
	}
	return org, f, err
}

// moment reads a time of a filter, zero for an empty text. It returns the given fault with the field added when the
// text is no time.
func moment(field, text string, wrong *fault.Error) (store.Moment, *fault.Error) {
	if text == "" {
		return 0, wrong
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return 0, wrong.And(field, "malformed")
	}
	return store.MomentOf(at), wrong
}

// List returns a page of the incidents that a user may see, the latest first.
func (r *Registry) List(ctx context.Context, user *access.User, in ListInput) (page web.List[Incident], err error) {
	org, f, err := r.filter(ctx, user, in.FilterInput)
	if err != nil {
		return page, err
	}
	rows, err := table.Page(r.db.ReadSlow(ctx), f.condition(), latestFirst(), in.Paging)
	if err != nil {
		return page, err
	}
	return paging.Map(rows, func(row *incidentRow) Incident { return row.incident(org) }), nil
}

// Find returns one incident; the fault is "not_found" also when the user may not see it.
func (r *Registry) Find(ctx context.Context, user *access.User, id int64) (Incident, error) {
	org, err := r.roster.Org(ctx)
	if err != nil {
		return Incident{}, err
	}
	row, err := table.Find(r.db.Read(ctx), id)
	if err != nil {
		return Incident{}, err
	}
	if !sees(org.ScopeOf(user, r.db.Clock()), row) {
		return Incident{}, fault.Missing("incident")
	}
	return row.incident(org), nil
}

// File returns all incidents as a file, the latest first, for the command line.
func (r *Registry) File(ctx context.Context) (web.CSV, error) {
	org, err := r.roster.Org(ctx)
	return r.file(org, filter{scope: org.ScopeOf(access.System(), r.db.Clock())}), err
}

func (r *Registry) file(org *staff.Org, f filter) web.CSV {
	header := []string{"id", "at", "call_id", "source", "direction", "number", "agent_id", "agent", "owner_id", "owner",
		"company_id", "company", "why", "talk_seconds", "card_seconds", "recording_url", "reason", "state",
		"acknowledged_by", "acknowledged_at", "acknowledged_reason"}
	rows := func(ctx context.Context) iter.Seq2[[]any, error] {
		return func(yield func([]any, error) bool) {
			query := paging.Query{Limit: paging.MaxLimit}
			for {
				page, err := table.Page(r.db.ReadSlow(ctx), f.condition(), latestFirst(), query)
				if err != nil {
					yield(nil, err)
					return
				}
				for _, row := range page.Items {
					if !yield(row.incident(org).cells(), nil) {
						return
					}
				}
				if query.PageToken = page.NextPageToken; query.PageToken == "" {
					return
				}
			}
		}
	}
	return web.CSV{Name: "incidents", Header: header, Rows: rows}
}

func (i Incident) cells() []any {
	cells := []any{i.ID, i.At.Time(), i.CallID, i.Source, i.Direction, i.Number, i.Agent.ID, i.Agent.Name,
		i.Owner.ID, i.Owner.Name, i.Company.ID, i.Company.Name, i.Why, i.TalkSeconds, i.CardSeconds, i.Recording, i.Reason,
		i.State}
	if a := i.Acknowledged; a != nil {
		return append(cells, a.By.Name, a.At.Time(), a.Reason)
	}
	return append(cells, nil, nil, nil)
}
