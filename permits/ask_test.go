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
	a, err := w.Ask(context.Background(), by, NewAsk{Kind: kind, CompanyID: company, CallID: 7, Reason: "the client asked for me"})
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
		w.Errorf("%s: %s sees %d open asks and may decide %d; want %d and %d", why, who.Login, len(page.Items), count.Open, open, toDecide)
	}
}

func TestAPermitIsAskedForAndGranted(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		w, ctx := newWorld(t, db), context.Background()
		acme := w.company("Acme", w.anna)
		asked := w.asks(w.boris, acme.ID, AskPermit)
		if again := w.asks(w.boris, acme.ID, AskPermit); again.ID != asked.ID || len(w.entries(AskMade)) != 1 {
			t.Errorf("asked twice: %+v, then %+v", asked, again)
		}
		made := w.entries(AskMade)[0]
		if made.Actor != w.boris.ID || made.Team != w.anna.Department || made.Subject.ID != w.boris.ID || made.Client.ID != acme.ID {
			t.Errorf("the owner's heads do not hear of it: %+v", made)
		}
		w.sees("who asks", w.boris, 1, 0)
		w.sees("the owner", w.anna, 0, 0)
		w.sees("the owner's head", w.igor, 1, 1)
		w.sees("and his", w.rita, 1, 1)
		w.sees("another head", w.oleg, 0, 0)
		w.sees("an admin", w.admin, 1, 1)

		for _, by := range []*access.User{w.boris, w.anna, w.oleg} {
			_, err := w.GrantAsk(ctx, by, asked.ID, Yes{})
			wantFault(t, by.Login, err, "ask_forbidden")
			if e := w.entries(journal.ChangeRefused)[0]; e.Actor != by.ID || word(t, e, "code") != "ask_forbidden" {
				t.Errorf("%s: the journal keeps no refusal", by.Login)
			}
		}
		_, err := w.GrantAsk(ctx, w.igor, asked.ID, Yes{Hours: 500})
		wantFault(t, "too long", err, "invalid_input")
		w.HoursFrom(func(context.Context) (int, error) { return 3, nil })
		done, err := w.GrantAsk(ctx, w.igor, asked.ID, Yes{Answer: "go on"})
		must(t, err)
		pass, holds := w.held(w.boris, acme)
		if !holds || pass.ID != done.PermitID || !pass.Until.Equal(w.clock.now().Add(3*time.Hour)) || done.State != AskGranted || done.DecidedBy.ID != w.igor.ID {
			t.Errorf("granted: %+v, holds %v %+v", done, holds, pass)
		}
		decided := w.entries(AskDecided)[0]
		if decided.Subject != (journal.Ref{Kind: "user", ID: w.boris.ID}) || word(t, decided, "state") != "granted" || word(t, decided, "answer") != "go on" {
			t.Errorf("the agent does not hear of it: %+v %s", decided, decided.Details)
		}
		_, err = w.GrantAsk(ctx, w.rita, asked.ID, Yes{})
		wantFault(t, "twice", err, "ask_decided")
		_, err = w.Ask(ctx, w.boris, NewAsk{Kind: AskPermit, CompanyID: acme.ID})
		wantFault(t, "he has one", err, "ask_not_needed")
		w.clock.move(4 * time.Hour)
		if next := w.asks(w.boris, acme.ID, AskPermit); next.ID == asked.ID {
			t.Error("a decided ask was open again")
		}
	})
}

