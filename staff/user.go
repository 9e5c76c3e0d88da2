package staff

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/text"
	"callhue/journal"
)

// User is one of us.
type User struct {
	ID           int64        `json:"id"`
	Login        string       `json:"login"` // lower case
	Name         string       `json:"name"`
	Roles        access.Roles `json:"roles"`
	DepartmentID int64        `json:"department_id"` // 0 for none
	Extension    string       `json:"extension"`     // the first of Extensions, "" without one
	Extensions   []string     `json:"extensions"`    // they count in every source
	Phones       []string     `json:"phones"`        // his own phones, E.164: a call to one is to a colleague
	Language     string       `json:"language"`      // "ru" or "en"
	Active       bool         `json:"active"`
	DismissedAt  *time.Time   `json:"dismissed_at"`
	Version      int64        `json:"version"`
	CreatedAt    time.Time    `json:"created_at"`
	UpdatedAt    time.Time    `json:"updated_at"`
}

func (u *User) has(role access.Role) bool { return u != nil && slices.Contains(u.Roles, role) }

func (u *User) isAdmin() bool { return u.has(access.Admin) && u.Active }

// NewUser is what a user is made of. Language is Russian where it is empty;
// without a password he signs in by a one-time link. Extension is put before
// Extensions. Phones are his own phones in any spelling.
type NewUser struct {
	Login        string       `json:"login"`
	Name         string       `json:"name"`
	Roles        access.Roles `json:"roles"`
	DepartmentID int64        `json:"department_id"`
	Extension    string       `json:"extension"`
	Extensions   []string     `json:"extensions"`
	Phones       []string     `json:"phones"`
	Language     string       `json:"language"`
	Password     string       `json:"password"`
}

// UserChange is a change of a user; what is nil stays. Extension alone replaces
// all extensions by this one (or none); together with Extensions it is put
// before them.
type UserChange struct {
	Version      int64         `json:"version"`
	Login        *string       `json:"login"`
	Name         *string       `json:"name"`
	Roles        *access.Roles `json:"roles"`
	DepartmentID *int64        `json:"department_id"`
	Extension    *string       `json:"extension"`
	Extensions   *[]string     `json:"extensions"`
	Phones       *[]string     `json:"phones"`
	Language     *string       `json:"language"`
	Active       *bool         `json:"active"`
}

// AddUser adds a user. Faults: what is wrong with the fields; the conflicts
// "login_taken" and "identity_taken" (an extension).
func (r *Roster) AddUser(ctx context.Context, by int64, in NewUser) (*User, error) {
	hash := ""
	if passwordFault(in.Password) == "" {
		var err error
		if hash, err = r.door.hash(ctx, r.Random, in.Password); err != nil {
			return nil, err
		}
	}
	id := int64(0)
	err := r.change(ctx, by, func(tx *store.Tx, org *Org) error {
		u, err := r.read(in, org)
		if err != nil {
			return err
		}
		if id, err = insertUser(tx, u, hash); err != nil {
			return err
		}
		u.ID = id
		if err := r.record(tx, by, u, UserAdded, map[string]any{"login": u.Login, "name": u.Name, "roles": u.Roles,
			"department_id": u.DepartmentID, "language": u.Language, "phones": u.Phones}); err != nil {
			return err
		}
		if err := setPhones(tx, u.ID, u.Phones); err != nil {
			return err
		}
		return r.giveExtensions(tx, org, by, u, nil, u.Extensions)
	})
	if err != nil {
		return nil, err
	}
	return r.Find(ctx, id)
}

// read checks what a user is made of.
func (r *Roster) read(in NewUser, org *Org) (*User, error) {
	u := &User{Login: fold(in.Login), Name: text.Tidy(in.Name), Roles: in.Roles,
		DepartmentID: in.DepartmentID, Active: true, Language: in.Language,
		Extensions: extensionList(in.Extension, in.Extensions)}
	if u.Language == "" {
		u.Language = "ru"
	}
	wrong := u.check(org)
	u.Phones, wrong = phoneList(r.plan, in.Phones, wrong)
	if code := passwordFault(in.Password); in.Password != "" && code != "" {
		wrong = wrong.And("password", code)
	}
	return u, wrong.OrNil()
}

