package webhooks

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/webhooks/sources"
)

// api plays a PBX's REST API: it records requests and answers what the test sets.
type api struct {
	*httptest.Server
	asked  []string
	status int
	says   string
}

func newAPI(t *testing.T) *api {
	a := &api{status: http.StatusOK}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		lines := []string{r.Method + " " + r.URL.RequestURI()}
		for _, name := range []string{"Authorization", "X-Api-Key", "Content-Type"} {
			if value := r.Header.Get(name); value != "" {
				lines = append(lines, name+": "+value)
			}
		}
		a.asked = append(a.asked, strings.Join(append(lines, string(body)), "\n"))
		said := a.says
		if r.URL.Path == "/oauth/token" && a.status == http.StatusOK {
			said = `{"access_token":"TOKEN","expires_in":3600}`
		}
		if strings.HasSuffix(r.URL.Path, "/client/@me/extension/") && a.status == http.StatusOK {
			said = `[{"id":901,"name":"0000*1101"},{"id":902,"name":"0000*101"}]`
		}
		w.WriteHeader(a.status)
		_, _ = io.WriteString(w, said)
	}))
	t.Cleanup(a.Close)
	return a
}

// The sums were made with openssl:
//
//	printf %s "KEY${JSON}SECRET-of-mango" | openssl dgst -sha256
//	Q='from=101&predicted=0&to=74950000011'; M=$(printf %s "$Q" | openssl md5 -r | cut -c1-32)
//	printf %s "/v1/request/callback/$Q$M" | openssl dgst -sha1 -hmac SECRET-of-zadarma -r | cut -c1-40 | tr -d '\n' | base64
const (
	mangoSum   = "c25602e98631d263746a39b6fbf3ffb9204b013063b5d36ebb4819d97204b092"
	zadarmaSum = "ZWE3MmEzNjcwYzJkNDFiODI1YjE0ZTU1ZDBjZTA3M2Y0YWZjMDhjMg=="
	ourCall    = "callhue-AAECAwQFBgcICQoL" // the randomness of the test begins at 0 for each call
)

