package crm_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"callhue/crm"
	"callhue/internal/store"
	"callhue/lookup"
	"callhue/rules"
)

// court is a world in which verdicts are given, as at a call.
type court struct {
	crm.World
	finder *lookup.Finder
	policy rules.Policy
	cases  int // so far: each has numbers of its own
}

// newCourt is a world whose protected statuses are red, and whose leads count.
func newCourt(t *testing.T, db *store.DB) *court {
	t.Helper()
	c := &court{World: crm.NewWorld(t, db), policy: rules.Default()}
	c.Exec("UPDATE statuses SET card_effect = CASE is_protected WHEN 1 THEN 'red' ELSE 'banner' END")
	c.policy.InheritLeadCompany = true
	j, _, directory := c.Packages()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = j.Run(ctx)
	}()
	t.Cleanup(func() { stop(); <-ended })
	for j.SinceRead() > time.Second { // lookups use their memory only while the tail runs
		time.Sleep(time.Millisecond)
	}
	c.finder = lookup.New(db, directory, j, lookup.Options{Budget: time.Minute})
	return c
}

// color is what an agent sees who dials a number.
func (c *court) color(agent int64, number string) rules.Color {
	c.Helper()
	ctx := context.Background()
	match, err := c.finder.Find(ctx, c.Key(number), 0)
	c.must(err)
	_, roster, _ := c.Packages()
	org, err := roster.Org(ctx)
	c.must(err)
	relation := func(owner int64, team []int64) rules.Relation { return org.Relation(agent, owner, team, time.Now()) }
	s := rules.Scene{Direction: rules.Out, AgentKnown: true, Number: rules.External}
	for _, m := range match.Companies {
		s.Companies = append(s.Companies, rules.Company{ID: m.ID, Relation: relation(m.Owner, m.Team),
			Unassigned: m.Owner == 0, Status: m.Status.State, Effect: m.Status.Effect, Links: m.Links})
	}
	for _, m := range match.Contacts {
		s.Contacts = append(s.Contacts, rules.Contact{ID: m.ID, Relation: relation(m.Owner, nil),
			Unassigned: m.Owner == 0, Companies: m.Companies})
	}
	for _, m := range match.Leads {
		s.Leads = append(s.Leads, rules.Lead{ID: m.ID, Relation: relation(m.Owner, nil), Unassigned: m.Owner == 0,
			CompanyID: m.Company})
	}
	return rules.Judge(s, c.policy).Color
}

func (c *court) must(err error) {
	c.Helper()
	if err != nil {
		c.Fatal(err)
	}
}

// stage is one attempt's own little world. Vector is anna's and in work; boris
// would like to have it. Everything on it came in the order of the fields.
type stage struct {
	*court
	ctx context.Context

	elder    crm.Company // free, vera's, had the number first
	stranger crm.Contact // of no one, vera's, had the number second
	delta    crm.Company // boris's own, free
	his      crm.Contact // boris's own, of Delta
	vector   crm.Company
	petrov   crm.Contact // of Vector
	request  crm.Lead    // of Vector

	first, second, direct, via, lead string // numbers: of elder, of stranger, of Vector itself, of Petrov, of the lead
}

func (c *court) stage() *stage {
	c.Helper()
	c.cases++
	number := func(i int) string { return fmt.Sprintf("+7495%05d%02d", c.cases, i) }
	s := &stage{court: c, ctx: context.Background(), first: number(1), second: number(2), direct: number(3),
		via: number(4), lead: number(5)}
	var err error
	company := func(in crm.NewCompany) (added crm.Company) {
		added, err = c.AddCompany(s.ctx, crm.As(crm.AdminID), in)
		c.must(err)
		return added
	}
	contact := func(in crm.NewContact) (added crm.Contact) {
		added, err = c.AddContact(s.ctx, crm.As(crm.AdminID), in)
		c.must(err)
		return added
	}
	s.elder = company(crm.NewCompany{Name: "Elder", OwnerID: crm.Vera, Phones: crm.Phones(s.first)})
	s.stranger = contact(crm.NewContact{Name: "Stranger", OwnerID: crm.Vera, Phones: crm.Phones(s.second)})
	s.delta = company(crm.NewCompany{Name: "Delta", OwnerID: crm.Boris})
	s.his = contact(crm.NewContact{Name: "His", OwnerID: crm.Boris, CompanyIDs: []int64{s.delta.ID}})
	s.vector = company(crm.NewCompany{Name: "Vector", OwnerID: crm.Anna, Status: "IN_WORK",
		Phones: crm.Phones(s.first, s.second, s.direct)})
	s.petrov = contact(crm.NewContact{Name: "Petrov", OwnerID: crm.Anna, CompanyIDs: []int64{s.vector.ID},
		Phones: crm.Phones(s.via)})
	s.request, err = c.AddLead(s.ctx, crm.As(crm.AdminID),
		crm.NewLead{Title: "Request", OwnerID: crm.Anna, CompanyID: s.vector.ID, Phones: crm.Phones(s.lead)})
	c.must(err)
	s.judge("before")
	return s
}

// judge wants every number of Vector red for boris, and none for anna.
func (s *stage) judge(when string) {
	s.Helper()
	for _, number := range []string{s.first, s.second, s.direct, s.via, s.lead} {
		if color := s.color(crm.Boris, number); color != rules.Red {
			s.Errorf("%s: %s is %s for boris, want red", when, number, color)
		}
		if color := s.color(crm.Anna, number); color == rules.Red {
			s.Errorf("%s: %s is red for anna, whose client it is", when, number)
		}
	}
}
