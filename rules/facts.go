package rules

import (
	"math/bits"
	"strings"
)

// Facts is a form of small questions about a scene. Each question has a few
// answers, each answer is one bit, and a filled form carries at most one
// answer to each question; a question that does not arise stays blank.
//
// The same type serves as the condition of a row: there a question may carry
// several answers, any of which will do, and a blank question is not asked.
type Facts uint64

// The answers, question by question. The comment of a group is its question.
const (
	// What is the other party's number?
	numberExternal Facts = 1 << iota
	numberInternal
	numberHidden
	numberInvalid

	// Was the lookup done?
	checkDone
	checkFailed

	// Do we know the agent?
	agentKnown
	agentUnknown

	// Does a protected company speak against this agent, and what is the agent
	// to its owner? (Step 6 of the algorithm, exemptions by link age applied.)
	claimNone
	claimForeign
	claimSupervisor
	claimAdmin

	// Why is that company protected?
	causeInWork
	causeOwnerLeft
	causeNoStatus
	causeLostStatus

	// Has its owner's side been in touch with it lately? (C-40; no is asked for
	// only where the policy lets protection fade.)
	idleNo
	idleYes

	// How does the number reach that company?
	viaDirect
	viaContact
	viaLead

	// Which companies does the number reach at all?
	companiesNone
	oneLinked     // one, only through contacts or leads
	oneDirect     // one that has the number itself
	severalLinked // several, all only through contacts or leads
	severalMixed  // several, exactly one has the number itself
	severalDirect // several, two or more have the number itself

	// Is a protected foreign company excused because the agent's own company has
	// the number longer?
	sharedNo
	sharedYes

	// Which kind of record decides when nothing is red?
	baseNothing
	baseCompany
	baseContact
	baseLead
	baseHint // no record has the number; one that ends alike is on some

	// Does the contact that decides lead to a company?
	contactLinked
	contactAlone

	// Was a lead found beside the contact?
	leadBesideNo
	leadBesideYes

	// Is everything found the agent's own: each company, and each contact of one
	// of them?
	oursNo
	oursYes

	// Does the lead that decides name a company?
	leadPlain
	leadOfCompany

	// What is the agent to the owner of the record that decides? (For a contact
	// with a company: to the company's owner.)
	standingOwn
	standingTeam
	standingDeputy
	standingPermit
	standingSupervisor
	standingAdmin
	standingForeign
	standingNone

	// Can the status of the company that decides be relied on?
	statusSet
	statusMissing
	statusUnknown

	// What does that status do to others?
	effectNone
	effectBanner
	effectYellow

	// Is the number a colleague's own phone?
	employeeNo
	employeeYes

	// Who called?
	directionOut
	directionIn
)

// Answers that rows often accept together.
const (
	standingOurs   = standingOwn | standingTeam | standingDeputy | standingPermit
	standingHelper = standingTeam | standingDeputy
	standingOthers = standingSupervisor | standingAdmin | standingForeign
)

// question is one group of answers with its words for people.
type question struct {
	name    string
	answers []answer
}

type answer struct {
	bit   Facts
	words string
}

