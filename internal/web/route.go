package web

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"callhue/internal/access"
	"callhue/internal/fault"
)

// Any is the method of a route that answers every method.
const Any = "ANY"

// Route is one row of a package's route table.
type Route struct {
	Method  string       // GET, POST …, or Any
	Path    string       // with :name for parameters, a trailing * for the rest
	Roles   access.Roles // who may; empty means no one
	Summary string       // one sentence, for the API reference
	Do      Handler
	Status  int   // of a good answer; 0 is 200, or 204 without a body
	Others  []int // further statuses of a good answer, for an answer that is Statused
	// its change may have to wait for another user: it then answers 202 with the Waiting of the route that lists them
	MayWait bool
	Waiting Waiting // for the API reference: how a change that waits is answered
	// it may read long, as searches, reports and files do: it reads by store.DB.ReadSlow, and its context ends when the
	// client disconnects
	Slow bool
	// no answer is kept for an Idempotency-Key: repetition is harmless, or the answer holds a secret
	NoIdempotencyRecord bool
	// posted by pages of other sites, in their frames: the session of this browser does not count
	Embedded bool
	// it opens a session: pages of other sites must not send it
	SignsIn bool
	// for operators: with Options.OperatorsApart served at their address without sign-in, and elsewhere only to Roles that
	// sign in
	Operators bool
	// MaxBody is the largest body in bytes of every route whose path begins like this one's up to its first
	// parameter; 0 is MaxBody of this package. It may be four times that at most.
	MaxBody int
	// its answers tell who owns what: their records come off the user's reading budget
	Reads bool
	// the body is a multipart form with a file, which the handler stores by SaveUpload, however long it is; such a
	// route has no parameters in its path and keeps no answer for an Idempotency-Key
	Upload *Form
	Media  string // what a Raw handler answers, for the API reference: "text/event-stream"
	// What a Raw handler reads by itself, for the API reference: parameters of the query, and the body that is posted,
	// as a zero value of its type.
	Query []Param
	Body  any
}

// Param is a parameter of the query that a Raw handler reads.
type Param struct {
	Name     string
	Doc      string
	Required bool
	Values   []string // nil: any text
}

// Handler is what a route does, with the types that the API reference shows.
type Handler struct {
	in, out reflect.Type // nil where a Raw handler does it by itself
	bind    binding
	sheet   bool // the answer can also be a CSV file
	run     func(r *Request, status int) error
}

// Nothing is the input or output of a handler that has none.
type Nothing struct{}

// Do makes a handler of a function from input to output. Fields of In tagged
// `path:"id"` or `query:"limit"` come from the URL; all others are the JSON
// body. The output is answered as JSON.
func Do[In, Out any](f func(r *Request, in In) (Out, error)) Handler {
	in := reflect.TypeFor[In]()
	bind := bindingOf(in)
	return Handler{in: in, out: reflect.TypeFor[Out](), bind: bind, run: func(r *Request, status int) error {
		var input In
		if err := bind.fill(r.C, reflect.ValueOf(&input).Elem()); err != nil {
			return err
		}
		out, err := read(r, &input, f)
		if err != nil {
			var waits Waiting
			if errors.As(err, &waits) {
				return answer(r.C, status, waits)
			}
			return err
		}
		return answer(r.C, status, out)
	}}
}

// Raw makes a handler that reads and answers by itself: streams, webhooks,
// pages.
func Raw(f func(r *Request) error) Handler {
	return Handler{run: func(r *Request, _ int) error { return f(r) }}
}

func answer(c *fiber.Ctx, status int, out any) error {
	if _, none := out.(Nothing); none {
		return c.SendStatus(noContent(status))
	}
	if own, quick := out.(Appender); quick {
		return answerOwn(c.Status(good(status)), own)
	}
	return c.Status(statusOf(out, status)).JSON(out)
}

// Statused is an answer whose HTTP status depends on what was done.
type Statused interface{ HTTPStatus() int }

// Waiting is the error of a change that waits for another user, and at once the good answer to its request.
type Waiting interface {
	error
	Statused
	Waits()
}

// statusOf is the status of a good answer with a body.
func statusOf(out any, status int) int {
	if own, ok := out.(Statused); ok {
		return own.HTTPStatus()
	}
	return good(status)
}

