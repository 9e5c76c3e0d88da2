package staff

import (
	"errors"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/web"
)

// Routes returns the routes of users, departments and sessions.
func (r *Roster) Routes() []web.Route {
	return append(r.doorRoutes(), append(r.userRoutes(), r.departmentRoutes()...)...)
}

func (r *Roster) doorRoutes() []web.Route {
	const session, live = "/api/v1/session", "/api/v1/live/ticket"
	return []web.Route{
		{Method: "GET", Path: "/api/v1/me", Roles: everyRole,
			Summary: "Get the signed-in user and the departments they head", Do: web.Do(r.me)},
		{Method: "POST", Path: session, Roles: access.Anyone,
			Summary: "Sign in with login and password; the answer sets the cookie", Do: web.Do(r.signIn),
			NoIdempotencyRecord: true},
		{Method: "DELETE", Path: session, Roles: everyRole, Summary: "Sign out", Do: web.Do(r.signOut),
			NoIdempotencyRecord: true},
		{Method: "GET", Path: "/signin/:secret", Roles: access.Anyone, Summary: "Sign in with a one-time link",
			Do: web.Raw(r.followLink)},
		{Method: "POST", Path: live, Roles: everyRole,
			Summary: "Get a ticket that opens the live stream once within 30 seconds", Do: web.Do(r.ticket),
			Status: 201, NoIdempotencyRecord: true},
	}
}

func (r *Roster) userRoutes() []web.Route {
	const users, user = "/api/v1/users", "/api/v1/users/:id"
	return []web.Route{
		{Method: "GET", Path: users, Roles: access.Askers, Summary: "List users by name", Do: web.Do(r.listUsers)},
		{Method: "POST", Path: users, Roles: access.Admins, Summary: "Add a user", Do: web.Do(r.addUser), Status: 201,
			NoIdempotencyRecord: true},
		{Method: "GET", Path: user, Roles: access.Askers, Summary: "Get a user",
			Do: web.Do(func(q *web.Request, in byID) (*User, error) { return r.Find(q.Context(), in.ID) })},
		{Method: "PUT", Path: user, Roles: access.Admins, Summary: "Change a user; omitted fields stay",
			Do: web.Do(r.changeOne)},
		{Method: "DELETE", Path: user, Roles: access.Admins,
			Summary: "Dismiss a user; their sessions and tokens end at once", Do: web.Do(r.dismiss)},
		{Method: "PUT", Path: user + "/password", Roles: access.Admins,
			Summary: "Set a user's password and end their sessions", Do: web.Do(r.givePassword),
			NoIdempotencyRecord: true},
		{Method: "POST", Path: user + "/link", Roles: access.Admins, Summary: "Make a one-time sign-in link",
			Do: web.Do(r.makeLink), Status: 201, NoIdempotencyRecord: true},
		{Method: "GET", Path: user + "/tokens", Roles: access.Admins,
			Summary: "List a user's API tokens, without their secrets", Do: web.Do(r.listTokens)},
		{Method: "POST", Path: user + "/tokens", Roles: access.Admins,
			Summary: "Add an API token; its secret is shown once", Do: web.Do(r.makeToken), Status: 201,
			NoIdempotencyRecord: true},
		{Method: "DELETE", Path: user + "/tokens/:token", Roles: access.Admins, Summary: "Revoke an API token",
			Do: web.Do(r.revoke)},
		{Method: "GET", Path: user + "/identities", Roles: access.Askers,
			Summary: "List a user's identities in PBXs and CRMs", Do: web.Do(r.listIdentities)},
		{Method: "POST", Path: user + "/identities", Roles: access.Admins,
			Summary: "Add an identity of a user in a source; without a source it is an extension",
			Do:      web.Do(r.addIdentity), Status: 201},
		{Method: "DELETE", Path: user + "/identities/:identity", Roles: access.Admins,
			Summary: "Remove an identity of a user", Do: web.Do(r.removeIdentity)},
		{Method: "GET", Path: user + "/deputies", Roles: access.Askers,
			Summary: "List a user's deputies and their periods", Do: web.Do(r.listDeputies)},
		{Method: "POST", Path: user + "/deputies", Roles: access.Admins, Summary: "Add a deputy for a period",
			Do: web.Do(r.addDeputy), Status: 201},
		{Method: "DELETE", Path: user + "/deputies/:deputy", Roles: access.Admins, Summary: "Remove a deputy",
			Do: web.Do(r.removeDeputy)},
	}
}

