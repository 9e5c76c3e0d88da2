package sources

import "callhue/journal"

// The verbs of this package.
const (
	SourceAdded   journal.Verb = "source.added"
	SourceChanged journal.Verb = "source.changed"
	SourceRemoved journal.Verb = "source.removed"
	// ClientsChanged is recorded when a lookup source reports that clients changed there; their numbers are not a part
	// of it.
	ClientsChanged journal.Verb = "source.clients_changed"
)

// Verbs returns what this package records in the journal.
func Verbs() []journal.VerbInfo {
	return []journal.VerbInfo{
		{Verb: SourceAdded, Sentence: "A PBX or CRM was connected.", Recolors: true},
		{Verb: SourceChanged, Sentence: "A source's settings or secret changed.", Recolors: true},
		{Verb: SourceRemoved, Sentence: "A source was removed.", Recolors: true},
		{Verb: ClientsChanged, Sentence: "A system that is asked for numbers reported that clients changed there.",
			Recolors: true},
	}
}
