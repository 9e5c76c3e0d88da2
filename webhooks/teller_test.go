package webhooks

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"callhue/calls"
	account "callhue/e2e/crms/amocrm"
	portal "callhue/e2e/crms/bitrix24"
	"callhue/journal"
	"callhue/mirror"
	"callhue/phone"
	"callhue/store"
)

// telling is a portal whose application is told of the calls of a PBX.
type telling struct {
	*house
	portal *portal.Portal
	source Source
}

func inTelling(t *testing.T, f func(h *telling)) {
	t.Helper()
	store.Test(t, func(t *testing.T, db *store.DB) {
		p := portal.New(portal.Options{Rate: -1})
		server := httptest.NewServer(p)
		t.Cleanup(server.Close)
		p.Listens(server.URL)
		h := &telling{house: newHouse(t, db, func(o *Options) { o.AllowPrivate, o.Now, db.Clock = true, time.Now, time.Now }), portal: p}
		h.add(Draft{Name: "office", Dialect: "generic"})
		h.source = h.add(Draft{Name: "bitrix24-sync", Dialect: "bitrix24-sync", Secret: portal.ClientSecret, Settings: map[string]string{
			"portal": server.URL, "client_id": portal.ClientID, "oauth_url": p.OAuth(), "show_calls": "true"}})
		tokens := p.Tokens(1)
		h.crm.grants[h.source.Name] = mirror.Grant{Access: tokens.Access, Refresh: tokens.Refresh, Expires: time.Now().Add(time.Hour), Account: portal.Member,
			Application: portal.ApplicationToken, Version: 1}
		h.crm.users = map[int64]string{17: "1", 18: "2", 19: "3"}
		f(h)
	})
}

// works has a process keep its links until stop is called.
func (h *telling) works() (stop func()) {
	h.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.door.Connect(ctx) }()
	once := false
	stop = func() {
		if once {
			return
		}
		once = true
		cancel()
		if err := <-done; err != nil {
			h.t.Error(err)
		}
	}
	h.t.Cleanup(stop)
	return stop
}

