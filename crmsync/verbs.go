package crmsync

import "callhue/journal"

// The verbs of this package.
const (
	SyncMapped      journal.Verb = "sync.mapped"
	SyncImported    journal.Verb = "sync.imported"
	ConflictDecided journal.Verb = "sync.settled"
	SystemChanged   journal.Verb = "external_system.changed"
)

// Verbs returns what this package records in the journal.
func Verbs() []journal.VerbInfo {
	return []journal.VerbInfo{
		{Verb: SyncMapped, Sentence: "The mapping of a connected CRM changed."},
		{Verb: SyncImported, Sentence: "A full sync with a connected CRM finished."},
		{Verb: ConflictDecided, Sentence: "A conflict between a connected CRM and our records was decided."},
		{Verb: SystemChanged, Sentence: "The settings of a system that writes its records here changed."},
	}
}
