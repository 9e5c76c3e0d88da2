package calllog

import (
	"context"
	"fmt"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"callhue/calls"
	amo "callhue/crmsync/amocrm"
	"callhue/internal/store"
	"callhue/internal/web"
	"callhue/phone"
	account "callhue/test/fakecrm/amocrm"
	portal "callhue/test/fakecrm/bitrix24"
)

func TestACallIsToldToAPortal(t *testing.T) {
	inPortal(t, func(w *world) {
		w.works()
		w.goes(w.call(7, calls.StateRinging, "17 ringing"))
		w.until("the portal has the call", func() bool { return w.told()["register"] == 1 })
		w.goes(w.call(7, calls.StateRinging, "17 ringing", "18 ringing"))
		w.until("it stands before both", func() bool { return slices.Equal(w.only().Shown, []int{1, 2}) })
		w.goes(w.call(7, calls.StateTalking, "17 ended", "18 talking"))
		w.until("it stands before whoever answered", func() bool { return slices.Equal(w.only().Shown, []int{2}) })
		w.goes(w.call(7, calls.StateEnded, "17 ended", "18 answered"))
		w.until("it is over", func() bool { return w.only().Finished })
		c := w.only()
		if c.Number != "+74950000011" || c.Type != 2 || c.ExternalID != "callhue-7" || c.FinishedBy != 2 || c.Duration != 42 || c.Code != "200" || c.Recording != "https://pbx.example/1" {
			t.Errorf("the portal has %+v", c)
		}
		w.goes(w.call(7, calls.StateEnded, "17 ended", "18 answered"))
		time.Sleep(2 * tellerEvery)
		if got := w.told(); got["register"] != 1 || got["show"] != 1 || got["hide"] != 1 || got["finish"] != 1 || w.portal.Writes() != 0 {
			t.Errorf("told %v, %d writes", got, w.portal.Writes())
		}
	})
}

func TestCallsThatAPortalIsNotToldOf(t *testing.T) {
	inPortal(t, func(w *world) {
		own := w.call(1, calls.StateRinging, "17 ringing")
		own.Source = w.source.Name
		old := w.call(4, calls.StateTalking, "17 talking")
		old.StartedAt = time.Now().Add(-2 * registerWithin)
		w.works()
		for _, p := range []calls.Progress{own, old, w.call(6, calls.StateRinging, "17 ringing")} {
			w.goes(p)
		}
		w.until("the portal has the one call", func() bool { return w.told()["register"] == 1 })
		time.Sleep(tellerEvery)
		if c := w.only(); c.ExternalID != "callhue-6" {
			t.Errorf("the portal has %+v", c)
		}
	})
}

// An account of amoCRM shows a call that begins, and writes it down when it is over.
func TestACallIsToldToAnAccount(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		a := account.New(account.Options{Token: "TOKEN-of-the-account"})
		a.Fill(account.Contacts, account.Record{ID: 7001, Name: "Acme", Phones: []account.Value{{Text: "8 (495) 000-00-11", Code: "WORK"}}})
		server := httptest.NewServer(a)
		t.Cleanup(server.Close)
		plan, err := phone.NewPlan("RU", "495")
		if err != nil {
			t.Fatal(err)
		}
		w := newWorld(t, db, "amo", amo.New(amo.Options{Address: server.URL, Token: "TOKEN-of-the-account", Name: "amo", Plan: plan, Client: web.NewClient(true), Now: time.Now}))
		w.crm.users = map[int64]string{17: "301", 18: "302"}
		w.works()
		w.goes(w.call(7, calls.StateRinging, "17 ringing"))
		w.until("it pops up", func() bool { return len(a.Popups()) == 1 })
		w.goes(w.call(7, calls.StateRinging, "17 ringing", "18 ringing"))
		w.until("it pops up for the other one", func() bool { return len(a.Popups()) == 2 })
		w.goes(w.call(7, calls.StateEnded, "17 ended", "18 answered"))
		w.until("it is written down", func() bool { return len(a.Calls()) == 1 })
		if c := a.Calls()[0]; c.Unique != "callhue-7" || c.Duration == nil || *c.Duration != 42 || c.Direction != "inbound" || c.Link != "https://pbx.example/1" {
			t.Errorf("written down: %+v", c)
		}
		if popups := a.Popups(); fmt.Sprint(popups[0].Users, popups[1].Users) != "[301] [302]" || a.Writes() != 0 {
			t.Errorf("popped up: %+v, %d writes", popups, a.Writes())
		}
	})
}

