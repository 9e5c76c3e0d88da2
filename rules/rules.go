// Package rules decides which colour a call has, and why.
//
// A Scene (the records found for a number, and what the agent is to their
// owners) and a Policy go in, a Verdict comes out. Two steps, both pure: Weigh
// turns the scene into Facts, a form of nineteen small questions; Decide
// walks the rows of the decision table (table.go) and takes the first that
// fits. The whole fact space is written out in testdata/verdicts.golden, for
// a supervisor to read.
//
// Package calls calls Judge for every card; package lookup fills the scene.
// Nothing here reads a clock, a database or a setting: the same scene always
// has the same verdict. Read next: table.go and the golden file, then scene.go,
// facts.go, weigh.go, rank.go.
package rules

// Color is the colour of a card's background. It is spelled as the API does.
type Color string

// The colours. None is the standard look; Grey means that nothing was checked.
const (
	Red    Color = "red"
	Yellow Color = "yellow"
	Blue   Color = "blue"
	None   Color = "none"
	Grey   Color = "grey"
)

// Why is the stable reason code of a verdict.
type Why string

// The reason codes, in the order of the decision table.
const (
	WhyInternal    Why = "internal"     // a colleague's extension
	WhyHidden      Why = "hidden"       // the number is withheld
	WhyInvalid     Why = "invalid"      // no number can be read from what the PBX sent
	WhyCheckFailed Why = "check_failed" // the lookup failed or took too long
	WhyUnknown     Why = "unknown"      // the number is on no record
	WhyMaybe       Why = "maybe"        // nor this one, but a number that ends alike is
	WhyEmployee    Why = "employee"     // a colleague's own phone, and no client's

	WhyAgentUnknown      Why = "agent_unknown"      // the PBX named no one we know
	WhyAnsweredElsewhere Why = "answered_elsewhere" // a colleague took the call; set by calls, never by Judge

	WhyForeignInWork                Why = "foreign_in_work"
	WhyForeignInWorkViaContact      Why = "foreign_in_work_via_contact"
	WhyForeignInWorkViaContactMulti Why = "foreign_in_work_via_contact_multi"
	WhyLeadCompany                  Why = "lead_company"   // red by the company of a repeat lead
	WhySharedNumber                 Why = "shared_number"  // several companies have the number
	WhyOwnerInactive                Why = "owner_inactive" // the owner of a company in work has left
	WhyForeignIdle                  Why = "foreign_idle"   // in work, but its owner has not been in touch
	WhyStatusMissing                Why = "status_missing"
	WhyStatusUnknown                Why = "status_unknown"
	WhySupervisor                   Why = "supervisor" // red, but the agent is the owner's head
	WhyAdmin                        Why = "admin"      // red, but the agent is an admin

	WhyOwn         Why = "own"
	WhyTeam        Why = "team"
	WhyDeputy      Why = "deputy"
	WhyPermit      Why = "permit"
	WhyForeignFree Why = "foreign_free"
	WhyUnassigned  Why = "unassigned"

	WhyContactOwnCompany       Why = "contact_own_company"
	WhyContactOwnCompanyMulti  Why = "contact_own_company_multi"
	WhyContactForeignFree      Why = "contact_foreign_free"
	WhyContactForeignFreeMulti Why = "contact_foreign_free_multi"
	WhyContactUnassigned       Why = "contact_unassigned" // the contact's company has no owner
	WhyContactUnassignedMulti  Why = "contact_unassigned_multi"
	WhyContactNoCompany        Why = "contact_no_company"
	WhyContactOverLead         Why = "contact_over_lead"

	WhyLeadOnly Why = "lead_only"
)

// Ref names one record.
type Ref struct {
	Kind Kind  `json:"kind"`
	ID   int64 `json:"id"`
}

// Action names a button of a card. It is no right: the server checks that again
// when the action is carried out.
type Action string

// The actions that a card may offer.
const (
	ActionOpen          Action = "open"           // open the subject
	ActionPassToOwner   Action = "pass_to_owner"  // hand the call over to the owner
	ActionAskHead       Action = "ask_head"       // ask the owner's head: to assign, to allow, to take over
	ActionAskPermit     Action = "ask_permit"     // ask the head for a permit
	ActionCreateLead    Action = "create_lead"    // note the number down as a lead
	ActionCreateContact Action = "create_contact" // or as a contact
)

// Verdict is the content of the card, and what it is based on.
type Verdict struct {
	Color     Color
	Why       Why
	Relation  Relation      // of the agent to the owner that the verdict names
	Banner    bool          // a strip above the card that must be read, whatever the colour
	Row       string        // the row of the decision table, e.g. "5" or "15a"
	Says      string        // the sentence of that very line of the table
	Subject   Ref           // the record on the card; zero if none
	Company   int64         // the company that the verdict speaks of or that is named beside the subject; 0 if none
	Order     []Ref         // all records found, the subject first, then by kind and rank (rank.go)
	Actions   []Action      // buttons; shared by all verdicts of a row, so do not change it
	Incident  bool          // a real conversation on this card would be an incident
	DoNotCall DoNotCallMode // what the do-not-call list means for the call; "" when the number is not on it
	Policy    int           // version of the policy that was applied

	Direction Direction // of the call: the words depend on it, the colour does not
}
