package permits

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/staff"
)

func (w *world) asks(by *access.User, company int64, kind AskKind) Ask {
	w.Helper()
	a, err := w.Ask(context.Background(), by, NewAsk{Kind: kind, CompanyID: company, CallID: 7,
		Reason: "the client asked for me"})
	must(w.T, err)
	return a
}

func (w *world) sees(why string, who *access.User, open, toDecide int) {
	w.Helper()
	ctx := context.Background()
	page, err := w.Asks(ctx, who, AskFilter{State: AskOpen})
	must(w.T, err)
	count, err := w.CountAsks(ctx, who)
	must(w.T, err)
	if len(page.Items) != open || count.Open != toDecide {
		w.Errorf("%s: %s sees %d open asks and may decide %d; want %d and %d", why, who.Login, len(page.Items),
			count.Open, open, toDecide)
	}
}

func TestAPermitIsAskedForAndGranted(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w, ctx := newWorld(t, db), context.Background()
		acme := w.Company("Acme", w.Anna)
		asked := w.asks(w.Boris, acme.ID, AskPermit)
		if again := w.asks(w.Boris, acme.ID, AskPermit); again.ID != asked.ID || len(w.Entries(AskMade)) != 1 {
			t.Errorf("asked twice: %+v, then %+v", asked, again)
		}
		made := w.Entries(AskMade)[0]
		if made.Actor != w.Boris.ID || made.Team != w.Anna.Department || made.Subject.ID != w.Boris.ID ||
			made.Client.ID != acme.ID {
			t.Errorf("the owner's heads do not hear of it: %+v", made)
		}
		w.sees("who asks", w.Boris, 1, 0)
		w.sees("the owner", w.Anna, 0, 0)
		w.sees("the owner's head", w.Igor, 1, 1)
		w.sees("and his", w.Rita, 1, 1)
		w.sees("another head", w.Oleg, 0, 0)
		w.sees("an admin", w.Admin, 1, 1)

		for _, by := range []*access.User{w.Boris, w.Anna, w.Oleg} {
			_, err := w.GrantAsk(ctx, by, asked.ID, AskGrant{})
			wantFault(t, by.Login, err, "ask_forbidden")
			if e := w.Entries(journal.ChangeRefused)[0]; e.Actor != by.ID || word(t, e, "code") != "ask_forbidden" {
				t.Errorf("%s: the journal keeps no refusal", by.Login)
			}
		}
		_, err := w.GrantAsk(ctx, w.Igor, asked.ID, AskGrant{Hours: 500})
		wantFault(t, "too long", err, "invalid_input")
		w.HoursFrom(func(context.Context) (int, error) { return 3, nil })
		done, err := w.GrantAsk(ctx, w.Igor, asked.ID, AskGrant{Answer: "go on"})
		must(t, err)
		pass, holds := w.held(w.Boris, acme)
		if !holds || pass.ID != done.PermitID || !pass.Until.Equal(w.Clock.Now().Add(3*time.Hour)) ||
			done.State != AskGranted || done.DecidedBy.ID != w.Igor.ID {
			t.Errorf("granted: %+v, holds %v %+v", done, holds, pass)
		}
		decided := w.Entries(AskDecided)[0]
		if decided.Subject != (journal.Ref{Kind: "user", ID: w.Boris.ID}) || word(t, decided, "state") != "granted" ||
			word(t, decided, "answer") != "go on" {
			t.Errorf("the agent does not hear of it: %+v %s", decided, decided.Details)
		}
		_, err = w.GrantAsk(ctx, w.Rita, asked.ID, AskGrant{})
		wantFault(t, "twice", err, "ask_decided")
		_, err = w.Ask(ctx, w.Boris, NewAsk{Kind: AskPermit, CompanyID: acme.ID})
		wantFault(t, "he has one", err, "ask_not_needed")
		w.Clock.Move(4 * time.Hour)
		if next := w.asks(w.Boris, acme.ID, AskPermit); next.ID == asked.ID {
			t.Error("a decided ask was open again")
		}
	})
}

