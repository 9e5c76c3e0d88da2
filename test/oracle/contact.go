package oracle

// The rows in which a contact decides: the card is yellow.

// contactRows asks them. Its card shows the best contact and, beside it, the best
// of its companies; alone is a contact that leads to none.
func (s *scene) contactRows() Answer {
	t := s.bestContact()
	companies := s.companiesOf(t)
	alone := len(companies) == 0
	k := reached{relation: s.relation(Company{Owner: t.Owner})}
	if !alone {
		k = s.bestCompany(companies)
	}
	rows := []func(reached) (Answer, bool){s.row12, s.row23Contact, s.row16, s.row15a, s.row9, s.row10}
	switch {
	case s.shared():
		rows = []func(reached) (Answer, bool){s.row12Shared, s.row16Shared, s.row17SharedContact}
	case alone:
		rows = []func(reached) (Answer, bool){s.row14, s.row15aAlone, s.row11}
	}
	for _, row := range rows {
		if a, fits := row(k); fits {
			a.Subject, a.Company, a.Relation = Record{"contact", t.ID}, k.ID, k.relation
			if s.shared() {
				a.Relation = s.toOurs()
			}
			return a
		}
	}
	panic("oracle: a contact decides, and no row says how")
}

// The shared number: the "otherwise yellow" of rows 12 and 16, with the banner of
// row 17.

func (s *scene) row12Shared(reached) (Answer, bool) {
	return Answer{Row: "12", Color: "yellow", Why: "shared_number", Banner: true}, len(s.direct) == 0
}

func (s *scene) row16Shared(reached) (Answer, bool) {
	return Answer{Row: "16", Color: "yellow", Why: "shared_number", Banner: true}, len(s.direct) == 1
}

func (s *scene) row17SharedContact(reached) (Answer, bool) {
	return Answer{Row: "17", Color: "yellow", Why: "shared_number", Banner: true}, len(s.direct) > 1
}

// A contact alone.

func (s *scene) row14(reached) (Answer, bool) {
	return Answer{Row: "14", Color: "yellow", Why: "contact_over_lead"}, len(s.reached) == 0 && len(s.leads) > 0
}

// row15aAlone is the contact "of none" beside a company.
func (s *scene) row15aAlone(reached) (Answer, bool) {
	return Answer{Row: "15a", Color: "yellow", Why: "contact_no_company"}, len(s.direct) > 0
}

func (s *scene) row11(reached) (Answer, bool) {
	return Answer{Row: "11", Color: "yellow", Why: "contact_no_company"}, true
}

// A contact of a company.

// row12: The spec is silent on which code a helper has here: the row's own.
func (s *scene) row12(k reached) (Answer, bool) {
	return Answer{Row: "12", Color: s.contactColor(k), Why: k.contactWhy() + "_multi"},
		s.several() && len(s.direct) == 0
}

func (s *scene) row23Contact(k reached) (Answer, bool) {
	return Answer{Row: "23", Color: s.contactColor(k), Why: k.relation}, k.ours() && k.relation != "own"
}

func (s *scene) row16(k reached) (Answer, bool) {
	return Answer{Row: "16", Color: s.contactColor(k), Why: k.contactWhy()}, s.several()
}

func (s *scene) row15a(k reached) (Answer, bool) {
	return Answer{Row: "15a", Color: s.contactColor(k), Why: k.contactWhy()}, len(s.direct) > 0
}

func (s *scene) row9(k reached) (Answer, bool) {
	return Answer{Row: "9", Color: s.contactColor(k), Why: k.contactWhy()}, k.relation == "own"
}

func (s *scene) row10(k reached) (Answer, bool) {
	return Answer{Row: "10", Color: "yellow", Why: k.contactWhy()}, true
}

// several reports that the number reaches more than one company.
func (s *scene) several() bool { return len(s.reached) > 1 }

// contactWhy: The spec is silent on a contact whose company has no owner.
func (k reached) contactWhy() string {
	switch {
	case k.ours():
		return "contact_own_company"
	case k.relation == "none":
		return "contact_unassigned"
	}
	return "contact_foreign_free"
}

// contactColor widens the setting of row 9. The spec has it for that row alone, but a further company of the agent's own
// must not change the colour: it holds if the agent owns each company and each contact leads to one of them.
func (s *scene) contactColor(k reached) string {
	if !k.ours() {
		return "yellow"
	}
	for _, other := range s.reached {
		if !other.ours() {
			return "yellow"
		}
	}
	for _, t := range s.contacts {
		if len(s.companiesOf(t)) == 0 {
			return "yellow"
		}
	}
	return s.Policy.OwnContact
}
