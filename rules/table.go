package rules

// Row is one line of the decision table: the first whose condition fits decides. A row of the specification may need
// several lines; they share its name.
type Row struct {
	Name    string
	Says    string // the condition and its reason, for people
	When    Facts
	Color   Color
	Why     Why
	Banner  bool
	Actions []Action
	Knob    Setting // the policy's knob that may repaint the line
	asked   int     // how many questions When puts
}

// Setting names the colour of the policy that a line takes instead of its own.
type Setting uint8

// The knobs.
const (
	KnobNone       Setting = iota // the line's own colour
	KnobOwnContact                // Policy.OwnContact
	KnobSupervisor                // Policy.Supervisor
	KnobAdmin                     // Policy.Admin
)

// Sets of buttons, see the Action constants.
var (
	openOnly   = []Action{ActionOpen}
	passOn     = []Action{ActionPassToOwner, ActionAskPermit, ActionOpen}
	ownerGone  = []Action{ActionAskHead, ActionAskPermit, ActionOpen}
	ownerIdle  = []Action{ActionAskHead, ActionPassToOwner, ActionAskPermit, ActionOpen}
	askHead    = []Action{ActionAskHead, ActionOpen}
	hint       = []Action{ActionOpen, ActionCreateLead, ActionCreateContact}
	createBoth = []Action{ActionCreateLead, ActionCreateContact}
)

