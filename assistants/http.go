package assistants

import (
	"net/http"

	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/web"
)

// Routes returns the door of assistants.
func (a *Assistants) Routes() []web.Route {
	return []web.Route{
		{Method: web.Any, Path: "/mcp", Roles: access.Askers, NoIdempotencyRecord: true, Media: "application/json",
			Do:      web.Raw(a.serve),
			Summary: "Answer an assistant by the Model Context Protocol, with the rights of its token"},
	}
}

// serve answers one message. There are no sessions: each message comes with its token, and any process may answer it.
func (a *Assistants) serve(r *web.Request) error {
	if r.Bearer() == "" { // a session is a browser's
		return fault.Unauthorised("token_wrong")
	}
	s := &session{Assistants: a, user: r.User, bearer: r.Bearer()}
	handler := mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return s.server() },
		// A token proves where a request comes from; behind a proxy the Host is another one.
		&mcp.StreamableHTTPOptions{Stateless: true, JSONResponse: true, DisableLocalhostProtection: true})
	return adaptor.HTTPHandler(handler)(r.C)
}
