package webhooks

import (
	"encoding/base64"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"callhue/rules"
	"callhue/webhooks/sources"
)

func (h *app) name(path, user, password string) (int, string, string) {
	h.t.Helper()
	r := httptest.NewRequest("GET", path, nil)
	if user+password != "" {
		r.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(user+":"+password)))
	}
	status, body, headers := h.send(r)
	return status, body, headers.Get("Content-Type")
}

func TestTheLogNamesWhatIsMissing(t *testing.T) {
	h := newApp(t, sqlite(t))
	pbx := h.add(sources.NewSource{Name: "pbx", Dialect: "freepbx", Secret: "SECRET-of-pbx"})
	if status, _, _ := h.send(httptest.NewRequest("POST", "/hooks/pbx", strings.NewReader("event=ringing"))); status != 404 {
		t.Errorf("a webhook to a dialect without any: %d, want 404", status)
	}
	if line := h.lastLine(pbx); line.Refused != "not_found: webhooks_of_dialect" {
		t.Errorf("the log says %q", line.Refused)
	}
}

func TestCallerName(t *testing.T) {
	h := newApp(t, sqlite(t))
	pbx := h.add(sources.NewSource{Name: "pbx", Dialect: "freepbx", Secret: "SECRET-of-pbx"})
	h.add(sources.NewSource{Name: "wide", Dialect: "freeswitch", Secret: "SECRET-of-wide", Settings: map[string]string{"max": "30"}})
	h.add(sources.NewSource{Name: "itl", Dialect: "itoolabs", Secret: "SECRET-of-itl"})
	const known = "?number=%2B74950000011"
	tests := []struct {
		name, path, user, password, want, refused string
	}{
		{"basic", "/cid/pbx" + known, "pbx", "SECRET-of-pbx", "[!]Ivanov Acme", ""},
		{"secret in the path", "/cid/pbx/SECRET-of-pbx" + known, "", "", "[!]Ivanov Acme", ""},
		{"max of the question", "/cid/pbx/SECRET-of-pbx" + known + "&max=9", "", "", "[!]Ivanov", ""},
		{"max that is none", "/cid/pbx/SECRET-of-pbx" + known + "&max=-1", "", "", "[!]Ivanov Acme", ""},
		{"max of the source", "/cid/wide/SECRET-of-wide" + known, "", "", "[!] Ivanov - Acme", ""},
		{"a plus that is a blank", "/cid/pbx/SECRET-of-pbx?number=+74950000011", "", "", "[!]Ivanov Acme", ""},
		{"national spelling", "/cid/pbx/SECRET-of-pbx?number=84950000011", "", "", "[!]Ivanov Acme", ""},
		{"unknown number", "/cid/pbx/SECRET-of-pbx?number=84950000099", "", "", "", ""},
		{"unknown number, the network's name", "/cid/pbx/SECRET-of-pbx?number=84950000099&name=%22Smith%2C%20J%22", "", "", "Smith J", ""},
		{"known number, the network's name", "/cid/pbx/SECRET-of-pbx" + known + "&name=Smith", "", "", "[!]Ivanov Acme", ""},
		{"wrong secret, the network's name", "/cid/pbx/GUESSED-SECRET?number=84950000099&name=Smith", "", "", "", "wrong_secret"},
		{"hidden number", "/cid/pbx/SECRET-of-pbx?number=anonymous", "", "", "", ""},
		{"no number", "/cid/pbx/SECRET-of-pbx", "", "", "", ""},
		{"500 digits", "/cid/pbx/SECRET-of-pbx?number=" + strings.Repeat("9", 500), "", "", "", ""},
		{"broken text", "/cid/pbx/SECRET-of-pbx?number=%ff%00", "", "", "", ""},
		{"wrong password", "/cid/pbx" + known, "pbx", "GUESSED-SECRET", "", "wrong_secret"},
		{"another user's name", "/cid/pbx" + known, "wide", "SECRET-of-pbx", "", "wrong_secret"},
		{"wrong secret in the path", "/cid/pbx/GUESSED-SECRET" + known, "", "", "", "wrong_secret"},
		{"wrong secret in the path, right password", "/cid/pbx/GUESSED-SECRET" + known, "pbx", "SECRET-of-pbx", "", "wrong_secret"},
		{"nothing", "/cid/pbx" + known, "", "", "", "secret_missing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			status, body, kind := h.name(tt.path, tt.user, tt.password)
			if status != 200 || body != tt.want || kind != "text/plain; charset=utf-8" {
				t.Errorf("%d %s %q, want %q", status, kind, body, tt.want)
			}
			if strings.HasPrefix(tt.path, "/cid/pbx") {
				line := h.lastLine(pbx)
				if line.Refused != tt.refused {
					t.Errorf("the log says %q, want %q", line.Refused, tt.refused)
				}
				for _, secret := range []string{"SECRET-of-pbx", "GUESSED-SECRET", "U0VDUkVU"} {
					if strings.Contains(line.Path+line.Headers["Authorization"], secret) {
						t.Errorf("the log shows %s: %+v", secret, line)
					}
				}
			}
		})
	}
	for _, path := range []string{"/cid/nowhere/SECRET", "/cid/itl/SECRET-of-itl" + known, "/cid/nowhere"} {
		if status, body, _ := h.name(path, "", ""); status != 200 || body != "" {
			t.Errorf("%s: %d %q", path, status, body)
		}
	}
}

