package oracle

import (
	"cmp"
	"slices"
)

// Which record of a kind is shown: 1.5. There are no deals yet.

// gravest is the subject of a red card: the offending company with the oldest
// link. The spec is silent on a head or admin beside a true stranger's claim:
// the stranger's goes first, as only that is an incident, then the one with
// the stronger colour in the policy; a protection that has faded (C-40) behind
// every other yellow, before what is not coloured at all. And on equal dates: direct before through a
// contact before through a lead, then the lowest id, as elsewhere.
func (s *scene) gravest(claims []reached) reached {
	grade := func(k reached) int {
		colors := []string{"red", "yellow", "faded", "none"}
		switch {
		case k.idle:
			return 1 + slices.Index(colors, "faded")
		case k.relation == "supervisor":
			return 1 + slices.Index(colors, s.Policy.Supervisor)
		case k.relation == "admin":
			return 1 + slices.Index(colors, s.Policy.Admin)
		}
		return 0
	}
	return slices.MinFunc(claims, func(a, b reached) int {
		return cmp.Or(grade(a)-grade(b), a.since.Compare(b.since), a.way()-b.way(), cmp.Compare(a.ID, b.ID))
	})
}

// bestCompany: own, team (or deputy, or permit), supervised, foreign_free,
// unassigned; then direct before via contact; then the lowest id. The spec is
// silent on two things, both answered as row 12 lists companies, the strictest
// first: a foreign company whose status asks for yellow goes before one's own
// unless that is older, and of two free ones the one whose status shows nothing
// comes last. Without the first a later duplicate of the agent's own would
// change his colour.
func (s *scene) bestCompany(list []reached) reached {
	return slices.MinFunc(list, func(a, b reached) int {
		return cmp.Or(s.class(a)-s.class(b), a.way()-b.way(), last(a.showsNothing())-last(b.showsNothing()),
			cmp.Compare(a.ID, b.ID))
	})
}

func (s *scene) class(k reached) int {
	switch {
	case k.asksForYellow() && !s.excused(k):
		return 1
	case k.relation == "own":
		return 2
	case k.ours():
		return 3
	case k.foreign() && k.effect == "red": // excused: otherwise the card is red
		return 4
	case k.relation == "supervisor":
		return 5
	case k.foreign():
		return 6
	}
	return 7
}

func (k reached) asksForYellow() bool { return k.foreign() && k.effect == "yellow" }

func (k reached) showsNothing() bool {
	return k.foreign() && k.statusKnown == "yes" && k.effect == "none"
}

// way ranks how the number reaches a company, by the best of its links.
func (k reached) way() int {
	switch {
	case k.direct:
		return 1
	case k.byContact:
		return 2
	}
	return 3
}

func last(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// bestContact: one whose company is foreign and protected makes the card red and
// is not asked for here; then one with a company, whose first is its primary
// link; then the lowest id.
func (s *scene) bestContact() Contact {
	return slices.MinFunc(s.contacts, func(a, b Contact) int {
		return cmp.Or(last(len(s.companiesOf(a)) == 0)-last(len(s.companiesOf(b)) == 0), cmp.Compare(a.ID, b.ID))
	})
}

// strictest is the company that would decide among some: one that makes the card
// red, else the best.
func (s *scene) strictest(list []reached) reached {
	var claims []reached
	for _, k := range s.claims() {
		if slices.ContainsFunc(list, func(one reached) bool { return one.ID == k.ID }) {
			claims = append(claims, k)
		}
	}
	if len(claims) > 0 {
		return s.gravest(claims)
	}
	return s.bestCompany(list)
}

// bestHinted is bestContact where nothing is red because nothing is certain: one
// whose company is foreign and protected comes first, then one by its primary link.
func (s *scene) bestHinted() Contact {
	claims := s.claims()
	protected := func(t Contact) bool {
		return slices.ContainsFunc(s.companiesOf(t), func(k reached) bool {
			return slices.ContainsFunc(claims, func(c reached) bool { return c.ID == k.ID })
		})
	}
	return slices.MinFunc(s.contacts, func(a, b Contact) int {
		return cmp.Or(last(!protected(a))-last(!protected(b)),
			last(len(s.companiesOf(a)) == 0)-last(len(s.companiesOf(b)) == 0), cmp.Compare(a.ID, b.ID))
	})
}

// companiesOf are the companies of K that a contact leads to.
func (s *scene) companiesOf(t Contact) (list []reached) {
	for _, k := range s.reached {
		leads := slices.ContainsFunc(t.Companies, func(l Link) bool { return l.Company == k.ID })
		if leads && s.Policy.InheritContact {
			list = append(list, k)
		}
	}
	return list
}

// bestLead: open before finished, latest changed, latest made, highest id.
func (s *scene) bestLead() Lead {
	return slices.MinFunc(s.leads, func(a, b Lead) int {
		return cmp.Or(last(a.Stage != "open")-last(b.Stage != "open"), b.Changed.Compare(a.Changed),
			b.Created.Compare(a.Created), cmp.Compare(b.ID, a.ID))
	})
}
