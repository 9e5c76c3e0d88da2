package assistants

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// tools adds each tool to a server.
var tools = []func(*mcp.Server, *session){
	tool("whose_number", "Whose number is this",
		"Tells whose client a telephone number is: the colour of the card that the user would see in a call, the "+
			"reason, the owner, and every record with the number.",
		whoseNumber),
	tool("why_red", "Why was the card red",
		"Tells why the card of a call was red: the verdicts as they were shown, each with its rule, the company, its "+
			"owner and status at that moment. Without a call or number: the user's last call with a red card.",
		whyRed),
	tool("find_client", "Find a client",
		"Finds companies, contacts and leads by name in any order of words, by a number in any spelling or its last "+
			"digits, or by e-mail.",
		findClient),
	tool("my_incidents", "My incidents",
		"Lists conversations that took place although the card was red: the user's own, those with their clients, "+
			"and a head's departments.",
		myIncidents),
	tool("todays_team", "Today's team",
		"Sums up the calls of a day for each person that the user may see: calls, talk time, red cards, who is "+
			"talking now.",
		todaysTeam),
}

// answer is what a tool answers: JSON of the API.
type answer = json.RawMessage

// tool returns what adds a read-only tool, whose uses are recorded.
func tool[In any](name, title, description string, do func(*session, In) (answer, error)) func(*mcp.Server, *session) {
	closed := false
	about := &mcp.Tool{Name: name, Title: title, Description: description, Annotations: &mcp.ToolAnnotations{
		Title: title, ReadOnlyHint: true, IdempotentHint: true, OpenWorldHint: &closed}}
	return func(server *mcp.Server, s *session) {
		use := func(ctx context.Context, _ *mcp.CallToolRequest, in In) (*mcp.CallToolResult, any, error) {
			if err := s.record(ctx, name); err != nil {
				return nil, nil, err
			}
			out, err := do(s, in)
			return nil, out, err
		}
		mcp.AddTool(server, about, use)
	}
}

type numberIn struct {
	Number    string `json:"number" jsonschema:"the telephone number in any spelling"`
	Direction string `json:"direction,omitempty" jsonschema:"of the call: out unless set; in when they ring"`
}

func whoseNumber(s *session, in numberIn) (answer, error) {
	return s.ask("POST", "/api/v1/check", in)
}

type whyIn struct {
	CallID int64  `json:"call_id,omitempty" jsonschema:"the id of a call"`
	Number string `json:"number,omitempty" jsonschema:"a telephone number: its last call with a red card"`
}

func whyRed(s *session, in whyIn) (answer, error) {
	if in.CallID == 0 {
		query := url.Values{"color": {"red"}, "limit": {"1"}}
		if in.Number != "" {
			query.Set("number", in.Number)
		} else {
			query.Set("agent", "me")
		}
		found, err := s.ask("GET", "/api/v1/calls?"+query.Encode(), nil)
		if err != nil {
			return nil, err
		}
		var calls struct {
			Items []struct {
				ID int64 `json:"id"`
			} `json:"items"`
		}
		if err := json.Unmarshal(found, &calls); err != nil {
			return nil, err
		}
		if len(calls.Items) == 0 {
			return nil, fmt.Errorf("there is no call with a red card that you may see")
		}
		in.CallID = calls.Items[0].ID
	}
	return s.ask("GET", "/api/v1/calls/"+strconv.FormatInt(in.CallID, 10), nil)
}

type findIn struct {
	Query string `json:"query" jsonschema:"words of a name, a number or an e-mail"`
	Kind  string `json:"kind,omitempty" jsonschema:"company, contact or lead; all of them unless set"`
}

// mostFound is how many clients are found: each counts as read.
const mostFound = "10"

func findClient(s *session, in findIn) (answer, error) {
	query := url.Values{"q": {in.Query}, "limit": {mostFound}}
	if in.Kind != "" {
		query.Set("kind", in.Kind)
	}
	return s.ask("GET", "/api/v1/search?"+query.Encode(), nil)
}

type incidentsIn struct {
	From  string `json:"from,omitempty" jsonschema:"not before this time, RFC 3339"`
	Until string `json:"until,omitempty" jsonschema:"before this time, RFC 3339"`
	State string `json:"state,omitempty" jsonschema:"open or acknowledged; both unless set"`
}

func myIncidents(s *session, in incidentsIn) (answer, error) {
	query := url.Values{"limit": {"50"}}
	for name, value := range map[string]string{"from": in.From, "until": in.Until, "state": in.State} {
		if value != "" {
			query.Set(name, value)
		}
	}
	return s.ask("GET", "/api/v1/incidents?"+query.Encode(), nil)
}

type teamIn struct {
	Day  string `json:"day,omitempty" jsonschema:"YYYY-MM-DD; today unless set"`
	Zone string `json:"zone,omitempty" jsonschema:"of the day, such as Europe/Moscow; UTC unless set"`
}

func todaysTeam(s *session, in teamIn) (answer, error) {
	query := url.Values{"day": {in.Day}, "zone": {in.Zone}}
	return s.ask("GET", "/api/v1/reports/team?"+query.Encode(), nil)
}
