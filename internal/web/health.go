package web

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"callhue/internal/access"
)

// healthRoutes returns the routes of the server itself.
func (s *Server) healthRoutes() []Route {
	return []Route{
		{Method: "GET", Path: "/healthz", Roles: access.Anyone, Summary: "Check that the process answers",
			Media: fiber.MIMETextPlain,
			Do: Raw(func(r *Request) error {
				return r.C.SendString("ok\n")
			})},
		{Method: "GET", Path: "/readyz", Roles: access.Anyone,
			Summary: "Check that the database answers, is migrated, and the journal is read", Do: Raw(s.ready),
			Media: fiber.MIMETextPlain},
		{Method: "GET", Path: "/version", Roles: access.Anyone, Summary: "Get the version of this program",
			Do: Do(func(*Request, Nothing) (version, error) {
				return version{s.opt.Version}, nil
			})},
		{Method: "GET", Path: "/metrics", Roles: access.Admins, Operators: true, Summary: "Get metrics for Prometheus",
			Media: fiber.MIMETextPlain,
			Do: Raw(func(r *Request) error {
				return adaptor.HTTPHandler(promhttp.HandlerFor(s.opt.Metrics, promhttp.HandlerOpts{}))(r.C)
			})},
		{Method: "GET", Path: "/openapi.json", Roles: access.Anyone, Operators: true,
			Summary: "Get this API as an OpenAPI 3.1 document", Do: Raw(s.openAPI), Media: fiber.MIMEApplicationJSON},
		{Method: "GET", Path: "/docs", Roles: access.Anyone, Operators: true, Summary: "Show the API reference",
			Do: Raw(s.docs), Media: fiber.MIMETextHTML},
	}
}

type version struct {
	Version string `json:"version"`
}

// readyWithin is how long it may take to find out that the server is ready.
const readyWithin = 1500 * time.Millisecond

func (s *Server) ready(r *Request) error {
	ctx, cancel := context.WithTimeout(r.Context(), readyWithin)
	defer cancel()
	if err := s.opt.Ready(ctx); err != nil {
		s.opt.Log.Warn("not ready", "error", err)
		return r.C.Status(fiber.StatusServiceUnavailable).SendString("not ready\n")
	}
	return r.C.SendString("ready\n")
}
