package amocrm

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strconv"

	"callhue/crm"
	"callhue/crmsync"
)

// Lists of settings are short; these bound them all the same. Fields come 50 at a
// time whatever is asked for.
const (
	fieldsAtOnce = 50
	mostPages    = 40
)

// Leads that are closed have the same two statuses in every pipeline of every
// account; where new ones arrive by themselves is of type 1.
const (
	wonStatus   = "142"
	lostStatus  = "143"
	typeArrives = 1
)

// pages walks a list of settings: each page is decoded anew and given to take.
func pages[T any](ctx context.Context, p *Portal, path string, query url.Values, size int, take func(T)) error {
	for number := 1; number <= mostPages; number++ {
		query.Set("page", strconv.Itoa(number))
		query.Set("limit", strconv.Itoa(size))
		var got struct {
			Links    loose[theirLinks] `json:"_links"`
			Embedded loose[T]          `json:"_embedded"`
		}
		found, err := p.get(ctx, path, query, &got)
		if err != nil {
			return err
		}
		if !found {
			return nil
		}
		take(got.Embedded.V)
		if got.Links.V.Next == nil {
			return nil
		}
	}
	return crmsync.NotUnderstood(errStuck)
}

// theirFields is a page of custom fields.
type theirFields struct {
	Fields []struct {
		ID    ident  `json:"id"`
		Name  string `json:"name"`
		Type  string `json:"type"`
		Enums []struct {
			ID    ident  `json:"id"`
			Value string `json:"value"`
		} `json:"enums"`
	} `json:"custom_fields"`
}

// StatusFields gives the fields of companies that hold one entry of a list. Their
// code is the field's id, an entry's value is the entry's id: both are the account's
// own and stay when somebody renames them.
func (p *Portal) StatusFields(ctx context.Context) ([]crmsync.StatusField, error) {
	var out []crmsync.StatusField
	err := pages(ctx, p, "/api/v4/companies/custom_fields", url.Values{}, fieldsAtOnce, func(got theirFields) {
		for _, f := range got.Fields {
			if f.Type != "select" && f.Type != "radiobutton" {
				continue
			}
			field := crmsync.StatusField{Code: string(f.ID), Name: f.Name, Entries: []crmsync.Entry{}}
			for _, e := range f.Enums {
				field.Entries = append(field.Entries, crmsync.Entry{Value: string(e.ID), Name: e.Value})
			}
			out = append(out, field)
		}
	})
	return out, err
}

// theirPipelines are the pipelines of leads with their stages.
type theirPipelines struct {
	Pipelines []struct {
		Name     string `json:"name"`
		Sort     int64  `json:"sort"`
		Embedded loose[struct {
			Statuses []theirStatus `json:"statuses"`
		}] `json:"_embedded"`
	} `json:"pipelines"`
}

type theirStatus struct {
	ID   ident  `json:"id"`
	Name string `json:"name"`
	Sort int64  `json:"sort"`
	Type int    `json:"type"`
}

// Stages gives the stages of all pipelines, each with what it means here: the
// first of a pipeline is new, won is converted, lost is failed. The name carries
// the pipeline's where there are several.
func (p *Portal) Stages(ctx context.Context) ([]crmsync.Stage, error) {
	var all theirPipelines
	err := pages(ctx, p, "/api/v4/leads/pipelines", url.Values{}, pageSize, func(got theirPipelines) {
		all.Pipelines = append(all.Pipelines, got.Pipelines...)
	})
	if err != nil {
		return nil, err
	}
	var open, closed []crmsync.Stage
	for _, line := range all.Pipelines {
		first := true
		slices.SortStableFunc(line.Embedded.V.Statuses, func(a, b theirStatus) int { return cmp.Compare(a.Sort, b.Sort) })
		for _, s := range line.Embedded.V.Statuses {
			stage := crmsync.Stage{Value: string(s.ID), Name: s.Name, Stage: crm.StageInProcess}
			switch {
			case stage.Value == wonStatus:
				stage.Stage = crm.StageConverted
			case stage.Value == lostStatus:
				stage.Stage = crm.StageFailed
			case s.Type == typeArrives:
				stage.Stage = crm.StageNew
			case first:
				stage.Stage, first = crm.StageNew, false
			}
			if stage.Value == wonStatus || stage.Value == lostStatus {
				closed = addStage(closed, stage)
				continue
			}
			if len(all.Pipelines) > 1 {
				stage.Name = line.Name + ": " + s.Name
			}
			open = addStage(open, stage)
		}
	}
	return append(open, closed...), nil
}

func addStage(list []crmsync.Stage, s crmsync.Stage) []crmsync.Stage {
	if slices.ContainsFunc(list, func(other crmsync.Stage) bool { return other.Value == s.Value }) {
		return list
	}
	return append(list, s)
}

// theirUser is somebody who works in the account.
type theirUser struct {
	ID     ident  `json:"id"`
	Name   string `json:"name"`
	Email  string `json:"email"`
	Rights struct {
		Admin  bool  `json:"is_admin"`
		Active bool  `json:"is_active"`
		Group  ident `json:"group_id"` // 0 is a group like any other
	} `json:"rights"`
}

type theirUsers struct {
	Users []theirUser `json:"users"`
}

type theirGroup struct {
	ID   ident  `json:"id"`
	Name string `json:"name"`
}

// Staff gives the account's users, the switched off too, and their groups as
// departments. An account knows neither heads nor extensions. It tells its users
// to administrators only: the token of anybody else is crm_refused.
func (p *Portal) Staff(ctx context.Context) (crmsync.Staff, error) {
	var out crmsync.Staff
	account, err := p.account(ctx)
	if err != nil {
		return out, err
	}
	groups := map[ident]bool{}
	for _, g := range account.Embedded.V.Groups {
		groups[g.ID] = true
		out.Departments = append(out.Departments, crmsync.Department{ID: string(g.ID), Name: g.Name})
	}
	seen := map[ident]bool{} // pages of users have no order: one may come twice
	err = pages(ctx, p, "/api/v4/users", url.Values{"with": {"group"}}, pageSize, func(got theirUsers) {
		for _, u := range got.Users {
			if seen[u.ID] {
				continue
			}
			seen[u.ID] = true
			user := crmsync.User{ID: string(u.ID), Name: u.Name, Email: u.Email, Active: u.Rights.Active, Admin: u.Rights.Admin}
			if groups[u.Rights.Group] {
				user.Department = string(u.Rights.Group)
			}
			out.Users = append(out.Users, user)
		}
	})
	return out, err
}
