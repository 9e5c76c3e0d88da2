package journal

import (
	"context"
	"strconv"
	"strings"
	"time"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/web"
)

// Routes returns the journal's part of the API.
func (j *Journal) Routes() []web.Route {
	return []web.Route{
		{Method: "GET", Path: "/api/v1/journal", Slow: true, Reads: true, Roles: access.Heads,
			Summary: "List journal entries of your people and their clients, newest first; all of them for an admin",
			Do:      web.DoFileListFor(j.list, entryTable())},
	}
}

type filter struct {
	web.Paging
	web.Sheet
	Client  string `query:"client" json:"-" doc:"The client it concerns, as kind:id; company:310 for example."`
	Subject string `query:"subject" json:"-" doc:"What it happened to, as kind:id; user:18 for example."`
	Actor   int64  `query:"actor" json:"-" doc:"The id of the user who did it."`
	Verb    Verb   `query:"verb" json:"-"`
	From    string `query:"from" json:"-" doc:"Not before this time, RFC 3339."`
	Until   string `query:"until" json:"-" doc:"Before this time, RFC 3339."`
}

// entryTable is the journal as a file.
func entryTable() web.Table[Entry] {
	header := []string{"id", "at", "actor", "team", "verb", "subject_kind", "subject_id", "client_kind", "client_id",
		"amount", "details"}
	return web.Table[Entry]{Name: "journal", Header: header, Cells: func(e Entry) []any {
		return []any{e.ID, e.At, e.Actor, e.Team, string(e.Verb), e.Subject.Kind, e.Subject.ID, e.Client.Kind,
			e.Client.ID, e.Amount, string(e.Details)}
	}}
}

type cursor struct {
	Before int64 `json:"b"`
}

func (j *Journal) list(ctx context.Context, user *access.User, in filter) (page web.List[Entry], err error) {
	want, err := j.history(in)
	if err != nil {
		return page, err
	}
	if want.Of, err = j.seenBy(ctx, user); err != nil {
		return page, err
	}
	list, err := List(j.db.ReadSlow(ctx), want)
	if err != nil {
		return page, err
	}
	return web.Page(list, in.Size(), func(last Entry) any { return cursor{last.ID} }), nil
}

// history parses the filter and gathers its faults.
func (j *Journal) history(f filter) (History, error) {
	var wrong *fault.Error
	var after cursor
	if err := f.After(&after); err != nil {
		return History{}, err
	}
	h := History{Actor: f.Actor, Verb: f.Verb, Before: after.Before, Limit: f.Size() + 1}
	var ok bool
	if h.Client, ok = refOf(f.Client); !ok {
		wrong = wrong.And("client", "malformed")
	}
	if h.Subject, ok = refOf(f.Subject); !ok {
		wrong = wrong.And("subject", "malformed")
	}
	if _, known := j.Info(f.Verb); f.Verb != "" && !known {
		wrong = wrong.And("verb", "unknown_value")
	}
	if h.From, ok = millisOf(f.From); !ok {
		wrong = wrong.And("from", "wrong_type")
	}
	if h.Until, ok = millisOf(f.Until); !ok {
		wrong = wrong.And("until", "wrong_type")
	}
	return h, wrong.OrNil()
}

// refOf parses kind:id; an empty text is no filter.
func refOf(text string) (Ref, bool) {
	if text == "" {
		return Ref{}, true
	}
	kind, id, _ := strings.Cut(text, ":")
	n, err := strconv.ParseInt(id, 10, 64)
	return Ref{kind, n}, err == nil && kind != "" && n > 0
}

func millisOf(text string) (int64, bool) {
	if text == "" {
		return 0, true
	}
	at, err := time.Parse(time.RFC3339, text)
	return store.Millis(at), err == nil
}
