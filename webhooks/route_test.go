package webhooks

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"callhue/internal/fault"
	"callhue/webhooks/sources"
)

func TestRoute(t *testing.T) {
	h := newApp(t, sqlite(t))
	pbx := h.add(sources.NewSource{Name: "pbx", Dialect: "freepbx", Secret: "SECRET-of-pbx"})
	h.add(sources.NewSource{Name: "itl", Dialect: "itoolabs", Secret: "SECRET-of-itl"})
	const known = "?number=%2B74950000011"
	const whole = `{"number":"+74950000011","client":{"kind":"company","id":310,"name":"Acme, Ltd"},"targets":[` +
		`{"kind":"owner","user":{"id":17,"name":"Ivan Ivanov"},"extension":"101"},{"kind":"group","user":{"id":18,"name":"Petrov"},"extension":"102"}],"timeout_seconds":20}`
	const nothing = `{"number":"","client":null,"targets":[],"timeout_seconds":0}`
	for _, c := range []struct{ name, path, user, password, want, refused string }{
		{"basic", "/route/pbx" + known, "pbx", "SECRET-of-pbx", whole, ""},
		{"secret in the path", "/route/pbx/SECRET-of-pbx" + known, "", "", whole, ""},
		{"as text", "/route/pbx/SECRET-of-pbx" + known + "&format=text", "", "", "101,102", ""},
		{"nobody's number", "/route/pbx/SECRET-of-pbx?number=84950000099", "", "", `{"number":"+74950000099","client":null,"targets":[],"timeout_seconds":20}`, ""},
		{"nobody's number, as text", "/route/pbx/SECRET-of-pbx?number=84950000099&format=text", "", "", "", ""},
		{"wrong secret", "/route/pbx/GUESSED" + known, "", "", nothing, "wrong_secret"},
		{"wrong secret, as text", "/route/pbx/GUESSED" + known + "&format=text", "", "", "", "wrong_secret"},
		{"no secret", "/route/pbx" + known, "", "", nothing, "secret_missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, body, kind := h.name(c.path, c.user, c.password)
			if status != 200 || body != c.want {
				t.Errorf("%d %s, want 200 %s", status, body, c.want)
			}
			if text := strings.Contains(c.path, "format=text"); text != strings.HasPrefix(kind, "text/plain") {
				t.Errorf("it comes as %q", kind)
			}
			if line := h.lastLine(pbx); line.Status != 200 || !strings.HasSuffix(line.Refused, c.refused) || (c.refused == "") != (line.Refused == "") {
				t.Errorf("the log says %d %q, want %q", line.Status, line.Refused, c.refused)
			}
		})
	}
	for _, path := range []string{"/route/nobody/x" + known, "/route/itl/SECRET-of-itl" + known} {
		if status, body, _ := h.name(path, "", ""); status != 200 || body != nothing {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
}

func TestRouteAnswersWhateverFails(t *testing.T) {
	h := newApp(t, sqlite(t))
	h.add(sources.NewSource{Name: "pbx", Dialect: "freepbx", Secret: "SECRET-of-pbx"})
	const path = "/route/pbx/SECRET-of-pbx?number=%2B74950000011&format=text"
	h.tracker.fails = fault.Busy("database_away", time.Second)
	if status, body, _ := h.name(path, "", ""); status != 200 || body != "" {
		t.Errorf("without a database: %d %q", status, body)
	}
	h.receiver.timeouts.route, h.tracker.fails, h.tracker.slow = routeTimeout, nil, time.Hour
	begun := time.Now()
	if status, body, _ := h.name(path, "", ""); status != 200 || body != "" || time.Since(begun) > 30*time.Second {
		t.Errorf("a database that hangs: %d %q after %v", status, body, time.Since(begun))
	}
}

func TestDialectsThatRoute(t *testing.T) {
	h := newApp(t, sqlite(t))
	settings := func(route string) map[string]string {
		if route == "" {
			return nil
		}
		return map[string]string{"route": route}
	}
	for n, route := range []string{"", "true", "false"} {
		h.add(sources.NewSource{Name: "z" + itoa(int64(n)), Dialect: "zadarma", Secret: "SECRET-of-both", Settings: settings(route)})
		h.add(sources.NewSource{Name: "i" + itoa(int64(n)), Dialect: "itoolabs", Secret: "SECRET-of-both", Settings: settings(route)})
	}
	h.add(sources.NewSource{Name: "named", Dialect: "zadarma", Secret: "SECRET-of-both", Settings: settings("true")})
	post := func(source, form, signed string) string {
		r := httptest.NewRequest("POST", "/hooks/"+source, strings.NewReader(form))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if signed != "" {
			r.Header.Set("Signature", zadarmaSign("SECRET-of-both", signed))
		}
		status, body, _ := h.send(r)
		if status != 200 {
			t.Errorf("%s: %d %s", source, status, body)
		}
		return body
	}
	zadarma := func(source, event, number string) string {
		const start = "2026-03-12 09:16:00"
		form := url.Values{"event": {event}, "call_start": {start}, "pbx_call_id": {"in_" + source + event + number}, "caller_id": {number}, "called_did": {"74950000001"}}
		return post(source, form.Encode(), number+"74950000001"+start)
	}
	itoolabs := func(source string) string {
		return post(source, "cmd=contact&crm_token=SECRET-of-both&callid=1&phone=74950000011", "")
	}
	const redirect = `{"caller_name":"Ivanov - Acme","redirect":"101","return_timeout":20}`
	for _, c := range []struct{ why, got, want string }{
		{"zadarma, not asked for", zadarma("z0", "NOTIFY_START", "+74950000011"), `{"caller_name":"Ivanov - Acme"}`},
		{"zadarma, asked for", zadarma("z1", "NOTIFY_START", "+74950000011"), redirect},
		{"zadarma, out of a menu: the client has chosen", zadarma("z1", "NOTIFY_IVR", "+74950000011"), `{"caller_name":"Ivanov - Acme"}`},
		{"zadarma, nobody's number", zadarma("z1", "NOTIFY_START", "+74950000099"), `{}`},
		{"zadarma, declined", zadarma("z2", "NOTIFY_START", "+74950000011"), `{"caller_name":"Ivanov - Acme"}`},
		{"zadarma rings numbers only", zadarma("named", "NOTIFY_START", "+74950000011"), strings.Replace(redirect, "101", "102", 1)},
		{"itoolabs: the PBX has the option", itoolabs("i0"), `{"contact_name":"[!] Ivanov - Acme","responsible":"101"}`},
		{"itoolabs, asked for", itoolabs("i1"), `{"contact_name":"[!] Ivanov - Acme","responsible":"101"}`},
		{"itoolabs, declined", itoolabs("i2"), `{"contact_name":"[!] Ivanov - Acme"}`},
	} {
		if c.got != c.want {
			t.Errorf("%s: %s, want %s", c.why, c.got, c.want)
		}
	}
}
