package journal

import (
	"slices"

	"callhue/internal/access"
)

// Audience is a set of users: who gets an entry live. It is data instead of a predicate, for the live stream finds its
// members by index. An entry that concerns one agent costs the streams of others nothing.
//
// The zero Audience has no members.
type Audience struct {
	Everyone bool    // every user
	Users    []int64 // these users; 0 is no one
	Admins   bool    // every administrator
	Heads    int64   // the heads of a department and of those above it; 0 for none
	AllHeads bool    // all who head a department, and streams for whole departments
	Follows  int64   // streams for whole departments that cover this one; 0 is covered for administrators alone

	// ByDepartment is set when Follows counts.
	ByDepartment bool
}

// Includes reports whether a listener is a member.
func (a Audience) Includes(l Listener) bool {
	switch {
	case a.Everyone:
		return true
	case l.User.ID != 0 && slices.Contains(a.Users, l.User.ID):
		return true
	case a.Admins && l.User.Has(access.Admin):
		return true
	case a.Heads != 0 && slices.Contains(l.Leads, a.Heads):
		return true
	case a.AllHeads && (l.WithTeam || len(l.Leads) > 0):
		return true
	}
	return a.ByDepartment && l.Covers(a.Follows)
}
