package calls

import "callhue/journal"

// The verbs of this package.
const (
	CallStarted   journal.Verb = "call.started"
	CallAnswered  journal.Verb = "call.answered"
	CallEnded     journal.Verb = "call.ended"
	CallJoined    journal.Verb = "call.joined"
	CallNoted     journal.Verb = "call.noted"
	CardShown     journal.Verb = "card.shown"
	CardChanged   journal.Verb = "card.changed"
	CardClosed    journal.Verb = "card.closed"
	CardDismissed journal.Verb = "card.put_away"
)

// Verbs returns what this package records in the journal.
func Verbs() []journal.VerbInfo {
	return []journal.VerbInfo{
		{Verb: CallStarted, Sentence: "A call began."},
		{Verb: CallAnswered, Sentence: "A call was answered."},
		{Verb: CallEnded, Sentence: "A call ended."},
		{Verb: CallJoined, Sentence: "A second source reported a call."},
		{Verb: CallNoted, Sentence: "An agent wrote a note about a call."},
		{Verb: CardShown, Sentence: "A card appeared before an agent.", Event: "card", Audience: seesCard},
		{Verb: CardChanged, Sentence: "A card that an agent sees changed.", Event: "card", Audience: seesCard},
		{Verb: CardClosed, Sentence: "A card was closed.", Event: "card", Audience: seesCard},
		{Verb: CardDismissed, Sentence: "An agent dismissed a card before the call ended."},
	}
}

// seesCard returns the agent of the card, and those who follow their whole department.
func seesCard(e journal.Entry) journal.Audience {
	return journal.Audience{Users: []int64{e.Actor}, Follows: e.Team, ByDepartment: true}
}
