package main

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/textproto"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"callhue/rules"
)

// unsolved are cases of testdata/telephony that the product does not handle yet. The list only shrinks: a case that
// passes has to be removed from it. None is left.
var unsolved = map[string]bool{}

// addressOfCases is where the PBXs of the cases believe the server to be.
const addressOfCases = "http://callhue.example"

// phoneCase is expected.json of a case of testdata/telephony; its README describes the fields.
type phoneCase struct {
	Essence  string `json:"essence"`
	Dialect  string `json:"dialect"`
	Settings struct {
		Contexts   string `json:"contexts"`
		List       bool   `json:"list"`
		Banner     bool   `json:"banner"`
		PathSecret string `json:"path_secret"`
	} `json:"settings"`
	After []expectation `json:"after"`
}

// expectation is what must be so after a part.
type expectation struct {
	Calls []struct {
		Call         string            `json:"call"`
		Direction    string            `json:"direction"`
		Number       string            `json:"number"`
		State        string            `json:"state"`
		Result       *string           `json:"result"`
		ResultNot    string            `json:"result_not"`
		DurationMost *int64            `json:"duration_most"`
		Agents       map[string]string `json:"agents"`
		AgentsExact  bool              `json:"agents_exact"`
	} `json:"calls"`
	Absent    []string `json:"absent"`
	NoOutCard string   `json:"no_out_card"`
	Incidents *int     `json:"incidents"`
}

// shownCall is a call as the call journal shows it.
type shownCall struct {
	ID        int64  `json:"id"`
	CallID    string `json:"call_id"`
	Direction string `json:"direction"`
	State     string `json:"state"`
	Result    string `json:"result"`
	Duration  int64  `json:"duration"`
	Number    struct {
		E164 string `json:"e164"`
		Raw  string `json:"raw"`
	} `json:"number"`
	Agents []struct {
		Agent *struct {
			Login string `json:"login"`
		} `json:"agent"`
		Name    string `json:"name"`
		State   string `json:"state"`
		Verdict struct {
			Color string `json:"color"`
		} `json:"verdict"`
	} `json:"agents"`
}

// telephony is a server with the agents, clients and sources of the cases.
type telephony struct {
	*process
	terminal *terminal
	pbx      map[string]*asterisk // by the contexts of its source
	probes   int
}

// TestTelephony replays what PBXs of the real world send, and reads from the API what came of it.
func TestTelephony(t *testing.T) {
	atTerminals(t, func(at *terminal) {
		h := at.telephony()
		folders, err := filepath.Glob("testdata/telephony/*/expected.json")
		if err != nil || len(folders) < 34 {
			t.Fatal(len(folders), err)
		}
		known := 0
		for _, file := range folders {
			folder := filepath.Dir(file)
			name := filepath.Base(folder)
			wrong := h.replay(t, folder)
			switch {
			case unsolved[name]:
				known++
				t.Logf("%s, unsolved:\n\t%s", name, strings.Join(wrong, "\n\t"))
				if len(wrong) == 0 {
					t.Errorf("%s passes now: remove it from unsolved", name)
				}
			case len(wrong) > 0:
				t.Errorf("%s:\n\t%s", name, strings.Join(wrong, "\n\t"))
			}
		}
		if known != len(unsolved) {
			t.Errorf("unsolved names %d cases, of which %d exist", len(unsolved), known)
		}
	})
}

// telephony starts a server and the PBXs that it connects to.
func (at *terminal) telephony() *telephony {
	at.t.Helper()
	at.do("user", "add", "--login", "admin", "--name", "Admin", "--roles", "admin")
	for _, u := range []struct{ login, extension, role, phone string }{
		{"ivanov", "101", "agent", ""}, {"petrov", "102", "agent", "+74950000102"}, {"sidorov", "103", "agent", ""},
		{"kuznetsov", "104", "agent", ""}, {"boss", "100", "supervisor", ""},
	} {
		args := []string{"user", "add", "--login", u.login, "--name", u.login, "--department", "Sales",
			"--extension", u.extension, "--roles", u.role}
		if u.phone != "" {
			args = append(args, "--phone", u.phone)
		}
		at.do(args...)
	}
	for _, s := range []struct{ name, dialect string }{
		{"sip", "sipgate"}, {"zam", "zammad"}, {"itl", "itoolabs"}, {"spn", "sipuni"},
		{"gen", "generic"}, {"tw", "twilio"},
	} {
		args := []string{"source", "add", "--name", s.name, "--dialect", s.dialect, "--public-url", addressOfCases,
			"--secret", "tel-secret-0001"}
		if s.name == "gen" {
			args = append(args, "--set", "path_secret=true")
		}
		at.do(args...)
	}
	h := &telephony{terminal: at, pbx: map[string]*asterisk{}}
	for contexts, name := range map[string]string{"from-internal": "amictx", "": "aminoctx"} {
		h.pbx[contexts] = at.asterisk(name, contexts, &asterisk{greeting: "Asterisk Call Manager/11.0.0"})
	}
	h.process = at.serve()
	h.token = strings.TrimSpace(at.do("token", "add", "--login", "admin", "--name", "test"))
	users := map[string]int64{}
	for _, u := range get[struct {
		Items []struct {
			ID    int64  `json:"id"`
			Login string `json:"login"`
		} `json:"items"`
	}](h.process, "/api/v1/users").Items {
		users[u.Login] = u.ID
	}
	h.set("POST", "/api/v1/companies",
		`{"name":"Acme","owner_id":%d,"status":"IN_WORK","phones":[{"value":"+74950000011","kind":"work"}]}`,
		users["ivanov"])
	h.set("POST", "/api/v1/contacts",
		`{"name":"Contact Twelve","owner_id":%d,"phones":[{"value":"+74950000012","kind":"work"}]}`, users["sidorov"])
	h.set("POST", "/api/v1/leads",
		`{"title":"Lead Thirteen","owner_id":%d,"phones":[{"value":"+74950000013","kind":"work"}]}`, users["sidorov"])
	patient := rules.Default()
	patient.LookupMillis = 5000 // a loaded machine must not look like a slow database
	policy, err := json.Marshal(patient)
	if err != nil {
		at.t.Fatal(err)
	}
	h.set("PUT", "/api/v1/policy", "%s", policy)
	return h
}

