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

// Bounds of settings lists, which are short. Fields come 50 at a time whatever limit is requested.
const (
	fieldsAtOnce = 50
	maxPages     = 40
)

// Closed leads have the same two statuses in every pipeline of every account; the stage for incoming leads
// is of type 1.
const (
	wonStatus    = "142"
	lostStatus   = "143"
	typeIncoming = 1
)

// eachPage reads a list of settings page by page and calls take for each.
func eachPage[T any](ctx context.Context, p *Portal, path string, query url.Values, size int, take func(T)) error {
	for number := 1; number <= maxPages; number++ {
		query.Set("page", strconv.Itoa(number))
		query.Set("limit", strconv.Itoa(size))
		var got struct {
			Links    phpObject[theirLinks] `json:"_links"`
			Embedded phpObject[T]          `json:"_embedded"`
		}
		found, err := p.get(ctx, path, query, &got)
		if err != nil {
			return err
		}
		if !found {
			return nil
		}
		take(got.Embedded.V)
		if !got.Links.V.more() {
			return nil
		}
	}
	return crmsync.NotUnderstood(errNoProgress)
}

// theirFields is a page of custom fields.
type theirFields struct {
	Fields []struct {
		ID    recordID `json:"id"`
		Name  string   `json:"name"`
		Type  string   `json:"type"`
		Enums []struct {
			ID    recordID `json:"id"`
			Value string   `json:"value"`
		} `json:"enums"`
	} `json:"custom_fields"`
}

// StatusFields returns the fields of companies that hold one entry of a list. Codes and values are the
// account's ids, which survive renaming.
func (p *Portal) StatusFields(ctx context.Context) ([]crmsync.StatusField, error) {
	var out []crmsync.StatusField
	err := eachPage(ctx, p, "/api/v4/companies/custom_fields", url.Values{}, fieldsAtOnce, func(got theirFields) {
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
		Embedded phpObject[struct {
			Statuses []theirStatus `json:"statuses"`
		}] `json:"_embedded"`
	} `json:"pipelines"`
}

type theirStatus struct {
	ID   recordID `json:"id"`
	Name string   `json:"name"`
	Sort int64    `json:"sort"`
	Type int      `json:"type"`
}

// Stages returns the stages of all pipelines with their meaning here: the first of a pipeline is new, won
// is converted, lost is failed. If there are several pipelines, the name includes the pipeline's.
func (p *Portal) Stages(ctx context.Context) ([]crmsync.Stage, error) {
	var all theirPipelines
	err := eachPage(ctx, p, "/api/v4/leads/pipelines", url.Values{}, pageSize, func(got theirPipelines) {
		all.Pipelines = append(all.Pipelines, got.Pipelines...)
	})
	if err != nil {
		return nil, err
	}
	var open, closed []crmsync.Stage
	for _, line := range all.Pipelines {
		first := true
		slices.SortStableFunc(
			line.Embedded.V.Statuses,
			func(a, b theirStatus) int { return cmp.Compare(a.Sort, b.Sort) },
		)
		for _, s := range line.Embedded.V.Statuses {
			stage := crmsync.Stage{Value: string(s.ID), Name: s.Name, Stage: crm.StageInProcess}
			switch {
			case stage.Value == wonStatus:
				stage.Stage = crm.StageConverted
			case stage.Value == lostStatus:
				stage.Stage = crm.StageFailed
			case s.Type == typeIncoming:
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

// theirUser is a user of the account.
type theirUser struct {
	ID     recordID  `json:"id"`
	Name   looseText `json:"name"`
	Email  looseText `json:"email"`
	Rights phpObject[struct {
		Admin  looseBool `json:"is_admin"`
		Active looseBool `json:"is_active"`
		Group  recordID  `json:"group_id"` // 0 is a regular group
	}] `json:"rights"`
}

type theirUsers struct {
	Users looseList[theirUser] `json:"users"`
}

type theirGroup struct {
	ID   recordID `json:"id"`
	Name string   `json:"name"`
}

// Staff returns the account's users, including disabled ones, and their groups as departments. Accounts
// have neither heads nor extensions. Fault: crm_refused unless the token is an administrator's.
func (p *Portal) Staff(ctx context.Context) (crmsync.Staff, error) {
	var out crmsync.Staff
	account, err := p.account(ctx)
	if err != nil {
		return out, err
	}
	groups := map[recordID]bool{}
	for _, g := range account.Embedded.V.Groups {
		groups[g.ID] = true
		out.Departments = append(out.Departments, crmsync.Department{ID: string(g.ID), Name: g.Name})
	}
	seen := map[recordID]bool{} // pages of users are unordered: a user may occur twice
	err = eachPage(ctx, p, "/api/v4/users", url.Values{"with": {"group"}}, pageSize, func(got theirUsers) {
		for _, u := range got.Users.list {
			if u.ID == "" || seen[u.ID] {
				continue
			}
			seen[u.ID] = true
			user := crmsync.User{
				ID:     string(u.ID),
				Name:   string(u.Name),
				Email:  string(u.Email),
				Active: u.Rights.V.Active.is,
				Admin:  u.Rights.V.Admin.is,

				Withheld: crmsync.Withheld{Active: !u.Rights.V.Active.present},
			}
			if groups[u.Rights.V.Group] {
				user.Department = string(u.Rights.V.Group)
			}
			out.Users = append(out.Users, user)
		}
	})
	return out, err
}
