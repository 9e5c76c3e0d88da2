package kpi

import (
	"encoding/json"
	"errors"
	"fmt"

	"callhue/internal/store"
	"callhue/journal"
	"callhue/staff"
)

type profileRow struct {
	ID        int64  `db:"id"`
	Name      string `db:"name"`
	Version   int64  `db:"version"`
	CreatedAt int64  `db:"created_at"`
	UpdatedAt int64  `db:"updated_at"`
	Terms     string `db:"terms"`
}

const profileSelect = `SELECT p.id, p.name, p.version, p.created_at, p.updated_at, v.terms FROM kpi_profiles p
	JOIN kpi_profile_versions v ON v.profile_id = p.id AND v.version = p.version`

func profileRows(tx *store.Tx) (rows []profileRow, err error) {
	err = tx.Select(&rows, profileSelect+" ORDER BY p.name")
	return rows, err
}

func profileByID(tx *store.Tx, id int64) (row profileRow, err error) {
	err = tx.Find("kpi_profile", &row, profileSelect+" WHERE p.id = ?", id)
	return row, err
}

func termsOf(text string) (t Terms, err error) {
	if err = json.Unmarshal([]byte(text), &t); err != nil {
		err = fmt.Errorf("terms of a profile: %w", err)
	}
	return t, err
}

func (r profileRow) profile(org *staff.Org, holders []holderRow) (Profile, error) {
	terms, err := termsOf(r.Terms)
	p := Profile{ID: r.ID, Terms: terms, Holders: []Holder{}, Version: r.Version, CreatedAt: store.Time(r.CreatedAt),
		UpdatedAt: store.Time(r.UpdatedAt)}
	for _, h := range holders {
		if h.ProfileID != r.ID {
			continue
		}
		of := Holder{User: personOf(org, h.UserID)}
		if base := h.Base; base >= 0 {
			of.Base = &base
		}
		p.Holders = append(p.Holders, of)
	}
	return p, err
}

func insertProfile(tx *store.Tx, name string) (id int64, fresh bool, err error) {
	now := store.Millis(tx.Now())
	return tx.InsertNew("INSERT INTO kpi_profiles (name, version, created_at, updated_at) VALUES (?, 1, ?, ?)", name,
		now, now)
}

func updateProfile(tx *store.Tx, id int64, name string, version int64) (int64, error) {
	return tx.Exec("UPDATE kpi_profiles SET name = ?, version = version + 1, updated_at = ? WHERE id = ? AND version = ?",
		name, store.Millis(tx.Now()), id, version)
}

func deleteProfile(tx *store.Tx, id int64) error {
	if _, err := tx.Exec("DELETE FROM kpi_profile_versions WHERE profile_id = ?", id); err != nil {
		return err
	}
	_, err := tx.Exec("DELETE FROM kpi_profiles WHERE id = ?", id)
	return err
}

type versionRow struct {
	Version int64  `db:"version"`
	Terms   string `db:"terms"`
	At      int64  `db:"at"`
	ByID    int64  `db:"by_id"`
}

func insertVersion(tx *store.Tx, profile, version int64, t Terms, by int64) error {
	_, err := tx.Exec("INSERT INTO kpi_profile_versions (profile_id, version, terms, at, by_id) VALUES (?, ?, ?, ?, ?)",
		profile, version, string(journal.Details(t)), store.Millis(tx.Now()), by)
	return err
}

func versionRows(tx *store.Tx, profile int64) (rows []versionRow, err error) {
	err = tx.Select(&rows,
		"SELECT version, terms, at, by_id FROM kpi_profile_versions WHERE profile_id = ? ORDER BY version DESC",
		profile)
	return rows, err
}

type holderRow struct {
	UserID    int64 `db:"user_id"`
	ProfileID int64 `db:"profile_id"`
	Base      int64 `db:"base"` // -1: the profile's
}

func holderRows(tx *store.Tx) (rows []holderRow, err error) {
	err = tx.Select(&rows, "SELECT user_id, profile_id, base FROM kpi_holders ORDER BY user_id")
	return rows, err
}

// holderOf returns the profile that a user is measured by, 0 for none.
func holderOf(tx *store.Tx, user int64) (profile int64, err error) {
	err = tx.Get(&profile, "SELECT profile_id FROM kpi_holders WHERE user_id = ?", user)
	if errors.Is(err, store.ErrNone) {
		err = nil
	}
	return profile, err
}

func putHolder(tx *store.Tx, user, profile, base int64) error {
	return tx.Upsert("kpi_holders", []store.Column{{Name: "user_id", Value: user}},
		[]store.Column{{Name: "profile_id", Value: profile}, {Name: "base", Value: base}})
}

