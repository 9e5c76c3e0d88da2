package crm

import "callhue/journal"

// The verbs of this package.
const (
	RecordAdded      journal.Verb = "record.added"
	RecordChanged    journal.Verb = "record.changed"
	RecordRemoved    journal.Verb = "record.removed"
	RecordErased     journal.Verb = "record.erased"
	RecordMerged     journal.Verb = "record.merged"
	MergeUndone      journal.Verb = "merge.undone"
	OwnerChanged     journal.Verb = "owner.changed"
	CompanyStatus    journal.Verb = "company.status"
	CompanyTouched   journal.Verb = "company.touched"
	CompanyIdle      journal.Verb = "company.idle"
	LeadConverted    journal.Verb = "lead.converted"
	NumbersChanged   journal.Verb = "numbers.changed"
	DoNotCallAdded   journal.Verb = "dnc.added"
	DoNotCallRemoved journal.Verb = "dnc.removed"

	DuplicatesDismissed journal.Verb = "duplicates.dismissed"
	DuplicatesRestored  journal.Verb = "duplicates.restored"
)

// Verbs returns what this package records in the journal.
func Verbs() []journal.VerbInfo {
	return []journal.VerbInfo{
		{Verb: RecordAdded, Sentence: "A lead, contact or company was added.", Recolors: true},
		{Verb: RecordChanged, Sentence: "A lead, contact or company changed.", Recolors: true},
		{Verb: RecordRemoved, Sentence: "A lead, contact or company was removed.", Recolors: true},
		{Verb: RecordErased, Sentence: "Everything personal was erased from a lead or contact, as the person asked.",
			Recolors: true},
		{Verb: RecordMerged, Sentence: "A contact or company was merged into another one.", Recolors: true},
		{Verb: MergeUndone, Sentence: "A merge was undone: a contact or company is there again.", Recolors: true},
		{Verb: OwnerChanged, Sentence: "A lead, contact or company got another owner.", Recolors: true},
		{Verb: CompanyStatus, Sentence: "A company's status changed.", Recolors: true},
		{Verb: CompanyTouched, Sentence: "The owner's side of a company was in touch with it.", Recolors: true},
		{Verb: CompanyIdle, Sentence: "The protection of a company fades soon, because its owner was not in touch.",
			Audience: namedInWarning},
		{Verb: LeadConverted, Sentence: "A lead was converted.", Recolors: true},
		{Verb: NumbersChanged, Sentence: "Numbers were added to a record or removed from it.", Recolors: true},
		{Verb: DoNotCallAdded, Common: true, Sentence: "A number was put on the do-not-call list.", Recolors: true},
		{Verb: DoNotCallRemoved, Common: true, Sentence: "A number was removed from the do-not-call list.",
			Recolors: true},
		{Verb: DuplicatesDismissed, Sentence: "Records were marked as no duplicates of each other."},
		{Verb: DuplicatesRestored, Sentence: "Records may be proposed as duplicates of each other again."},
	}
}
