package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"callhue/test/fakecrm/bitrix24"
)

// The people of the portal of these tests: 2 heads the department of 3 and 5.
const (
	portalAdmin  = 1
	portalHead   = 2
	portalIvanov = 3
	portalPetrov = 5
)

// lossy loses the portal's events while it shall.
type lossy struct{ lose atomic.Bool }

func (l *lossy) RoundTrip(r *http.Request) (*http.Response, error) {
	if l.lose.Load() {
		return nil, io.ErrUnexpectedEOF
	}
	return http.DefaultTransport.RoundTrip(r)
}

// portalHouse is a whole server with a portal whose application it is, and a PBX.
type portalServer struct {
	*process
	portal *bitrix24.Portal
	events *lossy
	acme   int // Ivanov's company in the portal, in work
	source int64
}

func (at *terminal) inPortal() *portalServer {
	at.t.Helper()
	at.private = true
	h := &portalServer{events: &lossy{}}
	h.portal = bitrix24.New(bitrix24.Options{Rate: -1,
		Deliver: &http.Client{Timeout: 5 * time.Second, Transport: h.events}})
	server := httptest.NewServer(h.portal)
	at.t.Cleanup(server.Close)
	h.portal.Listens(server.URL)
	h.portal.ChangeUser(portalIvanov, func(u *bitrix24.User) { u.Name, u.LastName = "Ivan", "Ivanov" })
	h.portal.ChangeUser(portalPetrov, func(u *bitrix24.User) { u.Name, u.LastName, u.Active = "Petr", "Petrov", true })
	h.acme = h.portal.Add(bitrix24.Company, portalAdmin, portalCompany("Acme", "8 (495) 000-00-11"))
	at.do("user", "add", "--login", "root", "--name", "Root", "--roles", "admin")
	at.do("source", "add", "--name", "office", "--dialect", "generic", "--set", "path_secret=true",
		"--secret", "0123456789abcdef")
	at.do("source", "add", "--name", "b24", "--dialect", "bitrix24-sync", "--secret", bitrix24.ClientSecret,
		"--set", "portal="+server.URL, "--set", "client_id="+bitrix24.ClientID, "--set", "oauth_url="+h.portal.OAuth(),
		"--set", "show_calls=true")
	h.process = at.serve()
	h.token = strings.TrimSpace(at.do("token", "add", "--login", "root", "--name", "test"))
	return h
}

// portalCompany is one in work that Ivanov owns.
func portalCompany(name, number string) bitrix24.Record {
	return bitrix24.Record{Title: name, Owner: portalIvanov, Phones: []bitrix24.Multi{{Type: "WORK", Value: number}},
		UF: map[string]any{"UF_CRM_STATE": "WORK"}}
}

// get reads an answer of the API.
func get[T any](p *process, path string) (out T) {
	p.t.Helper()
	status, body := p.ask("GET", path, "")
	if err := json.Unmarshal([]byte(body), &out); status != http.StatusOK || err != nil {
		p.t.Fatalf("%s: %d %s", path, status, body)
	}
	return out
}

// until waits for something that happens beside the test.
func (h *portalServer) until(what string, is func() bool) {
	h.t.Helper()
	for end := time.Now().Add(2 * time.Minute); !is(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			_, calls := h.ask("GET", "/api/v1/calls", "")
			_, sync := h.ask("GET", fmt.Sprintf("/api/v1/sources/%d/sync", h.source), "")
			_, log := h.ask("GET", fmt.Sprintf("/api/v1/sources/%d/log", h.source), "")
			h.t.Fatalf("never: %s\ncalls %s\nsync %s\nlog %s", what, calls, sync, log)
		}
	}
}

