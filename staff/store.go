package staff

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
)

// takeTurn makes this transaction wait for the one before it that took the same
// turn.
func takeTurn(tx *store.Tx, name string) error { return tx.TakeTurn("staff_turns", name) }

// turnOf returns how often a turn was taken.
func turnOf(tx *store.Tx, name string) (turn int64, err error) {
	err = tx.Get(&turn, "SELECT turn FROM staff_turns WHERE name = ?", name)
	if errors.Is(err, store.ErrNone) {
		err = nil
	}
	return turn, err
}

// ---- departments

type departmentRow struct {
	ID        int64  `db:"id"`
	Name      string `db:"name"`
	ParentID  int64  `db:"parent_id"`
	HeadID    int64  `db:"head_id"`
	Kind      string `db:"kind"`
	Version   int64  `db:"version"`
	CreatedAt int64  `db:"created_at"`
	UpdatedAt int64  `db:"updated_at"`
}

func departmentRows(tx *store.Tx) ([]*Department, error) {
	var rows []departmentRow
	if err := tx.Select(&rows,
		"SELECT id, name, parent_id, head_id, kind, version, created_at, updated_at FROM departments ORDER BY id"); err != nil {
		return nil, err
	}
	list := make([]*Department, len(rows))
	for i, r := range rows {
		list[i] = &Department{ID: r.ID, Name: r.Name, ParentID: r.ParentID, HeadID: r.HeadID,
			Kind: DepartmentKind(r.Kind), Version: r.Version, CreatedAt: store.Time(r.CreatedAt),
			UpdatedAt: store.Time(r.UpdatedAt)}
	}
	return list, nil
}

func insertDepartment(tx *store.Tx, d *Department) (int64, error) {
	now := store.Millis(tx.Now())
	return tx.Insert("INSERT INTO departments (name, parent_id, head_id, kind, version, created_at, updated_at) VALUES (?, ?, ?, ?, 1, ?, ?)",
		d.Name, d.ParentID, d.HeadID, string(d.Kind), now, now)
}

func updateDepartment(tx *store.Tx, d *Department) error {
	return store.Changed(tx.Exec("UPDATE departments SET name = ?, parent_id = ?, head_id = ?, kind = ?, version = version + 1, updated_at = ? WHERE id = ? AND version = ?",
		d.Name, d.ParentID, d.HeadID, string(d.Kind), store.Millis(tx.Now()), d.ID, d.Version))
}

func removeDepartment(tx *store.Tx, id int64) error {
	_, err := tx.Exec("DELETE FROM departments WHERE id = ?", id)
	return err
}

// ---- users

type userRow struct {
	ID           int64  `db:"id"`
	Login        string `db:"login"`
	Name         string `db:"name"`
	Roles        string `db:"roles"` // agent,admin
	DepartmentID int64  `db:"department_id"`
	Language     string `db:"language"`
	Active       bool   `db:"active"`
	DismissedAt  int64  `db:"dismissed_at"`
	Version      int64  `db:"version"`
	CreatedAt    int64  `db:"created_at"`
	UpdatedAt    int64  `db:"updated_at"`
}

func userRows(tx *store.Tx) ([]*User, error) {
	var rows []userRow
	if err := tx.Select(&rows, `SELECT id, login, name, roles, department_id, language, active, dismissed_at, version, created_at, updated_at
		FROM users ORDER BY id`); err != nil {
		return nil, err
	}
	list := make([]*User, len(rows))
	for i, r := range rows {
		list[i] = &User{ID: r.ID, Login: r.Login, Name: r.Name, Roles: rolesOf(r.Roles), DepartmentID: r.DepartmentID,
			Extensions: []string{}, Phones: []string{}, Language: r.Language, Active: r.Active, Version: r.Version,
			CreatedAt: store.Time(r.CreatedAt), UpdatedAt: store.Time(r.UpdatedAt)}
		if r.DismissedAt != 0 {
			at := store.Time(r.DismissedAt)
			list[i].DismissedAt = &at
		}
	}
	return list, nil
}

func insertUser(tx *store.Tx, u *User, passwordHash string) (int64, error) {
	now := store.Millis(tx.Now())
	id, fresh, err := tx.InsertNew(`INSERT INTO users (login, name, roles, department_id, language, active, dismissed_at, password, version, created_at, updated_at)
		VALUES (?, ?, ?, ?, ?, 1, 0, ?, 1, ?, ?)`, u.Login, u.Name, rolesText(u.Roles), u.DepartmentID, u.Language, passwordHash, now, now)
	if err == nil && !fresh {
		return 0, fault.Taken("login", "login_taken")
	}
	return id, err
}

