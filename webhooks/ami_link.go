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
	"strconv"
	"strings"
	"sync"
	"time"

	"callhue/calls"
	"callhue/internal/fault"
	"callhue/phone"
	"callhue/webhooks/ami"
)

// Times of a connection to a manager interface.
const (
	amiDialTimeout  = 10 * time.Second
	amiLoginTimeout = 10 * time.Second
	amiPingEvery    = 20 * time.Second
	amiSilence      = 60 * time.Second // without a word, pings included, the line is dead
	amiRetry        = time.Second      // doubled up to amiRetryMost
	amiRetryMost    = time.Minute
	amiAnswer       = 5 * time.Second // for the answer to an action
	amiAtOnce       = 2 * time.Second // an order to dial that fails at once fails within
)

// amiBuffer is how many messages may wait while the database is slow: Asterisk
// drops whoever does not read.
const amiBuffer = 20_000

// amiLink is our connection to one Asterisk: it follows the calls there, and has
// it dial. It connects again whenever it is cut off.
type amiLink struct {
	door     *Receiver
	source   *liveSource
	follower *ami.Follower
	retry    time.Duration

	mu      sync.Mutex
	conn    net.Conn // nil while there is none
	waiting map[string]chan ami.Message
	next    int
	failed  string // why there is none; "" while it is tried for the first time
}

var (
	errAMIRefused = errors.New("ami: the login was refused")
	errNoAMI      = errors.New("ami: it does not greet like a manager interface")
	errAMISlow    = errors.New("ami: too many events wait")
)

// newAMILink opens the connection of a source.
func newAMILink(d *Receiver, source *liveSource) link {
	l := &amiLink{door: d, source: source, follower: ami.NewFollower(source.Settings[amiContexts]), retry: d.links.retry, waiting: map[string]chan ami.Message{}}
	if l.retry == 0 {
		l.retry = amiRetry
	}
	return l
}

