package calls

import (
	"context"
	"encoding/json"
	"slices"

	"callhue/crm"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
)

// FindData returns the calls of a person: those from their own numbers, and those whose card named a record of theirs.
func (d *Tracker) FindData(ctx context.Context, who crm.DataSubject) (any, error) {
	tx := d.DB.Read(ctx)
	ids, err := callsOfSubject(tx, who)
	if err != nil {
		return nil, err
	}
	list := []Call{}
	for part := range slices.Chunk(ids, callsAtOnce) {
		rows, err := callsByID(tx, part)
		if err != nil {
			return nil, err
		}
		calls, err := callsOf(d.DB.Read(ctx), rows, func(*cardRow) bool { return true })
		if err != nil {
			return nil, err
		}
		list = append(list, calls...)
	}
	return list, nil
}

// Erase removes a person's data from their calls: number, note, recording, and what the cards contained of it. Times,
// durations, agents and colours stay, and so does a number that other persons have too. It returns the calls whose
// number was removed, and the number of calls in all. Fault: "call_is_going_on".
func (d *Tracker) Erase(tx *store.Tx, who crm.DataSubject) ([]journal.Ref, int64, error) {
	ids, err := callsOfSubject(tx, who)
	if err != nil {
		return nil, 0, err
	}
	var his []journal.Ref
	for part := range slices.Chunk(ids, callsAtOnce) {
		some, err := d.eraseSome(tx, who, part)
		if err != nil {
			return nil, 0, err
		}
		his = append(his, some...)
	}
	return his, int64(len(ids)), nil
}

// eraseSome is Erase for some of the calls.
func (d *Tracker) eraseSome(tx *store.Tx, who crm.DataSubject, ids []int64) (his []journal.Ref, err error) {
	rows, err := callsByID(tx, ids)
	if err != nil {
		return nil, err
	}
	var hidden []int64
	number := map[int64]int64{}
	for _, c := range rows {
		if c.EndedAt == 0 {
			return nil, fault.Conflict("call_is_going_on").With("call", c.ID)
		}
		if !slices.Contains(who.Shared, c.NumberKey) {
			hidden, his = append(hidden, c.ID), append(his, journal.Ref{Kind: "call", ID: c.ID})
			number[c.ID] = c.NumberKey
		}
	}
	if err := eraseCalls(tx, ids); err != nil {
		return nil, err
	}
	if err := d.Incidents.EraseRecordings(tx, ids); err != nil {
		return nil, err
	}
	if err := eraseNumbers(tx, hidden); err != nil {
		return nil, err
	}
	if err := eraseClaims(tx, hidden); err != nil {
		return nil, err
	}
	if err := d.Incidents.EraseNumbers(tx, hidden); err != nil {
		return nil, err
	}
	cards, err := cardsOfAll(tx, ids)
	if err != nil {
		return nil, err
	}
	for _, card := range cards {
		then := who
		if key := number[card.CallID]; key != 0 { // perhaps a number that the person no longer has
			then.Numbers = append(slices.Clone(who.Numbers), key)
		}
		if card.Card == "" {
			continue
		}
		if err := rewriteCard(tx, card.ID, string(then.Redact(json.RawMessage(card.Card)))); err != nil {
			return nil, err
		}
	}
	return his, nil
}