func TestAsksOfAllKinds(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		w, ctx := newWorld(t, db), context.Background()
		acme := w.company("Acme", w.anna)

		no := w.asks(w.boris, acme.ID, AskPermit)
		_, err := w.RefuseAsk(ctx, w.igor, no.ID, " ")
		wantFault(t, "no without a reason", err, "invalid_input")
		said, err := w.RefuseAsk(ctx, w.igor, no.ID, "she is on it")
		must(t, err)
		if said.State != AskRefused || said.Answer != "she is on it" {
			t.Errorf("refused: %+v", said)
		}
		w.holds("refused", w.boris, acme, false)

		back := w.asks(w.boris, acme.ID, AskPermit)
		_, err = w.FinishAsk(ctx, w.igor, back.ID, "")
		wantFault(t, "a head says yes or no", err, "not_for_this_ask")
		_, err = w.FinishAsk(ctx, w.boris, back.ID, "")
		wantFault(t, "an agent takes his own back", err, "")

		assign := w.asks(w.boris, acme.ID, AskAssign)
		_, err = w.GrantAsk(ctx, w.igor, assign.ID, Yes{})
		wantFault(t, "nobody was named", err, "invalid_input")
		other := w.asks(w.vera, acme.ID, AskAssign)
		_, err = w.GrantAsk(ctx, w.igor, assign.ID, Yes{OwnerID: w.boris.ID})
		must(t, err)
		if c, err := w.book.FindCompany(ctx, acme.ID); err != nil || c.OwnerID != w.boris.ID {
			t.Errorf("the company is not his: %+v, %v", c, err)
		}
		must(t, w.Sweep(ctx))
		if a, err := w.FindAsk(ctx, w.vera, other.ID); err != nil || a.State != AskDone {
			t.Errorf("an ask that was answered by the move: %+v, %v", a, err)
		}
		_, err = w.Ask(ctx, w.boris, NewAsk{Kind: AskPermit, CompanyID: acme.ID})
		wantFault(t, "it is his", err, "ask_not_needed")

		guarded := w.company("Nobody's", nil)
		a := w.asks(w.boris, guarded.ID, AskAssign)
		_, err = w.GrantAsk(ctx, w.igor, a.ID, Yes{OwnerID: w.boris.ID})
		wantFault(t, "a protected company without an owner has no head", err, "ask_forbidden")
		_, err = w.GrantAsk(ctx, w.admin, a.ID, Yes{OwnerID: w.boris.ID})
		wantFault(t, "but the admin", err, "")

		for _, in := range []NewAsk{{Kind: AskOwnerLeft, CompanyID: acme.ID}, {Kind: "raise", CompanyID: acme.ID}, {Kind: AskPermit}, {Kind: AskPermit, CompanyID: acme.ID, CallID: -1}} {
			_, err := w.Ask(ctx, w.vera, in)
			wantFault(t, string(in.Kind), err, "invalid_input")
		}
		_, err = w.FindAsk(ctx, w.vera, no.ID)
		wantFault(t, "somebody else's ask", err, "not_found")
	})
}

func TestAnOwnerHasLeft(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		w, ctx := newWorld(t, db), context.Background()
		acme := w.company("Acme", w.anna)
		must(t, w.roster.Disable(ctx, 0, w.anna.ID))
		note := func() {
			t.Helper()
			org, err := w.roster.Org(ctx)
			must(t, err)
			must(t, db.Write(ctx, func(tx *store.Tx) error {
				return w.OwnerLeft(tx, org, crm.Named{ID: acme.ID, Name: acme.Name}, w.anna.ID, 5)
			}))
		}
		note()
		note()
		w.sees("the head of her department", w.igor, 1, 1)
		w.sees("not the agents", w.boris, 0, 0)
		page, err := w.Asks(ctx, w.igor, AskFilter{Kind: AskOwnerLeft})
		must(t, err)
		left := page.Items[0]
		if left.Agent != nil || left.Owner.ID != w.anna.ID || left.CallID != 5 || !left.MayDecide {
			t.Errorf("the ask: %+v", left)
		}
		_, err = w.RefuseAsk(ctx, w.igor, left.ID, "no")
		wantFault(t, "there is nobody to refuse", err, "not_for_this_ask")
		_, err = w.FinishAsk(ctx, w.boris, left.ID, "")
		wantFault(t, "an agent does not put it away", err, "ask_forbidden")
		_, err = w.FinishAsk(ctx, w.igor, left.ID, "I call them myself")
		must(t, err)
		note()
		w.sees("the next call asks again", w.igor, 1, 1)
		page, err = w.Asks(ctx, w.igor, AskFilter{Kind: AskOwnerLeft, State: AskOpen})
		must(t, err)
		_, err = w.GrantAsk(ctx, w.igor, page.Items[0].ID, Yes{OwnerID: w.boris.ID})
		must(t, err)
		if c, err := w.book.FindCompany(ctx, acme.ID); err != nil || c.OwnerID != w.boris.ID {
			t.Errorf("one click gives it a new owner: %+v, %v", c, err)
		}
	})
}

