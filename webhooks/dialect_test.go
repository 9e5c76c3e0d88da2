package webhooks

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"callhue/crmsync"
	"callhue/internal/fault"
	"callhue/internal/secrets"
	"callhue/internal/store"
)

var update = flag.Bool("update", false, "write testdata/*/*.json from what became of the requests")

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// sourcesOfTestdata are those that the requests in testdata are addressed to.
func sourcesOfTestdata() []NewSource {
	return []NewSource{
		{Name: "generic", Dialect: "generic", Secret: "SECRET-of-generic"},
		{Name: "simple", Dialect: "generic", Secret: "SECRET-of-simple", Settings: map[string]string{"path_secret": "true"}},
		{Name: "bitrix24", Dialect: "bitrix24", Secret: "APPTOKEN", Settings: map[string]string{
			"member_id": "0123456789abcdef0123456789abcdef", "portal": "portal.example"}},
		{Name: "itoolabs", Dialect: "itoolabs", Secret: "SECRET-of-itoolabs"},
		{Name: "zadarma", Dialect: "zadarma", Secret: "SECRET-of-zadarma", Settings: map[string]string{"timezone": "Europe/Moscow"}},
		{Name: "mango", Dialect: "mango", Secret: "SECRET-of-mango", Settings: map[string]string{"api_key": "KEY-of-mango"}},
		{Name: "telphin", Dialect: "telphin", Secret: "SECRET-of-telphin"},
		{Name: "uis", Dialect: "uis", Secret: "SECRET-of-uis"},
		{Name: "sipuni", Dialect: "sipuni", Secret: "SECRET-of-sipuni"},
		{Name: "amocrm", Dialect: "amocrm", Secret: "SECRET-of-amocrm", Settings: map[string]string{"account_id": "12345"}},
		{Name: "zammad", Dialect: "zammad", Secret: "SECRET-of-zammad"},
		{Name: "sipgate", Dialect: "sipgate", Secret: "SECRET-of-sipgate"},
		{Name: "zammad-strict", Dialect: "zammad", Secret: "SECRET-of-zammad-strict", Settings: map[string]string{"reject_do_not_call": "true"}},
		{Name: "sipgate-strict", Dialect: "sipgate", Secret: "SECRET-of-sipgate-strict", Settings: map[string]string{"reject_do_not_call": "true"}},
		{Name: "placetel", Dialect: "placetel", Secret: "SECRET-of-placetel"},
		{Name: "twilio", Dialect: "twilio", Secret: "SECRET-of-twilio"},
		{Name: "bitrix24-sync", Dialect: "bitrix24-sync", Secret: "APPTOKEN", Settings: map[string]string{
			"portal": "portal.example", "webhook_url": "https://portal.example/rest/1/s3cr3ts3cr3t/"}},
		{Name: "bitrix24-app", Dialect: "bitrix24-sync", Secret: "SECRET-of-bitrix24-app", Settings: map[string]string{"portal": "second.example", "client_id": "local.1"}},
		{Name: "amocrm-sync", Dialect: "amocrm-sync", Secret: "SECRET-of-amocrm-sync", Settings: map[string]string{"account": "demo.amocrm.ru", "token": "TOKEN-of-amocrm-sync", "account_id": "12345"}},
		{Name: "3cx", Dialect: "3cx", Secret: "SECRET-of-3cx"},
	}
}

// golden is what became of a request.
type golden struct {
	Status     int             `json:"status"`
	Understood json.RawMessage `json:"understood,omitempty"`
	Refused    string          `json:"refused,omitempty"`
	Reply      any             `json:"reply"`
}

// readRequest reads a raw request of testdata; lines end as the editor ends
// them, and Content-Length is added.
func readRequest(t testing.TB, file string) *http.Request {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, body, _ := strings.Cut(string(raw), "\n\n")
	lines := strings.Split(head, "\n")
	first := strings.Fields(lines[0])
	if len(first) != 3 {
		t.Fatalf("%s: no request line", file)
	}
	r := httptest.NewRequest(first[0], first[1], strings.NewReader(body))
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Set(name, value)
	}
	return r
}

