package statuses

import (
	"callhue/internal/store"
	"callhue/rules"
)

type row struct {
	ID          int64  `db:"id"`
	Code        string `db:"code"`
	Name        string `db:"name"`
	Sort        int    `db:"sort"`
	Color       string `db:"color"`
	CardEffect  string `db:"card_effect"`
	IsProtected bool   `db:"is_protected"`
	DefaultKey  *int64 `db:"default_key"`
	IsSystem    bool   `db:"is_system"`
	Active      bool   `db:"active"`
	Version     int64  `db:"version"`
	CreatedAt   int64  `db:"created_at"`
	UpdatedAt   int64  `db:"updated_at"`
}

func (r row) status() *Status {
	return &Status{ID: r.ID, Code: r.Code, Name: r.Name, Sort: r.Sort, Color: r.Color, CardEffect: rules.Effect(r.CardEffect),
		IsProtected: r.IsProtected, IsDefault: r.DefaultKey != nil, IsSystem: r.IsSystem, Active: r.Active, Version: r.Version,
		CreatedAt: store.Time(r.CreatedAt), UpdatedAt: store.Time(r.UpdatedAt)}
}

func rows(tx *store.Tx) ([]*Status, error) {
	var list []row
	if err := tx.Select(&list, `SELECT id, code, name, sort, color, card_effect, is_protected, default_key, is_system, active, version, created_at, updated_at
		FROM statuses ORDER BY sort, id`); err != nil {
		return nil, err
	}
	all := make([]*Status, len(list))
	for i, r := range list {
		all[i] = r.status()
	}
	return all, nil
}

// takeTurn makes this transaction wait for the one before it that took the same
// turn: that of the whole directory, or that of one status.
func takeTurn(tx *store.Tx, name string) error { return tx.TakeTurn("statuses_turns", name) }

// directory is the turn that every change of the directory takes.
const directory = "directory"

// turnOf is the turn of one status.
func turnOf(code string) string { return "status " + code }

// defaultKey is the value of the unique column: 1 for the default, NULL for all
// others.
func (s *Status) defaultKey() any {
	if s.IsDefault {
		return 1
	}
	return nil
}

func insert(tx *store.Tx, s *Status) (int64, error) {
	now := store.Millis(tx.Now())
	return tx.Insert(`INSERT INTO statuses (code, name, sort, color, card_effect, is_protected, default_key, is_system, active, version, created_at, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?)`,
		s.Code, s.Name, s.Sort, s.Color, string(s.CardEffect), s.IsProtected, s.defaultKey(), s.IsSystem, s.Active, now, now)
}

func update(tx *store.Tx, s *Status) error {
	return store.Changed(tx.Exec(`UPDATE statuses SET name = ?, sort = ?, color = ?, card_effect = ?, is_protected = ?, default_key = ?, active = ?,
		version = version + 1, updated_at = ? WHERE id = ? AND version = ?`,
		s.Name, s.Sort, s.Color, string(s.CardEffect), s.IsProtected, s.defaultKey(), s.Active, store.Millis(tx.Now()), s.ID, s.Version))
}

func remove(tx *store.Tx, s *Status) error {
	return store.Changed(tx.Exec("DELETE FROM statuses WHERE id = ? AND version = ?", s.ID, s.Version))
}
