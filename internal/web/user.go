package web

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"callhue/internal/access"
	"callhue/internal/fault"
)

// Request is one request on its way through a handler.
type Request struct {
	C    *fiber.Ctx
	User *access.User // nil where the route is for anyone and no one is signed in

	server   *Server
	reads    bool // what is answered comes off the user's reading budget
	ctx      requestContext
	recorded context.Context // ctx, whose writes are recorded under an Idempotency-Key; nil without one
}

// Context ends when the request has had its time (30 s) or was answered: it is
// not for what goes on afterwards, such as a stream.
func (r *Request) Context() context.Context {
	if r.recorded != nil {
		return r.recorded
	}
	return &r.ctx
}

// Within shortens the time that the request has; for the beginning of a handler,
// before anything waits for its Context.
func (r *Request) Within(d time.Duration) { r.ctx.shorten(d) }

// Now is the server's clock.
func (r *Request) Now() time.Time { return r.server.opt.Now() }

// PublicURL is what browsers and PBXs call this server by, without a trailing
// slash: as configured, else as this request called it.
func (r *Request) PublicURL() string { return r.server.publicURL(r.C) }

func (s *Server) publicURL(c *fiber.Ctx) string {
	if s.opt.PublicURL != "" {
		return trimSlash(s.opt.PublicURL)
	}
	return c.BaseURL()
}

func trimSlash(u string) string {
	for len(u) > 0 && u[len(u)-1] == '/' {
		u = u[:len(u)-1]
	}
	return u
}

// SetSession sets the session cookie of the browser; an empty secret removes it.
func (r *Request) SetSession(secret string, until time.Time) {
	if secret == "" {
		until = time.Unix(1, 0)
	}
	r.C.Cookie(&fiber.Cookie{
		Name: r.server.SessionCookie(), Value: secret, Path: "/", Expires: until,
		HTTPOnly: true, Secure: r.server.secure(), SameSite: fiber.CookieSameSiteLaxMode,
	})
}

// Session returns the secret of the browser's session, or "".
func (r *Request) Session() string { return r.C.Cookies(r.server.SessionCookie()) }

// Bearer returns the API token that the request came with, or "".
func (r *Request) Bearer() string { return bearerOf(r.C.Get(fiber.HeaderAuthorization)) }

// admit finds the user and checks the route's roles.
func (s *Server) admit(ctx context.Context, c *fiber.Ctx, route Route) (*access.User, error) {
	if route.Embedded {
		return nil, nil
	}
	roles := route.Roles
	bearer, session := bearerOf(c.Get(fiber.HeaderAuthorization)), c.Cookies(s.SessionCookie())
	open := slices.Contains(roles, access.Anyone[0])
	// Signing in is guarded, too: a foreign page must not sign its visitor in as another user.
	guarded := session != "" || route.SignsIn || strings.HasPrefix(c.Path(), "/api/")
	if bearer == "" && guarded && s.crossSite(c) {
		return nil, fault.Forbidden("cross_site")
	}
	if bearer == "" && session == "" {
		if open {
			return nil, nil
		}
		return nil, fault.Unauthorised("sign_in_first")
	}
	user, err := s.opt.Who(ctx, bearer, session)
	switch {
	case fault.Is(err, fault.KindUnavailable) && strings.HasPrefix(route.Path, "/api/"):
		return nil, err // not to be taken for one who is not signed in
	case err != nil && open:
		return nil, nil
	case err != nil:
		return nil, err
	case !open && !user.Has(roles...):
		return nil, fault.Forbidden("role_missing").With("roles", roles)
	}
	return user, nil
}

func bearerOf(header string) string {
	const scheme = "Bearer "
	if len(header) > len(scheme) && (header[:len(scheme)] == scheme || header[:len(scheme)] == "bearer ") {
		return header[len(scheme):]
	}
	return ""
}
