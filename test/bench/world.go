package main

import (
	"context"
	"fmt"
	"strings"

	"callhue/internal/store"
	"callhue/statuses"
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

// blockGroups is how many groups are written row by row; the database copies
// them for the rest of the world, which takes a tenth of the time.
const blockGroups = 1000

// number is the i-th number of the world, in E.164 without the plus.
func number(i int) int64 { return firstNumber + int64(i) }

// fill writes people and n numbers with their records, as rows: the journal of
// a million new records would take longer than everything else here.
func fill(ctx context.Context, a *app, n int) error {
	if err := a.people(ctx); err != nil {
		return err
	}
	set, err := a.directory.Set(ctx)
	if err != nil {
		return err
	}
	w := &world{sellers: a.sellers, statuses: []int64{set.ByCode(statuses.InWork).ID, set.ByCode(statuses.Waiting).ID}}
	groups := (n + perGroup - 1) / perGroup
	copied := groups / blockGroups * blockGroups
	for group := range groups {
		if group < blockGroups || group >= copied {
			w.group(group)
		}
	}
	if err := a.db.Write(ctx, w.write); err != nil {
		return err
	}
	for from := blockGroups; from < copied; from += blockGroups {
		if err := a.db.Write(ctx, func(tx *store.Tx) error { return copyBlock(tx, from) }); err != nil {
			return err
		}
	}
	if a.db.Engine() == "sqlite" {
		return nil
	}
	return a.db.Write(ctx, func(tx *store.Tx) error { // until then its optimiser guesses
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
		w.add("numbers", "number_key, kind, entity_id, company_id, since, is_primary", number(next), kind, entity,
			company, int64(since), primary)
		w.add("phones", "kind, entity_id, place, raw, number_key, extension, phone_kind, since",
			kind, entity, 0, fmt.Sprintf("+%d", number(next)), number(next), "", "work", int64(since))
		next++
	}
	for i := range companies {
		id := g*companies + i + 1
		name := fmt.Sprintf("ООО Ромашка %d", id)
		w.add("companies", "id, name, search, team_ids, status_id, status_at, status_by, "+base, id, name,
			strings.ToLower(name), "[]", w.statuses[(id-1)%len(w.statuses)], int64(since), 0, owner(id), 1, 0,
			int64(since), 0, int64(since), 0, 0)
		reach(kindOfCompany, id, id, false)
		reach(kindOfCompany, id, id, false)
	}
	for i := range contacts {
		id, company := g*contacts+i+1, g*companies+i%companies+1
		name := fmt.Sprintf("Сидорова Анна %d", id)
		w.add("contacts", "id, name, post, search, "+base, id, name, "Директор", strings.ToLower(name), owner(company),
			1, 0, int64(since), 0, int64(since), 0, 0)
		w.add("contact_companies", "contact_id, company_id, place, linked_at", id, company, 0, int64(since))
		reach(kindOfContact, id, company, true)
	}
	for i := range leads {
		id := g*leads + i + 1
		name := fmt.Sprintf("Заявка с сайта %d", id)
		w.add("leads", leadColumns,
			id, name, "", strings.ToLower(name), "", "NEW", "open", 0, 0, 0, 0, owner(id), 1, 0, int64(since), 0,
			int64(since), 0, 0)
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
			if _, err := tx.Exec("INSERT INTO "+s.table+" ("+s.columns+") VALUES "+
				marks+strings.Repeat(", "+marks, len(part)-1), args...); err != nil {
				return err
			}
		}
	}
	return nil
}

// copyBlock writes the first block again as the one that begins with a group.
// Names and spellings stay those of the first.
func copyBlock(tx *store.Tx, from int) error {
	company, contact, lead, number := from*companies, from*contacts, from*leads, from*perGroup
	for _, c := range []struct {
		table, columns, values string
		shifts                 []any
	}{
		{"companies", "id, name, search, team_ids, status_id, status_at, status_by, " + base,
			"id + ?, name, search, team_ids, status_id, status_at, status_by, " + base +
				" FROM companies WHERE id <= ?", []any{company, blockGroups * companies}},
		{"contacts", "id, name, post, search, " + base,
			"id + ?, name, post, search, " + base + " FROM contacts WHERE id <= ?",
			[]any{contact, blockGroups * contacts}},
		{"contact_companies", "contact_id, company_id, place, linked_at",
			"contact_id + ?, company_id + ?, place, linked_at FROM contact_companies WHERE contact_id <= ?",
			[]any{contact, company, blockGroups * contacts}},
		{"leads", leadColumns, "id + ?, " + strings.TrimPrefix(leadColumns, "id, ") + " FROM leads WHERE id <= ?",
			[]any{lead, blockGroups * leads}},
		{"phones", "kind, entity_id, place, raw, number_key, extension, phone_kind, since",
			"kind, entity_id + CASE kind WHEN 2 THEN ? ELSE ? END, place, raw, number_key + ?, extension, phone_kind, since FROM phones WHERE id <= ?",
			[]any{contact, company, number, blockGroups * perGroup}},
		{"numbers", "number_key, kind, entity_id, company_id, since, is_primary",
			"number_key + ?, kind, entity_id + CASE kind WHEN 2 THEN ? ELSE ? END, CASE company_id WHEN 0 THEN 0 ELSE company_id + ? END, since, is_primary FROM numbers WHERE number_key < ?",
			[]any{number, contact, company, company, firstNumber + blockGroups*perGroup}},
	} {
		if _, err := tx.Exec("INSERT INTO "+c.table+" ("+c.columns+") SELECT "+c.values, c.shifts...); err != nil {
			return err
		}
	}
	return nil
}

const leadColumns = "id, title, name, search, source, stage, semantics, contact_id, company_id, linked_at, converted_at, " + base
