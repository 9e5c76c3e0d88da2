package oracle

// The rows of the decision table, by number.

func (s *scene) row1() (Answer, bool) {
	return Answer{Row: "1", Color: "none", Why: "internal"}, s.Kind == "internal"
}

func (s *scene) row2() (Answer, bool) {
	return Answer{Row: "2", Color: "none", Why: "hidden"}, s.Kind == "hidden"
}

// row3Invalid: step 1 stops at an invalid number too.
func (s *scene) row3Invalid() (Answer, bool) {
	return Answer{Row: "3", Color: "none", Why: "invalid"}, s.Kind == "invalid"
}

func (s *scene) row3() Answer { return Answer{Row: "3", Color: "none", Why: "unknown"} }

func (s *scene) row26() (Answer, bool) {
	for _, u := range s.Users {
		for _, p := range u.Phones {
			if p == s.Number && u.Active {
				return Answer{Row: "26", Color: "none", Why: "employee"}, true
			}
		}
	}
	return Answer{}, false
}

func (s *scene) row28() (Answer, bool) {
	return Answer{Row: "28", Color: "grey", Why: "check_failed"}, s.Failed
}

// ---- the red rows; k is the company that offends

func (s *scene) redCard(row, why string, k reached) Answer {
	return Answer{Row: row, Color: "red", Why: why, Relation: k.relation, Incident: !s.Incoming}
}

func (s *scene) row21(k reached) (Answer, bool) {
	a := s.redCard("21", "supervisor", k)
	a.Color, a.Incident = s.Policy.SupervisorRed, false
	return a, k.relation == "supervisor"
}

func (s *scene) row22(k reached) (Answer, bool) {
	a := s.redCard("22", "admin", k)
	a.Color, a.Incident = s.Policy.AdminRed, false
	return a, k.relation == "admin"
}

func (s *scene) row25(k reached) (Answer, bool) {
	return s.redCard("25", "owner_inactive", k), !s.user(k.Owner).Active
}

func (s *scene) row17(k reached) (Answer, bool) {
	return s.redCard("17", "shared_number", k), len(s.direct) > 1
}

func (s *scene) row16(k reached) (Answer, bool) {
	why := "foreign_in_work"
	if !k.direct {
		why = "foreign_in_work_via_contact"
	}
	return s.redCard("16", why, k), len(s.direct) == 1 && len(s.contacts) > 0 && len(s.reached) > 1
}

func (s *scene) row12(k reached) (Answer, bool) {
	return s.redCard("12", "foreign_in_work_via_contact_multi", k), len(s.direct) == 0 && len(s.contacts) > 0 && len(s.reached) > 1
}

func (s *scene) row8(k reached) (Answer, bool) {
	return s.redCard("8", "foreign_in_work_via_contact", k), !k.direct && k.byContact
}

func (s *scene) row18(k reached) (Answer, bool) {
	return s.redCard("18", "lead_company", k), !k.direct && !k.byContact && k.byLead
}

func (s *scene) row19(k reached) (Answer, bool) {
	return s.redCard("19", "status_missing", k), k.statusKnown == "missing"
}

func (s *scene) row20(k reached) (Answer, bool) {
	return s.redCard("20", "status_unknown", k), k.statusKnown == "unknown"
}

func (s *scene) row5(k reached) (Answer, bool) { return s.redCard("5", "foreign_in_work", k), true }

// ---- the company rows

func (s *scene) companyRow() Answer {
	k := bestCompany(s.reached)
	a := Answer{Row: "6", Color: "none", Why: "foreign_free", Relation: k.relation, Banner: true}
	switch {
	case k.relation == "own":
		a.Row, a.Why, a.Banner = "4", "own", false
	case k.helped():
		a.Row, a.Why, a.Banner = "23", k.relation, false
	case k.relation == "unassigned":
		a.Row, a.Why, a.Relation = "7", "unassigned", "none"
	case k.statusKnown == "missing":
		a.Row, a.Why = "19", "status_missing"
	case k.statusKnown == "unknown":
		a.Row, a.Why = "20", "status_unknown"
	}
	if a.Row == "6" || a.Row == "19" || a.Row == "20" {
		a.Banner = k.effect == "banner"
		if k.effect == "yellow" {
			a.Color = "yellow"
		}
	}
	if len(s.offending()) > 0 { // row 17: the agent's link is the oldest
		a.Row, a.Why, a.Banner = "17", "shared_number", true
	}
	a.Subject, a.Company = Record{"company", k.ID}, k.ID
	return a
}

// ---- the contact rows

func (s *scene) contactRow() Answer {
	t := s.bestContact()
	a := Answer{Row: "11", Color: "yellow", Why: "contact_no_company", Subject: Record{"contact", t.ID}}
	companies := s.companiesOf(t)
	if len(companies) == 0 {
		if len(s.leads) > 0 && len(s.reached) == 0 {
			a.Row, a.Why = "14", "contact_over_lead"
		}
		a.Relation = s.relation(Company{Owner: t.Owner})
		return a
	}
	k := bestCompany(companies)
	a.Company, a.Relation = k.ID, k.relation
	switch {
	case k.relation == "own":
		a.Row, a.Why, a.Color = "9", "contact_own_company", s.Policy.OwnContact
	case k.helped():
		a.Row, a.Why = "23", k.relation
	case k.relation == "unassigned":
		a.Row, a.Why, a.Relation = "7", "unassigned", "none"
	default:
		a.Row, a.Why = "10", "contact_foreign_free"
	}
	if len(companies) > 1 {
		a.Row, a.Why = "12", a.Why+"_multi"
	}
	if len(s.offending()) > 0 {
		a.Row, a.Why, a.Banner = "17", "shared_number", true
	}
	return a
}

// ---- the lead rows

func (s *scene) leadRow() Answer {
	l := s.bestLead()
	return Answer{Row: "13", Color: "blue", Why: "lead_only", Relation: s.relation(Company{Owner: l.Owner}), Subject: Record{"lead", l.ID}, Company: l.Company}
}
