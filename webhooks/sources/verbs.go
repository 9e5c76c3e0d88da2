package sources

import "callhue/journal"

// The verbs of this package.
const (
	SourceAdded   journal.Verb = "source.added"
	SourceChanged journal.Verb = "source.changed"
	SourceRemoved journal.Verb = "source.removed"
)

// Verbs returns what this package records in the journal.
func Verbs() []journal.VerbInfo {
	return []journal.VerbInfo{
		{Verb: SourceAdded, Sentence: "A PBX or CRM was connected."},
		{Verb: SourceChanged, Sentence: "A source's settings or secret changed."},
		{Verb: SourceRemoved, Sentence: "A source was removed."},
	}
}
