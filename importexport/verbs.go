package importexport

import "callhue/journal"

// The verbs of this package.
const (
	ImportBegun    journal.Verb = "import.begun"
	ImportProgress journal.Verb = "import.progress"
	ImportDone     journal.Verb = "import.done"
	ImportUndone   journal.Verb = "import.undone"
)

// Verbs returns what this package records in the journal.
func Verbs() []journal.VerbInfo {
	return []journal.VerbInfo{
		{Verb: ImportBegun, Sentence: "A user began to import a file.", Audience: watchesImport},
		{Verb: ImportProgress, Sentence: "An import went on; 20 times for a file at most.", Audience: watchesImport},
		{Verb: ImportDone, Sentence: "An import ended.", Audience: watchesImport},
		{Verb: ImportUndone, Sentence: "An import was undone.", Audience: watchesImport},
	}
}

// watchesImport returns the user who imports, and administrators.
func watchesImport(e journal.Entry) journal.Audience {
	return journal.Audience{Users: []int64{e.Actor}, Admins: true}
}
