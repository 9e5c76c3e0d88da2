package crmsync

import (
	"callhue/crm"
	"callhue/internal/fault"
	"callhue/internal/text"
	"callhue/internal/web"
)

// A system without a sync pushes its records here, under its own ids (docs/upsert.md). What it names in a push is what
// the record has afterwards; what it leaves out stays. The table of rights of crm decides: what the system may not
// change is a conflict, as in a sync.

// PushedUser names one of our users by what another system knows of them; one field is enough.
type PushedUser struct {
	Login     string `json:"login,omitempty"`
	Email     string `json:"email,omitempty"` // a login, or an identity
	Extension string `json:"extension,omitempty"`
	External  string `json:"external,omitempty"` // their identity in the system
}

// PushedRef names a record by its id in a system.
type PushedRef struct {
	System string `json:"system,omitempty"` // that of the push where it is left out
	ID     string `json:"external_id"`
}

// PushedRecord is what the pushed records of all kinds have in common.
type PushedRecord struct {
	Name    web.Optional[string]      `json:"name"`
	Owner   web.Optional[*PushedUser] `json:"owner"`
	OwnerID web.Optional[int64]       `json:"owner_id"`
	Phones  web.Optional[[]crm.Phone] `json:"phones"`
	Emails  web.Optional[[]string]    `json:"emails"`
	URL     web.Optional[string]      `json:"url"`               // of the record's page in the system
	Version int64                     `json:"version,omitempty"` // compared where it is given
}

// PushedCompany is a company as a system pushes it.
type PushedCompany struct {
	PushedRecord
	Status  web.Optional[string]  `json:"status"`
	TeamIDs web.Optional[[]int64] `json:"team_ids"`
}

// PushedContact is a contact as a system pushes it. Company and Companies name companies by external ids, CompanyIDs
// by ours.
type PushedContact struct {
	PushedRecord
	Post       web.Optional[string]      `json:"post"`
	Company    web.Optional[*PushedRef]  `json:"company"`
	Companies  web.Optional[[]PushedRef] `json:"companies"`
	CompanyIDs web.Optional[[]int64]     `json:"company_ids"`
}

// PushedLead is a lead as a system pushes it.
type PushedLead struct {
	PushedRecord
	Title     web.Optional[string]     `json:"title"`
	Stage     web.Optional[string]     `json:"stage"`
	Source    web.Optional[string]     `json:"source"`
	Company   web.Optional[*PushedRef] `json:"company"`
	CompanyID web.Optional[int64]      `json:"company_id"`
	Contact   web.Optional[*PushedRef] `json:"contact"`
	ContactID web.Optional[int64]      `json:"contact_id"`
}

// pushed is a pushed record of any kind.
type pushed struct {
	PushedRecord
	Post, Title, Stage, Source, Status web.Optional[string]
	TeamIDs                            web.Optional[[]int64]
	Company, Contact                   web.Optional[*PushedRef]
	Companies                          web.Optional[[]PushedRef]
	typed                              []crm.Phone // the phones as they were sent
	CompanyIDs                         web.Optional[[]int64]
	ContactID                          web.Optional[int64]
}

func (p PushedCompany) pushed() pushed {
	return pushed{PushedRecord: p.PushedRecord, Status: p.Status, TeamIDs: p.TeamIDs}
}

func (p PushedContact) pushed() pushed {
	return pushed{PushedRecord: p.PushedRecord, Post: p.Post, Company: p.Company, Companies: p.Companies,
		CompanyIDs: p.CompanyIDs}
}

func (p PushedLead) pushed() pushed {
	out := pushed{PushedRecord: p.PushedRecord, Title: p.Title, Stage: p.Stage, Source: p.Source, Company: p.Company,
		Contact: p.Contact, ContactID: p.ContactID}
	if p.CompanyID.Set {
		out.CompanyIDs = web.Some([]int64{})
		if p.CompanyID.Value != 0 {
			out.CompanyIDs.Value = []int64{p.CompanyID.Value}
		}
	}
	return out
}

// The most that a push may hold.
const (
	maxPushedName  = 300
	maxPushedLinks = 50
	maxPushedURL   = 500
)

// check returns what is wrong with the pushed values themselves, wrong being the faults so far. crm checks the rest.
func (p pushed) check(kind crm.Kind, wrong *fault.Error) error {
	note := func(field, code string) {
		if code != "" {
			wrong = wrong.And(field, code)
		}
	}
	if p.Name.Set && kind != crm.KindLead {
		note("name", text.CheckRequired(text.Tidy(p.Name.Value), maxPushedName))
	}
	if p.Status.Set {
		note("status", text.CheckRequired(text.Tidy(p.Status.Value), maxPushedName))
	}
	if p.Stage.Value == crm.StageConverted {
		note("stage", "convert_instead")
	}
	if p.URL.Value != "" && (len(p.URL.Value) > maxPushedURL || !crm.SafeURL(p.URL.Value)) {
		note("url", "not_a_url")
	}
	if len(p.Companies.Value) > maxPushedLinks {
		note("companies", "too_many")
	}
	if len(p.CompanyIDs.Value) > maxPushedLinks {
		note("company_ids", "too_many")
	}
	if p.Owner.Set && p.OwnerID.Set {
		note("owner", "given_twice")
	}
	if given(p.Company.Set)+given(p.Companies.Set)+given(p.CompanyIDs.Set) > 1 {
		note("company", "given_twice")
	}
	if p.Contact.Set && p.ContactID.Set {
		note("contact", "given_twice")
	}
	return wrong.OrNil()
}

func given(set bool) int {
	if set {
		return 1
	}
	return 0
}

// names reports whether a push says anything about a part of a record.
func (p pushed) names(part part) bool {
	switch part {
	case partOwner:
		return p.Owner.Set || p.OwnerID.Set
	case partStatus:
		return p.Status.Set
	case partAddPhones, partRemovePhones:
		return p.Phones.Set
	case partLink, partUnlink:
		return p.Company.Set || p.Companies.Set || p.CompanyIDs.Set || p.Contact.Set || p.ContactID.Set
	case partFields:
		return p.Name.Set || p.Post.Set || p.Title.Set || p.Stage.Set || p.Source.Set || p.Emails.Set
	}
	return part == partRemoval // the record is there again
}

// PushOutcome is what became of the values of a pushed record.
type PushOutcome struct {
	Created   bool          `json:"created"`
	Conflicts []Conflict    `json:"conflicts"` // values that were not applied and wait for a decision
	Warnings  []fault.Field `json:"warnings"`  // values that were left out, and why
}

// HTTPStatus implements web.Statused: 201 for a new record, 202 where a decision is waited for, else 200.
func (r PushOutcome) HTTPStatus() int {
	switch {
	case r.Created:
		return 201
	case len(r.Conflicts) > 0:
		return 202
	}
	return 200
}

// PushResult is what became of a pushed record.
type PushResult struct {
	RecordID int64
	PushOutcome
}
