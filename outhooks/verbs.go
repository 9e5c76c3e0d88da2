package outhooks

import "callhue/journal"

// The verbs of this package.
const (
	HookOutAdded   journal.Verb = "hook_out.added"
	HookOutChanged journal.Verb = "hook_out.changed"
	HookOutRemoved journal.Verb = "hook_out.removed"
	HookOutTested  journal.Verb = "hook_out.tested"
)

// Verbs returns what this package records in the journal.
func Verbs() []journal.VerbInfo {
	return []journal.VerbInfo{
		{Verb: HookOutAdded, Sentence: "A webhook subscription was added."},
		{Verb: HookOutChanged, Sentence: "A webhook subscription's address, verbs, secret or activity changed."},
		{Verb: HookOutRemoved, Sentence: "A webhook subscription was removed."},
		{Verb: HookOutTested, Sentence: "A test delivery was sent to a webhook subscription."},
	}
}
