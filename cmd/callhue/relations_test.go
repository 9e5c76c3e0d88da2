package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
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

// party is a role with everybody around one owner.
type party struct {
	*process
	admin, lisa string // tokens; lisa is an agent of another department, headed by no one
	lisaID      int64
	role        string
	id          map[string]int64  // by relation; also "the owner"
	token       map[string]string // by relation
	number      *int              // of the last phone number given to a client
}

// tell asks the server as someone and wants success.
func (p *party) tell(token, method, path, body string, args ...any) map[string]any {
	p.t.Helper()
	p.token0(token)
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

func (p *party) token0(token string) { p.process.token = token }

func idOf(record map[string]any) int64 { return int64(record["id"].(float64)) }

// gather hires everybody of a role around an owner, who is an agent unless he is
// asked about himself.
func (p *party) gather(role string) {
	p.role, p.id, p.token = role, map[string]int64{}, map[string]string{}
	department := func(name string, parent int64) int64 {
		return idOf(p.tell(p.admin, "POST", "/api/v1/departments", `{"name":"%s %s","parent_id":%d}`, role, name, parent))
	}
	above := department("above", 0)
	inside, other := department("inside", above), department("other", 0)
	hire := func(relation, as string, in int64) {
		login := strings.ReplaceAll(role+"-"+relation, " ", "-")
		p.id[relation] = idOf(p.tell(p.admin, "POST", "/api/v1/users", `{"login":"%s","name":"%s","roles":["%s"],"department_id":%d}`, login, login, as, in))
		p.token[relation] = p.tell(p.admin, "POST", fmt.Sprintf("/api/v1/users/%d/tokens", p.id[relation]), `{"name":"test"}`)["token"].(string)
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
		heads := map[string]int64{"owner and head": in, "head": inside, "head above": above, "other head": other}[relation]
		if heads != 0 {
			version := p.tell(p.admin, "GET", fmt.Sprintf("/api/v1/departments/%d", heads), "")["version"]
			p.tell(p.admin, "PUT", fmt.Sprintf("/api/v1/departments/%d", heads), `{"head_id":%d,"version":%v}`, p.id[relation], version)
		}
	}
	p.tell(p.admin, "POST", fmt.Sprintf("/api/v1/users/%d/deputies", p.id["the owner"]), `{"deputy_id":%d,"from":"%s","until":"%s"}`, p.id["deputy"],
		time.Now().Add(-time.Hour).UTC().Format(time.RFC3339), time.Now().Add(24*time.Hour).UTC().Format(time.RFC3339))
}

// client is a company with a contact and a lead, all of one owner, and what else
// a deed needs.
type client struct {
	owner, company, contact, lead int64
	phone                         string
	second                        int64 // a company or contact of who does the deed
	version                       any   // of the record in question
	thing                         int64 // the permit, ask, incident or entry in question
}

// phone is a number that no client has yet.
func (p *party) phone() string {
	*p.number++
	return fmt.Sprintf("+7 495 000-%02d-%02d", *p.number/100, *p.number%100)
}

// client makes the client of a deed. Its owner is the one whose relation is
// asked about where that is the owner.
func (p *party) client(relation string, d deed) *client {
	c := &client{owner: p.id["the owner"], phone: p.phone()}
	if strings.HasPrefix(relation, "owner") {
		c.owner = p.id[relation]
	}
	status := "WAITING"
	if d.inWork {
		status = "IN_WORK"
	}
	company := p.tell(p.admin, "POST", "/api/v1/companies", `{"name":"Acme","owner_id":%d,"team_ids":[%d],"status":"%s","phones":[{"value":"%s"}]}`,
		c.owner, p.id["team"], status, c.phone)
	c.company, c.version = idOf(company), company["version"]
	if d.before != nil {
		d.before(p, relation, c)
	}
	return c
}

// try does a deed as someone and gives "yes" or the code of the refusal.
func (p *party) try(relation string, d deed, c *client) string {
	path, body := d.ask(p, relation, c)
	p.token0(p.token[relation])
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

// TestEveryDeedAsEverybody does everything that can be done to a client, as every
// role and as everything that one can be to the client's owner, and holds the
// outcomes against a file that a person reads.
func TestEveryDeedAsEverybody(t *testing.T) {
	want, err := os.ReadFile(relationsFile)
	if err != nil && !*update {
		t.Fatal(err)
	}
	atTerminals(t, func(at *terminal) {
		number := 100 // those below are the stage's
		p := &party{process: at.stage(), number: &number}
		p.admin = strings.TrimSpace(at.do("token", "add", "--login", "admin", "--name", "relations"))
		lisa := p.tell(p.admin, "POST", "/api/v1/users", `{"login":"lisa","name":"Lisa","roles":["agent"],"extension":"900"}`)
		p.lisaID = idOf(lisa)
		p.lisa = p.tell(p.admin, "POST", fmt.Sprintf("/api/v1/users/%d/tokens", p.lisaID), `{"name":"test"}`)["token"].(string)
		outcomes := map[string]map[string][]string{} // by deed and outcome: who
		for _, role := range roles {
			p.gather(string(role))
			for _, d := range deeds() {
				var spare *client // of a deed that was refused: it is as it was
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
			t.Errorf("%s differs; if that is meant: go test ./cmd/callhue -run EveryDeedAsEverybody -update", relationsFile)
		}
	})
}

// written puts the outcomes down deed by deed: those who may first.
func written(outcomes map[string]map[string][]string) string {
	var b strings.Builder
	b.WriteString("Who may do what to a client, by role and by what he is to its owner, as a server answered.\n" +
		"Written by the test (go test ./cmd/callhue -run EveryDeedAsEverybody -update).\n" +
		"\"other head\" heads another department; \"all\" is all that matter to the role. Client: the owner's company, with a team.\n")
	for _, d := range deeds() {
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

// TestNoDeedIsForgotten wants every route that changes something, or shows what
// not everybody may see, in the table of deeds, or a word why it is not there.
func TestNoDeedIsForgotten(t *testing.T) {
	done := map[string]bool{}
	for _, d := range deeds() {
		done[d.route] = true
	}
	for _, r := range allRoutes() {
		name := r.Method + " " + r.Path
		why := notDeeds[name]
		if why == "" && r.Method == "GET" {
			why = "it reads"
		}
		for prefix, word := range notAboutClients {
			if strings.HasPrefix(r.Path, prefix) {
				why = word
			}
		}
		if !done[name] && why == "" {
			t.Errorf("%s is no deed of relations_deeds_test.go, and nobody says why not: add it there", name)
		}
		delete(done, name)
	}
	for name := range done {
		t.Errorf("%s is a deed and no route", name)
	}
}