// questions returns the form itself, in the order in which the golden file asks.
func questions() []question {
	return []question{
		{"number", []answer{{numberExternal, "external"}, {numberInternal, "internal"}, {numberHidden, "hidden"},
			{numberInvalid, "invalid"}}},
		{"check", []answer{{checkDone, "done"}, {checkFailed, "failed"}}},
		{"agent", []answer{{agentKnown, "known"}, {agentUnknown, "unknown"}}},
		{"claim", []answer{{claimNone, "none"}, {claimForeign, "foreign"}, {claimSupervisor, "supervisor"},
			{claimAdmin, "admin"}}},
		{"idle", []answer{{idleNo, "no"}, {idleYes, "yes"}}},
		{"cause", []answer{{causeInWork, "in work"}, {causeOwnerLeft, "owner left"}, {causeNoStatus, "status missing"},
			{causeLostStatus, "status unknown"}}},
		{"via", []answer{{viaDirect, "direct"}, {viaContact, "contact"}, {viaLead, "lead"}}},
		{"base", []answer{{baseNothing, "nothing"}, {baseCompany, "company"}, {baseContact, "contact"},
			{baseLead, "lead"}, {baseHint, "hint"}}},
		{"shared", []answer{{sharedNo, "no"}, {sharedYes, "yes"}}},
		{"contact", []answer{{contactLinked, "linked"}, {contactAlone, "without company"}}},
		{"companies", []answer{{companiesNone, "none"}, {oneLinked, "one linked"}, {oneDirect, "one direct"},
			{severalLinked, "several linked"}, {severalMixed, "mixed"}, {severalDirect, "several direct"}}},
		{"lead beside", []answer{{leadBesideNo, "no"}, {leadBesideYes, "yes"}}},
		{"lead", []answer{{leadPlain, "plain"}, {leadOfCompany, "of a company"}}},
		{"standing", []answer{{standingOwn, "own"}, {standingTeam, "team"}, {standingDeputy, "deputy"},
			{standingPermit, "permit"}, {standingSupervisor, "supervisor"}, {standingAdmin, "admin"},
			{standingForeign, "foreign"}, {standingNone, "no owner"}}},
		{"all ours", []answer{{oursNo, "no"}, {oursYes, "yes"}}},
		{"status", []answer{{statusSet, "set"}, {statusMissing, "missing"}, {statusUnknown, "unknown"}}},
		{"effect", []answer{{effectNone, "none"}, {effectBanner, "banner"}, {effectYellow, "yellow"}}},
		{"employee", []answer{{employeeNo, "no"}, {employeeYes, "yes"}}},
		{"direction", []answer{{directionOut, "out"}, {directionIn, "in"}}},
	}
}

// all returns every answer of a question at once.
func (q question) all() Facts {
	var f Facts
	for _, a := range q.answers {
		f |= a.bit
	}
	return f
}

// String writes the form in words: "number external, check done, ...".
// Answers that are accepted together are joined by "or".
func (f Facts) String() string {
	var parts []string
	for _, q := range questions() {
		var words []string
		for _, a := range q.answers {
			if f&a.bit != 0 {
				words = append(words, a.words)
			}
		}
		if words != nil {
			parts = append(parts, q.name+" "+strings.Join(words, " or "))
		}
	}
	return strings.Join(parts, ", ")
}

// asks counts the questions that a condition puts.
func (f Facts) asks() int {
	n := 0
	for _, q := range questions() {
		if f&q.all() != 0 {
			n++
		}
	}
	return n
}

// meets reports whether each of the asked questions of a condition is answered
// by one of the answers that it accepts. A form has at most one answer to a
// question, so counting the common bits is enough.
func (f Facts) meets(condition Facts, asked int) bool {
	return bits.OnesCount64(uint64(f&condition)) == asked
}

// has reports whether the form carries one of the given answers.
func (f Facts) has(any Facts) bool { return f&any != 0 }

// relation reads the agent's relation to the owner out of the form: of the
// company that makes it red, else of the record that decides.
func (f Facts) relation() Relation {
	switch {
	case f.has(claimForeign):
		return Foreign
	case f.has(claimSupervisor):
		return Supervisor
	case f.has(claimAdmin):
		return Admin
	case f.has(standingOwn):
		return Own
	case f.has(standingTeam):
		return Team
	case f.has(standingDeputy):
		return Deputy
	case f.has(standingPermit):
		return Permit
	case f.has(standingSupervisor):
		return Supervisor
	case f.has(standingAdmin):
		return Admin
	case f.has(standingForeign):
		return Foreign
	}
	return NoOwner
}

func (f Facts) direction() Direction {
	if f.has(directionIn) {
		return In
	}
	return Out
}
