package calls

import (
	"cmp"
	"fmt"
	"slices"

	"callhue/crm"
	"callhue/incidents"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/staff"
)

// filter of the call journal; zero fields do not filter.
type filter struct {
	Source string
	Agent  int64
	Number int64 // a number's key
	Color  string
	From   int64 // ms
	Until  int64 // ms, exclusive
	Client clientRef
	Merged []int64 // into the client
	// Of is on whose calls they are, with {} for the agent.
	Of     store.Where
	People []int64 // the same as ids, where they are few
	Before callCursor
	Limit  int
}

// clientRef is a record on whose account a call was made.
type clientRef struct {
	Kind string
	ID   int64
}

// callCursor is the place where a page of the call journal ended.
type callCursor struct {
	StartedAt int64 `json:"s"`
	ID        int64 `json:"i"`
}

// ofCards reports whether the filter has a condition on a card; all such conditions are about the same card.
func (f *filter) ofCards() bool {
	return f.Agent != 0 || f.Color != "" || f.Client.ID != 0 || len(f.People) > 0
}

// listCalls returns calls, the latest first. Both queries read an index from its end and stop after a page, however
// long the journal is.
func listCalls(tx *store.Tx, f filter) (calls []*callRow, err error) {
	if !f.ofCards() {
		query, args := f.callsSQL()
		err = tx.Select(&calls, query, args...)
		return calls, err
	}
	ids, err := callsOfCards(tx, f)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	err = tx.Select(&calls, "SELECT "+callColumns+" FROM calls WHERE id IN (?)", ids)
	slices.SortFunc(calls, latestFirst)
	return calls, err
}

func latestFirst(a, b *callRow) int {
	return cmp.Or(cmp.Compare(b.StartedAt, a.StartedAt), cmp.Compare(b.ID, a.ID))
}

// callsWithoutClient returns the last calls of some numbers on whose cards was no client; of is on their agents.
func callsWithoutClient(tx *store.Tx, keys []int64, of store.Where, limit int) (calls []*callRow, err error) {
	if len(keys) == 0 {
		return nil, nil
	}
	where := store.In("number_key", keys).And(
		store.Condition("NOT EXISTS (SELECT 1 FROM cards k WHERE k.call_id = calls.id AND k.client_id <> 0)"),
		store.Exists("cards k", "k.call_id = calls.id", of.Of("k.agent_id")))
	text, args := where.Clause()
	err = tx.Select(&calls, "SELECT "+callColumns+" FROM calls"+text+" ORDER BY started_at DESC, id DESC LIMIT ?",
		append(args, limit)...)
	return calls, err
}

// historyOf returns which entries of a client's history a user sees.
func historyOf(scope staff.Scope, theirs bool, owner *staff.Person) store.Where {
	if scope.All() {
		return store.Where{}
	}
	if owner != nil && scope.Sees(owner.ID) {
		return store.Where{}
	}
	seen := store.NotIn("journal.verb", verbNames(incidents.Verbs()))
	if !theirs {
		seen = seen.And(store.Or(scope.Where().Of("journal.actor_id"),
			store.In("journal.verb", verbNames(crm.Verbs()))))
	}
	return seen
}

func verbNames(verbs []journal.VerbInfo) []string {
	names := make([]string, len(verbs))
	for i, v := range verbs {
		names[i] = string(v.Verb)
	}
	return names
}

// callsOfCards returns the calls of the cards that match, each once: the cards of one call stand next to each other.
func callsOfCards(tx *store.Tx, f filter) (ids []int64, err error) {
	wanted := f.Limit
	for {
		var part []callCursorRow
		query, args := f.cardsSQL()
		if err := tx.Select(&part, query, args...); err != nil {
			return nil, err
		}
		for _, c := range part {
			if f.Before = callCursor(c); len(ids) == 0 || ids[len(ids)-1] != c.ID {
				ids = append(ids, c.ID)
			}
		}
		if len(part) < f.Limit || len(ids) >= wanted {
			return ids[:min(len(ids), wanted)], nil
		}
	}
}

type callCursorRow struct {
	StartedAt int64 `db:"started_at"`
	ID        int64 `db:"call_id"`
}

// callsSQL is the query over calls.
func (f *filter) callsSQL() (query string, args []any) {
	where := store.Given("c.source", f.Source).And(store.Given("c.number_key", f.Number))
	if f.From != 0 {
		where = where.And(store.AtLeast("c.started_at", f.From))
	}
	if f.Until != 0 {
		where = where.And(store.Below("c.started_at", f.Until))
	}
	if b := f.Before; b.ID != 0 {
		where = where.And(store.Condition("c.started_at <= ? AND (c.started_at < ? OR c.id < ?)", b.StartedAt,
			b.StartedAt, b.ID))
	}
	where = where.And(store.Exists("cards k", "k.call_id = c.id", f.Of.Of("k.agent_id")))
	text, args := where.Clause()
	query = "SELECT " + callColumns + " FROM calls c" + text + " ORDER BY c.started_at DESC, c.id DESC LIMIT ?"
	return query, append(args, f.Limit)
}

// cardsSQL is the query over cards, which have the start of their call. The latest of a few people are read person by
// person, each from the end of their index.
func (f *filter) cardsSQL() (query string, args []any) {
	if f.Agent != 0 || len(f.People) == 0 {
		return f.latestCards(f.cards())
	}
	for i, person := range f.People {
		one, values := f.latestCards(f.cards().And(store.Equal("k.agent_id", person)))
		if i > 0 {
			query += " UNION ALL "
		}
		query += fmt.Sprintf("SELECT call_id, started_at FROM (%s) p%d", one, i)
		args = append(args, values...)
	}
	return query + " ORDER BY started_at DESC, call_id DESC LIMIT ?", append(args, f.Limit)
}

// cards returns the condition on cards, but for whose they are if they are read person by person.
func (f *filter) cards() store.Where {
	where := store.Given("k.agent_id", f.Agent).And(store.Given("k.color", f.Color))
	switch {
	case len(f.Merged) > 0:
		where = where.And(store.Equal("k.client_kind", f.Client.Kind),
			store.In("k.client_id", append([]int64{f.Client.ID}, f.Merged...)))
	case f.Client.ID != 0:
		where = where.And(store.Equal("k.client_kind", f.Client.Kind), store.Equal("k.client_id", f.Client.ID))
	}
	if f.From != 0 {
		where = where.And(store.AtLeast("k.started_at", f.From))
	}
	if f.Until != 0 {
		where = where.And(store.Below("k.started_at", f.Until))
	}
	if b := f.Before; b.ID != 0 {
		where = where.And(store.Condition("k.started_at <= ? AND (k.started_at < ? OR k.call_id < ?)", b.StartedAt,
			b.StartedAt, b.ID))
	}
	where = where.And(store.Given("c.source", f.Source), store.Given("c.number_key", f.Number))
	if len(f.People) == 0 {
		where = where.And(f.Of.Of("k.agent_id"))
	}
	return where
}

func (f *filter) latestCards(where store.Where) (query string, args []any) {
	from := "cards k"
	if f.Source != "" || f.Number != 0 {
		from += " JOIN calls c ON c.id = k.call_id"
	}
	text, args := where.Clause()
	query = "SELECT k.call_id, k.started_at FROM " + from + text + " ORDER BY k.started_at DESC, k.call_id DESC LIMIT ?"
	return query, append(args, f.Limit)
}
