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

func TestCallInPortal(t *testing.T) {
	inPortal(t, func(w *world) {
		w.startNotifier()
		w.setCall(w.call(7, calls.StateRinging, "17 ringing"))
		w.until("the portal has the call", func() bool { return w.requests()["register"] == 1 })
		w.setCall(w.call(7, calls.StateRinging, "17 ringing", "18 ringing"))
		w.until("both see it", func() bool { return slices.Equal(w.onlyCall().Shown, []int{1, 2}) })
		w.setCall(w.call(7, calls.StateTalking, "17 ended", "18 talking"))
		w.until("only the one who answered sees it", func() bool { return slices.Equal(w.onlyCall().Shown, []int{2}) })
		w.setCall(w.call(7, calls.StateEnded, "17 ended", "18 answered"))
		w.until("it is over", func() bool { return w.onlyCall().Finished })
		c := w.onlyCall()
		if c.Number != "+74950000011" || c.Type != 2 || c.ExternalID != "callhue-7" || c.FinishedBy != 2 ||
			c.Duration != 42 || c.Code != "200" || c.Recording != "https://pbx.example/1" {
			t.Errorf("the portal has %+v", c)
		}
		w.setCall(w.call(7, calls.StateEnded, "17 ended", "18 answered"))
		time.Sleep(2 * pollEvery)
		if got := w.requests(); got["register"] != 1 || got["show"] != 1 || got["hide"] != 1 || got["finish"] != 1 ||
			w.portal.Writes() != 0 {
			t.Errorf("requests %v, %d writes", got, w.portal.Writes())
		}
	})
}

func TestCallsNotSentToPortal(t *testing.T) {
	inPortal(t, func(w *world) {
		own := w.call(1, calls.StateRinging, "17 ringing")
		own.Source = w.source.Name
		old := w.call(4, calls.StateTalking, "17 talking")
		old.StartedAt = time.Now().Add(-2 * registerWithin)
		w.startNotifier()
		for _, p := range []calls.Progress{own, old, w.call(6, calls.StateRinging, "17 ringing")} {
			w.setCall(p)
		}
		w.until("the portal has the one call", func() bool { return w.requests()["register"] == 1 })
		time.Sleep(pollEvery)
		if c := w.onlyCall(); c.ExternalID != "callhue-6" {
			t.Errorf("the portal has %+v", c)
		}
	})
}

// An account of amoCRM shows a call that begins, and writes it down when it is over.
func TestCallInAccount(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		a := account.New(account.Options{Token: "TOKEN-of-the-account"})
		a.Fill(account.Contacts, account.Record{ID: 7001, Name: "Acme",
			Phones: []account.Value{{Text: "8 (495) 000-00-11", Code: "WORK"}}})
		server := httptest.NewServer(a)
		t.Cleanup(server.Close)
		plan, err := phone.NewPlan("RU", "495")
		if err != nil {
			t.Fatal(err)
		}
		w := newWorld(t, db, "amo", amo.New(amo.Options{Address: server.URL, Token: "TOKEN-of-the-account", Name: "amo",
			Plan: plan, Client: web.NewClient(true), Now: time.Now}))
		w.crm.users = map[int64]string{17: "301", 18: "302"}
		w.startNotifier()
		w.setCall(w.call(7, calls.StateRinging, "17 ringing"))
		w.until("it pops up", func() bool { return len(a.Popups()) == 1 })
		w.setCall(w.call(7, calls.StateRinging, "17 ringing", "18 ringing"))
		w.until("it pops up for the other one", func() bool { return len(a.Popups()) == 2 })
		w.setCall(w.call(7, calls.StateEnded, "17 ended", "18 answered"))
		w.until("it is written down", func() bool { return len(a.Calls()) == 1 })
		if c := a.Calls()[0]; c.Unique != "callhue-7" || c.Duration == nil || *c.Duration != 42 ||
			c.Direction != "inbound" || c.Link != "https://pbx.example/1" {
			t.Errorf("written down: %+v", c)
		}
		if popups := a.Popups(); fmt.Sprint(popups[0].Users, popups[1].Users) != "[301] [302]" || a.Writes() != 0 {
			t.Errorf("popped up: %+v, %d writes", popups, a.Writes())
		}
	})
}

