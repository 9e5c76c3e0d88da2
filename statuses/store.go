package statuses

import (
	"callhue/rules"
	"callhue/store"
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