// Check returns what is wrong with the fields of a user that AddUser would refuse;
// whether his login and extensions are free it does not know.
func (r *Roster) Check(org *Org, in NewUser) error {
	_, err := r.read(in, org)
	return err
}

// Change changes a user. Faults: what is wrong with the fields, a missing user,
// the conflicts "stale_version", "login_taken", "identity_taken" and
// "last_admin" (no one would be left who can administer).
func (r *Roster) Change(ctx context.Context, by, id int64, in UserChange) (*User, error) {
	err := r.change(ctx, by, func(tx *store.Tx, org *Org) error {
		u := org.User(id)
		switch {
		case u == nil:
			return fault.Missing("user")
		case in.Version == 0:
			return fault.Invalid("version", "required")
		case in.Version != u.Version:
			return fault.Stale()
		}
		return r.changeUser(tx, org, by, u, in)
	})
	if err != nil {
		return nil, err
	}
	return r.Find(ctx, id)
}

// Disable dismisses a user: at once he is no one to sign-in, sessions, tokens
// and rights. What he owns stays his. To dismiss him twice changes nothing.
func (r *Roster) Disable(ctx context.Context, by, id int64) error {
	off := false
	return r.change(ctx, by, func(tx *store.Tx, org *Org) error {
		tx.Answer(nil)
		u := org.User(id)
		if u == nil {
			return fault.Missing("user")
		}
		return r.changeUser(tx, org, by, u, UserChange{Active: &off})
	})
}

// changeUser applies a change to a user of org, which was read in this very
// transaction.
func (r *Roster) changeUser(tx *store.Tx, org *Org, by int64, before *User, in UserChange) error {
	after, what := in.apply(before, tx.Now())
	wrong := after.check(org)
	if in.Phones != nil {
		var list []string
		list, wrong = phoneList(r.plan, *in.Phones, wrong)
		journal.SetList(what, "phones", &after.Phones, list)
	}
	if err := wrong.OrNil(); err != nil {
		return err
	}
	if before.isAdmin() && !after.isAdmin() && !slices.ContainsFunc(org.users,
		func(u *User) bool { return u.ID != before.ID && u.isAdmin() }) {
		return fault.Conflict("last_admin")
	}
	if len(what) == 0 {
		return nil
	}
	if err := updateUser(tx, after); err != nil {
		return err
	}
	if _, others := what["phones"]; others {
		if err := setPhones(tx, before.ID, after.Phones); err != nil {
			return err
		}
	}
	if before.Active != after.Active { // also when he comes back: no old key may open again
		if err := removeKeys(tx, before.ID, anyKey); err != nil {
			return err
		}
	}
	if err := r.record(tx, by, after, UserChanged, map[string]any{"changed": what}); err != nil {
		return err
	}
	return r.giveExtensions(tx, org, by, after, before.Extensions, after.Extensions)
}

func (in UserChange) apply(before *User, now time.Time) (*User, journal.Changes) {
	after, what := *before, journal.Changes{}
	if in.Login != nil {
		journal.Set(what, "login", &after.Login, fold(*in.Login))
	}
	if in.Name != nil {
		journal.Set(what, "name", &after.Name, text.Tidy(*in.Name))
	}
	if in.Roles != nil {
		journal.SetList(what, "roles", &after.Roles, *in.Roles)
	}
	if in.DepartmentID != nil {
		journal.Set(what, "department_id", &after.DepartmentID, *in.DepartmentID)
	}
	if in.Language != nil {
		journal.Set(what, "language", &after.Language, *in.Language)
	}
	if in.Extension != nil || in.Extensions != nil {
		journal.SetList(what, "extensions", &after.Extensions, extensionList(deref(in.Extension), deref(in.Extensions)))
	}
	if in.Active != nil && *in.Active != after.Active {
		journal.Set(what, "active", &after.Active, *in.Active)
		after.DismissedAt = nil
		if !after.Active {
			after.DismissedAt = &now
		}
	}
	return &after, what
}

