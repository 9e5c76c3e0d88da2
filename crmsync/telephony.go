package crmsync

import (
	"context"
	"time"
)

// Telephony is a Portal that can show our calls to its users and keep them. Calls
// of the CRM's own telephony are never told to it.
type Telephony interface {
	// Register tells of a call that begins, and gives the CRM's id of it. Its card
	// opens for the users of the call, unless that is over already (it has a Result).
	// No record is made or changed.
	Register(ctx context.Context, c Call) (id string, err error)
	// Show opens the card of a call for more users, Hide closes it.
	Show(ctx context.Context, id string, users []string) error
	Hide(ctx context.Context, id string, users []string) error
	// Finish tells how a call ended; the CRM writes it down.
	Finish(ctx context.Context, id string, c Call) error
}

// Call is a call of a PBX of ours, for a CRM.
type Call struct {
	ID        string // ours, the same for ever
	Number    string // of the client, E.164
	Line      string
	Incoming  bool
	Users     []string // the CRM's ids of the agents
	StartedAt time.Time
	// Since the end:
	AnsweredBy string        // the CRM's id; "" when nobody did
	Talked     time.Duration // 0 when nobody did
	Result     string        // answered, missed, busy, cancelled or failed
	Recording  string        // URL, "" for none
}