// A call that was removed here is not retried for ever.
func TestRemovedCallIsGivenUp(t *testing.T) {
	inPortal(t, func(w *world) {
		stop := w.startNotifier()
		w.setCall(w.call(7, calls.StateRinging, "17 ringing"))
		w.until("the portal has the call", func() bool { return w.requests()["register"] == 1 })
		stop()
		w.tracker.mu.Lock()
		w.tracker.calls = nil
		w.tracker.mu.Unlock()
		w.makeDue(7)
		w.startNotifier()
		w.until("it is given up", func() bool {
			log, err := findLogged(w.db.Read(context.Background()), w.source.ID, 7)
			return err == nil && log.State == logGivenUp
		})
		if n := w.counted(stepFinish, resultGivenUp); n != 1 {
			t.Errorf("counted %v times", n)
		}
	})
}

// Steps that became due while no process ran are sent afterwards, each once.
func TestLoggingContinuesAfterRestart(t *testing.T) {
	inPortal(t, func(w *world) {
		// The answer is still on its way when the process is told to stop; however slow
		// this machine is, there is time to write it down.
		w.notifier.grace = time.Minute
		w.portal.Break(portal.Fault{Kind: portal.Slow, Method: "telephony.externalCall.register", Times: 1,
			Delay: 500 * time.Millisecond})
		stop := w.startNotifier()
		w.setCall(w.call(7, calls.StateRinging, "17 ringing"))
		w.until("the portal has the call", func() bool { return w.requests()["register"] == 1 })
		stop()
		w.setCall(w.call(7, calls.StateEnded, "17 answered"))
		w.setCall(w.call(8, calls.StateRinging, "18 ringing"))
		w.startNotifier()
		w.until("both are logged",
			func() bool { got := w.requests(); return got["register"] == 2 && got["finish"] == 1 })
	})
}

func TestOneOfTwoProcessesLogs(t *testing.T) {
	inPortal(t, func(w *world) {
		other := *w
		other.notifier = w.newNotifier()
		w.startNotifier()
		other.startNotifier()
		for id := int64(10); id < 30; id++ {
			w.setCall(w.call(id, calls.StateRinging, "17 ringing"))
		}
		for id := int64(10); id < 30; id++ {
			w.setCall(w.call(id, calls.StateEnded, "17 answered"))
		}
		w.until("all are finished", func() bool { return w.requests()["finish"] == 20 })
		time.Sleep(2 * pollEvery)
		if got := w.requests(); got["register"] != 20 || got["finish"] != 20 || len(w.portal.Calls()) != 20 {
			t.Errorf("requests %v, the portal has %d", got, len(w.portal.Calls()))
		}
	})
}

// A portal that is away, or refuses, delays no call: the step waits, or is given up.
func TestPortalThatFails(t *testing.T) {
	inPortal(t, func(w *world) {
		w.portal.Break(portal.Fault{Kind: portal.Denied, Method: "telephony.externalCall.register", Times: 1})
		w.startNotifier()
		w.setCall(w.call(7, calls.StateRinging, "17 ringing"))
		w.until("the refusal is reported", func() bool {
			return slices.Equal(w.crm.refusals(), []string{"register call 7: crm_refused"})
		})
		w.until("it is registered all the same", func() bool { return w.requests()["register"] == 1 })
		w.until("both are counted", func() bool {
			return w.counted(stepRegister, resultRefused) == 1 && w.counted(stepRegister, resultDone) == 1
		})
	})
}

// A step that the portal did not accept is counted, and waits until it is accepted.
func TestStepsAreCounted(t *testing.T) {
	inPortal(t, func(w *world) {
		w.portal.Break(portal.Fault{Kind: portal.Error500, Method: "telephony.externalCall.register"})
		stop := w.startNotifier()
		w.setCall(w.call(7, calls.StateRinging, "17 ringing"))
		w.until("the call waits", func() bool { return w.waiting() == 1 })
		stop()
		if failed, done := w.counted(stepRegister, resultFailed), w.counted(stepRegister, resultDone); failed != 1 ||
			done != 0 || w.waiting() != 0 {
			t.Errorf("failed %v, done %v, %v wait where no process runs", failed, done, w.waiting())
		}
		w.makeDue(7)
		w.startNotifier()
		w.until("it waits again", func() bool { return w.waiting() == 1 })
		w.portal.Mend()
		w.makeDue(7)
		w.until("it is registered", func() bool { return w.counted(stepRegister, resultDone) == 1 })
		w.until("it does not wait any more", func() bool { return w.waiting() == 0 })
		if failed := w.counted(stepRegister, resultFailed); failed != 2 {
			t.Errorf("failed %v times", failed)
		}
	})
}

