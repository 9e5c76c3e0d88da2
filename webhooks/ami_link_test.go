package webhooks

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"callhue/calls"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/webhooks/sources"
)

// pbx plays a manager interface on the loopback, one script for each connection.
type pbx struct {
	t       *testing.T
	listen  net.Listener
	scripts chan func(p *peer)

	mu   sync.Mutex
	said []string // the actions that we were sent
}

// peer is one connection of the PBX.
type peer struct {
	pbx  *pbx
	conn net.Conn
	in   *bufio.Reader
}

func newPBX(t *testing.T) *pbx {
	listen, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &pbx{t: t, listen: listen, scripts: make(chan func(*peer), 20)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listen.Accept()
			if err != nil {
				return
			}
			select {
			case script := <-p.scripts:
				script(&peer{p, conn, bufio.NewReader(conn)})
			default: // nothing more to play: it is switched off
			}
			conn.Close()
		}
	}()
	t.Cleanup(func() { listen.Close(); <-done })
	return p
}

// action reads what we are sent, as name and fields.
func (p *peer) action() map[string]string {
	_ = p.conn.SetReadDeadline(time.Now().Add(time.Minute))
	m := map[string]string{}
	for {
		line, err := p.in.ReadString('\n')
		if err != nil {
			return nil
		}
		if line = strings.TrimRight(line, "\r\n"); line == "" {
			p.pbx.mu.Lock()
			p.pbx.said = append(p.pbx.said, m["Action"])
			p.pbx.mu.Unlock()
			return m
		}
		name, value, _ := strings.Cut(line, ": ")
		m[name] = value
	}
}

func (p *peer) say(lines ...string) {
	_, _ = p.conn.Write([]byte(strings.Join(lines, "\r\n") + "\r\n\r\n"))
}

// greet takes the login, and answers the list of channels with none.
func (p *peer) greet(secret string) bool {
	_, _ = p.conn.Write([]byte("Asterisk Call Manager/11.0.0\r\n"))
	login := p.action()
	if login["Action"] != "Login" || login["Username"] != "callhue" || login["Secret"] != secret {
		p.say("Response: Error", "ActionID: "+login["ActionID"], "Message: Authentication failed")
		return false
	}
	p.say("Response: Success", "ActionID: "+login["ActionID"], "Message: Authentication accepted")
	list := p.action()
	p.say("Response: Success", "ActionID: "+list["ActionID"], "EventList: start")
	p.say("Event: CoreShowChannelsComplete", "ActionID: "+list["ActionID"], "ListItems: 0")
	filter := p.action() // which this user may not set
	p.say("Response: Error", "ActionID: "+filter["ActionID"], "Message: Permission denied")
	return list["Action"] == "CoreShowChannels"
}

// recorded is a stream without its greeting and login.
func recorded(t *testing.T, name string) []byte {
	stream, err := os.ReadFile("ami/testdata/" + name + ".txt")
	_, rest, found := bytes.Cut(stream, []byte("\r\n\r\n"))
	if err != nil || !found {
		t.Fatal(name, err)
	}
	return rest
}

// connected returns an app with an ami source for a PBX, and connects it.
func connected(t *testing.T, db *store.DB, p *pbx, secret string) *app {
	h := newApp(t, db)
	h.receiver.links.retry = 5 * time.Millisecond
	h.add(sources.NewSource{Name: "asterisk", Dialect: "ami", Secret: secret, Settings: map[string]string{"address": p.listen.Addr().String(), "contexts": "from-internal"}})
	h.connects()
	return h
}

// until waits for something that happens beside the test.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}

func (d *fakeTracker) events() []calls.Event {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]calls.Event{}, d.handled...)
}

// ended reports whether the tracker has handled the end of a whole call.
func (d *fakeTracker) ended(call string) bool {
	for _, e := range d.events() {
		if e.CallID == call && e.Kind == calls.Ended && e.Agent == "" {
			return true
		}
	}
	return false
}

func TestAMIFollowsCallsAndConnectsAgain(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		p := newPBX(t)
		group := recorded(t, "group-answered")
		p.scripts <- func(p *peer) { // cut off in the middle of a block, while 102 talks
			if !p.greet("SECRET-of-asterisk") {
				p.pbx.t.Error("the login is wrong")
			}
			_, _ = p.conn.Write(group[:bytes.Index(group, []byte("DialStatus: ANSWER"))+100])
		}
		p.scripts <- func(p *peer) { p.conn.Write([]byte("SSH-2.0-OpenSSH\r\n")) }
		hold := make(chan struct{})
		p.scripts <- func(p *peer) { // nothing of it is left there
			p.greet("SECRET-of-asterisk")
			_, _ = p.conn.Write(recorded(p.pbx.t, "missed"))
			p.say("Event: SomethingNew", "Field: value")
			<-hold
		}
		h := connected(t, db, p, "SECRET-of-asterisk")
		until(t, "the call that was cut off is over", func() bool { return h.tracker.ended("1795292094.0") })
		until(t, "the call of the second connection is over", func() bool { return h.tracker.ended("1795292123.3") })
		close(hold)
		kinds := ""
		for _, e := range h.tracker.events() {
			if e.CallID == "1795292094.0" && e.Agent == "102" {
				kinds += string(e.Kind) + " "
			}
			if e.Source != "asterisk" {
				t.Errorf("an event of %q", e.Source)
			}
		}
		if kinds != "ringing answered ended " {
			t.Errorf("102 had %s", kinds)
		}
		lines, err := h.receiver.Log(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		seen := logText(t, lines)
		for _, want := range []string{"connected", "closed_by_pbx", "no_manager_interface", "DialBegin"} {
			if !strings.Contains(seen, want) {
				t.Errorf("the log has no %s", want)
			}
		}
		if strings.Contains(seen, "SECRET-of-asterisk") {
			t.Error("the log shows the password")
		}
	})
}

