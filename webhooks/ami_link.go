package webhooks

import (
	"cmp"
	"context"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"callhue/calls"
	"callhue/internal/fault"
	"callhue/phone"
	"callhue/webhooks/ami"
	"callhue/webhooks/dialects"
	"callhue/webhooks/sources"
)

// Times of calls that an Asterisk should place.
const (
	amiAnswer  = 5 * time.Second // for the answer to an action
	amiFailure = 2 * time.Second // within it a call that cannot be placed fails
)

// amiLink is our connection to one Asterisk: it follows the calls there and has it place calls. It reconnects whenever
// it is cut off.
type amiLink struct {
	pbxLink
	settings dialects.AMISettings
	follower *ami.Follower
	heard    time.Time // when the last message came, by the clock of the PBX's events; zero before the first one
	skew     time.Duration
	pending  []taken // what is not handled yet

	conn    net.Conn                    // nil while there is none; mu guards what stands here
	waiting map[string]chan ami.Message // for the answers to actions, by ActionID
	next    int
}

var (
	errAMIRefused = &linkError{text: "ami: the login was refused", code: "login_refused", isFinal: true}
	errNoAMI      = &linkError{text: "ami: it does not greet like a manager interface", code: "no_manager_interface"}
	errAMIOld     = &linkError{text: "ami: the manager interface of an Asterisk before 12", code: "asterisk_too_old",
		isFinal: true}
)

func newAMILink(rc *Receiver, source *sources.Live) link {
	l := &amiLink{
		pbxLink:  newPBXLink(rc, source, "AMI"),
		settings: dialects.AMISettingsOf(source.Settings),
		waiting:  map[string]chan ami.Message{},
	}
	l.follower = ami.NewFollower(l.settings.Contexts, ami.Directory{
		Plan:     source.Origin.Plan,
		OwnOrder: ourCallPrefix,
		Agent:    l.isAgent,
		Holder:   l.phoneHolder,
	})
	l.session, l.busy = l.follow, l.follower.Busy
	return l
}

// follow is one connection, from the greeting to its end.
func (l *amiLink) follow(ctx context.Context) error {
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
	r := ami.NewReader(conn)
	if err := l.login(conn, r); err != nil {
		return err
	}
	open, err := l.receiver.opt.Tracker.Unfinished(ctx, l.source.Name)
	if err != nil {
		return err
	}
	l.follower.Connected(open, l.heard)
	l.setConn(conn)
	defer l.setConn(nil)
	defer l.setUp(false)
	l.connected()
	if _, err := l.send(conn, "CoreShowChannels", nil); err != nil {
		return err
	}
	filter := [][2]string{{"Operation", "Add"}, {"Filter", ami.Unused()}}
	if _, err := l.send(conn, "Filter", nil, filter...); err != nil {
		return err
	}
	return l.listen(ctx, conn, r)
}

func (l *amiLink) login(conn net.Conn, r *ami.Reader) error {
	_ = conn.SetDeadline(time.Now().Add(linkTimeout))
	defer func() { _ = conn.SetDeadline(time.Time{}) }()
	if hello, err := r.Banner(); err != nil {
		return err
	} else if err := checkBanner(hello); err != nil {
		return err
	}
	valid := l.source.Secrets.At(l.receiver.opt.Now())
	if len(valid) == 0 {
		return errAMIRefused
	}
	_, err := conn.Write(ami.Action("Login", "login",
		[2]string{"Username", l.settings.User}, [2]string{"Secret", valid[0]}, [2]string{"Events", "call"}))
	if err != nil {
		return err
	}
	for {
		m, err := r.Next()
		if err != nil {
			return err
		}
		if m.Get("ActionID") == "login" && m.Get("Response") != "" {
			if m.Get("Response") != "Success" {
				return errAMIRefused
			}
			return nil
		}
	}
}

// checkBanner refuses what is no manager interface, and that of an Asterisk before 12 (version 1.x), whose events
// say too little: they name neither bridges nor the call of a channel.
func checkBanner(hello string) error {
	_, version, found := strings.Cut(hello, "Call Manager/")
	switch {
	case !found:
		return errNoAMI
	case strings.HasPrefix(version, "1."), strings.HasPrefix(version, "0."):
		return errAMIOld
	}
	return nil
}

// listen handles what the PBX sends, and pings it.
func (l *amiLink) listen(ctx context.Context, conn net.Conn, r *ami.Reader) error {
	messages, failed := make(chan ami.Message, linkBuffer), make(chan error, 1)
	go func() { failed <- l.readAMI(conn, r, messages) }()
	ping := time.NewTicker(linkPingEvery)
	defer ping.Stop()
	for {
		select {
		case m, open := <-messages:
			if !open {
				return <-failed
			}
			if m.Get("Event") != "" {
				l.skew = m.Time().Sub(m.At)
			}
			l.heard = m.At.Add(l.skew)
			l.receive(m)
			if len(messages) == 0 || len(l.pending) >= maxPending {
				l.flush(ctx)
			}
		case <-ping.C:
			if _, err := l.send(conn, "Ping", nil); err != nil {
				return err
			}
		}
	}
}

