package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/jobs"
	"callhue/internal/web"
	"callhue/staff"
)

type serveCmd struct {
	numbering
	Listen    string   `env:"CALLHUE_LISTEN" default:"127.0.0.1:8080" placeholder:"ADDRESS" help:"Address to listen on."`
	Admin     string   `name:"admin-listen" env:"CALLHUE_ADMIN_LISTEN" placeholder:"ADDRESS" help:"Serve /docs and /openapi.json only here, and /metrics without a token."`
	PublicURL string   `name:"public-url" env:"CALLHUE_PUBLIC_URL" placeholder:"URL" help:"What browsers and PBXs call this server by; https makes cookies Secure."`
	Frames    []string `name:"frame-ancestors" env:"CALLHUE_FRAME_ANCESTORS" placeholder:"ORIGIN" help:"Origins that may embed the card: https://portal.example."`
	Demo      bool     `env:"CALLHUE_DEMO" help:"Load demo data into an empty database, once, and print what to try."`

	Waiting waiting       `embed:"" envprefix:"CALLHUE_"`
	Origins []string      `name:"cors-origins" env:"CALLHUE_CORS_ORIGINS" help:"Origins whose pages may call the API."`
	Proxies behindProxies `embed:"" envprefix:"CALLHUE_"`
	Reading readingLimits `embed:"" prefix:"reading-" envprefix:"CALLHUE_READING_"`
	Session sessionLimits `embed:"" prefix:"session-" envprefix:"CALLHUE_SESSION_"`
}

// behindProxies are the flags of an installation behind reverse proxies.
type behindProxies struct {
	Trusted []string `name:"trusted-proxies" env:"TRUSTED_PROXIES" help:"Proxies that tell whose request it is."`
	Header  string   `name:"forwarded-header" env:"FORWARDED_HEADER" default:"X-Forwarded-For" help:"Or Forwarded."`
}

// answerMargin is what the answer to a PBX may take besides a step of the database.
const answerMargin = 50 * time.Millisecond

// waiting are the flags of how long we wait.
type waiting struct {
	Database time.Duration `name:"database-timeout" env:"DATABASE_TIMEOUT" default:"400ms" help:"For one step."`
}

// readingLimits are the flags of what users may read.
type readingLimits struct {
	Agents int `env:"AGENTS" default:"600" help:"Records an agent may read in ten minutes; 0: no limit."`
	Heads  int `env:"HEADS" default:"3000" help:"The same for supervisors and heads of departments."`
	Admins int `env:"ADMINS" default:"100000" help:"The same for admins and service accounts."`
}

func (l readingLimits) limits() staff.ReadingLimits {
	return staff.ReadingLimits{Agents: l.Agents, Heads: l.Heads, Admins: l.Admins}
}

// sessionLimits are the flags of how long a browser stays signed in.
type sessionLimits struct {
	Lives time.Duration `env:"LIVES" default:"720h" help:"How long a browser stays signed in at most."`
	Idle  time.Duration `env:"IDLE" default:"12h" help:"The same without a request; 0: no limit."`
}

func (serveCmd) Help() string {
	return "Example: callhue serve --listen 127.0.0.1:8080 --db sqlite:var/callhue.db --demo"
}

// Run serves until the process is told to stop.
func (c *serveCmd) Run(e *env) error {
	a, err := e.open(upgrading, c.numbering)
	if err != nil {
		return err
	}
	defer a.close()
	a.reading.Limits = c.Reading.limits()
	a.receiver.AnswerWithin(c.Waiting.Database + answerMargin)
	a.roster.Sessions = staff.SessionLimits(c.Session)
	if err := a.roster.Sessions.Check(); err != nil {
		return err
	}
	proxies, err := web.ParseProxies("trusted-proxies", c.Proxies.Trusted, c.Proxies.Header)
	if err != nil {
		return err
	}
	if err := web.CheckOrigins("cors-origins", c.Origins); err != nil {
		return err
	}
	server, err := a.server(web.Options{PublicURL: c.PublicURL, FrameAncestors: c.Frames, OperatorsApart: c.Admin != "",
		Proxies: proxies, Origins: c.Origins, DatabaseTimeout: c.Waiting.Database})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fault.Invalid("listen", "not_free").Because(err)
	}
	if host, port, _ := net.SplitHostPort(c.Listen); port == "0" { // any that is free
		c.Listen = net.JoinHostPort(host, strconv.Itoa(listener.Addr().(*net.TCPAddr).Port))
	}
	group, ctx := errgroup.WithContext(e.ctx)
	if c.Admin != "" {
		operators, err := net.Listen("tcp", c.Admin)
		if err != nil {
			_ = listener.Close()
			return fault.Invalid("admin-listen", "not_free").Because(err)
		}
		group.Go(func() error { return server.ServeOperatorsOn(ctx, operators) })
	}
	group.Go(func() error { return a.journal.Run(ctx) })
	a.addTicks()
	group.Go(func() error { return a.roster.Run(ctx, a.log) })
	group.Go(func() error { return a.jobs.Run(ctx) })
	group.Go(func() error { return a.records.FollowQuality(ctx, a.jobs, a.log) })
	group.Go(func() error { return a.permits.Run(ctx) })
	group.Go(func() error { return a.tracker.Run(ctx) })
	group.Go(func() error { return a.receiver.Run(ctx) })
	group.Go(func() error { return a.dispatcher.Run(ctx) })
	group.Go(func() error { return a.receiver.Connect(ctx) })
	group.Go(func() error { return server.ServeOn(ctx, listener) })
	group.Go(func() error {
		if err := a.welcome(ctx, e, c); err != nil && ctx.Err() == nil {
			return err
		}
		return nil
	})
	return group.Wait()
}