// A call that the house has forgotten is not looked at for ever.
func TestAForgottenCallIsGivenUp(t *testing.T) {
	inPortal(t, func(w *world) {
		stop := w.works()
		w.goes(w.call(7, calls.StateRinging, "17 ringing"))
		w.until("the portal has the call", func() bool { return w.told()["register"] == 1 })
		stop()
		w.desk.mu.Lock()
		w.desk.calls = nil
		w.desk.mu.Unlock()
		w.hurry(7)
		w.works()
		w.until("it is given up", func() bool {
			told, err := toldCall(w.db.Read(context.Background()), w.source.ID, 7)
			return err == nil && told.State == toldGivenUp
		})
		if n := w.counted(deedFinish, resultGivenUp); n != 1 {
			t.Errorf("counted %v times", n)
		}
	})
}

// What happened while no one told is told afterwards, each thing once.
func TestTellingGoesOnAfterARestart(t *testing.T) {
	inPortal(t, func(w *world) {
		// The answer is still on its way when the process is told to stop; however slow
		// this machine is, there is time to write it down.
		w.herald.grace = time.Minute
		w.portal.Break(portal.Fault{Kind: portal.Slow, Method: "telephony.externalCall.register", Times: 1, Delay: 500 * time.Millisecond})
		stop := w.works()
		w.goes(w.call(7, calls.StateRinging, "17 ringing"))
		w.until("the portal has the call", func() bool { return w.told()["register"] == 1 })
		stop()
		w.goes(w.call(7, calls.StateEnded, "17 answered"))
		w.goes(w.call(8, calls.StateRinging, "18 ringing"))
		w.works()
		w.until("both are told", func() bool { got := w.told(); return got["register"] == 2 && got["finish"] == 1 })
	})
}

func TestOfTwoProcessesOneTells(t *testing.T) {
	inPortal(t, func(w *world) {
		other := *w
		other.herald = w.another()
		w.works()
		other.works()
		for id := int64(10); id < 30; id++ {
			w.goes(w.call(id, calls.StateRinging, "17 ringing"))
		}
		for id := int64(10); id < 30; id++ {
			w.goes(w.call(id, calls.StateEnded, "17 answered"))
		}
		w.until("all are told", func() bool { return w.told()["finish"] == 20 })
		time.Sleep(2 * tellerEvery)
		if got := w.told(); got["register"] != 20 || got["finish"] != 20 || len(w.portal.Calls()) != 20 {
			t.Errorf("told %v, the portal has %d", got, len(w.portal.Calls()))
		}
	})
}

// A portal that is away, or refuses, delays no one's call: the telling waits, or is
// given up.
func TestAPortalThatFails(t *testing.T) {
	inPortal(t, func(w *world) {
		w.portal.Break(portal.Fault{Kind: portal.Denied, Method: "telephony.externalCall.register", Times: 1})
		w.works()
		w.goes(w.call(7, calls.StateRinging, "17 ringing"))
		w.until("the refusal is told", func() bool { return slices.Equal(w.crm.refusals(), []string{"register call 7: crm_refused"}) })
		w.until("it is told all the same", func() bool { return w.told()["register"] == 1 })
		w.until("both are counted", func() bool {
			return w.counted(deedRegister, resultRefused) == 1 && w.counted(deedRegister, resultDone) == 1
		})
	})
}

// What a portal has not taken is counted, and waits until it has.
func TestWhatIsToldIsCounted(t *testing.T) {
	inPortal(t, func(w *world) {
		w.portal.Break(portal.Fault{Kind: portal.Error500, Method: "telephony.externalCall.register"})
		stop := w.works()
		w.goes(w.call(7, calls.StateRinging, "17 ringing"))
		w.until("the call waits", func() bool { return w.waiting() == 1 })
		stop()
		if failed, done := w.counted(deedRegister, resultFailed), w.counted(deedRegister, resultDone); failed != 1 || done != 0 || w.waiting() != 0 {
			t.Errorf("failed %v, done %v, %v wait where nobody tells", failed, done, w.waiting())
		}
		w.hurry(7)
		w.works()
		w.until("it waits again", func() bool { return w.waiting() == 1 })
		w.portal.Mend()
		w.hurry(7)
		w.until("it is told", func() bool { return w.counted(deedRegister, resultDone) == 1 })
		w.until("it does not wait any more", func() bool { return w.waiting() == 0 })
		if failed := w.counted(deedRegister, resultFailed); failed != 2 {
			t.Errorf("failed %v times", failed)
		}
	})
}

