package oracle

import (
	"cmp"
	"slices"
	"time"
)

// Judge answers a question by the rows of the decision table, in the order of
// their precedence: 1-2, 28, the red rows, the row of the first matching kind in
// the policy's priority, 26, 3.
func Judge(w World, q Question) Answer {
	s := look(w, q)
	answer := s.decide()
	answer.Matches = s.matches()
	answer.DoNotCall = s.barred()
	return answer
}

func (s *scene) decide() Answer {
	for _, row := range []func() (Answer, bool){s.row1, s.row2, s.row3Invalid, s.row28, s.red} {
		if a, fits := row(); fits {
			return a
		}
	}
	for _, kind := range s.Policy.Priority {
		switch {
		case kind == "contact" && len(s.contacts) > 0:
			return s.contactRow()
		case kind == "company" && len(s.direct) > 0:
			return s.companyRow()
		case kind == "lead" && len(s.leads) > 0:
			return s.leadRow()
		}
	}
	if a, fits := s.row26(); fits {
		return a
	}
	return s.row3()
}

// red is step 6: it overrides whatever the priority would say if a company of K
// is foreign and protected, unless the agent helps one whose link is older.
func (s *scene) red() (Answer, bool) {
	offending := s.offending()
	if len(offending) == 0 || s.excused(offending) {
		return Answer{}, false
	}
	k := worst(offending)
	for _, row := range []func(reached) (Answer, bool){s.row21, s.row22, s.row25, s.row17, s.row16, s.row12, s.row8, s.row18, s.row19, s.row20, s.row5} {
		if a, fits := row(k); fits {
			a.Subject, a.Company = Record{"company", k.ID}, k.ID
			return a, true
		}
	}
	panic("a red company that no row knows")
}

// offending are the companies of K that are foreign and protected. A supervised
// one is among them: for its owner's head red stays (row 21).
func (s *scene) offending() (list []reached) {
	for _, k := range s.reached {
		if k.Owner != 0 && !k.helped() && k.effect == "red" {
			list = append(list, k)
		}
	}
	return list
}

// excused is the shared-number rule.
func (s *scene) excused(offending []reached) bool {
	return slices.ContainsFunc(s.reached, func(mine reached) bool {
		if !mine.helped() {
			return false
		}
		switch s.Policy.SharedNumber {
		case "strictest":
			return false
		case "own_first":
			return true
		}
		return !slices.ContainsFunc(offending, func(theirs reached) bool { return !mine.since.Before(theirs.since) })
	})
}

// worst is the subject of a red card: the offending company with the oldest
// link. One that is foreign offends more than one that is supervised.
func worst(offending []reached) reached {
	return slices.MinFunc(offending, func(a, b reached) int {
		return cmp.Or(grade(a)-grade(b), a.since.Compare(b.since), cmp.Compare(a.ID, b.ID))
	})
}

func grade(k reached) int { return slices.Index([]string{"foreign", "admin", "supervisor"}, k.relation) }

// matches is every record found.
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

// bestCompany ranks companies by 1.5.
func bestCompany(list []reached) reached {
	return slices.MinFunc(list, func(a, b reached) int {
		return cmp.Or(class(a)-class(b), first(a.direct)-first(b.direct), cmp.Compare(a.ID, b.ID))
	})
}

func class(k reached) int {
	if k.Owner != 0 && !k.helped() && k.effect == "red" {
		return 0
	}
	return 1 + slices.Index([]string{"own", "team", "deputy", "permit", "supervisor", "admin", "foreign", "unassigned"}, k.relation)
}

func first(yes bool) int {
	if yes {
		return 0
	}
	return 1
}

// bestContact ranks contacts by 1.5.
func (s *scene) bestContact() Contact {
	return slices.MinFunc(s.contacts, func(a, b Contact) int {
		return cmp.Or(s.contactClass(a)-s.contactClass(b), first(len(a.Companies) > 0)-first(len(b.Companies) > 0), cmp.Compare(a.ID, b.ID))
	})
}

func (s *scene) contactClass(t Contact) int {
	for _, k := range s.companiesOf(t) {
		if class(k) == 0 {
			return 0
		}
	}
	return 1
}

func (s *scene) companiesOf(t Contact) (list []reached) {
	for _, k := range s.reached {
		if slices.ContainsFunc(t.Companies, func(l Link) bool { return l.Company == k.ID }) {
			list = append(list, k)
		}
	}
	return list
}

// bestLead ranks leads by 1.5: open before finished, latest changed, latest
// made, highest id.
func (s *scene) bestLead() Lead {
	return slices.MinFunc(s.leads, func(a, b Lead) int {
		return cmp.Or(first(a.Stage == "open")-first(b.Stage == "open"), newer(a.Changed, b.Changed), newer(a.Created, b.Created), cmp.Compare(b.ID, a.ID))
	})
}

func newer(a, b time.Time) int { return b.Compare(a) }
