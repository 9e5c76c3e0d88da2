package webhooks

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"callhue/calls"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/webhooks/sources"
)

// block sends a block of an event socket.
func (p *peer) block(body string, lines ...string) {
	if body != "" {
		lines = append(lines, "Content-Length: "+strconv.Itoa(len(body)))
	}
	_, _ = p.conn.Write([]byte(strings.Join(lines, "\n") + "\n\n" + body))
}

// event sends an event: its name, its leg, further headers by pairs.
func (p *peer) event(name, id string, more ...string) {
	e := map[string]string{"Event-Name": name, "Unique-ID": id, "Event-Date-Timestamp": "1773306965000000"}
	for i := 0; i < len(more); i += 2 {
		e[more[i]] = more[i+1]
	}
	body, err := json.Marshal(e)
	if err != nil {
		p.pbx.t.Error(err)
	}
	p.block(string(body), "Content-Type: text/event-json")
}

// command reads a command that we are sent, up to the empty line.
func (p *peer) command() string {
	_ = p.conn.SetReadDeadline(time.Now().Add(time.Minute))
	text := ""
	for {
		line, err := p.in.ReadString('\n')
		if err != nil {
			return text
		}
		if line == "\n" {
			p.pbx.mu.Lock()
			p.pbx.said = append(p.pbx.said, text)
			p.pbx.mu.Unlock()
			return text
		}
		text += line
	}
}

// greetESL takes the password and the subscription, and answers the list of channels with these rows.
func (p *peer) greetESL(rows string) bool {
	p.block("", "Content-Type: auth/request")
	if p.command() != "auth PASSWORD-of-fs\n" {
		p.block("", "Content-Type: command/reply", "Reply-Text: -ERR invalid")
		return false
	}
	p.block("", "Content-Type: command/reply", "Reply-Text: +OK accepted")
	subscribed := p.command()
	p.block("", "Content-Type: command/reply", "Reply-Text: +OK event listener enabled json")
	listed := p.command()
	p.block(`{"row_count":0,"rows":[`+rows+`]}`, "Content-Type: api/response")
	return strings.HasPrefix(subscribed, "event json CHANNEL_CREATE ") && listed == "api show channels as json\n"
}

// socketed returns an app with a freeswitch source for a PBX, and connects it.
func socketed(t *testing.T, db *store.DB, p *pbx, password string) *app {
	h := newApp(t, db)
	h.receiver.links.retry = 5 * time.Millisecond
	h.add(sources.NewSource{Name: "names", Dialect: "freeswitch"}) // without an address it only shows names
	h.add(sources.NewSource{Name: "fs", Dialect: "freeswitch",
		Settings: map[string]string{"address": p.listen.Addr().String(), "password": password}})
	h.connects()
	return h
}

// linked returns the state of the connection to a source.
func (h *app) linked(name string) sources.LinkStatus {
	h.t.Helper()
	s, err := h.sources.Find(h.t.Context(), name)
	if err != nil {
		h.t.Fatal(err)
	}
	status, err := h.receiver.LinkStatus(h.t.Context(), s)
	if err != nil {
		h.t.Fatal(err)
	}
	if status == nil {
		return sources.LinkStatus{}
	}
	return *status
}

