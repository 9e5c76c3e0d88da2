package permits

import (
	"slices"

	"callhue/internal/access"
	"callhue/journal"
)

// The verbs of this package.
const (
	AskMade       journal.Verb = "ask.made"
	AskDecided    journal.Verb = "ask.decided"
	PermitGranted journal.Verb = "permit.granted"
	PermitEnded   journal.Verb = "permit.ended"
)

// Verbs returns what this package records in the journal.
func Verbs() []journal.VerbInfo {
	return []journal.VerbInfo{
		{Verb: AskMade,
			Sentence: "An agent requested a permit or an owner, or the product noticed that an owner has left.",
			Audience: mayReceive},
		{Verb: AskDecided, Sentence: "A request was granted, refused or closed.", Audience: mayReceive},
		{Verb: PermitGranted, Sentence: "An agent may work with a colleague's company for some hours.",
			Audience: mayReceive},
		{Verb: PermitEnded, Sentence: "A permit ended.", Audience: mayReceive},
	}
}

// mayReceive reports whether the listener made the request or the permit, is the agent of it, or may decide it: as head
// of the owner's department or of one above, or as an administrator.
func mayReceive(e journal.Entry, l journal.Listener) bool {
	return e.Actor == l.User.ID || e.Subject == journal.Ref{Kind: "user", ID: l.User.ID} || l.User.Has(access.Admin) ||
		slices.Contains(l.Leads, e.Team)
}
