package crmsync

import (
	"context"
	"time"
)

// Telephony is a Portal that can show our calls to its users and log them. Calls of the CRM's own telephony
// are never reported to it.
type Telephony interface {
	// Register reports a call that begins and returns the CRM's id of it. Its card opens for the users of
	// the call, unless it has ended (has a Result). No record is added or changed.
	Register(ctx context.Context, c Call) (id string, err error)
	// Show opens the card of a call for more users; Hide closes it.
	Show(ctx context.Context, id string, users []string) error
	Hide(ctx context.Context, id string, users []string) error
	// Finish reports how a call ended; the CRM logs it.
	Finish(ctx context.Context, id string, c Call) error
}

// Call is a call of one of our PBXs, as reported to a CRM.
type Call struct {
	ID        string // ours, never changes
	Number    string // of the client, E.164
	Line      string
	Incoming  bool
	Users     []string // the CRM's ids of the agents
	StartedAt time.Time
	// the CRM's id; "" if not answered
	AnsweredBy string        // the CRM's id; "" if not answered
	Talked     time.Duration // 0 if not answered
	Result     string        // answered, missed, busy, cancelled or failed
	Recording  string        // URL, "" for none
}
