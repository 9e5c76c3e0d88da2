package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"callhue/rules"
)

// process is one server of a test.
type process struct {
	t     *testing.T
	at    string
	token string
	out   lockedBuffer
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// serve starts a server and waits until it is ready.
func (at *terminal) serve() *process {
	at.t.Helper()
	p := &process{t: at.t}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan int)
	go func() {
		serve := append([]string{"serve", "--listen", "127.0.0.1:0"}, at.serveFlags...)
		ended <- run(ctx, at.with(serve...), &p.out, &p.out)
	}()
	at.t.Cleanup(func() {
		stop()
		select {
		case exit := <-ended:
			if exit != 0 {
				at.t.Errorf("serve ended with %d: %s", exit, p.out.String())
			}
		case <-time.After(2 * time.Minute):
			at.t.Error("serve does not end")
		}
	})
	at.until("the server is ready: "+at.db, func() bool {
		if p.at = itsAddress.FindString(p.out.String()); p.at == "" {
			return false
		}
		answer, err := http.Get(p.at + "/readyz")
		if err != nil {
			return false
		}
		_ = answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
	return p
}

// itsAddress finds in what a server prints at its start where it is.
var itsAddress = regexp.MustCompile(`http://127\.0\.0\.1:[1-9]\d*`)

// until waits for something that happens beside the test, also on a slow machine.
func (at *terminal) until(what string, is func() bool) {
	at.t.Helper()
	for end := time.Now().Add(time.Minute); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			at.t.Fatalf("never: %s", what)
		}
	}
}