// TestDialOverHTTP: what each dialect asks for a call, and what it makes of the
// answer.
func TestDialOverHTTP(t *testing.T) {
	t.Parallel()
	tests := []struct {
		dialect  string
		settings map[string]string
		asked    []string
		says     string
		call     string
		status   int    // of an answer that refuses
		refuses  string // that answer
		refusal  string // what is shown of it
	}{
		{"mango", map[string]string{"api_key": "KEY", "api_url": "{api}/vpbx"},
			[]string{"POST /vpbx/commands/callback\nContent-Type: application/x-www-form-urlencoded\njson=%7B%22command_id%22%3A%22" + ourCall +
				"%22%2C%22from%22%3A%7B%22extension%22%3A%22101%22%7D%2C%22to_number%22%3A%2274950000011%22%7D&sign=" + mangoSum + "&vpbx_api_key=KEY"},
			`{"result":1000}`, "", 200, `{"result":3101}`, "result 3101"},
		{"zadarma", map[string]string{"api_key": "KEY", "api_url": "{api}"},
			[]string{"GET /v1/request/callback/?from=101&predicted=0&to=74950000011\nAuthorization: KEY:" + zadarmaSum + "\n"},
			`{"status":"success"}`, "", 200, `{"status":"error","message":"Wrong number"}`, "Wrong number"},
		{"itoolabs", map[string]string{"api_url": "{api}/crmapi/v1/", "rest_key": "REST-KEY-of-itoolabs"},
			[]string{"POST /crmapi/v1/makecall\nX-Api-Key: REST-KEY-of-itoolabs\nContent-Type: application/json\n" + `{"phone":"74950000011","user":"101"}`},
			`{"callid":"itl-7"}`, "itl-7", 400, `{"error":"No such user"}`, "No such user"},
		{"telphin", map[string]string{"app_id": "APP", "app_secret": "APP-SECRET-of-telphin", "api_url": "{api}"},
			[]string{"POST /oauth/token\nContent-Type: application/x-www-form-urlencoded\nclient_id=APP&client_secret=APP-SECRET-of-telphin&grant_type=client_credentials&scope=all",
				"GET /api/ver1.0/client/@me/extension/?page=1&per_page=100&type=phone\nAuthorization: Bearer TOKEN\n",
				"POST /api/ver1.0/extension/902/callback/\nAuthorization: Bearer TOKEN\nContent-Type: application/json\n" + `{"dst_num":"74950000011","src_num":["101"]}`},
			`{"call_id":"TEL9"}`, "TEL9", 403, `{"message":"Not allowed"}`, "Not allowed"},
		{"generic", map[string]string{"dial_url": "{api}/call?ext={extension}&n={plus}&id={id}", "dial_auth": "Bearer TOKEN-of-generic"},
			[]string{"GET /call?ext=101&n=%2B74950000011&id=" + ourCall + "\nAuthorization: Bearer TOKEN-of-generic\n"},
			``, ourCall, 500, ``, "HTTP 500"},
		{"generic", map[string]string{"dial_url": "{api}/call", "dial_body": `{"from":"{extension}","to":"{number}"}`},
			[]string{"POST /call\nContent-Type: application/json\n" + `{"from":"101","to":"74950000011"}`},
			``, "", 404, ``, "HTTP 404"},
		{"generic", map[string]string{"dial_url": "{api}/call", "dial_body": `from={extension}&to={plus}`},
			[]string{"POST /call\nContent-Type: application/x-www-form-urlencoded\nfrom=101&to=%2B74950000011"},
			``, "", 302, ``, "HTTP 302"},
	}
	store.Test(t, func(t *testing.T, db *store.DB) {
		random := &counting{}
		h := newApp(t, db, func(o *parts) { o.AllowPrivate, o.Random, o.sources.Random = true, random, random })
		number := moscow(t).Parse("8 (495) 000-00-11")
		for n, tt := range tests {
			api := newAPI(t)
			settings := map[string]string{}
			for name, value := range tt.settings {
				settings[name] = strings.ReplaceAll(value, "{api}", api.URL)
			}
			name := tt.dialect + itoa(int64(n))
			h.add(sources.NewSource{Name: name, Dialect: tt.dialect, Secret: "SECRET-of-" + tt.dialect, Settings: settings})
			random.next, api.says = 0, tt.says
			call, err := h.receiver.Dial(t.Context(), name, "101", number)
			if err != nil || call != tt.call || !slices.Equal(api.asked, tt.asked) {
				t.Errorf("%s: call %q, %v\nasked %q\nwant  %q", name, call, err, api.asked, tt.asked)
			}
			api.says, api.status = tt.refuses, tt.status
			_, err = h.receiver.Dial(t.Context(), name, "101", number)
			if f := fault.Of(err); f == nil || f.Key != "pbx_refused" || f.Args["what"] != tt.refusal {
				t.Errorf("%s refused: %v", name, err)
			}
			api.Close()
			if _, err = h.receiver.Dial(t.Context(), name, "101", number); fault.Of(err) == nil || fault.Of(err).Key != "pbx_silent" {
				t.Errorf("%s is away: %v", name, err)
			}
		}
	})
}

func TestWhoCanDial(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		h := newApp(t, db)
		h.add(sources.NewSource{Name: "bare", Dialect: "mango", Secret: "SECRET-of-mango"})
		h.add(sources.NewSource{Name: "lan", Dialect: "generic", Secret: "SECRET-of-generic", Settings: map[string]string{"dial_url": "http://127.0.0.1:9/call"}})
		h.add(sources.NewSource{Name: "names", Dialect: "freepbx", Secret: "SECRET-of-freepbx"})
		names, err := h.receiver.Dialling(t.Context())
		if err != nil || !slices.Equal(names, []string{"lan"}) {
			t.Errorf("%v %v", names, err)
		}
		number := moscow(t).Parse("8 (495) 000-00-11")
		for source, want := range map[string]string{"bare": "cannot_dial", "names": "cannot_dial", "lan": "private_address", "nobody": "not_found"} {
			if _, err := h.receiver.Dial(t.Context(), source, "101", number); fault.Of(err) == nil || fault.Of(err).Key != want {
				t.Errorf("%s: %v, want %s", source, err, want)
			}
		}
	})
}