func TestUnknownNumberIsSearched(t *testing.T) {
	inPortal(t, func(w *world) {
		w.startNotifier()
		known, unknown, hidden := w.call(1, calls.StateRinging, "17 ringing"), w.call(2, calls.StateRinging,
			"17 ringing"), w.call(3, calls.StateRinging, "17 ringing")
		unknown.Number, hidden.Number = stranger, phone.Number{Kind: phone.Hidden}
		again := unknown
		again.ID = 4
		for _, p := range []calls.Progress{known, hidden, unknown, again} {
			w.setCall(p)
		}
		asked := func() []string {
			w.crm.mu.Lock()
			defer w.crm.mu.Unlock()
			return slices.Clone(w.crm.asked)
		}
		w.until("the portal is asked", func() bool { return len(asked()) > 0 })
		time.Sleep(pollEvery)
		if got := asked(); !slices.Equal(got, []string{"+74950000077"}) {
			t.Errorf("asked for %v", got)
		}
	})
}

// The portal reports the calls that we sent to it: they are no calls of its own.
func TestEcho(t *testing.T) {
	inPortal(t, func(w *world) {
		w.startNotifier()
		w.setCall(w.call(7, calls.StateRinging, "17 ringing"))
		w.until("the portal has the call", func() bool { return w.requests()["register"] == 1 })
		id := w.onlyCall().ID
		w.until("its id is written down", func() bool {
			call, err := w.notifier.CallOf(context.Background(), id)
			return err == nil && call == 7
		})
		w.wantEcho(id, acme, true, true)
		w.wantEcho(id, stranger, false, true)
		w.wantEcho("externalCall.another", stranger, true, false)
		w.wantEcho("externalCall.another", acme, true, false) // another application's, of the same number
		w.wantEcho("", acme, true, false)
	})
}

// An echo may arrive before the portal's answer to the call that it echoes.
func TestEchoBeforeTheAnswer(t *testing.T) {
	inPortal(t, func(w *world) {
		err := w.db.Write(context.Background(), func(tx *store.Tx) error {
			_, _, err := insertLogged(tx, loggedCall{SourceID: w.source.ID, CallID: 7, State: logRegistering,
				NumberKey: acme.Key()})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		w.wantEcho("externalCall.new", acme, true, true)
		w.wantEcho("externalCall.new", acme, false, false) // its end: the portal has answered with the id by then
		w.wantEcho("externalCall.new", stranger, true, false)
		w.wantEcho("externalCall.new", phone.Number{Kind: phone.Hidden}, true, false)
	})
}

// The log of a CRM is removed with its source.
func TestLogIsRemovedWithItsSource(t *testing.T) {
	inPortal(t, func(w *world) {
		stop := w.startNotifier()
		w.setCall(w.call(7, calls.StateRinging, "17 ringing"))
		w.until("the portal has the call", func() bool { return w.requests()["register"] == 1 })
		stop()
		for _, source := range []int64{w.source.ID + 1, w.source.ID} {
			if err := w.db.Write(context.Background(),
				func(tx *store.Tx) error { return w.notifier.RemoveSource(tx, source) }); err != nil {
				t.Fatal(err)
			}
			log, err := findLogged(w.db.Read(context.Background()), w.source.ID, 7)
			if kept := log.ID != 0; err != nil || kept != (source != w.source.ID) {
				t.Errorf("source %d is gone, of %d is kept %+v %v", source, w.source.ID, log, err)
			}
		}
	})
}

// The log of a call is kept for a week.
func TestOldCallsAreRemoved(t *testing.T) {
	inPortal(t, func(w *world) {
		ctx := context.Background()
		for call, age := range map[int64]time.Duration{7: loggedKept + time.Hour, 8: loggedKept - time.Hour} {
			past := w.db.At(func() time.Time { return time.Now().Add(-age) })
			err := past.Write(ctx, func(tx *store.Tx) error {
				_, _, err := insertLogged(tx, loggedCall{SourceID: w.source.ID, CallID: call, State: logFinished})
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := w.notifier.removeOld(ctx, time.Time{}); err != nil {
			t.Fatal(err)
		}
		for call, kept := range map[int64]bool{7: false, 8: true} {
			log, err := findLogged(w.db.Read(ctx), w.source.ID, call)
			if err != nil || (log.ID != 0) != kept {
				t.Errorf("call %d: %+v %v", call, log, err)
			}
		}
	})
}
