package webhooks

import (
	"context"

	"encoding/json"
	"errors"
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
	return tx.InsertNew(`INSERT INTO sources (name, dialect, secrets, settings, country, area, active, version, created_at, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, s.Name, s.Dialect, sealed, settings, s.Country, s.Area, s.Active, s.Version,
		store.Millis(s.CreatedAt), store.Millis(s.UpdatedAt))
}

// updateSource changes the row of this version and gives how many were found.
func updateSource(tx *store.Tx, s Source, sealed string, version int64) (int64, error) {
	settings, err := settingsText(s)
	if err != nil {
		return 0, err
	}
	return tx.Exec(`UPDATE sources SET secrets = ?, settings = ?, country = ?, area = ?, active = ?, version = version + 1, updated_at = ?
		WHERE id = ? AND version = ?`, sealed, settings, s.Country, s.Area, s.Active, store.Millis(tx.Now()), s.ID, version)
}

func deleteSource(tx *store.Tx, id int64) error {
	if _, err := tx.Exec("DELETE FROM source_log WHERE source_id = ?", id); err != nil {
		return err
	}
	if err := forgetConsents(tx, id); err != nil {
		return err
	}
	if err := deleteCounts(tx, id); err != nil {
		return err
	}
	_, err := tx.Exec("DELETE FROM sources WHERE id = ?", id)
	return err
}

type logRow struct {
	ID         int64  `db:"id"`
	At         int64  `db:"at"`
	Status     int    `db:"status"`
	Refused    string `db:"refused"`
	Understood string `db:"understood"`
	Request    string `db:"request"`
}

// insertLog writes a line of a source's log, unless the source is gone.
func insertLog(tx *store.Tx, source int64, row logRow) error {
	_, err := tx.Exec(`INSERT INTO source_log (source_id, at, status, refused, understood, request)
		SELECT id, ?, ?, ?, ?, ? FROM sources WHERE id = ?`, row.At, row.Status, row.Refused, row.Understood, row.Request, source)
	return err
}

// trimLog forgets all but the newest lines of a source.
func trimLog(tx *store.Tx, source int64, keep int) error {
	var oldest int64
	err := tx.Get(&oldest, "SELECT id FROM source_log WHERE source_id = ? ORDER BY id DESC LIMIT 1 OFFSET ?", source, keep-1)
	if errors.Is(err, store.ErrNone) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = tx.Exec("DELETE FROM source_log WHERE source_id = ? AND id < ?", source, oldest)
	return err
}

func logRows(tx *store.Tx, source int64, limit int) (rows []logRow, err error) {
	err = tx.Select(&rows, `SELECT id, at, status, refused, understood, request FROM source_log
		WHERE source_id = ? ORDER BY id DESC LIMIT ?`, source, limit)
	return rows, err
}

// AnySealed says whether a database holds secrets that were sealed already.
func AnySealed(ctx context.Context, db *store.DB) (bool, error) {
	var n int
	err := db.Read(ctx).Get(&n, "SELECT (SELECT COUNT(*) FROM sources) + (SELECT COUNT(*) FROM hooks_out)")
	return n > 0, err
}

// sourceLogRow is a line of any source's log.
type sourceLogRow struct {
	Source int64 `db:"source_id"`
	logRow
}

// wholeLog gives the log lines of all sources: each keeps only its newest.
func wholeLog(tx *store.Tx) (rows []sourceLogRow, err error) {
	err = tx.Select(&rows, "SELECT source_id, id, at, status, refused, understood, request FROM source_log ORDER BY id")
	return rows, err
}

func removeLog(tx *store.Tx, id int64) error {
	_, err := tx.Exec("DELETE FROM source_log WHERE id = ?", id)
	return err
}
