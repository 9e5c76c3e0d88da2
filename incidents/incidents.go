// Package incidents records conversations that took place although the agent's card was red, and lets heads deal with
// them: list, acknowledge with a reason, count by agent, owner, company or day.
//
// Package calls decides when an incident has happened and calls Record in the transaction of the call, so that a call
// and its incident are stored together or not at all. Nothing here looks at calls or cards. Of a conference each agent
// who talked has an incident of their own (docs/decisions/0009).
//
// Read next: list.go (who sees which incidents), acknowledge.go, report.go.
package incidents

import (
	"slices"
	"strconv"

	"callhue/crm"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/policy"
	"callhue/rules"
	"callhue/staff"
)

// Registry keeps the incidents of a database.
type Registry struct {
	db      *store.DB
	journal *journal.Journal
	roster  *staff.Roster
	records *crm.Records
	policy  *policy.Versions
}

// New returns the incidents of a database. The active policy names the users who are notified.
func New(db *store.DB, entries *journal.Journal, roster *staff.Roster, records *crm.Records, p *policy.Versions) *Registry {
	entries.Register(Verbs()...)
	return &Registry{db: db, journal: entries, roster: roster, records: records, policy: p}
}

// Incident is a conversation that took place although the card was red, one per call and agent.
type Incident struct {
	ID           int64            `json:"id"`
	CallID       int64            `json:"call_id"`
	Source       string           `json:"source"`
	At           store.Moment     `json:"at"` // when the agent hung up
	Direction    rules.Direction  `json:"direction"`
	Number       string           `json:"number"`
	Agent        crm.Named        `json:"agent"`
	Owner        crm.Named        `json:"owner"`   // of the company, as it was on the card
	Company      crm.Named        `json:"company"` // with the name of then
	Why          rules.Why        `json:"why"`
	Policy       int64            `json:"policy"`        // version under which the card was red
	TalkSeconds  int64            `json:"talk_seconds"`  // of the agent's conversation
	CardSeconds  int64            `json:"card_seconds"`  // from the red card to the hang-up
	Recording    string           `json:"recording_url"` // "" until the PBX sends it
	Reason       string           `json:"reason"`        // the agent's, for going on
	State        IncidentState    `json:"state"`
	Acknowledged *Acknowledgement `json:"acknowledged"` // null while it is open
	Version      int64            `json:"version"`
}

// IncidentState is whether a head has dealt with an incident.
type IncidentState string

// The states.
const (
	IncidentOpen         IncidentState = "open"
	IncidentAcknowledged IncidentState = "acknowledged"
)

// Values lists the states, for the API reference.
func (IncidentState) Values() []string { return []string{"open", "acknowledged"} }

// Acknowledgement is what a head wrote about an incident.
type Acknowledgement struct {
	By     crm.Named    `json:"by"`
	At     store.Moment `json:"at"`
	Reason string       `json:"reason"`
}

// NewIncident is a conversation that package calls has found to be an incident.
type NewIncident struct {
	CallID      int64
	Source      string
	At          store.Moment // when the agent hung up
	Direction   rules.Direction
	Number      string
	Agent       int64
	Owner       int64
	Company     crm.Named
	Why         rules.Why
	Policy      int64
	TalkSeconds int64
	CardSeconds int64
	Recording   string
	Reason      string
}

// Record stores an incident and writes it into the journal, in the transaction of the call. org is the organisation
// that the call is handled under. An agent has at most one incident per call: the caller asks Talks first.
func (r *Registry) Record(tx *store.Tx, org *staff.Org, in NewIncident) error {
	row := &incidentRow{CallID: in.CallID, At: in.At, Source: in.Source, Direction: in.Direction, Number: in.Number,
		AgentID: in.Agent, OwnerID: in.Owner, CompanyID: in.Company.ID, CompanyName: in.Company.Name, Why: in.Why,
		Policy: in.Policy, TalkSeconds: in.TalkSeconds, CardSeconds: in.CardSeconds, Recording: in.Recording,
		Reason: in.Reason}
	if err := table.Insert(tx, row); err != nil {
		return err
	}
	return r.record(tx, org, row, Recorded, row.AgentID)
}

// entryDetails are the details of an incident in the journal: the incident as the API shows it, and the users who are
// notified live.
type entryDetails struct {
	Incident
	Tell []int64 `json:"tell"`
}

// record writes what happened to an incident, and who did it, into the journal.
func (r *Registry) record(tx *store.Tx, org *staff.Org, row *incidentRow, verb journal.Verb, actor int64) error {
	active, err := r.policy.ActiveIn(tx)
	if err != nil {
		return err
	}
	details := entryDetails{row.incident(org), notified(org, row, active.Notify)}
	_, err = r.journal.Record(tx, journal.Entry{
		Verb:    verb,
		Actor:   actor,
		Team:    org.DepartmentOf(row.AgentID),
		Subject: journal.Ref{Kind: "incident", ID: row.ID},
		Client:  journal.Ref{Kind: crm.KindCompany.String(), ID: row.CompanyID},
		Amount:  row.TalkSeconds,
		Details: journal.Details(details),
	})
	return err
}

// notified returns the users who get an incident live, among those that the policy names: the company's owner, the
// owner's head and the agent's head. The agent is never among them.
func notified(org *staff.Org, row *incidentRow, notify rules.Notify) []int64 {
	users := []int64{}
	add := func(wanted bool, u *staff.User) {
		if wanted && u != nil && u.Active && u.ID != row.AgentID && !slices.Contains(users, u.ID) {
			users = append(users, u.ID)
		}
	}
	add(notify.Owner, org.User(row.OwnerID))
	add(notify.OwnerHead, org.HeadOf(row.OwnerID))
	add(notify.AgentHead, org.HeadOf(row.AgentID))
	return users
}

// named returns a user with their name, "#7" for a user who is gone, and the zero value for no user.
func named(org *staff.Org, user int64) crm.Named {
	if user == 0 {
		return crm.Named{}
	}
	if u := org.User(user); u != nil {
		return crm.Named{ID: user, Name: u.Name}
	}
	return crm.Named{ID: user, Name: "#" + strconv.FormatInt(user, 10)}
}