func deleteHolder(tx *store.Tx, user, profile int64) (int64, error) {
	return tx.Exec("DELETE FROM kpi_holders WHERE user_id = ? AND profile_id = ?", user, profile)
}

type factRow struct {
	UserID    int64  `db:"user_id"`
	Indicator string `db:"indicator"`
	Value     int64  `db:"value"`
	Version   int64  `db:"version"`
}

func factRows(tx *store.Tx, month Month) (rows []factRow, err error) {
	err = tx.Select(&rows, "SELECT user_id, indicator, value, version FROM kpi_facts WHERE month = ?", string(month))
	return rows, err
}

// putFact writes a fact over one of this version (0: over none) and returns how many
// rows were found.
func putFact(tx *store.Tx, month Month, f factRow, by int64) (int64, error) {
	now := store.Millis(tx.Now())
	if f.Version == 0 {
		_, fresh, err := tx.InsertNew(`INSERT INTO kpi_facts (month, user_id, indicator, value, version, at, by_id)
			VALUES (?, ?, ?, ?, 1, ?, ?)`, string(month), f.UserID, f.Indicator, f.Value, now, by)
		if fresh {
			return 1, err
		}
		return 0, err
	}
	return tx.Exec(`UPDATE kpi_facts SET value = ?, version = version + 1, at = ?, by_id = ?
		WHERE month = ? AND user_id = ? AND indicator = ? AND version = ?`,
		f.Value, now, by, string(month), f.UserID, f.Indicator, f.Version)
}

type monthRow struct {
	Month    string `db:"month"`
	ClosedAt int64  `db:"closed_at"`
	ClosedBy int64  `db:"closed_by"`
}

// closedMonth returns a month's closing, or one without a time.
func closedMonth(tx *store.Tx, month Month) (row monthRow, err error) {
	err = tx.Get(&row, "SELECT month, closed_at, closed_by FROM kpi_months WHERE month = ?", string(month))
	if errors.Is(err, store.ErrNone) {
		return monthRow{}, nil
	}
	return row, err
}

func closedMonths(tx *store.Tx) (rows []monthRow, err error) {
	err = tx.Select(&rows, "SELECT month, closed_at, closed_by FROM kpi_months ORDER BY month DESC")
	return rows, err
}

// openMonths returns the months that have facts or calculations.
func openMonths(tx *store.Tx) (months []string, err error) {
	err = tx.Select(&months, "SELECT month FROM kpi_facts UNION SELECT month FROM kpi_results")
	return months, err
}

func insertMonth(tx *store.Tx, month Month, by int64) error {
	_, err := tx.Exec("INSERT INTO kpi_months (month, closed_at, closed_by) VALUES (?, ?, ?)", string(month),
		store.Millis(tx.Now()), by)
	return err
}

type resultRow struct {
	UserID   int64  `db:"user_id"`
	Revision int64  `db:"revision"`
	At       int64  `db:"at"`
	ByID     int64  `db:"by_id"`
	Closes   bool   `db:"closes"`
	Content  string `db:"content"`
}

// lastResults returns the newest calculation of each user.
func lastResults(tx *store.Tx, month Month) (rows []resultRow, err error) {
	err = tx.Select(&rows, `SELECT user_id, revision, at, by_id, closes, content FROM kpi_results r WHERE month = ?
		AND revision = (SELECT MAX(revision) FROM kpi_results n WHERE n.month = r.month AND n.user_id = r.user_id)
		ORDER BY user_id`, string(month))
	return rows, err
}

// finalResults returns the calculations that a month was closed with.
func finalResults(tx *store.Tx, month Month) (rows []resultRow, err error) {
	err = tx.Select(&rows, `SELECT user_id, revision, at, by_id, closes, content FROM kpi_results
		WHERE month = ? AND closes = 1 ORDER BY user_id`, string(month))
	return rows, err
}

// resultsOf returns every calculation of a user's month, newest first.
func resultsOf(tx *store.Tx, month Month, user int64) (rows []resultRow, err error) {
	err = tx.Select(&rows, `SELECT user_id, revision, at, by_id, closes, content FROM kpi_results
		WHERE month = ? AND user_id = ? ORDER BY revision DESC`, string(month), user)
	return rows, err
}

func insertResult(tx *store.Tx, month Month, r resultRow) error {
	_, err := tx.Exec(`INSERT INTO kpi_results (month, user_id, revision, at, by_id, closes, content)
		VALUES (?, ?, ?, ?, ?, ?, ?)`, string(month), r.UserID, r.Revision, r.At, r.ByID, r.Closes, r.Content)
	return err
}
