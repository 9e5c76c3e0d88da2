// Package threecx follows the calls of a 3CX through its call control API (version 20, Enterprise licence).
//
// A notification on a WebSocket names a participant that has changed; a request returns what it is now (client.go,
// wire.go). A Follower turns the participants, who are telephones in calls, into call events (follow.go), and compares
// what it knows with the list of all participants after each connection (reconcile.go).
//
// By the published facts: 3CX's own examples of call control. What they leave open is accepted either way.
package threecx

import (
	"encoding/json"
	"fmt"
	"strings"
)

// text is a JSON string, number or boolean as text. Anything else is "".
type text string

// UnmarshalJSON never fails: one odd field costs no participant.
func (t *text) UnmarshalJSON(raw []byte) error {
	var s string
	switch {
	case json.Unmarshal(raw, &s) == nil:
		*t = text(strings.TrimSpace(s))
	case raw[0] == '{' || raw[0] == '[':
		*t = ""
	default:
		*t = text(raw)
	}
	return nil
}

// Participant is one telephone, queue or line in a call.
type Participant struct {
	ID       text `json:"id"`
	DN       text `json:"dn"`     // whose part it is: an extension, a queue
	Status   text `json:"status"` // Dialing, Ringing, Connected
	CallID   text `json:"callid"` // a transfer keeps it
	Party    text `json:"party_caller_id"`
	PartyDN  text `json:"party_dn"`
	PartyIs  text `json:"party_dn_type"` // Wexternalline, Wextension, Wqueue, Wroutepoint ...
	PartyDID text `json:"party_did"`     // our own number that was called
}

// status returns the status in lower case.
func (p *Participant) status() string { return strings.ToLower(string(p.Status)) }

// DN is a number of the PBX that we may watch, with those who take part in calls there.
type DN struct {
	DN           text          `json:"dn"`
	Type         text          `json:"type"`
	Participants []Participant `json:"participants"`
}

// dnType returns a type of a DN in lower case, without the W before it: extension, queue, externalline. It is "" when
// the PBX does not name one.
func dnType(t text) string {
	word := strings.TrimPrefix(strings.ToLower(string(t)), "w")
	if word == "none" || word == "null" {
		return ""
	}
	return word
}

// Change is what a notification says of a participant.
type Change string

// The changes. Other notifications, such as of digits that are dialled, have none.
const (
	NoChange Change = ""
	Upserted Change = "upserted"
	Removed  Change = "removed"
)

// Notification is a message of the WebSocket.
type Notification struct {
	Sequence int64
	Change   Change
	Entity   string // the path at which the participant is found
	DN, ID   string // of the participant
}

// ReadNotification reads a message of the WebSocket. One that is no JSON is an error.
func ReadNotification(raw []byte) (Notification, error) {
	var m struct {
		Sequence json.Number `json:"sequence"`
		Event    struct {
			Type   text `json:"event_type"`
			Entity text `json:"entity"`
		} `json:"event"`
	}
	if err := json.Unmarshal(raw, &m); err != nil {
		return Notification{}, fmt.Errorf("3cx: a notification that cannot be read: %w", err)
	}
	sequence, _ := m.Sequence.Int64()
	n := Notification{Sequence: sequence, Entity: string(m.Event.Entity)}
	parts := strings.Split(strings.Trim(n.Entity, "/"), "/")
	if len(parts) != 4 || !strings.EqualFold(parts[0], "callcontrol") || !strings.EqualFold(parts[2], "participants") {
		return n, nil
	}
	n.DN, n.ID = parts[1], parts[3]
	switch strings.ToLower(string(m.Event.Type)) {
	case "0", "upset", "upsert":
		n.Change = Upserted
	case "1", "remove", "delete":
		n.Change = Removed
	}
	return n, nil
}
