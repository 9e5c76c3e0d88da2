package rules

import "encoding/json"

// Policy holds the knobs of the rules. It is versioned: a verdict names the
// version that was applied, so yesterday's colour can be explained tomorrow.
type Policy struct {
	Version int `json:"version"`

	// Priority lists the kinds of record; the first that was found decides the
	// base row. Kinds that are not named follow in the default order, so that
	// no match is ever lost. Red does not depend on it.
	Priority []Kind `json:"priority"`

	// A company counts although only a contact, or only a lead, of it has the
	// number.
	InheritContactCompany bool `json:"inherit_contact_company"`
	InheritLeadCompany    bool `json:"inherit_lead_company"`

	MissingStatus MissingPolicy `json:"missing_status"` // companies without a usable status
	SharedNumber  SharedPolicy  `json:"shared_number"`  // numbers on several companies
	Leads         LeadPolicy    `json:"leads"`          // which leads count

	Team   CountsAs `json:"team"`   // what a member of the company's team counts as
	Deputy CountsAs `json:"deputy"` // what the owner's deputy counts as

	OwnContact Color `json:"own_contact"` // row 9, contact of the agent's own company: yellow or none
	Supervisor Color `json:"supervisor"`  // row 21, what a head sees for red: red, yellow or none
	Admin      Color `json:"admin"`       // row 22, what an admin sees for red: red, yellow or none
	Incoming   Color `json:"incoming"`    // what an incoming call shows for red: red, yellow or none

	// IdleDays is after how many days without a contact of the owner's side a protected company is yellow, not red
	// (row 5x); 0 never.
	IdleDays int `json:"idle_days"`

	DoNotCall DoNotCallMode `json:"do_not_call"` // what an outgoing call to a number of the do-not-call list means

	Enforcement Enforcement `json:"enforcement"` // what is wanted of an agent who sees red and goes on

	IncidentSeconds int `json:"incident_seconds"` // a longer conversation on a red card is an incident
	// how long an incoming call rings at one before the next; 0 is as shipped
	RouteSeconds int    `json:"route_seconds"`
	Notify       Notify `json:"notify"` // who is notified of an incident

	// LookupMillis is how long a lookup may take before the card shows "not checked".
	LookupMillis int `json:"lookup_ms"`
	// SuffixMatch shows, for a number that is on no record, the records of numbers
	// that end in the same ten digits: a hint, never red.
	SuffixMatch bool `json:"suffix_match"`
	// MaskForeignNumbers masks the numbers of colleagues' clients for those whose clients they are not.
	MaskForeignNumbers bool `json:"mask_foreign_numbers"`
	// KeepCallsDays is after how many days a call leaves the call journal with its
	// cards; 0 keeps them. Incidents stay.
	KeepCallsDays int `json:"keep_calls_days"`

	Palette Palette         `json:"palette"`
	Texts   map[Why]Wording `json:"texts,omitempty"` // words and icons that replace the shipped ones, by reason
}

// MissingPolicy is how a foreign company without a usable status is treated.
type MissingPolicy string

// The ways to treat a missing status.
const (
	MissingAsDefault   MissingPolicy = "default"   // as if it had the default status
	MissingAsProtected MissingPolicy = "protected" // as if it were in work: red
)

// SharedPolicy is who may be undisturbed on a number that both a company of
// the agent's and a protected foreign company have.
type SharedPolicy string

// The ways to treat a shared number.
const (
	SharedOldestLink SharedPolicy = "oldest_link" // the agent, if one of their links is older than every foreign one
	SharedStrictest  SharedPolicy = "strictest"   // no one: red for both
	SharedOwnFirst   SharedPolicy = "own_first"   // the agent, whatever the dates
)

// LeadPolicy is which leads count.
type LeadPolicy string

// The choices of leads.
const (
	LeadsOpenAndLost LeadPolicy = "open_and_lost"
	LeadsOpen        LeadPolicy = "open"
)

// CountsAs reports whether a helper of the owner counts as the owner.
type CountsAs string

// The standings.
const (
	CountsAsOwn     CountsAs = "own"
	CountsAsForeign CountsAs = "foreign"
)

// Notify is who is notified of an incident. A head is the nearest one.
type Notify struct {
	Owner     bool `json:"owner"`      // whose client it is
	OwnerHead bool `json:"owner_head"` // the head of that owner
	AgentHead bool `json:"agent_head"` // the head of the agent who called
}

// Palette returns the look of each colour.
type Palette struct {
	Red    Shade `json:"red"`
	Yellow Shade `json:"yellow"`
	Blue   Shade `json:"blue"`
	None   Shade `json:"none"`
	Grey   Shade `json:"grey"`
}

// Shade is the background of a card and the ink of its words, as "#RRGGBB".
type Shade struct {
	Back string `json:"back"`
	Ink  string `json:"ink"`
}

// Of returns the look of a colour; a colour that there is not has none.
func (p Palette) Of(c Color) Shade {
	switch c {
	case Red:
		return p.Red
	case Yellow:
		return p.Yellow
	case Blue:
		return p.Blue
	case None:
		return p.None
	case Grey:
		return p.Grey
	}
	return Shade{}
}

// Default returns the policy that ships with the product, version 1.
func Default() Policy {
	return Policy{
		Version:               1,
		Priority:              []Kind{KindContact, KindCompany, KindLead},
		InheritContactCompany: true,
		InheritLeadCompany:    false,
		MissingStatus:         MissingAsDefault,
		SharedNumber:          SharedOldestLink,
		Leads:                 LeadsOpenAndLost,
		Team:                  CountsAsOwn,
		Deputy:                CountsAsOwn,
		OwnContact:            Yellow,
		Supervisor:            Red,
		Admin:                 Red,
		Incoming:              Red,
		DoNotCall:             DoNotCallWarn,
		Enforcement:           Enforcement{Mode: EnforceWarn, PermitHours: 8},
		IncidentSeconds:       10,
		RouteSeconds:          20,
		Notify:                Notify{Owner: true, OwnerHead: true, AgentHead: true},
		LookupMillis:          300,
		Palette: Palette{
			Red:    Shade{Back: "#C4001D", Ink: "#FFFFFF"},
			Yellow: Shade{Back: "#FFD200", Ink: "#1B1500"},
			Blue:   Shade{Back: "#0A58CA", Ink: "#FFFFFF"},
			None:   Shade{Back: "#FFFFFF", Ink: "#14181D"},
			Grey:   Shade{Back: "#4A525C", Ink: "#FFFFFF"},
		},
	}
}

// ReadPolicy reads a policy that was stored as JSON, maybe by an older program: a
// knob that it does not name is as in the policy that ships with the product.
func ReadPolicy(body []byte) (Policy, error) {
	p := Default()
	err := json.Unmarshal(body, &p)
	for why, w := range p.Texts {
		w.RU.renamePlaceholders()
		w.EN.renamePlaceholders()
		p.Texts[why] = w
	}
	return p, err
}

// Preset is a priority order with a name.
type Preset struct {
	Name     string `json:"name"`
	Priority []Kind `json:"priority"`
}

// Presets returns the named priority orders: "default", and "bitrix24_classic",
// the order of the popup of the boxed Bitrix24 of 2015-2018.
func Presets() []Preset {
	return []Preset{
		{Name: "default", Priority: []Kind{KindContact, KindCompany, KindLead}},
		{Name: "bitrix24_classic", Priority: []Kind{KindContact, KindLead, KindCompany}},
	}
}
