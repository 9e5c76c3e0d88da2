package policy

import "callhue/journal"

// PolicyChanged is the verb of this package.
const PolicyChanged journal.Verb = "policy.changed"

// Verbs returns what this package records in the journal.
func Verbs() []journal.VerbInfo {
	return []journal.VerbInfo{
		{Verb: PolicyChanged, Common: true, Sentence: "The policy of the rules got a new version."},
	}
}
