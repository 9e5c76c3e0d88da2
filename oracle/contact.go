package oracle

// contactRows: a contact decides, and the card is yellow. t is the best contact,
// k the best of its companies.
func (s *scene) contactRows() Answer {
	t := s.bestContact()
	companies := s.companiesOf(t)
	if s.shared() {
		a := s.contactShared()
		if len(companies) > 0 {
			a.Company = s.bestCompany(companies).ID
		}
		a.Subject, a.Relation = Record{"contact", t.ID}, s.toOurs()
		return a
	}
	if len(companies) == 0 {
		a := s.contactAlone()
		a.Subject, a.Relation = Record{"contact", t.ID}, s.relation(Company{Owner: t.Owner})
		return a
	}
	k := s.bestCompany(companies)
	a := s.contactOfCompany(k)
	a.Subject, a.Company, a.Relation = Record{"contact", t.ID}, k.ID, k.relation
	return a
}

// contactShared is the "otherwise yellow" of rows 12 and 16 and the banner of
// row 17.
func (s *scene) contactShared() Answer {
	a := Answer{Row: "17", Color: "yellow", Why: "shared_number", Banner: true}
	switch len(s.direct) {
	case 0:
		a.Row = "12"
	case 1:
		a.Row = "16"
	}
	return a
}

// contactAlone is rows 11 and 14, and the contact "of none" of row 15a.
func (s *scene) contactAlone() Answer {
	switch {
	case len(s.reached) == 0 && len(s.leads) > 0:
		return Answer{Row: "14", Color: "yellow", Why: "contact_over_lead"}
	case len(s.direct) > 0:
		return Answer{Row: "15a", Color: "yellow", Why: "contact_no_company"}
	}
	return Answer{Row: "11", Color: "yellow", Why: "contact_no_company"}
}

// contactOfCompany is rows 9, 10, 12, 15a, 16 and 23. The spec is silent on the
// reason of a contact whose company has no owner: contact_unassigned; and on
// which code a helper has among several companies: row 12's.
func (s *scene) contactOfCompany(k reached) Answer {
	a := Answer{Color: "yellow", Why: "contact_foreign_free"}
	switch {
	case k.ours():
		a.Why = "contact_own_company"
	case k.relation == "none":
		a.Why = "contact_unassigned"
	}
	several := len(s.reached) > 1
	switch {
	case several && len(s.direct) == 0:
		a.Row, a.Why = "12", a.Why+"_multi"
	case k.ours() && k.relation != "own":
		a.Row, a.Why = "23", k.relation
	case several:
		a.Row = "16"
	case len(s.direct) > 0:
		a.Row = "15a"
	case k.ours():
		a.Row = "9"
	default:
		a.Row = "10"
	}
	if k.ours() && s.nobodyElse() {
		a.Color = s.Policy.OwnContact
	}
	return a
}

// nobodyElse widens the knob of row 9. The spec gives it to that row alone, but
// a further company of the agent's own must not change his colour: it holds
// wherever each company is his and each contact leads to one of them.
func (s *scene) nobodyElse() bool {
	for _, k := range s.reached {
		if !k.ours() {
			return false
		}
	}
	for _, t := range s.contacts {
		if len(s.companiesOf(t)) == 0 {
			return false
		}
	}
	return true
}
