package incidents

import (
	"encoding/json"
	"slices"

	"callhue/journal"
)

// The verbs of this package.
const (
	Recorded     journal.Verb = "incident.recorded"
	Acknowledged journal.Verb = "incident.acknowledged"
)

// Verbs returns what this package records in the journal.
func Verbs() []journal.VerbInfo {
	return []journal.VerbInfo{
		{Verb: Recorded, Sentence: "An agent talked with a client although the card was red.", Audience: isNotified},
		{Verb: Acknowledged, Sentence: "A head acknowledged an incident.", Audience: isNotified},
	}
}

// isNotified reports whether the entry names the listener among the users to notify: the owner and the heads.
func isNotified(e journal.Entry, l journal.Listener) bool {
	var details struct {
		Tell []int64 `json:"tell"`
	}
	return json.Unmarshal(e.Details, &details) == nil && slices.Contains(details.Tell, l.User.ID)
}
