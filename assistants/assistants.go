// Package assistants answers questions of AI assistants by the Model Context Protocol (modelcontextprotocol.io).
//
// Its tools only read. Each of them asks the public API with the token that the assistant came with, so an assistant
// sees what its user sees, within the user's reading budget, and a route that learns a new rule teaches it to the tool.
// Each use is recorded in the journal before it is answered.
//
// Read next: tools.go, http.go; bridge.go is the other end of the line, on the user's own computer.
package assistants

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"callhue/internal/access"
	"callhue/internal/store"
	"callhue/journal"
)

// API answers a request of the public API with the rights of a bearer token.
type API func(method, path, bearer string, body []byte) (status int, answer []byte)

// Assistants serves the tools.
type Assistants struct {
	// API must be set before the first request.
	API API

	db      *store.DB
	journal *journal.Journal
	version string
}

// New returns the tools of a database; version is the product's, which assistants show.
func New(db *store.DB, j *journal.Journal, version string) *Assistants {
	j.Register(Verbs()...)
	return &Assistants{db: db, journal: j, version: version}
}

// Asked is recorded for each use of a tool.
const Asked journal.Verb = "assistant.asked"

// Verbs returns what this package records in the journal.
func Verbs() []journal.VerbInfo {
	return []journal.VerbInfo{{Verb: Asked, Sentence: "A user's assistant used a tool to read."}}
}

// session is one request of an assistant on behalf of a user.
type session struct {
	*Assistants
	user   *access.User
	bearer string
}

// record records the use of a tool. What was asked about stays out: it may be a person's number or name.
func (s *session) record(ctx context.Context, tool string) error {
	return s.journal.Write(ctx, s.db, s.user, func(a *journal.Act) error {
		return a.Record(journal.Entry{Team: s.user.Department, Verb: Asked,
			Subject: journal.Ref{Kind: "user", ID: s.user.ID}}, map[string]string{"tool": tool})
	})
}

// ask returns the answer of the API as it is. A refusal is an error that names the API's code.
func (s *session) ask(method, path string, body any) (json.RawMessage, error) {
	var raw []byte
	if body != nil {
		var err error
		if raw, err = json.Marshal(body); err != nil {
			return nil, err
		}
	}
	status, answer := s.API(method, path, s.bearer, raw)
	if status < 300 {
		return answer, nil
	}
	var problem struct {
		Code   string `json:"code"`
		Errors []struct {
			Field string `json:"field"`
			Code  string `json:"code"`
		} `json:"errors"`
	}
	_ = json.Unmarshal(answer, &problem)
	text := fmt.Sprintf("%d %s", status, problem.Code)
	for _, e := range problem.Errors {
		text += fmt.Sprintf("; %s: %s", e.Field, e.Code)
	}
	return nil, fmt.Errorf("callhue answered %s", text)
}

// server returns the tools for one session.
func (s *session) server() *mcp.Server {
	product := &mcp.Implementation{Name: "callhue", Title: "Callhue", Version: s.version}
	server := mcp.NewServer(product, &mcp.ServerOptions{
		Instructions: "Callhue knows whose client a telephone number is. Red means that a colleague works with the " +
			"company: do not advise to call it. Grey means that the check failed, never that the client is free.",
	})
	for _, add := range tools {
		add(server, s)
	}
	return server
}
