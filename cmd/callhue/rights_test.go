package main

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"callhue/internal/access"
	"callhue/internal/web"
)

const rightsFile = "testdata/rights.golden"

// roles are all that users have.
var roles = []access.Role{access.Agent, access.Supervisor, access.Admin, access.Service, access.Display}

// routeRoles are all that routes admit: the roles of users, and the scopes of tokens.
var routeRoles = append(slices.Clone(roles), access.ClientWriter)

// allRoutes returns the rows of every package's route table.
func allRoutes() (list []web.Route) {
	var a app
	for _, table := range a.routes() {
		list = append(list, table...)
	}
	return list
}

// TestRightsAreWrittenDown holds the table of who may ask what against a file
// that a person reads: a new route, or another role, shows in its diff.
func TestRightsAreWrittenDown(t *testing.T) {
	lines := []string{}
	for _, r := range allRoutes() {
		may := make([]string, len(r.Roles))
		for i, role := range r.Roles {
			may[i] = string(role)
		}
		line := fmt.Sprintf("%-6s %-42s %s", r.Method, r.Path, strings.Join(may, " "))
		if r.Reads {
			line += ", off the reading budget"
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	got := strings.Join(lines, "\n") + "\n"
	if *update {
		if err := os.WriteFile(rightsFile, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(rightsFile)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	for _, line := range lines {
		if !strings.Contains(string(want), line+"\n") {
			t.Errorf("not in %s: %s", rightsFile, line)
		}
	}
	for line := range strings.Lines(string(want)) {
		if !strings.Contains(got, line) {
			t.Errorf("only in %s: %s", rightsFile, line)
		}
	}
	t.Error("if that is meant: go test ./cmd/callhue -run RightsAreWrittenDown -update")
}

// TestEveryRoleAtEveryRoute knocks at every route of the API as no one, as a
// dismissed admin and as each role: only those in the row come in.
func TestEveryRoleAtEveryRoute(t *testing.T) {
	parameter := regexp.MustCompile(`:\w+|\*`)
	atTerminals(t, func(at *terminal) {
		p := at.stage()
		tokens := map[access.Role]string{"": "", "nobody's": "ch_nobody"}
		for _, role := range append(slices.Clone(routeRoles), "dismissed") {
			login, as := "role-"+string(role), role
			scope := ""
			switch role {
			case "dismissed":
				as = access.Admin
			case access.ClientWriter: // a scope of tokens, which takes all else away even from an admin
				as, scope = access.Admin, string(role)
			}
			at.do("user", "add", "--login", login, "--name", login, "--roles", string(as))
			tokens[role] = strings.TrimSpace(at.do("token", "add", "--login", login, "--name", "test",
				"--scope", scope))
		}
		at.do("user", "disable", "role-dismissed")
		p.waitUntilKnown(tokens)
		for _, r := range allRoutes() {
			if !strings.HasPrefix(r.Path, "/api/") || slices.Contains(r.Roles, access.Anyone[0]) ||
				r.Path == "/api/v1/session" {
				continue
			}
			path := parameter.ReplaceAllString(r.Path, "99999999")
			for role, token := range tokens {
				p.token = token
				status, answer := p.ask(r.Method, path, `{"no_such_field":1}`)
				want := "to come in"
				switch {
				case slices.Contains(r.Roles, role):
				case slices.Contains(routeRoles, role):
					want = "403"
				default:
					want = "401"
				}
				in := status != 401 && status != 403 && status < 500
				if in != (want == "to come in") || !in && fmt.Sprint(status) != want {
					t.Errorf("%s %s as %q: %d %.200s; want %s", r.Method, path, role, status, answer, want)
				}
			}
		}
	})
}

// waitUntilKnown waits until the server knows what the command line has just done.
func (p *process) waitUntilKnown(tokens map[access.Role]string) {
	p.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		seen := true
		for role, token := range tokens {
			p.token = token
			status, _ := p.ask("GET", "/api/v1/me", "")
			known := status == 200 || status == 403 && role == access.ClientWriter
			seen = seen && known == slices.Contains(routeRoles, role)
		}
		if seen {
			return
		}
		if time.Now().After(deadline) {
			p.t.Fatal("the server has not heard of the users")
		}
	}
}

// TestNoSecretIsKeptForARepetition repeats each request whose answer holds a
// secret with its Idempotency-Key: a repeated answer would have been stored.
func TestNoSecretIsKeptForARepetition(t *testing.T) {
	atTerminals(t, func(at *terminal) {
		p := at.stage()
		p.token = strings.TrimSpace(at.do("token", "add", "--login", "admin", "--name", "other"))
		for _, c := range []struct{ path, body string }{
			{"/api/v1/sources", `{"name":"branch","dialect":"generic"}`},
			{"/api/v1/sources/1/rotate", `{}`},
			{"/api/v1/hooks-out", `{"name":"crm","url":"https://crm.example/callhue","active":false}`},
			{"/api/v1/hooks-out/1/rotate", ``},
			{"/api/v1/users/1/tokens", `{"name":"sync"}`},
			{"/api/v1/users/1/link", `{"minutes":15}`},
			{"/api/v1/live/ticket", ``},
		} {
			status, first := p.ask("POST", c.path, c.body, "Idempotency-Key", c.path)
			if status >= 300 {
				t.Fatalf("%s: %d %s", c.path, status, first)
			}
			if _, second := p.ask("POST", c.path, c.body, "Idempotency-Key", c.path); second == first {
				t.Errorf("%s: the answer was kept: %s", c.path, second)
			}
		}
	})
}
