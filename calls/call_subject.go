package calls

import (
	"context"
	"encoding/json"
	"slices"

	"callhue/crm"
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

// FindRows returns the calls of a person, and as own those that lose their number. It implements
// importexport.ErasureSource.
func (d *Tracker) FindRows(tx *store.Tx, who crm.DataSubject) (ids []int64, own []journal.Ref, err error) {
	if ids, err = callsOfSubject(tx, who); err != nil {
		return nil, nil, err
	}
	for part := range slices.Chunk(ids, callsAtOnce) {
		rows, err := callsByID(tx, part)
		if err != nil {
			return nil, nil, err
		}
		for _, c := range rows {
			if !slices.Contains(who.Shared, c.NumberKey) {
				own = append(own, journal.Ref{Kind: "call", ID: c.ID})
			}
		}
	}
	return ids, own, nil
}

// EraseRows removes a person's data from some of their calls: number, note, recording, and what the cards contained of
// it. Times, durations, agents and colours stay, and so does a number that other persons have too. A call that is going
// on, or never ended, loses the same: its later events do not bring the number back.
func (d *Tracker) EraseRows(tx *store.Tx, who crm.DataSubject, ids []int64) error {
	if err := eraseCalls(tx, ids); err != nil { // locks them
		return err
	}
	rows, err := callsByID(tx, ids)
	if err != nil {
		return err
	}
	var hidden []int64
	number := map[int64]int64{}
	for _, c := range rows {
		if !slices.Contains(who.Shared, c.NumberKey) {
			hidden = append(hidden, c.ID)
			number[c.ID] = c.NumberKey
		}
	}
	if err := d.Incidents.EraseRecordings(tx, ids); err != nil {
		return err
	}
	if err := d.Incidents.EraseTexts(tx, ids, who); err != nil {
		return err
	}
	if err := eraseNumbers(tx, hidden); err != nil {
		return err
	}
	if err := eraseClaims(tx, hidden); err != nil {
		return err
	}
	if err := d.Incidents.EraseNumbers(tx, hidden); err != nil {
		return err
	}
	return eraseCards(tx, who, ids, number)
}

// eraseCards redacts the cards of calls, whose numbers are given.
func eraseCards(tx *store.Tx, who crm.DataSubject, calls []int64, number map[int64]int64) error {
	cards, err := cardsOfAll(tx, calls)
	if err != nil {
		return err
	}
	for _, card := range cards {
		then := who
		if key := number[card.CallID]; key != 0 { // perhaps a number that the person no longer has
			then.Numbers = append(slices.Clone(who.Numbers), key)
		}
		if card.Card == "" && card.Reason == "" {
			continue
		}
		if card.Card != "" {
			card.Card = string(then.Redact(json.RawMessage(card.Card)))
		}
		if then.Mentions(card.Reason) {
			card.Reason = crm.Masked
		}
		if err := rewriteCard(tx, card); err != nil {
			return err
		}
	}
	return nil
}
