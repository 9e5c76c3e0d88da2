package web

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"callhue/internal/fault"
)

// Problem is the answer to every refused request (RFC 9457), sent as
// application/problem+json. Code is stable; Title is for people who read logs.
type Problem struct {
	Type   string         `json:"type"`
	Title  string         `json:"title"`
	Status int            `json:"status"`
	Code   string         `json:"code"`
	Args   map[string]any `json:"args,omitempty"`
	Errors []fault.Field  `json:"errors,omitempty"`
}

const problemType = "application/problem+json"

// Status is the HTTP status of a fault.
func Status(f *fault.Error) int {
	switch f.Kind {
	case fault.KindInvalid:
		switch f.Key {
		case "malformed_json":
			return http.StatusBadRequest
		case "body_too_large":
			return http.StatusRequestEntityTooLarge
		}
		return http.StatusUnprocessableEntity
	case fault.KindMissing:
		return http.StatusNotFound
	case fault.KindConflict:
		return http.StatusConflict
	case fault.KindForbidden:
		return http.StatusForbidden
	case fault.KindUnauthorised:
		return http.StatusUnauthorized
	case fault.KindBusy:
		return http.StatusTooManyRequests
	case fault.KindUnavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// answerError turns an error into a problem answer. The text of a foreign
// error goes to the log and nowhere else.
func (s *Server) answerError(c *fiber.Ctx, err error) error {
	var own *fiber.Error
	if errors.As(err, &own) {
		return s.problem(c, own.Code, fiberCodes[own.Code], nil)
	}
	f := fault.Of(err)
	if f.Kind == fault.KindInternal {
		s.opt.Log.Error("request failed", "method", c.Method(), "route", c.Route().Path, "error", err)
	}
	if f.Kind == fault.KindUnauthorised {
		c.Set(fiber.HeaderWWWAuthenticate, `Bearer realm="callhue"`)
	}
	if f.Kind == fault.KindUnavailable {
		s.opt.Log.Warn("request not served", "method", c.Method(), "route", c.Route().Path, "error", err)
	}
	if f.Kind == fault.KindBusy || f.Kind == fault.KindUnavailable {
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(max(1, int(f.RetryAfter.Seconds()))))
	}
	return s.problem(c, Status(f), f.Key, f)
}

// fiberCodes names what fiber itself refuses.
var fiberCodes = map[int]string{
	http.StatusNotFound:                    "no_such_route",
	http.StatusMethodNotAllowed:            "method_not_allowed",
	http.StatusRequestEntityTooLarge:       "body_too_large",
	http.StatusRequestHeaderFieldsTooLarge: "headers_too_large",
	http.StatusRequestTimeout:              "request_timeout",
	http.StatusBadRequest:                  "bad_request",
}

func (s *Server) problem(c *fiber.Ctx, status int, code string, f *fault.Error) error {
	return c.Status(status).JSON(newProblem(status, code, f), problemType)
}

func newProblem(status int, code string, f *fault.Error) Problem {
	p := Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Code: code}
	if p.Code == "" {
		p.Code = "refused"
	}
	if f != nil && f.Kind != fault.KindInternal {
		p.Args, p.Errors = f.Args, f.Fields
	}
	return p
}

// ProblemOf describes an error as the answer to a request would, for one part of a request.
func ProblemOf(err error) Problem {
	f := fault.Of(err)
	return newProblem(Status(f), f.Key, f)
}