func TestAsksOfAllKinds(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w, ctx := newWorld(t, db), context.Background()
		acme := w.Company("Acme", w.Anna)

		no := w.asks(w.Boris, acme.ID, AskPermit)
		_, err := w.RefuseAsk(ctx, w.Igor, no.ID, " ")
		wantFault(t, "no without a reason", err, "invalid_input")
		said, err := w.RefuseAsk(ctx, w.Igor, no.ID, "she is on it")
		must(t, err)
		if said.State != AskRefused || said.Answer != "she is on it" {
			t.Errorf("refused: %+v", said)
		}
		w.holds("refused", w.Boris, acme, false)

		back := w.asks(w.Boris, acme.ID, AskPermit)
		_, err = w.FinishAsk(ctx, w.Igor, back.ID, "")
		wantFault(t, "a head says yes or no", err, "not_for_this_ask")
		_, err = w.FinishAsk(ctx, w.Boris, back.ID, "")
		wantFault(t, "an agent takes his own back", err, "")

		assign := w.asks(w.Boris, acme.ID, AskAssign)
		_, err = w.GrantAsk(ctx, w.Igor, assign.ID, AskGrant{})
		wantFault(t, "nobody was named", err, "invalid_input")
		other := w.asks(w.Vera, acme.ID, AskAssign)
		_, err = w.GrantAsk(ctx, w.Igor, assign.ID, AskGrant{OwnerID: w.Boris.ID})
		must(t, err)
		if c, err := w.Records.FindCompany(ctx, acme.ID); err != nil || c.OwnerID != w.Boris.ID {
			t.Errorf("the company is not his: %+v, %v", c, err)
		}
		must(t, w.Sweep(ctx))
		if a, err := w.FindAsk(ctx, w.Vera, other.ID); err != nil || a.State != AskDone {
			t.Errorf("an ask that was answered by the move: %+v, %v", a, err)
		}
		_, err = w.Ask(ctx, w.Boris, NewAsk{Kind: AskPermit, CompanyID: acme.ID})
		wantFault(t, "it is his", err, "ask_not_needed")

		guarded := w.Company("Nobody's", nil)
		a := w.asks(w.Boris, guarded.ID, AskAssign)
		_, err = w.GrantAsk(ctx, w.Igor, a.ID, AskGrant{OwnerID: w.Boris.ID})
		wantFault(t, "a protected company without an owner has no head", err, "ask_forbidden")
		_, err = w.GrantAsk(ctx, w.Admin, a.ID, AskGrant{OwnerID: w.Boris.ID})
		wantFault(t, "but the admin", err, "")

		for _, in := range []NewAsk{{Kind: AskOwnerLeft, CompanyID: acme.ID}, {Kind: "raise", CompanyID: acme.ID},
			{Kind: AskPermit}, {Kind: AskPermit, CompanyID: acme.ID, CallID: -1}} {
			_, err := w.Ask(ctx, w.Vera, in)
			wantFault(t, string(in.Kind), err, "invalid_input")
		}
		_, err = w.FindAsk(ctx, w.Vera, no.ID)
		wantFault(t, "somebody else's ask", err, "not_found")
	})
}

func TestAnOwnerHasLeft(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w, ctx := newWorld(t, db), context.Background()
		acme := w.Company("Acme", w.Anna)
		must(t, w.Roster.Disable(ctx, access.System(), w.Anna.ID))
		note := func() {
			t.Helper()
			org, err := w.Roster.Org(ctx)
			must(t, err)
			must(t, db.Write(ctx, func(tx *store.Tx) error {
				return w.OwnerLeft(tx, org, crm.Named{ID: acme.ID, Name: acme.Name}, w.Anna.ID, 5)
			}))
		}
		note()
		note()
		w.sees("the head of her department", w.Igor, 1, 1)
		w.sees("not the agents", w.Boris, 0, 0)
		page, err := w.Asks(ctx, w.Igor, AskFilter{Kind: AskOwnerLeft})
		must(t, err)
		left := page.Items[0]
		if left.Agent != nil || left.Owner.ID != w.Anna.ID || left.CallID != 5 || !left.MayDecide {
			t.Errorf("the ask: %+v", left)
		}
		_, err = w.RefuseAsk(ctx, w.Igor, left.ID, "no")
		wantFault(t, "there is nobody to refuse", err, "not_for_this_ask")
		_, err = w.FinishAsk(ctx, w.Boris, left.ID, "")
		wantFault(t, "an agent does not put it away", err, "ask_forbidden")
		_, err = w.FinishAsk(ctx, w.Igor, left.ID, "I call them myself")
		must(t, err)
		note()
		w.sees("the next call asks again", w.Igor, 1, 1)
		page, err = w.Asks(ctx, w.Igor, AskFilter{Kind: AskOwnerLeft, State: AskOpen})
		must(t, err)
		_, err = w.GrantAsk(ctx, w.Igor, page.Items[0].ID, AskGrant{OwnerID: w.Boris.ID})
		must(t, err)
		if c, err := w.Records.FindCompany(ctx, acme.ID); err != nil || c.OwnerID != w.Boris.ID {
			t.Errorf("one click gives it a new owner: %+v, %v", c, err)
		}
	})
}

// TestAnOwnerCameBack checks that a request made by the product ends by itself when the owner works here
// again, and not before.
func TestAnOwnerCameBack(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w, ctx := newWorld(t, db), context.Background()
		acme := w.Company("Acme", w.Anna)
		must(t, w.Roster.Disable(ctx, access.System(), w.Anna.ID))
		org, err := w.Roster.Org(ctx)
		must(t, err)
		must(t, db.Write(ctx, func(tx *store.Tx) error {
			return w.OwnerLeft(tx, org, crm.Named{ID: acme.ID, Name: acme.Name}, w.Anna.ID, 5)
		}))
		must(t, w.Sweep(ctx))
		w.sees("she is still away", w.Igor, 1, 1)
		gone, err := w.Roster.Find(ctx, w.Anna.ID)
		must(t, err)
		on := true
		_, err = w.Roster.Change(ctx, access.System(), gone.ID, staff.UserChange{Version: gone.Version, Active: &on})
		must(t, err)
		must(t, w.Sweep(ctx))
		w.sees("she is back", w.Igor, 0, 0)
		if !movesCompanies(journal.Entry{Verb: staff.UserChanged, Subject: journal.Ref{Kind: "user", ID: gone.ID}}) {
			t.Error("nobody sweeps when a user comes back")
		}
	})
}

