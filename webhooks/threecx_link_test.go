package webhooks

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"callhue/calls"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/web"
	"callhue/rules"
	"callhue/webhooks/sources"
	"callhue/webhooks/threecx"
)

// fake3CX plays the call control of a 3CX, by the published facts.
type fake3CX struct {
	t   *testing.T
	web *httptest.Server

	mu       sync.Mutex
	tokens   int               // that were issued; only the last one is valid
	denied   bool              // for this client, call control is
	sequence int               //
	there    map[string]string // the participants in JSON, by DN/id
	sockets  []*websocket.Conn
	asked    []string // method and path, without that of tokens
	orders   []string // bodies of makecall
}

func newFake3CX(t *testing.T) *fake3CX {
	p := &fake3CX{t: t, there: map[string]string{}}
	p.web = httptest.NewServer(p)
	t.Cleanup(func() { p.cut(); p.web.Close() })
	return p
}

func (p *fake3CX) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path == "/connect/token":
		p.issue(w, r)
		return
	case !strings.HasPrefix(r.URL.Path, "/callcontrol"):
		w.WriteHeader(http.StatusNotFound)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = append(p.asked, r.Method+" "+r.URL.Path)
	path := strings.Split(strings.TrimPrefix(r.URL.Path, "/callcontrol"), "/")
	switch {
	case r.Header.Get("Authorization") != fmt.Sprintf("Bearer token-%d", p.tokens):
		w.WriteHeader(http.StatusUnauthorized)
	case p.denied:
		w.WriteHeader(http.StatusForbidden)
	case r.URL.Path == "/callcontrol/ws":
		socket, err := websocket.Accept(w, r, nil)
		if err != nil {
			p.t.Error(err)
			return
		}
		p.sockets = append(p.sockets, socket)
		go func() { _ = socket.CloseRead(p.t.Context()) }()
	case r.URL.Path == "/callcontrol":
		p.list(w)
	case len(path) == 4 && path[2] == "participants":
		if one := p.there[path[1]+"/"+path[3]]; one != "" {
			_, _ = w.Write([]byte(one))
			return
		}
		w.WriteHeader(http.StatusNotFound)
	case len(path) == 3 && path[2] == "makecall":
		p.place(w, r, path[1])
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// issue answers with another token, which ends the one before.
func (p *fake3CX) issue(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.FormValue("grant_type") != "client_credentials" || r.FormValue("client_id") != "900" ||
		r.FormValue("client_secret") != "KEY-of-3cx" {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"error":"invalid_client"}`))
		return
	}
	p.tokens++
	_, _ = fmt.Fprintf(w, `{"token_type":"Bearer","expires_in":3600,"access_token":"token-%d"}`, p.tokens)
}

func (p *fake3CX) list(w http.ResponseWriter) {
	var list []map[string]any
	for _, dn := range []string{"101", "102"} {
		participants := []json.RawMessage{}
		for _, key := range slices.Sorted(maps.Keys(p.there)) {
			if strings.HasPrefix(key, dn+"/") {
				participants = append(participants, json.RawMessage(p.there[key]))
			}
		}
		list = append(list, map[string]any{"dn": dn, "type": "Wextension", "participants": participants})
	}
	if err := json.NewEncoder(w).Encode(list); err != nil {
		p.t.Error(err)
	}
}

func (p *fake3CX) place(w http.ResponseWriter, r *http.Request, dn string) {
	var body struct{ Destination string }
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		p.t.Error(err)
	}
	p.orders = append(p.orders, dn+" "+body.Destination)
	switch dn {
	case "101":
		_, _ = w.Write([]byte(`{"finalstatus":"Success","reason":null,"result":{"id":1,"dn":"101","callid":40}}`))
	case "102":
		_, _ = w.Write([]byte(`{"finalstatus":-1,"reason":"Busy"}`))
	default:
		w.WriteHeader(http.StatusForbidden)
	}
}

// cut breaks every connection.
func (p *fake3CX) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, socket := range p.sockets {
		_ = socket.CloseNow()
	}
	p.sockets = nil
}

// set changes a participant, whose DN/id is key, and sends a notification; an empty status removes it.
func (p *fake3CX) set(key, callid, status, party string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	dn, id, _ := strings.Cut(key, "/")
	kind := 0
	p.there[key] = fmt.Sprintf(`{"id":%s,"dn":%q,"callid":%s,"status":%q,"party_caller_id":%q,
		"party_dn_type":"Wexternalline","party_did":"74950000001"}`, id, dn, callid, status, party)
	if status == "" {
		delete(p.there, key)
		kind = 1
	}
	p.sequence++
	p.send(fmt.Sprintf(`{"sequence":%d,"event":{"event_type":%d,"entity":"/callcontrol/%s/participants/%s",
		"attached_data":null}}`, p.sequence, kind, dn, id))
}

func (p *fake3CX) send(text string) {
	for _, socket := range p.sockets {
		_ = socket.Write(p.t.Context(), websocket.MessageText, []byte(text))
	}
}

// skip loses a notification.
func (p *fake3CX) skip() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sequence++
}

// controlled returns an app with a 3cx source for a PBX, and connects it.
func controlled(t *testing.T, db *store.DB, p *fake3CX, key string) *app {
	h := newApp(t, db, func(opt *parts) { opt.AllowPrivate = true })
	h.receiver.links.retry = 5 * time.Millisecond
	h.add(sources.NewSource{Name: "names", Dialect: "3cx"}) // without an address it only shows names
	h.add(sources.NewSource{Name: "pbx", Dialect: "3cx", Settings: map[string]string{
		"address": p.web.URL, "client_id": "900", "client_key": key}})
	h.connects()
	return h
}

// seen returns what the tracker has handled, without the hour in the ids of calls.
func (h *app) seen() string {
	var list []string
	for _, e := range h.tracker.events() {
		callid, _, _ := strings.Cut(e.CallID, ".")
		words := []string{callid, string(e.Kind), string(e.Direction), e.Number, e.Agent}
		if e.EndUnknown {
			words = append(words, "unknown end")
		}
		list = append(list, strings.Join(strings.Fields(strings.Join(words, " ")), " "))
	}
	return strings.Join(list, "\n")
}

// TestThreecxFollowsCallsAndConnectsAgain: a token that ends and a notification that does not arrive cost nothing; a
// call that ended while the connection was broken is ended after it.
func TestThreecxFollowsCallsAndConnectsAgain(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		p := newFake3CX(t)
		h := controlled(t, db, p, "KEY-of-3cx")
		isUp := func() bool { return h.linked("pbx").State == sources.LinkConnected }
		until(t, "connected", isUp)
		if state := h.linked("names").State; state != "" {
			t.Errorf("a source without an address stands as %s", state)
		}
		p.set("101/1", "17", "Ringing", "74950000011")
		until(t, "it rings", func() bool { return strings.Contains(h.seen(), "17 ringing") })
		p.mu.Lock()
		p.tokens++ // the token has ended
		p.mu.Unlock()
		p.set("101/1", "17", "Connected", "74950000011")
		until(t, "answered", func() bool { return strings.Contains(h.seen(), "17 answered") })
		p.set("101/1", "17", "", "")
		until(t, "the end of the call", func() bool {
			return strings.Contains(h.seen(), "17 ended in 74950000011\n") ||
				strings.HasSuffix(h.seen(), "17 ended in 74950000011")
		})

		p.set("102/2", "18", "Dialing", "74950000012")
		until(t, "it is dialled", func() bool { return strings.Contains(h.seen(), "18 ringing") })
		p.mu.Lock()
		p.there["102/2"] = strings.Replace(p.there["102/2"], "Dialing", "Connected", 1)
		p.mu.Unlock()
		p.skip()
		p.set("101/9", "30", "", "") // shows the gap
		until(t, "answered", func() bool { return strings.Contains(h.seen(), "18 answered") })

		p.mu.Lock()
		delete(p.there, "102/2")
		p.mu.Unlock()
		p.cut()
		until(t, "the end that was not seen", func() bool {
			return strings.HasSuffix(h.seen(), "18 ended out 74950000012 unknown end")
		})
		until(t, "connected again", isUp)
		want := strings.Join([]string{
			"17 ringing in 74950000011 101", "17 answered in 74950000011 101", "17 ended in 74950000011 101",
			"17 ended in 74950000011", "18 ringing out 74950000012 102", "18 answered out 74950000012 102",
			"18 ended out 74950000012 102 unknown end", "18 ended out 74950000012 unknown end"}, "\n")
		if got := h.seen(); got != want {
			t.Errorf("%s\nnot\n%s", got, want)
		}
		if line := h.tracker.events()[0].Line; line != "74950000001" {
			t.Errorf("the line is %q", line)
		}
		h.logHas(t, "pbx", "connected", "/callcontrol/101/participants/1", "party_caller_id")
	})
}

// logHas checks that the log of a source shows texts, and nothing that is secret.
func (h *app) logHas(t *testing.T, name string, texts ...string) {
	t.Helper()
	s, err := h.sources.Find(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := h.receiver.Log(t.Context(), s.ID)
	if err != nil {
		t.Fatal(err)
	}
	seen := logText(t, lines)
	for _, want := range texts {
		if !strings.Contains(seen, want) {
			t.Errorf("the log has no %s", want)
		}
	}
	for _, secret := range []string{"KEY-of", "token-"} {
		if strings.Contains(seen, secret) {
			t.Errorf("the log shows %s", secret)
		}
	}
}

// TestThreecxSaysWhatIsWrong: the page of a source names why there is no connection.
func TestThreecxSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		p := newFake3CX(t)
		h := controlled(t, db, p, "another key")
		becomes := func(reason string) {
			t.Helper()
			want := sources.LinkStatus{State: sources.LinkFailed, Reason: reason}
			until(t, reason, func() bool { return h.linked("pbx") == want })
		}
		becomes("login_refused")
		time.Sleep(100 * time.Millisecond) // more attempts would only get us banned
		p.mu.Lock()
		if len(p.asked) != 0 {
			t.Errorf("it was asked %v", p.asked)
		}
		p.denied = true
		p.mu.Unlock()
		h.add(sources.NewSource{Name: "denied", Dialect: "3cx", Settings: map[string]string{
			"address": p.web.URL, "client_id": "900", "client_key": "KEY-of-3cx"}})
		h.add(sources.NewSource{Name: "elsewhere", Dialect: "3cx", Settings: map[string]string{
			"address": p.web.URL + "/elsewhere", "client_id": "900", "client_key": "KEY-of-3cx"}})
		for name, reason := range map[string]string{"denied": "call_control_denied", "elsewhere": "no_call_control"} {
			until(t, reason, func() bool { return h.linked(name).Reason == reason })
		}
	})
}

func TestThreecxDials(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		p := newFake3CX(t)
		h := controlled(t, db, p, "KEY-of-3cx")
		until(t, "connected", func() bool { return h.linked("pbx").State == sources.LinkConnected })
		number := moscow(t).Parse("8 (495) 000-00-11")
		for extension, want := range map[string]string{"101": "", "102": "telephone_busy", "999": "pbx_refused"} {
			id, err := h.receiver.Dial(t.Context(), "pbx", extension, number)
			key := ""
			if f := fault.Of(err); f != nil {
				key = f.Key
			}
			if key != want || strings.HasPrefix(id, "40.") != (want == "") {
				t.Errorf("%s: %q %v", extension, id, err)
			}
		}
		p.set("101/1", "40", "Ringing", "+74950000011") // the telephone of the agent, not of the client
		until(t, "it rings", func() bool { return len(h.tracker.events()) > 0 })
		if e := h.tracker.events()[0]; e.Direction != "out" || e.Kind != calls.Ringing || e.Agent != "101" {
			t.Errorf("%+v", e)
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		if !slices.Contains(p.orders, "101 74950000011") {
			t.Errorf("ordered %q", p.orders)
		}
	})
}

// TestThreecxAfterARestart: a new process finds two calls without an end in the database. One goes on, and 102 has
// answered meanwhile; the other one ended while no one followed.
func TestThreecxAfterARestart(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		h := realApp(t, db)
		h.receiver.links.retry = 5 * time.Millisecond
		h.receiver.client = web.NewClient(true)
		p := newFake3CX(t)
		source := h.add(sources.NewSource{Name: "pbx", Dialect: "3cx", Settings: map[string]string{
			"address": p.web.URL, "client_id": "900", "client_key": "KEY-of-3cx"}})
		live, err := h.sources.Live(t.Context(), source.ID)
		if err != nil {
			t.Fatal(err)
		}
		goesOn, lost := threecx.CallID("10", h.now), threecx.CallID("20", h.now)
		reported := func(call, leg string, kind calls.EventKind) {
			t.Helper()
			e := calls.Event{CallID: call, Leg: leg, Agent: "102", Kind: kind, Direction: rules.In}
			e.Number, e.At, e.Duration = "74950000011", h.now, -1
			if _, err := h.receiver.opt.Tracker.Handle(t.Context(), live.Origin, e); err != nil {
				t.Fatal(err)
			}
		}
		reported(lost, "102/2", calls.Ringing)
		reported(lost, "102/2", calls.Answered)
		reported(goesOn, "102/1", calls.Ringing)
		h.now = h.now.Add(time.Hour)
		p.set("102/1", "10", "Connected", "74950000011")
		h.connects()
		until(t, "the call that goes on is found", func() bool { return h.call("pbx", goesOn).State == "talking" })
		until(t, "the lost call is over", func() bool { return h.call("pbx", lost).State == "ended" })
		if o := h.call("pbx", lost); o.Result != "answered" || o.Duration > 5 || o.Cards != "102 red ended" {
			t.Errorf("the lost call: %+v", o)
		}
		until(t, "connected", func() bool { return h.linked("pbx").State == sources.LinkConnected })
		p.set("102/1", "10", "", "")
		until(t, "the call that went on ends", func() bool { return h.call("pbx", goesOn).State == "ended" })
		if o := h.call("pbx", goesOn); o.Result != "answered" || o.Cards != "102 red ended" {
			t.Errorf("the call that went on: %+v", o)
		}
	})
}
