// Package web is the web server, the same for every package.
//
// A package has a table of Route rows; from that one table come the fiber
// routes, the check of roles, the OpenAPI document, the docs page, the labels
// of the metrics and the test of rights. Input is bound and refused here,
// faults become problem answers (RFC 9457) here, cookies, cross-site checks,
// security headers and the embedded browser application live here. web knows no
// noun of the business: the signed-in user comes from a function that cmd wires.
//
// Read next: route.go, bind.go, problem.go.
package web

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"

	"callhue/internal/access"
	"callhue/internal/fault"
)

// Options are what a server is built from.
type Options struct {
	// Who finds the user of a bearer token or of a session cookie; a wrong one
	// is fault.Unauthorised. Required.
	Who func(ctx context.Context, bearer, session string) (*access.User, error)
	// Idempotency stores answers by Idempotency-Key; nil ignores the header.
	Idempotency IdempotencyStore
	// Reading bounds what users read by routes with Reads; nil bounds nothing.
	Reading ReadingBudget
	// Mask hides from a user what they may not see of the numbers in an answer of the API, which is JSON; asked is the
	// body of the request. Nil hides nothing.
	Mask func(ctx context.Context, user *access.User, asked, answer []byte) ([]byte, error)
	// Ready is why the server cannot work now, or nil. Required.
	Ready func(ctx context.Context) error
	// DatabaseTimeout is how long a request waits for one step of the database; 0: as long as the request may take.
	DatabaseTimeout time.Duration
	// PublicURL is what browsers and PBXs call us by; https makes cookies Secure.
	PublicURL string
	// Proxies stand in front of the server.
	Proxies Proxies
	// FrameAncestors are origins that may embed /embed pages besides our own.
	FrameAncestors []string
	// Origins are those whose pages may call the API with a token, besides our own; see CheckOrigins.
	Origins []string
	// OperatorsApart serves the routes for operators by ServeOperatorsOn, and here only those that have roles.
	OperatorsApart bool
	// Pages is the built browser application; nil is the embedded one.
	Pages   fs.FS
	Version string
	// Enums are the values of types that the API reference cannot read off the types themselves.
	Enums   Enums
	Log     *slog.Logger
	Metrics *prometheus.Registry
	Now     func() time.Time
}

// MaxBody is the largest request body in bytes, but for routes with a limit of their own.
const MaxBody = 1 << 20

// drainedBody is how much of a body is read before it is refused. A client that sends
// more sees a reset instead of an answer.
const drainedBody = 4 * MaxBody

// Server is the HTTP server.
type Server struct {
	opt    Options
	public *url.URL
	routes []Route
	app    *fiber.App
	meter  *meter

	connections *connections

	largeBodies []largeBody

	uploads map[string]bool // the routes that bring files, by method and path

	operators *fiber.App // the routes for operators; app itself unless they are apart

	headers, embedHeaders []header

	document  []byte // openapi.json
	reference []byte // the page at /docs

	streams *streams
	life    context.Context // of the streams: ends when the server shuts down
	die     context.CancelFunc
}

