package oracle

import "slices"

// The rows of the decision table, by number. Rows 15 and 24 are none of their
// own: a lead beside a company changes nothing (4-7), and a colleague of the
// same department is foreign like anybody (5).

func (s *scene) row1() (Answer, bool) {
	return Answer{Row: "1", Color: "none", Why: "internal", Relation: "none"}, s.Kind == "internal"
}

func (s *scene) row2() (Answer, bool) {
	return Answer{Row: "2", Color: "none", Why: "hidden", Relation: "none"}, s.Kind == "hidden"
}

// row2a: The spec stops at an invalid number (step 1) and is silent on its card:
// nothing was checked, and a banner shows that.
func (s *scene) row2a() (Answer, bool) {
	return Answer{Row: "2a", Color: "none", Why: "invalid", Relation: "none", Banner: true}, s.Kind == "invalid"
}

func (s *scene) row28() (Answer, bool) {
	return Answer{Row: "28", Color: "grey", Why: "check_failed", Relation: "none"}, s.Failed
}

// row27: The spec calls the reason caller_unknown; the contract agent_unknown.
func (s *scene) row27() (Answer, bool) {
	return Answer{Row: "27", Color: "none", Why: "agent_unknown", Relation: "none"}, s.Agent == 0
}

func (s *scene) row26() (Answer, bool) {
	employee := slices.ContainsFunc(s.Users, func(u User) bool {
		return u.Active && slices.Contains(u.Phones, s.Number)
	})
	return Answer{Row: "26", Color: "none", Why: "employee", Relation: "none"}, employee
}

func (s *scene) row3() Answer {
	return Answer{Row: "3", Color: "none", Why: "unknown", Relation: "none"}
}

// guesses reports that the number is on no record, one that ends alike is, and the policy wants to see that (1.2, 5).
func (s *scene) guesses() bool {
	return s.similar && len(s.reached)+len(s.contacts)+len(s.leads) > 0
}

// row3a is the hint: never red, and not silent either. Its card shows the record that would have decided.
func (s *scene) row3a() Answer {
	a := Answer{Row: "3a", Color: "none", Why: "maybe", Relation: "none", Banner: true}
	for _, kind := range slices.Concat(s.Policy.Priority, []string{"contact", "company", "lead"}) {
		switch {
		case kind == "contact" && len(s.contacts) > 0:
			t := s.bestHinted()
			a.Subject = Record{"contact", t.ID}
			if companies := s.companiesOf(t); len(companies) > 0 {
				a.Company = s.strictest(companies).ID
			}
			return a
		case kind == "company" && len(s.direct) > 0:
			a.Company = s.strictest(s.reached).ID
			a.Subject = Record{"company", a.Company}
			return a
		case kind == "lead" && len(s.leads) > 0:
			l := s.bestLead()
			a.Subject, a.Company = Record{"lead", l.ID}, l.Company
			return a
		}
	}
	panic("oracle: something ends alike, and nothing decides")
}

// row5x is C-40, for all that the company is foreign to. The spec is silent on an owner who has left: they are not
// in touch either.
func (s *scene) row5x(k reached) (Answer, bool) {
	return Answer{Row: "5x", Color: "yellow", Why: "foreign_idle"}, k.idle
}

// The red rows. k is the company that offends.

func (s *scene) row21(k reached) (Answer, bool) {
	return Answer{Row: "21", Color: s.Policy.Supervisor, Why: "supervisor"}, k.relation == "supervisor"
}

func (s *scene) row22(k reached) (Answer, bool) {
	return Answer{Row: "22", Color: s.Policy.Admin, Why: "admin"}, k.relation == "admin"
}

func (s *scene) row25(k reached) (Answer, bool) {
	return Answer{Row: "25", Color: "red", Why: "owner_inactive"}, !s.user(k.Owner).Active
}

func (s *scene) row19Protected(k reached) (Answer, bool) {
	return Answer{Row: "19", Color: "red", Why: "status_missing"}, k.statusKnown == "missing"
}

func (s *scene) row20Protected(k reached) (Answer, bool) {
	return Answer{Row: "20", Color: "red", Why: "status_unknown"}, k.statusKnown == "unknown"
}

func (s *scene) row18Red(k reached) (Answer, bool) {
	return Answer{Row: "18", Color: "red", Why: "lead_company"}, !k.direct && !k.byContact && k.byLead
}

func (s *scene) row17Red(k reached) (Answer, bool) {
	return Answer{Row: "17", Color: "red", Why: "shared_number"}, k.direct && len(s.direct) > 1
}