// good is the status of a good answer with a body, from the status of a route.
func good(status int) int { return cmp.Or(status, fiber.StatusOK) }

// noContent is the status of a good answer without a body.
func noContent(status int) int { return max(status, fiber.StatusNoContent) }

// encode writes the body of a good answer.
func encode(out any) ([]byte, error) {
	if own, quick := out.(Appender); quick {
		return own.AppendJSON(nil)
	}
	return json.Marshal(out)
}

// Appender is an answer that writes its own JSON: what encoding/json would
// write, only faster. For the few answers that are given hundreds a second.
type Appender interface {
	AppendJSON(to []byte) ([]byte, error)
}

// answerOwn writes into the memory of the response itself.
func answerOwn(c *fiber.Ctx, out Appender) error {
	response := c.Response()
	body, err := out.AppendJSON(response.SwapBody(nil)[:0])
	if err != nil {
		return err
	}
	response.SwapBody(body)
	response.Header.SetContentType(fiber.MIMEApplicationJSON)
	return nil
}

// key is what a row is known by: "GET /api/v1/companies/:id".
func (r Route) key() string { return r.Method + " " + r.Path }

func (s *Server) mount() error {
	seen := map[string]bool{}
	for _, route := range s.routes {
		if seen[route.key()] {
			return fmt.Errorf("web: two rows for %s", route.key())
		}
		if route.Do.run == nil || route.Summary == "" {
			return fmt.Errorf("web: %s has no handler or no summary", route.key())
		}
		seen[route.key()] = true
		s.uploads[route.key()] = route.Upload != nil
		if route.Operators && s.opt.OperatorsApart {
			s.mountForOperators(route)
			continue
		}
		switch route.Method {
		case Any:
			s.app.All(route.Path, s.serve(route))
		case fiber.MethodGet:
			s.app.Get(route.Path, s.serve(route)) // and HEAD
		default:
			s.app.Add(route.Method, route.Path, s.serve(route))
		}
	}
	return nil
}

// mountForOperators serves a route at the operators' address without sign-in. At the public address it stays for its roles,
// and is missing if it is for anyone.
func (s *Server) mountForOperators(route Route) {
	if slices.Equal(route.Roles, access.Anyone) {
		s.app.Get(route.Path, func(*fiber.Ctx) error { return fault.Missing("page") })
	} else {
		s.app.Get(route.Path, s.serve(route))
	}
	route.Roles = access.Anyone
	s.operators.Get(route.Path, s.serve(route))
}

// serve returns the handler of a route, with authentication, idempotency and metrics.
func (s *Server) serve(route Route) fiber.Handler {
	count := s.meter.route(route)
	return func(c *fiber.Ctx) error {
		start := s.opt.Now()
		r := &Request{C: c, server: s, ctx: requestContext{
			deadline: time.Now().Add(route.timeout()),
			step:     s.opt.DatabaseTimeout,
		}}
		defer r.ctx.end()
		left := func() bool { return false }
		if route.Slow {
			left = r.watchClient()
		}
		err := s.run(r, route)
		if err == nil {
			err = r.mask(route)
		}
		if left() {
			err = c.SendStatus(statusClientClosed)
		} else if err != nil {
			err = s.answerError(c, err)
		}
		count(c.Response().StatusCode(), s.opt.Now().Sub(start))
		return err
	}
}

// timeout is how long a request may take.
func (r Route) timeout() time.Duration {
	if r.Upload != nil {
		return uploadTime
	}
	return requestTimeout
}

func (s *Server) run(r *Request, route Route) (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.opt.Log.Error("a handler panicked", "panic", p, "stack", string(debug.Stack()))
			r.C.Response().Reset()
			s.harden(r.C)
			err = fault.Internal(fmt.Errorf("panic: %v", p))
		}
	}()
	if strings.HasPrefix(route.Path, "/api/") {
		r.C.Set(fiber.HeaderCacheControl, "no-store")
	}
	if r.User, err = s.admit(r.Context(), r.C, route); err != nil {
		return err
	}
	r.reads = route.Reads && r.User != nil && s.opt.Reading != nil
	return s.idempotent(r, route, func() error { return route.Do.run(r, route.Status) })
}
