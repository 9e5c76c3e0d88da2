package staff

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/text"
	"callhue/journal"
)

// User is a person or a machine that works here.
type User struct {
	ID           int64        `json:"id" db:"id"`
	Login        string       `json:"login" db:"login"` // lower case
	Name         string       `json:"name" db:"name"`
	Roles        access.Roles `json:"roles" db:"-"`
	DepartmentID int64        `json:"department_id" db:"department_id"` // 0 for none
	Extension    string       `json:"extension" db:"-"`                 // the first of Extensions, "" without one
	Extensions   []string     `json:"extensions" db:"-"`                // they count in every source
	Phones       []string     `json:"phones" db:"-"`                    // their own, E.164
	Language     string       `json:"language" db:"language"`           // "ru" or "en"
	Active       bool         `json:"active" db:"active"`
	DismissedAt  store.Moment `json:"dismissed_at" db:"dismissed_at" null:"active"`
	AdminUntil   store.Moment `json:"-" db:"admin_until"` // when they last lost the role of an administrator, 0: never
	Version      int64        `json:"version" db:"version"`
	CreatedAt    store.Moment `json:"created_at" db:"created_at"`
	UpdatedAt    store.Moment `json:"updated_at" db:"updated_at"`
}

func (u *User) has(role access.Role) bool { return u != nil && slices.Contains(u.Roles, role) }

func (u *User) isAdmin() bool { return u.has(access.Admin) && u.Active }

// NewUser is the input for a user. Language is Russian where it is left out; without a password they sign in by a
// one-time link. Extension is put before Extensions. Phones are their own phones in any spelling.
type NewUser struct {
	Login        string       `json:"login"`
	Name         string       `json:"name"`
	Roles        access.Roles `json:"roles"`
	DepartmentID int64        `json:"department_id,omitempty"`
	Extension    string       `json:"extension,omitempty"`
	Extensions   []string     `json:"extensions,omitempty"`
	Phones       []string     `json:"phones,omitempty"`
	Language     string       `json:"language,omitempty"`
	Password     string       `json:"password,omitempty"`
}

// UserChange changes a user; nil fields stay as they are. Extension alone replaces all extensions by this one (or
// none); together with Extensions it is put before them.
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

// AddUser adds a user. One with the role supervisor or admin waits for a second administrator. Faults: what is wrong
// with the fields; the conflicts "login_taken" and "identity_taken" (an extension).
func (r *Roster) AddUser(ctx context.Context, by *access.User, in NewUser) (added *User, err error) {
	hash := ""
	if passwordFault(in.Password) == "" {
		if hash, err = r.hasher.hash(ctx, r.Random, in.Password); err != nil {
			return nil, err
		}
	}
	err = r.write(ctx, by, func(a *act) error {
		without := in
		without.Password = ""
		a.proposed = proposed{Add: &without}
		added, err = r.addUserIn(a, in, hash)
		return err
	})
	return added, err
}

// addUserIn is AddUser inside a transaction; hash is that of the password.
func (r *Roster) addUserIn(a *act, in NewUser, hash string) (*User, error) {
	u, err := r.checkNew(in, a.org)
	if err != nil {
		return nil, err
	}
	if err := insertUser(a.Tx, u, hash); err != nil {
		return nil, err
	}
	details := map[string]any{"login": u.Login, "name": u.Name, "roles": u.Roles, "department_id": u.DepartmentID,
		"language": u.Language, "phones": u.Phones}
	if err := a.lower(&User{Name: u.Name, Roles: u.Roles, Active: true}, nil, details, hash); err != nil {
		return nil, err
	}
	if err := a.record(u, UserAdded, details); err != nil {
		return nil, err
	}
	if err := setPhones(a.Tx, u.ID, u.Phones); err != nil {
		return nil, err
	}
	return u, a.setExtensions(u, nil, u.Extensions)
}

