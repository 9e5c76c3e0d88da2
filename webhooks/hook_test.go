package webhooks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"callhue/calls"
	"callhue/internal/fault"
	"callhue/internal/secrets"
	"callhue/internal/store"
	"callhue/rules"
	"callhue/webhooks/sources"
)

const secretOfOffice = "SECRET-of-office"

func (h *app) office() sources.Source {
	h.t.Helper()
	return h.add(sources.NewSource{Name: "office", Dialect: "generic", Secret: secretOfOffice})
}

func TestHookHandlesAnEvent(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		h := newApp(t, db)
		h.add(sources.NewSource{Name: "london", Dialect: "generic", Secret: secretOfOffice, Country: "GB", Area: "20"})
		status, body := h.signed("/hooks/london", secretOfOffice, `{"event":"ringing","call_id":"c1","direction":"out","number":"07700 900123","agent":"102"}`)
		if status != 200 || !strings.Contains(body, `"+447700900123"`) {
			t.Fatalf("%d %s", status, body)
		}
		if len(h.tracker.handled) != 1 {
			t.Fatalf("heard %d events", len(h.tracker.handled))
		}
		e := h.tracker.handled[0]
		if e.Source != "london" || e.CallID != "c1" || e.Kind != calls.Ringing || e.Direction != rules.Out || e.Agent != "102" || e.Duration != -1 {
			t.Errorf("heard %+v", e)
		}
		if plan := h.tracker.plans[0]; plan.Country() != "GB" {
			t.Errorf("numbers were read as in %s", plan.Country())
		}
	})
}

// TestHookKnowsAgentByAlias: a PBX's login that no user has, beside an extension that a user has.
func TestHookKnowsAgentByAlias(t *testing.T) {
	h := newApp(t, sqlite(t))
	source := h.add(sources.NewSource{Name: "pbx", Dialect: "itoolabs", Secret: "SECRET-of-pbx"})
	const form = "application/x-www-form-urlencoded"
	for user, want := range map[string]string{"ivanov": "ivanov", "login-7": "101", "": "101"} {
		h.tracker.handled = nil
		status, _ := h.post("/hooks/pbx", form, "cmd=event&type=INCOMING&phone=74950000011&user="+user+"&ext=101&callid=c&crm_token=SECRET-of-pbx")
		if status != 200 || len(h.tracker.handled) != 1 || h.tracker.handled[0].Agent != want {
			t.Errorf("user %q: %d %+v, want agent %s", user, status, h.tracker.handled, want)
		}
	}
	h.tracker.handled = nil
	h.post("/hooks/pbx", form, "cmd=event&type=INCOMING&phone=74950000011&user=stranger&ext=999&callid=c&crm_token=SECRET-of-pbx")
	if h.tracker.handled[0].Agent != "stranger" {
		t.Errorf("a stranger is called %q", h.tracker.handled[0].Agent)
	}
	if line := h.lastLine(source); !strings.Contains(string(line.Understood), `"shown":{"agent":"","color":"none","why":"agent_unknown"}`) {
		t.Errorf("the log does not say that nobody is known: %s", line.Understood)
	}
}

// TestAChangedSettingCountsAtOnce: the next request is received as the source is then.
func TestAChangedSettingCountsAtOnce(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		h := newApp(t, db)
		s := h.office()
		path := "/hooks/office/" + secretOfOffice
		if status, _ := h.post(path, "application/json", ringingJSON); status != 401 {
			t.Errorf("the secret in the path is answered %d before the change", status)
		}
		country, settings := "gb", map[string]string{"path_secret": "true"}
		change := sources.SourceChange{Country: &country, Settings: &settings, Version: s.Version}
		if _, err := h.sources.Change(ctx, administrator, s.ID, change); err != nil {
			t.Fatal(err)
		}
		if status, _ := h.post(path, "application/json", ringingJSON); status != 200 {
			t.Errorf("the secret in the path is answered %d after the change", status)
		}
	})
}

