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
	"callhue/internal/access"
	"callhue/rules"
	portal "callhue/test/fakecrm/bitrix24"
	"callhue/webhooks/sources"
)

func TestInstallApplication(t *testing.T) {
	inPortal(t, func(t *testing.T, w *world) {
		const page = "https://callhue.example/bitrix24/install"
		wants := func(why string, status int, text string, with ...any) {
			t.Helper()
			action, form := w.portal.InstallForm(1, page)
			for _, change := range with {
				change.(func(*string, url.Values))(&action, form)
			}
			got, body, header := w.post(action, form)
			if got != status || !strings.Contains(body, text) {
				t.Errorf("%s: %d %s", why, got, body)
			}
			if strings.Contains(body, "<img") {
				t.Errorf("%s: reflected: %s", why, body)
			}
			if framed := status != http.StatusNotFound; framed != strings.HasSuffix(header.Get("Content-Security-Policy"), "frame-ancestors "+w.portal.Address()) || framed == (header.Get("X-Frame-Options") != "") {
				t.Errorf("%s: %v", why, header)
			}
		}
		of := func(user int) func(*string, url.Values) {
			return func(action *string, form url.Values) {
				_, other := w.portal.InstallForm(user, page)
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
		wants("another portal", http.StatusNotFound, "not connected", query("DOMAIN", "other.example<img>"),
			query("LANG", "de"))
		wants("an unknown token", http.StatusUnauthorized, "устарел", set("AUTH_ID", "<img>"))
		wants("another portal's member_id", http.StatusForbidden, "member_id", set("member_id", "<img>"))
		wants("without a refresh token", http.StatusUnprocessableEntity, "REFRESH_ID", set("REFRESH_ID", ""))
		if g := w.crm.grant; g.Access != "" || len(w.portal.Bound()) != 0 {
			t.Fatalf("it was installed: %+v %v", g, w.portal.Bound())
		}
		wants("an admin", http.StatusOK, `data-finish="now"`)
		if g := w.crm.grant; g.Access == "" || g.Refresh == "" || g.Application != portal.ApplicationToken ||
			g.Account != portal.Member {
			t.Errorf("granted %+v", g)
		}
		bound := w.portal.Bound()
		if !slices.Equal(bound["CALL_CARD"], []string{"https://callhue.example/bitrix24/card"}) ||
			!slices.Equal(bound["ONCRMCOMPANYUPDATE"], []string{"https://callhue.example/hooks/bitrix24-sync"}) {
			t.Errorf("bound %v", bound)
		}
		w.now = w.now.Add(time.Minute)
		wants("an admin opens it again", http.StatusOK, `data-finish="asked"`)
		wants("in English", http.StatusOK, "Whose client", query("LANG", "en"))
		if status, body, _ := w.send(httptest.NewRequest("GET",
			"/bitrix24/install?DOMAIN=x", nil)); status != http.StatusMethodNotAllowed ||
			!strings.Contains(body, "inside Bitrix24") {
			t.Errorf("opened by hand: %d %s", status, body)
		}
		if w.portal.Writes() != 0 {
			t.Errorf("%d writes", w.portal.Writes())
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

func TestCardPageOfEachUser(t *testing.T) {
	inPortal(t, func(t *testing.T, w *world) {
		const page, number = "https://callhue.example/bitrix24/card", "+7 495 000-00-11"
		open := func(user int, number, direction string, change ...string) (int, string, http.Header) {
			action, form := w.portal.CardForm(user, page, "A1B2.1", number, direction, "connecting")
			for i := 0; i < len(change); i += 2 {
				form.Set(change[i], change[i+1])
			}
			return w.post(action, form)
		}
		status, body, header := open(2, number, "incoming")
		if status != http.StatusOK {
			t.Fatalf("%d %s", status, body)
		}
		if card := shownOn(t, body); card.Verdict.Color != rules.Red || card.Call != nil {
			t.Errorf("shown %+v", card)
		}
		if q := w.tracker.asked[len(w.tracker.asked)-1]; q.Agent == nil || q.Agent.Login != "petrov" ||
			q.Direction != rules.In {
			t.Errorf("asked %+v", q)
		}
		if policy := header.Get("Content-Security-Policy"); !strings.Contains(policy,
			"script-src 'self' https://api.bitrix24.com;") || strings.Contains(policy, "unsafe") ||
			header.Get("Cache-Control") != "no-store" {
			t.Errorf("headers %v", header)
		}
		_, form := w.portal.CardForm(2, page, "A1B2.1", number, "incoming", "connecting")
		if strings.Contains(body, form.Get("APPLICATION_TOKEN")) || strings.Contains(body, "REFRESH_ID") {
			t.Errorf("the page shows tokens: %s", body)
		}
		for name, options := range map[string]string{
			"nothing at all": "", "no JSON": "<img>", "a list": "[1]", "hidden": `{"PHONE_NUMBER":"hidden"}`,
			"zero": `{"PHONE_NUMBER":0}`, "zero as a text": `{"PHONE_NUMBER":"0"}`,
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
		if status, body, _ := open(3, number, "incoming"); status != http.StatusForbidden ||
			!strings.Contains(body, "«bitrix24-sync», значение «3»") {
			t.Errorf("a user who is unknown here: %d %s", status, body)
		}
		if status, body, _ := open(2, number, "incoming", "AUTH_ID", "over"); status != http.StatusUnauthorized ||
			!strings.Contains(body, "устарел") || strings.Contains(body, "data-pass=\"v1") {
			t.Errorf("a token that is over: %d %s", status, body)
		}
		w.portal.Break(portal.Fault{Kind: "500", Method: "profile", Times: 20})
		w.app.portalTimeout = 500 * time.Millisecond // it will fail, however long the page waits
		if status, body, _ := open(2, number, "incoming"); status != http.StatusBadGateway ||
			!strings.Contains(body, "не отвечает") {
			t.Errorf("the portal is away: %d %s", status, body)
		}
	})
}

func TestCardPageShowsTheLiveCall(t *testing.T) {
	inPortal(t, func(t *testing.T, w *world) {
		live := func(id int64, source, call, number string) calls.Card {
			card := cardOf(moscow(t).Parse(number))
			card.Call = &calls.CallPart{ID: id, Source: source, CallID: call, State: calls.StateTalking}
			return card
		}
		w.tracker.live = []calls.Card{live(6, "office", "z", "+74950000014"), live(9, "office", "x", "+74950000012"),
			live(8, "office", "y", "+74950000011"), live(7, w.source.Name, "A1B2.1", "+74950000013")}
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
			action, form := w.portal.CardForm(2, "https://callhue.example/bitrix24/card", c.call, c.number, "incoming",
				"connected")
			status, body, _ := w.post(action, form)
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

// A portal on the same site sends our cookie along: it neither refuses nor identifies a user.
func TestCookieIsIgnoredInAPortal(t *testing.T) {
	inPortal(t, func(t *testing.T, w *world) {
		action, form := w.portal.CardForm(2, "https://callhue.example/bitrix24/card", "A1B2.1", "+74950000011",
			"incoming", "connected")
		status, body, _ := w.post(action, form, "Cookie", w.web.SessionCookie()+"=root", "Sec-Fetch-Site", "same-site",
			"Origin", w.portal.Address())
		if status != http.StatusOK {
			t.Errorf("%d %s", status, body)
		}
	})
}

func TestVisitsAreLimited(t *testing.T) {
	inPortal(t, func(t *testing.T, w *world) {
		w.now = w.now.Truncate(time.Second)
		refused := 0
		for range visitsAtOnce + 5 {
			action, form := w.portal.CardForm(2, "https://callhue.example/bitrix24/card", "A1B2.1", "+74950000011",
				"incoming", "connected")
			if status, _, _ := w.post(action, form); status == http.StatusTooManyRequests {
				refused++
			}
		}
		if refused != 5 {
			t.Errorf("%d of %d were refused", refused, visitsAtOnce+5)
		}
	})
}

func TestEmbedToken(t *testing.T) {
	inPortal(t, func(t *testing.T, w *world) {
		action, form := w.portal.CardForm(2, "https://callhue.example/bitrix24/card", "A1B2.1", "+74950000011",
			"incoming", "connected")
		_, body, _ := w.post(action, form)
		_, rest, _ := strings.Cut(body, `data-pass="`)
		pass, _, _ := strings.Cut(rest, `"`)
		pass = strings.ReplaceAll(pass, "&#43;", "+")
		ask := func(door, pass, more string) (int, TokenPair, calls.Card) {
			t.Helper()
			raw, _ := json.Marshal(pass)
			r := httptest.NewRequest("POST", "/bitrix24/"+door, strings.NewReader(`{"pass":`+string(raw)+more+`}`))
			r.Header.Set("Content-Type", "application/json")
			status, body, _ := w.send(r)
			var got TokenPair
			var card calls.Card
			if status == http.StatusOK && (json.Unmarshal([]byte(body), &got) != nil ||
				json.Unmarshal([]byte(body), &card) != nil) {
				t.Fatal(body)
			}
			return status, got, card
		}
		status, next, _ := ask("ticket", pass, "")
		if status != http.StatusOK || next.Ticket != "ticket-1" || next.Pass == pass ||
			!slices.Equal(w.tickets.of, []int64{18}) {
			t.Fatalf("%d %+v, tickets of %v", status, next, w.tickets.of)
		}
		if status, _, card := ask("look", next.Pass,
			`,"number":"+7 495 000-00-11","direction":"in"`); status != http.StatusOK ||
			card.Verdict.Color != rules.Red {
			t.Errorf("%d %+v", status, card)
		}
		for body, want := range map[string]int{`,"direction":"up"`: 422,
			`,"number":"` + strings.Repeat("1", 101) + `"`: 422, `,"agent":"101"`: 422} {
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
		w.now = w.now.Add(tokenLifetime)
		over("a quarter of an hour later", pass)
		sealed, err := w.app.newToken(tokenOf(w.source, "2", w.now))
		if err != nil {
			t.Fatal(err)
		}
		if status, _, _ := ask("ticket", sealed, ""); status != http.StatusOK {
			t.Errorf("a fresh one: %d", status)
		}
		stranger, _ := w.app.newToken(tokenOf(w.source, "3", w.now))
		over("a user with another id in the portal now", stranger)
		long, _ := w.app.newToken(tokenOf(w.source, "2", w.now.Add(-tokenLongest)))
		over("half a day after the portal was asked", long)
		off := false
		if _, err := w.sources.Change(t.Context(), access.System(), w.source.ID,
			sources.SourceChange{Active: &off, Version: w.source.Version}); err != nil {
			t.Fatal(err)
		}
		over("the source is off", sealed)
	})
}

func tokenOf(s sources.Source, theirs string, proved time.Time) EmbedToken {
	return EmbedToken{User: 18, Source: s.ID, Theirs: theirs, ProvedAt: proved.UnixMilli()}
}

// TestViewerAsksHead: the token alone says for which agent.
func TestViewerAsksHead(t *testing.T) {
	inPortal(t, func(t *testing.T, w *world) {
		sealed, err := w.app.newToken(tokenOf(w.source, "2", w.now))
		if err != nil {
			t.Fatal(err)
		}
		ask := func(more string) (int, string) {
			r := httptest.NewRequest("POST", "/bitrix24/ask", strings.NewReader(`{"pass":"`+sealed+`",`+more+`}`))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Sec-Fetch-Site", "cross-site")
			r.Header.Set("Cookie", "callhue=of-another-user")
			status, body, _ := w.send(r)
			return status, body
		}
		if status, body := ask(`"kind":"permit","company_id":310,"call_id":7`); status != http.StatusOK ||
			!strings.Contains(body, `"state":"open"`) {
			t.Errorf("%d %s", status, body)
		}
		if status, _ := ask(`"kind":"permit","company_id":311`); status != http.StatusNotFound {
			t.Errorf("another company: %d", status)
		}
		if status, _ := ask(`"kind":"permit","company_id":310,"agent_id":17`); status != http.StatusUnprocessableEntity {
			t.Errorf("for another agent: %d", status)
		}
		if want := []string{"18 permit of 310 on call 7", "18 permit of 311 on call 0"}; !slices.Equal(w.permits.asked,
			want) {
			t.Errorf("asked %q", w.permits.asked)
		}
	})
}