// server returns the web server of the packages. opt has what the command's flags say.
func (a *app) server(opt web.Options) (*web.Server, error) {
	opt.Who, opt.Reading, opt.Idempotency, opt.Ready = a.roster.Authenticate, a.reading, a.idempotency, a.ready
	opt.Mask = a.tracker.Mask
	opt.Version, opt.Enums = version, enums(knownVerbs())
	opt.Log, opt.Metrics, opt.Now = a.log, a.metrics, time.Now
	server, err := web.New(opt, a.routes()...)
	if err == nil {
		a.assistants.API = server.Ask
	}
	return server, err
}

// ready returns why this process cannot work, or nil.
func (a *app) ready(ctx context.Context) error {
	if err := a.db.Ping(ctx); err != nil {
		return err
	}
	if err := a.db.Writable(ctx); err != nil {
		return err
	}
	if err := a.db.Migrated(ctx); err != nil {
		return err
	}
	if a.journal.SinceRead() > 5*time.Second {
		return errors.New("the journal is not read")
	}
	return nil
}

// addTicks schedules the removal of expired rows; one of the processes on a database does it.
func (a *app) addTicks() {
	for _, t := range []struct {
		name  string
		every time.Duration
		sweep func(context.Context) error
	}{
		{"calls.sweep", time.Minute, a.tracker.Sweep},
		{"calls.idle", time.Hour, a.tracker.WarnOfIdle},
		{"webhooks.sweep", time.Hour, a.receiver.Sweep},
		{"importexport.sweep", time.Hour, a.importer.Sweep},
		{"staff.sweep", time.Hour, a.roster.Sweep}, // sessions, links and tickets
		{"crm.sweep", time.Hour, a.records.Sweep},  // what can undo merges of long ago
		{"idempotency.sweep", time.Hour, a.idempotency.Sweep},
		{"proposals.sweep", time.Hour, a.proposals.Sweep},
		{"crm.search", time.Minute, a.records.IndexBacklog},
		{"journal.seal", 30 * time.Second, a.journal.Seal},
	} {
		a.jobs.Tick(jobs.Tick{Name: t.name, Next: jobs.Every(t.every),
			Run: func(ctx context.Context, _ time.Time) error { return t.sweep(ctx) }})
	}
}

// welcome prints what to do next after the server has started.
func (a *app) welcome(ctx context.Context, e *env, c *serveCmd) error {
	at := c.PublicURL
	if at == "" {
		at = "http://" + browsable(c.Listen)
	}
	at = strings.TrimRight(at, "/")
	if c.Demo {
		err := a.welcomeToDemo(ctx, e, at)
		if !fault.Is(err, fault.KindConflict) {
			return err
		}
		fmt.Fprintln(e.err, "callhue: no demo data:", sentence(err))
	}
	org, err := a.roster.Org(ctx)
	if err != nil {
		return err
	}
	if len(org.Users()) > 0 {
		fmt.Fprintf(e.out, "Callhue %s is at %s\n", version, at)
		return nil
	}
	admin, err := a.roster.AddUser(ctx, access.System(), staff.NewUser{Login: "admin", Name: "Admin",
		Roles: access.Roles{access.Admin}})
	if err != nil {
		return err
	}
	secret, err := a.roster.Link(ctx, access.System(), admin.ID, staff.LongestLink)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.out, "Callhue %s is ready. Sign in as admin (the link works once, for a day):\n\n  %s/signin/%s\n\n",
		version, at, secret)
	fmt.Fprintln(e.out, "A new link later: callhue user link admin")
	return nil
}

// browsable turns an address to listen on into one to open.
func browsable(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return listen
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}
