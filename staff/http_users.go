package staff

import (
	"context"
	"strconv"
	"strings"
	"time"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/web"
)

func (r *Roster) userRoutes() []web.Route {
	const users, user, external = "/api/v1/users", "/api/v1/users/:id", "/by-external/:system/:external_id"
	return []web.Route{
		{Method: "GET", Path: users, Roles: access.Askers, Summary: "List users by name",
			Do: web.DoFileList(r.listUsers, userTable())},
		{Method: "POST", Path: users, Roles: access.Admins, Do: web.Do(r.addUser), Status: 201, MayWait: true,
			NoIdempotencyRecord: true, Summary: "Add a user"},
		{Method: "GET", Path: user, Roles: access.Askers, Do: web.Do(r.getUser), Summary: "Get a user"},
		{Method: "PUT", Path: user, Roles: access.Admins, Do: web.Do(r.changeOne), MayWait: true,
			Summary: "Change a user; omitted fields stay"},
		{Method: "DELETE", Path: user, Roles: access.Admins, Do: web.Do(r.dismiss),
			Summary: "Dismiss a user; their sessions and tokens end at once"},
		{Method: "PUT", Path: users + external, Roles: access.Admins, Do: web.Do(r.pushOne), Others: []int{201},
			MayWait: true,
			Summary: "Add or change the user that another system knows by an id"},
		{Method: "GET", Path: users + external, Roles: access.Askers, Do: web.Do(r.getPushed),
			Summary: "Get the user that another system knows by an id"},
		{Method: "DELETE", Path: users + external, Roles: access.Admins, Do: web.Do(r.dismissPushed),
			Summary: "Dismiss the user that another system knows by an id"},
		{Method: "PUT", Path: user + "/password", Roles: access.Admins, Do: web.Do(r.givePassword),
			NoIdempotencyRecord: true, Summary: "Set a user's password and end their sessions"},
		{Method: "POST", Path: user + "/link", Roles: access.Admins, Do: web.Do(r.makeLink), Status: 201,
			NoIdempotencyRecord: true, Summary: "Make a one-time sign-in link"},
		{Method: "GET", Path: user + "/tokens", Roles: access.Admins, Do: web.Do(r.listTokens),
			Summary: "List a user's API tokens, without their secrets"},
		{Method: "POST", Path: user + "/tokens", Roles: access.Admins, Do: web.Do(r.makeToken), Status: 201,
			NoIdempotencyRecord: true, Summary: "Add an API token; its secret is shown once"},
		{Method: "DELETE", Path: user + "/tokens/:token", Roles: access.Admins, Do: web.Do(r.revoke),
			Summary: "Revoke an API token"},
		{Method: "GET", Path: user + "/identities", Roles: access.Askers, Do: web.Do(r.listIdentities),
			Summary: "List a user's identities in PBXs and CRMs"},
		{Method: "POST", Path: user + "/identities", Roles: access.Admins, Do: web.Do(r.addIdentity), Status: 201,
			Summary: "Add an identity of a user in a source; without a source it is an extension"},
		{Method: "DELETE", Path: user + "/identities/:identity", Roles: access.Admins, Do: web.Do(r.removeIdentity),
			Summary: "Remove an identity of a user"},
		{Method: "GET", Path: user + "/deputies", Roles: access.Askers, Do: web.Do(r.listDeputies),
			Summary: "List a user's deputies and their periods"},
		{Method: "POST", Path: user + "/deputies", Roles: access.Admins, Do: web.Do(r.addDeputy), Status: 201,
			Summary: "Add a deputy for a period"},
		{Method: "DELETE", Path: user + "/deputies/:deputy", Roles: access.Admins, Do: web.Do(r.removeDeputy),
			Summary: "Remove a deputy"},
	}
}

func (r *Roster) getUser(q *web.Request, in userPath) (*User, error) {
	return r.Find(q.Context(), in.ID)
}

type listUsersIn struct {
	web.Paging
	web.Sheet
	Query      string `query:"q" json:"-"`
	Active     string `query:"active" json:"-"` // true, false; both when left out
	Department int64  `query:"department_id" json:"-"`
}

