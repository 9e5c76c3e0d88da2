package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"callhue/internal/access"
	"callhue/rules"
)

// TestNoDoorShowsTheNumbersOfColleaguesClients walks through all routes that read as a colleague while the policy masks
// the numbers of others' clients, and looks for these numbers in what is answered.
func TestNoDoorShowsTheNumbersOfColleaguesClients(t *testing.T) {
	atTerminals(t, func(at *terminal) {
		p := at.stage()
		at.do("user", "add", "--login", "sidorova", "--name", "Sidorova", "--extension", "104",
			"--roles", "agent,supervisor")
		colleague := strings.TrimSpace(at.do("token", "add", "--login", "sidorova", "--name", "test"))
		owner := strings.TrimSpace(at.do("token", "add", "--login", "ivanov", "--name", "test"))
		p.token = strings.TrimSpace(at.do("token", "add", "--login", "admin", "--name", "mask"))
		admin := p.token
		for p.token = colleague; ; time.Sleep(20 * time.Millisecond) { // until the server knows her
			if status, _ := p.ask("GET", "/api/v1/me", ""); status == 200 {
				break
			}
		}
		p.token = admin
		p.maskedClients()
		p.token = colleague
		masked := 0
		for _, path := range p.readable() {
			status, answer := p.ask("GET", path, "")
			if status == 404 || status == 422 {
				continue
			}
			if status != 200 {
				t.Errorf("%s: %d %.200s", path, status, answer)
			}
			if number := plainNumber(answer); number != "" {
				t.Errorf("%s shows %s: %.600s", path, number, answer)
			}
			masked += strings.Count(answer, "***-**-11")
		}
		if masked < 10 {
			t.Errorf("%d masked numbers were seen: the walk does not reach them", masked)
		}
		for _, c := range []struct{ why, token, path, want string }{
			{"the owner", owner, "/api/v1/companies/1", "+74950000011"},
			{"an administrator", admin, "/api/v1/companies?format=csv", "8 (495) 000-00-11"},
			{"the colleague's own client", colleague, "/api/v1/companies/2", "+74950000021"},
			{"a client without an owner", colleague, "/api/v1/leads/2", "+74950000022"},
			{"what the full number finds", colleague, "/api/v1/search?q=84950000011", "+7 495 ***-**-11"},
			{"the records that have the number", colleague, "/api/v1/companies?number=84950000011", "+7 495 ***-**-11"},
			{"the card of a live call", colleague, "/api/v1/cards", "+74950000011"},
		} {
			p.token = c.token
			if status, answer := p.ask("GET", c.path, ""); status != 200 || !strings.Contains(answer, c.want) {
				t.Errorf("%s: %d %.300s, want %s", c.why, status, answer, c.want)
			}
		}
		p.token = colleague
		p.wants("POST", "/api/v1/check", `{"number":"+74950000011"}`, 200)
		// What is hidden is not lost by those who save a form without seeing it.
		p.wants("PUT", "/api/v1/companies/3",
			`{"phones":[{"value":"+7 495 ***-**-13"},{"value":"+7 495 000-00-23"}],"version":1}`, 200)
		p.wants("PUT", "/api/v1/companies/3", `{"phones":[{"value":"+7 495 ***-**-99"}],"version":2}`, 422)
		p.token = owner
		if _, answer := p.ask("GET", "/api/v1/companies/3", ""); !strings.Contains(answer, "+74950000013") ||
			!strings.Contains(answer, "+74950000023") {
			t.Errorf("after a colleague added a number: %s", answer)
		}
	})
}

// maskedClients switches the mask on and gives the owner and the colleague clients, calls and entries of the journal.
func (p *process) maskedClients() {
	p.t.Helper()
	policy := rules.Default()
	policy.LookupMillis, policy.MaskForeignNumbers, policy.Version = 5000, true, 2
	body, err := json.Marshal(policy)
	if err != nil {
		p.t.Fatal(err)
	}
	p.wants("PUT", "/api/v1/policy", string(body), 200)
	for _, c := range []struct{ path, body string }{
		{"companies", `{"name":"Own","owner_id":4,"phones":[{"value":"+7 495 000-00-21"}]}`},
		{"companies", `{"name":"Free","owner_id":2,"phones":[{"value":"+7 495 000-00-13"}]}`},
		{"contacts", `{"name":"Acme","owner_id":2,"company_ids":[1],"phones":[{"value":"8-495-000-00-11 ext. 5"}]}`},
		{"leads", `{"title":"Acme, 84950000011 4950000012","owner_id":2,"phones":[{"value":"+7(495)0000012"}]}`},
		{"leads", `{"title":"No one's","phones":[{"value":"+7 495 000-00-22"}]}`},
		{"do-not-call", `{"number":"+74950000011","reason":"asked on 84950000011"}`},
	} {
		p.wants("POST", "/api/v1/"+c.path, c.body, 201)
	}
	start := "2026-03-12T12:00:"
	for _, c := range [][2]string{{"a", "104"}, {"b", "101"}, {"live", "104"}} { // the live one is the third
		call, agent := c[0], c[1]
		for i, event := range []string{"ringing", "answered", "ended"} {
			if call == "live" && event == "ended" {
				continue
			}
			at := `,"at":"` + start + fmt.Sprint(10+i*20) + `Z"`
			if call == "live" {
				at = ""
			}
			p.wants("POST", "/hooks/office/0123456789abcdef", fmt.Sprintf(
				`{"event":"%s","call_id":"%s","direction":"out","number":"84950000011","agent":"%s"%s,`+
					`"result":"answered"}`, event, call, agent, at), 200)
		}
	}
}

// wants sends a request and wants a status.
func (p *process) wants(method, path, body string, want int) {
	p.t.Helper()
	if status, answer := p.ask(method, path, body); status != want {
		p.t.Fatalf("%s %s %s: %d %s, want %d", method, path, body, status, answer, want)
	}
}

// readable returns the paths of all routes that answer JSON to an agent or supervisor, with several values for each
// parameter, and their files.
func (p *process) readable() (paths []string) {
	parameter := regexp.MustCompile(`:\w+`)
	for _, r := range allRoutes() {
		open := slices.Contains(r.Roles, access.Agent) || slices.Contains(r.Roles, access.Supervisor)
		if r.Method != "GET" || !open || !strings.HasPrefix(r.Path, "/api/") || r.Path == "/api/v1/search" ||
			r.Path == "/api/v1/cards" { // searched below; a live call's number is shown
			continue
		}
		for _, id := range []string{"1", "2", "company", "2026-03", "numbers_shared", "same_number"} {
			path := parameter.ReplaceAllString(strings.Replace(r.Path, ":kind", "company", 1), id)
			paths = append(paths, path, path+"?format=csv", path+"?related=1")
			if !strings.Contains(r.Path, ":") {
				break
			}
		}
	}
	for _, query := range []string{"84950000011", "Acme", "000-00-11"} {
		paths = append(paths, "/api/v1/search?q="+query, "/api/v1/leads?q="+query)
	}
	return append(paths, "/api/v1/clients/lead/1", "/api/v1/clients/contact/1",
		"/api/v1/reports/data-quality/numbers_on_several_records", "/api/v1/reports/data-quality/several_records")
}

// plainNumber returns a number of a colleague's client that stands in an answer in any spelling, "" for none.
func plainNumber(answer string) string {
	digits := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" ()-\u00a0.", r) {
			return -1
		}
		return r
	}, answer)
	for _, number := range []string{"4950000011", "4950000012", "4950000013"} {
		if strings.Contains(digits, number) {
			return number
		}
	}
	return ""
}
