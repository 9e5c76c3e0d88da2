package bitrix24app

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"callhue/calls"
	"callhue/rules"
	portal "callhue/test/fakecrm/bitrix24"
	"callhue/webhooks/sources"
)

func TestInstallingAnApplication(t *testing.T) {
	inPortal(t, func(t *testing.T, h *app) {
		const page = "https://callhue.example/bitrix24/install"
		wants := func(why string, status int, text string, with ...any) {
			t.Helper()
			action, form := h.portal.InstallForm(1, page)
			for _, change := range with {
				change.(func(*string, url.Values))(&action, form)
			}
			got, body, header := h.posts(action, form)
			if got != status || !strings.Contains(body, text) {
				t.Errorf("%s: %d %s", why, got, body)
			}
			if strings.Contains(body, "<img") {
				t.Errorf("%s: reflected: %s", why, body)
			}
			if framed := status != http.StatusNotFound; framed != strings.HasSuffix(header.Get("Content-Security-Policy"), "frame-ancestors "+h.portal.Address()) || framed == (header.Get("X-Frame-Options") != "") {
				t.Errorf("%s: %v", why, header)
			}
		}
		of := func(user int) func(*string, url.Values) {
			return func(action *string, form url.Values) {
				_, other := h.portal.InstallForm(user, page)
				form.Set("AUTH_ID", other.Get("AUTH_ID"))
				form.Set("REFRESH_ID", other.Get("REFRESH_ID"))
			}
		}
		set := func(name, value string) func(*string, url.Values) {
			return func(_ *string, form url.Values) { form.Set(name, value) }
		}
		query := func(name, value string) func(*string, url.Values) {
			return func(action *string, _ url.Values) {
				at, _ := url.Parse(*action)
				q := at.Query()
				q.Set(name, value)
				at.RawQuery = q.Encode()
				*action = at.String()
			}
		}
		wants("a user who is no admin", http.StatusForbidden, "только администратор портала", of(2))
		wants("another portal", http.StatusNotFound, "not connected", query("DOMAIN", "other.example<img>"), query("LANG", "de"))
		wants("a token of nobody", http.StatusUnauthorized, "устарел", set("AUTH_ID", "<img>"))
		wants("another portal's member_id", http.StatusForbidden, "member_id", set("member_id", "<img>"))
		wants("without a refresh token", http.StatusUnprocessableEntity, "REFRESH_ID", set("REFRESH_ID", ""))
		if g := h.crm.grant; g.Access != "" || len(h.portal.Bound()) != 0 {
			t.Fatalf("it was installed: %+v %v", g, h.portal.Bound())
		}
		wants("an admin", http.StatusOK, `data-finish="now"`)
		if g := h.crm.grant; g.Access == "" || g.Refresh == "" || g.Application != portal.ApplicationToken || g.Account != portal.Member {
			t.Errorf("granted %+v", g)
		}
		bound := h.portal.Bound()
		if !slices.Equal(bound["CALL_CARD"], []string{"https://callhue.example/bitrix24/card"}) ||
			!slices.Equal(bound["ONCRMCOMPANYUPDATE"], []string{"https://callhue.example/hooks/bitrix24-sync"}) {
			t.Errorf("bound %v", bound)
		}
		h.now = h.now.Add(time.Minute)
		wants("an admin opens it again", http.StatusOK, `data-finish="asked"`)
		wants("in English", http.StatusOK, "Whose client", query("LANG", "en"))
		if status, body, _ := h.send(httptest.NewRequest("GET", "/bitrix24/install?DOMAIN=x", nil)); status != http.StatusMethodNotAllowed || !strings.Contains(body, "inside Bitrix24") {
			t.Errorf("opened by hand: %d %s", status, body)
		}
		if h.portal.Writes() != 0 {
			t.Errorf("%d writes", h.portal.Writes())
		}
	})
}

// shownOn reads the card in a page.
func shownOn(t *testing.T, body string) calls.Card {
	t.Helper()
	_, rest, found := strings.Cut(body, `id="card">`)
	text, _, ended := strings.Cut(rest, "</script>")
	var card calls.Card
	if !found || !ended || json.Unmarshal([]byte(text), &card) != nil {
		t.Fatalf("no card on %s", body)
	}
	return card
}

