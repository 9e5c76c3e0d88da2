package calls

import (
	"cmp"
	"flag"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/lookup"
	"callhue/permits"
	"callhue/phone"
	"callhue/rules"
	"callhue/staff"
	"callhue/statuses"
	"callhue/test/oracle"
)

// worldsHere is how many worlds a usual test run compares; scripts/test.sh asks
// for many more with -rapid.checks.
const worldsHere = 10_000

// TestTheRuleIsReadTwice compares every verdict with that of package oracle,
// which was written from the specification alone, over invented worlds: the way
// from the staff and the records to the verdict is the one that calls take.
func TestTheRuleIsReadTwice(t *testing.T) {
	worlds, questions, hit := 0, 0, map[string]int{}
	enoughChecks(t, worldsHere)
	rapid.Check(t, func(t *rapid.T) {
		w := anyWorld(t)
		worlds++
		stage := stageOf(w)
		for _, q := range questionsOf(t, w) {
			got, want := stage.ask(q), oracle.Judge(w, q)
			questions++
			hit[want.Row+" "+want.Why]++
			if diff := difference(got, want); diff != "" {
				t.Fatalf("%+v\nin %s\n- rules, + oracle:\n%s", q, describe(w), diff)
			}
		}
	})
	lines := linesHit(hit)
	rarest := slices.MinFunc(lines, func(a, b tableLine) int { return a.times - b.times })
	fmt.Printf("the rule read twice: %d worlds, %d questions, %d lines of the table, the rarest %d times (row %s)\n", worlds, questions, len(lines), rarest.times, rarest.name)
	for _, line := range lines {
		if line.times == 0 && !t.Failed() {
			t.Errorf("no world hit row %s", line.name)
		}
	}
}

// enoughChecks lets rapid look at so many cases, unless the command line says
// otherwise.
func enoughChecks(t *testing.T, n int) {
	t.Helper()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "rapid.checks" })
	if given {
		return
	}
	f := flag.Lookup("rapid.checks")
	before := f.Value.String()
	if err := f.Value.Set(fmt.Sprint(n)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Value.Set(before) })
}

type tableLine struct {
	name  string
	times int
}

// linesHit are the lines of the decision table, by row and reason, with how
// often they were the answer.
func linesHit(hit map[string]int) (list []tableLine) {
	for _, row := range rules.Table() {
		name := row.Name + " " + string(row.Why)
		if !slices.ContainsFunc(list, func(l tableLine) bool { return l.name == name }) {
			list = append(list, tableLine{name, hit[name]})
		}
	}
	return list
}

// describe writes a world a line for each record.
func describe(w oracle.World) string {
	text := fmt.Sprintf("%+v", w)
	return strings.NewReplacer("} {", "}\n  {", "] ", "]\n ", "2026-03-", "", " 10:00:00 +0000 UTC", "").Replace(text)
}

// difference compares what matters; of what is not looked up, the records do
// not.
func difference(got, want oracle.Answer) string {
	order := func(a, b oracle.Record) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID)) }
	slices.SortFunc(got.Matches, order)
	slices.SortFunc(want.Matches, order)
	if slices.Contains([]string{"1", "2", "2a", "27", "28"}, want.Row) {
		got.Subject, got.Company, got.Matches = want.Subject, want.Company, want.Matches
	}
	if slices.Equal(got.Matches, want.Matches) { // an empty list is as good as none
		got.Matches, want.Matches = nil, nil
	}
	if reflect.DeepEqual(got, want) {
		return "" // a tenth of the time of the comparison that says what differs
	}
	return gocmp.Diff(got, want)
}

// stage is a world as the product's rooms hold it.
type stage struct {
	world  oracle.World
	org    *staff.Org
	policy rules.Policy
	held   *permits.Held
	match  map[string]*lookup.Match
	alike  *lookup.Match // of the number that ends as the first one
}

var russianPlan = func() *phone.Plan {
	plan, err := phone.NewPlan("RU", "495")
	if err != nil {
		panic(err)
	}
	return plan
}()

