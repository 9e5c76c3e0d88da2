package web_test

import (
	"testing"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/web"
)

// TestPagesOfNamedOriginsMayCall checks that pages of the origins that an installation names may call the API with a
// token, and others may not read it, nor anyone by the cookie of a browser.
func TestPagesOfNamedOriginsMayCall(t *testing.T) {
	const crm, stranger = "https://crm.example", "https://crm.example.evil.example"
	s := newServer(t, web.Options{Origins: []string{crm}}, []web.Route{
		row("POST", "/api/v1/check", access.Staff, nothing()),
		row("POST", "/hooks/office", access.Anyone, nothing()),
	})
	token := map[string]string{"Authorization": "Bearer petrov"}
	asks := map[string]string{"Access-Control-Request-Method": "POST"}
	cookie := map[string]string{"Cookie": s.SessionCookie() + "=petrov"}
	for _, c := range []struct {
		why, method, path, origin string
		header                    map[string]string
		status                    int
		allowed                   string
	}{
		{"a preflight", "OPTIONS", "/api/v1/check", crm, asks, 204, crm},
		{"a stranger's preflight", "OPTIONS", "/api/v1/check", stranger, asks, 405, ""},
		{"a call with a token", "POST", "/api/v1/check", crm, token, 204, crm},
		{"a stranger's, which cannot read it", "POST", "/api/v1/check", stranger, token, 204, ""},
		{"a refusal can be read, too", "POST", "/api/v1/check", crm, nil, 403, crm},
		{"by the cookie of the browser", "POST", "/api/v1/check", crm, cookie, 403, crm},
		{"a page that hides where it is from", "POST", "/api/v1/check", "null", token, 204, ""},
		{"no page", "POST", "/api/v1/check", "", token, 204, ""},
		{"a machine's door is no API of pages", "POST", "/hooks/office", crm, nil, 204, ""},
	} {
		header := map[string]string{}
		if c.origin != "" {
			header["Origin"] = c.origin
		}
		for name, value := range c.header {
			header[name] = value
		}
		a, body := call{method: c.method, path: c.path, header: header}.to(t, s)
		if a.StatusCode != c.status || a.Header.Get("Access-Control-Allow-Origin") != c.allowed ||
			a.Header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s: %d %v %s", c.why, a.StatusCode, a.Header, body)
		}
		shared := a.Header.Get("Cross-Origin-Resource-Policy") == "cross-origin"
		if shared != (c.allowed != "") || c.path == "/api/v1/check" && a.Header.Get("Vary") != "Origin" {
			t.Errorf("%s: %v", c.why, a.Header)
		}
		if c.method == "OPTIONS" && c.allowed != "" && a.Header.Get("Access-Control-Max-Age") == "" {
			t.Errorf("%s: a browser would ask each time: %v", c.why, a.Header)
		}
	}
	for _, wrong := range []string{"*", "https://*.example", "crm.example", "https://crm.example/", "null",
		"ftp://crm.example"} {
		if err := web.CheckOrigins("cors-origins", []string{crm, wrong}); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("%q is taken for an origin: %v", wrong, err)
		}
	}
}
