package rules

// Judge returns the verdict on a scene under a policy: Weigh, Decide, the records
// behind the verdict, and the do-not-call list over it.
func Judge(scene Scene, policy Policy) Verdict {
	facts, grounds := Weigh(scene, policy)
	v := Decide(facts, policy)
	v.DoNotCall = overlay(&scene, facts, &policy)
	v.Subject, v.Company, v.Order = grounds.Subject, grounds.Company, grounds.Order
	return v
}

// Grounds are the records behind the facts.
type Grounds struct {
	Subject Ref   // the record that decides; zero if nothing was found
	Company int64 // the company in question: the subject, or the one beside it; 0 if none
	Order   []Ref // every record found, the subject first, then kind by kind in the policy's priority
}

// Weigh turns a scene into the facts that the table asks for, and the records
// behind them. A number that cannot be looked up, or was not, has no records.
func Weigh(scene Scene, policy Policy) (Facts, Grounds) {
	facts := callFacts(&scene)
	var s scales
	order := kinds(&policy)
	guess := scene.Maybe && scene.Employee // that it is a colleague is known, so nothing is guessed
	if facts.has(numberExternal) && facts.has(checkDone) && !guess {
		var companies [8]company
		var contacts [8]contact
		var leads [8]*Lead
		s.companies = weighCompanies(companies[:0], &scene, &policy)
		s.contacts = weighContacts(contacts[:0], s.companies, &scene, &policy)
		s.leads = weighLeads(leads[:0], &scene, &policy)
		s.count()
	}
	base := s.base(order)
	if scene.Maybe && s.found() {
		return facts | claimNone | baseHint, s.grounds(s.hinted(base), order)
	}
	facts |= s.spread() | baseFact(base)
	if s.claimed() {
		return facts | s.claimFacts(&policy), s.grounds(KindCompany, order)
	}
	facts |= claimNone | either(s.excused, sharedYes, sharedNo)
	return facts | s.subjectFacts(base, &policy), s.grounds(base, order)
}

func (s *scales) found() bool { return len(s.companies)+len(s.contacts)+len(s.leads) > 0 }

// hinted is the kind of the record to show for a hint.
func (s *scales) hinted(base Kind) Kind {
	if base == "" {
		return KindCompany // nothing else was found, and none of them has the number itself
	}
	return base
}

// callFacts answers the questions about the call itself.
func callFacts(scene *Scene) Facts {
	number := numberExternal
	switch scene.Number {
	case Internal:
		number = numberInternal
	case Hidden:
		number = numberHidden
	case Invalid:
		number = numberInvalid
	}
	return number |
		either(scene.Failed, checkFailed, checkDone) |
		either(scene.AgentKnown, agentKnown, agentUnknown) |
		either(scene.Employee, employeeYes, employeeNo) |
		either(scene.Direction == In, directionIn, directionOut)
}

func either(is bool, yes, no Facts) Facts {
	if is {
		return yes
	}
	return no
}

// base finds the kind that decides when nothing is red: the first of the
// policy's priority that was found. A company must carry the number itself: one
// that is only linked comes behind its contact or lead.
func (s *scales) base(order [3]Kind) Kind {
	for _, kind := range order {
		switch {
		case kind == KindCompany && s.direct > 0,
			kind == KindContact && len(s.contacts) > 0,
			kind == KindLead && len(s.leads) > 0:
			return kind
		}
	}
	return ""
}

func baseFact(base Kind) Facts {
	switch base {
	case KindCompany:
		return baseCompany
	case KindContact:
		return baseContact
	case KindLead:
		return baseLead
	}
	return baseNothing
}

// spread returns how many companies the number reaches, and how.
func (s *scales) spread() Facts {
	switch n := len(s.companies); {
	case n == 0:
		return companiesNone
	case n == 1:
		return either(s.direct == 1, oneDirect, oneLinked)
	case s.direct == 0:
		return severalLinked
	case s.direct == 1:
		return severalMixed
	}
	return severalDirect
}

