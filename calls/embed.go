package calls

import (
	"context"
	"encoding/json"
	"time"

	"callhue/internal/fault"
	"callhue/staff"
)

// A page of ours in a frame of another site has no cookie: browsers withhold it there. The ticket in its address is
// good for one use, so that the page could not come back after a reload or a broken connection. It trades the ticket
// for a pass of staff, whose id is sealed by us: it ends with the session or token that asked for the ticket. With it
// the page gets its live cards, a ticket for the next stream, and its next pass.
const (
	passLifetime = time.Hour      // longer than a restart of the server takes
	passLongest  = 12 * time.Hour // since the ticket was taken
	passContext  = "live/pass"
)

// pass is the content of a sealed pass. Times are Unix ms.
type pass struct {
	ID    int64 `json:"id"`
	User  int64 `json:"user"`
	Until int64 `json:"until"`
}

// PassRequest holds the ticket of a page that has just been opened, or the pass that it has.
type PassRequest struct {
	Ticket string `json:"ticket,omitempty"`
	Pass   string `json:"pass,omitempty"`
}

// EmbedSession is what a page in a frame works with: its next pass, a ticket for one stream, and its user's live cards.
type EmbedSession struct {
	Pass   string    `json:"pass"`
	Until  time.Time `json:"until"` // when the pass ends
	Ticket string    `json:"ticket"`
	Cards  []Card    `json:"cards"`
}

// RenewPass trades a ticket or a pass for the next one. Faults: unauthorised "ticket_used", and "pass_over" for a pass
// that has ended or was not sealed here, or whose user was signed out.
func (d *Tracker) RenewPass(ctx context.Context, in PassRequest) (EmbedSession, error) {
	none := EmbedSession{}
	p, err := d.passOf(ctx, in)
	if err != nil {
		return none, err
	}
	until := min(d.DB.Clock().Add(passLifetime).UnixMilli(), p.Until.UnixMilli())
	raw, err := json.Marshal(pass{ID: p.ID, User: p.UserID, Until: until})
	if err != nil {
		return none, err
	}
	s := EmbedSession{Until: time.UnixMilli(until).UTC()}
	if s.Pass, err = d.Seal.Close(raw, passContext); err != nil {
		return none, err
	}
	if s.Ticket, err = d.Roster.AddTicketOf(ctx, p); err != nil {
		return none, err
	}
	if s.Cards, err = d.LiveCards(ctx, p.UserID); err != nil {
		return none, err
	}
	return s, nil
}

// passOf returns the pass for a ticket, which it takes, or that of a sealed text.
func (d *Tracker) passOf(ctx context.Context, in PassRequest) (staff.Pass, error) {
	if in.Pass == "" {
		return d.Roster.StartPass(ctx, in.Ticket, passLongest)
	}
	var p pass
	raw, err := d.Seal.Open(in.Pass, passContext)
	if err != nil || json.Unmarshal(raw, &p) != nil || d.DB.Clock().UnixMilli() >= p.Until {
		return staff.Pass{}, fault.Unauthorised("pass_over")
	}
	return d.Roster.FindPass(ctx, p.User, p.ID)
}