func updateUser(tx *store.Tx, u *User) error {
	dismissed := int64(0)
	if u.DismissedAt != nil {
		dismissed = store.Millis(*u.DismissedAt)
	}
	rows, err := tx.Exec(`UPDATE users SET login = ?, name = ?, roles = ?, department_id = ?, language = ?, active = ?, dismissed_at = ?,
		version = version + 1, updated_at = ? WHERE id = ? AND version = ?`,
		u.Login, u.Name, rolesText(u.Roles), u.DepartmentID, u.Language, u.Active, dismissed, store.Millis(tx.Now()),
		u.ID, u.Version)
	if tx.Duplicate(err) {
		return fault.Taken("login", "login_taken")
	}
	return store.Changed(rows, err)
}

// passwordOf returns the hash of a user's password, "" if he has none.
func passwordOf(tx *store.Tx, user int64) (hash string, err error) {
	err = tx.Find("user", &hash, "SELECT password FROM users WHERE id = ?", user)
	return hash, err
}

func updatePassword(tx *store.Tx, user int64, hash string) error {
	_, err := tx.Exec("UPDATE users SET password = ? WHERE id = ?", hash, user)
	return err
}

func rolesOf(text string) access.Roles {
	roles := access.Roles{}
	for role := range strings.SplitSeq(text, ",") {
		if role != "" {
			roles = append(roles, access.Role(role))
		}
	}
	return roles
}

func rolesText(roles access.Roles) string {
	names := make([]string, len(roles))
	for i, role := range roles {
		names[i] = string(role)
	}
	return strings.Join(names, ",")
}

// phoneRow is an own phone of a user.
type phoneRow struct {
	UserID int64 `db:"user_id"`
	Key    int64 `db:"number_key"`
}

func phoneRows(tx *store.Tx) (rows []phoneRow, err error) {
	err = tx.Select(&rows, "SELECT user_id, number_key FROM user_phones ORDER BY user_id, place")
	return rows, err
}

// setPhones makes the own phones of a user those of a list, which is in E.164.
func setPhones(tx *store.Tx, user int64, phones []string) error {
	if _, err := tx.Exec("DELETE FROM user_phones WHERE user_id = ?", user); err != nil {
		return err
	}
	for place, e164 := range phones {
		key, err := strconv.ParseInt(strings.TrimPrefix(e164, "+"), 10, 64)
		if err != nil {
			return err
		}
		if _, err := tx.Exec("INSERT INTO user_phones (user_id, place, number_key) VALUES (?, ?, ?)", user, place, key); err != nil {
			return err
		}
	}
	return nil
}

// ---- identities and deputies

type identityRow struct {
	ID        int64  `db:"id"`
	Source    string `db:"source"`
	Value     string `db:"value"`
	UserID    int64  `db:"user_id"`
	CreatedAt int64  `db:"created_at"`
}

func identityRows(tx *store.Tx) ([]Identity, error) {
	var rows []identityRow
	err := tx.Select(&rows, "SELECT id, source, value, user_id, created_at FROM identities ORDER BY id")
	return identities(rows), err
}

func identitiesOf(tx *store.Tx, user int64) ([]Identity, error) {
	var rows []identityRow
	err := tx.Select(&rows,
		"SELECT id, source, value, user_id, created_at FROM identities WHERE user_id = ? ORDER BY id", user)
	return identities(rows), err
}

func identities(rows []identityRow) []Identity {
	list := make([]Identity, len(rows))
	for i, r := range rows {
		list[i] = Identity{r.ID, r.Source, r.Value, r.UserID, store.Time(r.CreatedAt)}
	}
	return list
}

func insertIdentity(tx *store.Tx, i Identity) (int64, error) {
	id, fresh, err := tx.InsertNew("INSERT INTO identities (source, value, user_id, created_at) VALUES (?, ?, ?, ?)",
		i.Source, i.Value, i.UserID, store.Millis(i.CreatedAt))
	if err == nil && !fresh {
		return 0, fault.Taken("value", "identity_taken").With("value", i.Value)
	}
	return id, err
}

func removeIdentity(tx *store.Tx, source, value string) error {
	_, err := tx.Exec("DELETE FROM identities WHERE source = ? AND value = ?", source, value)
	return err
}

