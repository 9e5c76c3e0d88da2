package calls

import (
	"context"
	"encoding/json"
	"time"

	"callhue/internal/fault"
)

// A page of ours in a frame of another site has no cookie: browsers withhold it there. The ticket in its address is
// good for one use, so that the page could not come back after a reload or a broken connection. It trades the ticket
// for a pass: the user's id, sealed by us. With it the page gets its live cards, a ticket for the next stream, and its
// next pass.
const (
	passLifetime = time.Hour      // longer than a restart of the server takes
	passLongest  = 12 * time.Hour // since the ticket was taken
	passContext  = "live/pass"
)

// pass is the content of a sealed pass. Times are Unix ms.
type pass struct {
	User  int64 `json:"user"`
	Since int64 `json:"since"`
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
// that has ended, was not sealed here, or belongs to a user who has left.
func (d *Tracker) RenewPass(ctx context.Context, in PassRequest) (EmbedSession, error) {
	none := EmbedSession{}
	p, err := d.passOf(ctx, in)
	if err != nil {
		return none, err
	}
	p.Until = min(d.DB.Clock().Add(passLifetime).UnixMilli(), p.Since+passLongest.Milliseconds())
	raw, err := json.Marshal(p)
	if err != nil {
		return none, err
	}
	s := EmbedSession{Until: time.UnixMilli(p.Until).UTC()}
	if s.Pass, err = d.Seal.Close(raw, passContext); err != nil {
		return none, err
	}
	if s.Ticket, _, err = d.Roster.AddTicket(ctx, p.User); err != nil {
		return none, err
	}
	if s.Cards, err = d.LiveCards(ctx, p.User); err != nil {
		return none, err
	}
	return s, nil
}

// passOf returns the pass of a ticket that it takes, or of a sealed pass whose user is active.
func (d *Tracker) passOf(ctx context.Context, in PassRequest) (pass, error) {
	if in.Pass == "" {
		user, err := d.Roster.TakeTicket(ctx, in.Ticket)
		if err != nil {
			return pass{}, err
		}
		return pass{User: user.ID, Since: d.DB.Clock().UnixMilli()}, nil
	}
	var p pass
	over := fault.Unauthorised("pass_over")
	raw, err := d.Seal.Open(in.Pass, passContext)
	if err != nil || json.Unmarshal(raw, &p) != nil || d.DB.Clock().UnixMilli() >= p.Until {
		return pass{}, over
	}
	org, err := d.Roster.Org(ctx)
	if err != nil {
		return pass{}, err
	}
	if u := org.User(p.User); u == nil || !u.Active {
		return pass{}, over
	}
	return p, nil
}
