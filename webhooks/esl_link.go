package webhooks

import (
	"cmp"
	"context"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"callhue/calls"
	"callhue/internal/fault"
	"callhue/internal/jobs"
	"callhue/internal/web"
	"callhue/phone"
	"callhue/webhooks/dialects"
	"callhue/webhooks/esl"
	"callhue/webhooks/sources"
)

// Times of a connection to an event socket. Those of retries are as for a manager interface.
const (
	eslTimeout   = 10 * time.Second // for connecting, and for signing in
	eslPingEvery = 20 * time.Second
	eslSilence   = 60 * time.Second // without a block, answers to pings included, the connection is dead
)

// eslBuffer is how many blocks may wait while the database is slow: FreeSWITCH drops events of a client that does not
// read.
const eslBuffer = 20_000

var (
	errESLRefused  = errors.New("esl: the password was refused")
	errESLRejected = errors.New("esl: the access list refuses this server")
	errNoESL       = errors.New("esl: it does not greet like an event socket")
	errESLSlow     = errors.New("esl: too many events wait")
	errESLClosed   = errors.New("esl: the connection was closed by the PBX")
)

// eslLink is our connection to one FreeSWITCH: it follows the calls there and has it place calls. It reconnects
// whenever it is cut off.
type eslLink struct {
	receiver *Receiver
	source   *sources.Live
	settings dialects.ESLSettings
	follower *esl.Follower
	retry    time.Duration
	heard    time.Time // when the last block came; zero before the first one

	mu      sync.Mutex
	conn    net.Conn               // nil while there is none
	waiting map[string]chan string // for the results of jobs, by their id
	failed  string                 // why there is no connection; "" while it is tried for the first time
}

func newESLLink(rc *Receiver, source *sources.Live) link {
	settings := dialects.ESLSettingsOf(source.Settings)
	l := &eslLink{
		receiver: rc,
		source:   source,
		settings: settings,
		retry:    cmp.Or(rc.links.retry, amiRetry),
		waiting:  map[string]chan string{},
	}
	l.follower = esl.NewFollower(esl.Options{Directory: l.directory(), Domain: settings.Domain})
	return l
}

// directory lets the follower ask whose a name or a number is. Without an answer of the database it knows none.
func (l *eslLink) directory() esl.Directory {
	ctx := context.Background()
	return esl.Directory{
		Plan: l.source.Origin.Plan,
		Agent: func(name string) bool {
			user, err := l.receiver.opt.Tracker.AgentOf(ctx, l.source.Name, name)
			return err == nil && user != nil
		},
		Holder: func(number phone.Number) string {
			user, err := l.receiver.opt.Tracker.PhoneHolder(ctx, number)
			if err != nil || user == nil {
				return ""
			}
			return user.Login
		},
	}
}

// run connects again and again until the context ends; what went wrong is in the source's log.
func (l *eslLink) run(ctx context.Context) {
	backoff, failures := jobs.Doubling(l.retry, maxAMIRetry), 0
	for ctx.Err() == nil {
		started := l.receiver.opt.Now()
		err := l.session(ctx)
		if ctx.Err() != nil {
			return
		}
		reason := eslReason(err)
		l.fail(reason)
		l.log("connection", dialects.Parsed{Note: "the connection ended"}, fault.Unauthorised(reason).Because(err))
		l.receiver.opt.Log.Warn("connection to a PBX ended", "source", l.source.Name, "error", err)
		switch {
		case errors.Is(err, errESLRefused):
			failures = manyFailures
		case l.receiver.opt.Now().Sub(started) > maxAMIRetry:
			failures = 0
		}
		failures++
		wait, _ := backoff(failures)
		if l.follower.Busy() && failures < manyFailures {
			wait = min(wait, busyAMIRetry)
		}
		_ = web.Sleep(ctx, wait)
	}
}

// eslReason returns the code of why a connection ended.
func eslReason(err error) string {
	var timeout net.Error
	switch {
	case errors.Is(err, errESLRefused):
		return "login_refused"
	case errors.Is(err, errESLRejected):
		return "access_list_refused"
	case errors.Is(err, errNoESL):
		return "no_event_socket"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "no_answer"
	case errors.Is(err, io.EOF), errors.Is(err, errESLClosed):
		return "closed_by_pbx"
	case errors.Is(err, errESLSlow):
		return "too_slow"
	}
	return "not_reachable"
}

