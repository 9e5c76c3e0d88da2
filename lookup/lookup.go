// Package lookup finds the records that have a number.
//
// Finder.Find turns a number into a Match: every company, contact and lead that the number reaches, with the dates of
// the links and the companies' statuses. It costs one round trip to the database, which callers of the same moment
// share. Hot numbers are kept in memory and dropped as soon as the journal mentions one of their records. Memory holds
// matches, never verdicts: what the agent is to an owner, and whether an owner still works here, is decided at each
// call.
//
// A customer whose clients are in a CRM of their own attaches it as a Source: it is asked at the same time as our
// tables, and the matches are joined (source.go; the clients of such systems are in lookup/external).
//
// The package changes and decides nothing. Which match comes first depends on the agent, and rules decides it.
//
// Read next: find.go, queue.go, memory.go, source.go.
package lookup

import (
	"slices"

	"callhue/crm"
	"callhue/rules"
	"callhue/statuses"
)

// Match is everything that a number reaches. Callers share it and must not change it.
type Match struct {
	Companies []Company
	Contacts  []Contact
	Leads     []Lead

	// Maybe is set when no record has the number, and the records here have one that ends with the same digits
	// (Finder.FindSimilar).
	Maybe bool

	DoNotCall *crm.Listed // nil: not on the list; its At reports whether the entry is still in force
}

// Empty reports whether the number is on no record.
func (m *Match) Empty() bool {
	return len(m.Companies)+len(m.Contacts)+len(m.Leads) == 0
}

// Company is a company that the number reaches, directly or through a contact or lead.
type Company struct {
	ID     int64
	Name   string
	Owner  int64 // 0: none
	Team   []int64
	Status Status
	Links  []rules.Link
	// Touched is when the owner's side was last in touch, or when the company came under protection or to its owner, if
	// that was later, in milliseconds; 0 where that is not known.
	Touched int64
	Origin  *Origin // nil: it is in our tables
}

// Status is a company's status as the card needs it.
type Status struct {
	State  rules.StatusState
	Effect rules.Effect // of the default status when State is not StatusSet
	Code   string       // "" when the company has none
	Name   string
	Color  string
}

// Contact is a contact with the number.
type Contact struct {
	ID        int64
	Name      string
	Owner     int64
	Since     int64 // ms; since when the contact has the number, at the latest
	Companies []rules.ContactCompany
	Origin    *Origin // nil: it is in our tables
}

// Lead is a lead with the number. Converted leads are left out.
type Lead struct {
	ID       int64
	Name     string
	Owner    int64
	Since    int64   // ms
	Finished bool    // lost
	Company  int64   // 0: none
	Changed  int64   // ms
	Created  int64   // ms
	Origin   *Origin // nil: it is in our tables
}

// MatchOf returns the match of some rows of the index of numbers, as Find does.
func MatchOf(rows []crm.Reached, set *statuses.Set) *Match {
	m := &Match{}
	for i := range rows {
		r := &rows[i]
		if r.DoNotCall != nil {
			m.DoNotCall = r.DoNotCall
			continue
		}
		switch r.Kind {
		case crm.KindCompany:
			m.reach(r, set, rules.Link{Via: rules.ViaDirect, Since: r.Since})
		case crm.KindContact:
			m.contact(r)
			m.reach(r, set, rules.Link{Via: rules.ViaContact, Since: r.Since, Record: r.ID})
		case crm.KindLead:
			m.Leads = append(m.Leads, Lead{ID: r.ID, Name: r.Name, Owner: r.Owner, Since: r.Since,
				Finished: r.Finished, Company: r.CompanyID, Changed: r.Changed, Created: r.Created})
			m.reach(r, set, rules.Link{Via: rules.ViaLead, Since: r.Since, Record: r.ID})
		}
	}
	return m
}

// reach adds a way from the number to a company.
func (m *Match) reach(r *crm.Reached, set *statuses.Set, link rules.Link) {
	if r.CompanyID == 0 {
		return
	}
	at := slices.IndexFunc(m.Companies, func(c Company) bool { return c.ID == r.CompanyID })
	if at < 0 {
		at = len(m.Companies)
		m.Companies = append(m.Companies, Company{ID: r.CompanyID, Name: r.CompanyName, Owner: r.CompanyOwner,
			Team: r.CompanyTeam, Status: statusOf(set, r.CompanyStatus),
			Touched: touched(set, r)})
	}
	m.Companies[at].Links = append(m.Companies[at].Links, link)
}

// contact adds a contact. It has several rows when it has several companies.
func (m *Match) contact(r *crm.Reached) {
	at := slices.IndexFunc(m.Contacts, func(c Contact) bool { return c.ID == r.ID })
	if at < 0 {
		at = len(m.Contacts)
		m.Contacts = append(m.Contacts, Contact{ID: r.ID, Name: r.Name, Owner: r.Owner, Since: r.Since})
	}
	c := &m.Contacts[at]
	c.Since = min(c.Since, r.Since)
	if r.CompanyID != 0 {
		c.Companies = append(c.Companies, rules.ContactCompany{ID: r.CompanyID, Primary: r.Primary})
	}
}

// statusOf returns a company's status out of the directory. A status that is missing or switched off acts as the
// default one does; the rules may be stricter.
func statusOf(set *statuses.Set, id int64) Status {
	if s := set.ByID(id); s != nil {
		return StatusOf(set, s)
	}
	state := rules.StatusUnknown
	if id == 0 {
		state = rules.StatusMissing
	}
	return Status{State: state, Effect: set.Default().CardEffect}
}

// touched returns Company.Touched. Where the status became red while the company had it, its protection began then.
func touched(set *statuses.Set, r *crm.Reached) int64 {
	at := max(r.CompanyContact, r.CompanyGuarded)
	s := set.ByID(r.CompanyStatus)
	if s == nil || !s.Active {
		s = set.Default()
	}
	if s != nil && r.CompanyStatusAt < int64(s.RedSince) {
		at = max(at, int64(s.RedSince))
	}
	return at
}

// StatusOf returns an entry of the directory as the card needs it.
func StatusOf(set *statuses.Set, s *statuses.Status) Status {
	if s.Active {
		return Status{rules.StatusSet, s.CardEffect, s.Code, s.Name, s.Color}
	}
	return Status{rules.StatusUnknown, set.Default().CardEffect, s.Code, s.Name, s.Color}
}