// checkNew returns the user of an input, or what is wrong with its fields.
func (r *Roster) checkNew(in NewUser, org *Org) (*User, error) {
	u := &User{
		Login:        fold(in.Login),
		Name:         text.Tidy(in.Name),
		Roles:        in.Roles,
		DepartmentID: in.DepartmentID,
		Language:     in.Language,
		Active:       true,
	}
	u.setExtensions(extensionList(in.Extension, in.Extensions))
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

// Check returns what is wrong with the fields of a user that AddUser would refuse. It does not look whether login and
// extensions are free.
func (r *Roster) Check(org *Org, in NewUser) error {
	_, err := r.checkNew(in, org)
	return err
}

// Change changes a user. A change by which they gain the role supervisor or admin waits for a second administrator as a
// whole. Faults: what is wrong with the fields; not_found; the conflicts "stale_version", "login_taken",
// "identity_taken" and "last_admin" (no active administrator would be left).
func (r *Roster) Change(ctx context.Context, by *access.User, id int64, in UserChange) (changed *User, err error) {
	err = r.write(ctx, by, func(a *act) error {
		a.proposed = proposed{ID: id, Change: &in}
		changed, err = r.changeIn(a, id, in)
		return err
	})
	return changed, err
}

// changeIn is Change inside a transaction.
func (r *Roster) changeIn(a *act, id int64, in UserChange) (*User, error) {
	u, err := a.user(id)
	if err != nil {
		return nil, err
	}
	if err := store.Seen(in.Version, u.Version); err != nil {
		return nil, err
	}
	changed, err := r.changeUser(a, u, in)
	a.Tx.Answer(changed)
	return changed, err
}

// Disable dismisses a user: sign-in, sessions, tokens and rights end at once. What they own stays theirs. To dismiss
// them twice changes nothing.
func (r *Roster) Disable(ctx context.Context, by *access.User, id int64) error {
	off := false
	return r.write(ctx, by, func(a *act) error {
		a.Tx.Answer(nil)
		u, err := a.user(id)
		if err != nil {
			return err
		}
		_, err = r.changeUser(a, u, UserChange{Active: &off})
		return err
	})
}

// changeUser applies a change to a user and returns them as they are afterwards.
func (r *Roster) changeUser(a *act, before *User, in UserChange) (*User, error) {
	after, changes := in.apply(before, store.MomentOf(a.Tx.Now()))
	wrong := after.check(a.org)
	if in.Phones != nil {
		var list []string
		list, wrong = phoneList(r.plan, *in.Phones, wrong)
		journal.SetList(changes, "phones", &after.Phones, list)
	}
	if err := wrong.OrNil(); err != nil {
		return nil, err
	}
	if before.isAdmin() && !after.isAdmin() && !a.org.hasAdminBeside(before.ID) {
		return nil, fault.Conflict("last_admin")
	}
	if len(changes) == 0 {
		return before, nil
	}
	if before.isAdmin() && !after.isAdmin() {
		after.AdminUntil = store.MomentOf(a.Tx.Now())
	}
	if err := updateUser(a.Tx, after); err != nil {
		return nil, err
	}
	if _, others := changes["phones"]; others {
		if err := setPhones(a.Tx, before.ID, after.Phones); err != nil {
			return nil, err
		}
	}
	if before.Active != after.Active { // also when they come back: no old key may open again
		if err := removeKeys(a.Tx, before.ID, anyKey); err != nil {
			return nil, err
		}
	}
	if err := a.lower(after, before, changes, ""); err != nil {
		return nil, err
	}
	if err := a.record(after, UserChanged, map[string]any{"changed": changes}); err != nil {
		return nil, err
	}
	return after, a.setExtensions(after, before.Extensions, after.Extensions)
}

// hasAdminBeside reports whether another user than this one is an active administrator.
func (o *Org) hasAdminBeside(id int64) bool {
	return slices.ContainsFunc(o.users, func(u *User) bool { return u.ID != id && u.isAdmin() })
}

func (in UserChange) apply(before *User, now store.Moment) (*User, journal.Changes) {
	after, changes := *before, journal.Changes{}
	if in.Login != nil {
		journal.Set(changes, "login", &after.Login, fold(*in.Login))
	}
	if in.Name != nil {
		journal.Set(changes, "name", &after.Name, text.Tidy(*in.Name))
	}
	if in.Roles != nil {
		journal.SetList(changes, "roles", &after.Roles, *in.Roles)
	}
	journal.SetOptional(changes, "department_id", &after.DepartmentID, in.DepartmentID)
	journal.SetOptional(changes, "language", &after.Language, in.Language)
	if in.Extension != nil || in.Extensions != nil {
		list := extensionList(deref(in.Extension), deref(in.Extensions))
		journal.SetList(changes, "extensions", &after.Extensions, list)
		after.setExtensions(after.Extensions)
	}
	if in.Active != nil && *in.Active != after.Active {
		journal.Set(changes, "active", &after.Active, *in.Active)
		after.DismissedAt = 0
		if !after.Active {
			after.DismissedAt = now
		}
	}
	return &after, changes
}

func (u *User) setExtensions(list []string) {
	u.Extension, u.Extensions = "", list
	if len(list) > 0 {
		u.Extension = list[0]
	}
}

func deref[T any](value *T) (zero T) {
	if value == nil {
		return zero
	}
	return *value
}

// Find returns a user, or the fault not_found.
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

// UserFilter chooses users; zero fields do not choose.
type UserFilter struct {
	Query      string // part of a name, login or extension
	Active     *bool
	Department int64
}

// UserPlace is where a page of users ended: the list is ordered by folded name, then id.
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
	for _, u := range org.users {
		if !after.isBefore(u) || !f.matches(u) {
			continue
		}
		if list = append(list, u); len(list) == limit {
			break
		}
	}
	return list, nil
}

// isBefore reports whether a user comes behind the place.
func (p UserPlace) isBefore(u *User) bool {
	name := store.Fold(u.Name)
	return p.ID == 0 || name > p.Name || name == p.Name && u.ID > p.ID
}

// matches reports whether the filter chooses a user; its query is folded.
func (f UserFilter) matches(u *User) bool {
	if f.Active != nil && u.Active != *f.Active {
		return false
	}
	if f.Department != 0 && u.DepartmentID != f.Department {
		return false
	}
	field, _ := u.Match(f.Query)
	return f.Query == "" || field != ""
}

// Match returns which field of a user a search finds, and its value: name for words that begin those of the name in any
// order, extension or login for a part of it, "" for none.
func (u *User) Match(query string) (field, value string) {
	if words := text.Words(query); len(words) > 0 && text.HasWords(text.Words(u.Name), words) {
		return "name", u.Name
	}
	query = store.Fold(query)
	if query == "" {
		return "", ""
	}
	for _, extension := range u.Extensions {
		if strings.Contains(extension, query) {
			return "extension", extension
		}
	}
	if strings.Contains(u.Login, query) {
		return "login", u.Login
	}
	if strings.Contains(store.Fold(u.Name), query) {
		return "name", u.Name
	}
	return "", ""
}

// check returns what is wrong with a user.
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

// loginFault returns the code of what is wrong with a login: 1 to 100 letters and digits of any language and . _ - @ +.
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

// extensionList returns the first extension and then the others, folded, each once.
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
