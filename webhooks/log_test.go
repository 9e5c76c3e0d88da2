package webhooks

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"callhue/calls"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/rules"
	"callhue/webhooks/sources"
)

func TestLogKeepsTheLast(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		h := newApp(t, db)
		office := h.office()
		send := func(n int) {
			h.signed("/hooks/office", secretOfOffice, fmt.Sprintf(`{"event":"ended","call_id":"c%d"}`, n))
		}
		for n := range 30 {
			send(n)
		}
		if err := h.receiver.log.flush(ctx); err != nil {
			t.Fatal(err)
		}
		for n := range 90 { // more than is kept between two flushes
			send(30 + n)
		}
		lines, err := h.receiver.Log(ctx, office.ID)
		if err != nil {
			t.Fatal(err)
		}
		if len(lines) != keptRequests {
			t.Fatalf("%d lines are kept", len(lines))
		}
		for i, line := range lines {
			if want := fmt.Sprintf(`"call_id":"c%d"`, 119-i); !strings.Contains(string(line.Understood), want) {
				t.Fatalf("line %d is %s, want %s", i, line.Understood, want)
			}
		}
		if rows, err := logRows(db.Read(ctx), office.ID, 1000); err != nil || len(rows) != keptRequests {
			t.Errorf("%d rows stay in the table, %v", len(rows), err)
		}
	})
}

// TestLogSurvivesAFault: what could not be written waits for the next time.
func TestLogSurvivesAFault(t *testing.T) {
	h := newApp(t, sqlite(t))
	office := h.office()
	h.signed("/hooks/office", secretOfOffice, `{"event":"ended","call_id":"first"}`)
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if err := h.receiver.log.flush(gone); err == nil {
		t.Fatal("flushed without a context")
	}
	h.signed("/hooks/office", secretOfOffice, `{"event":"ended","call_id":"second"}`)
	lines, err := h.receiver.Log(ctx, office.ID)
	if err != nil || len(lines) != 2 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	if !strings.Contains(string(lines[0].Understood), "second") || !strings.Contains(string(lines[1].Understood), "first") {
		t.Errorf("the order is lost: %s %s", lines[0].Understood, lines[1].Understood)
	}
}

// TestRunWritesAtTheEnd: nothing is lost at an orderly end, and a test call does
// not ring on.
func TestRunWritesAtTheEnd(t *testing.T) {
	h := newApp(t, sqlite(t))
	office := h.office()
	h.signed("/hooks/office", secretOfOffice, ringingJSON)
	if _, err := h.receiver.Test(ctx, office.ID, NewTestCall{Number: "84950000011", Agent: "102"}); err != nil {
		t.Fatal(err)
	}
	running, stop := context.WithCancel(ctx)
	stop()
	if err := h.receiver.Run(running); err != nil {
		t.Fatal(err)
	}
	if rows, err := logRows(h.db.Read(ctx), office.ID, 10); err != nil || len(rows) != 2 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	if last := h.tracker.handled[len(h.tracker.handled)-1]; last.Kind != calls.Ended {
		t.Errorf("the last event is %s", last.Kind)
	}
}

func TestTestCallOfAnotherDuration(t *testing.T) {
	h := newApp(t, sqlite(t))
	long := NewTestCall{Number: "8 (495) 000-00-11", Agent: "102", Duration: time.Minute}
	if _, err := h.receiver.Test(ctx, h.office().ID, long); err != nil {
		t.Fatal(err)
	}
	for after, events := range map[time.Duration]int{testCallDuration + time.Second: 1, 59 * time.Second: 1} {
		h.receiver.endTestCalls(ctx, h.now.Add(after).After)
		if len(h.tracker.handled) != events {
			t.Errorf("after %v: %d events, want %d", after, len(h.tracker.handled), events)
		}
	}
	h.receiver.endTestCalls(ctx, h.now.Add(61*time.Second).After)
	if len(h.tracker.handled) != 2 {
		t.Errorf("after its minute: %d events, want 2", len(h.tracker.handled))
	}
}