func stageOf(w oracle.World) *stage {
	s := &stage{world: w, org: orgOf(w), policy: policyOf(w.Policy), held: heldOf(w), match: map[string]*lookup.Match{}}
	set, contacts := setOf(w), s.contacts()
	for _, number := range []string{thisNumber, otherNumber, alikeNumber} {
		s.match[number] = lookup.MatchOf(append(listed(w, number), reachedIn(w, number, contacts)...), set)
	}
	s.alike = s.match[alikeNumber]
	s.alike.Maybe = true
	return s
}

// contacts returns when the owner's side of each company was last in touch with it, as the calls that the world had
// leave it on the companies.
func (s *stage) contacts() map[int64]int64 {
	last := map[int64]int64{}
	for _, t := range s.world.Talks {
		if t.Seconds < touchSeconds {
			continue
		}
		match, ended := lookup.MatchOf(reachedIn(s.world, t.Number, nil), setOf(s.world)), t.Ended.UnixMilli()
		for i := range match.Companies {
			c := &match.Companies[i]
			had := slices.ContainsFunc(c.Links, func(l rules.Link) bool { return l.Since <= ended })
			if had && isOwnSide(s.org, &s.policy, s.org.User(t.Agent), c, t.Ended) {
				last[c.ID] = max(last[c.ID], ended)
			}
		}
	}
	return last
}

// ask is judge without a database.
func (s *stage) ask(q oracle.Question) oracle.Answer {
	match := s.match[q.Number]
	if match == nil || q.Failed {
		match = &lookup.Match{}
	}
	if s.policy.SuffixMatch && match.Empty() && q.Number == thisNumber && !q.Failed {
		similar := *s.alike
		similar.DoNotCall = match.DoNotCall
		match = &similar
	}
	direction := rules.Out
	if q.Incoming {
		direction = rules.In
	}
	b := cardBuilder{org: s.org, policy: &s.policy, held: s.held, match: match, now: q.At,
		q: Question{Number: russianPlan.Parse(q.Number), Agent: s.org.User(q.Agent), Direction: direction,
			Wordless: true}}
	scene := b.scene()
	scene.Failed = q.Failed
	b.verdict = rules.Judge(scene, s.policy)
	a := answerOf(b.verdict)
	card := Card{Enforcement: b.enforcement(""), DoNotCall: b.doNotCall("")}
	a.Wanted, a.Met = string(card.Enforcement.Mode), card.Enforcement.Met
	if err := mayDial(&card); err != nil {
		a.Dial = fault.Of(err).Key
	}
	return a
}

func answerOf(v rules.Verdict) oracle.Answer {
	a := oracle.Answer{Row: v.Row, Color: string(v.Color), Why: string(v.Why), Relation: string(v.Relation), Banner: v.Banner,
		Subject: oracle.Record{Kind: string(v.Subject.Kind), ID: v.Subject.ID}, Company: v.Company, Incident: v.Incident, DoNotCall: string(v.DoNotCall)}
	for _, ref := range v.Order {
		a.Matches = append(a.Matches, oracle.Record{Kind: string(ref.Kind), ID: ref.ID})
	}
	return a
}

func orgOf(w oracle.World) *staff.Org {
	var departments []*staff.Department
	for _, d := range w.Departments {
		departments = append(departments, &staff.Department{ID: d.ID, ParentID: d.Parent, HeadID: d.Head})
	}
	var users []*staff.User
	phones := map[int64][]int64{}
	for _, u := range w.Users {
		roles := access.Roles{access.Agent}
		if u.Admin {
			roles = access.Roles{access.Admin}
		}
		for _, p := range u.Phones {
			phones[u.ID] = append(phones[u.ID], russianPlan.Parse(p).Key())
		}
		users = append(users, &staff.User{ID: u.ID, Login: fmt.Sprint("u", u.ID), DepartmentID: u.Department, Active: u.Active, Roles: roles})
	}
	var deputies []staff.Deputy
	for i, d := range w.Deputies {
		deputies = append(deputies, staff.Deputy{ID: int64(i + 1), UserID: d.Owner, DeputyID: d.Deputy,
			From: store.MomentOf(d.From), Until: store.MomentOf(d.Until)})
	}
	return staff.OrgOf(departments, users, deputies, phones)
}

