package crmsync

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/text"
	"callhue/phone"
	"callhue/staff"
	"callhue/statuses"
)

// translator translates values of a CRM to ours, with the users, statuses, stages and ids of one moment.
type translator struct {
	source    string // its name
	mapping   mapping
	stages    []Stage
	org       *staff.Org
	statuses  *statuses.Set
	theirPlan *phone.Plan // parses numbers as entered there
	ourPlan   *phone.Plan
	companies map[string]resolvedRef // our records of their companies and contacts
	contacts  map[string]resolvedRef
	now       time.Time
}

// resolvedRef is our record of one of theirs; id is 0 if it was removed here.
type resolvedRef struct {
	id      int64
	created int64 // in the CRM, ms
}

// owner returns our user for one of theirs; false if there is none.
func (t translator) owner(id string) (int64, bool) {
	if id == "" {
		return 0, true
	}
	if u := t.org.Holder(t.source, id); u != nil {
		return u.ID, true
	}
	return 0, false
}

// actor returns the user who did something in the CRM, with their rights here; an unknown or inactive one
// has none.
func (t translator) actor(id string) *access.User {
	if id == firstImport {
		return &access.User{Roles: access.Admins}
	}
	if u := t.org.Holder(t.source, id); id != "" && u != nil && u.Active {
		return &access.User{
			ID:         u.ID,
			Login:      u.Login,
			Name:       u.Name,
			Roles:      u.Roles,
			Department: u.DepartmentID,
			Language:   u.Language,
		}
	}
	return &access.User{}
}

// status returns our code for a value of the status field, "" if it is not mapped.
func (t translator) status(value string) string {
	code := t.mapping.Statuses[value]
	if s := t.statuses.ByCode(code); value == "" || code == "" || s == nil || !s.Active {
		return ""
	}
	return code
}

// stage returns our stage for one of theirs, "" if it is not mapped.
func (t translator) stage(value string) string {
	if stage := t.mapping.Stages[value]; stage != "" {
		return stage
	}
	at := slices.IndexFunc(t.stages, func(s Stage) bool { return s.Value == value })
	if value == "" || at < 0 {
		return ""
	}
	return t.stages[at].Stage
}

// resolvedCompanies returns those of some companies that are known here.
func (t translator) resolvedCompanies(ids []string) (list []string) {
	for _, id := range ids {
		if _, known := t.companies[id]; known {
			list = append(list, id)
		}
	}
	return list
}

func (t translator) hasContact(id string) bool {
	_, known := t.contacts[id]
	return known
}

// phones rewrites numbers so that they are parsed here as they are meant in the CRM. A field with two
// numbers becomes two phones.
func (t translator) phones(list []Phone) (out []crm.Phone) {
	for _, p := range list {
		for _, value := range t.theirPlan.Split(p.Value) {
			n := t.theirPlan.ParseTyped(value)
			if n.Kind == phone.External && t.ourPlan.ParseTyped(value).Key() != n.Key() {
				value = n.String()
				if n.Extension != "" {
					value += " ext. " + n.Extension
				}
			}
			out = append(out, crm.Phone{Value: value, Kind: p.Kind})
		}
	}
	return out
}

// state is a record of either side in our values.
type state struct {
	Name, Title, Post, Source, Stage, Status string
	Owner                                    int64
	OwnerKnown                               bool
	TheirOwner                               string // their id of the owner
	Phones                                   []crm.Phone
	Emails                                   []string
	Companies                                []int64 // at most one for a lead
	Contact                                  int64   // of a lead
}

