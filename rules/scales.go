package rules

import "slices"

// scales hold what was found, each kind in its order of rank.
type scales struct {
	companies []company // those that count, K of the specification
	contacts  []contact
	leads     []*Lead
	direct    int  // how many companies have the number on themselves
	excused   bool // a protected company is excused by the age of the agent's link
}

// The three functions below append to a slice that they are given, so that the
// scales of a usual scene fit on the stack of Weigh.

// weighCompanies picks the companies that count, finds out whose link is the
// oldest, and ranks them.
func weighCompanies(to []company, scene *Scene, policy *Policy) []company {
	ours, oldest := false, int64(0) // the agent's own oldest link
	for i := range scene.Companies {
		c := &scene.Companies[i]
		one := company{id: c.ID, scene: c, relation: standing(c.Relation, c.Unassigned, policy)}
		if !one.follow(scene, policy) {
			continue
		}
		if one.ours() && (!ours || one.since < oldest) {
			ours, oldest = true, one.since
		}
		to = append(to, one)
	}
	for i := range to {
		one := &to[i]
		excuse := ours && (policy.SharedNumber == SharedOwnFirst ||
			policy.SharedNumber != SharedStrictest && oldest < one.since)
		one.classify(excuse, policy)
	}
	slices.SortFunc(to, compareCompanies)
	return to
}

// count notes what the facts ask about the companies as a whole.
func (s *scales) count() {
	for i := range s.companies {
		if s.companies[i].via == wayDirect {
			s.direct++
		}
		s.excused = s.excused || s.companies[i].class == excused
	}
}

// follow finds the strongest and the oldest of the links that the policy lets
// count. It is false when none does: the company is not reached.
func (c *company) follow(scene *Scene, policy *Policy) bool {
	reached := false
	for i := range c.scene.Links {
		link := &c.scene.Links[i]
		if !link.counts(scene, policy) {
			continue
		}
		via := wayDirect
		switch link.Via {
		case ViaContact:
			via = wayContact
		case ViaLead:
			via = wayLead
		}
		if !reached || via < c.via {
			c.via = via
		}
		if !reached || link.Since < c.since {
			c.since = link.Since
		}
		reached = true
	}
	return reached
}

// counts reports whether the policy lets a link lead to its company.
func (l *Link) counts(scene *Scene, policy *Policy) bool {
	switch l.Via {
	case ViaContact:
		return policy.InheritContactCompany
	case ViaLead:
		if !policy.InheritLeadCompany || policy.Leads != LeadsOpen {
			return policy.InheritLeadCompany
		}
		lost := func(lead Lead) bool { return lead.ID == l.Record && lead.Finished }
		return !slices.ContainsFunc(scene.Leads, lost)
	}
	return true
}

// standing is the relation as the policy counts it.
func standing(r Relation, unassigned bool, policy *Policy) Relation {
	if unassigned && r != Permit && (r != Team || policy.Team == CountsAsForeign) {
		return NoOwner
	}
	switch r {
	case Team:
		if policy.Team == CountsAsForeign {
			return Foreign
		}
	case Deputy:
		if policy.Deputy == CountsAsForeign {
			return Foreign
		}
	case Own, Permit, Supervisor, Admin, NoOwner:
	default:
		return Foreign
	}
	return r
}

// classify puts a company into its class. excuse means that the agent's own
// company has the number longer (or that the policy excuses the agent anyway).
func (c *company) classify(excuse bool, policy *Policy) {
	switch c.relation {
	case NoOwner:
		c.class = ownerless
		return
	case Own:
		c.class = mine
		return
	case Team, Deputy, Permit:
		c.class = helped
		return
	}
	switch {
	case c.protected(policy) && excuse:
		c.class = excused
	case c.protected(policy):
		c.class = c.claimClass(policy)
	case c.scene.Effect == EffectYellow && !excuse:
		c.class = warning
	case c.relation == Supervisor:
		c.class = supervised
	default:
		c.class = free
	}
	if c.statusFact() == statusSet && c.scene.Effect == EffectNone {
		c.mild = 1
	}
}

// protected reports whether a company's status guards it against others.
func (c *company) protected(policy *Policy) bool {
	if c.scene.Effect == EffectRed {
		return true
	}
	return c.statusFact() != statusSet && policy.MissingStatus == MissingAsProtected
}

// idle reports whether the protection of a company has faded, because its owner's side has not been in touch.
func (c *company) idle(policy *Policy) bool {
	return policy.IdleDays > 0 && c.scene.IdleDays >= policy.IdleDays
}

// claimClass ranks what makes the card red: a true stranger's claim goes first;
// of those of a head or admin the one with the stronger colour in the policy. A
// faded claim is yellow, and goes behind those that show as much or more.
func (c *company) claimClass(policy *Policy) class {
	if c.idle(policy) {
		return claimIdle
	}
	color := policy.Supervisor
	switch c.relation {
	case Supervisor:
	case Admin:
		color = policy.Admin
	default:
		return claimTheirs
	}
	switch color {
	case Yellow:
		return claimWarn
	case None:
		return claimMild
	}
	return claimStrict
}

func (c *company) effectFact() Facts {
	switch c.scene.Effect {
	case EffectNone:
		return effectNone
	case EffectYellow:
		return effectYellow
	}
	return effectBanner
}

func (c *company) statusFact() Facts {
	switch c.scene.Status {
	case StatusSet:
		return statusSet
	case StatusUnknown:
		return statusUnknown
	}
	return statusMissing
}

// weighContacts ranks the contacts by the companies that they lead to.
func weighContacts(to []contact, ranked []company, scene *Scene, policy *Policy) []contact {
	for i := range scene.Contacts {
		c := &scene.Contacts[i]
		one := contact{id: c.ID, link: 2, best: -1, relation: standing(c.Relation, c.Unassigned, policy)}
		if policy.InheritContactCompany {
			one.follow(c.Companies, ranked)
		}
		to = append(to, one)
	}
	slices.SortFunc(to, compareContacts)
	return to
}

// follow finds the best of a contact's companies; they are ranked already.
func (c *contact) follow(companies []ContactCompany, ranked []company) {
	for _, linked := range companies {
		at := 0
		for at < len(ranked) && ranked[at].id != linked.ID {
			at++
		}
		if at == len(ranked) {
			continue
		}
		if c.best < 0 || at < c.best {
			c.best = at
		}
		c.link = min(c.link, 1)
		if linked.Primary {
			c.link = 0
		}
	}
	c.claims = c.best >= 0 && ranked[c.best].claims()
}

// weighLeads ranks the leads that the policy lets count.
func weighLeads(to []*Lead, scene *Scene, policy *Policy) []*Lead {
	for i := range scene.Leads {
		if l := &scene.Leads[i]; policy.Leads != LeadsOpen || !l.Finished {
			to = append(to, l)
		}
	}
	slices.SortFunc(to, compareLeads)
	return to
}

// claimed reports whether a company makes the card red; it ranks first then.
func (s *scales) claimed() bool { return len(s.companies) > 0 && s.companies[0].claims() }

// allOurs reports whether only the agent is concerned: they own (or help with) every company, and every contact leads to
// one of them.
func (s *scales) allOurs() bool {
	for i := range s.companies {
		if !s.companies[i].ours() {
			return false
		}
	}
	for i := range s.contacts {
		if s.contacts[i].best < 0 {
			return false
		}
	}
	return true
}