func TestTestCall(t *testing.T) {
	h := newApp(t, sqlite(t))
	office := h.office()
	card, err := h.receiver.Test(ctx, office.ID, NewTestCall{Number: "8 (495) 000-00-11", Agent: "102"})
	if err != nil || card.Verdict.Color != rules.Red || card.Agent.Login != "petrov" {
		t.Fatalf("%+v %v", card, err)
	}
	if line := h.lastLine(office); line.Method != "TEST" || !strings.Contains(string(line.Understood), `"agent":"petrov","color":"red"`) {
		t.Errorf("the log line is %+v", line)
	}
	h.receiver.endTestCalls(ctx, h.now.Add(testCallDuration-time.Millisecond).After)
	if len(h.tracker.handled) != 1 {
		t.Fatal("ended too early")
	}
	h.receiver.endTestCalls(ctx, h.now.Add(testCallDuration+time.Millisecond).After)
	h.receiver.endTestCalls(ctx, h.now.Add(testCallDuration+time.Millisecond).After)
	if len(h.tracker.handled) != 2 {
		t.Fatalf("heard %d events", len(h.tracker.handled))
	}
	first, last := h.tracker.handled[0], h.tracker.handled[1]
	if last.Kind != calls.Ended || last.CallID != first.CallID || last.Agent != first.Agent || !strings.HasPrefix(first.CallID, "test-") {
		t.Errorf("began as %+v, ended as %+v", first, last)
	}
	if _, err := h.receiver.Test(ctx, 999, NewTestCall{Number: "1", Agent: "1"}); !fault.Is(err, fault.KindMissing) {
		t.Errorf("no such source: %v", err)
	}
}

// TestLogMasks: no secret, token or signature is shown, right or wrong, wherever
// it stood.
func TestLogMasks(t *testing.T) {
	h := newApp(t, sqlite(t))
	h.add(sources.NewSource{Name: "simple", Dialect: "generic", Secret: "TOPSECRET/of+simple", Settings: map[string]string{"path_secret": "true"}})
	h.add(sources.NewSource{Name: "portal", Dialect: "bitrix24", Secret: "TOPSECRET-token"})
	h.add(sources.NewSource{Name: "itl", Dialect: "itoolabs", Secret: "TOPSECRET-of-itl"})
	const form, js = "application/x-www-form-urlencoded", "application/json"
	tests := []struct{ source, path, kind, body, stays string }{
		{"simple", "/hooks/simple/TOPSECRET%2Fof%2Bsimple", form, "event=ringing&call_id=c1&number=101", "call_id=c1"},
		{"simple", "/hooks/simple/TOPSECRET/of+simple", form, "event=ringing&call_id=c2&number=101", "call_id=c2"},
		{"simple", "/hooks/simple/TOPSECRET-guessed", form, "event=ringing&call_id=c3", "call_id=c3"},
		{"simple", "/hooks/simple?token=TOPSECRET-guessed", form, "event=ringing&call_id=c4", "call_id=c4"},
		{"simple", "/hooks/simple", js, `{"note":"the secret is TOPSECRET/of+simple","call_id":"c5"}`, "c5"},
		{"simple", "/hooks/simple", js, `{"api_key": "TOPSECRET \"quoted\" guess", "sign":"TOPSECRET", "call_id":"c6"}`, "c6"},
		{"simple", "/hooks/simple", js, `{"call_id":"c7","token":"TOPSECRET that is cut o`, "c7"},
		{"simple", "/hooks/simple", js, `{"call_id":"c8","password":TOPSECRET}`, "c8"},
		{"portal", "/hooks/portal", form, "event=X&auth[application_token]=TOPSECRET-token&auth[domain]=portal.example", "portal.example"},
		{"portal", "/hooks/portal", form, "event=X&auth%5Baccess_token%5D=TOPSECRET-access&auth%5Bapplication_token%5D=TOPSECRET-guess&a=b", "a=b"},
		{"portal", "/hooks/portal", form, "AUTH_ID=TOPSECRET&REFRESH_ID=TOPSECRET&event=X", "event=X"},
		{"portal", "/hooks/portal", js, `{"event":"X","auth":{"application_token":"TOPSECRET-guess","domain":"portal.example"}}`, "portal.example"},
		{"itl", "/hooks/itl", form, "cmd=event&type=HELD&crm_token=TOPSECRET-of-itl&user=ivanov", "user=ivanov"},
		{"itl", "/hooks/itl", "multipart/form-data; boundary=x",
			"--x\r\nContent-Disposition: form-data; name=\"crm_token\"\r\n\r\nTOPSECRET-guess\r\n--x\r\nContent-Disposition: form-data; name=\"user\"\r\n\r\nivanov\r\n--x--\r\n", "ivanov"},
	}
	for _, tt := range tests {
		t.Run(tt.path+" "+tt.body, func(t *testing.T) {
			r := httptest.NewRequest("POST", tt.path, strings.NewReader(tt.body))
			for name, value := range map[string]string{"Content-Type": tt.kind, "Signature": "TOPSECRET", "X-Callhue-Signature": "TOPSECRET",
				"Authorization": "Basic TOPSECRET", "X-API-KEY": "TOPSECRET", "Cookie": "session=TOPSECRET", "User-Agent": "a PBX"} {
				r.Header.Set(name, value)
			}
			h.send(r)
			source, err := h.sources.Find(ctx, tt.source)
			if err != nil {
				t.Fatal(err)
			}
			line := h.lastLine(source)
			said := mustJSON(t, line)
			if strings.Contains(said, "TOPSECRET") || strings.Contains(said, "of+simple") {
				t.Errorf("the log shows a secret: %s", said)
			}
			if !strings.Contains(line.Body, tt.stays) || line.Headers["User-Agent"] != "a PBX" || line.Headers["Signature"] != mask {
				t.Errorf("too much is masked: %s", said)
			}
		})
	}
}

