package webhooks

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/coder/websocket"

	"callhue/calls"
	"callhue/internal/fault"
	"callhue/internal/web"
	"callhue/phone"
	"callhue/webhooks/dialects"
	"callhue/webhooks/sources"
	"callhue/webhooks/threecx"
)

// threecxExpireEvery is how often calls that all have left are looked for.
const threecxExpireEvery = 500 * time.Millisecond

// maxPlaced is how many calls that we placed may wait to be noted.
const maxPlaced = 100

var (
	errThreecxRefused = &linkError{text: "3cx: the API client was refused", code: "login_refused", isFinal: true}
	errThreecxDenied  = &linkError{text: "3cx: call control is not allowed", code: "call_control_denied", isFinal: true}
	errNoThreecx      = &linkError{text: "3cx: there is no call control", code: "no_call_control"}
	errThreecxClosed  = &linkError{text: "3cx: the connection was closed by the PBX", code: "closed_by_pbx"}
)

// threecxLink is our connection to the call control of one 3CX: it follows the calls there and has it place calls.
type threecxLink struct {
	pbxLink
	settings dialects.ThreecxSettings
	client   *threecx.Client
	follower *threecx.Follower
	last     time.Time // when the PBX was last followed; zero before the first time
	sequence int64     // of the last notification; 0 before the first one of a connection
	placed   chan threecxOrder
}

// threecxOrder is a call that we have a telephone place.
type threecxOrder struct{ dn, number string }

func newThreecxLink(rc *Receiver, source *sources.Live) link {
	settings := dialects.ThreecxSettingsOf(source.Settings)
	l := &threecxLink{
		pbxLink:  newPBXLink(rc, source, "3CX"),
		settings: settings,
		client: threecx.NewClient(threecx.Options{Address: settings.Address, ID: settings.ClientID, Key: settings.Key,
			HTTP: rc.client, Now: rc.opt.Now}),
		follower: threecx.NewFollower(source.Origin.Plan, rc.timeouts.threecxLinger),
		placed:   make(chan threecxOrder, maxPlaced),
	}
	l.session, l.busy = l.follow, l.follower.Busy
	return l
}

// threecxError returns the error by which people are told why the connection ended.
func threecxError(err error) error {
	var known *linkError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, threecx.ErrRefused):
		known = errThreecxRefused
	case errors.Is(err, threecx.ErrDenied):
		known = errThreecxDenied
	case errors.Is(err, threecx.ErrNoAPI):
		known = errNoThreecx
	case websocket.CloseStatus(err) != -1, errors.Is(err, io.EOF):
		known = errThreecxClosed
	default:
		return err
	}
	return errors.Join(known, err)
}

// follow is one connection, from its opening to its end. Notifications are read before the list is asked for: none is
// lost between them.
func (l *threecxLink) follow(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	opening, opened := context.WithTimeout(ctx, linkTimeout)
	defer opened()
	conn, err := l.client.Connect(opening)
	if err != nil {
		return threecxError(err)
	}
	defer func() { _ = conn.CloseNow() }()
	notifications, failed := make(chan threecx.Notification, linkBuffer), make(chan error, 1)
	go func() {
		failed <- readAhead(notifications, func() (threecx.Notification, error) { return l.next(ctx, conn) })
	}()
	open, err := l.receiver.opt.Tracker.Unfinished(ctx, l.source.Name)
	if err != nil {
		return err
	}
	l.sequence = 0
	if err := l.list(ctx, open); err != nil {
		return threecxError(err)
	}
	l.connected()
	defer l.setUp(false)
	return threecxError(l.listen(ctx, conn, notifications, failed))
}

// next reads a notification. One that cannot be read is in the server's log, and changes nothing.
func (l *threecxLink) next(ctx context.Context, conn *websocket.Conn) (threecx.Notification, error) {
	_, raw, err := conn.Read(ctx)
	if err != nil {
		return threecx.Notification{}, err
	}
	n, err := threecx.ReadNotification(raw)
	if err != nil {
		l.receiver.opt.Log.Warn("a notification of a PBX cannot be read", "source", l.source.Name, "error", err)
	}
	return n, nil
}