func requests(t testing.TB, dialect string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", dialect, "*.http"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestDialects sends every request of testdata through the server and compares
// what became of it.
func TestDialects(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		sources := map[string]Source{}
		for _, draft := range sourcesOfTestdata() {
			sources[draft.Name] = h.add(draft)
			h.crm.grants[draft.Name] = granted()
		}
		for _, dialect := range Dialects() {
			files := requests(t, dialect.Name)
			if dialect.understand != nil && len(files) == 0 {
				t.Errorf("testdata has no request of %s", dialect.Name)
			}
			for _, file := range files {
				t.Run(strings.TrimSuffix(strings.TrimPrefix(file, "testdata/"), ".http"), func(t *testing.T) {
					r := readRequest(t, file)
					source := sources[strings.Split(r.URL.Path, "/")[2]]
					h.crm.grants[source.Name] = granted()
					status, body, _ := h.send(r)
					line := h.lastLine(source)
					compare(t, strings.TrimSuffix(file, ".http")+".json", golden{status, notNull(line.Understood), line.Refused, replyOf(body)})
					if line.Status != status {
						t.Errorf("the log says %d, the answer was %d", line.Status, status)
					}
				})
			}
		}
	})
}

// granted is what the portal of testdata gave an application.
func granted() crmsync.Token {
	return crmsync.Token{Access: "ACCESS", Refresh: "REFRESH", Account: "0123456789abcdef0123456789abcdef", Application: "GRANTED-TOKEN", Version: 1}
}

func notNull(raw json.RawMessage) json.RawMessage {
	if string(raw) == "null" {
		return nil
	}
	return raw
}

// replyOf keeps of a card what this room is answerable for.
func replyOf(body string) any {
	var said map[string]any
	if json.Unmarshal([]byte(body), &said) != nil {
		return body
	}
	if verdict, card := said["verdict"].(map[string]any); card {
		short := map[string]any{"color": verdict["color"], "why": verdict["why"], "agent": said["agent"], "call": said["call"].(map[string]any)["call_id"]}
		if related, asked := said["related"]; asked {
			short["related"] = related != nil
		}
		return short
	}
	return said
}

