package sources

import "time"

// RequestCount is how many requests of a source had the same outcome.
type RequestCount struct {
	Outcome Outcome   `json:"outcome"`
	Day     int64     `json:"day"`  // in the last 24 hours, begun ones whole
	Week    int64     `json:"week"` // in the last 7 days
	Ever    int64     `json:"ever"`
	LastAt  time.Time `json:"last_at"`
}

// Outcome is what became of a request.
type Outcome string

// The outcomes of requests.
const (
	Understood Outcome = "understood"
	Ignored    Outcome = "ignored" // an event that we do not use
	Refused    Outcome = "refused" // not authenticated
	Invalid    Outcome = "invalid" // authenticated, but not readable
	Limited    Outcome = "limited" // too many at once
	Failed     Outcome = "failed"  // by our own fault
)

// Values lists the outcomes, for the API reference.
func (Outcome) Values() []string {
	return []string{string(Understood), string(Ignored), string(Refused), string(Invalid), string(Limited), string(Failed)}
}

// lastUnderstood returns when the source last sent something that was understood; nil when it never did.
func lastUnderstood(counts []RequestCount) *time.Time {
	var last *time.Time
	for _, c := range counts {
		readable := c.Outcome == Understood || c.Outcome == Ignored
		if readable && (last == nil || c.LastAt.After(*last)) {
			last = &c.LastAt
		}
	}
	return last
}

// LinkStatus is the state of our connection to the other side of a source.
type LinkStatus struct {
	State  LinkState `json:"state"`
	Reason string    `json:"why,omitempty"` // a code; why the connection failed
}

// LinkState is the state of a connection that we open.
type LinkState string

// The states. Those of a CRM are reported in more detail by its sync.
const (
	LinkOff          LinkState = "off"           // the source is switched off
	LinkNotInstalled LinkState = "not_installed" // the CRM has not granted access yet
	LinkConnecting   LinkState = "connecting"
	LinkConnected    LinkState = "connected"
	LinkFailed       LinkState = "failed" // it is tried again
)

// Values lists the states, for the API reference.
func (LinkState) Values() []string {
	return []string{string(LinkOff), string(LinkNotInstalled), string(LinkConnecting), string(LinkConnected),
		string(LinkFailed)}
}
