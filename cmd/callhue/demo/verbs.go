package demo

import "callhue/journal"

// The verbs of this package.
const (
	DemoBegun  journal.Verb = "demo.begun"
	DemoLoaded journal.Verb = "demo.loaded"
)

// Verbs returns what this package records in the journal.
func Verbs() []journal.VerbInfo {
	return []journal.VerbInfo{
		{Verb: DemoBegun, Sentence: "Loading of the demo data began."},
		{Verb: DemoLoaded, Sentence: "The demo data were loaded."},
	}
}