func logText(t *testing.T, lines []LogLine) string {
	text, err := json.Marshal(lines)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAMIRefusedLoginIsNotHammered(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		p := newPBX(t)
		for range 5 {
			p.scripts <- func(p *peer) { p.greet("another password") }
		}
		h := connected(t, db, p, "SECRET-of-asterisk")
		until(t, "the refusal is in the log", func() bool {
			lines, err := h.receiver.Log(t.Context(), 1)
			return err == nil && strings.Contains(logText(t, lines), "login_refused")
		})
		time.Sleep(200 * time.Millisecond)
		if how, err := h.receiver.LinkStatus(t.Context(), sources.Source{ID: 1, Dialect: "ami", Active: true}); err != nil || *how != (sources.LinkStatus{State: sources.LinkFailed, Reason: "login_refused"}) {
			t.Errorf("it stands as %v %v", how, err)
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		if len(p.said) != 1 {
			t.Errorf("it was asked %d times: %v", len(p.said), p.said)
		}
	})
}

func TestAMIDials(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		p := newPBX(t)
		p.scripts <- func(p *peer) {
			p.greet("SECRET-of-asterisk")
			for range 4 {
				m := p.action()
				id := "ActionID: " + m["ActionID"]
				switch {
				case m["Action"] != "Originate" || m["Exten"] != "74950000011" || m["Context"] != "from-internal" || m["Async"] != "true" || m["Priority"] != "1",
					m["CallerID"] != m["Exten"] || m["Variable"] != "__REALCALLERIDNUM="+strings.TrimPrefix(m["Channel"], "PJSIP/"):
					p.pbx.t.Errorf("%v", m)
				case m["Channel"] == "PJSIP/101":
					p.say("Response: Success", id, "Message: Originate successfully queued")
					p.say("Event: OriginateResponse", id, "Response: Success", "Reason: 4", "Uniqueid: "+m["ChannelId"])
				case m["Channel"] == "PJSIP/103":
					p.say("Response: Success", id, "Message: Originate successfully queued")
					p.say("Event: OriginateResponse", id, "Response: Failure", "Channel: PJSIP/103", "Reason: 5")
				case m["Channel"] == "PJSIP/999":
					p.say("Response: Success", id, "Message: Originate successfully queued")
					p.say("Event: OriginateResponse", id, "Response: Failure", "Channel: PJSIP/999", "Reason: 0")
				default:
					p.say("Response: Error", id, "Message: Permission denied")
				}
			}
			p.action()
		}
		h := connected(t, db, p, "SECRET-of-asterisk")
		number := moscow(t).Parse("8 (495) 000-00-11")
		dial := func(extension string) (string, error) {
			return h.receiver.Dial(t.Context(), "asterisk", extension, number)
		}
		until(t, "connected", func() bool {
			how, err := h.receiver.LinkStatus(t.Context(), sources.Source{ID: 1, Dialect: "ami", Active: true})
			return err == nil && how.State == sources.LinkConnected
		})
		if id, err := dial("101"); err != nil || !strings.HasPrefix(id, "callhue-") {
			t.Errorf("101: %q %v", id, err)
		}
		if _, err := dial("999"); !fault.Is(err, fault.KindConflict) || fault.Of(err).Key != "telephone_missing" || fault.Of(err).Args["what"] != "PJSIP/999" {
			t.Errorf("a telephone that does not exist: %v", err)
		}
		if _, err := dial("103"); fault.Of(err) == nil || fault.Of(err).Key != "telephone_busy" {
			t.Errorf("a telephone that is busy: %v", err)
		}
		if _, err := dial("102"); fault.Of(err) == nil || fault.Of(err).Args["what"] != "Permission denied" {
			t.Errorf("no right: %v", err)
		}
		if _, err := dial("10\r\nAction: Command"); fault.Of(err) == nil || fault.Of(err).Key != "no_extension" {
			t.Errorf("lines of its own: %v", err)
		}
		if _, err := h.receiver.Dial(t.Context(), "nobody", "101", number); !fault.Is(err, fault.KindMissing) {
			t.Errorf("no source: %v", err)
		}
	})
}