func TestTheCardPageOfEachUser(t *testing.T) {
	inPortal(t, func(t *testing.T, h *app) {
		const page, number = "https://callhue.example/bitrix24/card", "+7 495 000-00-11"
		open := func(user int, number, direction string, change ...string) (int, string, http.Header) {
			action, form := h.portal.CardForm(user, page, "A1B2.1", number, direction, "connecting")
			for i := 0; i < len(change); i += 2 {
				form.Set(change[i], change[i+1])
			}
			return h.posts(action, form)
		}
		status, body, header := open(2, number, "incoming")
		if status != http.StatusOK {
			t.Fatalf("%d %s", status, body)
		}
		if card := shownOn(t, body); card.Verdict.Color != rules.Red || card.Call != nil {
			t.Errorf("shown %+v", card)
		}
		if q := h.desk.asked[len(h.desk.asked)-1]; q.Agent == nil || q.Agent.Login != "petrov" || q.Direction != rules.In {
			t.Errorf("asked %+v", q)
		}
		if policy := header.Get("Content-Security-Policy"); !strings.Contains(policy, "script-src 'self' https://api.bitrix24.com;") || strings.Contains(policy, "unsafe") || header.Get("Cache-Control") != "no-store" {
			t.Errorf("headers %v", header)
		}
		_, form := h.portal.CardForm(2, page, "A1B2.1", number, "incoming", "connecting")
		if strings.Contains(body, form.Get("APPLICATION_TOKEN")) || strings.Contains(body, "REFRESH_ID") {
			t.Errorf("the page shows tokens: %s", body)
		}
		for name, options := range map[string]string{
			"nothing at all": "", "no JSON": "<img>", "a list": "[1]", "hidden": `{"PHONE_NUMBER":"hidden"}`, "zero": `{"PHONE_NUMBER":0}`, "zero as a text": `{"PHONE_NUMBER":"0"}`,
			"undefined": `{"CALL_ID":"undefined","PHONE_NUMBER":"undefined"}`, "null": `{"PHONE_NUMBER":null}`,
		} {
			status, body, _ := open(2, "", "incoming", "PLACEMENT_OPTIONS", options)
			if status != http.StatusOK || strings.Contains(body, "<img") {
				t.Errorf("%s: %d %s", name, status, body)
			} else if card := shownOn(t, body); card.Number.Kind != "hidden" {
				t.Errorf("%s: %+v", name, card.Number)
			}
		}
		if _, body, _ := open(2, `"><script>alert(1)</script>`, "outgoing"); strings.Contains(body, "<script>alert") {
			t.Errorf("reflected: %s", body)
		}
		if status, body, _ := open(3, number, "incoming"); status != http.StatusForbidden || !strings.Contains(body, "«bitrix24-sync», значение «3»") {
			t.Errorf("a user whom nobody knows here: %d %s", status, body)
		}
		if status, body, _ := open(2, number, "incoming", "AUTH_ID", "over"); status != http.StatusUnauthorized || !strings.Contains(body, "устарел") || strings.Contains(body, "data-pass=\"v1") {
			t.Errorf("a token that is over: %d %s", status, body)
		}
		h.portal.Break(portal.Fault{Kind: "500", Method: "profile", Times: 20})
		if status, body, _ := open(2, number, "incoming"); status != http.StatusBadGateway || !strings.Contains(body, "не отвечает") {
			t.Errorf("the portal is away: %d %s", status, body)
		}
	})
}

func TestTheCardPageShowsTheLiveCall(t *testing.T) {
	inPortal(t, func(t *testing.T, h *app) {
		live := func(id int64, source, call, number string) calls.Card {
			card := cardOf(moscow(t).Parse(number))
			card.Call = &calls.CallPart{ID: id, Source: source, CallID: call, State: calls.StateTalking}
			return card
		}
		h.desk.live = []calls.Card{live(6, "office", "z", "+74950000014"), live(9, "office", "x", "+74950000012"), live(8, "office", "y", "+74950000011"), live(7, h.source.Name, "A1B2.1", "+74950000013")}
		for _, c := range []struct {
			why, call, number string
			want              int64 // 0 for a verdict without a call
		}{
			{"the call that the portal names", "A1B2.1", "+74950000011", 7},
			{"a call of ours that the portal was told of", "externalCall.6", "+74950000011", 6},
			{"a call of the number through another source", "A1B2.2", "8 (495) 000-00-11", 8},
			{"another number", "A1B2.2", "+74950000019", 0},
			{"no number", "A1B2.2", "", 0},
		} {
			action, form := h.portal.CardForm(2, "https://callhue.example/bitrix24/card", c.call, c.number, "incoming", "connected")
			status, body, _ := h.posts(action, form)
			if status != http.StatusOK {
				t.Fatalf("%s: %d %s", c.why, status, body)
			}
			got := int64(0)
			if card := shownOn(t, body); card.Call != nil {
				got = card.Call.ID
			}
			if got != c.want {
				t.Errorf("%s: call %d, want %d", c.why, got, c.want)
			}
		}
	})
}

// A portal on the same site sends our cookie along: no one is refused for it, and
// no one is taken for the user of the cookie.
func TestACookieCountsForNothingInAPortal(t *testing.T) {
	inPortal(t, func(t *testing.T, h *app) {
		action, form := h.portal.CardForm(2, "https://callhue.example/bitrix24/card", "A1B2.1", "+74950000011", "incoming", "connected")
		status, body, _ := h.posts(action, form, "Cookie", h.web.SessionCookie()+"=root", "Sec-Fetch-Site", "same-site", "Origin", h.portal.Address())
		if status != http.StatusOK {
			t.Errorf("%d %s", status, body)
		}
	})
}

func TestPagesAreNotOpenedWithoutEnd(t *testing.T) {
	inPortal(t, func(t *testing.T, h *app) {
		h.now = h.now.Truncate(time.Second)
		refused := 0
		for range visitsAtOnce + 5 {
			action, form := h.portal.CardForm(2, "https://callhue.example/bitrix24/card", "A1B2.1", "+74950000011", "incoming", "connected")
			if status, _, _ := h.posts(action, form); status == http.StatusTooManyRequests {
				refused++
			}
		}
		if refused != 5 {
			t.Errorf("%d of %d were refused", refused, visitsAtOnce+5)
		}
	})
}

