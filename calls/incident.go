package calls

import (
	"slices"
	"time"

	"callhue/crm"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/rules"
	"callhue/staff"
)

// Incident is a red card and a conversation all the same. It is recorded when
// the agent hangs up, once per call and agent: of a conference each of us who
// talked has his own (docs/decisions/0008).
type Incident struct {
	ID           int64            `json:"id"`
	CallID       int64            `json:"call_id"`
	Source       string           `json:"source"`
	At           time.Time        `json:"at"` // when the agent hung up
	Direction    rules.Direction  `json:"direction"`
	Number       string           `json:"number"`
	Agent        crm.Named        `json:"agent"`
	Owner        crm.Named        `json:"owner"`   // of the company, as it was on the card
	Company      crm.Named        `json:"company"` // with the name of then
	Why          rules.Why        `json:"why"`
	Policy       int64            `json:"policy"`        // version under which the card was red
	TalkSeconds  int64            `json:"talk_seconds"`  // of his conversation
	CardSeconds  int64            `json:"card_seconds"`  // from the red card to the hang-up
	Recording    string           `json:"recording_url"` // "" until the PBX tells it
	Reason       string           `json:"reason"`        // what the agent gave for going on
	State        IncidentState    `json:"state"`
	Acknowledged *Acknowledgement `json:"acknowledged"` // null while it is open
	Version      int64            `json:"version"`
}

// IncidentState says whether a head has dealt with an incident.
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
	By     crm.Named `json:"by"`
	At     time.Time `json:"at"`
	Reason string    `json:"reason"`
}

// redMark is what a talk on a card would be an incident about; zero where it
// would be none. It is a value, as every red answer carries one.
type redMark struct {
	company crm.Named
	owner   int64
	after   int // seconds of talk that are no incident yet
}

// redMark of the verdict.
func (b *bench) redMark() redMark {
	c := b.company(b.verdict.Company)
	if !b.verdict.Incident || c == nil {
		return redMark{}
	}
	return redMark{crm.Named{ID: c.ID, Name: c.Name}, c.Owner, b.policy.IncidentSeconds}
}

// warn remembers on a card that its agent saw red at a time (ms), and what
// about. Later verdicts do not take that back: he was warned. Only one by which
// he may talk to this very company does: a permit, or the company became his.
func (c *cardRow) warn(shown *Card, at int64) {
	switch red := shown.red; {
	case red.company.ID != 0 && c.RedAt == 0 && c.AgentID != 0 && c.State != StateEnded:
		c.RedAt, c.RedCompany, c.RedName, c.RedOwner = at, red.company.ID, red.company.Name, red.owner
		c.RedWhy, c.RedPolicy, c.RedAfter = string(shown.Verdict.Why), int64(shown.Verdict.Policy), int64(red.after)
	case red.company.ID == 0 && c.RedAt != 0 && shown.allows(c.RedCompany):
		c.RedAt, c.RedCompany, c.RedName, c.RedOwner, c.RedWhy, c.RedPolicy, c.RedAfter = 0, 0, "", 0, "", 0, 0
	}
}

// allows says that the card speaks of a company, and that its agent is somebody
// to its owner: himself, a helper, his head, an admin.
func (c *Card) allows(company int64) bool {
	switch c.Verdict.Relation {
	case rules.Foreign, rules.NoOwner, "":
		return false
	}
	s := c.Subject
	return s != nil && (s.Kind == rules.KindCompany && s.ID == company || s.Company != nil && s.Company.ID == company)
}

