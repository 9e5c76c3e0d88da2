package calls

import (
	"iter"
	"time"

	"pgregory.net/rapid"

	"callhue/test/oracle"
)

// Invented worlds are dense: two to four people in at most three departments, a
// handful of records, two numbers, four days. So owners, helpers, heads and
// shared numbers meet all the time, often on the same day.

const (
	thisNumber  = "+7 495 000-00-01" // the one that is asked about
	otherNumber = "+7 495 000-00-02"
	alikeNumber = "+49 495 000-00-01" // ends as the first one
)

// today is the moment of every question; a record's dates are days around it.
var today = time.Date(2026, 3, 12, 10, 0, 0, 0, time.UTC)

func day(n int) time.Time { return today.AddDate(0, 0, n) }

// pick draws one of a few values, the first the more likely the more often it
// stands there; failures shrink towards it.
func pick[T any](t *rapid.T, what string, values ...T) T {
	return values[rapid.IntRange(0, len(values)-1).Draw(t, what)]
}

// ids are those of one of these counts of records, from 1.
func ids(t *rapid.T, what string, counts ...int64) iter.Seq[int64] {
	last := pick(t, what, counts...)
	return func(yield func(int64) bool) {
		for id := int64(1); id <= last && yield(id); id++ {
		}
	}
}

func anyWorld(t *rapid.T) oracle.World {
	w := oracle.World{Policy: anyKnobs(t)}
	people := rapid.Int64Range(2, 4).Draw(t, "people")
	anybody := func(what string) int64 { return rapid.Int64Range(0, people).Draw(t, what) }
	w.Departments = anyDepartments(t, anybody)
	for id := int64(1); id <= people; id++ {
		u := oracle.User{ID: id, Department: int64(rapid.IntRange(0, len(w.Departments)).Draw(t, "department")),
			Admin: pick(t, "admin", false, false, false, true), Active: pick(t, "active", true, true, true, false)}
		if pick(t, "own phone", false, false, false, true) {
			u.Phones = []string{thisNumber}
		}
		w.Users = append(w.Users, u)
	}
	w.Users[0].Active = true // someone has to ask
	if pick(t, "deputy", false, true) {
		w.Deputies = []oracle.Deputy{{Owner: rapid.Int64Range(1, people).Draw(t, "stood in for"), Deputy: rapid.Int64Range(1, people).Draw(t, "stands in"),
			From: anyDay(t), Until: anyDay(t)}}
	}
	w.Statuses = anyStatuses(t)
	for id := range ids(t, "companies", 0, 1, 2, 2, 3, 3, 3) {
		w.Companies = append(w.Companies, anyCompany(t, id, anybody))
	}
	for id := range ids(t, "contacts", 0, 1, 1, 2) {
		w.Contacts = append(w.Contacts, anyContact(t, id, anybody, len(w.Companies)))
	}
	for id := range ids(t, "leads", 0, 0, 1, 1, 2) {
		w.Leads = append(w.Leads, oracle.Lead{ID: id, Owner: anybody("owner"), Stage: pick(t, "stage", "open", "lost", "converted"),
			Company: int64(len(w.Companies)) - rapid.Int64Range(0, int64(len(w.Companies))).Draw(t, "company, from the last"), Linked: anyDay(t), Phones: anyPhones(t),
			Changed: anyDay(t), Created: anyDay(t)})
	}
	if len(w.Companies) > 0 && pick(t, "permit", false, false, true) {
		w.Permits = []oracle.Permit{{Agent: rapid.Int64Range(1, people).Draw(t, "held by"), Company: int64(rapid.IntRange(1, len(w.Companies)).Draw(t, "for")), From: anyDay(t), Until: anyDay(t)}}
	}
	if pick(t, "do not call", false, false, true) {
		b := oracle.Barred{Number: pick(t, "barred", thisNumber, otherNumber), From: day(pick(t, "since", -3, -1, 0))}
		if pick(t, "for a while", false, true) {
			b.Until = b.From.AddDate(0, 0, pick(t, "days", 1, 2, 5))
		}
		w.DoNotCall = []oracle.Barred{b}
	}
	w.Talks = anyTalks(t, w.Users)
	return w
}

// anyTalks are conversations of people who still work here, some of them too short to count.
func anyTalks(t *rapid.T, users []oracle.User) (list []oracle.Talk) {
	for range ids(t, "talks", 0, 0, 1, 2) {
		u := users[rapid.IntRange(0, len(users)-1).Draw(t, "talked")]
		if !u.Active {
			continue
		}
		list = append(list, oracle.Talk{Agent: u.ID, Number: pick(t, "with", thisNumber, thisNumber, otherNumber),
			Ended: day(pick(t, "talk's day", -3, -2, -1, 0)), Seconds: pick(t, "seconds", 60, 10, 9, 3)})
	}
	return list
}

// anyDay is a day of the last three, today or tomorrow, to the millisecond the
// same for all.
func anyDay(t *rapid.T) time.Time { return day(pick(t, "day", -3, -2, -1, 0, 1)) }

func anyDepartments(t *rapid.T, anybody func(string) int64) (list []oracle.Department) {
	for id := range ids(t, "departments", 1, 2, 3) {
		list = append(list, oracle.Department{ID: id, Parent: rapid.Int64Range(0, id-1).Draw(t, "parent"), Head: anybody("head")})
	}
	return list
}

