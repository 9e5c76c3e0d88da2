package rules

import "strings"

// DoNotCallMode says what the do-not-call list means for a call. It lies over the
// card, whatever colour that has: the number's owner does not want to be called,
// and that is as true of one's own client as of a foreign one (row 29).
type DoNotCallMode string

// What the list means. The policy knows the first two; on a verdict the empty
// one reports that the number is not on the list.
const (
	DoNotCallWarn  DoNotCallMode = "warn"  // the agent is told, and decides
	DoNotCallBlock DoNotCallMode = "block" // the agent must not go on with an outgoing call
)

// overlay is row 29. It is no line of the table, because it asks nothing of what
// the colour depends on, and the colour asks nothing of it. A client who calls
// by himself may be talked to: nothing of an incoming call is blocked.
func overlay(scene *Scene, facts Facts, policy *Policy) DoNotCallMode {
	switch {
	case !scene.DoNotCall || !facts.has(numberExternal):
		return ""
	case policy.DoNotCall == DoNotCallBlock && scene.Direction != In:
		return DoNotCallBlock
	}
	return DoNotCallWarn
}

// DoNotCallWords says the overlay of a verdict in the agent's language (as Words
// does): since when, as a date, and why the number is on the list; either may be
// empty. They are empty when the number is not on the list.
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

// sayOfList is what is said of the do-not-call list.
type sayOfList struct{ warn, block, in string }