func TestAPass(t *testing.T) {
	inPortal(t, func(t *testing.T, h *app) {
		action, form := h.portal.CardForm(2, "https://callhue.example/bitrix24/card", "A1B2.1", "+74950000011", "incoming", "connected")
		_, body, _ := h.posts(action, form)
		_, rest, _ := strings.Cut(body, `data-pass="`)
		pass, _, _ := strings.Cut(rest, `"`)
		pass = strings.ReplaceAll(pass, "&#43;", "+")
		ask := func(door, pass, more string) (int, TokenPair, calls.Card) {
			t.Helper()
			raw, _ := json.Marshal(pass)
			r := httptest.NewRequest("POST", "/bitrix24/"+door, strings.NewReader(`{"pass":`+string(raw)+more+`}`))
			r.Header.Set("Content-Type", "application/json")
			status, body, _ := h.send(r)
			var got TokenPair
			var card calls.Card
			if status == http.StatusOK && (json.Unmarshal([]byte(body), &got) != nil || json.Unmarshal([]byte(body), &card) != nil) {
				t.Fatal(body)
			}
			return status, got, card
		}
		status, next, _ := ask("ticket", pass, "")
		if status != http.StatusOK || next.Ticket != "ticket-1" || next.Pass == pass || !slices.Equal(h.tickets.of, []int64{18}) {
			t.Fatalf("%d %+v, tickets of %v", status, next, h.tickets.of)
		}
		if status, _, card := ask("look", next.Pass, `,"number":"+7 495 000-00-11","direction":"in"`); status != http.StatusOK || card.Verdict.Color != rules.Red {
			t.Errorf("%d %+v", status, card)
		}
		for body, want := range map[string]int{`,"direction":"up"`: 422, `,"number":"` + strings.Repeat("1", 101) + `"`: 422, `,"agent":"101"`: 422} {
			if status, _, _ := ask("look", pass, body); status != want {
				t.Errorf("%s: %d", body, status)
			}
		}
		over := func(why, pass string) {
			t.Helper()
			for _, door := range []string{"ticket", "look", "ask"} {
				if status, _, _ := ask(door, pass, ""); status != http.StatusUnauthorized {
					t.Errorf("%s, %s: %d", why, door, status)
				}
			}
		}
		over("another text", "v1:AAAA")
		over("none", "")
		h.now = h.now.Add(passLives)
		over("a quarter of an hour later", pass)
		sealed, err := h.window.newPass(passOf(h.source, "2", h.now))
		if err != nil {
			t.Fatal(err)
		}
		if status, _, _ := ask("ticket", sealed, ""); status != http.StatusOK {
			t.Errorf("a fresh one: %d", status)
		}
		stranger, _ := h.window.newPass(passOf(h.source, "3", h.now))
		over("a user whom the portal calls otherwise now", stranger)
		long, _ := h.window.newPass(passOf(h.source, "2", h.now.Add(-passLongest)))
		over("half a day after the portal was asked", long)
		off := false
		if _, err := h.sources.Change(t.Context(), 1, h.source.ID, sources.SourceChange{Active: &off, Version: h.source.Version}); err != nil {
			t.Fatal(err)
		}
		over("the source is off", sealed)
	})
}

func passOf(s sources.Source, theirs string, proved time.Time) EmbedToken {
	return EmbedToken{User: 18, Source: s.ID, Theirs: theirs, Proved: proved.UnixMilli()}
}

// TestAViewerAsksHisHead: the pass alone says for which agent.
func TestAViewerAsksHisHead(t *testing.T) {
	inPortal(t, func(t *testing.T, h *app) {
		sealed, err := h.window.newPass(passOf(h.source, "2", h.now))
		if err != nil {
			t.Fatal(err)
		}
		ask := func(more string) (int, string) {
			r := httptest.NewRequest("POST", "/bitrix24/ask", strings.NewReader(`{"pass":"`+sealed+`",`+more+`}`))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Sec-Fetch-Site", "cross-site")
			r.Header.Set("Cookie", "callhue=of-somebody-else")
			status, body, _ := h.send(r)
			return status, body
		}
		if status, body := ask(`"kind":"permit","company_id":310,"call_id":7`); status != http.StatusOK || !strings.Contains(body, `"state":"open"`) {
			t.Errorf("%d %s", status, body)
		}
		if status, _ := ask(`"kind":"permit","company_id":311`); status != http.StatusNotFound {
			t.Errorf("another company: %d", status)
		}
		if status, _ := ask(`"kind":"permit","company_id":310,"agent_id":17`); status != http.StatusUnprocessableEntity {
			t.Errorf("for somebody else: %d", status)
		}
		if want := []string{"18 permit of 310 on call 7", "18 permit of 311 on call 0"}; !slices.Equal(h.board.asked, want) {
			t.Errorf("asked %q", h.board.asked)
		}
	})
}
