package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

const relationsFile = "testdata/relations.golden"

// Who may come in at all is a column of the route table, and rights.golden. What
// someone may do to a client depends on what he is to its owner besides: that
// is relations.golden, and every line of it was asked of a server.

// relations are what a person can be to the owner of the clients in question.
var relations = []string{"owner", "owner and head", "team", "deputy", "peer", "head", "head above", "other head"}

// relationsOf are those that matter to a role: one that the route table lets do
// nothing to a client shows it as the strongest.
func relationsOf(role string) []string {
	switch role {
	case "agent", "supervisor":
		return relations
	case "admin":
		return []string{"owner", "peer"}
	}
	return []string{"owner", "head"}
}

// cast is the users of one role around an owner, one for each relation to that owner.
type cast struct {
	*process
	at          *terminal
	admin, lisa string // tokens; lisa is an agent of another department, headed by no one
	lisaID      int64
	role        string
	id          map[string]int64  // by relation; also "the owner"
	token       map[string]string // by relation
	number      *int              // of the last phone number given to a client
}

// must sends a request with a token and wants success.
func (p *cast) must(token, method, path, body string, args ...any) map[string]any {
	p.t.Helper()
	p.actAs(token)
	status, answer := p.ask(method, path, fmt.Sprintf(body, args...))
	if status >= 300 {
		p.t.Fatalf("%s %s %s: %d %s", method, path, fmt.Sprintf(body, args...), status, answer)
	}
	out := map[string]any{}
	if answer != "" {
		if err := json.Unmarshal([]byte(answer), &out); err != nil {
			p.t.Fatal(err)
		}
	}
	return out
}

func (p *cast) actAs(token string) { p.process.token = token }

func idOf(record map[string]any) int64 { return int64(record["id"].(float64)) }

// hire adds the users of a role around an owner, who is an agent unless the question is about the owner.
func (p *cast) hire(role string) {
	p.role, p.id, p.token = role, map[string]int64{}, map[string]string{}
	department := func(name string, parent int64) int64 {
		return idOf(p.must(p.admin, "POST", "/api/v1/departments", `{"name":"%s %s","parent_id":%d}`, role, name,
			parent))
	}
	above := department("above", 0)
	inside, other := department("inside", above), department("other", 0)
	hire := func(relation, as string, in int64) {
		login := strings.ReplaceAll(role+"-"+relation, " ", "-")
		// By the command line: the API would want a second administrator for roles that lead.
		var added map[string]any
		answer := p.at.do("user", "add", "--login", login, "--name", login, "--roles", as, "--department",
			strconv.FormatInt(in, 10), "--json")
		if err := json.Unmarshal([]byte(answer), &added); err != nil {
			p.t.Fatal(err)
		}
		p.id[relation] = idOf(added)
		p.token[relation] = p.must(p.admin, "POST", fmt.Sprintf("/api/v1/users/%d/tokens", p.id[relation]),
			`{"name":"test"}`)["token"].(string)
	}
	hire("the owner", "agent", inside)
	for _, relation := range relations {
		in := map[string]int64{"head above": above, "other head": other}[relation]
		if relation == "owner and head" {
			in = department("own", above)
		}
		if in == 0 {
			in = inside
		}
		hire(relation, role, in)
		heads := map[string]int64{"owner and head": in, "head": inside, "head above": above,
			"other head": other}[relation]
		if heads != 0 {
			version := p.must(p.admin, "GET", fmt.Sprintf("/api/v1/departments/%d", heads), "")["version"]
			p.must(p.admin, "PUT", fmt.Sprintf("/api/v1/departments/%d", heads), `{"head_id":%d,"version":%v}`,
				p.id[relation], version)
		}
	}
	p.must(p.admin, "POST", fmt.Sprintf("/api/v1/users/%d/deputies", p.id["the owner"]),
		`{"deputy_id":%d,"from":"%s","until":"%s"}`, p.id["deputy"],
		time.Now().Add(-time.Hour).UTC().Format(time.RFC3339), time.Now().Add(24*time.Hour).UTC().Format(time.RFC3339))
}

// client is a company with a contact and a lead, all of one owner, and what else
// an action needs.
type client struct {
	owner, company, contact, lead int64
	phone                         string
	second                        int64 // a company or contact of the acting user
	version                       any   // of the record in question
	thing                         int64 // the permit, ask, incident or entry in question
}

// phone is a number that no client has yet.
func (p *cast) phone() string {
	*p.number++
	return fmt.Sprintf("+7 495 000-%02d-%02d", *p.number/100, *p.number%100)
}

// client makes the client of an action. Where the relation is "owner", the acting user owns it.
func (p *cast) client(relation string, d action) *client {
	c := &client{owner: p.id["the owner"], phone: p.phone()}
	if strings.HasPrefix(relation, "owner") {
		c.owner = p.id[relation]
	}
	status := "WAITING"
	if d.inWork {
		status = "IN_WORK"
	}
	company := p.must(p.admin, "POST", "/api/v1/companies",
		`{"name":"Acme","owner_id":%d,"team_ids":[%d],"status":"%s","phones":[{"value":"%s"}]}`, c.owner, p.id["team"],
		status, c.phone)
	c.company, c.version = idOf(company), company["version"]
	if d.before != nil {
		d.before(p, relation, c)
	}
	return c
}

