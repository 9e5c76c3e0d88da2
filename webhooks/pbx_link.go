package webhooks

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"callhue/calls"
	"callhue/internal/fault"
	"callhue/internal/jobs"
	"callhue/internal/web"
	"callhue/phone"
	"callhue/webhooks/dialects"
	"callhue/webhooks/sources"
)

// Times of the connections to PBXs.
const (
	linkTimeout   = 10 * time.Second // for connecting, and for signing in
	linkPingEvery = 20 * time.Second
	linkSilence   = 60 * time.Second // without a message, answers to pings included, a connection is dead
	linkRetry     = time.Second      // doubled up to maxLinkRetry
	maxLinkRetry  = time.Minute
	busyLinkRetry = 5 * time.Second // the longest while calls are known to be up
	manyFailures  = 64              // after which the next attempt waits for maxLinkRetry
)

// linkBuffer is how many messages may wait while the database is slow: PBXs drop a client that does not read.
const linkBuffer = 20_000

// linkError is why a connection to a PBX ended, where its kind of connection knows it.
type linkError struct {
	text    string // for the server's log
	code    string // that people see in words
	isFinal bool   // more attempts at once would only get us banned
}

func (e *linkError) Error() string { return e.text }

var errLinkSlow = &linkError{text: "too many events of the PBX wait", code: "too_slow"}

// linkReason returns the code of why a connection ended.
func linkReason(err error) string {
	var known *linkError
	var timeout net.Error
	switch {
	case errors.As(err, &known):
		return known.code
	case errors.Is(err, web.ErrPrivate):
		return "private_address"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "no_answer"
	case errors.Is(err, io.EOF):
		return "closed_by_pbx"
	}
	return "not_reachable"
}

// pbxLink is what our connections to PBXs have in common: each is kept, shows its state, and has calls handle what
// happens there. A kind of connection embeds it and sets session and busy.
type pbxLink struct {
	receiver *Receiver
	source   *sources.Live
	method   string // that stands in the source's log
	retry    time.Duration

	session func(ctx context.Context) error // one connection, from the greeting to its end
	busy    func() bool                     // whether calls are known to be up

	mu     sync.Mutex
	isUp   bool
	failed string // why there is no connection; "" while it is tried for the first time
}

func newPBXLink(rc *Receiver, source *sources.Live, method string) pbxLink {
	return pbxLink{receiver: rc, source: source, method: method, retry: cmp.Or(rc.links.retry, linkRetry)}
}

// run connects again and again until the context ends; what went wrong is in the source's log.
func (l *pbxLink) run(ctx context.Context) {
	backoff, failures := jobs.Doubling(l.retry, maxLinkRetry), 0
	for ctx.Err() == nil {
		started := l.receiver.opt.Now()
		err := l.session(ctx)
		if ctx.Err() != nil {
			return
		}
		reason := linkReason(err)
		l.fail(reason)
		l.log("connection", dialects.Parsed{Note: "the connection ended"}, fault.Unauthorised(reason).Because(err))
		l.receiver.opt.Log.Warn("connection to a PBX ended", "source", l.source.Name, "error", err)
		var known *linkError
		switch {
		case errors.As(err, &known) && known.isFinal:
			failures = manyFailures
		case l.receiver.opt.Now().Sub(started) > maxLinkRetry:
			failures = 0
		}
		failures++
		wait, _ := backoff(failures)
		if l.busy() && failures < manyFailures {
			wait = min(wait, busyLinkRetry)
		}
		_ = web.Sleep(ctx, wait)
	}
}

// isAgent reports whether a user is known by a name. Without an answer of the database none is.
func (l *pbxLink) isAgent(name string) bool {
	user, err := l.receiver.opt.Tracker.AgentOf(context.Background(), l.source.Name, name)
	return err == nil && user != nil
}

// phoneHolder returns the login of the user whose own phone has a number; "" when no single user has it, and without an
// answer of the database.
func (l *pbxLink) phoneHolder(number phone.Number) string {
	user, err := l.receiver.opt.Tracker.PhoneHolder(context.Background(), number)
	if err != nil || user == nil {
		return ""
	}
	return user.Login
}

// connected notes that the connection is up.
func (l *pbxLink) connected() {
	l.setUp(true)
	l.log("connection", dialects.Parsed{Note: "connected"}, nil)
}

func (l *pbxLink) setUp(isUp bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.isUp, l.failed = isUp, ""
}

func (l *pbxLink) fail(why string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failed = why
}

// status returns the state of this process's connection.
func (l *pbxLink) status(context.Context) (sources.LinkStatus, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.isUp:
		return sources.LinkStatus{State: sources.LinkConnected}, nil
	case l.failed != "":
		return sources.LinkStatus{State: sources.LinkFailed, Reason: l.failed}, nil
	}
	return sources.LinkStatus{State: sources.LinkConnecting}, nil
}

// handle has calls handle events; what and body stand in the source's log. While the database is away it tries again:
// PBXs do not send events twice.
func (l *pbxLink) handle(ctx context.Context, what string, body []byte, events []calls.Event) {
	backoff := jobs.Doubling(100*time.Millisecond, 5*time.Second)
	for failures := 1; ; failures++ {
		in := l.inbound(what, dialects.Parsed{Events: events})
		in.req.Body = body
		reply, err := l.receiver.handle(ctx, in)
		f := fault.Of(err)
		if f != nil && ctx.Err() == nil && (f.Kind == fault.KindUnavailable || f.Kind == fault.KindInternal) {
			l.receiver.opt.Log.Warn("an event of a PBX waits", "source", l.source.Name, "error", err)
			wait, _ := backoff(failures)
			_ = web.Sleep(ctx, wait)
			continue
		}
		_, _ = l.receiver.finish(in, reply, err)
		return
	}
}

// inbound returns something that happened on the link as the source's log shows it.
func (l *pbxLink) inbound(what string, parsed dialects.Parsed) *inbound {
	return &inbound{
		req:    &dialects.Request{Source: l.source.Name, Settings: l.source.Settings, At: l.receiver.opt.Now().UTC()},
		source: l.source,
		parsed: parsed,
		head:   func() requestHead { return requestHead{method: l.method, path: what} },
	}
}

func (l *pbxLink) log(what string, parsed dialects.Parsed, f *fault.Error) {
	status := http.StatusOK
	if f != nil {
		status = http.StatusBadGateway
	}
	l.receiver.logRequest(l.inbound(what, parsed), status, f)
}

// readAhead reads messages until next fails, and closes messages then. It goes on reading while calls handles events:
// PBXs do not wait.
func readAhead[T any](messages chan<- T, next func() (T, error)) error {
	defer close(messages)
	for {
		m, err := next()
		if err != nil {
			return err
		}
		select {
		case messages <- m:
		default:
			return errLinkSlow
		}
	}
}