// goes has the desk know a call as it stands now, and the journal tell of it.
func (h *telling) goes(p calls.Progress) {
	h.t.Helper()
	h.desk.mu.Lock()
	h.desk.calls = append(slices.DeleteFunc(h.desk.calls, func(c calls.Progress) bool { return c.ID == p.ID }), p)
	h.desk.mu.Unlock()
	verb := journal.CardChanged
	if p.State == calls.StateRinging {
		verb = journal.CallStarted
	}
	err := h.db.Write(context.Background(), func(tx *store.Tx) error {
		_, err := h.tail.Add(tx, journal.Entry{Verb: verb, Subject: journal.Ref{Kind: "call", ID: p.ID}})
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// call is a call of the office that began a moment ago.
func (h *telling) call(id int64, state calls.State, agents ...string) calls.Progress {
	p := on(state, agents...)
	p.ID, p.CallID, p.StartedAt = id, "c"+itoa(id), time.Now()
	if state == calls.StateEnded {
		p.EndedAt, p.Recording, p.Talked, p.Result = time.Now(), "https://pbx.example/1", 42*time.Second, calls.ResultAnswered
	}
	return p
}

// event posts an event of the portal.
func (h *telling) event(text string) (int, string) {
	return h.post("/hooks/"+h.source.Name, "application/x-www-form-urlencoded", text+"&auth[domain]="+strings.TrimPrefix(h.portal.Address(), "http://")+
		"&auth[member_id]="+portal.Member+"&auth[application_token]="+portal.ApplicationToken)
}

// told counts what the portal was asked of calls: register 1, show 0, hide 1 ...
func (h *telling) told() map[string]int {
	counts := map[string]int{}
	for _, r := range h.portal.Requests() {
		if word, is := strings.CutPrefix(strings.ToLower(r.Method), "telephony.externalcall."); is && r.Status == http.StatusOK {
			counts[word]++
		}
	}
	return counts
}

func (h *telling) only() portal.Call {
	h.t.Helper()
	list := h.portal.Calls()
	if len(list) != 1 {
		h.t.Fatalf("the portal has %d calls: %+v", len(list), list)
	}
	return list[0]
}

func TestACallIsToldToAPortal(t *testing.T) {
	inTelling(t, func(h *telling) {
		h.works()
		h.goes(h.call(7, calls.StateRinging, "17 ringing"))
		until(h.t.(*testing.T), "the portal has the call", func() bool { return h.told()["register"] == 1 })
		h.goes(h.call(7, calls.StateRinging, "17 ringing", "18 ringing"))
		until(h.t.(*testing.T), "it stands before both", func() bool { return slices.Equal(h.only().Shown, []int{1, 2}) })
		h.goes(h.call(7, calls.StateTalking, "17 ended", "18 talking"))
		until(h.t.(*testing.T), "it stands before whoever answered", func() bool { return slices.Equal(h.only().Shown, []int{2}) })
		h.goes(h.call(7, calls.StateEnded, "17 ended", "18 answered"))
		until(h.t.(*testing.T), "it is over", func() bool { return h.only().Finished })
		c := h.only()
		if c.Number != "+74950000011" || c.Type != 2 || c.ExternalID != "callhue-7" || c.FinishedBy != 2 || c.Duration != 42 || c.Code != "200" || c.Recording != "https://pbx.example/1" {
			t.Errorf("the portal has %+v", c)
		}
		h.goes(h.call(7, calls.StateEnded, "17 ended", "18 answered"))
		time.Sleep(2 * tellerEvery)
		if got := h.told(); got["register"] != 1 || got["show"] != 1 || got["hide"] != 1 || got["finish"] != 1 || h.portal.Writes() != 0 {
			t.Errorf("told %v, %d writes", got, h.portal.Writes())
		}
	})
}

func TestCallsThatAPortalIsNotToldOf(t *testing.T) {
	inTelling(t, func(h *telling) {
		h.add(Draft{Name: "older", Dialect: "bitrix24", Secret: "APPTOKEN"})
		its := h.call(1, calls.StateRinging, "17 ringing")
		its.Source = h.source.Name
		same := h.call(2, calls.StateRinging, "17 ringing")
		same.Source = "older"
		trial := h.call(3, calls.StateRinging, "17 ringing")
		trial.CallID = trialPrefix + "x"
		old := h.call(4, calls.StateTalking, "17 talking")
		old.StartedAt = time.Now().Add(-2 * registerWithin)
		h.works()
		for _, p := range []calls.Progress{its, same, trial, old, h.call(6, calls.StateRinging, "17 ringing")} {
			h.goes(p)
		}
		until(h.t.(*testing.T), "the portal has the one call", func() bool { return h.told()["register"] == 1 })
		time.Sleep(tellerEvery)
		if c := h.only(); c.ExternalID != "callhue-6" {
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
		h := &telling{house: newHouse(t, db, func(o *Options) { o.AllowPrivate, o.Now, db.Clock = true, time.Now, time.Now })}
		h.add(Draft{Name: "office", Dialect: "generic"})
		h.add(Draft{Name: "amo", Dialect: "amocrm-sync", Secret: "SECRET-of-amo", Settings: map[string]string{"account": server.URL, "token": "TOKEN-of-the-account", "show_calls": "true"}})
		h.crm.users = map[int64]string{17: "301", 18: "302"}
		h.works()
		h.goes(h.call(7, calls.StateRinging, "17 ringing"))
		until(t, "it pops up", func() bool { return len(a.Popups()) == 1 })
		h.goes(h.call(7, calls.StateRinging, "17 ringing", "18 ringing"))
		until(t, "it pops up for the other one", func() bool { return len(a.Popups()) == 2 })
		h.goes(h.call(7, calls.StateEnded, "17 ended", "18 answered"))
		until(t, "it is written down", func() bool { return len(a.Calls()) == 1 })
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
	inTelling(t, func(h *telling) {
		stop := h.works()
		h.goes(h.call(7, calls.StateRinging, "17 ringing"))
		until(h.t.(*testing.T), "the portal has the call", func() bool { return h.told()["register"] == 1 })
		stop()
		h.desk.mu.Lock()
		h.desk.calls = nil
		h.desk.mu.Unlock()
		err := h.db.Write(context.Background(), func(tx *store.Tx) error {
			told, err := toldCall(tx, h.source.ID, 7)
			if err != nil {
				return err
			}
			told.due(time.Now())
			return updateTold(tx, told)
		})
		if err != nil {
			t.Fatal(err)
		}
		h.works()
		until(h.t.(*testing.T), "it is given up", func() bool {
			told, err := toldCall(h.db.Read(context.Background()), h.source.ID, 7)
			return err == nil && told.State == toldGivenUp
		})
	})
}

// What happened while nobody told is told afterwards, each thing once.
func TestTellingGoesOnAfterARestart(t *testing.T) {
	inTelling(t, func(h *telling) {
		// The answer is still on its way when the process is told to stop.
		h.portal.Break(portal.Fault{Kind: portal.Slow, Method: "telephony.externalCall.register", Times: 1, Delay: tellerGrace / 4})
		stop := h.works()
		h.goes(h.call(7, calls.StateRinging, "17 ringing"))
		until(h.t.(*testing.T), "the portal has the call", func() bool { return h.told()["register"] == 1 })
		stop()
		h.goes(h.call(7, calls.StateEnded, "17 answered"))
		h.goes(h.call(8, calls.StateRinging, "18 ringing"))
		h.works()
		until(h.t.(*testing.T), "both are told", func() bool { got := h.told(); return got["register"] == 2 && got["finish"] == 1 })
	})
}

func TestOfTwoProcessesOneTells(t *testing.T) {
	inTelling(t, func(h *telling) {
		opt := h.door.opt
		opt.Metrics = prometheus.NewRegistry()
		door, err := New(opt)
		if err != nil {
			t.Fatal(err)
		}
		other := *h.house
		other.door = door
		h.works()
		(&telling{&other, h.portal, h.source}).works()
		for id := int64(10); id < 30; id++ {
			h.goes(h.call(id, calls.StateRinging, "17 ringing"))
		}
		for id := int64(10); id < 30; id++ {
			h.goes(h.call(id, calls.StateEnded, "17 answered"))
		}
		until(h.t.(*testing.T), "all are told", func() bool { return h.told()["finish"] == 20 })
		time.Sleep(2 * tellerEvery)
		if got := h.told(); got["register"] != 20 || got["finish"] != 20 || len(h.portal.Calls()) != 20 {
			t.Errorf("told %v, the portal has %d", got, len(h.portal.Calls()))
		}
	})
}

// A portal that is away, or refuses, delays nobody's call: the telling waits, or is
// given up.
func TestAPortalThatFails(t *testing.T) {
	inTelling(t, func(h *telling) {
		h.portal.Break(portal.Fault{Kind: portal.Denied, Method: "telephony.externalCall.register", Times: 1})
		h.works()
		h.goes(h.call(7, calls.StateRinging, "17 ringing"))
		until(h.t.(*testing.T), "the refusal is in the source's log", func() bool {
			lines, err := h.door.Log(context.Background(), h.source.ID)
			return err == nil && slices.ContainsFunc(lines, func(l LogLine) bool {
				return l.Method == "TELL" && strings.Contains(l.Path, "register call 7") && l.Refused != ""
			})
		})
		until(h.t.(*testing.T), "it is told all the same", func() bool { return h.told()["register"] == 1 })
	})
}

func TestAnUnknownNumberIsAskedFor(t *testing.T) {
	inTelling(t, func(h *telling) {
		h.works()
		known, unknown, hidden := h.call(1, calls.StateRinging, "17 ringing"), h.call(2, calls.StateRinging, "17 ringing"), h.call(3, calls.StateRinging, "17 ringing")
		unknown.Number, hidden.Number = phone.Number{Kind: phone.External, E164: 74950000077}, phone.Number{Kind: phone.Hidden}
		again := unknown
		again.ID = 4
		for _, p := range []calls.Progress{known, hidden, unknown, again} {
			h.goes(p)
		}
		asked := func() []string {
			h.crm.mu.Lock()
			defer h.crm.mu.Unlock()
			return slices.Clone(h.crm.asked)
		}
		until(h.t.(*testing.T), "the portal is asked", func() bool { return len(asked()) > 0 })
		time.Sleep(tellerEvery)
		if got := asked(); !slices.Equal(got, []string{"+74950000077"}) {
			t.Errorf("asked for %v", got)
		}
	})
}

// The portal tells us of the calls that we tell it of: they are no calls of its own.
func TestAnEchoIsNoCall(t *testing.T) {
	inTelling(t, func(h *telling) {
		h.works()
		h.goes(h.call(7, calls.StateRinging, "17 ringing"))
		until(h.t.(*testing.T), "the portal has the call", func() bool { return h.told()["register"] == 1 })
		tell := func(event string) {
			if status, body := h.event(event); status != http.StatusOK {
				t.Errorf("%s: %d %s", event, status, body)
			}
		}
		id := h.only().ID
		until(h.t.(*testing.T), "its id is written down", func() bool { call, err := h.door.toldOf(context.Background(), id); return err == nil && call == 7 })
		tell("event=ONVOXIMPLANTCALLINIT&data[CALL_ID]=" + id + "&data[CALL_TYPE]=2&data[CALLER_ID]=%2B74950000011&data[REST_APP_ID]=1")
		tell("event=ONVOXIMPLANTCALLEND&data[CALL_ID]=" + id + "&data[CALL_TYPE]=2&data[PHONE_NUMBER]=%2B74950000011&data[PORTAL_USER_ID]=1&data[CALL_DURATION]=1&data[CALL_FAILED_CODE]=200")
		if events := h.desk.events(); len(events) != 0 {
			t.Errorf("heard %+v", events)
		}
		if line := h.lastLine(h.source); !strings.Contains(string(line.Understood), "a call of ours") {
			t.Errorf("the log says %s", line.Understood)
		}
		tell("event=ONVOXIMPLANTCALLINIT&data[CALL_ID]=externalCall.another&data[CALL_TYPE]=2&data[CALLER_ID]=%2B74950000012&data[REST_APP_ID]=2")
		if events := h.desk.events(); len(events) != 1 {
			t.Errorf("another application's call: heard %+v", events)
		}
	})
}

// An echo may be faster than the portal's answer to what it echoes.
func TestAnEchoThatComesFirst(t *testing.T) {
	inTelling(t, func(h *telling) {
		err := h.db.Write(context.Background(), func(tx *store.Tx) error {
			_, _, err := insertTold(tx, toldRow{SourceID: h.source.ID, CallID: 7, State: toldBeginning, NumberKey: 74950000011})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for number, want := range map[string]int{"%2B74950000011": 0, "%2B74950000012": 1} {
			before := len(h.desk.events())
			h.event("event=ONVOXIMPLANTCALLINIT&data[CALL_ID]=externalCall." + number + "&data[CALL_TYPE]=2&data[CALLER_ID]=" + number)
			if heard := len(h.desk.events()) - before; heard != want {
				t.Errorf("%s: heard %d events, want %d", number, heard, want)
			}
		}
	})
}