func TestAnUnknownNumberIsAskedFor(t *testing.T) {
	inPortal(t, func(w *world) {
		w.works()
		known, unknown, hidden := w.call(1, calls.StateRinging, "17 ringing"), w.call(2, calls.StateRinging, "17 ringing"), w.call(3, calls.StateRinging, "17 ringing")
		unknown.Number, hidden.Number = stranger, phone.Number{Kind: phone.Hidden}
		again := unknown
		again.ID = 4
		for _, p := range []calls.Progress{known, hidden, unknown, again} {
			w.goes(p)
		}
		asked := func() []string {
			w.crm.mu.Lock()
			defer w.crm.mu.Unlock()
			return slices.Clone(w.crm.asked)
		}
		w.until("the portal is asked", func() bool { return len(asked()) > 0 })
		time.Sleep(tellerEvery)
		if got := asked(); !slices.Equal(got, []string{"+74950000077"}) {
			t.Errorf("asked for %v", got)
		}
	})
}

// The portal tells us of the calls that we tell it of: they are no calls of its own.
func TestAnEcho(t *testing.T) {
	inPortal(t, func(w *world) {
		w.works()
		w.goes(w.call(7, calls.StateRinging, "17 ringing"))
		w.until("the portal has the call", func() bool { return w.told()["register"] == 1 })
		id := w.only().ID
		w.until("its id is written down", func() bool { call, err := w.herald.CallOf(context.Background(), id); return err == nil && call == 7 })
		w.echoes(id, acme, true, true)
		w.echoes(id, stranger, false, true)
		w.echoes("externalCall.another", stranger, true, false)
		w.echoes("externalCall.another", acme, true, false) // another application's, of the same number
		w.echoes("", acme, true, false)
	})
}

// An echo may be faster than the portal's answer to what it echoes.
func TestAnEchoThatComesFirst(t *testing.T) {
	inPortal(t, func(w *world) {
		err := w.db.Write(context.Background(), func(tx *store.Tx) error {
			_, _, err := insertTold(tx, toldRow{SourceID: w.source.ID, CallID: 7, State: toldBeginning, NumberKey: acme.Key()})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		w.echoes("externalCall.new", acme, true, true)
		w.echoes("externalCall.new", acme, false, false) // its end: the portal has told us the id by then
		w.echoes("externalCall.new", stranger, true, false)
		w.echoes("externalCall.new", phone.Number{Kind: phone.Hidden}, true, false)
	})
}

// What a CRM was told goes with its source.
func TestForgottenWithItsSource(t *testing.T) {
	inPortal(t, func(w *world) {
		stop := w.works()
		w.goes(w.call(7, calls.StateRinging, "17 ringing"))
		w.until("the portal has the call", func() bool { return w.told()["register"] == 1 })
		stop()
		for _, source := range []int64{w.source.ID + 1, w.source.ID} {
			if err := w.db.Write(context.Background(), func(tx *store.Tx) error { return w.herald.RemoveSource(tx, source) }); err != nil {
				t.Fatal(err)
			}
			told, err := toldCall(w.db.Read(context.Background()), w.source.ID, 7)
			if kept := told.ID != 0; err != nil || kept != (source != w.source.ID) {
				t.Errorf("source %d is gone, of %d is kept %+v %v", source, w.source.ID, told, err)
			}
		}
	})
}

// What a CRM was told is remembered for a week.
func TestOldCallsAreForgotten(t *testing.T) {
	inPortal(t, func(w *world) {
		ctx := context.Background()
		for call, age := range map[int64]time.Duration{7: toldKept + time.Hour, 8: toldKept - time.Hour} {
			past := w.db.At(func() time.Time { return time.Now().Add(-age) })
			err := past.Write(ctx, func(tx *store.Tx) error {
				_, _, err := insertTold(tx, toldRow{SourceID: w.source.ID, CallID: call, State: toldFinished})
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := w.herald.forgetOld(ctx, time.Time{}); err != nil {
			t.Fatal(err)
		}
		for call, kept := range map[int64]bool{7: false, 8: true} {
			told, err := toldCall(w.db.Read(ctx), w.source.ID, call)
			if err != nil || (told.ID != 0) != kept {
				t.Errorf("call %d: %+v %v", call, told, err)
			}
		}
	})
}
