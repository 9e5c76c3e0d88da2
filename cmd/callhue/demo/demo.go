// Package demo is the invented world that `callhue serve --demo` shows: a sales
// company with three departments, its clients, and a list of calls to try, at
// least one for each row of the decision table that data can reach.
//
// serve calls Load at every start; the world is made once and then belongs to
// the one who plays with it. It goes through the doors that everybody uses, so the
// same rules hold for it and the journal tells of it. It never touches a database
// that other people's data are in, and no one in it exists.
//
// Read next: cases.go (what is tried), crowd.go (everybody else), staff.go.
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

// Rooms are what Load works with; all are required.
type Rooms struct {
	DB        *store.DB
	Journal   *journal.Journal
	Roster    *staff.Roster
	Directory *statuses.Directory
	Book      *crm.Records
	Plan      *phone.Plan // the book's
}

// World is what there is to see.
type World struct {
	Fresh bool   // it was made, or completed, by this very Load
	Agent string // login of the demo agent, who sees red for Tries[0]
	Tries []Try  // the best known first, then by row
}

// Try is one call to try: this number, as this agent.
type Try struct {
	Row       string // of the decision table
	Number    string // as someone would type it
	Agent     string // login
	Direction rules.Direction
	Expect    rules.Color
	Why       rules.Why
	Banner    bool
	Says      Words // what there is to see, and why
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
func Load(ctx context.Context, rooms Rooms) (World, error) {
	rooms.Journal.Register(Verbs()...)
	l := &loader{Rooms: rooms}
	done, err := l.done(ctx)
	if err == nil && !done {
		err = l.make(ctx)
	}
	if err == nil {
		err = l.substitute(ctx)
	}
	if err != nil {
		return World{}, err
	}
	_, tries := cases()
	return World{Fresh: !done, Agent: petrov, Tries: tries}, nil
}

// loader makes one world.
type loader struct{ Rooms }

// done reports whether the world is complete. When nothing has begun yet, the
// database must be no one's.
func (l *loader) done(ctx context.Context) (bool, error) {
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
	if len(org.Users()) > 0 || len(org.Departments()) > 0 || !there.nobody() {
		return false, fault.Conflict("database_not_empty")
	}
	return false, l.mark(ctx, DemoBegun)
}

// make builds the world step by step; each step finds what an earlier start has
// left of it.
func (l *loader) make(ctx context.Context) error {
	for _, step := range []func(context.Context) error{l.stock, l.hire, l.fill, l.retire} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return l.mark(ctx, DemoLoaded)
}

// mark notes in the journal how far the world is: it stays there whatever
// becomes of the records.
func (l *loader) mark(ctx context.Context, verb journal.Verb) error {
	return l.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := l.Journal.Record(tx, journal.Entry{Verb: verb})
		return err
	})
}