// run connects again and again; what went wrong is in the source's log.
func (l *amiLink) run(ctx context.Context) {
	wait := l.retry
	for ctx.Err() == nil {
		begun := l.door.opt.Now()
		err := l.session(ctx)
		if ctx.Err() != nil {
			return
		}
		l.fail(amiReason(err))
		l.log("connection", Parsed{Note: "the connection ended"}, fault.Unauthorised(amiReason(err)).Because(err))
		l.door.opt.Log.Warn("connection to a PBX ended", "source", l.source.Name, "error", err)
		switch {
		case errors.Is(err, errAMIRefused):
			wait = amiRetryMost // asking faster would only get us banned
		case l.door.opt.Now().Sub(begun) > amiRetryMost:
			wait = l.retry
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		wait = min(2*wait, amiRetryMost)
	}
}

// amiReason is a short word for why a connection ended, for the log.
func amiReason(err error) string {
	var timeout net.Error
	switch {
	case errors.Is(err, errAMIRefused):
		return "login_refused"
	case errors.Is(err, errNoAMI):
		return "no_manager_interface"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "no_answer"
	case errors.Is(err, io.EOF):
		return "closed_by_pbx"
	case errors.Is(err, errAMISlow):
		return "too_slow"
	}
	return "not_reachable"
}

// session is one connection, from the greeting to its end.
func (l *amiLink) session(ctx context.Context) error {
	host, err := amiHost(l.source.Settings[amiAddress])
	if err != nil {
		return err
	}
	conn, err := (&net.Dialer{Timeout: amiDialTimeout}).DialContext(ctx, "tcp", host)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	r := ami.NewReader(conn)
	if err := l.login(conn, r); err != nil {
		return err
	}
	l.open(conn)
	defer l.open(nil)
	l.log("connection", Parsed{Note: "connected"}, nil)
	if _, err := l.send(conn, "CoreShowChannels", nil); err != nil {
		return err
	}
	return l.listen(ctx, conn, r)
}

func (l *amiLink) login(conn net.Conn, r *ami.Reader) error {
	_ = conn.SetDeadline(time.Now().Add(amiLoginTimeout))
	defer func() { _ = conn.SetDeadline(time.Time{}) }()
	if hello, err := r.Banner(); err != nil {
		return err
	} else if !strings.Contains(hello, "Call Manager/") {
		return errNoAMI
	}
	secrets := l.source.secrets.At(l.door.opt.Now())
	if len(secrets) == 0 {
		return errAMIRefused
	}
	_, err := conn.Write(ami.Action("Login", "login", [2]string{"Username", cmp.Or(l.source.Settings[amiUser], "callhue")},
		[2]string{"Secret", secrets[0]}, [2]string{"Events", "call"}))
	if err != nil {
		return err
	}
	for {
		m, err := r.Next()
		if err != nil {
			return err
		}
		if m["ActionID"] == "login" && m["Response"] != "" {
			if m["Response"] != "Success" {
				return errAMIRefused
			}
			return nil
		}
	}
}

// listen takes what the PBX says. Reading goes on while calls are being told:
// Asterisk does not wait.
func (l *amiLink) listen(ctx context.Context, conn net.Conn, r *ami.Reader) error {
	messages, failed := make(chan ami.Message, amiBuffer), make(chan error, 1)
	go func() {
		defer close(messages)
		for {
			_ = conn.SetReadDeadline(time.Now().Add(amiSilence))
			m, err := r.Next()
			if err != nil {
				failed <- err
				return
			}
			select {
			case messages <- m:
			default:
				failed <- errAMISlow
				return
			}
		}
	}()
	ping := time.NewTicker(amiPingEvery)
	defer ping.Stop()
	for {
		select {
		case m, open := <-messages:
			if !open {
				return <-failed
			}
			l.take(ctx, m)
		case <-ping.C:
			if _, err := l.send(conn, "Ping", nil); err != nil {
				return err
			}
		}
	}
}

// take passes an answer to whoever waits for it, and tells calls what an event
// means.
func (l *amiLink) take(ctx context.Context, m ami.Message) {
	if id := m["ActionID"]; id != "" && (m["Response"] != "" || m["Event"] == "OriginateResponse") {
		l.mu.Lock()
		waiter := l.waiting[id]
		l.mu.Unlock()
		if waiter != nil {
			select {
			case waiter <- m:
			default:
			}
		}
	}
	if events := l.follower.Take(m); len(events) > 0 {
		l.tell(ctx, m, events)
	}
}

// tell has calls hear events. While the database is away it tries again: nobody
// would send them a second time.
func (l *amiLink) tell(ctx context.Context, m ami.Message, events []calls.Event) {
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		c := l.call(m["Event"], Parsed{Events: events})
		for _, name := range slices.Sorted(maps.Keys(m)) {
			c.q.Body = append(c.q.Body, name+": "+m[name]+"\n"...)
		}
		reply, err := l.door.tell(ctx, c)
		f := fault.Of(err)
		if f != nil && ctx.Err() == nil && (f.Kind == fault.KindBusy || f.Kind == fault.KindInternal) {
			l.door.opt.Log.Warn("an event of a PBX waits", "source", l.source.Name, "error", err)
			select {
			case <-ctx.Done():
			case <-time.After(wait):
			}
			continue
		}
		_, _ = l.door.finish(c, reply, err)
		return
	}
}

// call is what the source's log knows of something that happened on the link.
func (l *amiLink) call(what string, heard Parsed) *call {
	return &call{q: &Query{Source: l.source.Source, At: l.door.opt.Now().UTC()}, source: l.source, heard: heard,
		trace: func() trace { return trace{method: "AMI", path: what} }}
}

func (l *amiLink) log(what string, heard Parsed, f *fault.Error) {
	status := http.StatusOK
	if f != nil {
		status = http.StatusBadGateway
	}
	l.door.record(l.call(what, heard), status, f)
}

// open keeps the connection for those who have something to say on it.
func (l *amiLink) open(conn net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conn, l.failed = conn, ""
}

