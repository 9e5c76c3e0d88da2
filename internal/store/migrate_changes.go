package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/pressly/goose/v3"
)

// Migration 29 gives all entries of the journal one shape of change: under "changed",
// {field: {"from": …, "to": …}}. Until then each package had its own. A value that an
// old entry does not have is null.
const (
	changesVersion = 29
	changesName    = "0029_changes_in_the_journal"
)

// changeVerbs are the verbs whose entries had another shape.
var changeVerbs = [...]string{"owner.changed", "company.status", "numbers.changed", "record.changed", "policy.changed",
	"call.noted", "sync.mapped", "source.changed", "hook_out.changed", "kpi_profile.changed", "kpi_profile.assigned"}

// changesStep rewrites the entries part by part. SQLite does it in the transaction of
// the migration: it has one connection that writes. On MySQL each part is a
// transaction of its own, because clusters bound their size; a run that was cut short
// begins again and finds the first entries in the new shape already.
func (db *DB) changesStep() *goose.Migration {
	if db.engine.name() == "sqlite" {
		return goose.NewGoMigration(changesVersion, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
			last, err := int64(0), error(nil)
			for more := true; more && err == nil; {
				last, more, err = rewriteChanges(ctx, tx, last)
			}
			return err
		}}, nil)
	}
	return goose.NewGoMigration(changesVersion, &goose.GoFunc{RunDB: func(ctx context.Context, pool *sql.DB) error {
		last := int64(0)
		for more := true; more; {
			tx, err := pool.BeginTx(ctx, nil)
			if err != nil {
				return err
			}
			last, more, err = rewriteChanges(ctx, tx, last)
			if err != nil {
				_ = tx.Rollback()
				return err
			}
			if err := tx.Commit(); err != nil {
				return err
			}
		}
		return nil
	}}, nil)
}

// rewriteChanges rewrites the next part of the entries behind an id, and returns the
// last id that it has looked at.
func rewriteChanges(ctx context.Context, tx *sql.Tx, after int64) (last int64, more bool, err error) {
	const part = 500
	args := []any{after}
	for _, verb := range changeVerbs {
		args = append(args, verb)
	}
	rows, err := tx.QueryContext(ctx, "SELECT id, verb, words FROM journal WHERE id > ? AND verb IN (?"+
		strings.Repeat(", ?", len(changeVerbs)-1)+") ORDER BY id LIMIT ?", append(args, part)...)
	if err != nil {
		return after, false, err
	}
	defer rows.Close()
	rewritten, seen := map[int64]string{}, 0
	for last = after; rows.Next(); seen++ {
		var verb, words string
		if err := rows.Scan(&last, &verb, &words); err != nil {
			return last, false, err
		}
		if text, other := oneShape(verb, words); other {
			rewritten[last] = text
		}
	}
	if err := rows.Err(); err != nil {
		return last, false, err
	}
	for id, text := range rewritten {
		if _, err := tx.ExecContext(ctx, "UPDATE journal SET words = ? WHERE id = ?", text, id); err != nil {
			return last, false, fmt.Errorf("entry %d: %w", id, err)
		}
	}
	return last, seen == part, nil
}

type fromTo struct {
	From json.RawMessage `json:"from"`
	To   json.RawMessage `json:"to"`
}

// oneShape returns the details of an entry with their changes under "changed", and
// whether they became different. Details that are no JSON object stay as they are.
func oneShape(verb, words string) (text string, other bool) {
	var details map[string]json.RawMessage
	if json.Unmarshal([]byte(words), &details) != nil {
		return words, false
	}
	changed := map[string]fromTo{}
	switch verb {
	case "owner.changed":
		move(details, changed, "owner_id", "old", "new")
	case "company.status":
		move(details, changed, "status", "old", "new")
	case "numbers.changed":
		move(details, changed, "phones", "old", "new")
	case "call.noted":
		move(details, changed, "note", "before", "note")
	case "policy.changed":
		compareFields(details, changed)
	case "record.changed":
		reshape(details, changed, pairOf)
	case "sync.mapped":
		reshape(details, changed, func(value json.RawMessage) fromTo { return fromTo{nil, value} })
	case "source.changed":
		move(details, changed, "active", "", "active")
		move(details, changed, "secret", "", "secret")
		move(details, changed, "consent", "", "consent")
	case "hook_out.changed":
		switch string(details["what"]) {
		case `"secret"`:
			move(details, changed, "secret", "", "what")
		case `"gone"`:
			move(details, changed, "disabled_reason", "", "what")
			move(details, changed, "active", "", "active")
		default:
			move(details, changed, "active", "", "active")
		}
	case "kpi_profile.changed":
		move(details, changed, "version", "", "version")
	case "kpi_profile.assigned":
		move(details, changed, "profile_id", "", "profile")
	}
	if len(changed) == 0 {
		return words, false
	}
	raw, err := json.Marshal(changed)
	if err != nil {
		return words, false
	}
	details["changed"] = raw
	if raw, err = json.Marshal(details); err != nil {
		return words, false
	}
	return string(raw), true
}

// move makes the change of a field from two details that held it. Details that have
// their changes already are left alone.
func move(details map[string]json.RawMessage, changed map[string]fromTo, field, from, to string) {
	after, told := details[to]
	if _, done := details["changed"]; !told || done {
		return
	}
	changed[field] = fromTo{details[from], after}
	delete(details, from)
	delete(details, to)
}

// reshape turns the changes of an entry, each of which was something else, into from
// and to.
func reshape(details map[string]json.RawMessage, changed map[string]fromTo, read func(json.RawMessage) fromTo) {
	var old map[string]json.RawMessage
	if json.Unmarshal(details["changed"], &old) != nil {
		return
	}
	for field, value := range old {
		if isFromTo(value) {
			clear(changed) // all of an entry have one shape
			return
		}
		changed[field] = read(value)
	}
}

// pairOf reads [before, after].
func pairOf(value json.RawMessage) fromTo {
	var pair []json.RawMessage
	if json.Unmarshal(value, &pair) != nil || len(pair) != 2 {
		return fromTo{nil, value}
	}
	return fromTo{pair[0], pair[1]}
}

func isFromTo(value json.RawMessage) bool {
	var parts map[string]json.RawMessage
	if json.Unmarshal(value, &parts) != nil || len(parts) != 2 {
		return false
	}
	_, from := parts["from"]
	_, to := parts["to"]
	return from && to
}

// compareFields keeps of two whole objects the fields that differ.
func compareFields(details map[string]json.RawMessage, changed map[string]fromTo) {
	var from, to map[string]json.RawMessage
	if json.Unmarshal(details["old"], &from) != nil || json.Unmarshal(details["new"], &to) != nil {
		return
	}
	for name, is := range to {
		if was := from[name]; !bytes.Equal(was, is) {
			changed[name] = fromTo{was, is}
		}
	}
	delete(details, "old")
	delete(details, "new")
}
