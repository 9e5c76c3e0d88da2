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
	"strconv"
	"strings"
	"testing"

	"callhue/crmsync"
	"callhue/internal/store"
	"callhue/webhooks/dialects"
	"callhue/webhooks/sources"
)

var update = flag.Bool("update", false, "write dialects/testdata/*/*.json from what became of the requests")

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// testdataSources returns the sources to which the requests in dialects/testdata are addressed.
func testdataSources(t testing.TB) (list []sources.NewSource) {
	t.Helper()
	raw, err := os.ReadFile("dialects/testdata/sources.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		t.Fatal(err)
	}
	return list
}

// golden is what became of a request.
type golden struct {
	Status     int             `json:"status"`
	Understood json.RawMessage `json:"understood,omitempty"`
	Refused    string          `json:"refused,omitempty"`
	Reply      any             `json:"reply"`
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
	files, err := filepath.Glob(filepath.Join("dialects/testdata", dialect, "*.http"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestDialects sends every request of testdata through the server and compares
// what became of it.
func TestDialects(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		h := newApp(t, db)
		bySource := map[string]sources.Source{}
		for _, draft := range testdataSources(t) {
			bySource[draft.Name] = h.add(draft)
			h.syncer.tokens[draft.Name] = granted()
		}
		for _, dialect := range dialects.All() {
			files := requests(t, dialect.Name)
			if dialect.Parse != nil && len(files) == 0 {
				t.Errorf("testdata has no request of %s", dialect.Name)
			}
			for _, file := range files {
				t.Run(strings.TrimSuffix(strings.TrimPrefix(file, "dialects/testdata/"), ".http"), func(t *testing.T) {
					r := readRequest(t, file)
					source := bySource[strings.Split(r.URL.Path, "/")[2]]
					h.syncer.tokens[source.Name] = granted()
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

// replyOf keeps of a card what this package is answerable for.
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

// FuzzLogEntry parses anything in every dialect and looks at the log entry: it never shows the secret, and is JSON.
func FuzzLogEntry(f *testing.F) {
	byName := dialects.ByName()
	secretOf, settingsOf := map[string]string{}, map[string]map[string]string{}
	for _, s := range testdataSources(f) {
		if s.Name == s.Dialect {
			secretOf[s.Dialect], settingsOf[s.Dialect] = s.Secret, s.Settings
		}
	}
	for name, secret := range secretOf {
		if len(secret) < len("SECRET-of-x") {
			secretOf[name] = secret + "-of-the-portal" // long enough to be told from the rest
		}
		for _, file := range requests(f, name) {
			r := readRequest(f, file)
			body := new(bytes.Buffer)
			if _, err := body.ReadFrom(r.Body); err != nil {
				f.Fatal(err)
			}
			f.Add(name, r.Method, r.URL.RawQuery, r.Header.Get("Content-Type"), body.Bytes())
		}
	}
	f.Fuzz(func(t *testing.T, name, method, query, contentType string, body []byte) {
		d, secret := byName[name], secretOf[name]
		if d == nil || secret == "" {
			return
		}
		values, _ := url.ParseQuery(query) // keeps what could be read, as a server does
		req := &dialects.Request{Source: "office", Settings: settingsOf[name], Method: method, Body: body, At: noon, Query: values,
			URL: func() string { return "https://callhue.example/hooks/office" },
			Header: func(name string) string {
				if name == "Content-Type" {
					return contentType
				}
				return ""
			}}
		if req.ReadForm(nil) != nil {
			return
		}
		parsed, err := d.Parse(req)
		if err != nil {
			return
		}
		entry := logEntry{head: requestHead{method: method, path: "/hooks/office?" + query}, body: body, parsed: parsed, secrets: []string{secret}}
		row := entry.row()
		if strings.Contains(row.Request, secret) || !json.Valid([]byte(row.Request)) || !json.Valid([]byte(row.Understood)) {
			t.Errorf("the log shows the secret or is no JSON: %s %s", row.Request, row.Understood)
		}
	})
}

// TestEveryConnectionHasAConnector: the dialects whose connection we open are those of the table, and CRMs have a client.
func TestEveryConnectionHasAConnector(t *testing.T) {
	table := connectors()
	for _, d := range dialects.All() {
		c, found := table[d.Name]
		if found != (d.Connection != dialects.NoConnection) || found && c.open == nil {
			t.Errorf("%s has the connection %q, and in the table: %v", d.Name, d.Connection, found)
		}
		if (c.client != nil) != (d.Connection == dialects.CRMConnection) {
			t.Errorf("%s: a client of a CRM: %v", d.Name, c.client != nil)
		}
		delete(table, d.Name)
	}
	for name := range table {
		t.Errorf("%s is no dialect", name)
	}
}