func (l *amiLink) fail(why string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failed = why
}

// standing is how it is with the connection of this process.
func (l *amiLink) standing(context.Context) (Standing, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.conn != nil:
		return Standing{State: LinkConnected}, nil
	case l.failed != "":
		return Standing{LinkFailed, l.failed}, nil
	}
	return Standing{State: LinkConnecting}, nil
}

// send writes an action and gives its id. The answers go to waiter, if there is
// one, until it is forgotten.
func (l *amiLink) send(conn net.Conn, name string, waiter chan ami.Message, fields ...[2]string) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next++
	id := "callhue-" + strconv.Itoa(l.next)
	if waiter != nil {
		l.waiting[id] = waiter
	}
	_ = conn.SetWriteDeadline(time.Now().Add(amiAnswer))
	_, err := conn.Write(ami.Action(name, id, fields...))
	return id, err
}

// forget lets a waiter go.
func (l *amiLink) forget(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.waiting, id)
}

// dial rings the agent's telephone and connects it to the number. id becomes the
// channel's, and so the call's: its card is known before it rings.
func (l *amiLink) dial(ctx context.Context, id, extension string, number phone.Number) error {
	exten, err := dialled(l.source.origin.Plan, number, l.source.Settings[amiNumbers])
	if err != nil {
		return err
	}
	within, _, _ := strings.Cut(cmp.Or(l.source.Settings[amiContexts], "from-internal"), ",")
	l.mu.Lock()
	conn := l.conn
	l.mu.Unlock()
	if conn == nil {
		return fault.Conflict("pbx_not_connected")
	}
	answers := make(chan ami.Message, 2)
	action, err := l.send(conn, "Originate", answers,
		[2]string{"Channel", strings.ReplaceAll(cmp.Or(l.source.Settings[amiChannel], amiAnyChannel), amiExtension, extension)},
		[2]string{"Context", strings.TrimSpace(within)}, [2]string{"Exten", exten}, [2]string{"Priority", "1"},
		[2]string{"CallerID", exten}, [2]string{"Timeout", "30000"}, [2]string{"Async", "true"}, [2]string{"ChannelId", id},
		// The channel bears the client's number, for the telephone to show. FreePBX knows by
		// this variable whose call it is, and with which number it goes out.
		[2]string{"Variable", "__REALCALLERIDNUM=" + extension})
	defer l.forget(action)
	if err != nil {
		return fault.Conflict("pbx_not_connected").Because(err)
	}
	return l.door.patience.originated(ctx, answers)
}

// originated waits until the PBX has taken the order, and a moment longer for
// a failure that comes at once: a telephone that does not exist.
func (p timeouts) originated(ctx context.Context, answers <-chan ami.Message) error {
	taken, wait := false, time.After(p.order)
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case m := <-answers:
			switch {
			case m["Event"] == "" && m["Response"] == "Success":
				taken, wait = true, time.After(p.atOnce)
			case m["Event"] != "" && m["Response"] == "Success":
				return nil
			default:
				return amiRefused(m)
			}
		case <-wait:
			if !taken {
				return fault.Conflict("pbx_silent")
			}
			return nil
		}
	}
}

// amiRefused is the fault of an order that failed: pbx_refused in the manager's own
// words, or what the reason of OriginateResponse says of the agent's telephone (0 and 8
// none is there, 5 busy; 1 and 3, no answer, come too late to be waited for).
func amiRefused(m ami.Message) error {
	reason := cmp.Or(m.Get("Reason"), "0")
	switch text := m.Get("Message"); {
	case m["Event"] == "" && text != "":
		return pbxRefused(0, text)
	case reason == "5":
		return fault.Conflict("telephone_busy").With("what", m.Get("Channel"))
	case reason == "0" || reason == "8":
		return fault.Conflict("telephone_missing").With("what", m.Get("Channel"))
	}
	return pbxRefused(0, "reason "+reason)
}
