package web

import (
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"callhue/internal/fault"
)

// CheckOrigins returns what is wrong with origins whose pages may call the API: each is a scheme, a host and perhaps a
// port, and none stands for others. The fault invalid_input names the field.
func CheckOrigins(field string, origins []string) error {
	for _, o := range origins {
		u, err := url.Parse(o)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || o != u.Scheme+"://"+u.Host ||
			strings.Contains(o, "*") {
			return fault.Invalid(field, "malformed").Because(err)
		}
	}
	return nil
}

// share lets the pages of a named origin read the answers of the API. They show a token: the header that would let them
// use the cookie of a browser is never sent.
func (s *Server) share(c *fiber.Ctx) {
	if len(s.opt.Origins) == 0 || !strings.HasPrefix(c.Path(), "/api/") {
		return
	}
	c.Set(fiber.HeaderVary, fiber.HeaderOrigin)
	origin := c.Get(fiber.HeaderOrigin)
	if !slices.Contains(s.opt.Origins, origin) {
		return
	}
	c.Set(fiber.HeaderAccessControlAllowOrigin, origin)
	c.Set(fiber.HeaderAccessControlExposeHeaders, "Retry-After, Idempotent-Replay")
	c.Set(resourcePolicy, "cross-origin")
}

// preflight reports whether a request only asks what a page of a named origin may send, and answers it. A browser asks
// again after two hours.
func (s *Server) preflight(c *fiber.Ctx) bool {
	if c.Method() != fiber.MethodOptions || c.Get(fiber.HeaderAccessControlRequestMethod) == "" ||
		len(c.Response().Header.Peek(fiber.HeaderAccessControlAllowOrigin)) == 0 {
		return false
	}
	c.Set(fiber.HeaderAccessControlAllowMethods, "GET, POST, PUT, DELETE")
	c.Set(fiber.HeaderAccessControlAllowHeaders, "Authorization, Content-Type, Idempotency-Key, Last-Event-ID")
	c.Set(fiber.HeaderAccessControlMaxAge, "7200")
	c.Status(fiber.StatusNoContent)
	return true
}