// session is one connection, from the greeting to its end.
func (l *eslLink) session(ctx context.Context) error {
	host, err := l.settings.HostPort()
	if err != nil {
		return err
	}
	conn, err := (&net.Dialer{Timeout: eslTimeout}).DialContext(ctx, "tcp", host)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	r := esl.NewReader(conn)
	if err := l.signIn(conn, r); err != nil {
		return err
	}
	open, err := l.receiver.opt.Tracker.Unfinished(ctx, l.source.Name)
	if err != nil {
		return err
	}
	l.setConn(conn)
	defer l.setConn(nil)
	l.log("connection", dialects.Parsed{Note: "connected"}, nil)
	if err := l.send(conn, esl.ListChannels); err != nil {
		return err
	}
	return l.listen(ctx, conn, r, open)
}

// signIn answers the greeting with the password and subscribes to events.
func (l *eslLink) signIn(conn net.Conn, r *esl.Reader) error {
	_ = conn.SetDeadline(time.Now().Add(eslTimeout))
	defer func() { _ = conn.SetDeadline(time.Time{}) }()
	hello, err := r.Next()
	switch {
	case err != nil:
		return err
	case hello.Type() == esl.TypeRejected:
		return errESLRejected
	case hello.Type() != esl.TypeAuth:
		return errNoESL
	}
	if err := l.command(conn, r, esl.Auth(l.settings.Password), errESLRefused); err != nil {
		return err
	}
	return l.command(conn, r, esl.Subscribe, errNoESL)
}

// command sends a command and waits for its reply; a refusal is the given error.
func (l *eslLink) command(conn net.Conn, r *esl.Reader, command string, refused error) error {
	if err := l.send(conn, command); err != nil {
		return err
	}
	for {
		b, err := r.Next()
		switch {
		case err != nil:
			return err
		case b.Type() == esl.TypeDisconnect:
			return refused
		case b.Type() != esl.TypeReply:
			continue
		case !strings.HasPrefix(b.Header["Reply-Text"], "+OK"):
			return refused
		}
		return nil
	}
}

// listen handles what the PBX sends, and pings it. The first answer to a command is the list of channels.
func (l *eslLink) listen(ctx context.Context, conn net.Conn, r *esl.Reader, open []calls.Unfinished) error {
	blocks, failed := make(chan esl.Block, eslBuffer), make(chan error, 1)
	go func() { failed <- readESL(conn, r, blocks) }()
	ping := time.NewTicker(eslPingEvery)
	defer ping.Stop()
	isListed, last := false, l.heard
	for {
		select {
		case b, more := <-blocks:
			if !more {
				return <-failed
			}
			if b.Type() == esl.TypeAPI && !isListed {
				isListed = true
				l.reconcile(ctx, b.Body, open, last)
			}
			if err := l.receive(ctx, b); err != nil {
				return err
			}
			l.heard = l.receiver.opt.Now().UTC()
		case <-ping.C:
			if err := l.send(conn, "api status"); err != nil {
				return err
			}
		}
	}
}

// readESL reads blocks until the connection fails, then closes blocks. It goes on reading while calls handles events.
func readESL(conn net.Conn, r *esl.Reader, blocks chan<- esl.Block) error {
	defer close(blocks)
	for {
		_ = conn.SetReadDeadline(time.Now().Add(eslSilence))
		b, err := r.Next()
		if err != nil {
			return err
		}
		select {
		case blocks <- b:
		default:
			return errESLSlow
		}
	}
}

// reconcile compares what is known with the channels that are there. Without a list that can be read the calls are
// followed from here on.
func (l *eslLink) reconcile(ctx context.Context, answer []byte, open []calls.Unfinished, last time.Time) {
	events, err := l.follower.Listed(answer, open, last, l.receiver.opt.Now().UTC())
	if err != nil {
		l.receiver.opt.Log.Warn("the list of channels cannot be read", "source", l.source.Name, "error", err)
		return
	}
	if len(events) > 0 {
		l.handle(ctx, "show channels", nil, events)
	}
}

// receive has calls handle what an event means, and passes the result of a job to who waits for it.
func (l *eslLink) receive(ctx context.Context, b esl.Block) error {
	switch b.Type() {
	case esl.TypeDisconnect:
		return errESLClosed
	case esl.TypeEvent:
	default:
		return nil
	}
	e, err := b.Event()
	if err != nil {
		l.receiver.opt.Log.Warn("an event of a PBX cannot be read", "source", l.source.Name, "error", err)
		return nil
	}
	if e.Name() == "BACKGROUND_JOB" {
		l.mu.Lock()
		waiter := l.waiting[e["Job-UUID"]]
		l.mu.Unlock()
		if waiter != nil {
			select {
			case waiter <- strings.TrimSpace(e["_body"]):
			default:
			}
		}
		return nil
	}
	if events := l.follower.Take(e); len(events) > 0 {
		l.handle(ctx, e.Name(), e, events)
	}
	return nil
}