// New returns a server of the packages' tables. A table that cannot work (two
// rows for one method and path, input that cannot be bound) is an error.
func New(opt Options, tables ...[]Route) (*Server, error) {
	public, err := url.Parse(opt.PublicURL)
	if err != nil || (opt.PublicURL != "" && public.Host == "") {
		return nil, fault.Invalid("public_url", "not_a_url").Because(err)
	}
	s := &Server{opt: opt, public: public, meter: newMeter(opt.Metrics), uploads: map[string]bool{}}
	s.headers = s.securityHeaders("'none'")
	s.embedHeaders = s.securityHeaders(append([]string{"'self'"}, opt.FrameAncestors...)...)
	s.streams = newStreams(s.meter.streams.Add)
	s.life, s.die = context.WithCancel(context.Background())
	s.app = fiber.New(fiber.Config{
		Immutable:             true, // fasthttp reuses its strings otherwise
		DisableStartupMessage: true,
		BodyLimit:             MaxBody,
		StreamRequestBody:     true,     // bodies are read by guard, files by their routes
		ReadBufferSize:        16 << 10, // headers behind SSO
		ReadTimeout:           30 * time.Second,
		IdleTimeout:           2 * time.Minute,
		StrictRouting:         false,
		// A body is read as it was sent: webhooks are signed over its bytes.
		DisablePreParseMultipartForm: true,
		UnescapePath:                 true,
		ErrorHandler:                 s.answerError,
	})
	s.connections = newConnections(filesAllowed(), opt.Proxies, opt.Now, opt.Metrics)
	s.app.Server().KeepHijackedConns = true // SSE closes them itself
	s.app.Server().ConnState = s.connections.follow
	s.app.Use(s.guard, s.connections.begin)
	s.operators = s.app
	if opt.OperatorsApart {
		s.operators = fiber.New(fiber.Config{
			Immutable:             true,
			DisableStartupMessage: true,
			ReadTimeout:           30 * time.Second,
			IdleTimeout:           2 * time.Minute,
			ErrorHandler:          s.answerError,
		})
		s.operators.Use(s.guard)
	}
	for _, table := range append(tables, s.healthRoutes()) {
		s.routes = append(s.routes, table...)
	}
	for _, route := range s.routes {
		if prefix, _, _ := strings.Cut(route.Path, ":"); route.MaxBody > 0 {
			s.largeBodies = append(s.largeBodies, largeBody{prefix, min(route.MaxBody, drainedBody)})
		}
	}
	if err := s.mount(); err != nil {
		return nil, err
	}
	if s.document, err = Document(opt.Version, opt.Enums, tables...); err != nil {
		return nil, err
	}
	if s.reference, err = referenceOf(opt.Version, opt.Enums, s.routes); err != nil {
		return nil, err
	}
	return s, s.serveUI()
}

// App returns the fiber application, for tests.
func (s *Server) App() *fiber.App { return s.app }

// Routes returns every row of every table.
func (s *Server) Routes() []Route { return s.routes }

// Serve listens on an address (host:port; port 0 is any free one) until the context ends, like ServeOn.
func (s *Server) Serve(ctx context.Context, address string) error {
	on, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	return s.ServeOn(ctx, on)
}

// ServeOn answers what a listener accepts until the context ends. Then streams
// are ended (their clients come again), and requests have five seconds to
// finish.
func (s *Server) ServeOn(ctx context.Context, on net.Listener) error {
	failed := make(chan error, 1)
	go func() { failed <- s.app.Listener(boundedListener{on, s.connections}) }()
	defer s.endStreams()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		s.endStreams()
		s.streams.wait(time.Second)
		err := s.app.ShutdownWithTimeout(5 * time.Second)
		if errors.Is(err, context.DeadlineExceeded) {
			s.opt.Log.Warn("requests were cut off by the shutdown")
			return nil
		}
		return err
	}
}

// endStreams ends what is open and what opens later.
func (s *Server) endStreams() {
	s.die()
	s.streams.close()
}

// ServeOperatorsOn serves the routes for operators (metrics and the API reference) to a listener, without sign-in, until
// the context ends. It needs Options.OperatorsApart.
func (s *Server) ServeOperatorsOn(ctx context.Context, on net.Listener) error {
	failed := make(chan error, 1)
	go func() { failed <- s.operators.Listener(on) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		err := s.operators.ShutdownWithTimeout(5 * time.Second)
		if errors.Is(err, context.DeadlineExceeded) {
			return nil
		}
		return err
	}
}

// The session's cookie; a browser accepts one with the prefix __Host- only over
// TLS, from this very host and for all of its paths.
const (
	plainCookie = "callhue"
	hostCookie  = "__Host-callhue"
)

// SessionCookie is the name of the cookie that holds a session's secret: with
// the __Host- prefix when TLS is on.
func (s *Server) SessionCookie() string {
	if s.secure() {
		return hostCookie
	}
	return plainCookie
}

func (s *Server) secure() bool { return s.public.Scheme == "https" }

// guard runs before every route: security headers, and no changes by a
// foreign page in a signed-in browser.
func (s *Server) guard(c *fiber.Ctx) error {
	s.harden(c)
	if s.preflight(c) {
		return nil
	}
	if !c.Request().IsBodyStream() {
		return c.Next()
	}
	if s.uploads[c.Method()+" "+c.Path()] {
		err := c.Next()
		drain(c, drainedBody)
		return err
	}
	if err := readBody(c, s.maxBody(c.Path())); err != nil {
		return err
	}
	return c.Next()
}

