// Package demo is the invented world that `callhue serve --demo` shows: a sales
// company with three departments, its clients, and a list of calls to try, at
// least one for each row of the decision table that data can reach.
//
// serve calls Load at every start; the world is made once and then belongs to its users. It is written through the same
// functions as the API, so the same rules hold and the journal has it. A database with other data is never touched, and
// all people and companies are invented.
//
// Read next: cases.go (the calls to try), crowd.go (all other records), staff.go.
package demo

import (
	"context"

	"callhue/crm"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/phone"
	"callhue/rules"
	"callhue/staff"
	"callhue/statuses"
)

// Parts are the dependencies of Load; all are required.
type Parts struct {
	DB        *store.DB
	Journal   *journal.Journal
	Roster    *staff.Roster
	Directory *statuses.Directory
	Records   *crm.Records
	Plan      *phone.Plan // of the records
}

// World describes the demo data.
type World struct {
	Fresh bool   // this Load made or completed it
	Agent string // login of the demo agent, who sees red for Tries[0]
	Tries []Try  // the best known first, then by row
}

// Try is one call to try: this number, as this agent.
type Try struct {
	Row       string // of the decision table
	Number    string // as typed by an agent
	Agent     string // login
	Direction rules.Direction
	Expect    rules.Color
	Why       rules.Why
	Banner    bool
	Text      Words // what the card shows, and why
}

// Words is a sentence in the languages of the product.
type Words struct{ RU, EN string }

// In returns the sentence in a language, "ru" or "en".
func (w Words) In(language string) string {
	if language == "en" {
		return w.EN
	}
	return w.RU
}

// Load makes the demo world in an empty database, once: a world that is there
// already is left as its users have changed it, one that an interrupted start
// left behind is completed. A database with other data is the conflict
// "database_not_empty", and stays untouched. Only one process may load at a
// time.
func Load(ctx context.Context, parts Parts) (World, error) {
	parts.Journal.Register(Verbs()...)
	l := &loader{Parts: parts}
	done, err := l.isComplete(ctx)
	if err == nil && !done {
		err = l.build(ctx)
	}
	if err == nil {
		err = l.addDeputy(ctx)
	}
	if err != nil {
		return World{}, err
	}
	_, tries := cases()
	return World{Fresh: !done, Agent: petrov, Tries: tries}, nil
}

// loader makes one world.
type loader struct{ Parts }

// isComplete reports whether the world is complete. Before it was begun, the database must be empty.
func (l *loader) isComplete(ctx context.Context) (bool, error) {
	for _, mark := range []journal.Verb{DemoLoaded, DemoBegun} {
		found, err := journal.List(l.DB.Read(ctx), journal.History{Verb: mark, Limit: 1})
		if err != nil || len(found) > 0 {
			return mark == DemoLoaded, err
		}
	}
	org, err := l.Roster.Org(ctx)
	if err != nil {
		return false, err
	}
	there, err := l.clients(ctx)
	if err != nil {
		return false, err
	}
	if len(org.Users()) > 0 || len(org.Departments()) > 0 || !there.none() {
		return false, fault.Conflict("database_not_empty")
	}
	return false, l.mark(ctx, DemoBegun)
}

// build makes the world step by step; each step finds what an earlier start has
// left of it.
func (l *loader) build(ctx context.Context) error {
	for _, step := range []func(context.Context) error{l.addStatuses, l.addStaff, l.addRecords, l.retireStatuses} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return l.mark(ctx, DemoLoaded)
}

// mark records in the journal how far the world is: this outlives the records.
func (l *loader) mark(ctx context.Context, verb journal.Verb) error {
	return l.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := l.Journal.Record(tx, journal.Entry{Verb: verb})
		return err
	})
}