func (r *Roster) departmentRoutes() []web.Route {
	const departments, department = "/api/v1/departments", "/api/v1/departments/:id"
	return []web.Route{
		{Method: "GET", Path: departments, Roles: access.Askers, Summary: "List departments",
			Do: web.Do(r.listDepartments)},
		{Method: "POST", Path: departments, Roles: access.Admins, Summary: "Add a department",
			Do: web.Do(r.addDepartment), Status: 201},
		{Method: "GET", Path: department, Roles: access.Askers, Summary: "Get a department",
			Do: web.Do(func(q *web.Request, in byID) (*Department, error) {
				return r.FindDepartment(q.Context(), in.ID)
			})},
		{Method: "PUT", Path: department, Roles: access.Admins, Summary: "Change a department; omitted fields stay",
			Do: web.Do(r.changeDepartment)},
		{Method: "DELETE", Path: department, Roles: access.Admins, Summary: "Remove an empty department",
			Do: web.Do(func(q *web.Request, in byID) (web.Nothing, error) {
				return web.Nothing{}, r.RemoveDepartment(q.Context(), q.User.ID, in.ID)
			})},
	}
}

type byID struct {
	ID int64 `path:"id" json:"-"`
}

// Me is the signed-in user.
type Me struct {
	User
	Teams []int64 `json:"teams"` // the departments he heads, those below included
}

func (r *Roster) me(q *web.Request, _ web.Nothing) (*Me, error) {
	org, err := r.Org(q.Context())
	if err != nil {
		return nil, err
	}
	u := org.User(q.User.ID)
	if u == nil {
		return nil, fault.Missing("user")
	}
	return &Me{*u, org.TeamsOf(u.ID)}, nil
}

type signInIn struct {
	Login    string `json:"login"`
	Password string `json:"password"`
}

func (r *Roster) signIn(q *web.Request, in signInIn) (*User, error) {
	s, err := r.SignIn(q.Context(), in.Login, in.Password, q.C.IP())
	if err != nil {
		return nil, err
	}
	q.SetSession(s.Secret, s.Until)
	return s.User, nil
}

func (r *Roster) signOut(q *web.Request, _ web.Nothing) (web.Nothing, error) {
	if err := r.SignOut(q.Context(), q.Session()); err != nil {
		return web.Nothing{}, err
	}
	q.SetSession("", time.Time{})
	return web.Nothing{}, nil
}

func (r *Roster) followLink(q *web.Request) error {
	q.C.Set(fiber.HeaderCacheControl, "no-store")
	q.C.Set(fiber.HeaderReferrerPolicy, "no-referrer") // the secret stands in the address
	if q.C.Method() == fiber.MethodHead {
		return nil // a messenger looks where the link leads; that does not use it up
	}
	s, err := r.FollowLink(q.Context(), q.C.Params("secret"))
	var f *fault.Error
	switch {
	case errors.As(err, &f) && f.Kind == fault.KindUnauthorised:
		return q.C.Redirect("/signin?error="+f.Key, fiber.StatusSeeOther)
	case err != nil:
		return err
	}
	q.SetSession(s.Secret, s.Until)
	return q.C.Redirect("/", fiber.StatusSeeOther)
}

type ticketOut struct {
	Ticket string    `json:"ticket"`
	Until  time.Time `json:"until"`
}

func (r *Roster) ticket(q *web.Request, _ web.Nothing) (ticketOut, error) {
	secret, until, err := r.AddTicket(q.Context(), q.User.ID)
	return ticketOut{secret, until}, err
}

// ---- users

type listUsersIn struct {
	web.Paging
	Query      string `query:"q" json:"-"`
	Active     string `query:"active" json:"-"` // true, false; both when left out
	Department int64  `query:"department_id" json:"-"`
}

func (r *Roster) listUsers(q *web.Request, in listUsersIn) (list web.List[*User], err error) {
	filter := UserFilter{Query: in.Query, Department: in.Department}
	if in.Active != "" {
		active, err := strconv.ParseBool(in.Active)
		if err != nil {
			return list, fault.Invalid("active", "wrong_type")
		}
		filter.Active = &active
	}
	var after UserPlace
	if err := in.After(&after); err != nil {
		return list, err
	}
	users, err := r.List(q.Context(), filter, after, in.Size()+1)
	return web.Page(users, in.Size(), func(last *User) any { return UserPlace{store.Fold(last.Name), last.ID} }), err
}

func (r *Roster) addUser(q *web.Request, in NewUser) (*User, error) {
	return r.AddUser(q.Context(), q.User.ID, in)
}

type changeUserIn struct {
	byID
	UserChange
}

func (r *Roster) changeOne(q *web.Request, in changeUserIn) (*User, error) {
	return r.Change(q.Context(), q.User.ID, in.ID, in.UserChange)
}

func (r *Roster) dismiss(q *web.Request, in byID) (web.Nothing, error) {
	return web.Nothing{}, r.Disable(q.Context(), q.User.ID, in.ID)
}

type passwordIn struct {
	ID       int64  `path:"id" json:"-"`
	Password string `json:"password"`
}

