package staff

import (
	"errors"
	"strconv"
	"strings"

	"callhue/internal/access"
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

// The tables of the organisation. Users have more columns than people see of them: userRow.
var (
	departments = store.NewTable[Department]("departments", "department")
	users       = store.NewTable[userRow]("users", "user").Unique("login", "login_taken")
	identities  = store.NewTable[Identity]("identities", "identity").Unique("value", "identity_taken")
	deputies    = store.NewTable[Deputy]("deputies", "deputy")
	keys        = store.NewTable[keyRow]("keys_of_users", "token")
)

// byID is the order in which rows were added.
func byID() store.Order { return store.By("id") }

// readOrg reads the whole organisation.
func readOrg(tx *store.Tx) (*Org, error) {
	parts := orgParts{}
	var err error
	if parts.departments, err = departments.List(tx, store.Where{}, byID()); err != nil {
		return nil, err
	}
	rows, err := users.List(tx, store.Where{}, byID())
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		parts.users = append(parts.users, row.user())
	}
	if parts.identities, err = identities.List(tx, store.Where{}, byID()); err != nil {
		return nil, err
	}
	list, err := deputies.List(tx, store.Where{}, byID())
	if err != nil {
		return nil, err
	}
	for _, d := range list {
		parts.deputies = append(parts.deputies, *d)
	}
	if parts.phones, err = phoneRows(tx); err != nil {
		return nil, err
	}
	return newOrg(parts), nil
}

// userRow is a user as they are stored.
type userRow struct {
	User
	RolesText string `db:"roles"`         // agent,admin
	Password  string `db:"password,once"` // the hash, "" without a password
}

// user returns the row as people see it, without extensions and phones, which are rows of other tables.
func (r *userRow) user() *User {
	u := r.User
	u.Roles, u.Extensions, u.Phones = rolesOf(r.RolesText), []string{}, []string{}
	return &u
}

func insertUser(tx *store.Tx, u *User, passwordHash string) error {
	row := userRow{*u, rolesText(u.Roles), passwordHash}
	if err := users.Insert(tx, &row); err != nil {
		return err
	}
	*u = row.User
	return nil
}

func updateUser(tx *store.Tx, u *User) error {
	row := userRow{User: *u, RolesText: rolesText(u.Roles)}
	if err := users.Update(tx, &row); err != nil {
		return err
	}
	*u = row.User
	return nil
}

// passwordOf returns the hash of a user's password, "" without one.
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
		_, err = tx.Exec("INSERT INTO user_phones (user_id, place, number_key) VALUES (?, ?, ?)", user, place, key)
		if err != nil {
			return err
		}
	}
	return nil
}

// identitiesOf returns what a user is called, in the order in which it was added.
func identitiesOf(tx *store.Tx, user int64) ([]*Identity, error) {
	return identities.List(tx, store.Equal("user_id", user), byID())
}

// keyKind is what a key opens.
type keyKind string

const (
	anyKey     keyKind = ""
	sessionKey keyKind = "session"
	tokenKey   keyKind = "token"
	linkKey    keyKind = "link"
	ticketKey  keyKind = "ticket"
	passKey    keyKind = "pass"
)

// keyRow is a secret that a user signs in with, as it is stored.
type keyRow struct {
	ID        int64        `db:"id"`
	Kind      keyKind      `db:"kind,once"`
	Hash      string       `db:"hash,once"`
	UserID    int64        `db:"user_id,once"`
	Name      string       `db:"name,once"` // of a token; of a ticket or pass the id of its parent
	CreatedAt store.Moment `db:"created_at"`
	ExpiresAt store.Moment `db:"expires_at,once"` // 0: never
	UsedAt    store.Moment `db:"used_at"`
	Scope     access.Scope `db:"scope,once"` // of a token
	SeenAt    store.Moment `db:"seen_at,once"`
	Address   string       `db:"address,once"`
	Device    string       `db:"device,once"`
}

// findKey returns a key that has not run out and was not used up; nil when there is none.
func findKey(tx *store.Tx, kind keyKind, hash string) (*keyRow, error) {
	return keys.First(tx, store.Equal("hash", hash).And(store.Equal("kind", kind), validKey(tx)))
}

// findKeyByID returns a key of a user that has not run out and was not used up; nil when there is none.
func findKeyByID(tx *store.Tx, user, id int64) (*keyRow, error) {
	return keys.First(tx, store.Equal("id", id).And(store.Equal("user_id", user), validKey(tx)))
}

func validKey(tx *store.Tx) store.Where {
	return store.Condition("used_at = 0 AND (expires_at = 0 OR expires_at > ?)", store.MomentOf(tx.Now()))
}

// useKey uses a key up; false means that someone else has.
func useKey(tx *store.Tx, id int64) (bool, error) {
	found, err := tx.Exec("UPDATE keys_of_users SET used_at = ? WHERE id = ? AND used_at = 0",
		store.MomentOf(tx.Now()), id)
	return found == 1, err
}

// tokensOf holds for the API tokens of a user.
func tokensOf(user int64) store.Where {
	return store.Equal("user_id", user).And(store.Equal("kind", tokenKey))
}

// sessionsOf holds for the sessions of a user.
func sessionsOf(user int64) store.Where {
	return store.Equal("user_id", user).And(store.Equal("kind", sessionKey))
}

// updateSeen stores when sessions were used last.
func updateSeen(tx *store.Tx, sessions []int64, at store.Moment) error {
	text, args := store.In("id", sessions).And(store.Below("seen_at", at)).Clause()
	_, err := tx.Exec("UPDATE keys_of_users SET seen_at = ?"+text, append([]any{at}, args...)...)
	return err
}

// removeKeys removes the keys of a user, all of them or those of a kind.
func removeKeys(tx *store.Tx, user int64, kind keyKind) error {
	_, err := keys.RemoveAll(tx, store.Equal("user_id", user).And(store.Given("kind", kind)))
	return err
}

// removeOldKeys removes the keys that ran out before a moment.
func removeOldKeys(tx *store.Tx, before store.Moment) error {
	_, err := keys.RemoveAll(tx, store.NotEqual("expires_at", 0).And(store.Below("expires_at", before)))
	return err
}