// claimFacts describes the first of the companies that make the card red.
func (s *scales) claimFacts(policy *Policy) Facts {
	c := &s.companies[0]
	var f Facts
	switch c.relation {
	case Supervisor:
		f = claimSupervisor
	case Admin:
		f = claimAdmin
	default:
		f = claimForeign
	}
	switch status := c.statusFact(); {
	case c.scene.OwnerInactive:
		f |= causeOwnerLeft
	case status == statusMissing:
		f |= causeNoStatus
	case status == statusUnknown:
		f |= causeLostStatus
	default:
		f |= causeInWork
	}
	f |= either(c.idle(policy), idleYes, idleNo)
	switch c.via {
	case wayDirect:
		f |= viaDirect
	case wayContact:
		f |= viaContact
	default:
		f |= viaLead
	}
	return f
}

// subjectFacts describes the record that decides when nothing is red.
func (s *scales) subjectFacts(base Kind, policy *Policy) Facts {
	switch base {
	case KindCompany:
		best := &s.companies[0]
		f := standingFact(best.relation)
		if f.has(standingOthers) {
			f |= best.statusFact() | best.effectFact()
		}
		return f
	case KindContact:
		best := &s.contacts[0]
		f := either(len(s.leads) > 0, leadBesideYes, leadBesideNo) | either(s.allOurs(), oursYes, oursNo)
		if best.best < 0 {
			return f | contactAlone | standingFact(s.towards(best.relation))
		}
		return f | contactLinked | standingFact(s.towards(s.companies[best.best].relation))
	case KindLead:
		best := s.leads[0]
		return either(best.CompanyID != 0, leadOfCompany, leadPlain) |
			standingFact(s.towards(standing(best.Relation, best.Unassigned, policy)))
	}
	return 0
}

// towards returns the relation that counts for a contact or lead: on a shared
// number that to the agent's own company, on which the verdict stands then.
func (s *scales) towards(r Relation) Relation {
	if !s.excused {
		return r
	}
	for i := range s.companies {
		if s.companies[i].ours() {
			return s.companies[i].relation
		}
	}
	return r
}

func standingFact(r Relation) Facts {
	switch r {
	case Own:
		return standingOwn
	case Team:
		return standingTeam
	case Deputy:
		return standingDeputy
	case Permit:
		return standingPermit
	case Supervisor:
		return standingSupervisor
	case Admin:
		return standingAdmin
	case Foreign:
		return standingForeign
	}
	return standingNone
}

// grounds names the records: the best of the kind that decides, its company,
// and all others after it.
func (s *scales) grounds(decides Kind, order [3]Kind) Grounds {
	total := len(s.companies) + len(s.contacts) + len(s.leads)
	if total == 0 {
		return Grounds{}
	}
	g := Grounds{Order: make([]Ref, 0, total)}
	switch decides {
	case KindCompany:
		g.Company = s.companies[0].id
		g.Subject = Ref{KindCompany, g.Company}
	case KindContact:
		g.Subject = Ref{KindContact, s.contacts[0].id}
		if best := s.contacts[0].best; best >= 0 {
			g.Company = s.companies[best].id
		}
	case KindLead:
		g.Subject = Ref{KindLead, s.leads[0].ID}
		g.Company = s.leads[0].CompanyID
	}
	g.Order = append(g.Order, g.Subject)
	for _, kind := range order {
		g.Order = s.list(g.Order, kind, kind == decides)
	}
	return g
}

// list appends the records of a kind by rank, without the first when that is
// the subject.
func (s *scales) list(to []Ref, kind Kind, skip bool) []Ref {
	from := 0
	if skip {
		from = 1
	}
	switch kind {
	case KindCompany:
		for _, c := range s.companies[from:] {
			to = append(to, Ref{kind, c.id})
		}
	case KindContact:
		for _, c := range s.contacts[from:] {
			to = append(to, Ref{kind, c.id})
		}
	case KindLead:
		for _, l := range s.leads[from:] {
			to = append(to, Ref{kind, l.ID})
		}
	}
	return to
}
