package staff

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"callhue/internal/access"
	"callhue/internal/web"
)

// accountRoutes are what users do with their own sign-in, and administrators with that of others.
func (r *Roster) accountRoutes() []web.Route {
	const mine, theirs = "/api/v1/me/sessions", "/api/v1/users/:id/sessions"
	return []web.Route{
		{Method: "PUT", Path: "/api/v1/me/password", Roles: everyRole, Do: web.Do(r.changeOwnPassword),
			NoIdempotencyRecord: true, Summary: "Change one's own password; other sessions end"},
		{Method: "GET", Path: mine, Roles: everyRole, Do: web.Do(r.listOwnSessions),
			Summary: "List one's own sessions, the last used first"},
		{Method: "DELETE", Path: mine, Roles: everyRole, Do: web.Do(r.endOwnSessions),
			Summary: "End all of one's own sessions but this one"},
		{Method: "DELETE", Path: mine + "/:session", Roles: everyRole, Do: web.Do(r.endOwnSession),
			Summary: "End one of one's own sessions"},
		{Method: "GET", Path: theirs, Roles: access.Admins, Do: web.Do(r.listSessions),
			Summary: "List a user's sessions, the last used first"},
		{Method: "DELETE", Path: theirs, Roles: access.Admins, Do: web.Do(r.endSessions),
			Summary: "End all sessions of a user"},
		{Method: "DELETE", Path: theirs + "/:session", Roles: access.Admins, Do: web.Do(r.endSession),
			Summary: "End a session of a user"},
	}
}

type ownPasswordIn struct {
	Old      string `json:"old_password,omitempty" doc:"Empty where the user has no password yet."`
	Password string `json:"password"`
}

func (r *Roster) changeOwnPassword(q *web.Request, in ownPasswordIn) (web.Nothing, error) {
	return web.Nothing{}, r.ChangePassword(q.Context(), q.User, in.Old, in.Password, q.Session(), q.Address())
}

func (r *Roster) listOwnSessions(q *web.Request, _ web.Nothing) (web.List[*OpenSession], error) {
	list, err := r.OpenSessions(q.Context(), q.User.ID, q.Session())
	return whole(list), err
}

type oneOwnSession struct {
	Session int64 `path:"session" json:"-"`
}

func (r *Roster) endOwnSession(q *web.Request, in oneOwnSession) (web.Nothing, error) {
	return web.Nothing{}, r.EndSession(q.Context(), q.User, q.User.ID, in.Session)
}

func (r *Roster) endOwnSessions(q *web.Request, _ web.Nothing) (web.Nothing, error) {
	return web.Nothing{}, r.EndSessions(q.Context(), q.User, q.User.ID, q.Session())
}

func (r *Roster) listSessions(q *web.Request, in userPath) (web.List[*OpenSession], error) {
	list, err := r.OpenSessions(q.Context(), in.ID, q.Session())
	return whole(list), err
}

type oneSession struct {
	ID      int64 `path:"id" json:"-"`
	Session int64 `path:"session" json:"-"`
}

func (r *Roster) endSession(q *web.Request, in oneSession) (web.Nothing, error) {
	return web.Nothing{}, r.EndSession(q.Context(), q.User, in.ID, in.Session)
}

func (r *Roster) endSessions(q *web.Request, in userPath) (web.Nothing, error) {
	return web.Nothing{}, r.EndSessions(q.Context(), q.User, in.ID, "")
}

// browserOf returns where a request comes from.
func browserOf(q *web.Request) Browser {
	return Browser{Address: q.Address(), UserAgent: q.C.Get(fiber.HeaderUserAgent)}
}

// replaceSession sets a new session of the browser, and ends the one that it had.
func (r *Roster) replaceSession(q *web.Request, s *Session) error {
	if before := q.Session(); before != "" {
		if err := r.SignOut(q.Context(), before); err != nil {
			return err
		}
	}
	q.SetSession(s.Secret, s.Until)
	return nil
}

func (r *Roster) signOut(q *web.Request, _ web.Nothing) (web.Nothing, error) {
	if err := r.SignOut(q.Context(), q.Session()); err != nil {
		return web.Nothing{}, err
	}
	q.SetSession("", time.Time{})
	return web.Nothing{}, nil
}
