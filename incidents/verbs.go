package incidents

import (
	"encoding/json"

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
		{Verb: Recorded, Sentence: "An agent talked with a client although the card was red.", Audience: namedToNotify},
		{Verb: Acknowledged, Sentence: "A head acknowledged an incident.", Audience: namedToNotify},
	}
}

// namedToNotify returns the users that the entry names for notification: the owner and the heads.
func namedToNotify(e journal.Entry) journal.Audience {
	var details struct {
		Tell []int64 `json:"tell"`
	}
	if json.Unmarshal(e.Details, &details) != nil {
		return journal.Audience{}
	}
	return journal.Audience{Users: details.Tell}
}