// anyStatuses are four entries; the last is switched off, one of the others is
// the default.
func anyStatuses(t *rapid.T) (list []oracle.Status) {
	standard := rapid.IntRange(0, 2).Draw(t, "default status")
	for i, effects := range [][]string{{"red"}, {"banner", "none", "yellow", "red"}, {"none", "yellow"}, {"red", "none"}} {
		list = append(list, oracle.Status{Code: string(rune('A' + i)), Effect: pick(t, "effect", effects...), Default: i == standard, Active: i != 3})
	}
	return list
}

func anyCompany(t *rapid.T, id int64, anybody func(string) int64) oracle.Company {
	c := oracle.Company{ID: id, Owner: anybody("owner"), Status: pick(t, "status", "A", "A", "B", "B", "C", "D", "", "GONE"), Phones: anyPhones(t),
		Owned: anyDay(t), Protected: anyDay(t)}
	if member := anybody("in the team"); member != 0 && pick(t, "team", false, false, true) {
		c.Team = []int64{member}
	}
	return c
}

func anyContact(t *rapid.T, id int64, anybody func(string) int64, companies int) oracle.Contact {
	c := oracle.Contact{ID: id, Owner: anybody("owner"), Phones: anyPhones(t)}
	first := rapid.IntRange(0, companies).Draw(t, "first company")
	for n := range companies {
		if n == 0 && first == 0 || n > 0 && pick(t, "linked to no more", true, false, false) {
			break
		}
		c.Companies = append(c.Companies, oracle.Link{Company: int64((first+n-1)%companies + 1), Since: anyDay(t)})
	}
	return c
}

// anyPhones is none, this number, the other one or both; this one perhaps twice.
func anyPhones(t *rapid.T) (list []oracle.Phone) {
	for _, number := range pick(t, "numbers", []string{}, []string{thisNumber}, []string{thisNumber}, []string{otherNumber},
		[]string{otherNumber, thisNumber}, []string{thisNumber, thisNumber},
		[]string{alikeNumber}) {
		list = append(list, oracle.Phone{Number: number, Since: anyDay(t)})
	}
	return list
}

// shipped is the policy that comes with the product, by the defaults of the
// specification.
func shipped() oracle.Policy {
	return oracle.Policy{Priority: []string{"contact", "company", "lead"}, InheritContact: true, Missing: "default", Shared: "oldest",
		Leads: "open_and_lost", Team: true, Deputy: true, OwnContact: "yellow", Supervisor: "red", Admin: "red", Incoming: "red", DoNotCall: "warn",
		Enforcement: "warn"}
}

func anyKnobs(t *rapid.T) oracle.Policy {
	if pick(t, "as shipped", true, false) {
		return shipped()
	}
	return oracle.Policy{
		Priority: pick(t, "priority", []string{"contact", "company", "lead"}, []string{"company", "contact", "lead"},
			[]string{"contact", "lead", "company"}, []string{"lead"}, []string{"company"}, []string{"lead", "company"}),
		InheritContact: pick(t, "inherit contact", true, true, true, false),
		InheritLead:    pick(t, "inherit lead", false, true),
		Missing:        pick(t, "missing", "default", "protected"),
		Shared:         pick(t, "shared", "oldest", "oldest", "strictest", "own_first"),
		Leads:          pick(t, "leads count", "open_and_lost", "open"),
		Team:           pick(t, "team counts", true, true, false),
		Deputy:         pick(t, "deputy counts", true, true, false),
		OwnContact:     pick(t, "own contact", "yellow", "none"),
		Supervisor:     pick(t, "supervisor", "red", "yellow", "none"),
		Admin:          pick(t, "admin's", "red", "yellow", "none"),
		Incoming:       pick(t, "incoming", "red", "red", "yellow", "none"),
		DoNotCall:      pick(t, "do-not-call", "warn", "block"),
		IdleDays:       pick(t, "fades after days", 0, 0, 1, 2, 3),
		Suffix:         pick(t, "suffix", false, true),
		Enforcement:    pick(t, "enforcement", "warn", "reason", "permit", "block"),
	}
}

// questionsOf asks about the number as everybody who works here, and once as
// someone unknown, as a failure, and about what is no number.
func questionsOf(t *rapid.T, w oracle.World) (list []oracle.Question) {
	incoming := pick(t, "incoming call", false, true)
	for _, u := range w.Users {
		if u.Active {
			list = append(list, oracle.Question{Agent: u.ID, Number: thisNumber, Kind: "external", Incoming: incoming, At: today})
		}
	}
	odd := list[0]
	switch pick(t, "odd question", "incoming", "unknown agent", "failed", "internal", "hidden", "invalid", "the other number") {
	case "incoming":
		odd.Incoming = !incoming
	case "unknown agent":
		odd.Agent = 0
	case "failed":
		odd.Failed = true
	case "internal":
		odd.Kind, odd.Number = "internal", "101"
	case "hidden":
		odd.Kind, odd.Number = "hidden", "anonymous"
	case "invalid":
		odd.Kind, odd.Number = "invalid", "12345678901234567890"
	case "the other number":
		odd.Number = otherNumber
	}
	return append(list, odd)
}