func setOf(w oracle.World) *statuses.Set {
	var all []*statuses.Status
	for i, s := range w.Statuses {
		all = append(all, &statuses.Status{ID: int64(i + 1), Code: s.Code, CardEffect: rules.Effect(s.Effect), IsDefault: store.Only(s.Default), Active: s.Active})
	}
	return statuses.SetOf(all)
}

// heldOf returns each permit as given for the owner that its company has.
func heldOf(w oracle.World) *permits.Held {
	var list []permits.Permit
	for _, p := range w.Permits {
		company := slices.IndexFunc(w.Companies, func(c oracle.Company) bool { return c.ID == p.Company })
		list = append(list, permits.Permit{Agent: crm.Named{ID: p.Agent}, Company: crm.Named{ID: p.Company}, Owner: crm.Named{ID: w.Companies[company].Owner},
			From: store.MomentOf(p.From), Until: store.MomentOf(p.Until)})
	}
	return permits.HeldOf(list)
}

func policyOf(p oracle.Policy) rules.Policy {
	counts := map[bool]rules.CountsAs{true: rules.CountsAsOwn, false: rules.CountsAsForeign}
	r := rules.Default()
	r.Priority = nil
	for _, kind := range p.Priority {
		r.Priority = append(r.Priority, rules.Kind(kind))
	}
	r.InheritContactCompany, r.InheritLeadCompany = p.InheritContact, p.InheritLead
	r.MissingStatus, r.Leads = rules.MissingPolicy(p.Missing), rules.LeadPolicy(p.Leads)
	r.SharedNumber = map[string]rules.SharedPolicy{"oldest": rules.SharedOldestLink, "strictest": rules.SharedStrictest, "own_first": rules.SharedOwnFirst}[p.Shared]
	r.Team, r.Deputy = counts[p.Team], counts[p.Deputy]
	r.DoNotCall, r.IdleDays, r.SuffixMatch = rules.DoNotCallMode(p.DoNotCall), p.IdleDays, p.Suffix
	r.Enforcement.Mode = rules.EnforcementMode(p.Enforcement)
	r.OwnContact, r.Supervisor, r.Admin, r.Incoming = rules.Color(p.OwnContact), rules.Color(p.Supervisor), rules.Color(p.Admin), rules.Color(p.Incoming)
	return r
}

// reachedIn is what the index of numbers holds of a number: crm keeps one row
// for each record and company, with the age of the link.
func reachedIn(w oracle.World, number string, contacts map[int64]int64) (rows []crm.Reached) {
	company := func(r crm.Reached, id int64) crm.Reached {
		for _, c := range w.Companies {
			if c.ID == id {
				r.CompanyID, r.CompanyOwner, r.CompanyTeam = c.ID, c.Owner, c.Team
				r.CompanyStatus = statusID(w, c.Status)
				r.CompanyGuarded, r.CompanyContact = max(c.Owned.UnixMilli(), c.Protected.UnixMilli()), contacts[c.ID]
			}
		}
		return r
	}
	for _, c := range w.Companies {
		if since, has := sinceOf(c.Phones, number); has {
			rows = append(rows, company(crm.Reached{Kind: crm.KindCompany, ID: c.ID, Since: since}, c.ID))
		}
	}
	for _, c := range w.Contacts {
		since, has := sinceOf(c.Phones, number)
		row := crm.Reached{Kind: crm.KindContact, ID: c.ID, Owner: c.Owner, Since: since}
		if has && len(c.Companies) == 0 {
			rows = append(rows, row)
		}
		for i, l := range c.Companies {
			if has {
				row.Since, row.Primary = max(since, l.Since.UnixMilli()), i == 0
				rows = append(rows, company(row, l.Company))
			}
		}
	}
	for _, l := range w.Leads {
		since, has := sinceOf(l.Phones, number)
		if has && l.Stage != "converted" {
			if l.Company != 0 {
				since = max(since, l.Linked.UnixMilli())
			}
			rows = append(rows, company(crm.Reached{Kind: crm.KindLead, ID: l.ID, Owner: l.Owner, Since: since, Finished: l.Stage == "lost",
				Changed: l.Changed.UnixMilli(), Created: l.Created.UnixMilli()}, l.Company))
		}
	}
	return rows
}

