package main

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/textproto"
	"slices"
	"sync"
)

// asterisk plays a manager interface.
type asterisk struct {
	greeting string
	channels []byte // what it answers to CoreShowChannels

	mu   sync.Mutex
	conn net.Conn // of the session that has logged in; nil while there is none
}

// asterisk adds an ami source with the PBX behind it.
func (at *terminal) asterisk(source, contexts string, a *asterisk) *asterisk {
	at.t.Helper()
	listen, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		at.t.Fatal(err)
	}
	at.t.Cleanup(func() { listen.Close() })
	go func() {
		for {
			conn, err := listen.Accept()
			if err != nil {
				return
			}
			go a.serve(conn)
		}
	}()
	args := []string{"source", "add", "--name", source, "--dialect", "ami", "--public-url", addressOfCases,
		"--secret", "s", "--set", "address=" + listen.Addr().String(), "--set", "user=callhue"}
	if contexts != "" {
		args = append(args, "--set", "contexts="+contexts)
	}
	at.do(args...)
	return a
}

// serve answers the actions of one session until it ends.
func (a *asterisk) serve(conn net.Conn) {
	defer conn.Close()
	_, _ = conn.Write([]byte(a.greeting + "\r\n"))
	in := textproto.NewReader(bufio.NewReader(conn))
	for {
		action, err := in.ReadMIMEHeader()
		if err != nil {
			return
		}
		id := "ActionID: " + action.Get("ActionID") + "\r\n"
		_, _ = conn.Write([]byte("Response: Success\r\n" + id + "\r\n"))
		if action.Get("Action") != "CoreShowChannels" {
			continue
		}
		complete := "Event: CoreShowChannelsComplete\r\n" + id + "EventList: Complete\r\n\r\n"
		_, _ = conn.Write(append(bytes.Clone(a.channels), complete...))
		a.mu.Lock()
		a.conn = conn
		a.mu.Unlock()
	}
}

// send sends events and waits until they have been handled: until the call of a probe that follows them is over.
func (a *asterisk) send(h *telephony, raw []byte) {
	h.t.Helper()
	var conn net.Conn
	h.until("the PBX is connected to", func() bool {
		a.mu.Lock()
		defer a.mu.Unlock()
		conn = a.conn
		return conn != nil
	})
	h.probes++
	id := fmt.Sprintf("probe.%d", h.probes)
	probe := "Channel: PJSIP/probe-0000\r\nChannelStateDesc: Ring\r\nCallerIDNum: +74950000099\r\n" +
		"Context: from-trunk\r\nExten: 74950000009\r\nUniqueid: " + id + "\r\nLinkedid: " + id + "\r\n"
	events := bytes.Clone(raw)
	events = append(events, "Event: Newchannel\r\n"+probe+"\r\nEvent: Hangup\r\n"+probe+"Cause: 16\r\n\r\n"...)
	if _, err := conn.Write(events); err != nil {
		h.t.Fatal(err)
	}
	h.until("the events are handled", func() bool {
		newest, _ := h.page(20, "")
		return slices.ContainsFunc(newest, func(c *shownCall) bool { return c.CallID == id && c.State == "ended" })
	})
}

// oldManager connects a PBX of before Asterisk 12, and complains when its source looks well.
func (h *telephony) oldManager() (wrong []string) {
	h.t.Helper()
	h.terminal.asterisk("amiold", "from-internal", &asterisk{greeting: "Asterisk Call Manager/1.3"})
	h.until("the old PBX is tried", func() bool { return h.link("amiold").State != "connecting" })
	if link := h.link("amiold"); link.State == "connected" && link.Why == "" {
		wrong = append(wrong, "the source looks as if all were well")
	}
	return wrong
}

// shownLink is the state of a connection as a source shows it.
type shownLink struct {
	State string `json:"state"`
	Why   string `json:"why"`
}

func (h *telephony) link(source string) shownLink {
	h.t.Helper()
	sources := get[struct {
		Items []struct {
			Name string     `json:"name"`
			Link *shownLink `json:"link"`
		} `json:"items"`
	}](h.process, "/api/v1/sources").Items
	for _, s := range sources {
		if s.Name == source && s.Link != nil {
			return *s.Link
		}
	}
	return shownLink{State: "connecting"}
}

func (h *telephony) until(what string, is func() bool) {
	h.t.Helper()
	h.terminal.until(what, is)
}
