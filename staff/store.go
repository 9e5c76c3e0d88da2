package staff

import (
	"strings"

	"callhue/store"
	"callhue/web"
)

// takeTurn makes this transaction wait for the one before it that took the same
// turn, until that one has ended. It writes a row because locks that write
// nothing do not hold across the nodes of a cluster.
func takeTurn(tx *store.Tx, name string) error {
	const next = "UPDATE staff_turns SET turn = turn + 1 WHERE name = ?"
	found, err := tx.Exec(next, name)
	if err != nil || found > 0 {
		return err
	}
	_, fresh, err := tx.InsertNew("INSERT INTO staff_turns (name, turn) VALUES (?, 1)", name)
	if err == nil && !fresh { // somebody else took the very first turn
		_, err = tx.Exec(next, name)
	}
	return err
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
	if err := tx.Select(&rows, "SELECT id, name, parent_id, head_id, kind, version, created_at, updated_at FROM departments ORDER BY id"); err != nil {
		return nil, err
	}
	list := make([]*Department, len(rows))
	for i, r := range rows {
		list[i] = &Department{ID: r.ID, Name: r.Name, ParentID: r.ParentID, HeadID: r.HeadID, Kind: DepartmentKind(r.Kind),
			Version: r.Version, CreatedAt: store.Time(r.CreatedAt), UpdatedAt: store.Time(r.UpdatedAt)}
	}
	return list, nil
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
			Extensions: []string{}, Language: r.Language, Active: r.Active, Version: r.Version,
			CreatedAt: store.Time(r.CreatedAt), UpdatedAt: store.Time(r.UpdatedAt)}
		if r.DismissedAt != 0 {
			at := store.Time(r.DismissedAt)
			list[i].DismissedAt = &at
		}
	}
	return list, nil
}

func rolesOf(text string) web.Roles {
	roles := web.Roles{}
	for role := range strings.SplitSeq(text, ",") {
		if role != "" {
			roles = append(roles, web.Role(role))
		}
	}
	return roles
}

func rolesText(roles web.Roles) string {
	names := make([]string, len(roles))
	for i, role := range roles {
		names[i] = string(role)
	}
	return strings.Join(names, ",")
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
	if err := tx.Select(&rows, "SELECT id, source, value, user_id, created_at FROM identities ORDER BY id"); err != nil {
		return nil, err
	}
	list := make([]Identity, len(rows))
	for i, r := range rows {
		list[i] = Identity{r.ID, r.Source, r.Value, r.UserID, store.Time(r.CreatedAt)}
	}
	return list, nil
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
	if err := tx.Select(&rows, "SELECT id, user_id, deputy_id, from_at, till_at, created_at FROM deputies ORDER BY id"); err != nil {
		return nil, err
	}
	list := make([]Deputy, len(rows))
	for i, r := range rows {
		list[i] = Deputy{r.ID, r.UserID, r.DeputyID, store.Time(r.FromAt), store.Time(r.TillAt), store.Time(r.CreatedAt)}
	}
	return list, nil
}