// try performs an action as a user of this relation and returns "yes" or the code of the refusal.
func (p *cast) try(relation string, d action, c *client) string {
	path, body := d.ask(p, relation, c)
	p.actAs(p.token[relation])
	method, _, _ := strings.Cut(d.route, " ")
	status, answer := p.ask(method, path, body)
	if status < 300 {
		return "yes"
	}
	var problem struct{ Code string }
	if err := json.Unmarshal([]byte(answer), &problem); err != nil || status >= 500 || problem.Code == "" {
		p.t.Errorf("%s as %s, %s: %d %s", d.route, p.role, relation, status, answer)
	}
	return fmt.Sprint(status, " ", problem.Code)
}

// TestEveryActionInEveryRole performs every action on a client, in every role and in every relation to the client's
// owner, and compares the outcomes with a file that a person reads.
func TestEveryActionInEveryRole(t *testing.T) {
	want, err := os.ReadFile(relationsFile)
	if err != nil && !*update {
		t.Fatal(err)
	}
	atTerminals(t, func(at *terminal) {
		number := 100 // those below are the stage's
		p := &cast{process: at.stage(), at: at, number: &number}
		p.admin = strings.TrimSpace(at.do("token", "add", "--login", "admin", "--name", "relations"))
		lisa := p.must(p.admin, "POST", "/api/v1/users",
			`{"login":"lisa","name":"Lisa","roles":["agent"],"extension":"900"}`)
		p.lisaID = idOf(lisa)
		p.lisa = p.must(p.admin, "POST", fmt.Sprintf("/api/v1/users/%d/tokens", p.lisaID),
			`{"name":"test"}`)["token"].(string)
		outcomes := map[string]map[string][]string{} // roles and relations by action and outcome
		for _, role := range roles {
			p.hire(string(role))
			for _, d := range actions() {
				var spare *client // left unchanged by a refused action
				for _, relation := range relationsOf(string(role)) {
					own := strings.HasPrefix(relation, "owner")
					if spare == nil || own || d.fresh {
						spare = p.client(relation, d)
					}
					outcome := p.try(relation, d, spare)
					if outcomes[d.name()] == nil {
						outcomes[d.name()] = map[string][]string{}
					}
					outcomes[d.name()][outcome] = append(outcomes[d.name()][outcome], string(role)+": "+relation)
					if outcome == "yes" || own {
						spare = nil
					}
				}
			}
		}
		got := written(outcomes)
		if *update {
			if err := os.WriteFile(relationsFile, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			return
		}
		if got != string(want) {
			for line := range strings.Lines(got) {
				if !strings.Contains(string(want), line) {
					t.Errorf("not in %s: %s", relationsFile, line)
				}
			}
			t.Errorf("%s differs; if that is meant: go test ./cmd/callhue -run EveryActionInEveryRole -update",
				relationsFile)
		}
	})
}

// written formats the outcomes by action: first the roles that may.
func written(outcomes map[string]map[string][]string) string {
	var b strings.Builder
	b.WriteString("Who may do what to a client, by role and by what he is to its owner, as a server answered.\n" +
		"Written by the test (go test ./cmd/callhue -run EveryActionInEveryRole -update).\n" +
		"\"other head\" heads another department; \"all\" is all that matter to the role. Client: the owner's company, with a team.\n")
	for _, d := range actions() {
		fmt.Fprintf(&b, "\n%s\n", d.name())
		kinds := []string{}
		for outcome := range outcomes[d.name()] {
			kinds = append(kinds, outcome)
		}
		slices.SortFunc(kinds, func(a, b string) int {
			if (a == "yes") != (b == "yes") {
				return map[bool]int{true: -1, false: 1}[a == "yes"]
			}
			return strings.Compare(a, b)
		})
		for _, outcome := range kinds {
			of := map[string][]string{}
			for _, who := range outcomes[d.name()][outcome] {
				role, relation, _ := strings.Cut(who, ": ")
				of[role] = append(of[role], relation)
			}
			fmt.Fprintf(&b, "    %s\n", outcome)
			for _, role := range roles {
				list := of[string(role)]
				switch {
				case len(list) == len(relationsOf(string(role))):
					fmt.Fprintf(&b, "        %-10s all\n", role)
				case len(list) > 0:
					fmt.Fprintf(&b, "        %-10s %s\n", role, strings.Join(list, ", "))
				}
			}
		}
	}
	return b.String()
}

// TestNoActionIsForgotten wants every route that changes or discloses something about a client in the table of actions,
// or a reason why it is not there.
func TestNoActionIsForgotten(t *testing.T) {
	done := map[string]bool{}
	for _, d := range actions() {
		done[d.route] = true
	}
	for _, r := range allRoutes() {
		name := r.Method + " " + r.Path
		why := notActions[name]
		if why == "" && r.Method == "GET" {
			why = "it reads"
		}
		for prefix, word := range notAboutClients {
			if strings.HasPrefix(r.Path, prefix) {
				why = word
			}
		}
		if !done[name] && why == "" {
			t.Errorf("%s is neither an action of relations_actions_test.go nor excused there: add it", name)
		}
		delete(done, name)
	}
	for name := range done {
		t.Errorf("%s is an action and no route", name)
	}
}