func compare(t *testing.T, file string, got golden) {
	t.Helper()
	text, err := json.MarshalIndent(got, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	text = append(bytes.ReplaceAll(bytes.ReplaceAll(text, []byte(`\u0026`), []byte("&")), []byte(`\u003e`), []byte(">")), '\n')
	if *update {
		if err := os.WriteFile(file, text, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(text, want) {
		t.Errorf("%s\ngot  %s\nwant %s", file, text, want)
	}
}

// TestGoldensHaveRequests finds goldens whose request is gone.
func TestGoldensHaveRequests(t *testing.T) {
	files, err := filepath.Glob("testdata/*/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if _, err := os.Stat(strings.TrimSuffix(file, ".json") + ".http"); err != nil {
			t.Errorf("%s has no request", file)
		}
	}
}

// TestEveryDialectIsWhole asks of each dialect what an administrator relies on.
func TestEveryDialectIsWhole(t *testing.T) {
	var names []string
	for _, d := range Dialects() {
		if slices.Contains(names, d.Name) {
			t.Errorf("two dialects are named %s", d.Name)
		}
		names = append(names, d.Name)
		if d.Title.RU == "" || d.Title.EN == "" || d.paste == nil || (d.prove == nil) != (d.understand == nil) || (d.prove == nil && !d.names && d.connects == nil) {
			t.Errorf("%s lacks a part", d.Name)
		}
		door := &Receiver{dialects: map[string]*Dialect{d.Name: &d}}
		p := door.Setup(Source{Name: "office", Dialect: d.Name, Settings: map[string]string{amiAddress: "pbx.example:5038"}}, "", "https://callhue.example/")
		if d.connects != nil && d.prove == nil {
			p.URL = "https://callhue.example/" // it is theirs
		}
		if !strings.HasPrefix(p.URL, "https://callhue.example/") || strings.Contains(p.URL, "//hooks") || len(p.Steps) == 0 {
			t.Errorf("%s: paste %q %q", d.Name, p.URL, p.Steps)
		}
		recipe := strings.TrimSuffix(d.Name, "-sync")
		if recipe == "ami" {
			recipe = "asterisk" // it is what people look for
		}
		if _, err := os.Stat("../docs/recipes/" + recipe + ".md"); err != nil {
			t.Errorf("%s has no recipe", d.Name)
		}
		for _, s := range p.Steps {
			if s.Says.RU == "" || s.Says.EN == "" {
				t.Errorf("%s: a step says nothing: %+v", d.Name, s)
			}
		}
		for _, s := range d.Settings {
			whole := s.Label.RU != "" && s.Label.EN != "" && (s.Hint.RU == "") == (s.Hint.EN == "") && s.Kind != "" && s.Topic != ""
			if !whole || (s.Kind == kindChoice) != (len(s.Of) > 0) || !s.takes(s.Usual) {
				t.Errorf("%s: setting %+v lacks a part", d.Name, s)
			}
		}
	}
}

// What is no value of a setting's kind is refused, and named.
func TestSettingsAreOfTheirKind(t *testing.T) {
	door := &Receiver{dialects: map[string]*Dialect{}}
	for _, d := range Dialects() {
		door.dialects[d.Name] = &d
	}
	for _, c := range []struct{ dialect, name, good, bad string }{
		{"generic", pathSecret, "true", "yes"},
		{"generic", "max", "20", "many"},
		{"generic", "language", "en", "de"},
		{"generic", dialURL, "https://pbx.example/call?to={number}", "pbx.example"},
		{"zadarma", zadarmaZone, "Europe/Moscow", "Moscow"},
		{"ami", amiNumbers, "plus", "any"},
		{"bitrix24-sync", bitrix24Webhook, "https://acme.bitrix24.ru/rest/1/abc/", "acme"},
		{"bitrix24-sync", bitrix24Portal, "acme.bitrix24.ru", "acme.bitrix24.ru/company"},
		{"bitrix24-sync", bitrix24Rate, "5", "0"},
		{"amocrm-sync", amocrmHost, "acme.amocrm.ru", "http://acme.amocrm.ru:1/x"},
	} {
		d := door.dialects[c.dialect]
		code := func(value string) string {
			if wrong := door.checkSettings(nil, d, map[string]string{c.name: value}, nil); wrong != nil {
				for _, f := range wrong.Fields {
					if f.Field == "settings."+c.name && f.Code != "required" {
						return f.Code
					}
				}
			}
			return ""
		}
		if code(c.good) != "" || code("") != "" || code(c.bad) != "unknown_value" {
			t.Errorf("%s %s: %q is %q, %q is %q", c.dialect, c.name, c.good, code(c.good), c.bad, code(c.bad))
		}
	}
}

// fuzzDialect feeds a dialect with anything, beginning with its testdata: it
// must not panic, blames the input and never us, and yields only what calls can
// store.
func fuzzDialect(f *testing.F, d Dialect, settings map[string]string, secret string) {
	for _, file := range requests(f, d.Name) {
		r := readRequest(f, file)
		body := new(bytes.Buffer)
		if _, err := body.ReadFrom(r.Body); err != nil {
			f.Fatal(err)
		}
		f.Add(r.Method, r.URL.RawQuery, r.Header.Get("Content-Type"), body.Bytes())
	}
	f.Fuzz(func(t *testing.T, method, query, kind string, body []byte) {
		q := &Query{Source: Source{Name: "office", Dialect: d.Name, Settings: settings}, Method: method, Body: body, At: noon,
			Address: func() string { return "https://callhue.example/hooks/office" },
			URL:     queryValues(query), Header: func(name string) string {
				if name == "Content-Type" {
					return kind
				}
				return ""
			}}
		if err := q.read(); err != nil {
			mustBe(t, err, fault.KindInvalid)
			return
		}
		if err := d.prove(q, secrets.Set{secret}); err != nil {
			mustBe(t, err, fault.KindUnauthorised, fault.KindInvalid)
		}
		heard, err := d.understand(q)
		if err != nil {
			mustBe(t, err, fault.KindInvalid)
			return
		}
		for _, e := range heard.Events {
			for _, text := range []string{e.CallID, e.Leg, e.Number, e.Agent, e.Line, e.Recording} {
				if !utf8.ValidString(text) || strings.ContainsAny(text, "\x00\r\n") {
					t.Errorf("%q cannot be stored", text)
				}
			}
			if e.CallID == "" || e.Kind == "" {
				t.Errorf("an event without call or kind: %+v", e)
			}
			if e.Recording != "" && !strings.HasPrefix(e.Recording, "http") {
				t.Errorf("recording %q is no link", e.Recording)
			}
		}
		for _, c := range heard.Changes {
			if c.ID == "" || !utf8.ValidString(c.ID) || strings.ContainsAny(c.ID, "\x00\r\n") || c.Kind == 0 {
				t.Errorf("a change of nothing: %+v", c)
			}
		}
		l := line{trace: trace{method: method, path: "/hooks/office?" + query}, body: body, heard: heard, known: []string{secret}}
		if row := l.row(); strings.Contains(row.Request, secret) || !json.Valid([]byte(row.Request)) || !json.Valid([]byte(row.Understood)) {
			t.Errorf("the log shows the secret or is no JSON: %s %s", row.Request, row.Understood)
		}
	})
}

func mustBe(t *testing.T, err error, kinds ...fault.Kind) {
	t.Helper()
	if !slices.Contains(kinds, fault.Of(err).Kind) {
		t.Errorf("a fault of kind %v: %v", fault.Of(err).Kind, err)
	}
}

func FuzzGeneric(f *testing.F) {
	fuzzDialect(f, generic(), nil, "SECRET-of-generic")
}

func FuzzBitrix24(f *testing.F) {
	fuzzDialect(f, bitrix24(), nil, "APPTOKEN-of-the-portal")
}

func FuzzBitrix24Sync(f *testing.F) {
	fuzzDialect(f, bitrix24Sync(), map[string]string{"portal": "portal.example"}, "APPTOKEN-of-the-portal")
}

func FuzzItoolabs(f *testing.F) {
	fuzzDialect(f, itoolabs(), nil, "SECRET-of-itoolabs")
}

func FuzzZadarma(f *testing.F) {
	fuzzDialect(f, zadarma(), map[string]string{"timezone": "Europe/Moscow"}, "SECRET-of-zadarma")
}

func FuzzMango(f *testing.F) { fuzzDialect(f, mango(), nil, "SECRET-of-mango") }

func FuzzTelphin(f *testing.F) { fuzzDialect(f, telphin(), nil, "SECRET-of-telphin") }

func FuzzUIS(f *testing.F) { fuzzDialect(f, uis(), nil, "SECRET-of-uis") }

func FuzzSipuni(f *testing.F) { fuzzDialect(f, sipuni(), nil, "SECRET-of-sipuni") }

func FuzzAmocrm(f *testing.F) { fuzzDialect(f, amocrm(), nil, "SECRET-of-amocrm") }

func FuzzAmocrmSync(f *testing.F) { fuzzDialect(f, amocrmSync(), nil, "SECRET-of-amocrm-sync") }

func FuzzZammad(f *testing.F) { fuzzDialect(f, zammad(), nil, "SECRET-of-zammad") }

func FuzzSipgate(f *testing.F) { fuzzDialect(f, sipgate(), nil, "SECRET-of-sipgate") }

func FuzzPlacetel(f *testing.F) { fuzzDialect(f, placetel(), nil, "SECRET-of-placetel") }

func FuzzTwilio(f *testing.F) { fuzzDialect(f, twilio(), nil, "SECRET-of-twilio") }

func Fuzz3CX(f *testing.F) { fuzzDialect(f, threecx(), nil, "SECRET-of-3cx") }

func queryValues(text string) url.Values {
	values, _ := url.ParseQuery(text) // keeps what could be read, as a server does
	return values
}
