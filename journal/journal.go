// Package journal is the one record of everything that happened.
//
// A package that changes something calls Record in the transaction of the change: both are stored
// or neither is. This is not event sourcing: the tables remain the truth. History, audit, the live
// stream of browsers, the cache of lookups and signed deliveries read this table. Journal follows
// the table, including entries of other processes.
//
// An entry is changed by Erase alone, which removes personal data from its details. It is removed by
// Drop alone, together with the subject it is about: when old calls are dropped (calls/retention.go)
// their entries go with them. Everything else is kept for good.
//
// Read next: act.go (a write), verbs.go (what can happen), listen.go and stream.go (how readers
// follow), http.go.
package journal

import (
	"encoding/json"
	"time"

	"callhue/internal/store"
)

// Ref names a record: its kind in the words of the product, and its id.
type Ref struct {
	Kind string `json:"kind"`
	ID   int64  `json:"id"` // 0 for none
}

// Entry is one thing that happened.
type Entry struct {
	ID      int64           `json:"id"`      // rises, but is no order of commits
	At      time.Time       `json:"at"`      // UTC, whole milliseconds
	Actor   int64           `json:"actor"`   // the user who did it; 0 for a machine
	Team    int64           `json:"team"`    // the department it belongs to; 0 for none
	Verb    Verb            `json:"verb"`    // what happened
	Subject Ref             `json:"subject"` // what it happened to
	Client  Ref             `json:"client"`  // the client it concerns, if any
	Amount  int64           `json:"amount"`  // money in minor units or a count; 0 for none
	Details json.RawMessage `json:"details"` // the details, a JSON object
}

// Details encodes the details of an entry, any value that is a JSON object.
func Details(v any) json.RawMessage {
	raw, err := json.Marshal(v)
	if err != nil {
		panic("journal: details that are no JSON: " + err.Error())
	}
	return raw
}

// Record writes an entry within the transaction of the change, at its time, and returns the entry's id. Once the
// transaction is committed the listeners of this process get the entry before Write returns.
func (j *Journal) Record(tx *store.Tx, e Entry) (int64, error) {
	if _, known := j.Info(e.Verb); !known {
		panic("journal: unknown verb " + string(e.Verb))
	}
	if e.Details == nil {
		e.Details = json.RawMessage("{}")
	}
	e.At = tx.Now()
	id, err := insert(tx, e)
	if err != nil {
		return 0, err
	}
	e.ID = id
	tx.After(func() { j.deliver([]Entry{e}) })
	return id, nil
}

// RecordAll is Record for many entries of one transaction, many times faster. Listeners get them at the commit if their
// ids are known, else with the next poll.
func (j *Journal) RecordAll(tx *store.Tx, list []Entry) error {
	if len(list) == 0 {
		return nil
	}
	before, err := newestID(tx)
	if err != nil {
		return err
	}
	for i := range list {
		if _, known := j.Info(list[i].Verb); !known {
			panic("journal: unknown verb " + string(list[i].Verb))
		}
		if list[i].Details == nil {
			list[i].Details = json.RawMessage("{}")
		}
		list[i].At = tx.Now()
	}
	if err := insertAll(tx, list); err != nil {
		return err
	}
	ids, err := idsOf(tx, before, list[0].Actor)
	if err != nil || len(ids) != len(list) {
		return err
	}
	for i, id := range ids {
		list[i].ID = id
	}
	tx.After(func() { j.deliver(list) })
	return nil
}
