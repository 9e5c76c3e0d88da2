package staff

import (
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/web"
)

// Routes is the package's route table.
func (r *Roster) Routes() []web.Route {
	return slices.Concat(r.sessionRoutes(), r.accountRoutes(), r.userRoutes(), r.departmentRoutes())
}

func (r *Roster) sessionRoutes() []web.Route {
	const session, link = "/api/v1/session", "/signin/:secret"
	return []web.Route{
		{Method: "GET", Path: "/api/v1/me", Roles: everyRole, Do: web.Do(r.me),
			Summary: "Get the signed-in user and the departments they head"},
		{Method: "POST", Path: session, Roles: access.Anyone, Do: web.Do(r.signIn), NoIdempotencyRecord: true,
			SignsIn: true,
			Summary: "Sign in with login and password; the answer sets the cookie"},
		{Method: "DELETE", Path: session, Roles: everyRole, Do: web.Do(r.signOut), NoIdempotencyRecord: true,
			Summary: "Sign out"},
		{Method: "GET", Path: link, Roles: access.Anyone, Do: web.Raw(r.showLink), Media: fiber.MIMETextHTML,
			Summary: "Show the button that signs in with a one-time link"},
		{Method: "POST", Path: link, Roles: access.Anyone, Do: web.Raw(r.followLink), Status: fiber.StatusSeeOther,
			SignsIn: true, NoIdempotencyRecord: true,
			Summary: "Sign in with a one-time link; the answer sets the cookie"},
		{Method: "POST", Path: "/api/v1/live/ticket", Roles: everyRole, Do: web.Do(r.ticket), Status: 201,
			NoIdempotencyRecord: true, Summary: "Get a ticket that opens the live stream once within 30 seconds"},
	}
}

// Me is the signed-in user.
type Me struct {
	User
	Teams []int64 `json:"teams"` // the departments they head, those below included
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
	s, err := r.SignIn(q.Context(), in.Login, in.Password, browserOf(q))
	if err != nil {
		return nil, err
	}
	return s.User, r.replaceSession(q, s)
}

type ticketOut struct {
	Ticket string    `json:"ticket"`
	Until  time.Time `json:"until"`
}

func (r *Roster) ticket(q *web.Request, _ web.Nothing) (ticketOut, error) {
	secret, until, err := r.AddTicketBy(q.Context(), q.User.ID, q.Bearer(), q.Session())
	return ticketOut{secret, until}, err
}

// whole is a list that is never longer than a page of it.
func whole[T any](items []T) web.List[T] {
	return web.Page(items, len(items), func(T) any { return nil })
}