// opens posts a form of the portal to a page of ours, as a browser in it does.
func (h *portalServer) opens(action string, form url.Values) (int, string) {
	h.t.Helper()
	answer, err := http.PostForm(action, form)
	if err != nil {
		h.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	if policy := answer.Header.Get("Content-Security-Policy"); !strings.HasSuffix(policy,
		"frame-ancestors "+h.portal.Address()) || answer.Header.Get("X-Frame-Options") != "" {
		h.t.Errorf("the page may not be framed: %v", answer.Header)
	}
	return answer.StatusCode, string(body)
}

// card opens the tab in the call card for a user of the portal, and returns its colour
// and its pass.
func (h *portalServer) card(user int, call, number string) (color, pass string) {
	h.t.Helper()
	status, body := h.opens(h.portal.CardForm(user, h.at+"/bitrix24/card", call, number, "incoming", "connected"))
	if status != http.StatusOK {
		h.t.Fatalf("the card page: %d %s", status, body)
	}
	_, rest, _ := strings.Cut(body, `id="card">`)
	text, _, _ := strings.Cut(rest, "</script>")
	var card struct {
		Verdict struct{ Color string }
		Call    struct {
			CallID string `json:"call_id"`
		}
	}
	if err := json.Unmarshal([]byte(text), &card); err != nil || card.Call.CallID != call {
		h.t.Fatalf("the card page shows %s", body)
	}
	_, rest, _ = strings.Cut(body, `data-pass="`)
	pass, _, _ = strings.Cut(rest, `"`)
	return card.Verdict.Color, strings.ReplaceAll(pass, "&#43;", "+")
}

type callsNow struct {
	Items []struct {
		Source string
		CallID string `json:"call_id"`
		State  string
		Agents []struct {
			Agent   struct{ Name string }
			Verdict struct{ Color, Why string }
		}
	}
}

// colors returns the verdicts of a call by its agent.
func (h *portalServer) colors(call string) map[string]string {
	h.t.Helper()
	found := map[string]string{}
	for _, c := range get[callsNow](h.process, "/api/v1/calls").Items {
		for _, a := range c.Agents {
			if c.CallID == call {
				found[a.Agent.Name] = a.Verdict.Color
			}
		}
	}
	return found
}

// install opens the install page as a user of the portal.
func (h *portalServer) install(user int) (int, string) {
	return h.opens(h.portal.InstallForm(user, h.at+"/bitrix24/install"))
}

// connect installs the application, maps the status and waits for the first import.
func (h *portalServer) connect() {
	h.t.Helper()
	for _, s := range get[struct {
		Items []struct {
			ID   int64
			Name string
			Link *struct{ State string }
		}
	}](h.process, "/api/v1/sources").Items {
		if s.Name == "b24" {
			h.source = s.ID
		}
		if (s.Name == "b24") != (s.Link != nil) {
			h.t.Errorf("the link of %s: %+v", s.Name, s.Link)
		}
	}
	if status, body := h.install(portalPetrov); status != http.StatusForbidden ||
		!strings.Contains(body, "администратор портала") {
		h.t.Errorf("Petrov installs it: %d %s", status, body)
	}
	if len(h.portal.Bound()) != 0 {
		h.t.Errorf("bound %v", h.portal.Bound())
	}
	if status, body := h.install(portalAdmin); status != http.StatusOK || !strings.Contains(body, `data-finish="now"`) {
		h.t.Fatalf("the administrator installs it: %d %s", status, body)
	}
	h.portal.Finish()
	sync := fmt.Sprintf("/api/v1/sources/%d/sync", h.source)
	type mapping struct {
		Version int64
		Fields  []struct{ Code string } `json:"status_fields"`
	}
	h.until("the portal's fields are known", func() bool {
		return len(get[mapping](h.process, sync+"/mapping").Fields) > 0
	})
	status, body := h.ask("PUT", sync+"/mapping",
		fmt.Sprintf(`{"version":%d,"status_field":"UF_CRM_STATE","statuses":{"WORK":"IN_WORK"},"make_users":true}`,
			get[mapping](h.process, sync+"/mapping").Version))
	if status != http.StatusOK {
		h.t.Fatalf("mapping: %d %s", status, body)
	}
	type state struct{ State string }
	h.until("the import is complete", func() bool { return get[state](h.process, sync).State == "following" })
}

// TestAPortalFromItsInstallationToARedCard goes the whole way over HTTP in both
// directions: the portal's application, the import, a call by the portal's telephony,
// the card in its call card, an owner who changes there, a call of another PBX that is
// shown there. Nothing of it changes a record of the portal.
func TestAPortalFromItsInstallationToARedCard(t *testing.T) {
	atTerminals(t, func(at *terminal) {
		h := at.inPortal()
		h.connect()

		foreign := h.portal.Ring("+74950000011", true)
		h.portal.Answer(foreign, portalPetrov)
		h.until("Petrov's card is red", func() bool { return h.colors(foreign)["Petr Petrov"] == "red" })
		own := h.portal.Ring("+74950000011", true)
		h.portal.Answer(own, portalIvanov)
		h.until("Ivanov's card has no colour", func() bool { return h.colors(own)["Ivan Ivanov"] == "none" })

		color, pass := h.card(portalPetrov, foreign, "+74950000011")
		if color != "red" {
			t.Errorf("Petrov's tab is %s", color)
		}
		if color, _ := h.card(portalIvanov, own, "+74950000011"); color != "none" {
			t.Errorf("Ivanov's tab is %s", color)
		}
		h.ownerChanges(foreign, pass)
		h.unknownCaller()
		h.anotherPBX()

		if h.portal.Writes() != 0 {
			t.Errorf("the portal counted %d writes", h.portal.Writes())
		}
	})
}

// ownerChanges has the head give Acme to Petrov in the portal: his card follows, in the
// stream that his tab got for its pass.
func (h *portalServer) ownerChanges(call, pass string) {
	h.t.Helper()
	status, body := h.ask("POST", "/bitrix24/ticket", fmt.Sprintf(`{"pass":%q}`, pass), "Content-Type",
		"application/json")
	var passage struct{ Ticket string }
	if err := json.Unmarshal([]byte(body), &passage); status != http.StatusOK || err != nil {
		h.t.Fatalf("ticket: %d %s", status, body)
	}
	tab := &process{t: h.t, at: h.at, token: ""}
	stream := tab.listen("?ticket="+url.QueryEscape(passage.Ticket), "")
	h.portal.Change(bitrix24.Company, portalHead, h.acme, func(r *bitrix24.Record) { r.Owner = portalPetrov })
	h.until("Acme is Petrov's, and his card says so", func() bool { return h.colors(call)["Petr Petrov"] == "none" })
	for {
		event := next(h.t, stream)
		if strings.Contains(event, "event: card") && strings.Contains(event, call) &&
			strings.Contains(event, `"relation":"own"`) {
			break
		}
	}
	if color, _ := h.card(portalPetrov, call, "+74950000011"); color != "none" {
		h.t.Errorf("Petrov's tab is %s now", color)
	}
}

// unknownCaller has someone call who only the portal knows, for its message was lost:
// it is asked, and the card follows.
func (h *portalServer) unknownCaller() {
	h.t.Helper()
	h.events.lose.Store(true)
	h.portal.Add(bitrix24.Company, portalAdmin, portalCompany("Late", "+7 495 000-00-77"))
	h.portal.Deliveries() // waits until it is lost
	h.events.lose.Store(false)
	call := h.portal.Ring("+74950000077", true)
	h.portal.Answer(call, portalPetrov)
	h.until("the caller was found in the portal", func() bool { return h.colors(call)["Petr Petrov"] == "red" })
}

// anotherPBX has the office's PBX ring at both: the portal is told, each thing once, and
// what it tells of it is no call of its own.
func (h *portalServer) anotherPBX() {
	h.t.Helper()
	before := len(get[callsNow](h.process, "/api/v1/calls").Items)
	calls := func() []bitrix24.Call { return h.portal.Calls() }
	say := func(event, agent, more string) {
		h.t.Helper()
		body := fmt.Sprintf(`{"event":%q,"call_id":"o-1","direction":"in","number":"+74950000011","agent":%q%s}`, event,
			agent, more)
		if status, answer := h.ask("POST", "/hooks/office/0123456789abcdef", body); status != http.StatusOK {
			h.t.Fatalf("%s: %d %s", event, status, answer)
		}
	}
	shown := func(users ...int) func() bool {
		return func() bool { return len(calls()) == 1 && slices.Equal(calls()[0].Shown, users) }
	}
	say("ringing", "103", "")
	h.until("the portal shows it to Ivanov", shown(portalIvanov))
	say("ringing", "105", "")
	h.until("and to Petrov", shown(portalIvanov, portalPetrov))
	say("answered", "105", "")
	h.until("Petrov answers", shown(portalPetrov))
	say("ended", "", `,"duration":42,"result":"answered","recording_url":"https://pbx.example/1.mp3"`)
	h.until("it is over", func() bool { return calls()[0].Finished })
	if c := calls()[0]; c.FinishedBy != portalPetrov || c.Duration != 42 || c.Code != "200" ||
		c.Recording != "https://pbx.example/1.mp3" || c.Number != "+74950000011" || c.Type != 2 {
		h.t.Errorf("the portal has %+v", c)
	}
	h.portal.Deliveries() // waits until what it tells of it has arrived
	counts := map[string]int{}
	for _, r := range h.portal.Requests() {
		if word, is := strings.CutPrefix(strings.ToLower(r.Method), "telephony.externalcall."); is {
			counts[word]++
		}
	}
	if counts["register"] != 1 || counts["show"] != 1 || counts["hide"] != 1 || counts["finish"] != 1 {
		h.t.Errorf("told %v", counts)
	}
	if after := len(get[callsNow](h.process, "/api/v1/calls").Items); after != before+1 {
		h.t.Errorf("%d calls, %d before", after, before)
	}
}
