package rules

import (
	"cmp"
	"slices"
)

// The order inside one kind decides which record the card shows. It is
// total: a tie ends at the id, so the order of the scene's lists means nothing.
// The newest modified open deal, which goes before the id, joins when there are
// deals.

// class ranks companies. The classes up to claimMild protest: they make the
// card red, or what the policy shows a head or an admin instead.
type class uint8

const (
	claimTheirs class = iota // foreign and protected, not excused
	claimStrict              // the same to a head or admin, if the policy shows them red
	claimWarn                // ... yellow
	claimIdle                // foreign and protected, but idle: yellow
	claimMild                // ... nothing
	warning                  // a foreign company whose status asks for yellow, not excused
	mine
	helped // by team, deputy or permit
	excused
	supervised
	free
	ownerless
)

// way ranks the ways from a number to a company.
type way uint8

const (
	wayDirect  way = iota // it has the number itself
	wayContact            // through a contact
	wayLead               // through a lead
)

// company is a company that counts, on the scales.
type company struct {
	id       int64
	since    int64 // of its oldest link
	class    class
	via      way   // the strongest that leads to it
	mild     uint8 // 1 if its status shows others nothing at all
	relation Relation
	scene    *Company
}

func (c *company) claims() bool { return c.class <= claimMild }

func (c *company) ours() bool {
	switch c.relation {
	case Own, Team, Deputy, Permit:
		return true
	}
	return false
}

// compareCompanies: by class; among those that make the card red the oldest
// link; direct before contact before lead; the status that shows more; the
// lowest id.
func compareCompanies(a, b company) int {
	if c := cmp.Compare(a.class, b.class); c != 0 {
		return c
	}
	if a.claims() {
		if c := cmp.Compare(a.since, b.since); c != 0 {
			return c
		}
	}
	if c := cmp.Compare(a.via, b.via); c != 0 {
		return c
	}
	if c := cmp.Compare(a.mild, b.mild); c != 0 {
		return c
	}
	return cmp.Compare(a.id, b.id)
}

// contact is a contact on the scales.
type contact struct {
	id       int64
	claims   bool
	link     uint8 // 0 a primary link to a company that counts, 1 another link, 2 none
	best     int   // index of its best company, -1 if none
	relation Relation
}

// compareContacts: one whose company makes the card red; the primary link; the
// lowest id.
func compareContacts(a, b contact) int {
	if a.claims != b.claims {
		if a.claims {
			return -1
		}
		return 1
	}
	if c := cmp.Compare(a.link, b.link); c != 0 {
		return c
	}
	return cmp.Compare(a.id, b.id)
}

// compareLeads: open before finished; latest changed; latest created; highest id.
func compareLeads(a, b *Lead) int {
	if a.Finished != b.Finished {
		if b.Finished {
			return -1
		}
		return 1
	}
	if c := cmp.Compare(b.Changed, a.Changed); c != 0 {
		return c
	}
	if c := cmp.Compare(b.Created, a.Created); c != 0 {
		return c
	}
	return cmp.Compare(b.ID, a.ID)
}

// defaultPriority is the order of kinds where a policy names none.
var defaultPriority = [...]Kind{KindContact, KindCompany, KindLead}

// kinds returns all three kinds, those that the policy names first.
func kinds(policy *Policy) [3]Kind {
	var order [3]Kind
	n := 0
	add := func(k Kind) {
		if n < len(order) && slices.Contains(defaultPriority[:], k) && !slices.Contains(order[:n], k) {
			order[n] = k
			n++
		}
	}
	for _, k := range policy.Priority {
		add(k)
	}
	for _, k := range defaultPriority {
		add(k)
	}
	return order
}
