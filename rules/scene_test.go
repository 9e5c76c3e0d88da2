package rules

// Small words for writing scenes down in tests.

// Months of link dates, in order.
const (
	january int64 = 1_767_225_600_000
	march   int64 = january + 59*86_400_000
	may     int64 = march + 61*86_400_000
)

type record func(*Scene)

// found is what a known agent's outgoing call to an outside number finds.
func found(records ...record) Scene {
	s := Scene{Number: External, Direction: Out, AgentKnown: true}
	for _, add := range records {
		add(&s)
	}
	return s
}

func direct(since int64) Link           { return Link{Via: ViaDirect, Since: since} }
func through(id int64, at int64) Link   { return Link{Via: ViaContact, Since: at, Record: id} }
func throughLd(id int64, at int64) Link { return Link{Via: ViaLead, Since: at, Record: id} }

func co(id int64, r Relation, e Effect, links ...Link) record {
	return func(s *Scene) {
		s.Companies = append(s.Companies, Company{ID: id, Relation: r, Unassigned: r == NoOwner, Status: StatusSet,
			Effect: e, Links: links})
	}
}

// odd changes the last company.
func odd(change func(*Company)) record {
	return func(s *Scene) { change(&s.Companies[len(s.Companies)-1]) }
}

func noStatus(c *Company)   { c.Status = StatusMissing }
func lostStatus(c *Company) { c.Status = StatusUnknown }
func ownerLeft(c *Company)  { c.OwnerInactive = true }
func idleFor(days int) func(*Company) {
	return func(c *Company) { c.IdleDays = days }
}
func noOwner(c *Company) { c.Unassigned = true }

// ct is a contact of companies, the first of them primary.
func ct(id int64, r Relation, companies ...int64) record {
	return func(s *Scene) {
		c := Contact{ID: id, Relation: r, Unassigned: r == NoOwner}
		for i, company := range companies {
			c.Companies = append(c.Companies, ContactCompany{ID: company, Primary: i == 0})
		}
		s.Contacts = append(s.Contacts, c)
	}
}

func ld(id int64, r Relation, company int64) record {
	return func(s *Scene) {
		s.Leads = append(s.Leads, Lead{ID: id, Relation: r, Unassigned: r == NoOwner, CompanyID: company})
	}
}

func onCall(change func(*Scene)) record { return change }

func policyWith(change func(*Policy)) Policy {
	p := Default()
	if change != nil {
		change(&p)
	}
	return p
}
