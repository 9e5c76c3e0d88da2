package dialects

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"callhue/internal/fault"
	"callhue/internal/secrets"
)

// noon is when the tests happen: 2026-03-12 09:16:05 UTC, noon in Moscow.
var noon = time.Unix(1773306965, 0).UTC()

// testSource is one of the sources to which the requests in testdata are addressed.
type testSource struct {
	Name     string            `json:"name"`
	Dialect  string            `json:"dialect"`
	Secret   string            `json:"secret"`
	Settings map[string]string `json:"settings"`
}

// testSources returns the sources of testdata by their names.
func testSources(t testing.TB) map[string]testSource {
	t.Helper()
	raw, err := os.ReadFile("testdata/sources.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []testSource
	if err := json.Unmarshal(raw, &list); err != nil {
		t.Fatal(err)
	}
	byName := map[string]testSource{}
	for _, s := range list {
		byName[s.Name] = s
	}
	return byName
}

// readRequest reads a raw request of testdata. Its lines end with \n, and Content-Length is added.
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
	for _, d := range All() {
		if slices.Contains(names, d.Name) {
			t.Errorf("two dialects are named %s", d.Name)
		}
		names = append(names, d.Name)
		if d.Title.RU == "" || d.Title.EN == "" || d.Setup == nil || (d.Authenticate == nil) != (d.Parse == nil) || (d.Authenticate == nil && !d.CallerID && d.Connection == NoConnection) {
			t.Errorf("%s lacks a part", d.Name)
		}
		p := d.Setup(Address{Source: "office", Settings: map[string]string{amiAddress: "pbx.example:5038"}, Secret: SecretPlaceholder, PublicURL: "https://callhue.example"})
		if d.Connection != NoConnection && d.Authenticate == nil || d.Answers {
			p.URL = "https://callhue.example/" // it is theirs
		}
		if !strings.HasPrefix(p.URL, "https://callhue.example/") || strings.Contains(p.URL, "//hooks") || len(p.Steps) == 0 {
			t.Errorf("%s: paste %q %q", d.Name, p.URL, p.Steps)
		}
		recipe := strings.TrimSuffix(d.Name, "-sync")
		if recipe == "ami" {
			recipe = "asterisk" // it is what people look for
		}
		if d.Answers {
			recipe = map[string]string{SQL: "own-crm-mysql", HTTP: "own-crm-http"}[d.Name]
		}
		if _, err := os.Stat("../../docs/recipes/" + recipe + ".md"); err != nil {
			t.Errorf("%s has no recipe", d.Name)
		}
		for _, s := range p.Steps {
			if s.Text.RU == "" || s.Text.EN == "" {
				t.Errorf("%s: a step says nothing: %+v", d.Name, s)
			}
		}
		for _, s := range d.Settings {
			whole := s.Label.RU != "" && s.Label.EN != "" && (s.Hint.RU == "") == (s.Hint.EN == "") && s.Kind != "" && s.Topic != ""
			if !whole || (s.Kind == KindChoice) != (len(s.Choices) > 0) || !s.Accepts(s.Default) {
				t.Errorf("%s: setting %+v lacks a part", d.Name, s)
			}
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
		req := &Request{Source: "office", Settings: settings, Method: method, Body: body, At: noon,
			URL:   func() string { return "https://callhue.example/hooks/office" },
			Query: queryValues(query), Header: func(name string) string {
				if name == "Content-Type" {
					return kind
				}
				return ""
			}}
		if err := req.ReadForm(nil); err != nil {
			mustBe(t, err, fault.KindInvalid)
			return
		}
		if err := d.Authenticate(req, secrets.Set{secret}); err != nil {
			mustBe(t, err, fault.KindUnauthorised, fault.KindInvalid)
		}
		parsed, err := d.Parse(req)
		if err != nil {
			mustBe(t, err, fault.KindInvalid)
			return
		}
		for _, e := range parsed.Events {
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
		for _, c := range parsed.Changes {
			if c.ID == "" || !utf8.ValidString(c.ID) || strings.ContainsAny(c.ID, "\x00\r\n") || c.Kind == 0 {
				t.Errorf("a change of nothing: %+v", c)
			}
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

func FuzzGenericWithMapping(f *testing.F) {
	settings, err := UsePreset(ByName()["generic"], nil, "kazoo")
	if err != nil {
		f.Fatal(err)
	}
	fuzzDialect(f, generic(), settings, "SECRET-of-kazoo")
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

func FuzzYeastar(f *testing.F) { fuzzDialect(f, yeastar(), nil, "SECRET-of-yeastar") }

func Fuzz3CX(f *testing.F) { fuzzDialect(f, threecx(), nil, "SECRET-of-3cx") }

func queryValues(text string) url.Values {
	values, _ := url.ParseQuery(text) // keeps what could be read, as a server does
	return values
}
