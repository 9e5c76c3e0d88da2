package sources

import (
	"context"

	"encoding/json"
	"fmt"

	"callhue/internal/store"
)

type sourceRow struct {
	ID        int64  `db:"id"`
	Name      string `db:"name"`
	Dialect   string `db:"dialect"`
	Secrets   string `db:"secrets"`
	Settings  string `db:"settings"`
	Country   string `db:"country"`
	Area      string `db:"area"`
	Active    bool   `db:"active"`
	Version   int64  `db:"version"`
	CreatedAt int64  `db:"created_at"`
	UpdatedAt int64  `db:"updated_at"`
}

const sourceColumns = "id, name, dialect, secrets, settings, country, area, active, version, created_at, updated_at"

func (r sourceRow) source() (Source, error) {
	s := Source{ID: r.ID, Name: r.Name, Dialect: r.Dialect, Settings: map[string]string{}, Country: r.Country, Area: r.Area,
		Active: r.Active, Version: r.Version, CreatedAt: store.Time(r.CreatedAt), UpdatedAt: store.Time(r.UpdatedAt)}
	if err := json.Unmarshal([]byte(r.Settings), &s.Settings); err != nil {
		return Source{}, fmt.Errorf("settings of source %d: %w", r.ID, err)
	}
	return s, nil
}

func settingsText(s Source) (string, error) {
	raw, err := json.Marshal(s.Settings)
	return string(raw), err
}

func sourceRows(tx *store.Tx) (rows []sourceRow, err error) {
	err = tx.Select(&rows, "SELECT "+sourceColumns+" FROM sources ORDER BY name")
	return rows, err
}

func sourceByID(tx *store.Tx, id int64) (row sourceRow, err error) {
	err = tx.Find("source", &row, "SELECT "+sourceColumns+" FROM sources WHERE id = ?", id)
	return row, err
}

func insertSource(tx *store.Tx, s Source, sealed string) (id int64, fresh bool, err error) {
	settings, err := settingsText(s)
	if err != nil {
		return 0, false, err
	}
	return tx.InsertNew(`INSERT INTO sources
			(name, dialect, secrets, settings, country, area, active, version, created_at, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, s.Name, s.Dialect, sealed, settings, s.Country, s.Area, s.Active, s.Version,
		store.Millis(s.CreatedAt), store.Millis(s.UpdatedAt))
}

// updateSource changes the row of a version and returns how many were found.
func updateSource(tx *store.Tx, s Source, sealed string, version int64) (int64, error) {
	settings, err := settingsText(s)
	if err != nil {
		return 0, err
	}
	return tx.Exec(`UPDATE sources
		SET secrets = ?, settings = ?, country = ?, area = ?, active = ?, version = version + 1, updated_at = ?
		WHERE id = ? AND version = ?`, sealed, settings, s.Country, s.Area, s.Active, store.Millis(tx.Now()), s.ID, version)
}

func deleteSource(tx *store.Tx, id int64) error {
	_, err := tx.Exec("DELETE FROM sources WHERE id = ?", id)
	return err
}

// AnySealed reports whether a database holds secrets that are sealed.
func AnySealed(ctx context.Context, db *store.DB) (bool, error) {
	var n int
	err := db.Read(ctx).Get(&n, "SELECT (SELECT COUNT(*) FROM sources) + (SELECT COUNT(*) FROM hooks_out)")
	return n > 0, err
}