// ask sends a request and returns the status and the answer.
func (p *process) ask(method, path, body string, headers ...string) (int, string) {
	p.t.Helper()
	request, err := http.NewRequest(method, p.at+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	if p.token != "" {
		request.Header.Set("Authorization", "Bearer "+p.token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		p.t.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return answer.StatusCode, string(raw)
}

// listen opens the live stream and returns its events until it or the test ends.
func (p *process) listen(query, lastID string) <-chan string {
	ctx, stop := context.WithCancel(context.Background())
	p.t.Cleanup(stop)
	request, err := http.NewRequestWithContext(ctx, "GET", p.at+"/api/v1/live"+query, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+p.token)
	if lastID != "" {
		request.Header.Set("Last-Event-ID", lastID)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil || answer.StatusCode != http.StatusOK {
		p.t.Fatalf("live: %v %v", answer, err)
	}
	events := make(chan string, 100)
	opened := make(chan struct{})
	go func() {
		defer answer.Body.Close()
		defer close(events)
		lines := bufio.NewScanner(answer.Body)
		lines.Buffer(nil, 1<<20)
		event := []string{}
		for lines.Scan() {
			switch line := lines.Text(); {
			case strings.HasPrefix(line, "retry:"):
				close(opened)
			case line == "" && len(event) > 0:
				events <- strings.Join(event, "\n")
				event = nil
			case line != "":
				event = append(event, line)
			}
		}
	}()
	<-opened
	return events
}

func next(t *testing.T, events <-chan string) (event string) {
	t.Helper()
	select {
	case event = <-events:
	case <-time.After(time.Minute): // a loaded machine is no fault
		t.Fatal("no event within a minute")
	}
	return event
}

// stage sets up Acme of Ivanov's, in work, and a source with its secret in the
// path; it gives Petrov's server.
func (at *terminal) stage() *process {
	at.do("user", "add", "--login", "admin", "--name", "Admin", "--roles", "admin")
	at.do("user", "add", "--login", "ivanov", "--name", "Ivanov", "--extension", "101")
	at.do("user", "add", "--login", "petrov", "--name", "Petrov", "--extension", "102", "--language", "en")
	at.do("source", "add", "--name", "office", "--dialect", "generic", "--set", "path_secret=true",
		"--secret", "0123456789abcdef")
	p := at.serve()
	p.token = strings.TrimSpace(at.do("token", "add", "--login", "admin", "--name", "test"))
	if status, answer := p.ask("POST", "/api/v1/companies",
		`{"name":"Acme","owner_id":2,"status":"IN_WORK","phones":[{"value":"8 (495) 000-00-11"}]}`); status != 201 {
		at.t.Fatalf("company: %d %s", status, answer)
	}
	patient := rules.Default()
	patient.LookupMillis = 5000 // a loaded machine must not look like a slow database
	policy, err := json.Marshal(patient)
	if err != nil {
		at.t.Fatal(err)
	}
	if status, answer := p.ask("PUT", "/api/v1/policy", string(policy)); status != 200 {
		at.t.Fatalf("policy: %d %s", status, answer)
	}
	p.token = strings.TrimSpace(at.do("token", "add", "--login", "petrov", "--name", "test"))
	return p
}

const ringing = `{"event":"ringing","call_id":"%s","direction":"out","number":"+74950000011","agent":"102"}`

func TestTwoServersOnOneDatabaseAreOne(t *testing.T) {
	atTerminals(t, func(at *terminal) {
		first := at.stage()
		second := at.serve()
		second.token = first.token
		here, there := first.listen("", ""), second.listen("", "")
		status, answer := first.ask("POST", "/hooks/office/0123456789abcdef", fmt.Sprintf(ringing, "c-1"))
		if status != 200 || !strings.Contains(answer, `"color":"red"`) {
			t.Fatalf("hook: %d %s", status, answer)
		}
		for name, events := range map[string]<-chan string{"this": here, "the other": there} {
			if event := next(t, events); !strings.Contains(event, "event: card") ||
				!strings.Contains(event, `"color":"red"`) {
				t.Errorf("%s server's stream: %s", name, event)
			}
		}
		// The same event again, at the other server: no stream gets it twice.
		if status, _ := second.ask("POST",
			"/hooks/office/0123456789abcdef", fmt.Sprintf(ringing, "c-1")); status != 200 {
			t.Errorf("repeated: %d", status)
		}
		// The other server's memory follows within a second.
		if _, answer := second.ask("POST", "/api/v1/check", `{"number":"+74950000011"}`); !strings.Contains(answer,
			`"color":"red"`) {
			t.Errorf("check at the other server: %s", answer)
		}
		admin := &process{t: first.t, at: first.at,
			token: strings.TrimSpace(at.do("token", "add", "--login", "admin", "--name", "second"))}
		if status, answer := admin.ask("PUT", "/api/v1/companies/1/status",
			`{"status":"WAITING","version":1}`); status != 200 {
			t.Fatalf("status: %d %s", status, answer)
		}
		if _, answer := first.ask("POST", "/api/v1/check", `{"number":"+74950000011"}`); !strings.Contains(answer,
			"foreign_free") {
			t.Errorf("this server right after the change: %s", answer)
		}
		// The promise is one second; a loaded machine gets more.
		at.until("the other server has heard", func() bool {
			_, answer := second.ask("POST", "/api/v1/check", `{"number":"+74950000011"}`)
			return strings.Contains(answer, "foreign_free")
		})
		// The card that is being looked at follows too, once.
		for name, events := range map[string]<-chan string{"this": here, "the other": there} {
			if event := next(t, events); !strings.Contains(event, "foreign_free") ||
				!strings.Contains(event, `"state":"ringing"`) {
				t.Errorf("%s server's stream after the change: %s", name, event)
			}
		}
		if status, _ := second.ask("POST", "/hooks/office/0123456789abcdef",
			`{"event":"ended","call_id":"c-1","agent":"102"}`); status != 200 {
			t.Errorf("end: %d", status)
		}
		if event := next(t, here); !strings.Contains(event, `"state":"ended"`) {
			t.Errorf("the end, heard at the other server, on this one's stream: %s", event)
		}
	})
}

func TestAStreamGoesOnAfterABreak(t *testing.T) {
	atTerminals(t, func(at *terminal) {
		p := at.stage()
		first := p.listen("", "")
		p.ask("POST", "/hooks/office/0123456789abcdef", fmt.Sprintf(ringing, "c-1"))
		id, _, _ := strings.Cut(strings.TrimPrefix(next(t, first), "id: "), "\n")
		p.ask("POST", "/hooks/office/0123456789abcdef", fmt.Sprintf(ringing, "c-2")) // while the line is down
		again := p.listen("", id)
		for range 3 { // what the client has may come again, with the same id
			if strings.Contains(next(t, again), `"call_id":"c-2"`) {
				return
			}
		}
		t.Error("the card of the break did not come")
	})
}

func TestAStreamEndsWithTheRightToIt(t *testing.T) {
	atTerminals(t, func(at *terminal) {
		p := at.stage()
		admin := at.do("token", "add", "--login", "admin", "--name", "other")
		for _, c := range []struct {
			why, token, path string
			take             []string
			ends             bool
		}{
			{"a new head somewhere: the scope of an admin is another one", admin, "?scope=department",
				[]string{"user", "add", "--login", "vera", "--name", "Vera", "--department", "New"}, true},
			{"his own cards are nobody else's business", p.token, "",
				[]string{"user", "add", "--login", "olga", "--name", "Olga", "--department", "Newer"}, false},
			{"somebody else is dismissed", p.token, "", []string{"user", "disable", "ivanov"}, false},
			{"dismissed himself", p.token, "", []string{"user", "disable", "petrov"}, true},
		} {
			listener := &process{t: t, at: p.at, token: strings.TrimSpace(c.token)}
			events := listener.listen(c.path, "")
			at.do(c.take...)
			if !c.ends { // then it goes on to tell what happens after that
				p.ask("POST", "/hooks/office/0123456789abcdef", fmt.Sprintf(ringing, c.why))
				if event := next(t, events); !strings.Contains(event, "event: card") {
					t.Errorf("%s: the stream told %q", c.why, event)
				}
				continue
			}
			for ended := false; !ended; {
				select {
				case _, more := <-events:
					ended = !more
				case <-time.After(time.Minute):
					t.Fatalf("%s: the stream goes on", c.why)
				}
			}
		}
	})
}

func TestAClientsHistoryHidesCards(t *testing.T) {
	atTerminals(t, func(at *terminal) {
		p := at.stage()
		p.ask("POST", "/hooks/office/0123456789abcdef", fmt.Sprintf(ringing, "c-1"))
		p.token = strings.TrimSpace(at.do("token", "add", "--login", "ivanov", "--name", "test"))
		var page struct{ History []struct{ Verb string } }
		status, answer := p.ask("GET", "/api/v1/clients/company/1", "")
		if err := json.Unmarshal([]byte(answer), &page); err != nil || status != 200 {
			t.Fatalf("%d %v %s", status, err, answer)
		}
		verbs := ""
		for _, e := range page.History {
			verbs += e.Verb + " "
		}
		if !strings.Contains(verbs, "call.started") || strings.Contains(verbs, "card.") {
			t.Errorf("history of %s; want the call and no card of Petrov's", verbs)
		}
	})
}

func TestBadInputAtEveryRoute(t *testing.T) {
	atTerminals(t, func(at *terminal) {
		p := at.stage()
		good := "/hooks/office/0123456789abcdef"
		huge := strings.Repeat("7", 500)
		for _, c := range []struct {
			why, method, path, body string
			status                  int
			code                    string
		}{
			{"malformed JSON to a hook", "POST", good, `{"event":`, 400, "malformed_json"},
			{"a form that is none", "POST", good, "%zz=%", 422, "event"},
			{"no event", "POST", good, `{"call_id":"x","number":"+74950000011","agent":"102"}`, 422, "event"},
			{"no call id", "POST", good, `{"event":"ringing","number":"+74950000011","agent":"102"}`, 422, "call_id"},
			{"wrong secret", "POST", "/hooks/office/no", `{}`, 401, "wrong_secret"},
			{"no secret", "POST", "/hooks/office", fmt.Sprintf(ringing, "x"), 401, ""},
			{"unknown source", "POST", "/hooks/nowhere/x", `{}`, 404, ""},
			{"2 MiB", "POST", good, `{"event":"` + strings.Repeat("x", 2<<20) + `"}`, 413, "body_too_large"},
			{"deep JSON", "POST", good, strings.Repeat("[", 100) + strings.Repeat("]", 100), 422, ""},
			{"a number of 500 digits is no number, and no reason to lose the call", "POST", good,
				strings.Replace(fmt.Sprintf(ringing, "c-500"), "+74950000011", huge, 1), 200, `"invalid"`},
			{"an agent nobody knows", "POST", good,
				strings.Replace(fmt.Sprintf(ringing, "c-ghost"), `"102"`, `"999"`, 1), 200, "agent_unknown"},
			{"malformed JSON to the API", "POST", "/api/v1/check", `{`, 400, "malformed_json"},
			{"unknown field", "POST", "/api/v1/check", `{"number":"1","colour":"red"}`, 422, "unknown_field"},
			{"wrong type", "POST", "/api/v1/check", `{"number":7}`, 422, "wrong_type"},
			{"500 digits to the API", "POST", "/api/v1/check", `{"number":"` + huge + `"}`, 422, "number"},
			{"an agent nobody knows, to the API", "POST", "/api/v1/check", `{"number":"+74950000011","agent":"ghost"}`,
				422, "unknown_agent"},
			{"no number", "POST", "/api/v1/check", `{}`, 422, "number"},
			{"too many numbers", "POST", "/api/v1/check/batch", `{"numbers":[` + strings.Repeat(`"1",`, 1000) + `"1"]}`,
				422, "too_many"},
			{"a page token of somebody else", "GET", "/api/v1/calls?page_token=%21%21", "", 422, "page_token"},
			{"a time that is none", "GET", "/api/v1/calls?from=yesterday", "", 422, "from"},
			{"a colour that is none", "GET", "/api/v1/calls?color=pink", "", 422, "color"},
			{"no such call", "GET", "/api/v1/calls/999", "", 404, "not_found"},
			{"no such route", "GET", "/api/v1/nothing", "", 404, "no_such_route"},
			{"a stream with a bad id", "GET", "/api/v1/live?last_event_id=x", "", 422, "Last-Event-ID"},
			{"a caller name with a wrong secret: always 200, never an error page on a phone", "GET",
				"/cid/office/no?number=%2B74950000011", "", 200, ""},
		} {
			status, answer := p.ask(c.method, c.path, c.body)
			if status != c.status || !strings.Contains(answer, c.code) {
				t.Errorf("%s: %d %.300s; want %d and %q", c.why, status, answer, c.status, c.code)
			}
		}
		if _, answer := p.ask("GET", "/cid/office/no?number=%2B74950000011", ""); strings.TrimSpace(answer) != "" {
			t.Errorf("a caller name for a wrong secret: %q", answer)
		}
		var calls struct{ Items []struct{ CallID string } }
		_, answer := p.ask("GET", "/api/v1/calls", "")
		if err := json.Unmarshal([]byte(answer), &calls); err != nil || len(calls.Items) != 1 {
			t.Errorf("of all that only the call of 500 digits is Petrov's: %s", answer)
		}
	})
}

func TestChecksOfAnAgentAreLimited(t *testing.T) {
	atTerminals(t, func(at *terminal) {
		p := at.stage()
		for i := range 4 * checksLimit { // his share fills up again while we ask
			status, answer := p.ask("POST", "/api/v1/check", `{"number":"+74950000011"}`)
			if status == 429 && i >= checksLimit {
				return
			}
			if status != 200 {
				t.Fatalf("check %d: %d %s", i+1, status, answer)
			}
		}
		t.Error("he may ask without end")
	})
}

// checksLimit is what the product promises: checks of a user in a minute.
const checksLimit = 60