func (s *scene) row16Red(k reached) (Answer, bool) {
	why := "foreign_in_work"
	if !k.direct {
		why = "foreign_in_work_via_contact"
	}
	return Answer{Row: "16", Color: "red", Why: why}, len(s.direct) > 0 && len(s.reached) > 1
}

func (s *scene) row12Red(reached) (Answer, bool) {
	return Answer{Row: "12", Color: "red", Why: "foreign_in_work_via_contact_multi"},
		len(s.direct) == 0 && len(s.reached) > 1
}

func (s *scene) row8(k reached) (Answer, bool) {
	return Answer{Row: "8", Color: "red", Why: "foreign_in_work_via_contact"}, !k.direct
}

func (s *scene) row5(k reached) (Answer, bool) {
	return Answer{Row: "5", Color: "red", Why: "foreign_in_work"}, k.direct
}

// companyRows: a company decides; k is the best of K.
func (s *scene) companyRows() Answer {
	k := s.bestCompany(s.reached)
	for _, row := range []func(reached) (Answer, bool){
		s.row17Shared, s.row4, s.row23, s.row7, s.row19, s.row20, s.row6} {
		if a, fits := row(k); fits {
			a.Subject, a.Company, a.Relation = Record{"company", k.ID}, k.ID, k.relation
			return a
		}
	}
	panic("oracle: a company decides, and no row says how")
}

func (s *scene) row17Shared(k reached) (Answer, bool) {
	return Answer{Row: "17", Color: "none", Why: "shared_number", Banner: true}, s.shared() && k.ours()
}

func (s *scene) row4(k reached) (Answer, bool) {
	return Answer{Row: "4", Color: "none", Why: "own"}, k.relation == "own"
}

func (s *scene) row23(k reached) (Answer, bool) {
	return Answer{Row: "23", Color: "none", Why: k.relation}, k.ours() && k.relation != "own"
}

func (s *scene) row7(k reached) (Answer, bool) {
	return Answer{Row: "7", Color: "none", Why: "unassigned", Banner: true}, k.relation == "none"
}

// row19 keeps its banner even where the default status has none.
func (s *scene) row19(k reached) (Answer, bool) {
	return Answer{Row: "19", Color: k.foreignColor(), Why: "status_missing", Banner: true}, k.statusKnown == "missing"
}

func (s *scene) row20(k reached) (Answer, bool) {
	return Answer{Row: "20", Color: k.foreignColor(), Why: "status_unknown", Banner: true}, k.statusKnown == "unknown"
}

// row6: The spec is silent on a status that asks for yellow: it has the banner
// too.
func (s *scene) row6(k reached) (Answer, bool) {
	return Answer{Row: "6", Color: k.foreignColor(), Why: "foreign_free", Banner: k.effect != "none"}, k.foreign()
}

func (k reached) foreignColor() string {
	if k.effect == "yellow" {
		return "yellow"
	}
	return "none"
}

// leadRows: a lead decides.
func (s *scene) leadRows() Answer {
	l := s.bestLead()
	for _, row := range []func(Lead) (Answer, bool){s.row17SharedLead, s.row18, s.row13} {
		if a, fits := row(l); fits {
			a.Subject, a.Company = Record{"lead", l.ID}, l.Company
			return a
		}
	}
	panic("oracle: a lead decides, and no row says how")
}

// row17SharedLead: The spec is silent on a shared number here, which a policy can
// bring about that puts leads before companies: row 17 with the lead's blue.
func (s *scene) row17SharedLead(Lead) (Answer, bool) {
	if !s.shared() {
		return Answer{}, false
	}
	return Answer{Row: "17", Color: "blue", Why: "shared_number", Banner: true, Relation: s.toOurs()}, true
}

func (s *scene) row18(l Lead) (Answer, bool) {
	return Answer{Row: "18", Color: "blue", Why: "lead_only", Relation: s.relation(Company{Owner: l.Owner})},
		l.Company != 0
}

func (s *scene) row13(l Lead) (Answer, bool) {
	return Answer{Row: "13", Color: "blue", Why: "lead_only", Relation: s.relation(Company{Owner: l.Owner})}, true
}

// toOurs is what the agent is to the company of his that the shared-number rule
// goes by.
func (s *scene) toOurs() string {
	var list []reached
	for _, k := range s.reached {
		if k.ours() {
			list = append(list, k)
		}
	}
	return s.bestCompany(list).relation
}
