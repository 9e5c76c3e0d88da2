package main

import (
	"context"
	"fmt"
	"strings"

	"callhue/statuses"
	"callhue/store"
)

// The world: of ten numbers four stand on two companies, two each, four on
// contacts of these companies, two on leads without one.
const (
	perGroup      = 10
	companies     = 2
	contacts      = 4
	leads         = 2
	firstNumber   = 74950000000
	kindOfCompany = 1
	kindOfContact = 2
	kindOfLead    = 3
)

// groupsAtOnce is how many groups one transaction writes.
const groupsAtOnce = 2500

// number is the i-th number of the world, in E.164 without the plus.
func number(i int) int64 { return firstNumber + int64(i) }

// fill writes people and n numbers with their records, as rows: the journal of
// a million new records would take longer than everything else here.
func fill(ctx context.Context, h *house, n int) error {
	if err := h.people(ctx); err != nil {
		return err
	}
	set, err := h.directory.Set(ctx)
	if err != nil {
		return err
	}
	w := &world{sellers: h.sellers, statuses: []int64{set.ByCode(statuses.InWork).ID, set.ByCode(statuses.Waiting).ID}}
	for group := 0; group*perGroup < n; group++ {
		w.group(group)
		if (group+1)%groupsAtOnce == 0 || (group+1)*perGroup >= n {
			if err := h.db.Write(ctx, w.write); err != nil {
				return err
			}
			w.sheets = nil
		}
	}
	if h.db.Engine() == "sqlite" {
		return nil
	}
	return h.db.Write(ctx, func(tx *store.Tx) error { // until then its optimiser guesses
		_, err := tx.Exec("ANALYZE TABLE numbers, companies, contacts, leads")
		return err
	})
}

// world gathers rows by table.
type world struct {
	sellers, statuses []int64
	sheets            []sheet
}

type sheet struct {
	table, columns string
	rows           [][]any
}

func (w *world) add(table, columns string, row ...any) {
	for i := range w.sheets {
		if w.sheets[i].table == table {
			w.sheets[i].rows = append(w.sheets[i].rows, row)
			return
		}
	}
	w.sheets = append(w.sheets, sheet{table, columns, [][]any{row}})
}

const base = "owner_id, version, holds, created_at, created_by, updated_at, updated_by, deleted_at"

// since is the age of everything, in ms.
const since = 1_700_000_000_000

func (w *world) group(g int) {
	next := g * perGroup
	owner := func(i int) int64 { return w.sellers[i%len(w.sellers)] }
	reach := func(kind, entity, company int, primary bool) {
		w.add("numbers", "number_key, kind, entity_id, company_id, since, is_primary", number(next), kind, entity, company, int64(since), primary)
		w.add("phones", "kind, entity_id, place, raw, number_key, extension, phone_kind, since",
			kind, entity, 0, fmt.Sprintf("+%d", number(next)), number(next), "", "work", int64(since))
		next++
	}
	for i := range companies {
		id := g*companies + i + 1
		name := fmt.Sprintf("ООО Ромашка %d", id)
		w.add("companies", "id, name, search, team_ids, status_id, status_at, status_by, "+base, id, name, strings.ToLower(name), "[]",
			w.statuses[(id-1)%len(w.statuses)], int64(since), 0, owner(id), 1, 0, int64(since), 0, int64(since), 0, 0)
		reach(kindOfCompany, id, id, false)
		reach(kindOfCompany, id, id, false)
	}
	for i := range contacts {
		id, company := g*contacts+i+1, g*companies+i%companies+1
		name := fmt.Sprintf("Сидорова Анна %d", id)
		w.add("contacts", "id, name, post, search, "+base, id, name, "Директор", strings.ToLower(name), owner(company), 1, 0, int64(since), 0, int64(since), 0, 0)
		w.add("contact_companies", "contact_id, company_id, place, linked_at", id, company, 0, int64(since))
		reach(kindOfContact, id, company, true)
	}
	for i := range leads {
		id := g*leads + i + 1
		name := fmt.Sprintf("Заявка с сайта %d", id)
		w.add("leads", "id, title, name, search, source, stage, semantics, contact_id, company_id, linked_at, converted_at, "+base,
			id, name, "", strings.ToLower(name), "", "NEW", "open", 0, 0, 0, 0, owner(id), 1, 0, int64(since), 0, int64(since), 0, 0)
		reach(kindOfLead, id, 0, false)
	}
}

// write writes what was gathered, some hundred rows a statement.
func (w *world) write(tx *store.Tx) error {
	for _, s := range w.sheets {
		for rows := s.rows; len(rows) > 0; {
			part := rows[:min(len(rows), 250)]
			rows = rows[len(part):]
			marks := "(?" + strings.Repeat(", ?", len(part[0])-1) + ")"
			var args []any
			for _, row := range part {
				args = append(args, row...)
			}
			if _, err := tx.Exec("INSERT INTO "+s.table+" ("+s.columns+") VALUES "+marks+strings.Repeat(", "+marks, len(part)-1), args...); err != nil {
				return err
			}
		}
	}
	return nil
}