// TestESLFollowsCallsAndConnectsAgain: a call is cut off in the middle; after the reconnection it is not there any
// more.
func TestESLFollowsCallsAndConnectsAgain(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		p := newPBX(t)
		p.scripts <- func(p *peer) {
			if !p.greetESL("") {
				p.pbx.t.Error("the commands are wrong")
			}
			p.event("CHANNEL_CREATE", "a", "Call-Direction", "inbound", "Channel-Name", "sofia/external/x@trunk",
				"Caller-Caller-ID-Number", "74950000011", "Caller-Destination-Number", "74950000001")
			p.event("CHANNEL_PROGRESS", "b", "Call-Direction", "outbound", "Channel-Name", "sofia/internal/102@pbx",
				"Other-Type", "originator", "Other-Leg-Unique-ID", "a", "variable_dialed_user", "102",
				"variable_secret", "PASSWORD-of-fs")
			p.event("CHANNEL_BRIDGE", "a", "Bridge-A-Unique-ID", "a", "Bridge-B-Unique-ID", "b")
			p.block("bye", "Content-Type: text/disconnect-notice")
		}
		p.scripts <- func(p *peer) { p.block("", "Content-Type: text/rude-rejection") }
		hold := make(chan struct{})
		p.scripts <- func(p *peer) {
			p.greetESL(`{"uuid":"n","direction":"inbound","name":"sofia/external/x@trunk","cid_num":"74950000012",
				"dest":"74950000001","callstate":"EARLY","call_uuid":"n"}`)
			p.event("CHANNEL_PROGRESS", "m", "Call-Direction", "outbound", "Channel-Name", "sofia/internal/101@pbx",
				"Other-Type", "originator", "Other-Leg-Unique-ID", "n", "variable_dialed_user", "101")
			p.event("CHANNEL_HANGUP_COMPLETE", "n", "Hangup-Cause", "ORIGINATOR_CANCEL")
			<-hold
		}
		h := socketed(t, db, p, "PASSWORD-of-fs")
		until(t, "the call that was cut off is over", func() bool { return h.tracker.ended("a") })
		until(t, "the call of the last connection is over", func() bool { return h.tracker.ended("n") })
		if state := h.linked("fs").State; state != sources.LinkConnected {
			t.Errorf("it stands as %s", state)
		}
		if state := h.linked("names").State; state != "" {
			t.Errorf("a source without an address stands as %s", state)
		}
		close(hold)
		var got []string
		for _, e := range h.tracker.events() {
			got = append(got, strings.TrimSpace(e.CallID+" "+string(e.Kind)+" "+e.Agent))
			if e.CallID == "a" && e.Kind == calls.Ended && e.Agent == "" && !e.EndUnknown {
				t.Error("an end that was not seen is known")
			}
		}
		want := "a ringing 102,a answered 102,a ended,n ringing 101,n ended"
		if text := strings.Join(got, ","); text != want {
			t.Errorf("%s, not %s", text, want)
		}
		s, err := h.sources.Find(t.Context(), "fs")
		if err != nil {
			t.Fatal(err)
		}
		lines, err := h.receiver.Log(t.Context(), s.ID)
		if err != nil {
			t.Fatal(err)
		}
		seen := logText(t, lines)
		for _, want := range []string{"connected", "closed_by_pbx", "access_list_refused", "CHANNEL_BRIDGE"} {
			if !strings.Contains(seen, want) {
				t.Errorf("the log has no %s", want)
			}
		}
		if strings.Contains(seen, "PASSWORD-of-fs") {
			t.Error("the log shows the password")
		}
	})
}

// TestESLRefusedPasswordIsNotHammered: more attempts would only get us banned.
func TestESLRefusedPasswordIsNotHammered(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		p := newPBX(t)
		for range 5 {
			p.scripts <- func(p *peer) { p.greetESL("") }
		}
		h := socketed(t, db, p, "another password")
		want := sources.LinkStatus{State: sources.LinkFailed, Reason: "login_refused"}
		until(t, "it is refused", func() bool { return h.linked("fs") == want })
		time.Sleep(200 * time.Millisecond)
		p.mu.Lock()
		defer p.mu.Unlock()
		if len(p.said) != 1 {
			t.Errorf("it was asked %d times: %v", len(p.said), p.said)
		}
	})
}

func TestESLDials(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		p := newPBX(t)
		p.scripts <- func(p *peer) {
			p.greetESL("")
			for range 3 {
				command := p.command()
				first, job, _ := strings.Cut(strings.TrimSpace(command), "\nJob-UUID: ")
				if !strings.HasPrefix(first, "bgapi originate {origination_uuid="+job+",callhue_number=74950000011,") ||
					!strings.HasSuffix(first, " 74950000011 XML default") {
					p.pbx.t.Errorf("%q", command)
				}
				p.block("", "Content-Type: command/reply", "Reply-Text: +OK Job-UUID: "+job)
				result := "+OK " + job
				switch {
				case strings.Contains(first, "}user/999 "):
					result = "-ERR USER_NOT_REGISTERED"
				case strings.Contains(first, "}user/103 "):
					result = "-ERR USER_BUSY"
				}
				p.event("BACKGROUND_JOB", "", "Job-UUID", job, "_body", result+"\n")
			}
			p.command()
		}
		h := socketed(t, db, p, "PASSWORD-of-fs")
		until(t, "connected", func() bool { return h.linked("fs").State == sources.LinkConnected })
		number := moscow(t).Parse("8 (495) 000-00-11")
		for extension, want := range map[string]string{"101": "", "999": "telephone_missing", "103": "telephone_busy"} {
			id, err := h.receiver.Dial(t.Context(), "fs", extension, number)
			key := ""
			if f := fault.Of(err); f != nil {
				key = f.Key
			}
			if key != want || !strings.HasPrefix(id, "callhue-") {
				t.Errorf("%s: %q %v", extension, id, err)
			}
		}
	})
}