// table is the decision table. Its order is the precedence: what cannot be
// looked up, what was not looked up, red, the row of the kind that decides,
// nothing found. It is never written after the start.
//
// Not lines of their own: 15 (a lead beside a company changes nothing: rows 4-7)
// and 24 (a colleague of the same department is foreign: row 5 and its like).
// Nor 29, the do-not-call list: it lies over any of them (overlay).
var table = prepare([]Row{
	// What cannot be looked up.
	{Name: "1", Says: "A colleague's extension: not a client, nothing is looked up.",
		When: numberInternal, Color: None, Why: WhyInternal},
	{Name: "2", Says: "The number is withheld: nobody to look up, and no lead is made of it.",
		When: numberHidden, Color: None, Why: WhyHidden},
	{Name: "2a", Says: "Nothing that can be read as a number. The banner says that nothing was checked, so that the card does not pass for free.",
		When: numberInvalid, Color: None, Why: WhyInvalid, Banner: true},

	// What was not looked up. A failure goes before an unknown agent: the agent may be unknown because of it.
	{Name: "28", Says: "The check failed or took too long. Grey: not checked, never free.",
		When: checkFailed, Color: Grey, Why: WhyCheckFailed},
	{Name: "27", Says: "The PBX named nobody we know: there is no one to show a card to.",
		When: agentUnknown, Color: None, Why: WhyAgentUnknown},

	// Protected, but the protection has faded: whatever the agent is to the owner.
	{Name: "5x",
		Says: "In work, but neither its owner nor who helps them was in touch for as long as the policy allows: " +
			"yellow, never free, and no incident. The owner's head decides.",
		When:  claimForeign | claimSupervisor | claimAdmin | idleYes,
		Color: Yellow, Why: WhyForeignIdle, Banner: true, Actions: ownerIdle},

	// Red, whatever kind decides the base row.
	{Name: "21", Says: "The owner's head: the same colour, by the letter of the rule, but never an incident.",
		When: claimSupervisor, Color: Red, Why: WhySupervisor, Actions: openOnly, Knob: KnobSupervisor},
	{Name: "22", Says: "An admin who is nothing else to the owner: as his head.",
		When: claimAdmin, Color: Red, Why: WhyAdmin, Actions: openOnly, Knob: KnobAdmin},
	{Name: "25", Says: "In work, but its owner has left: still not free, the owner's head decides. Goes before the status rows, because the head gives it an owner first.",
		When: claimForeign | causeOwnerLeft, Color: Red, Why: WhyOwnerInactive, Actions: ownerGone},
	{Name: "19", Says: "Without a status, and the policy (or the default status) protects such companies.",
		When: claimForeign | causeNoStatus, Color: Red, Why: WhyStatusMissing, Actions: passOn},
	{Name: "20", Says: "Its status was removed or switched off: as without a status.",
		When: claimForeign | causeLostStatus, Color: Red, Why: WhyStatusUnknown, Actions: passOn},
	{Name: "18", Says: "Reached only through a lead, and the policy lets a lead stand for its company.",
		When: claimForeign | viaLead, Color: Red, Why: WhyLeadCompany, Actions: passOn},
	{Name: "17", Says: "On several companies: a foreign one in work, and the agent has none that had the number earlier.",
		When: claimForeign | viaDirect | severalDirect, Color: Red, Why: WhySharedNumber, Actions: passOn},
	{Name: "16", Says: "On one company and through a contact on another: the one with the number on it is foreign and in work.",
		When: claimForeign | viaDirect | severalMixed, Color: Red, Why: WhyForeignInWork, Actions: passOn},
	{Name: "16", Says: "The same, and the contact's company is the foreign one.",
		When: claimForeign | viaContact | severalMixed | severalDirect, Color: Red, Why: WhyForeignInWorkViaContact, Actions: passOn},
	{Name: "12", Says: "Only on contacts that lead to several companies, a foreign one in work among them.",
		When: claimForeign | viaContact | severalLinked, Color: Red, Why: WhyForeignInWorkViaContactMulti, Actions: passOn},
	{Name: "8", Says: "Only on a contact, whose company is foreign and in work.",
		When: claimForeign | viaContact | oneLinked, Color: Red, Why: WhyForeignInWorkViaContact, Actions: passOn},
	{Name: "5", Says: "On a company that is foreign and in work.",
		When: claimForeign | viaDirect | oneDirect, Color: Red, Why: WhyForeignInWork, Actions: passOn},

	// A company decides.
	{Name: "17", Says: "A foreign company in work has the number too, but the agent's has it longer: his client, and he should know.",
		When: baseCompany | sharedYes | standingOurs, Color: None, Why: WhySharedNumber, Banner: true, Actions: openOnly},
	{Name: "4", Says: "The agent's own company.",
		When: baseCompany | standingOwn, Color: None, Why: WhyOwn, Actions: openOnly},
	{Name: "23", Says: "The agent is in the company's team: as own.",
		When: baseCompany | standingTeam, Color: None, Why: WhyTeam, Actions: openOnly},
	{Name: "23", Says: "The agent stands in for the owner: as own.",
		When: baseCompany | standingDeputy, Color: None, Why: WhyDeputy, Actions: openOnly},
	{Name: "23", Says: "The agent has a permit for the company: as own.",
		When: baseCompany | standingPermit, Color: None, Why: WhyPermit, Actions: openOnly},
	{Name: "7", Says: "The company has no owner. An empty owner is never foreign, even in work; its head assigns.",
		When: baseCompany | standingNone, Color: None, Why: WhyUnassigned, Banner: true, Actions: askHead},
	{Name: "19", Says: "Without a status: as the default status, which colours it yellow.",
		When: baseCompany | standingOthers | statusMissing | effectYellow, Color: Yellow, Why: WhyStatusMissing, Banner: true, Actions: askHead},
	{Name: "19", Says: "Without a status: as the default status. The banner stays even if that one has none: the gap should be seen.",
		When: baseCompany | standingOthers | statusMissing, Color: None, Why: WhyStatusMissing, Banner: true, Actions: askHead},
	{Name: "20", Says: "Its status was removed or switched off: as the default status, which colours it yellow.",
		When: baseCompany | standingOthers | statusUnknown | effectYellow, Color: Yellow, Why: WhyStatusUnknown, Banner: true, Actions: askHead},
	{Name: "20", Says: "Its status was removed or switched off: as without a status.",
		When: baseCompany | standingOthers | statusUnknown, Color: None, Why: WhyStatusUnknown, Banner: true, Actions: askHead},
	{Name: "6", Says: "Foreign, and its status asks for yellow.",
		When: baseCompany | standingOthers | effectYellow, Color: Yellow, Why: WhyForeignFree, Banner: true, Actions: askHead},
	{Name: "6", Says: "Foreign, not protected: the banner names owner and status.",
		When: baseCompany | standingOthers | effectBanner, Color: None, Why: WhyForeignFree, Banner: true, Actions: askHead},
	{Name: "6", Says: "Foreign, and its status wants nothing shown: only the words differ.",
		When: baseCompany | standingOthers | effectNone, Color: None, Why: WhyForeignFree, Actions: askHead},

	// A contact decides: yellow, by the letter of the brief. Where everything found is the agent's own, the policy's
	// colour for row 9 holds, whichever row it is: a further own company must not change the colour.
	{Name: "12", Says: "Contacts lead to several companies, a foreign one in work among them, but the agent's has the number longer.",
		When: baseContact | sharedYes | severalLinked, Color: Yellow, Why: WhySharedNumber, Banner: true, Actions: openOnly},
	{Name: "16", Says: "A company and a contact's other company; the foreign one in work has the number later than the agent's.",
		When: baseContact | sharedYes | severalMixed, Color: Yellow, Why: WhySharedNumber, Banner: true, Actions: openOnly},
	{Name: "17", Says: "Several companies and a contact; the foreign one in work has the number later than the agent's.",
		When: baseContact | sharedYes | severalDirect, Color: Yellow, Why: WhySharedNumber, Banner: true, Actions: openOnly},
	{Name: "14", Says: "A contact without a company, and a lead: the contact is shown, the lead is also found.",
		When: baseContact | contactAlone | companiesNone | leadBesideYes, Color: Yellow, Why: WhyContactOverLead, Actions: openOnly},
	{Name: "11", Says: "A contact without a company.",
		When: baseContact | contactAlone | companiesNone | oneLinked | severalLinked, Color: Yellow, Why: WhyContactNoCompany, Actions: openOnly},
	{Name: "15a", Says: "A company, and a contact of none: among contacts makes it yellow.",
		When: baseContact | contactAlone, Color: Yellow, Why: WhyContactNoCompany, Actions: openOnly},
	{Name: "12", Says: "Contacts lead to several companies, all of them the agent's: as row 9.",
		When: baseContact | severalLinked | standingOurs | oursYes, Color: Yellow, Why: WhyContactOwnCompanyMulti, Actions: openOnly, Knob: KnobOwnContact},
	{Name: "12", Says: "Contacts lead to several companies, the first of them the agent's.",
		When: baseContact | severalLinked | standingOurs, Color: Yellow, Why: WhyContactOwnCompanyMulti, Actions: openOnly},
	{Name: "12", Says: "Contacts lead to several companies, none of them the agent's, none protected.",
		When: baseContact | severalLinked | standingOthers, Color: Yellow, Why: WhyContactForeignFreeMulti, Actions: askHead},
	{Name: "12", Says: "Contacts lead to several companies, none of them with an owner.",
		When: baseContact | severalLinked | standingNone, Color: Yellow, Why: WhyContactUnassignedMulti, Actions: askHead},
	{Name: "23", Says: "A contact of a company in whose team the agent is: as own, and as row 9 when nobody else is concerned.",
		When: baseContact | standingTeam | oursYes, Color: Yellow, Why: WhyTeam, Actions: openOnly, Knob: KnobOwnContact},
	{Name: "23", Says: "The same beside records of others.",
		When: baseContact | standingTeam, Color: Yellow, Why: WhyTeam, Actions: openOnly},
	{Name: "23", Says: "A contact of a company whose owner the agent stands in for: as own, and as row 9 when nobody else is concerned.",
		When: baseContact | standingDeputy | oursYes, Color: Yellow, Why: WhyDeputy, Actions: openOnly, Knob: KnobOwnContact},
	{Name: "23", Says: "The same beside records of others.",
		When: baseContact | standingDeputy, Color: Yellow, Why: WhyDeputy, Actions: openOnly},
	{Name: "23", Says: "A contact of a company for which the agent has a permit: as own, and as row 9 when nobody else is concerned.",
		When: baseContact | standingPermit | oursYes, Color: Yellow, Why: WhyPermit, Actions: openOnly, Knob: KnobOwnContact},
	{Name: "23", Says: "The same beside records of others.",
		When: baseContact | standingPermit, Color: Yellow, Why: WhyPermit, Actions: openOnly},
	{Name: "9", Says: "Only on contacts of the agent's own company. The policy may take the yellow away.",
		When: baseContact | oneLinked | standingOwn | oursYes, Color: Yellow, Why: WhyContactOwnCompany, Actions: openOnly, Knob: KnobOwnContact},
	{Name: "9", Says: "The same beside a contact of no company: stays yellow.",
		When: baseContact | oneLinked | standingOwn, Color: Yellow, Why: WhyContactOwnCompany, Actions: openOnly},
	{Name: "10", Says: "Only on contacts of a foreign company that is not protected.",
		When: baseContact | oneLinked | standingOthers, Color: Yellow, Why: WhyContactForeignFree, Actions: askHead},
	{Name: "10", Says: "Only on contacts of a company without an owner.",
		When: baseContact | oneLinked | standingNone, Color: Yellow, Why: WhyContactUnassigned, Actions: askHead},
	{Name: "15a", Says: "On the agent's own company and its contact. As row 9: with the number on the company as well it is no less his.",
		When: baseContact | oneDirect | standingOwn | oursYes, Color: Yellow, Why: WhyContactOwnCompany, Actions: openOnly, Knob: KnobOwnContact},
	{Name: "15a", Says: "The same beside a contact of no company: stays yellow.",
		When: baseContact | oneDirect | standingOwn, Color: Yellow, Why: WhyContactOwnCompany, Actions: openOnly},
	{Name: "15a", Says: "On a foreign company that is not protected, and its contact.",
		When: baseContact | oneDirect | standingOthers, Color: Yellow, Why: WhyContactForeignFree, Actions: askHead},
	{Name: "15a", Says: "On a company without an owner, and its contact.",
		When: baseContact | oneDirect | standingNone, Color: Yellow, Why: WhyContactUnassigned, Actions: askHead},
	{Name: "16", Says: "On a company and on a contact; several companies, all of them the agent's: as row 9.",
		When: baseContact | standingOwn | oursYes, Color: Yellow, Why: WhyContactOwnCompany, Actions: openOnly, Knob: KnobOwnContact},
	{Name: "16", Says: "On a company and on a contact; several companies, none protected; the contact's is the agent's.",
		When: baseContact | standingOwn, Color: Yellow, Why: WhyContactOwnCompany, Actions: openOnly},
	{Name: "16", Says: "The same; the contact's is foreign.",
		When: baseContact | standingOthers, Color: Yellow, Why: WhyContactForeignFree, Actions: askHead},
	{Name: "16", Says: "The same; the contact's has no owner.",
		When: baseContact | standingNone, Color: Yellow, Why: WhyContactUnassigned, Actions: askHead},

	// A lead decides: blue.
	{Name: "17", Says: "A lead decides by the policy's priority; a foreign company in work has the number later than the agent's.",
		When: baseLead | sharedYes, Color: Blue, Why: WhySharedNumber, Banner: true, Actions: openOnly},
	{Name: "18", Says: "A lead of a company: blue, the company is named beside it.",
		When: baseLead | leadOfCompany, Color: Blue, Why: WhyLeadOnly, Actions: openOnly},
	{Name: "13", Says: "Only leads; whose they are is told by the relation.",
		When: baseLead, Color: Blue, Why: WhyLeadOnly, Actions: openOnly},

	// Nothing was found.
	{Name: "26", Says: "No client's, but a colleague's own phone.",
		When: baseNothing | employeeYes, Color: None, Why: WhyEmployee},
	{Name: "3a", Says: "On no record, but a number that ends in the same ten digits is, and the policy wants to see that. Too weak for any colour; the banner says that it is a guess.",
		When: baseHint, Color: None, Why: WhyMaybe, Banner: true, Actions: hint},
	{Name: "3", Says: "On no record.",
		When: baseNothing, Color: None, Why: WhyUnknown, Actions: createBoth},
})