func TestHookRefuses(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		h := newApp(t, db)
		office := h.office()
		silent := h.add(sources.NewSource{Name: "silent", Dialect: "generic", Secret: secretOfOffice})
		off := false
		if _, err := h.sources.Change(context.Background(), administrator, silent.ID, sources.SourceChange{Active: &off, Version: 1}); err != nil {
			t.Fatal(err)
		}
		h.add(sources.NewSource{Name: "names", Dialect: "freepbx", Secret: secretOfOffice})
		tests := []struct {
			name, path, secret string
			status             int
			code               string
		}{
			{"wrong secret", "/hooks/office", "another-secret", 401, "wrong_signature"},
			{"unknown source", "/hooks/nowhere", secretOfOffice, 404, "not_found"},
			{"inactive source", "/hooks/silent", secretOfOffice, 403, "source_inactive"},
			{"a dialect without webhooks", "/hooks/names", secretOfOffice, 404, "not_found"},
		}
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				status, body := h.signed(tt.path, tt.secret, ringingJSON)
				if status != tt.status || !strings.Contains(body, `"code":"`+tt.code+`"`) {
					t.Errorf("%d %s, want %d %s", status, body, tt.status, tt.code)
				}
			})
		}
		if len(h.tracker.handled) != 0 {
			t.Errorf("refused and heard all the same: %+v", h.tracker.handled)
		}
		if line := h.lastLine(office); line.Refused != "wrong_signature" || line.Status != 401 || string(line.Understood) != "null" {
			t.Errorf("the log line is %+v", line)
		}
		if n := h.counted("callhue_webhook_refused_total", "generic", "wrong_signature"); n != 1 {
			t.Errorf("%v refusals were counted", n)
		}
		if n := h.counted("callhue_webhook_requests_total", "unknown", "refused"); n != 1 {
			t.Errorf("%v requests of unknown sources were counted", n)
		}
	})
}

// TestBadInput: whatever is sent, it is the sender's fault, nothing is handled, and the answer names what was wrong.
func TestBadInput(t *testing.T) {
	h := newApp(t, sqlite(t))
	for _, draft := range testdataSources(t) {
		h.add(draft)
	}
	proofs := map[string]string{"bitrix24": "auth[application_token]=APPTOKEN&auth[member_id]=0123456789abcdef0123456789abcdef&auth[domain]=portal.example",
		"itoolabs": "crm_token=SECRET-of-itoolabs"}
	long, deep := strings.Repeat("9", 500), strings.Repeat(`{"a":`, 100)+"1"+strings.Repeat("}", 100)
	bodies := []string{"", "event=", "event=%00", "event=" + long, "event=ONVOXIMPLANTCALLINIT", "event=ONVOXIMPLANTCALLEND&data[CALL_ID][]=1",
		"event=ONEXTERNALCALLSTART",
		"cmd=", "cmd=event", "cmd=event&type=ACCEPTED", "cmd=contact", "cmd=rating",
		"[]=1", "=", "&&&", "%", "%FF%FE=%FF", "\xff\xfe", "a[b[c]=1"}
	bodies = append(bodies, deep, "{", "[", "null", `"x"`, "{}", `{"event":1}`, `{"event":{}}`, `{"event":"ringing"}`, `{"event":"ringing","call_id":null}`,
		`{"cmd":["event"]}`, "\x00", strings.Repeat("x=1&", 2000))
	for _, name := range []string{"generic", "bitrix24", "itoolabs", "zadarma"} {
		for _, body := range bodies {
			for _, kind := range []string{"application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "nonsense/\x7f"} {
				sent := body
				if proof := proofs[name]; proof != "" && kind == "application/x-www-form-urlencoded" && !strings.HasPrefix(body, "{") {
					sent = proof + "&" + body
				}
				status, said := h.post("/hooks/"+name, kind, sent, secrets.SignatureHeader, signature("SECRET-of-generic", noon, sent))
				if status >= 500 || status == 404 {
					t.Errorf("%s, %s: %.80q is answered %d %s", name, kind, sent, status, said)
				}
				if status == 200 && said != "{}" {
					t.Errorf("%s, %s: %.80q is answered as if it were good: %s", name, kind, sent, said)
				}
			}
		}
	}
	if len(h.tracker.handled) != 0 {
		t.Errorf("heard %+v", h.tracker.handled[0])
	}
}