// handle has calls handle events. While the database is away it tries again: FreeSWITCH does not send them twice.
func (l *eslLink) handle(ctx context.Context, what string, e esl.Event, events []calls.Event) {
	backoff := jobs.Doubling(100*time.Millisecond, 5*time.Second)
	for failures := 1; ; failures++ {
		in := l.inbound(what, dialects.Parsed{Events: events})
		in.req.Body = loggedEvent(e)
		reply, err := l.receiver.handle(ctx, in)
		f := fault.Of(err)
		if f != nil && ctx.Err() == nil && (f.Kind == fault.KindBusy || f.Kind == fault.KindInternal) {
			l.receiver.opt.Log.Warn("an event of a PBX waits", "source", l.source.Name, "error", err)
			wait, _ := backoff(failures)
			_ = web.Sleep(ctx, wait)
			continue
		}
		_, _ = l.receiver.finish(in, reply, err)
		return
	}
}

// loggedVariables are the channel variables by which an event is understood.
var loggedVariables = []string{"domain_name", "dialed_user", "user_name", "sip_gateway_name", "hangup_cause",
	"cc_member_session_uuid", "cc_side", "other_loopback_leg_uuid"}

// loggedEvent returns the headers of an event that a person may want to see in the log.
func loggedEvent(e esl.Event) (lines []byte) {
	for _, name := range slices.Sorted(maps.Keys(e)) {
		variable, isVariable := strings.CutPrefix(name, "variable_")
		if !isVariable || slices.Contains(loggedVariables, variable) {
			lines = append(lines, name+": "+e[name]+"\n"...)
		}
	}
	return lines
}

// inbound returns something that happened on the link as the source's log shows it.
func (l *eslLink) inbound(what string, parsed dialects.Parsed) *inbound {
	return &inbound{
		req:    &dialects.Request{Source: l.source.Name, Settings: l.source.Settings, At: l.receiver.opt.Now().UTC()},
		source: l.source,
		parsed: parsed,
		head:   func() requestHead { return requestHead{method: "ESL", path: what} },
	}
}

func (l *eslLink) log(what string, parsed dialects.Parsed, f *fault.Error) {
	status := http.StatusOK
	if f != nil {
		status = http.StatusBadGateway
	}
	l.receiver.logRequest(l.inbound(what, parsed), status, f)
}

// setConn sets the connection on which commands are sent; nil when it has ended.
func (l *eslLink) setConn(conn net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conn, l.failed = conn, ""
}

func (l *eslLink) fail(why string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failed = why
}

// status returns the state of this process's connection.
func (l *eslLink) status(context.Context) (sources.LinkStatus, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.conn != nil:
		return sources.LinkStatus{State: sources.LinkConnected}, nil
	case l.failed != "":
		return sources.LinkStatus{State: sources.LinkFailed, Reason: l.failed}, nil
	}
	return sources.LinkStatus{State: sources.LinkConnecting}, nil
}

// send writes a command.
func (l *eslLink) send(conn net.Conn, command string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	_ = conn.SetWriteDeadline(time.Now().Add(eslTimeout))
	_, err := io.WriteString(conn, command+"\n\n")
	return err
}

// dial rings the agent's telephone and connects it to the number. id becomes that of the agent's leg, and so of the
// call: its card is known before it rings. Failures that come at once are returned; later ones end the call.
func (l *eslLink) dial(ctx context.Context, id, extension string, number phone.Number) error {
	dialled, err := spellDialled(l.source.Origin.Plan, number, l.settings.Numbers)
	if err != nil {
		return err
	}
	l.mu.Lock()
	conn, result := l.conn, make(chan string, 1)
	l.waiting[id] = result
	l.mu.Unlock()
	defer func() {
		l.mu.Lock()
		delete(l.waiting, id)
		l.mu.Unlock()
	}()
	if conn == nil {
		return fault.Conflict("pbx_not_connected")
	}
	endpoint := l.settings.Endpoint(extension)
	if err := l.send(conn, esl.Originate(id, id, endpoint, dialled, l.settings.Context)); err != nil {
		return fault.Conflict("pbx_not_connected").Because(err)
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(l.receiver.timeouts.originateFailure):
		return nil
	case text := <-result:
		return eslDialFault(text, endpoint)
	}
}

// eslDialFault returns the conflict of a call that was not placed; nil for one that was.
func eslDialFault(text, endpoint string) error {
	cause, failed := strings.CutPrefix(text, "-ERR ")
	switch {
	case !failed:
		return nil
	case cause == "USER_BUSY":
		return fault.Conflict("telephone_busy").With("what", endpoint)
	case cause == "USER_NOT_REGISTERED", cause == "SUBSCRIBER_ABSENT":
		return fault.Conflict("telephone_missing").With("what", endpoint)
	}
	return dialects.PBXRefused(0, cause)
}
