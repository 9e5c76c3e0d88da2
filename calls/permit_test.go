package calls

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"callhue/internal/access"
	"callhue/permits"
	"callhue/rules"
)

// as is someone of the office, signed in.
func (o *office) as(login string) *access.User {
	u := o.user[login]
	return &access.User{ID: u.ID, Login: login, Name: u.Name, Roles: u.Roles, Language: u.Language}
}

// permit has Igor let someone work with Вектор.
func (o *office) permit(login string, hours int) permits.Permit {
	o.t.Helper()
	p, err := o.board.Grant(context.Background(), o.as("igor"), permits.NewPermit{AgentID: o.user[login].ID, CompanyID: o.check(p1, "anna").Subject.ID, Hours: hours})
	o.must(err)
	return p
}

// live returns someone's only live card.
func (o *office) live(login string) Card {
	o.t.Helper()
	cards, err := liveCards(o.db.Read(context.Background()), o.user[login].ID)
	o.must(err)
	if len(cards) != 1 {
		o.t.Fatalf("%s has %d live cards, want 1", login, len(cards))
	}
	return cards[0].shown()
}

func TestRow23Permit(t *testing.T) {
	inOffice(t, func(o *office) {
		given := o.permit("boris", 2)
		for _, direction := range []rules.Direction{rules.Out, rules.In} {
			for _, c := range []struct {
				why, number, login string
				color              rules.Color
				reason             rules.Why
				permit             int64
			}{
				{"the company's number", p1, "boris", rules.None, rules.WhyPermit, given.ID},
				{"its contact's", p2, "boris", rules.Yellow, rules.WhyPermit, given.ID},
				{"a colleague has none", p1, "vera", rules.Red, rules.WhyForeignInWork, 0},
			} {
				card, err := o.desk.Check(context.Background(), Question{Number: o.desk.Plan.Parse(c.number), Agent: o.user[c.login], Direction: direction})
				o.must(err)
				permit := permitOf(card)
				if card.Verdict.Color != c.color || card.Verdict.Why != c.reason || permit != c.permit {
					t.Errorf("%s, %s: %s %s, permit %d; want %s %s %d", c.why, direction, card.Verdict.Color, card.Verdict.Why, permit, c.color, c.reason, c.permit)
				}
				if c.permit != 0 && (!card.Permit.Until.Equal(given.Until.Time()) || card.Permit.By.ID != o.user["igor"].ID || card.Verdict.Relation != rules.Permit ||
					strings.ContainsAny(card.Verdict.Title+card.Verdict.Text, "0123456789")) { // C-43: the client formats times
					t.Errorf("%s: the card shows %+v, %q", c.why, card.Permit, card.Verdict.Title)
				}
			}
		}
		o.clock.Add(2 * time.Hour.Milliseconds())
		if v := o.check(p1, "boris").Verdict; v.Color != rules.Red {
			t.Errorf("in the moment in which its time is over: %s %s", v.Color, v.Why)
		}
	})
}

// With another owner the permit is over for the very
// next call, whether anybody swept or not.
func TestAPermitEndsWithTheOwner(t *testing.T) {
	inOffice(t, func(o *office) {
		ctx := context.Background()
		o.permit("boris", 2)
		c, err := o.book.FindCompany(ctx, o.check(p1, "anna").Subject.ID)
		o.must(err)
		_, err = o.book.SetOwner(ctx, o.admin, c.ID, o.user["vera"].ID, "", c.Version)
		o.must(err)
		if v := o.check(p1, "boris").Verdict; v.Color != rules.Red || v.Why != rules.WhyForeignInWork {
			t.Errorf("Vera's head was not asked: %s %s", v.Color, v.Why)
		}
	})
}