// TestAsksAtOnce: however many ask and grant at the same moment, there is one ask
// and one permit.
func TestAsksAtOnce(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w, ctx := newWorld(t, db), context.Background()
		acme := w.Company("Acme", w.Anna)
		var wg sync.WaitGroup
		var ids sync.Map
		for range 10 {
			wg.Go(func() {
				a, err := w.Ask(ctx, w.Boris, NewAsk{Kind: AskPermit, CompanyID: acme.ID})
				if err != nil {
					t.Errorf("ask: %v", err)
				}
				ids.Store(a.ID, true)
			})
		}
		wg.Wait()
		var one int64
		n := 0
		ids.Range(func(id, _ any) bool { one, n = id.(int64), n+1; return true })
		if n != 1 || len(w.Entries(AskMade)) != 1 {
			t.Fatalf("%d asks, %d entries; want one", n, len(w.Entries(AskMade)))
		}
		var granted atomic.Int64
		for range 5 {
			for _, by := range []*access.User{w.Igor, w.Rita} {
				wg.Go(func() {
					_, err := w.GrantAsk(ctx, by, one, AskGrant{Hours: 1})
					if err == nil {
						granted.Add(1)
						return
					}
					wantFault(t, "a colleague was faster", err, "ask_decided")
				})
			}
		}
		wg.Wait()
		if given := len(w.Entries(PermitGranted)); granted.Load() != 1 || given != 1 ||
			len(w.Entries(AskDecided)) != 1 {
			t.Errorf("%d said yes, %d permits; want one of each", granted.Load(), given)
		}
	})
}

// A head who gives a permit of his own accord answers the agent's ask with it.
func TestAPermitAnswersTheAsk(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w, ctx := newWorld(t, db), context.Background()
		acme := w.Company("Acme", w.Anna)
		asked := w.asks(w.Boris, acme.ID, AskPermit)
		p, err := w.Grant(ctx, w.Rita, NewPermit{AgentID: w.Boris.ID, CompanyID: acme.ID, Hours: 1})
		must(t, err)
		a, err := w.FindAsk(ctx, w.Boris, asked.ID)
		must(t, err)
		if a.State != AskGranted || a.PermitID != p.ID || p.AskID != asked.ID {
			t.Errorf("ask %+v, permit %+v", a, p)
		}
	})
}

// TestADeputyOfAHeadDecidesInTheirPeriod: a head's deputy sees and decides requests as the head would, while the period
// lasts, but none about the head's own companies or their own requests.
func TestADeputyOfAHeadDecidesInTheirPeriod(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w, ctx := newWorld(t, db), context.Background()
		now := store.MomentOf(w.Clock.Now())
		_, err := w.Roster.AddDeputy(ctx, access.System(), w.Igor.ID,
			staff.NewDeputy{DeputyID: w.Vera.ID, From: now, Until: now.Add(time.Hour)})
		must(t, err)
		acme, heads, own := w.Company("Acme", w.Anna), w.Company("Heads", w.Igor), w.Company("Own", w.Anna)
		ask := func(who *access.User, company int64) int64 {
			t.Helper()
			asked, err := w.Ask(ctx, who, NewAsk{Kind: AskPermit, CompanyID: company})
			must(t, err)
			return asked.ID
		}
		first, second, third := ask(w.Boris, acme.ID), ask(w.Boris, heads.ID), ask(w.Vera, own.ID)
		count, err := w.CountAsks(ctx, w.Vera)
		if err != nil || count.Open != 1 {
			t.Errorf("%d wait for the deputy, %v", count.Open, err)
		}
		_, err = w.GrantAsk(ctx, w.Vera, second, AskGrant{})
		wantFault(t, "a company of the head", err, "ask_forbidden")
		_, err = w.GrantAsk(ctx, w.Vera, third, AskGrant{})
		wantFault(t, "a request of their own", err, "ask_forbidden")
		_, err = w.GrantAsk(ctx, w.Vera, first, AskGrant{})
		must(t, err)
		w.holds("the deputy has granted it", w.Boris, acme, true)
		assign, err := w.Ask(ctx, w.Boris, NewAsk{Kind: AskAssign, CompanyID: own.ID})
		must(t, err)
		w.Clock.Move(2 * time.Hour)
		_, err = w.GrantAsk(ctx, w.Vera, assign.ID, AskGrant{OwnerID: w.Boris.ID})
		wantFault(t, "the period is over", err, "ask_forbidden")
		w.Clock.Move(-90 * time.Minute)
		_, err = w.GrantAsk(ctx, w.Vera, assign.ID, AskGrant{OwnerID: w.Boris.ID})
		must(t, err)
		if c, err := w.Records.FindCompany(ctx, own.ID); err != nil || c.OwnerID != w.Boris.ID {
			t.Errorf("the owner: %+v, %v", c.OwnerID, err)
		}
	})
}
