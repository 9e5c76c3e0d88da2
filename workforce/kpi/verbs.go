package kpi

import "callhue/journal"

// The verbs of this package.
const (
	ProfileAdded    journal.Verb = "kpi_profile.added"
	ProfileChanged  journal.Verb = "kpi_profile.changed"
	ProfileRemoved  journal.Verb = "kpi_profile.removed"
	ProfileAssigned journal.Verb = "kpi_profile.assigned"
	FactEntered     journal.Verb = "kpi.fact_entered"
	MonthCalculated journal.Verb = "kpi.calculated"
	MonthClosed     journal.Verb = "kpi.closed"
)

// Verbs returns what this package records in the journal.
func Verbs() []journal.VerbInfo {
	return []journal.VerbInfo{
		{Verb: ProfileAdded, Sentence: "A KPI profile was added."},
		{Verb: ProfileChanged, Sentence: "A KPI profile got another version."},
		{Verb: ProfileRemoved, Sentence: "A KPI profile was removed."},
		{Verb: ProfileAssigned, Sentence: "A KPI profile was assigned to a user, or unassigned."},
		{Verb: FactEntered, Sentence: "A KPI value was entered by hand."},
		{Verb: MonthCalculated, Sentence: "Scores and bonuses of a month were calculated and stored."},
		{Verb: MonthClosed, Sentence: "A month was closed: its scores and bonuses no longer change."},
	}
}