// listed is the number's row of the do-not-call list.
func listed(w oracle.World, number string) (rows []crm.Reached) {
	for _, b := range w.DoNotCall {
		if b.Number == number {
			entry := &crm.Listed{Since: b.From.UnixMilli()}
			if !b.Until.IsZero() {
				entry.Until = b.Until.UnixMilli()
			}
			rows = append(rows, crm.Reached{DoNotCall: entry})
		}
	}
	return rows
}

func sinceOf(phones []oracle.Phone, number string) (since int64, has bool) {
	for _, p := range phones {
		if at := p.Since.UnixMilli(); p.Number == number && (!has || at < since) {
			since, has = at, true
		}
	}
	return since, has
}

// statusID is the entry's id, 0 for no status and one that no one has for a
// status that is gone.
func statusID(w oracle.World, code string) int64 {
	if code == "" {
		return 0
	}
	return int64(slices.IndexFunc(w.Statuses, func(s oracle.Status) bool { return s.Code == code })+1) + map[bool]int64{true: 99}[code == "GONE"]
}

// TestAMistakeIsNoticed turns one knob of the product's policy, or one fact of
// its staff, behind the oracle's back: some world must tell.
func TestAMistakeIsNoticed(t *testing.T) {
	worlds := rapid.Custom(func(t *rapid.T) oracle.World {
		w := anyWorld(t)
		w.Policy = shipped()
		return w
	})
	for name, mistake := range map[string]func(*stage){
		"the agent's own company always excuses": func(s *stage) { s.policy.SharedNumber = rules.SharedOwnFirst },
		"it never does":                          func(s *stage) { s.policy.SharedNumber = rules.SharedStrictest },
		"a contact's company does not count":     func(s *stage) { s.policy.InheritContactCompany = false },
		"a lead's company counts":                func(s *stage) { s.policy.InheritLeadCompany = true },
		"a lost lead does not count":             func(s *stage) { s.policy.Leads = rules.LeadsOpen },
		"companies go before contacts":           func(s *stage) { s.policy.Priority = []rules.Kind{rules.KindCompany} },
		"no status is as good as in work":        func(s *stage) { s.policy.MissingStatus = rules.MissingAsProtected },
		"protection fades":                       func(s *stage) { s.policy.IdleDays = 1 },
		"nothing red is dialled":                 func(s *stage) { s.policy.Enforcement.Mode = rules.EnforceBlock },
		"numbers that end alike are a hint":      func(s *stage) { s.policy.SuffixMatch = true },
		"the do-not-call list blocks":            func(s *stage) { s.policy.DoNotCall = rules.DoNotCallBlock },
		"the team does not help":                 func(s *stage) { s.policy.Team = rules.CountsAsForeign },
		"permits do not count":                   func(s *stage) { s.held = nil },
		"deputies do not help":                   func(s *stage) { s.policy.Deputy = rules.CountsAsForeign },
		"nobody is head of anybody": func(s *stage) {
			flat := s.world
			flat.Departments = nil
			s.org = orgOf(flat)
		},
		"a dismissed owner is still there": func(s *stage) {
			kept := s.world
			kept.Users = slices.Clone(kept.Users)
			for i := range kept.Users {
				kept.Users[i].Active = true
			}
			s.org = orgOf(kept)
		},
	} {
		noticed := false
		for seed := 0; seed < 20_000 && !noticed; seed++ {
			w := worlds.Example(seed)
			s := stageOf(w)
			mistake(s)
			for _, u := range w.Users {
				q := oracle.Question{Agent: u.ID, Number: thisNumber, Kind: "external", At: today}
				noticed = noticed || u.Active && difference(s.ask(q), oracle.Judge(w, q)) != ""
			}
		}
		if !noticed {
			t.Errorf("%s: no world tells", name)
		}
	}
}