func (r *Roster) givePassword(q *web.Request, in passwordIn) (web.Nothing, error) {
	return web.Nothing{}, r.SetPassword(q.Context(), q.User.ID, in.ID, in.Password)
}

type linkIn struct {
	ID      int64 `path:"id" json:"-"`
	Minutes int64 `json:"minutes"` // 15 to 1440
}

type linkOut struct {
	URL   string    `json:"url"`
	Until time.Time `json:"until"`
}

func (r *Roster) makeLink(q *web.Request, in linkIn) (linkOut, error) {
	if in.Minutes < int64(ShortestLink/time.Minute) || in.Minutes > int64(LongestLink/time.Minute) {
		return linkOut{}, fault.Invalid("minutes", "out_of_range")
	}
	lives := time.Duration(in.Minutes) * time.Minute
	secret, err := r.Link(q.Context(), q.User.ID, in.ID, lives)
	return linkOut{q.PublicURL() + "/signin/" + secret, q.Now().UTC().Add(lives)}, err
}

func (r *Roster) listTokens(q *web.Request, in byID) (web.List[Token], error) {
	list, err := r.Tokens(q.Context(), in.ID)
	return whole(list), err
}

type tokenIn struct {
	ID   int64  `path:"id" json:"-"`
	Name string `json:"name"`
}

type tokenOut struct {
	Token
	Secret string `json:"token"`
}

func (r *Roster) makeToken(q *web.Request, in tokenIn) (*tokenOut, error) {
	token, secret, err := r.AddToken(q.Context(), q.User.ID, in.ID, in.Name)
	if err != nil {
		return nil, err
	}
	return &tokenOut{*token, secret}, nil
}

type oneToken struct {
	ID    int64 `path:"id" json:"-"`
	Token int64 `path:"token" json:"-"`
}

func (r *Roster) revoke(q *web.Request, in oneToken) (web.Nothing, error) {
	return web.Nothing{}, r.RevokeToken(q.Context(), q.User.ID, in.ID, in.Token)
}

// ---- identities and deputies

func (r *Roster) listIdentities(q *web.Request, in byID) (web.List[Identity], error) {
	list, err := r.Identities(q.Context(), in.ID)
	return whole(list), err
}

type identityIn struct {
	ID     int64  `path:"id" json:"-"`
	Source string `json:"source"`
	Value  string `json:"value"`
}

func (r *Roster) addIdentity(q *web.Request, in identityIn) (*Identity, error) {
	return r.AddIdentity(q.Context(), q.User.ID, in.ID, in.Source, in.Value)
}

type oneIdentity struct {
	ID       int64 `path:"id" json:"-"`
	Identity int64 `path:"identity" json:"-"`
}

func (r *Roster) removeIdentity(q *web.Request, in oneIdentity) (web.Nothing, error) {
	return web.Nothing{}, r.RemoveIdentity(q.Context(), q.User.ID, in.ID, in.Identity)
}

func (r *Roster) listDeputies(q *web.Request, in byID) (web.List[Deputy], error) {
	list, err := r.Deputies(q.Context(), in.ID)
	return whole(list), err
}

type deputyIn struct {
	ID       int64     `path:"id" json:"-"`
	DeputyID int64     `json:"deputy_id"`
	From     time.Time `json:"from"`
	Until    time.Time `json:"until"`
}

func (r *Roster) addDeputy(q *web.Request, in deputyIn) (*Deputy, error) {
	return r.AddDeputy(q.Context(), q.User.ID, in.ID, in.DeputyID, in.From, in.Until)
}

type oneDeputy struct {
	ID     int64 `path:"id" json:"-"`
	Deputy int64 `path:"deputy" json:"-"`
}

func (r *Roster) removeDeputy(q *web.Request, in oneDeputy) (web.Nothing, error) {
	return web.Nothing{}, r.RemoveDeputy(q.Context(), q.User.ID, in.ID, in.Deputy)
}

// ---- departments

func (r *Roster) listDepartments(q *web.Request, _ web.Nothing) (list web.List[*Department], err error) {
	org, err := r.Org(q.Context())
	if err != nil {
		return list, err
	}
	return whole(org.departments), nil
}

func (r *Roster) addDepartment(q *web.Request, in NewDepartment) (*Department, error) {
	return r.AddDepartment(q.Context(), q.User.ID, in)
}

type changeDepartmentIn struct {
	byID
	DepartmentChange
}

func (r *Roster) changeDepartment(q *web.Request, in changeDepartmentIn) (*Department, error) {
	return r.ChangeDepartment(q.Context(), q.User.ID, in.ID, in.DepartmentChange)
}

// whole is a list that is never longer than a page of it.
func whole[T any](items []T) web.List[T] {
	return web.Page(items, len(items), func(T) any { return nil })
}