// prepare counts the questions of each line once.
func prepare(rows []Row) []Row {
	for i := range rows {
		rows[i].asked = rows[i].When.asks()
	}
	return rows
}

// Table returns a copy of the decision table, for pages that explain it.
func Table() []Row { return append([]Row(nil), table...) }

// Decide takes the first row that fits. The verdict names no records: Judge
// adds those. Facts that fit no row, which Weigh never returns, are grey.
func Decide(facts Facts, policy Policy) Verdict {
	for i := range table {
		if row := &table[i]; facts.meets(row.When, row.asked) {
			return row.verdict(facts, &policy)
		}
	}
	return Verdict{Color: Grey, Why: WhyCheckFailed, Relation: NoOwner, Row: "28", Policy: policy.Version, Direction: facts.direction()}
}

// verdict returns the verdict of the line for facts that fit it.
func (r *Row) verdict(facts Facts, policy *Policy) Verdict {
	v := Verdict{
		Color: r.paint(facts, policy), Why: r.Why, Banner: r.Banner, Row: r.Name, Says: r.Says,
		Relation: NoOwner, Actions: r.Actions, Policy: policy.Version, Direction: facts.direction(),
	}
	if r.Color == Red && v.Color != Red {
		v.Banner = true // a red that the policy takes away must not look free
	}
	if r.speaksOfOwner() {
		v.Relation = facts.relation()
	}
	v.Incident = v.Color == Red && facts.has(claimForeign) && v.Direction == Out
	return v
}

// speaksOfOwner distinguishes the rows about a record from those about a call that has
// none: the first compare something with an owner, the others do not.
func (r *Row) speaksOfOwner() bool {
	return r.When.has(claimForeign | claimSupervisor | claimAdmin | baseCompany | baseContact | baseLead)
}

// paint returns the line's colour under a policy. Red becomes what the policy
// shows for it on incoming calls; a knob that is not set paints nothing.
func (r *Row) paint(facts Facts, policy *Policy) Color {
	color := r.Color
	knob := Color("")
	switch r.Knob {
	case KnobOwnContact:
		knob = policy.OwnContact
	case KnobSupervisor:
		knob = policy.Supervisor
	case KnobAdmin:
		knob = policy.Admin
	}
	if knob != "" {
		color = knob
	}
	if color == Red && facts.has(directionIn) && policy.Incoming != "" {
		color = policy.Incoming
	}
	return color
}