// TestUnreadableOptionalFieldsAreDropped: the event counts, and the source's log names what was left out.
func TestUnreadableOptionalFieldsAreDropped(t *testing.T) {
	h := newApp(t, sqlite(t))
	var source sources.Source
	for _, draft := range testdataSources(t) {
		if draft.Name == "generic" {
			source = h.add(draft)
		}
	}
	tooLong := strings.Repeat("x", 1000)
	tests := []struct{ event, field, code string }{
		{`{"event":"ringing","call_id":"x","at":"never"}`, "at", "not_a_time"},
		{`{"event":"ended","call_id":"x","duration":-1}`, "duration", "negative"},
		{`{"event":"ended","call_id":"x","duration":{}}`, "duration", "wrong_type"},
		{`{"event":"ended","call_id":"x","recording_url":"javascript:alert(1)"}`, "recording_url", "not_a_url"},
		{`{"event":"ended","call_id":"x","recording_url":"https://` + tooLong + `"}`, "recording_url", "too_long"},
	}
	for _, tt := range tests {
		status, said := h.signed("/hooks/generic", "SECRET-of-generic", tt.event)
		var understood Understanding
		if err := json.Unmarshal(h.lastLine(source).Understood, &understood); err != nil {
			t.Fatal(err)
		}
		if status != 200 || !slices.Contains(understood.Dropped, fault.Field{Field: tt.field, Code: tt.code}) {
			t.Errorf("%.80s: %d %s, dropped %v", tt.event, status, said, understood.Dropped)
		}
	}
	if len(h.tracker.handled) != 5 {
		t.Errorf("%d events were handled", len(h.tracker.handled))
	}
}

// TestLongInputIsHandled: what is long and still readable is no fault here; calls cuts it.
func TestLongInputIsHandled(t *testing.T) {
	h := newApp(t, sqlite(t))
	h.office()
	body := `{"event":"ringing","call_id":"c1","direction":"in","number":"` + strings.Repeat("9", 500) + `","agent":"101"}`
	status, said := h.signed("/hooks/office", secretOfOffice, body)
	if status != 200 || !strings.Contains(said, `"kind":"invalid"`) {
		t.Errorf("%d %s", status, said)
	}
}

func TestLargeBody(t *testing.T) {
	h := newApp(t, sqlite(t))
	h.office()
	if status, said := h.post("/hooks/office", "application/json", strings.Repeat("x", 2<<20)); status != 413 {
		t.Errorf("2 MiB are answered %d %.200s", status, said)
	}
	status, said := h.post("/hooks/office", "application/json", ringingJSON, "Content-Encoding", "gzip",
		secrets.SignatureHeader, signature(secretOfOffice, noon, ringingJSON))
	if status != 422 || !strings.Contains(said, "Content-Encoding") {
		t.Errorf("a packed body is answered %d %s", status, said)
	}
}

// TestFailureOfOurs: calls failing is our fault, and its text stays here.
func TestFailureOfOurs(t *testing.T) {
	h := newApp(t, sqlite(t))
	office := h.office()
	h.tracker.fails = errors.New("the disk is full at /srv")
	status, said := h.signed("/hooks/office", secretOfOffice, ringingJSON)
	if status != 500 || strings.Contains(said, "disk") {
		t.Errorf("%d %s", status, said)
	}
	if line := h.lastLine(office); line.Refused != "internal" {
		t.Errorf("the log says %q", line.Refused)
	}
	h.tracker.fails = fault.Invalid("call_id", "too_long")
	if status, said = h.signed("/hooks/office", secretOfOffice, ringingJSON); status != 422 || !strings.Contains(said, "call_id") {
		t.Errorf("%d %s", status, said)
	}
}

func TestRate(t *testing.T) {
	h := newApp(t, sqlite(t), func(o *parts) { o.Rate = 5 })
	office := h.office()
	h.add(sources.NewSource{Name: "other", Dialect: "generic", Secret: secretOfOffice})
	for i := range 5 {
		if status, said := h.signed("/hooks/office", secretOfOffice, ringingJSON); status != 200 {
			t.Fatalf("request %d: %d %s", i, status, said)
		}
	}
	r := httptest.NewRequest("POST", "/hooks/office", strings.NewReader(ringingJSON))
	r.Header.Set(secrets.SignatureHeader, signature(secretOfOffice, h.now, ringingJSON))
	status, said, headers := h.send(r)
	if status != 429 || headers.Get("Retry-After") == "" || !strings.Contains(said, "too_many_requests") {
		t.Errorf("the sixth is answered %d %s", status, said)
	}
	if line := h.lastLine(office); line.Refused != "too_many_requests" {
		t.Errorf("the log says %q", line.Refused)
	}
	if status, _ := h.signed("/hooks/other", secretOfOffice, ringingJSON); status != 200 {
		t.Errorf("another source is answered %d", status)
	}
	h.now = h.now.Add(time.Second)
	if status, _ := h.signed("/hooks/office", secretOfOffice, ringingJSON); status != 200 {
		t.Errorf("a second later it is %d", status)
	}
	if len(h.tracker.handled) != 7 {
		t.Errorf("heard %d events", len(h.tracker.handled))
	}
}