// TestCallerNameAsks: who is called, and which way the call goes.
func TestCallerNameAsks(t *testing.T) {
	h := newApp(t, sqlite(t))
	h.add(sources.NewSource{Name: "pbx", Dialect: "freepbx", Secret: "SECRET-of-pbx", Settings: map[string]string{"language": "en", "ascii": "true"}})
	h.name("/cid/pbx/SECRET-of-pbx?number=84950000011", "", "")
	h.name("/cid/pbx/SECRET-of-pbx?number=84950000011&agent=102&direction=out", "", "")
	first, second := h.tracker.questions[0], h.tracker.questions[1]
	if first.Agent != nil || first.Direction != rules.In || first.Language != "en" {
		t.Errorf("first asked %+v", first)
	}
	if second.Agent == nil || second.Agent.Login != "petrov" || second.Direction != rules.Out {
		t.Errorf("then asked %+v", second)
	}
}

// TestCallerNameIsInTime: a name that is too late is no name.
func TestCallerNameIsInTime(t *testing.T) {
	h := newApp(t, sqlite(t))
	h.add(sources.NewSource{Name: "pbx", Dialect: "freeswitch", Secret: "SECRET-of-pbx"})
	h.receiver.timeouts.callerName, h.tracker.slow = callerNameTimeout, time.Hour
	start := time.Now()
	status, body, _ := h.name("/cid/pbx/SECRET-of-pbx?number=84950000011", "", "")
	if took := time.Since(start); status != 200 || body != "" || took > 30*time.Second {
		t.Errorf("%d %q after %v", status, body, took)
	}
}

func TestDialplanSafe(t *testing.T) {
	for name, want := range map[string]string{
		"[!] Acme - Ivanov":        "[!] Acme - Ivanov",
		"Acme, \"Ltd\"; O'Neil":    "Acme Ltd O Neil",
		"${SHELL(rm)}\r\nX: y|z\\": "SHELL(rm) X: y z",
		"  ООО   Ёлка ":            "ООО Ёлка",
		"Acme <sip:1@example.com>": "Acme sip:1@example.com",
		"Acme\u00a0Ltd\u200b":      "Acme Ltd",
	} {
		if got := dialplanSafe(name); got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
}

func TestDisplayLine(t *testing.T) {
	for _, c := range []struct {
		why, name string
		max       int
		want      string
	}{
		{"as long as it is", "[!] Acme Ltd - Taylor", 0, "[!] Acme Ltd - Taylor"},
		{"letters count, not bytes", "[!] ООО Ёлка - Щукин", 12, "[!] ООО Ёлка"},
		{"what is cut leaves no divider behind", "[!] Acme Ltd - Taylor", 15, "[!] Acme Ltd"},
		{"signs that are dropped take no room", `[!] ООО "Ёлка", филиал`, 14, "[!] ООО Ёлка ф"},
		{"a marker alone", "[?] ", 15, "[?]"},
		{"nothing", "", 15, ""},
	} {
		if got := displayLine(c.name, c.max); got != c.want {
			t.Errorf("%s: %q, want %q", c.why, got, c.want)
		}
	}
}