// TestMaskLeavesTheRest: words that only look like secrets are shown.
func TestMaskLeavesTheRest(t *testing.T) {
	for _, text := range []string{"ASSIGNED_BY_ID=17&designer=x", `{"assigned":"x","user":"ivanov"}`, "data[CALL_ID]=1&auth[domain]=portal.example",
		"event=ringing&number=%2B74950000011"} {
		if got := maskText(text, nil); got != text {
			t.Errorf("%s is shown as %s", text, got)
		}
	}
}

func TestLongRequestIsCut(t *testing.T) {
	h := newApp(t, sqlite(t))
	office := h.office()
	body := `{"event":"ended","call_id":"c1","note":"` + strings.Repeat("ё", 40000) + `"}`
	if status, said := h.signed("/hooks/office", secretOfOffice, body); status != 200 {
		t.Fatalf("%d %s", status, said)
	}
	line := h.lastLine(office)
	if len(line.Body) > maxShownBody || !strings.HasSuffix(line.Body, "…") || !utf8.ValidString(line.Body) {
		t.Errorf("%d bytes are shown, ending in %q", len(line.Body), line.Body[len(line.Body)-10:])
	}
}

// FuzzMask: what is sent under a secret's name is never shown, and a known
// secret is shown nowhere.
func FuzzMask(f *testing.F) {
	f.Add("token", "guess", "a=1")
	f.Add("auth%5Baccess_token%5D", "%22", "x&=")
	f.Fuzz(func(t *testing.T, name, value, rest string) {
		if strings.ContainsAny(name+value, "&=?\"\\") || len(value) < 6 {
			return // no value of a form, or too short to be told from the rest
		}
		const known = "KNOWN-SECRET-0123456789"
		if got := maskText(rest+known+rest, []string{known}); strings.Contains(got, known) {
			t.Errorf("shown: %s", got)
		}
		marked := "GUESS-9876543210" + value
		for _, text := range []string{name + "token=" + marked + "&x=1", "x=1&" + name + "secret=" + marked} {
			if got := maskText(text, nil); strings.Contains(got, "GUESS-9876543210") {
				t.Errorf("%q is shown as %q", text, got)
			}
		}
		object, err := json.Marshal(map[string]string{name + "_token": marked})
		if err != nil {
			t.Fatal(err)
		}
		if got := maskText(string(object), nil); strings.Contains(got, "GUESS-9876543210") {
			t.Errorf("%q is shown as %q", object, got)
		}
	})
}