// TestForgedRequestsSpendNoLimit posts many times what a source may, with a wrong signature: the source itself is still
// served, and what was forged does not fill its log.
func TestForgedRequestsSpendNoLimit(t *testing.T) {
	h := newApp(t, sqlite(t), func(o *parts) { o.Rate = 5 })
	office := h.office()
	for i := range 100 {
		if status, said := h.signed("/hooks/office", "not-the-secret-of-office", ringingJSON); status != 401 {
			t.Fatalf("forged request %d: %d %s", i, status, said)
		}
		if i%20 != 0 {
			continue
		}
		if status, said := h.signed("/hooks/office", secretOfOffice, ringingJSON); status != 200 {
			t.Errorf("the source itself after %d forged requests: %d %s", i, status, said)
		}
	}
	lines, err := h.receiver.Log(t.Context(), office.ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(lines) != forgedAtOnce+5 {
		t.Errorf("the log has %d lines, want %d forged ones and 5", len(lines), forgedAtOnce)
	}
}

// TestRotation: the old secret opens for a day, then it does not.
func TestRotation(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		h := newApp(t, db)
		office := h.office()
		_, fresh, err := h.sources.Rotate(context.Background(), administrator, office.ID, "")
		if err != nil {
			t.Fatal(err)
		}
		try := func(secret string) int {
			status, _ := h.signed("/hooks/office", secret, ringingJSON)
			return status
		}
		if try(secretOfOffice) != 200 || try(fresh) != 200 {
			t.Error("one of the two secrets is refused during the rotation")
		}
		h.now = h.now.Add(24*time.Hour - time.Millisecond)
		if try(secretOfOffice) != 200 {
			t.Error("the old secret is refused within the day")
		}
		h.now = h.now.Add(time.Millisecond)
		if try(secretOfOffice) != 401 || try(fresh) != 200 {
			t.Error("after a day the old secret opens, or the new one does not")
		}
		if _, _, err := h.sources.Rotate(context.Background(), administrator, office.ID, "third-secret"); err != nil {
			t.Fatal(err)
		}
		if try(secretOfOffice) != 401 || try(fresh) != 200 || try("third-secret") != 200 {
			t.Error("a second rotation brings the first secret back, or loses one")
		}
	})
}

// TestReplay: the very same request within its time is handled as the same event;
// calls is idempotent on it. After that it is refused.
func TestReplay(t *testing.T) {
	h := newApp(t, sqlite(t))
	h.office()
	header := signature(secretOfOffice, h.now, ringingJSON)
	for range 2 {
		if status, _ := h.post("/hooks/office", "application/json", ringingJSON, secrets.SignatureHeader, header); status != 200 {
			t.Fatalf("answered %d", status)
		}
	}
	if len(h.tracker.handled) != 2 || h.tracker.handled[0] != h.tracker.handled[1] {
		t.Errorf("the repeated request is another event: %+v", h.tracker.handled)
	}
	h.now = h.now.Add(301 * time.Second)
	if status, _ := h.post("/hooks/office", "application/json", ringingJSON, secrets.SignatureHeader, header); status != 401 {
		t.Errorf("five minutes later it is answered %d", status)
	}
}

func sqlite(t *testing.T) *store.DB {
	t.Helper()
	db, err := store.Open(context.Background(), "sqlite:"+t.TempDir()+"/test.db")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := db.Migrate(context.Background()); err != nil {
		t.Fatal(err)
	}
	return db
}

func TestMethodsOfHook(t *testing.T) {
	h := newApp(t, sqlite(t))
	h.add(sources.NewSource{Name: "simple", Dialect: "generic", Secret: "SECRET/of+simple", Settings: map[string]string{"path_secret": "true"}})
	const fields = "?event=ringing&call_id=c1&direction=in&number=%2B74950000011&agent=101"
	for _, method := range []string{"GET", "POST", "PUT"} {
		status, said, _ := h.send(httptest.NewRequest(method, "/hooks/simple/SECRET%2Fof%2Bsimple/"+fields, nil))
		if status != 200 || !strings.Contains(said, `"red"`) {
			t.Errorf("%s: %d %s", method, status, said)
		}
	}
	if len(h.tracker.handled) != 3 {
		t.Error(fmt.Sprint(h.tracker.handled))
	}
}
