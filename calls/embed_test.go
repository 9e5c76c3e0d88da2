package calls

import (
	"context"
	"testing"
	"time"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/staff"
)

// TestPassOfAPageInAFrame: a ticket is good once, a pass as often as the page comes back with it, until it ends.
func TestPassOfAPageInAFrame(t *testing.T) {
	inOffice(t, func(o *office) {
		ctx := context.Background()
		renew := func(in PassRequest) EmbedSession {
			t.Helper()
			s, err := o.desk.RenewPass(ctx, in)
			o.must(err)
			return s
		}
		refused := func(why string, in PassRequest, key string) {
			t.Helper()
			if _, err := o.desk.RenewPass(ctx, in); err == nil || fault.Of(err).Key != key {
				t.Errorf("%s: %v, want %s", why, err, key)
			}
		}
		boris := o.user["boris"].ID
		ticket, _, err := o.roster.AddTicket(ctx, boris)
		o.must(err)
		first := renew(PassRequest{Ticket: ticket})
		refused("the ticket again", PassRequest{Ticket: ticket}, "ticket_used")
		refused("neither", PassRequest{}, "ticket_used")
		refused("another text", PassRequest{Pass: "v1:AAAA"}, "pass_over")
		if by, err := o.roster.TakeTicket(ctx, first.Ticket); err != nil || by.ID != boris {
			t.Errorf("the stream's ticket is of %+v, %v", by, err)
		}
		if len(first.Cards) != 0 {
			t.Errorf("cards before a call: %+v", first.Cards)
		}

		o.hear(event(Ringing, "102", 0))
		second := renew(PassRequest{Pass: first.Pass})
		if len(second.Cards) != 1 || second.Cards[0].Agent.Login != "boris" {
			t.Errorf("cards during a call: %+v", second.Cards)
		}
		renew(PassRequest{Pass: first.Pass}) // the answer was lost, and the page asks once more

		o.clock.Add(passLifetime.Milliseconds())
		refused("an hour later", PassRequest{Pass: second.Pass}, "pass_over")
	})
}

// TestAPassEnds: renewed all day, it ends with the day; and at once when its user gets another password or leaves.
func TestAPassEnds(t *testing.T) {
	inOffice(t, func(o *office) {
		ctx := context.Background()
		session := func() EmbedSession {
			ticket, _, err := o.roster.AddTicket(ctx, o.user["boris"].ID)
			o.must(err)
			s, err := o.desk.RenewPass(ctx, PassRequest{Ticket: ticket})
			o.must(err)
			return s
		}
		s, err := session(), error(nil)
		for spent := time.Duration(0); spent < passLongest; spent += passLifetime / 2 {
			o.clock.Add((passLifetime / 2).Milliseconds())
			if s, err = o.desk.RenewPass(ctx, PassRequest{Pass: s.Pass}); err != nil {
				if spent+passLifetime/2 < passLongest {
					t.Errorf("after %v: %v", spent, err)
				}
				break
			}
		}
		if err == nil || fault.Of(err).Key != "pass_over" {
			t.Errorf("after %v: %v", passLongest, err)
		}

		s = session()
		o.must(o.roster.SetPassword(ctx, access.System(), o.user["boris"].ID, "battery staple"))
		if _, err := o.desk.RenewPass(ctx, PassRequest{Pass: s.Pass}); err == nil || fault.Of(err).Key != "pass_over" {
			t.Errorf("after another password: %v", err)
		}
		if _, err := o.desk.RenewPass(ctx, PassRequest{Ticket: s.Ticket}); err == nil {
			t.Error("after another password the ticket of the pass starts a pass")
		}

		s = session()
		boris, left := o.user["boris"], false
		leaves := staff.UserChange{Version: boris.Version, Active: &left}
		_, err = o.roster.Change(ctx, access.System(), boris.ID, leaves)
		o.must(err)
		if _, err := o.desk.RenewPass(ctx, PassRequest{Pass: s.Pass}); err == nil || fault.Of(err).Key != "pass_over" {
			t.Errorf("of a user who has left: %v", err)
		}
	})
}
