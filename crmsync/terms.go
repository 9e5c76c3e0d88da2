package crmsync

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/phone"
	"callhue/staff"
	"callhue/statuses"
)

// translator put what a CRM says into the words of this house: its users, statuses,
// stages and ids as they are understood at one moment.
type translator struct {
	source  string // its name
	mapping mapping
	stages  []Stage
	org     *staff.Org
	set     *statuses.Set
	theirs  *phone.Plan // reads numbers as they are written there
	ours    *phone.Plan
	company map[string]place // where their companies and contacts are here
	contact map[string]place
	now     time.Time
}

// place is where a record of theirs is here: 0 where it was removed here.
type place struct {
	id      int64
	created int64 // there, ms
}

// owner gives our user for one of theirs; not known when nobody can say who he is.
func (t translator) owner(id string) (int64, bool) {
	if id == "" {
		return 0, true
	}
	if u := t.org.Holder(t.source, id); u != nil {
		return u.ID, true
	}
	return 0, false
}

// actor gives whoever did something there, with the rights that he has here; one
// whom we do not know, or who has left, has none.
func (t translator) actor(id string) *access.User {
	if id == firstImport {
		return &access.User{Roles: access.Admins}
	}
	if u := t.org.Holder(t.source, id); id != "" && u != nil && u.Active {
		return &access.User{ID: u.ID, Login: u.Login, Name: u.Name, Roles: u.Roles, Department: u.DepartmentID, Language: u.Language}
	}
	return &access.User{}
}

// status gives our code for a value of the status field, "" where it has none.
func (t translator) status(value string) string {
	code := t.mapping.Statuses[value]
	if s := t.set.ByCode(code); value == "" || code == "" || s == nil || !s.Active {
		return ""
	}
	return code
}

// stage gives our stage for one of theirs, "" where it has none.
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

// resolved gives those of some companies that we can say something about.
func (t translator) resolved(ids []string) (list []string) {
	for _, id := range ids {
		if _, known := t.company[id]; known {
			list = append(list, id)
		}
	}
	return list
}

func (t translator) hasContact(id string) bool {
	_, known := t.contact[id]
	return known
}

// phones writes their phones so that they are read here as they are meant there, each
// number by itself: people write two into one field.
func (t translator) phones(list []Phone) (out []crm.Phone) {
	for _, p := range list {
		for _, value := range phone.Split(p.Value) {
			n := t.theirs.Parse(value)
			if n.Kind == phone.External && t.ours.Parse(value).Key() != n.Key() {
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

// state is a record of either side in the words of this house.
type state struct {
	Name, Title, Post, Source, Stage, Status string
	Owner                                    int64
	OwnerKnown                               bool
	Phones                                   []crm.Phone
	Emails                                   []string
	Companies                                []int64 // at most one of a lead
	Contact                                  int64   // of a lead
}

// faceOf translates a record of theirs as it was seen; wrong is what had to be made
// to fit.
func (t translator) faceOf(s seen) (f state, wrong []fault.Field) {
	f = state{Name: s.Name, Title: s.Title, Post: s.Post, Source: s.Source, Stage: t.stage(s.Stage), Status: s.Stands.Ours,
		Phones: t.phones(s.Phones), Emails: s.Emails, Contact: t.contact[s.ContactID].id}
	f.Owner, f.OwnerKnown = ownerIn(s.Owned.Ours)
	for n, id := range s.CompanyIDs {
		// One that came back after it was removed is another one here.
		if at := t.company[id].id; at != 0 && at == s.Tied[n] && !slices.Contains(f.Companies, at) {
			f.Companies = append(f.Companies, at)
		}
	}
	switch s.Kind {
	case crm.KindCompany:
		fit, bad := crm.NewCompany{Name: f.Name, Phones: f.Phones, Emails: f.Emails}.Fit()
		f.Name, f.Phones, f.Emails, wrong = fit.Name, fit.Phones, fit.Emails, bad
	case crm.KindContact:
		fit, bad := crm.NewContact{Name: f.Name, Post: f.Post, Phones: f.Phones, Emails: f.Emails, CompanyIDs: f.Companies}.Fit()
		f.Name, f.Post, f.Phones, f.Emails, f.Companies, wrong = fit.Name, fit.Post, fit.Phones, fit.Emails, fit.CompanyIDs, bad
	case crm.KindLead:
		fit, bad := crm.NewLead{Name: f.Name, Title: f.Title, Source: f.Source, Phones: f.Phones, Emails: f.Emails}.Fit()
		f.Name, f.Title, f.Source, f.Phones, f.Emails, wrong = fit.Name, fit.Title, fit.Source, fit.Phones, fit.Emails, bad
		f.Companies = f.Companies[:min(1, len(f.Companies))]
	}
	f.named(s.ID)
	return f, wrong
}

// named gives a record that has no name there one by which it is found.
func (f *state) named(id string) {
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

func ownerIn(text string) (id int64, known bool) {
	for _, digit := range text {
		id = id*10 + int64(digit-'0')
	}
	return id, text != ""
}

// keyOf is what a phone is told from others by: its number, else its spelling.
func (t translator) keyOf(p crm.Phone) phoneKey {
	if n := t.ours.Parse(p.Value); n.Key() != 0 {
		return phoneKey{number: n.Key()}
	}
	return phoneKey{typed: fault.Tidy(p.Value)}
}

type phoneKey struct {
	number int64
	typed  string
}

// ---- the faces of our records

func faceOfCompany(c crm.Company) state {
	f := state{Name: c.Name, Owner: c.OwnerID, OwnerKnown: true, Phones: c.Phones, Emails: c.Emails}
	if c.Status != nil {
		f.Status = c.Status.Code
	}
	return f
}

func faceOfContact(c crm.Contact) state {
	return state{Name: c.Name, Post: c.Post, Owner: c.OwnerID, OwnerKnown: true, Phones: c.Phones, Emails: c.Emails, Companies: c.CompanyIDs}
}

func faceOfLead(l crm.Lead) state {
	f := state{Name: l.Name, Title: l.Title, Source: l.Source, Stage: l.Stage, Owner: l.OwnerID, OwnerKnown: true, Phones: l.Phones, Emails: l.Emails, Contact: l.ContactID}
	if l.CompanyID != 0 {
		f.Companies = []int64{l.CompanyID}
	}
	return f
}

// foldMail is what an e-mail is told from others by.
func foldMail(address string) string { return strings.ToLower(strings.TrimSpace(address)) }