// stateOf translates a snapshot; wrong are the values that had to be adapted.
func (t translator) stateOf(s snapshot) (f state, wrong []fault.Field) {
	f = state{
		Name:    s.Name,
		Title:   s.Title,
		Post:    s.Post,
		Source:  s.Source,
		Stage:   t.stage(s.Stage),
		Status:  s.OurStatus.Ours,
		Phones:  t.phones(s.Phones),
		Emails:  s.Emails,
		Contact: t.contacts[s.ContactID].id,
	}
	f.Owner, f.OwnerKnown = parseOwner(s.OurOwner.Ours)
	f.TheirOwner = s.OwnerID
	for n, id := range s.CompanyIDs {
		// A company that was removed and came back is another record here.
		if at := t.companies[id].id; at != 0 && at == s.OurCompanies[n] && !slices.Contains(f.Companies, at) {
			f.Companies = append(f.Companies, at)
		}
	}
	switch s.Kind {
	case crm.KindCompany:
		fit, bad := crm.NewCompany{Name: f.Name, Phones: f.Phones, Emails: f.Emails}.Fit()
		f.Name, f.Phones, f.Emails, wrong = fit.Name, fit.Phones, fit.Emails, bad
	case crm.KindContact:
		fit, bad := crm.NewContact{
			Name:       f.Name,
			Post:       f.Post,
			Phones:     f.Phones,
			Emails:     f.Emails,
			CompanyIDs: f.Companies,
		}.Fit()
		f.Name, f.Post, f.Phones, f.Emails, f.Companies = fit.Name, fit.Post, fit.Phones, fit.Emails, fit.CompanyIDs
		wrong = bad
	case crm.KindLead:
		fit, bad := crm.NewLead{
			Name:   f.Name,
			Title:  f.Title,
			Source: f.Source,
			Phones: f.Phones,
			Emails: f.Emails,
		}.Fit()
		f.Name, f.Title, f.Source, f.Phones, f.Emails = fit.Name, fit.Title, fit.Source, fit.Phones, fit.Emails
		wrong = bad
		f.Companies = f.Companies[:min(1, len(f.Companies))]
	}
	f.ensureName(s.ID)
	return f, append(wrong, s.Unknown.fields()...)
}

// ensureName names a record that has no name in the CRM by its title, number, e-mail or id.
func (f *state) ensureName(id string) {
	other := "#" + id
	if len(f.Phones) > 0 {
		other = f.Phones[0].Value
	} else if len(f.Emails) > 0 {
		other = f.Emails[0]
	}
	name, title := f.Name, f.Title
	f.Name = cmp.Or(name, title, other)
	f.Title = cmp.Or(title, name, other)
}

func parseOwner(text string) (id int64, known bool) {
	for _, digit := range text {
		id = id*10 + int64(digit-'0')
	}
	return id, text != ""
}

// phoneKeyOf returns what identifies a phone: its number, else its text.
func (t translator) phoneKeyOf(p crm.Phone) phoneKey {
	if n := t.ourPlan.ParseTyped(p.Value); n.Key() != 0 {
		return phoneKey{number: n.Key()}
	}
	return phoneKey{typed: text.Tidy(p.Value)}
}

type phoneKey struct {
	number int64
	typed  string
}

// ---- states of our records

func stateOfCompany(c crm.Company) state {
	f := state{Name: c.Name, Owner: c.OwnerID, OwnerKnown: true, Phones: c.Phones, Emails: c.Emails}
	if c.Status != nil {
		f.Status = c.Status.Code
	}
	return f
}

func stateOfContact(c crm.Contact) state {
	return state{
		Name:       c.Name,
		Post:       c.Post,
		Owner:      c.OwnerID,
		OwnerKnown: true,
		Phones:     c.Phones,
		Emails:     c.Emails,
		Companies:  c.CompanyIDs,
	}
}

func stateOfLead(l crm.Lead) state {
	f := state{
		Name:       l.Name,
		Title:      l.Title,
		Source:     l.Source,
		Stage:      l.Stage,
		Owner:      l.OwnerID,
		OwnerKnown: true,
		Phones:     l.Phones,
		Emails:     l.Emails,
		Contact:    l.ContactID,
	}
	if l.CompanyID != 0 {
		f.Companies = []int64{l.CompanyID}
	}
	return f
}

// foldEmail returns the form by which e-mails are compared.
func foldEmail(address string) string { return strings.ToLower(strings.TrimSpace(address)) }
