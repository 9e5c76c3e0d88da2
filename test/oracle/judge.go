package oracle

import (
	"slices"
)

// Judge answers a question by the rows of the decision table, in the order of
// their precedence: 1-2, 28, the red rows, the row of the first matching kind in
// the policy's priority, 26, 3.
func Judge(w World, q Question) Answer {
	s := look(w, q)
	for _, row := range []func() (Answer, bool){s.row1, s.row2, s.row2a, s.row28, s.row27} {
		if a, fits := row(); fits {
			a.DoNotCall = s.row29()
			s.enforce(&a)
			return a
		}
	}
	a := s.decide()
	a.Matches, a.DoNotCall = s.matches(), s.row29()
	s.enforce(&a)
	return a
}

// enforce is the mode of 1.10 (and C-42), where a conversation would be an incident. A reason that is given later is
// not part of the question. Only block and the do-not-call list stop what the program dials; and permit, as C-19 has a
// permit precede the call. No mode stops a telephone.
func (s *scene) enforce(a *Answer) {
	if a.Incident {
		a.Wanted = s.Policy.Enforcement
		a.Met = a.Wanted == "warn"
	}
	switch {
	case a.DoNotCall == "block":
		a.Dial = "number_blocked"
	case a.Wanted == "permit":
		a.Dial = "permit_needed"
	case a.Wanted == "block":
		a.Dial = "red_blocked"
	}
}

func (s *scene) decide() Answer {
	if s.guesses() {
		return s.row3a()
	}
	if a, red := s.red(); red {
		return a
	}
	// The spec is silent on a priority that does not name every kind: the others
	// follow as by default, so that no match is lost.
	for _, kind := range slices.Concat(s.Policy.Priority, []string{"contact", "company", "lead"}) {
		switch {
		case kind == "contact" && len(s.contacts) > 0:
			return s.contactRows()
		case kind == "company" && len(s.direct) > 0:
			return s.companyRows()
		case kind == "lead" && len(s.leads) > 0:
			return s.leadRows()
		}
	}
	if a, fits := s.row26(); fits {
		return a
	}
	return s.row3()
}

// red is step 6: it overrides whatever the priority would say. The order of its
// rows: 5x is not red any more and goes before all of them, 21 and 22 say "any red
// row" and so follow. The spec is silent on the others where several fit; why the
// company is protected goes before how many there are, as that is what a head must
// mend first.
func (s *scene) red() (Answer, bool) {
	claims := s.claims()
	if len(claims) == 0 {
		return Answer{}, false
	}
	k := s.gravest(claims)
	for _, row := range []func(reached) (Answer, bool){
		s.row5x,
		s.row21, s.row22, s.row25, s.row19Protected, s.row20Protected, s.row18Red, s.row17Red, s.row16Red, s.row12Red,
		s.row8, s.row5,
	} {
		if a, fits := row(k); fits {
			a.Subject, a.Company, a.Relation = Record{"company", k.ID}, k.ID, k.relation
			return s.soften(a), true
		}
	}
	panic("oracle: a company makes the card red, and no row says why")
}

// soften is the policy's word on incoming calls, and the incident. The spec is
// silent on what is left of a red that the policy takes away: a banner, so that
// the card does not look free.
func (s *scene) soften(a Answer) Answer {
	if a.Color == "red" && s.Incoming {
		a.Color = s.Policy.Incoming
	}
	a.Banner = a.Color != "red" // of 5x too
	a.Incident = a.Color == "red" && a.Relation == "foreign" && !s.Incoming
	return a
}

// claims are the companies of K that are foreign and protected, and that nothing
// excuses. A supervised one is among them: to its owner's head red stays (21).
func (s *scene) claims() (list []reached) {
	for _, k := range s.reached {
		if k.foreign() && k.effect == "red" && !s.excused(k) {
			list = append(list, k)
		}
	}
	return list
}

// excused is the shared-number rule: the agent has a company whose link is older
// than the foreign one's. Of two links of one day neither is older.
func (s *scene) excused(theirs reached) bool {
	return slices.ContainsFunc(s.reached, func(mine reached) bool {
		switch {
		case !mine.ours() || s.Policy.Shared == "strictest":
			return false
		case s.Policy.Shared == "own_first":
			return true
		}
		return mine.since.Before(theirs.since)
	})
}

// shared reports that someone protected is excused: row 17's banner is due.
func (s *scene) shared() bool {
	return slices.ContainsFunc(s.reached, func(k reached) bool {
		return k.foreign() && k.effect == "red" && s.excused(k)
	})
}

// matches is every record found, in no particular order.
func (s *scene) matches() (found []Record) {
	for _, k := range s.reached {
		found = append(found, Record{"company", k.ID})
	}
	for _, t := range s.contacts {
		found = append(found, Record{"contact", t.ID})
	}
	for _, l := range s.leads {
		found = append(found, Record{"lead", l.ID})
	}
	return found
}
