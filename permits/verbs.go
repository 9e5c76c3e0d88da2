package permits

import "callhue/journal"

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

// mayReceive returns who made the request or the permit, the agent of it, and those who may decide it: the heads of the
// owner's department and of those above, and administrators.
func mayReceive(e journal.Entry) journal.Audience {
	to := journal.Audience{Users: []int64{e.Actor}, Admins: true, Heads: e.Team}
	if e.Subject.Kind == "user" {
		to.Users = append(to.Users, e.Subject.ID)
	}
	return to
}