func (h *telephony) set(method, path, body string, args ...any) {
	h.t.Helper()
	if status, answer := h.ask(method, path, fmt.Sprintf(body, args...)); status >= 300 {
		h.t.Fatalf("%s: %d %s", path, status, answer)
	}
}

// replay sends the parts of a case and returns what is not as expected.
func (h *telephony) replay(t *testing.T, folder string) (wrong []string) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(folder, "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	var c phoneCase
	if err := json.Unmarshal(raw, &c); err != nil {
		t.Fatal(folder, err)
	}
	if c.Settings.Banner {
		return h.oldManager()
	}
	parts, expected := partsOf(t, folder), c.After
	pbx := h.pbx[c.Settings.Contexts]
	if c.Settings.List {
		pbx = h.terminal.asterisk("ami"+filepath.Base(folder)[:2], c.Settings.Contexts,
			&asterisk{greeting: "Asterisk Call Manager/11.0.0", channels: parts[0].raw})
		parts, expected = parts[1:], expected[1:]
	}
	if len(parts) != len(expected) {
		t.Fatalf("%s: %d parts, %d expectations", folder, len(parts), len(expected))
	}
	for i, part := range parts {
		if part.stream {
			pbx.send(h, part.raw)
		} else {
			h.post(part.raw)
		}
		for _, what := range h.check(&expected[i]) {
			wrong = append(wrong, "part "+part.name+": "+what)
		}
	}
	return wrong
}

// part is one file of a case.
type part struct {
	name   string
	number int
	stream bool
	raw    []byte
}

func partsOf(t *testing.T, folder string) (parts []part) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "[0-9]*.*"))
	if err != nil || len(files) == 0 {
		t.Fatal(folder, err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(file)
		number, _, _ := strings.Cut(name, ".")
		n, err := strconv.Atoi(number)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, part{name, n, filepath.Ext(name) == ".stream", raw})
	}
	slices.SortFunc(parts, func(a, b part) int { return a.number - b.number })
	return parts
}

var nowField = regexp.MustCompile(`\{\{now([+-]\d+)?\}\}`)

// post sends a request of a file. {{now-5}} in it is unix time, {{twilio}} Twilio's signature.
func (h *telephony) post(raw []byte) {
	h.t.Helper()
	head, body, found := strings.Cut(strings.ReplaceAll(string(raw), "\r\n", "\n"), "\n\n")
	lines := strings.Split(head, "\n")
	first := strings.Fields(lines[0])
	if !found || len(first) != 3 {
		h.t.Fatalf("no request: %q", head)
	}
	body = nowField.ReplaceAllStringFunc(body, func(field string) string {
		shift, _ := strconv.ParseInt(nowField.FindStringSubmatch(field)[1], 10, 64)
		return strconv.FormatInt(time.Now().Unix()+shift, 10)
	})
	var headers []string
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ": ")
		if value == "{{twilio}}" {
			value = twilioSignature(h.t, h.at+first[1], body)
		}
		if textproto.CanonicalMIMEHeaderKey(name) != "Host" {
			headers = append(headers, name, value)
		}
	}
	h.ask(first[0], first[1], body, headers...)
}

// twilioSignature signs a form as Twilio does.
func twilioSignature(t *testing.T, address, body string) string {
	fields, err := url.ParseQuery(body)
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	slices.Sort(names)
	sign := hmac.New(sha1.New, []byte("tel-secret-0001"))
	sign.Write([]byte(address))
	for _, name := range names {
		sign.Write([]byte(name + fields.Get(name)))
	}
	return base64.StdEncoding.EncodeToString(sign.Sum(nil))
}
