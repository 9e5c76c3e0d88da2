package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"callhue/assistants"
)

// assistant is an AI assistant of a user, as the protocol's own client.
type assistant struct {
	t *testing.T
	*mcp.ClientSession
}

// assistantOf connects an assistant through `callhue mcp`, which brings the token along.
func assistantOf(p *process, token string) *assistant {
	p.t.Helper()
	toBridge, fromAssistant := io.Pipe()
	toAssistant, fromBridge := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		stdio := &mcp.IOTransport{Reader: toBridge, Writer: fromBridge}
		ended <- assistants.Bridge(context.Background(), stdio, p.at, token)
	}()
	client := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil)
	ours := &mcp.IOTransport{Reader: toAssistant, Writer: fromAssistant}
	session, err := client.Connect(context.Background(), ours, nil)
	if err != nil {
		p.t.Fatalf("connect: %v", err)
	}
	p.t.Cleanup(func() {
		_ = session.Close()
		if err := <-ended; err != nil {
			p.t.Errorf("the bridge ended with %v", err)
		}
	})
	return &assistant{p.t, session}
}

// use returns what a tool answers, and whether it is a refusal.
func (a *assistant) use(tool string, in map[string]any) (text string, refused bool) {
	a.t.Helper()
	result, err := a.CallTool(a.t.Context(), &mcp.CallToolParams{Name: tool, Arguments: in})
	if err != nil {
		a.t.Fatalf("%s: %v", tool, err)
	}
	for _, c := range result.Content {
		text += c.(*mcp.TextContent).Text
	}
	return text, result.IsError
}

func TestAnAssistantReadsWhatItsUserMay(t *testing.T) {
	atTerminals(t, func(at *terminal) {
		p := at.stage()
		petrov := p.token
		ivanov := strings.TrimSpace(at.do("token", "add", "--login", "ivanov", "--name", "assistant"))
		for _, event := range []string{"ringing", "answered", "ended"} {
			body := strings.Replace(fmt.Sprintf(ringing, "c-1"), "ringing", event, 1)
			if status, answer := p.ask("POST", "/hooks/office/0123456789abcdef", body); status != 200 {
				t.Fatalf("hook: %d %s", status, answer)
			}
		}
		of := assistantOf(p, petrov)
		list, err := of.ListTools(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, tool := range list.Tools {
			names = append(names, tool.Name)
			if !tool.Annotations.ReadOnlyHint {
				t.Errorf("%s is not declared to be read-only", tool.Name)
			}
		}
		slices.Sort(names)
		want := []string{"find_client", "my_incidents", "todays_team", "whose_number", "why_red"}
		if diff := cmp.Diff(want, names); diff != "" {
			t.Errorf("tools (-want +got):\n%s", diff)
		}
		for _, c := range []struct {
			tool    string
			in      map[string]any
			refused bool
			says    string
		}{
			{"whose_number", map[string]any{"number": "8 (495) 000-00-11"}, false, `"color":"red"`},
			{"whose_number", map[string]any{"number": "8 (495) 000-00-11"}, false, `"name":"Ivanov"`},
			{"whose_number", map[string]any{"number": ""}, true, "422 invalid_input; number: required"},
			{"why_red", map[string]any{}, false, `"rule_text"`},
			{"why_red", map[string]any{"number": "+74950000011"}, false, `"Acme"`},
			{"why_red", map[string]any{"number": "+74950000012"}, true, "no call with a red card"},
			{"find_client", map[string]any{"query": "acm"}, false, `"Acme"`},
			{"my_incidents", map[string]any{}, false, `"items":[`},
			{"todays_team", map[string]any{}, false, `"calls":1`},
			{"todays_team", map[string]any{"day": "tomorrow"}, true, "day: malformed"},
		} {
			text, refused := of.use(c.tool, c.in)
			if refused != c.refused || !strings.Contains(text, c.says) {
				t.Errorf("%s %v: refused %v, %.300s; want %v with %s", c.tool, c.in, refused, text, c.refused, c.says)
			}
		}
		if text, refused := assistantOf(p, ivanov).use("why_red", map[string]any{"number": "+74950000011"}); !refused {
			t.Errorf("a colleague's card is no one else's: %s", text)
		}
		if used := p.entries(at, "assistant.asked"); used != 11 {
			t.Errorf("%d uses are in the journal, want 11", used)
		}
	})
}

// entries counts the journal's entries of a verb.
func (p *process) entries(at *terminal, verb string) int {
	p.t.Helper()
	p.token = strings.TrimSpace(at.do("token", "add", "--login", "admin", "--name", "journal"))
	var page struct {
		Items []json.RawMessage `json:"items"`
	}
	status, answer := p.ask("GET", "/api/v1/journal?limit=200&verb="+verb, "")
	if err := json.Unmarshal([]byte(answer), &page); status != 200 || err != nil {
		p.t.Fatalf("journal: %d %v", status, err)
	}
	return len(page.Items)
}

func TestAnAssistantIsHeldToTheReadingBudget(t *testing.T) {
	atTerminals(t, func(at *terminal) {
		p := at.stage()
		of := assistantOf(p, p.token)
		for range 60 {
			p.ask("GET", "/api/v1/companies?limit=200&q=Acme", "") // one record each
		}
		p.ask("POST", "/api/v1/check/batch", `{"numbers":[`+strings.Repeat(`"+74950000011",`, 539)+`"+74950000011"]}`)
		if text, refused := of.use("whose_number", map[string]any{"number": "+74950000011"}); !refused ||
			!strings.Contains(text, "429 reading_limited") {
			t.Errorf("after 600 records: %v %s", refused, text)
		}
	})
}

func TestTheDoorOfAssistantsWantsAToken(t *testing.T) {
	atTerminals(t, func(at *terminal) {
		p := at.stage()
		const hello = `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`
		good := []string{"Accept", "application/json, text/event-stream", "Content-Type", "application/json"}
		if status, answer := p.ask("POST", "/mcp", hello, good...); status != http.StatusOK ||
			!strings.Contains(answer, "whose_number") {
			t.Errorf("with a token: %d %s", status, answer)
		}
		if status, _ := p.ask("GET", "/mcp", ""); status != http.StatusMethodNotAllowed {
			t.Errorf("GET: %d", status)
		}
		for _, token := range []string{"", "ch_wrong"} {
			p.token = token
			if status, answer := p.ask("POST", "/mcp", hello, good...); status != http.StatusUnauthorized {
				t.Errorf("token %q: %d %s", token, status, answer)
			}
		}
		if exit, _, stderr := at.try("mcp"); exit != exitUsage || !strings.Contains(stderr, "token") {
			t.Errorf("callhue mcp without a token: %d %s", exit, stderr)
		}
	})
}
