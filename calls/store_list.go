package calls

import (
	"cmp"
	"slices"
	"strings"

	"callhue/internal/store"
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
func (f *filter) ofCards() bool { return f.Agent != 0 || f.Color != "" || f.Client.ID != 0 }

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

// callsWithoutClient returns the last calls of some numbers on whose cards was no client.
func callsWithoutClient(tx *store.Tx, keys []int64, limit int) (calls []*callRow, err error) {
	if len(keys) == 0 {
		return nil, nil
	}
	err = tx.Select(&calls, "SELECT "+callColumns+` FROM calls WHERE number_key IN (?)
		AND NOT EXISTS (SELECT 1 FROM cards k WHERE k.call_id = calls.id AND k.client_id <> 0) ORDER BY started_at DESC, id DESC LIMIT ?`, keys, limit)
	return calls, err
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
	var w conditions
	w.add(f.Source != "", "c.source = ?", f.Source)
	w.add(f.Number != 0, "c.number_key = ?", f.Number)
	w.add(f.From != 0, "c.started_at >= ?", f.From)
	w.add(f.Until != 0, "c.started_at < ?", f.Until)
	b := f.Before
	w.add(b.ID != 0, "c.started_at <= ? AND (c.started_at < ? OR c.id < ?)", b.StartedAt, b.StartedAt, b.ID)
	return "SELECT " + callColumns + " FROM calls c WHERE " + w.text() + " ORDER BY c.started_at DESC, c.id DESC LIMIT ?", append(w.args, f.Limit)
}

// cardsSQL is the query over cards, which have the start of their call.
func (f *filter) cardsSQL() (query string, args []any) {
	var w conditions
	w.add(f.Agent != 0, "k.agent_id = ?", f.Agent)
	w.add(f.Color != "", "k.color = ?", f.Color)
	w.add(f.Client.ID != 0 && len(f.Merged) == 0, "k.client_kind = ? AND k.client_id = ?", f.Client.Kind, f.Client.ID)
	w.add(len(f.Merged) > 0, "k.client_kind = ? AND k.client_id IN (?)", f.Client.Kind, append([]int64{f.Client.ID}, f.Merged...))
	w.add(f.From != 0, "k.started_at >= ?", f.From)
	w.add(f.Until != 0, "k.started_at < ?", f.Until)
	b := f.Before
	w.add(b.ID != 0, "k.started_at <= ? AND (k.started_at < ? OR k.call_id < ?)", b.StartedAt, b.StartedAt, b.ID)
	from := "cards k"
	if f.Source != "" || f.Number != 0 {
		from += " JOIN calls c ON c.id = k.call_id"
	}
	w.add(f.Source != "", "c.source = ?", f.Source)
	w.add(f.Number != 0, "c.number_key = ?", f.Number)
	return "SELECT k.call_id, k.started_at FROM " + from + " WHERE " + w.text() + " ORDER BY k.started_at DESC, k.call_id DESC LIMIT ?", append(w.args, f.Limit)
}

// conditions are gathered into a WHERE.
type conditions struct {
	parts []string
	args  []any
}

func (w *conditions) add(on bool, condition string, args ...any) {
	if on {
		w.parts, w.args = append(w.parts, condition), append(w.args, args...)
	}
}

func (w *conditions) text() string {
	if len(w.parts) == 0 {
		return "1 = 1"
	}
	return strings.Join(w.parts, " AND ")
}