// readAMI reads messages until the connection fails.
func (l *amiLink) readAMI(conn net.Conn, r *ami.Reader, messages chan<- ami.Message) error {
	return readAhead(messages, func() (ami.Message, error) {
		_ = conn.SetReadDeadline(time.Now().Add(linkSilence))
		m, err := r.Next()
		m.At = l.receiver.opt.Now().UTC()
		return m, err
	})
}

// receive passes an answer to the action that waits for it, and notes what an event means.
func (l *amiLink) receive(m ami.Message) {
	if id := m.Get("ActionID"); id != "" && (m.Get("Response") != "" || m.Get("Event") == ami.OriginateResponse) {
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
		l.pending = append(l.pending, taken{m, events})
	}
}

// maxPending is how many messages with events are handled together at most.
const maxPending = 100

// taken is a message with what it means.
type taken struct {
	message ami.Message
	events  []calls.Event
}

// flush has calls handle the events of the messages that have arrived together.
func (l *amiLink) flush(ctx context.Context) {
	dropRedundant(l.pending)
	for _, t := range l.pending {
		if len(t.events) > 0 {
			l.handle(ctx, t.message.Get("Event"), []byte(t.message.Text()), t.events)
		}
	}
	l.pending = l.pending[:0]
}

// sameMoment is how long before the end of a call the end of an agent's part says nothing of its own.
const sameMoment = time.Second

// dropRedundant removes the ends of agents' parts that the end of their whole call follows at once: that ends them,
// too.
func dropRedundant(list []taken) {
	ended := map[string]time.Time{}
	for i := len(list) - 1; i >= 0; i-- {
		events := list[i].events
		for _, e := range events {
			if e.Kind == calls.Ended && e.Agent == "" {
				ended[e.CallID] = e.At
			}
		}
		list[i].events = slices.DeleteFunc(events, func(e calls.Event) bool {
			end, over := ended[e.CallID]
			return over && e.Kind == calls.Ended && e.Agent != "" && e.GoesOn && end.Sub(e.At) < sameMoment
		})
	}
}

// setConn sets the connection on which actions are sent; nil when it has ended.
func (l *amiLink) setConn(conn net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conn = conn
}

// send writes an action and returns its id. The answers go to waiter, if there is one, until stopWaiting.
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

// stopWaiting drops the answers to an action from now on.
func (l *amiLink) stopWaiting(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.waiting, id)
}

// dial rings the agent's telephone and connects it to the number. id becomes that of the channel, and so of the call:
// its card is known before it rings.
func (l *amiLink) dial(ctx context.Context, id, extension string, number phone.Number) error {
	exten, err := spellDialled(l.source.Origin.Plan, number, l.settings.Numbers)
	if err != nil {
		return err
	}
	dialContext, _, _ := strings.Cut(cmp.Or(l.settings.Contexts, "from-internal"), ",")
	l.mu.Lock()
	conn := l.conn
	l.mu.Unlock()
	if conn == nil {
		return fault.Conflict("pbx_not_connected")
	}
	answers := make(chan ami.Message, 2)
	action, err := l.send(conn, "Originate", answers,
		[2]string{"Channel", l.settings.Channel(extension)},
		[2]string{"Context", strings.TrimSpace(dialContext)}, [2]string{"Exten", exten}, [2]string{"Priority", "1"},
		[2]string{"CallerID", exten}, [2]string{"Timeout", "30000"}, [2]string{"Async", "true"}, [2]string{"ChannelId", id},
		// The channel carries the client's number, for the telephone to show. By this variable FreePBX knows whose
		// call it is, and from which number it goes out.
		[2]string{"Variable", "__REALCALLERIDNUM=" + extension})
	defer l.stopWaiting(action)
	if err != nil {
		return fault.Conflict("pbx_not_connected").Because(err)
	}
	return l.receiver.timeouts.awaitOriginate(ctx, answers)
}

// awaitOriginate waits until the PBX has accepted a call, and a moment longer for a failure that comes at once,
// such as of a telephone that does not exist.
func (t timeouts) awaitOriginate(ctx context.Context, answers <-chan ami.Message) error {
	accepted, wait := false, time.After(t.originate)
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case m := <-answers:
			switch {
			case m.Get("Event") == "" && m.Get("Response") == "Success":
				accepted, wait = true, time.After(t.originateFailure)
			case m.Get("Event") != "" && m.Get("Response") == "Success":
				return nil
			default:
				return originateFault(m)
			}
		case <-wait:
			if !accepted {
				return fault.Conflict("pbx_silent")
			}
			return nil
		}
	}
}

// originateFault returns the conflict of a call that was not placed: pbx_refused in the manager's own words, or
// what the reason of OriginateResponse means for the agent's telephone: 0 and 8 there is none, 5 busy. 1 and 3, no
// answer, come too late to be waited for.
func originateFault(m ami.Message) error {
	reason := cmp.Or(m.Get("Reason"), "0")
	switch text := m.Get("Message"); {
	case m.Get("Event") == "" && text != "":
		return dialects.PBXRefused(0, text)
	case reason == "5":
		return fault.Conflict("telephone_busy").With("what", m.Get("Channel"))
	case reason == "0" || reason == "8":
		return fault.Conflict("telephone_missing").With("what", m.Get("Channel"))
	}
	return dialects.PBXRefused(0, "reason "+reason)
}