// userTable is the list of users as a file.
func userTable() web.Table[*User] {
	header := []string{"id", "login", "name", "roles", "department_id", "extensions", "phones", "language", "active"}
	return web.Table[*User]{Name: "users", Header: header, Cells: func(u *User) []any {
		roles := make([]string, len(u.Roles))
		for i, role := range u.Roles {
			roles[i] = string(role)
		}
		return []any{u.ID, u.Login, u.Name, strings.Join(roles, ","), u.DepartmentID, strings.Join(u.Extensions, ","),
			strings.Join(u.Phones, "\n"), u.Language, u.Active}
	}}
}

// userPath is the user that a path names.
type userPath struct {
	ID int64 `path:"id" json:"-"`
}

func (r *Roster) listUsers(ctx context.Context, in listUsersIn) (list web.List[*User], err error) {
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
	users, err := r.List(ctx, filter, after, in.Size()+1)
	return web.Page(users, in.Size(), func(last *User) any { return UserPlace{store.Fold(last.Name), last.ID} }), err
}

func (r *Roster) addUser(q *web.Request, in NewUser) (*User, error) {
	return r.AddUser(q.Context(), q.User, in)
}

type changeUserIn struct {
	userPath
	UserChange
}

func (r *Roster) changeOne(q *web.Request, in changeUserIn) (*User, error) {
	return r.Change(q.Context(), q.User, in.ID, in.UserChange)
}

func (r *Roster) dismiss(q *web.Request, in userPath) (web.Nothing, error) {
	return web.Nothing{}, r.Disable(q.Context(), q.User, in.ID)
}

type passwordIn struct {
	ID       int64  `path:"id" json:"-"`
	Password string `json:"password"`
}

func (r *Roster) givePassword(q *web.Request, in passwordIn) (web.Nothing, error) {
	return web.Nothing{}, r.SetPassword(q.Context(), q.User, in.ID, in.Password)
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
	secret, err := r.Link(q.Context(), q.User, in.ID, lives)
	return linkOut{q.PublicURL() + "/signin/" + secret, q.Now().UTC().Add(lives)}, err
}

func (r *Roster) listTokens(q *web.Request, in userPath) (web.List[*Token], error) {
	list, err := r.Tokens(q.Context(), in.ID)
	return whole(list), err
}

type tokenIn struct {
	ID int64 `path:"id" json:"-"`
	NewToken
}

type tokenOut struct {
	Token
	Secret string `json:"token"`
}

func (r *Roster) makeToken(q *web.Request, in tokenIn) (*tokenOut, error) {
	token, secret, err := r.AddToken(q.Context(), q.User, in.ID, in.NewToken)
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
	return web.Nothing{}, r.RevokeToken(q.Context(), q.User, in.ID, in.Token)
}

func (r *Roster) listIdentities(q *web.Request, in userPath) (web.List[*Identity], error) {
	list, err := r.Identities(q.Context(), in.ID)
	return whole(list), err
}

type identityIn struct {
	userPath
	NewIdentity
}

func (r *Roster) addIdentity(q *web.Request, in identityIn) (*Identity, error) {
	return r.AddIdentity(q.Context(), q.User, in.ID, in.NewIdentity)
}

type oneIdentity struct {
	ID       int64 `path:"id" json:"-"`
	Identity int64 `path:"identity" json:"-"`
}

func (r *Roster) removeIdentity(q *web.Request, in oneIdentity) (web.Nothing, error) {
	return web.Nothing{}, r.RemoveIdentity(q.Context(), q.User, in.ID, in.Identity)
}

func (r *Roster) listDeputies(q *web.Request, in userPath) (web.List[Deputy], error) {
	list, err := r.Deputies(q.Context(), in.ID)
	return whole(list), err
}

type deputyIn struct {
	userPath
	NewDeputy
}

func (r *Roster) addDeputy(q *web.Request, in deputyIn) (*Deputy, error) {
	return r.AddDeputy(q.Context(), q.User, in.ID, in.NewDeputy)
}

type oneDeputy struct {
	ID     int64 `path:"id" json:"-"`
	Deputy int64 `path:"deputy" json:"-"`
}

func (r *Roster) removeDeputy(q *web.Request, in oneDeputy) (web.Nothing, error) {
	return web.Nothing{}, r.RemoveDeputy(q.Context(), q.User, in.ID, in.Deputy)
}