func deref[T any](value *T) (zero T) {
	if value == nil {
		return zero
	}
	return *value
}

// Find returns a user as he is now, or fault.Missing.
func (r *Roster) Find(ctx context.Context, id int64) (*User, error) {
	org, err := r.Org(ctx)
	if err != nil {
		return nil, err
	}
	u := org.User(id)
	if u == nil {
		return nil, fault.Missing("user")
	}
	return u, nil
}

// UserFilter narrows a list of users; zero fields do not.
type UserFilter struct {
	Query      string // part of a name, login or extension
	Active     *bool
	Department int64
}

// UserPlace is where a page of users ended: the list is ordered by folded name,
// then id.
type UserPlace struct {
	Name string `json:"n"`
	ID   int64  `json:"i"`
}

// List returns up to limit users by name, those after a place.
func (r *Roster) List(ctx context.Context, f UserFilter, after UserPlace, limit int) ([]*User, error) {
	org, err := r.Org(ctx)
	if err != nil {
		return nil, err
	}
	var list []*User
	query := store.Fold(f.Query)
	for _, u := range org.users {
		name := store.Fold(u.Name)
		if after.ID != 0 && (name < after.Name || (name == after.Name && u.ID <= after.ID)) ||
			f.Active != nil && u.Active != *f.Active ||
			f.Department != 0 && u.DepartmentID != f.Department ||
			!strings.Contains(name, query) && !strings.Contains(u.Login, query) &&
				!slices.ContainsFunc(u.Extensions, func(e string) bool { return strings.Contains(e, query) }) {
			continue
		}
		if list = append(list, u); len(list) == limit {
			break
		}
	}
	return list, nil
}

// check gathers everything that is wrong with a user.
func (u *User) check(org *Org) (wrong *fault.Error) {
	if code := loginFault(u.Login); code != "" {
		wrong = wrong.And("login", code)
	}
	if code := text.CheckRequired(u.Name, 200); code != "" {
		wrong = wrong.And("name", code)
	}
	if len(u.Roles) == 0 {
		wrong = wrong.And("roles", "required")
	}
	for i, role := range u.Roles {
		if !slices.Contains(everyRole, role) {
			wrong = wrong.And("roles", "unknown_role")
		} else if slices.Contains(u.Roles[:i], role) {
			wrong = wrong.And("roles", "repeated")
		}
	}
	if u.DepartmentID != 0 && org.Department(u.DepartmentID) == nil {
		wrong = wrong.And("department_id", "unknown")
	}
	if u.Language != "ru" && u.Language != "en" {
		wrong = wrong.And("language", "unknown_language")
	}
	for _, extension := range u.Extensions {
		if code := text.CheckRequired(extension, 200); code != "" {
			wrong = wrong.And("extensions", code)
		}
	}
	return wrong
}

var everyRole = access.Roles{access.Agent, access.Supervisor, access.Admin, access.Service, access.Display}

// loginFault: letters and digits of any language and . _ - @ +, 1 to 100.
func loginFault(login string) string {
	if code := text.CheckRequired(login, 100); code != "" {
		return code
	}
	for _, c := range login {
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) && !strings.ContainsRune("._-@+", c) {
			return "malformed"
		}
	}
	return ""
}

// extensionList puts the first before the others, folded, each once.
func extensionList(first string, others []string) []string {
	list := []string{}
	for i, extension := range append([]string{first}, others...) {
		extension = fold(extension)
		if (i > 0 || extension != "") && !slices.Contains(list, extension) {
			list = append(list, extension)
		}
	}
	return list
}

// record writes into the journal what happened to a user.
func (r *Roster) record(tx *store.Tx, by int64, u *User, verb journal.Verb, words map[string]any) error {
	_, err := r.journal.Record(tx, journal.Entry{Actor: by, Team: u.DepartmentID, Verb: verb,
		Subject: journal.Ref{Kind: "user", ID: u.ID}, Details: journal.Details(words)})
	return err
}