type deputyRow struct {
	ID        int64 `db:"id"`
	UserID    int64 `db:"user_id"`
	DeputyID  int64 `db:"deputy_id"`
	FromAt    int64 `db:"from_at"`
	TillAt    int64 `db:"till_at"`
	CreatedAt int64 `db:"created_at"`
}

func deputyRows(tx *store.Tx) ([]Deputy, error) {
	var rows []deputyRow
	if err := tx.Select(&rows,
		"SELECT id, user_id, deputy_id, from_at, till_at, created_at FROM deputies ORDER BY id"); err != nil {
		return nil, err
	}
	list := make([]Deputy, len(rows))
	for i, r := range rows {
		list[i] = Deputy{r.ID, r.UserID, r.DeputyID, store.Time(r.FromAt), store.Time(r.TillAt),
			store.Time(r.CreatedAt)}
	}
	return list, nil
}

func insertDeputy(tx *store.Tx, d *Deputy) (int64, error) {
	return tx.Insert("INSERT INTO deputies (user_id, deputy_id, from_at, till_at, created_at) VALUES (?, ?, ?, ?, ?)",
		d.UserID, d.DeputyID, store.Millis(d.From), store.Millis(d.Until), store.Millis(d.CreatedAt))
}

func removeDeputy(tx *store.Tx, id int64) error {
	_, err := tx.Exec("DELETE FROM deputies WHERE id = ?", id)
	return err
}

// ---- keys: sessions, tokens, links, tickets

type keyKind string

const (
	anyKey     keyKind = "%"
	sessionKey keyKind = "session"
	tokenKey   keyKind = "token"
	linkKey    keyKind = "link"
	ticketKey  keyKind = "ticket"
)

type keyRow struct {
	ID        int64  `db:"id"`
	UserID    int64  `db:"user_id"`
	Name      string `db:"name"`
	CreatedAt int64  `db:"created_at"`
	ExpiresAt int64  `db:"expires_at"` // 0: never
}

func insertKey(tx *store.Tx, kind keyKind, hash string, user int64, name string, expires time.Time) (int64, error) {
	return tx.Insert("INSERT INTO keys_of_users (kind, hash, user_id, name, created_at, expires_at, used_at) VALUES (?, ?, ?, ?, ?, ?, 0)",
		string(kind), hash, user, name, store.Millis(tx.Now()), store.Millis(expires))
}

// keyByHash finds a key that has not run out and was not used up.
func keyByHash(tx *store.Tx, kind keyKind, hash string) (key keyRow, err error) {
	err = tx.Get(&key, `SELECT id, user_id, name, created_at, expires_at FROM keys_of_users
		WHERE hash = ? AND kind = ? AND used_at = 0 AND (expires_at = 0 OR expires_at > ?)`, hash, string(kind), store.Millis(tx.Now()))
	return key, err
}

// useKey uses a key up: true for the first one only, the one who else tries.
func useKey(tx *store.Tx, id int64) (bool, error) {
	rows, err := tx.Exec("UPDATE keys_of_users SET used_at = ? WHERE id = ? AND used_at = 0",
		store.Millis(tx.Now()), id)
	return rows == 1, err
}

func tokensOf(tx *store.Tx, user int64) (rows []keyRow, err error) {
	err = tx.Select(&rows,
		"SELECT id, user_id, name, created_at, expires_at FROM keys_of_users WHERE user_id = ? AND kind = ? ORDER BY id", user, string(tokenKey))
	return rows, err
}

func keyByID(tx *store.Tx, kind keyKind, id int64) (key keyRow, err error) {
	err = tx.Find(string(kind), &key,
		"SELECT id, user_id, name, created_at, expires_at FROM keys_of_users WHERE id = ? AND kind = ?",
		id, string(kind))
	return key, err
}

func removeKey(tx *store.Tx, id int64) error {
	_, err := tx.Exec("DELETE FROM keys_of_users WHERE id = ?", id)
	return err
}

func removeKeys(tx *store.Tx, user int64, kind keyKind) error {
	_, err := tx.Exec("DELETE FROM keys_of_users WHERE user_id = ? AND kind LIKE ?", user, string(kind))
	return err
}

func sweepKeys(tx *store.Tx, before time.Time) error {
	_, err := tx.Exec("DELETE FROM keys_of_users WHERE expires_at > 0 AND expires_at < ?", store.Millis(before))
	return err
}
