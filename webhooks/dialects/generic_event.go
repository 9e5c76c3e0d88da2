package dialects

// GenericEvent is the body of a webhook in the generic dialect, for the API reference: parseGeneric reads the same
// names from forms, too. Other dialects have the bodies of their vendors.
type GenericEvent struct {
	Event        GenericKind      `json:"event"`
	CallID       string           `json:"call_id" doc:"The same for all events of a call."`
	Direction    GenericDirection `json:"direction,omitempty"`
	Leg          string           `json:"leg,omitempty" doc:"Of a call that rings at several agents."`
	Number       string           `json:"number,omitempty" doc:"The other party's; empty where it is hidden."`
	Agent        string           `json:"agent,omitempty" doc:"An extension, login, e-mail or other identity."`
	Line         string           `json:"line,omitempty" doc:"Our own number."`
	At           string           `json:"at,omitempty" doc:"RFC 3339; now without it."`
	Duration     int64            `json:"duration,omitempty" doc:"Seconds of conversation, when the call has ended."`
	Result       GenericResult    `json:"result,omitempty" doc:"When the call has ended."`
	RecordingURL string           `json:"recording_url,omitempty"`
}

// GenericKind is what happened to a call.
type GenericKind string

// Values returns the kinds, for the API reference.
func (GenericKind) Values() []string { return []string{"ringing", "answered", "ended"} }

// GenericDirection is the direction of a call.
type GenericDirection string

// Values returns the directions, for the API reference.
func (GenericDirection) Values() []string { return []string{"in", "out"} }

// GenericResult is how a call ended.
type GenericResult string

// Values returns the results, for the API reference.
func (GenericResult) Values() []string {
	return []string{"answered", "missed", "busy", "cancelled", "failed"}
}