// listen handles what the PBX sends, and pings it.
func (l *threecxLink) listen(ctx context.Context, conn *websocket.Conn, notifications <-chan threecx.Notification,
	failed <-chan error) error {
	ping, expire := time.NewTicker(linkPingEvery), time.NewTicker(threecxExpireEvery)
	defer ping.Stop()
	defer expire.Stop()
	for {
		select {
		case n, more := <-notifications:
			if !more {
				return <-failed
			}
			if err := l.receive(ctx, n); err != nil {
				return err
			}
			l.last = l.now()
		case <-expire.C:
			l.report(ctx, "all have left", nil, l.follower.Expire(l.now()))
		case <-ping.C:
			if err := pingThreecx(ctx, conn); err != nil {
				return err
			}
			l.last = l.now()
		}
	}
}

func pingThreecx(ctx context.Context, conn *websocket.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, linkTimeout)
	defer cancel()
	return conn.Ping(ctx)
}

func (l *threecxLink) now() time.Time { return l.receiver.opt.Now().UTC() }

func (l *threecxLink) report(ctx context.Context, what string, body []byte, events []calls.Event) {
	if len(events) > 0 {
		l.handle(ctx, what, body, events)
	}
}

// list compares what is known with the participants that are there. open are the calls of the database without an end.
func (l *threecxLink) list(ctx context.Context, open []calls.Unfinished) error {
	list, err := l.client.List(ctx)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		l.log("/callcontrol", dialects.Parsed{Note: "the API client may watch no extension: list them in 3CX"}, nil)
	}
	body, err := json.Marshal(list)
	if err != nil {
		return err
	}
	l.notePlaced()
	l.report(ctx, "/callcontrol", body, l.follower.Listed(list, open, l.last, l.now()))
	l.last = l.now()
	return nil
}

// notePlaced lets the follower know of the calls that we have placed meanwhile.
func (l *threecxLink) notePlaced() {
	for {
		select {
		case order := <-l.placed:
			l.follower.Place(order.dn, order.number, l.now())
		default:
			return
		}
	}
}

// receive has calls handle what a notification means. After one that did not arrive everything is asked for.
func (l *threecxLink) receive(ctx context.Context, n threecx.Notification) error {
	isGap := l.sequence != 0 && n.Sequence != 0 && n.Sequence != l.sequence+1
	if n.Sequence != 0 {
		l.sequence = n.Sequence
	}
	if isGap {
		return l.list(ctx, nil)
	}
	l.notePlaced()
	switch n.Change {
	case threecx.Upserted:
		p, body, err := l.client.Participant(ctx, n.DN, n.ID)
		switch {
		case errors.Is(err, threecx.ErrGone):
			l.report(ctx, n.Entity, nil, l.follower.Gone(n.DN, n.ID, l.now()))
		case err != nil:
			return err
		default:
			l.report(ctx, n.Entity, body, l.follower.Seen(p, l.now()))
		}
	case threecx.Removed:
		l.report(ctx, n.Entity, nil, l.follower.Gone(n.DN, n.ID, l.now()))
	}
	return nil
}

// place has the agent's telephone call the number. It returns the id of the call in call events, "" where the PBX does
// not name it.
func (l *threecxLink) place(ctx context.Context, extension string, number phone.Number) (string, error) {
	dialled, err := spellDialled(l.source.Origin.Plan, number, l.settings.Numbers)
	if err != nil {
		return "", err
	}
	if how, err := l.status(ctx); err != nil || how.State != sources.LinkConnected {
		return "", fault.Conflict("pbx_not_connected").Because(err)
	}
	select {
	case l.placed <- threecxOrder{extension, dialled}:
	default: // its direction is then read from what the telephone does
	}
	callid, err := l.client.MakeCall(ctx, extension, dialled)
	if err != nil {
		return "", threecxDialFault(err, extension)
	}
	if callid == "" {
		return "", nil
	}
	return threecx.CallID(callid, l.now()), nil
}

// threecxDialFault returns the conflict of a call that was not placed.
func threecxDialFault(err error, extension string) error {
	var refusal *threecx.Refusal
	switch {
	case errors.Is(err, web.ErrPrivate):
		return fault.Conflict("private_address").Because(err)
	case !errors.As(err, &refusal):
		return fault.Conflict("pbx_silent").Because(err)
	}
	switch reason := strings.ToLower(refusal.Reason); {
	case strings.Contains(reason, "busy"):
		return fault.Conflict("telephone_busy").With("what", extension)
	case strings.Contains(reason, "notregistered"), strings.Contains(reason, "not registered"):
		return fault.Conflict("telephone_missing").With("what", extension)
	}
	return dialects.PBXRefused(refusal.Status, refusal.Reason)
}