// TestAnOwnerCameBack: the house's own note ends by itself when the owner works here
// again, and not before.
func TestAnOwnerCameBack(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		w, ctx := newWorld(t, db), context.Background()
		acme := w.company("Acme", w.anna)
		must(t, w.roster.Disable(ctx, 0, w.anna.ID))
		org, err := w.roster.Org(ctx)
		must(t, err)
		must(t, db.Write(ctx, func(tx *store.Tx) error {
			return w.OwnerLeft(tx, org, crm.Named{ID: acme.ID, Name: acme.Name}, w.anna.ID, 5)
		}))
		must(t, w.Sweep(ctx))
		w.sees("she is still away", w.igor, 1, 1)
		gone, err := w.roster.Find(ctx, w.anna.ID)
		must(t, err)
		on := true
		_, err = w.roster.Change(ctx, 0, gone.ID, staff.UserChange{Version: gone.Version, Active: &on})
		must(t, err)
		must(t, w.Sweep(ctx))
		w.sees("she is back", w.igor, 0, 0)
		if !movesCompanies(journal.Entry{Verb: staff.UserChanged, Subject: journal.Ref{Kind: "user", ID: gone.ID}}) {
			t.Error("nobody sweeps when a user comes back")
		}
	})
}

// TestAsksAtOnce: however many ask and grant at the same moment, there is one ask
// and one permit.
func TestAsksAtOnce(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		w, ctx := newWorld(t, db), context.Background()
		acme := w.company("Acme", w.anna)
		var wg sync.WaitGroup
		var ids sync.Map
		for range 10 {
			wg.Go(func() {
				a, err := w.Ask(ctx, w.boris, NewAsk{Kind: AskPermit, CompanyID: acme.ID})
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
		if n != 1 || len(w.entries(AskMade)) != 1 {
			t.Fatalf("%d asks, %d entries; want one", n, len(w.entries(AskMade)))
		}
		var granted atomic.Int64
		for range 5 {
			for _, by := range []*access.User{w.igor, w.rita} {
				wg.Go(func() {
					_, err := w.GrantAsk(ctx, by, one, Yes{Hours: 1})
					if err == nil {
						granted.Add(1)
						return
					}
					wantFault(t, "a colleague was faster", err, "ask_decided")
				})
			}
		}
		wg.Wait()
		if given := len(w.entries(PermitGranted)); granted.Load() != 1 || given != 1 || len(w.entries(AskDecided)) != 1 {
			t.Errorf("%d said yes, %d permits; want one of each", granted.Load(), given)
		}
	})
}

// A head who gives a permit of his own accord answers the agent's ask with it.
func TestAPermitAnswersTheAsk(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		w, ctx := newWorld(t, db), context.Background()
		acme := w.company("Acme", w.anna)
		asked := w.asks(w.boris, acme.ID, AskPermit)
		p, err := w.Grant(ctx, w.rita, NewPermit{AgentID: w.boris.ID, CompanyID: acme.ID, Hours: 1})
		must(t, err)
		a, err := w.FindAsk(ctx, w.boris, asked.ID)
		must(t, err)
		if a.State != AskGranted || a.PermitID != p.ID || p.AskID != asked.ID {
			t.Errorf("ask %+v, permit %+v", a, p)
		}
	})
}
