package journal

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"callhue/internal/store"
)

type row struct {
	ID          int64  `db:"id"`
	At          int64  `db:"at"`
	ActorID     int64  `db:"actor_id"`
	TeamID      int64  `db:"team_id"`
	Verb        string `db:"verb"`
	SubjectKind string `db:"subject_kind"`
	SubjectID   int64  `db:"subject_id"`
	ClientKind  string `db:"client_kind"`
	ClientID    int64  `db:"client_id"`
	Amount      int64  `db:"amount"`
	Words       string `db:"words"`
}

func (r row) entry() Entry {
	return Entry{ID: r.ID, At: store.Time(r.At), Actor: r.ActorID, Team: r.TeamID, Verb: Verb(r.Verb),
		Subject: Ref{r.SubjectKind, r.SubjectID}, Client: Ref{r.ClientKind, r.ClientID},
		Amount: r.Amount, Details: json.RawMessage(r.Words)}
}

func entries(rows []row) []Entry {
	list := make([]Entry, len(rows))
	for i, r := range rows {
		list[i] = r.entry()
	}
	return list
}

const columns = "id, at, actor_id, team_id, verb, subject_kind, subject_id, client_kind, client_id, amount, words"

func insert(tx *store.Tx, e Entry) (int64, error) {
	return tx.Insert(`INSERT INTO journal (at, actor_id, team_id, verb, subject_kind, subject_id, client_kind, client_id, amount, words)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		store.Millis(e.At), e.Actor, e.Team, string(e.Verb), e.Subject.Kind, e.Subject.ID, e.Client.Kind, e.Client.ID,
		e.Amount, string(e.Details))
}

func insertAll(tx *store.Tx, list []Entry) error {
	rows := make([][]any, len(list))
	for i, e := range list {
		rows[i] = []any{store.Millis(e.At), e.Actor, e.Team, string(e.Verb), e.Subject.Kind, e.Subject.ID,
			e.Client.Kind, e.Client.ID, e.Amount, string(e.Details)}
	}
	return tx.InsertAll("journal",
		"at, actor_id, team_id, verb, subject_kind, subject_id, client_kind, client_id, amount, words", rows)
}

// idsOfSubjects returns the entries about subjects of a kind.
func idsOfSubjects(tx *store.Tx, kind string, subjects []int64) (ids []int64, err error) {
	err = tx.Select(&ids, "SELECT id FROM journal WHERE subject_kind = ? AND subject_id IN (?)", kind, subjects)
	return ids, err
}

func removeEntries(tx *store.Tx, ids []int64) error {
	_, err := tx.Exec("DELETE FROM journal WHERE id IN (?)", ids)
	return err
}

// idsOf returns the ids above one of a user's entries of this moment, in their order. Other transactions may have added
// entries meanwhile.
func idsOf(tx *store.Tx, above, actor int64) (ids []int64, err error) {
	err = tx.Select(&ids, "SELECT id FROM journal WHERE id > ? AND at = ? AND actor_id = ? ORDER BY id", above,
		store.Millis(tx.Now()), actor)
	return ids, err
}

// idsAbove returns the ids above one in their order.
func idsAbove(tx *store.Tx, id int64) (ids []int64, err error) {
	err = tx.Select(&ids, "SELECT id FROM journal WHERE id > ? ORDER BY id", id)
	return ids, err
}

// idsAmong returns which of some ids are there, in their order.
func idsAmong(tx *store.Tx, some []int64) (ids []int64, err error) {
	err = tx.Select(&ids, "SELECT id FROM journal WHERE id IN (?) ORDER BY id", some)
	return ids, err
}

// newestID is the id of the last entry, 0 in an empty journal.
func newestID(tx *store.Tx) (id int64, err error) {
	err = tx.Get(&id, "SELECT COALESCE(MAX(id), 0) FROM journal")
	return id, err
}

// idsSince returns the ids above floor and those of entries at or after a time
// (ms), each once, in their order. They are sorted here: asked for the order,
// SQLite would read the whole journal by id instead of its end by time.
func idsSince(tx *store.Tx, floor, since int64) (ids []int64, err error) {
	err = tx.Select(&ids, idsSinceSQL, floor, since)
	slices.Sort(ids)
	return slices.Compact(ids), err
}

const idsSinceSQL = "SELECT id FROM journal WHERE id > ? UNION ALL SELECT id FROM journal WHERE at >= ?"

// byIDs returns the entries of these ids in the order of ids.
func byIDs(tx *store.Tx, ids []int64) ([]Entry, error) {
	var rows []row
	err := tx.Select(&rows, "SELECT "+columns+" FROM journal WHERE id IN (?) ORDER BY id", ids)
	return entries(rows), err
}

// since returns up to limit entries from a time (ms) on, in the order of time and
// id; those of the very time only above an id.
func since(tx *store.Tx, at, id int64, limit int) ([]Entry, error) {
	var rows []row
	err := tx.Select(&rows,
		"SELECT "+columns+" FROM journal WHERE at >= ? AND (at > ? OR id > ?) ORDER BY at, id LIMIT ?", at, at, id,
		limit)
	return entries(rows), err
}

// timeOf returns when an entry was written, in ms; for an id that is not there,
// the one below it; 0 when there is none.
func timeOf(tx *store.Tx, id int64) (at int64, err error) {
	err = tx.Get(&at, "SELECT at FROM journal WHERE id <= ? ORDER BY id DESC LIMIT 1", id)
	if errors.Is(err, store.ErrNone) {
		return 0, nil
	}
	return at, err
}

// History filters the journal; zero fields do not filter.
type History struct {
	Client  Ref
	Past    []int64 // clients of the same kind that the client was merged from
	Subject Ref
	Actor   int64
	Verb    Verb
	Without []Verb
	From    int64       // ms
	Until   int64       // ms, exclusive
	Before  int64       // entries below this id: the next page
	Of      store.Where // whose entries
	Limit   int
}

// List returns the entries of a filter, newest first.
func List(tx *store.Tx, h History) ([]Entry, error) {
	where, args := "1 = 1", []any{}
	add := func(on bool, cond string, values ...any) {
		if on {
			where, args = where+" AND "+cond, append(args, values...)
		}
	}
	add(h.Client.Kind != "" && len(h.Past) == 0, "client_kind = ? AND client_id = ?", h.Client.Kind, h.Client.ID)
	add(h.Client.Kind != "" && len(h.Past) > 0, "client_kind = ? AND client_id IN (?)", h.Client.Kind,
		append([]int64{h.Client.ID}, h.Past...))
	add(h.Subject.Kind != "", "subject_kind = ? AND subject_id = ?", h.Subject.Kind, h.Subject.ID)
	add(h.Actor != 0, "actor_id = ?", h.Actor)
	add(h.Verb != "", "verb = ?", string(h.Verb))
	for _, verb := range h.Without {
		add(true, "verb <> ?", string(verb))
	}
	add(h.From != 0, "at >= ?", h.From)
	add(h.Until != 0, "at < ?", h.Until)
	add(h.Before != 0, "id < ?", h.Before)
	of, values := h.Of.Clause()
	add(of != "", strings.TrimPrefix(of, " WHERE "), values...)
	var rows []row
	err := tx.Select(&rows, "SELECT "+columns+" FROM journal WHERE "+where+" ORDER BY id DESC LIMIT ?",
		append(args, h.Limit)...)
	return entries(rows), err
}

// idsAbout returns the entries about some records, each once and in their order.
func idsAbout(tx *store.Tx, about []Ref) ([]int64, error) {
	kinds := map[string][]int64{}
	for _, ref := range about {
		kinds[ref.Kind] = append(kinds[ref.Kind], ref.ID)
	}
	var all []int64
	for _, column := range []string{"subject", "client"} {
		for kind, ids := range kinds {
			for part := range slices.Chunk(ids, 200) {
				var some []int64
				if err := tx.Select(&some, "SELECT id FROM journal WHERE "+column+"_kind = ? AND "+
					column+"_id IN (?)", kind, part); err != nil {
					return nil, err
				}
				all = append(all, some...)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

// idsWithWords returns the entries behind one id, up to another, whose details contain one of some words.
func idsWithWords(tx *store.Tx, words []string, after, last int64) (ids []int64, err error) {
	args := []any{after, last}
	for _, word := range words {
		args = append(args, "%"+likeWord.Replace(word)+"%")
	}
	any := "words LIKE ? ESCAPE '!'" + strings.Repeat(" OR words LIKE ? ESCAPE '!'", len(words)-1)
	err = tx.Select(&ids, "SELECT id FROM journal WHERE id > ? AND id <= ? AND ("+any+")", args...)
	return ids, err
}

var likeWord = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

func rewrite(tx *store.Tx, id int64, words json.RawMessage) error {
	_, err := tx.Exec("UPDATE journal SET words = ? WHERE id = ?", string(words), id)
	return err
}

// condition returns the entries of a scope as the database reads them; common are the verbs that are no one's.
func (r *relations) condition(scope Scope, common []string) store.Where {
	if scope.All() {
		return store.Where{}
	}
	whose := []store.Where{
		scope.Where().Of("journal.actor_id"),
		store.Equal("journal.subject_kind", "user").And(scope.Where().Of("journal.subject_id")),
		store.In("journal.verb", common),
	}
	for _, kind := range slices.Sorted(maps.Keys(r.kinds)) {
		whose = append(whose, store.Equal("journal.client_kind", kind).And(r.kinds[kind](scope)))
	}
	return store.Or(whose...)
}
