package rules

import "strings"

// DoNotCallMode is what the do-not-call list means for a call. It is shown
// over the card of any colour: the person does not want to be called,
// neither by the owner nor by others (row 29).
type DoNotCallMode string

// What the list means. The policy knows the first two; on a verdict the empty
// one reports that the number is not on the list.
const (
	DoNotCallWarn  DoNotCallMode = "warn"  // the agent is warned, and decides
	DoNotCallBlock DoNotCallMode = "block" // the agent must not go on with an outgoing call
)

// overlay is row 29. It is no line of the table, because it asks nothing of what
// the colour depends on, and the colour asks nothing of it. A client who calls
// may be talked to: nothing of an incoming call is blocked.
func overlay(scene *Scene, facts Facts, policy *Policy) DoNotCallMode {
	switch {
	case !scene.DoNotCall || !facts.has(numberExternal):
		return ""
	case policy.DoNotCall == DoNotCallBlock && scene.Direction != In:
		return DoNotCallBlock
	}
	return DoNotCallWarn
}

// DoNotCallWords returns the overlay of a verdict in the agent's language (like Words). since is the date since when the
// number is on the list, reason why; either may be empty. The result is "" for a number that is not on the list.
func DoNotCallWords(v Verdict, lang, since, reason string) string {
	if v.DoNotCall == "" {
		return ""
	}
	say := englishDoNotCall
	if isRussian(lang) {
		say = russianDoNotCall
	}
	template := say.warn
	switch {
	case v.Direction == In:
		template = say.in
	case v.DoNotCall == DoNotCallBlock:
		template = say.block
	}
	return fill(template, &Names{Since: since, Reason: strings.TrimRight(reason, " .")})
}

// sayOfList is the text about the do-not-call list.
type sayOfList struct{ warn, block, in string }
