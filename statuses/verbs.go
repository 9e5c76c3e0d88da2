package statuses

import "callhue/journal"

// The verbs of this package.
const (
	StatusAdded   journal.Verb = "status.added"
	StatusChanged journal.Verb = "status.changed"
	StatusRemoved journal.Verb = "status.removed"
)

// Verbs returns what this package records in the journal.
func Verbs() []journal.VerbInfo {
	return []journal.VerbInfo{
		{Verb: StatusAdded, Common: true, Sentence: "An entry of the status directory was added."},
		{Verb: StatusChanged, Common: true, Sentence: "An entry of the status directory changed.", Recolors: true},
		{Verb: StatusRemoved, Common: true, Sentence: "An entry of the status directory was removed."},
	}
}
