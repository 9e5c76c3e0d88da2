package proposals

import (
	"encoding/json"

	"callhue/journal"
)

// The verbs of this package.
const (
	ChangeProposed  journal.Verb = "change.proposed"
	ChangeConfirmed journal.Verb = "change.confirmed"
	ChangeRefused   journal.Verb = "change.turned_down"
	ChangeWithdrawn journal.Verb = "change.withdrawn"
	ChangeExpired   journal.Verb = "change.expired"
	ChangeOutdated  journal.Verb = "change.outdated"
)

// Verbs returns what this package records in the journal.
func Verbs() []journal.VerbInfo {
	return []journal.VerbInfo{
		{Verb: ChangeProposed, Sentence: "A change that lowers protection waits for a second administrator.",
			Audience: mayReceive},
		{Verb: ChangeConfirmed, Sentence: "A change that lowers protection was confirmed and is in force.",
			Audience: mayReceive},
		{Verb: ChangeRefused, Sentence: "An administrator refused a change that lowers protection.",
			Audience: mayReceive},
		{Verb: ChangeWithdrawn, Sentence: "A user withdrew their change that lowers protection.", Audience: mayReceive},
		{Verb: ChangeExpired, Sentence: "A change that lowers protection waited too long.", Audience: mayReceive},
		{Verb: ChangeOutdated, Sentence: "What a waiting change was about was changed meanwhile.",
			Audience: mayReceive},
	}
}

// mayReceive returns the administrators and the user who proposed the change.
func mayReceive(e journal.Entry) journal.Audience {
	var details struct {
		ProposedBy struct {
			ID int64 `json:"id"`
		} `json:"proposed_by"`
	}
	if json.Unmarshal(e.Details, &details) != nil {
		return journal.Audience{Admins: true}
	}
	return journal.Audience{Admins: true, Users: []int64{details.ProposedBy.ID}}
}
