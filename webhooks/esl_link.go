package webhooks

import (
	"context"
	"io"
	"maps"
	"net"
	"slices"
	"strings"
	"time"

	"callhue/calls"
	"callhue/internal/fault"
	"callhue/phone"
	"callhue/webhooks/dialects"
	"callhue/webhooks/esl"
	"callhue/webhooks/sources"
)

var (
	errESLRefused  = &linkError{text: "esl: the password was refused", code: "login_refused", isFinal: true}
	errESLRejected = &linkError{text: "esl: the access list refuses this server", code: "access_list_refused"}
	errNoESL       = &linkError{text: "esl: it does not greet like an event socket", code: "no_event_socket"}
	errESLClosed   = &linkError{text: "esl: the connection was closed by the PBX", code: "closed_by_pbx"}
)

// eslLink is our connection to one FreeSWITCH: it follows the calls there and has it place calls. It reconnects
// whenever it is cut off.
type eslLink struct {
	pbxLink
	settings dialects.ESLSettings
	follower *esl.Follower
	heard    time.Time // when the last block came; zero before the first one

	conn    net.Conn               // nil while there is none; mu guards what stands here
	waiting map[string]chan string // for the results of jobs, by their id
}

func newESLLink(rc *Receiver, source *sources.Live) link {
	l := &eslLink{
		pbxLink:  newPBXLink(rc, source, "ESL"),
		settings: dialects.ESLSettingsOf(source.Settings),
		waiting:  map[string]chan string{},
	}
	l.follower = esl.NewFollower(esl.Options{Domain: l.settings.Domain, Directory: esl.Directory{
		Plan:   source.Origin.Plan,
		Agent:  l.isAgent,
		Holder: l.phoneHolder,
	}})
	l.session, l.busy = l.follow, l.follower.Busy
	return l
}

// follow is one connection, from the greeting to its end.
func (l *eslLink) follow(ctx context.Context) error {
	host, err := l.settings.HostPort()
	if err != nil {
		return err
	}
	conn, err := (&net.Dialer{Timeout: linkTimeout}).DialContext(ctx, "tcp", host)
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
	l.connected()
	defer l.setUp(false)
	if err := l.send(conn, esl.ListChannels); err != nil {
		return err
	}
	return l.listen(ctx, conn, r, open)
}

// signIn answers the greeting with the password and subscribes to events.
func (l *eslLink) signIn(conn net.Conn, r *esl.Reader) error {
	_ = conn.SetDeadline(time.Now().Add(linkTimeout))
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
	blocks, failed := make(chan esl.Block, linkBuffer), make(chan error, 1)
	go func() { failed <- readESL(conn, r, blocks) }()
	ping := time.NewTicker(linkPingEvery)
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

// readESL reads blocks until the connection fails.
func readESL(conn net.Conn, r *esl.Reader, blocks chan<- esl.Block) error {
	return readAhead(blocks, func() (esl.Block, error) {
		_ = conn.SetReadDeadline(time.Now().Add(linkSilence))
		return r.Next()
	})
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
		l.handle(ctx, e.Name(), loggedEvent(e), events)
	}
	return nil
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

// setConn sets the connection on which commands are sent; nil when it has ended.
func (l *eslLink) setConn(conn net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conn = conn
}

// send writes a command.
func (l *eslLink) send(conn net.Conn, command string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	_ = conn.SetWriteDeadline(time.Now().Add(linkTimeout))
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