func TestAPermitRepaintsTheLiveCard(t *testing.T) {
	inOffice(t, func(o *office) {
		ctx := context.Background()
		if card := o.hear(event(Ringing, "102", 0)); card.Verdict.Color != rules.Red || !slices.Contains(card.Actions, rules.ActionAskPermit) {
			t.Fatalf("before: %+v", card.Verdict)
		}
		o.hear(event(Ringing, "103", 1)) // Vera's stays
		look := func(why string, color rules.Color, verbs ...string) {
			t.Helper()
			mark := o.mark()
			o.must(o.desk.reevaluatePermitted(ctx))
			if got := o.verbs(mark); !slices.Equal(got, verbs) {
				t.Errorf("%s: told %v, want %v", why, got, verbs)
			}
			if v := o.live("boris").Verdict; v.Color != color {
				t.Errorf("%s: the card is %s %s, want %s", why, v.Color, v.Why, color)
			}
		}
		look("nothing happened", rules.Red)
		o.permit("boris", 2)
		look("granted", rules.None, "card.changed")
		if card := o.live("boris"); card.Permit == nil || card.Call.State != StateRinging {
			t.Errorf("the card: %+v", card)
		}
		look("looked again", rules.None)
		o.permit("boris", 3)
		look("another one in its place", rules.None, "card.changed")
		o.clock.Add(3 * time.Hour.Milliseconds())
		o.must(o.board.Sweep(ctx))
		look("over", rules.Red, "card.changed")
		if v := o.live("vera").Verdict; v.Color != rules.Red {
			t.Errorf("the colleague's card: %s", v.Color)
		}
	})
}

// TestAPermitIsHeardOfByTheRunningDesk waits for the background to do it.
func TestAPermitIsHeardOfByTheRunningDesk(t *testing.T) {
	inOffice(t, func(o *office) {
		ctx, stop := context.WithCancel(context.Background())
		done := make(chan error)
		go func() { done <- o.desk.Run(ctx) }()
		defer func() { stop(); o.must(<-done) }()
		o.hear(event(Ringing, "102", 0))
		o.permit("boris", 1)
		for deadline := time.Now().Add(time.Minute); o.live("boris").Verdict.Color != rules.None; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("the live card stays red")
			}
		}
	})
}

func TestRow25AsksTheHead(t *testing.T) {
	inOffice(t, func(o *office) {
		ctx := context.Background()
		o.must(o.roster.Disable(ctx, access.System(), o.user["anna"].ID))
		mark := o.mark()
		for second, agent := range []string{"102", "103"} {
			if card := o.hear(event(Ringing, agent, second)); card.Verdict.Why != rules.WhyOwnerInactive {
				t.Fatalf("%s %s", card.Verdict.Color, card.Verdict.Why)
			}
		}
		o.hear(event(Answered, "102", 5))
		made := 0
		for _, e := range o.since(mark) {
			if e.Verb == permits.AskMade {
				made++
			}
		}
		page, err := o.board.Asks(ctx, o.as("igor"), permits.AskFilter{State: permits.AskOpen})
		o.must(err)
		if made != 1 || len(page.Items) != 1 {
			t.Fatalf("%d asks made, %d in the head's list; want 1", made, len(page.Items))
		}
		if a := page.Items[0]; a.Kind != permits.AskOwnerLeft || a.Company.Name != "Вектор" || a.Owner.ID != o.user["anna"].ID || a.CallID != o.only().ID || !a.MayDecide {
			t.Errorf("the ask: %+v", a)
		}
		if other, err := o.board.Asks(ctx, o.as("oleg"), permits.AskFilter{}); err != nil || len(other.Items) != 0 {
			t.Errorf("another head sees %v, %v", other.Items, err)
		}
	})
}

// A check before a call shows row 25 too, but nothing happened yet.
func TestACheckAsksNobody(t *testing.T) {
	inOffice(t, func(o *office) {
		o.must(o.roster.Disable(context.Background(), access.System(), o.user["anna"].ID))
		mark := o.mark()
		o.check(p1, "boris")
		if told := o.verbs(mark); len(told) != 0 {
			t.Errorf("a check told %v", told)
		}
	})
}

func TestWhoHearsOfAsksLive(t *testing.T) {
	inOffice(t, func(o *office) {
		ctx := context.Background()
		org, err := o.roster.Org(ctx)
		o.must(err)
		mark := o.mark()
		asked, err := o.board.Ask(ctx, o.as("boris"), permits.NewAsk{Kind: permits.AskPermit, CompanyID: o.check(p1, "anna").Subject.ID})
		o.must(err)
		_, err = o.board.GrantAsk(ctx, o.as("igor"), asked.ID, permits.AskGrant{})
		o.must(err)
		for login, want := range map[string]int{"boris": 3, "igor": 3, "admin": 3, "oleg": 0, "anna": 0, "vera": 0} {
			wants, err := wanted(o, org, o.as(login), "", "")
			o.must(err)
			n := 0
			for _, e := range o.since(mark) {
				if wants(e) {
					n++
				}
			}
			if n != want {
				t.Errorf("%s hears %d entries of made, granted and decided, want %d", login, n, want)
			}
		}
	})
}