// maxBody returns the largest body that a path takes, in bytes.
func (s *Server) maxBody(path string) int {
	for _, large := range s.largeBodies {
		if strings.HasPrefix(path, large.prefix) {
			return large.bytes
		}
	}
	return MaxBody
}

// largeBody is the limit of the routes whose paths begin alike.
type largeBody struct {
	prefix string
	bytes  int
}

func (s *Server) harden(c *fiber.Ctx) {
	headers := s.headers
	if strings.HasPrefix(c.Path(), "/embed/") {
		headers = s.embedHeaders
	}
	for _, h := range headers {
		c.Response().Header.SetCanonical(h.name, h.value)
	}
	s.share(c)
}

// header is one that every answer carries, spelled once for all of them.
type header struct{ name, value []byte }

// securityHeaders of pages that these origins may put into a frame.
func (s *Server) securityHeaders(ancestors ...string) []header {
	list := []header{
		{[]byte(fiber.HeaderXContentTypeOptions), []byte("nosniff")},
		{[]byte(fiber.HeaderReferrerPolicy), []byte("same-origin")},
		{[]byte(fiber.HeaderContentSecurityPolicy), []byte(contentPolicy + strings.Join(ancestors, " "))},
		{[]byte(openerPolicy), []byte("same-origin")},
		{[]byte(fiber.HeaderPermissionsPolicy), []byte(noPermissions)},
	}
	if ancestors[0] == "'none'" {
		list = append(list, header{[]byte(fiber.HeaderXFrameOptions), []byte("DENY")},
			header{[]byte(resourcePolicy), []byte("same-origin")})
	} else {
		list = append(list, header{[]byte(resourcePolicy), []byte("cross-origin")})
	}
	if s.secure() {
		list = append(list, header{[]byte(fiber.HeaderStrictTransportSecurity), []byte("max-age=31536000")})
	}
	return list
}

// contentPolicy allows our own files and nothing inside a page, neither
// script nor style; what scripts set by CSSOM needs no permission. Recordings are
// played from where the PBX keeps them.
const contentPolicy = "default-src 'self'; img-src 'self' data:; media-src 'self' http: https:; style-src 'self'; " +
	"object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors "

// Headers that keep pages of other sites apart from ours (HTML Standard, Fetch Standard).
const (
	openerPolicy   = "Cross-Origin-Opener-Policy"
	resourcePolicy = "Cross-Origin-Resource-Policy"
)

// noPermissions refuses our pages, and what they embed, the features of a browser that they do not use.
const noPermissions = "camera=(), display-capture=(), geolocation=(), microphone=(), midi=(), payment=(), serial=(), " +
	"usb=(), browsing-topics=()"

// Frame lets pages of these origins, and of no others, show the answer in a frame;
// its scripts may come from us and from those other origins.
func (r *Request) Frame(scripts []string, by ...string) {
	policy := contentPolicy + strings.Join(by, " ")
	if len(scripts) > 0 {
		policy = "script-src 'self' " + strings.Join(scripts, " ") + "; " + policy
	}
	r.C.Set(fiber.HeaderContentSecurityPolicy, policy)
	r.C.Response().Header.Del(fiber.HeaderXFrameOptions)
	r.C.Set(resourcePolicy, "cross-origin")
}

// crossSite reports whether a browser sent this change from a page that is not
// ours. A request without a cookie's power (a token, a PBX) is not asked.
func (s *Server) crossSite(c *fiber.Ctx) bool {
	switch c.Method() {
	case fiber.MethodGet, fiber.MethodHead, fiber.MethodOptions:
		return false
	}
	if site := c.Get("Sec-Fetch-Site"); site != "" {
		return site != "same-origin" && site != "none"
	}
	origin := c.Get(fiber.HeaderOrigin)
	if origin == "" {
		return false // not a browser: browsers send one of the two on every change
	}
	from, err := url.Parse(origin)
	if err != nil || from.Host == "" {
		return true // "null" too: a page that hides where it is from
	}
	return from.Host != string(c.Request().Host()) && from.Host != s.public.Host // a proxy may change Host
}
