package rules

// NumberKind is what the other party's number is.
type NumberKind string

// The kinds of number. The zero value counts as External.
const (
	External NumberKind = "external" // a number of the outside world
	Internal NumberKind = "internal" // an extension of our own PBX
	Hidden   NumberKind = "hidden"   // withheld by the other party
	Invalid  NumberKind = "invalid"  // nothing that can be read as a number
)

// Direction of a call, seen from us. The zero value counts as Out, the
// stricter one.
type Direction string

// The directions.
const (
	Out Direction = "out" // our agent calls the client
	In  Direction = "in"  // the client calls us
)

// Kind of a record that can carry a number.
type Kind string

// The kinds of record.
const (
	KindCompany Kind = "company"
	KindContact Kind = "contact"
	KindLead    Kind = "lead"
)

// Relation is what the agent is to the owner of a record, as staff and crm
// know it at the moment of the call. If several hold, the caller passes the
// first in the order of the constants. The zero value counts as Foreign: an
// unknown relation must not look free.
type Relation string

// The relations, strongest first.
const (
	Own        Relation = "own"        // the agent is the owner
	Team       Relation = "team"       // the agent is in the company's team
	Deputy     Relation = "deputy"     // the agent stands in for the owner today
	Permit     Relation = "permit"     // a head of the owner's lets the agent work with the company for a while
	Supervisor Relation = "supervisor" // the agent is head of the owner, at any level
	Admin      Relation = "admin"      // the agent is an admin and nothing of the above
	Foreign    Relation = "foreign"    // none of these; a colleague of the same department included
	NoOwner    Relation = "none"       // there is no owner: never foreign
)

// StatusState reports whether a company's status can be relied on.
type StatusState string

// The states of a status. The zero value counts as StatusMissing.
const (
	StatusSet     StatusState = "set"     // an active entry of the directory
	StatusMissing StatusState = "missing" // the company has none: old data
	StatusUnknown StatusState = "unknown" // its entry was removed or switched off
)

// Values lists the states, for the API reference.
func (StatusState) Values() []string {
	return []string{string(StatusSet), string(StatusMissing), string(StatusUnknown)}
}

// Effect is what a status does to the card of an agent who is foreign to the company. The zero value counts as
// EffectBanner.
type Effect string

// The effects, weakest first.
const (
	EffectNone   Effect = "none"   // nothing
	EffectBanner Effect = "banner" // a banner on the standard look
	EffectYellow Effect = "yellow" // a banner, and the card is yellow where the company decides it
	EffectRed    Effect = "red"    // the company is protected: red
)

// Via is how a number reaches a company.
type Via string

// The ways from a number to a company, strongest first.
const (
	ViaDirect  Via = "direct"  // the number is the company's own
	ViaContact Via = "contact" // it is that of a contact linked to the company
	ViaLead    Via = "lead"    // it is that of a lead linked to the company
)

// Scene is the snapshot from which a verdict is decided: everything the rules may
// read. The order of its lists means nothing.
type Scene struct {
	Number     NumberKind
	Direction  Direction
	AgentKnown bool // the PBX's identity was mapped to one of our users
	Failed     bool // the lookup failed or ran out of time: nothing below can be trusted
	Employee   bool // the number is a colleague's own phone
	DoNotCall  bool // the number is on the do-not-call list
	Maybe      bool // no record has the number; the ones below have one that ends alike
	Companies  []Company
	Contacts   []Contact
	Leads      []Lead
}

// Company is a company that the number reaches, directly or through a contact
// or lead. Companies of leads are always given; the policy decides whether they
// count.
type Company struct {
	ID            int64
	Relation      Relation
	Unassigned    bool // it has no owner; Relation is then ignored, but for Team: row 23 goes before row 7
	OwnerInactive bool // its owner was dismissed or switched off
	Status        StatusState
	Effect        Effect // of its status; of the default status when its own is missing or unknown
	// IdleDays is how many whole days its owner, a member of its team or the owner's deputy has not been in touch with
	// it, counted from when it came under protection or to its owner, if that was later. 0 where it is not known.
	IdleDays int
	Links    []Link // every way from the number to it, at least one
}

// Link is one way from the number to a company.
type Link struct {
	Via Via
	// Since is the link's age in Unix milliseconds. Direct: when the number was
	// put on the company. Through a contact or lead: the later of the number
	// being put on the record and the record being linked to the company.
	Since  int64
	Record int64 // id of the contact or lead; 0 when direct
}

// Contact is a contact that has the number.
type Contact struct {
	ID         int64
	Relation   Relation
	Unassigned bool
	Companies  []ContactCompany
}

// ContactCompany is one company of a contact.
type ContactCompany struct {
	ID      int64
	Primary bool
}

// Lead is a lead that has the number. Converted leads are not given: they
// count through what they were converted into.
type Lead struct {
	ID         int64
	Relation   Relation
	Unassigned bool
	Finished   bool  // lost
	CompanyID  int64 // of a repeat lead; 0 if none
	Changed    int64 // Unix milliseconds
	Created    int64 // Unix milliseconds
}