// judgeTalks records an incident for every agent who was warned, talked all the
// same and has hung up. It runs for each event that is heard for the first time,
// because the length of a talk may be told late.
func (h *hearing) judgeTalks(tx *store.Tx) error {
	if !slices.ContainsFunc(h.cards, func(c *cardRow) bool { return c.RedAt != 0 }) {
		return nil
	}
	known, err := talksOfCall(tx, h.call.ID)
	if err != nil {
		return err
	}
	if len(known) > 0 && h.event.Recording != "" {
		if err := saveRecording(tx, h.call.ID, h.event.Recording); err != nil {
			return err
		}
	}
	for _, card := range h.cards {
		if card.RedAt == 0 || card.State != StateEnded {
			continue
		}
		talk := h.talkOf(card)
		before, recorded := known[card.AgentID]
		switch {
		case recorded && talk > before:
			err = saveTalk(tx, h.call.ID, card.AgentID, talk)
		case !recorded && talk > card.RedAfter:
			err = h.recordIncident(tx, card, talk)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// talkOf is how long the agent of an ended card talked after he had seen red, in
// seconds. What the PBX says is better than the times of its events, but it
// says it of the whole call: it counts where one of us talked.
func (h *hearing) talkOf(card *cardRow) int64 {
	talkers := 0
	for _, c := range h.cards {
		if c.AnsweredAt != 0 {
			talkers++
		}
	}
	answered := card.AnsweredAt
	if answered == 0 {
		// Some PBXs tell no answer, or not whose. It was his if nobody else could be meant.
		if talkers > 0 || len(h.cards) > 1 && card != h.cardOf() {
			return 0
		}
		answered = h.call.AnsweredAt
	}
	talk := int64(0)
	if answered != 0 {
		talk = card.EndedAt - answered
	}
	if talkers <= 1 {
		switch {
		case !talked(h.event.Result) || !talked(Result(h.call.Result)):
			return 0
		case h.event.Duration > 0:
			talk = h.event.Duration.Milliseconds()
		}
	}
	if answered != 0 && card.RedAt > answered {
		talk = min(talk, card.EndedAt-card.RedAt) // it became red during the talk
	}
	return max(talk, 0) / 1000
}

// talked says that a result does not rule a conversation out.
func talked(r Result) bool { return r == "" || r == ResultAnswered }

// incidentWords are the details of an incident in the journal: the incident as
// the API shows it, and the users who are told of it live.
type incidentWords struct {
	Incident
	Tell []int64 `json:"tell"`
}

func (h *hearing) recordIncident(tx *store.Tx, card *cardRow, talk int64) error {
	row := &incidentRow{CallID: h.call.ID, At: card.EndedAt, Source: h.call.Source, Direction: string(h.call.direction()),
		Number: h.call.number().String(), AgentID: card.AgentID, OwnerID: card.RedOwner, CompanyID: card.RedCompany,
		CompanyName: card.RedName, Why: card.RedWhy, Policy: card.RedPolicy, TalkSeconds: talk,
		CardSeconds: max(card.EndedAt-card.RedAt, talk*1000) / 1000, Recording: h.call.Recording, Reason: card.Reason, Version: 1}
	var err error
	if row.ID, err = addIncident(tx, row); err != nil {
		return err
	}
	policy, err := h.desk.activePolicy(tx)
	if err != nil {
		return err
	}
	return h.desk.tellIncident(tx, h.org, row, incidentNews{journal.IncidentRecorded, row.AgentID, policy.Notify})
}

// incidentNews is what became of an incident, by whom, and who is to hear of it.
type incidentNews struct {
	verb   journal.Verb
	actor  int64
	notify rules.Notify
}

// tellIncident writes news of an incident into the journal.
func (d *Tracker) tellIncident(tx *store.Tx, org *staff.Org, row *incidentRow, news incidentNews) error {
	e := journal.Entry{Verb: news.verb, Actor: news.actor, Subject: journal.Ref{Kind: "incident", ID: row.ID},
		Client: journal.Ref{Kind: string(rules.KindCompany), ID: row.CompanyID}, Amount: row.TalkSeconds,
		Words: journal.Details(incidentWords{row.incident(org), concerned(org, row, news.notify)})}
	if u := org.User(row.AgentID); u != nil {
		e.Team = u.DepartmentID
	}
	_, err := d.Journal.Record(tx, e)
	return err
}

// concerned are the users who hear of an incident, of those whom the policy
// names: the company's owner, his head and the head of the agent.
func concerned(org *staff.Org, row *incidentRow, notify rules.Notify) []int64 {
	tell := []int64{}
	add := func(wanted bool, u *staff.User) {
		if wanted && u != nil && u.Active && u.ID != row.AgentID && !slices.Contains(tell, u.ID) {
			tell = append(tell, u.ID)
		}
	}
	add(notify.Owner, org.User(row.OwnerID))
	add(notify.OwnerHead, org.HeadOf(row.OwnerID))
	add(notify.AgentHead, org.HeadOf(row.AgentID))
	return tell
}
