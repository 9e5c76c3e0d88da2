package web

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"callhue/internal/fault"
)

const (
	pingEvery      = 15 * time.Second
	sendLimit      = 10 * time.Second // a client that reads nothing for so long is cut
	streamsPerUser = 20
)

// Stream is one open answer of server-sent events.
type Stream struct {
	server *Server
	conn   net.Conn
	ctx    context.Context
	cancel context.CancelFunc
	pings  *time.Timer

	mu sync.Mutex // events and pings are written whole
}

// SSE answers a request with server-sent events. It returns at once; run then
// has the connection for itself, in a goroutine of its own, and the stream ends
// when run returns. By that time the request is over: run must not touch r.C,
// and r.Context has ended; Stream.Context is the one to use. It ends when the
// client is gone or too slow, or when the server shuts down.
//
// `retry:` is sent at once and `event: ping` every 15 seconds. A user may have
// 20 streams open (r.User; a route that finds the user by itself sets it
// before), more are refused with the fault "too_many_streams".
//
// The connection is taken from fasthttp: its own way of streaming holds three
// times the memory per client, and notices a disconnected one only by failing to write.
func SSE(r *Request, run func(s *Stream) error) error {
	c, server := r.C, r.server
	c.Set(fiber.HeaderContentType, "text/event-stream")
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set("X-Accel-Buffering", "no") // nginx would keep the events back
	if c.Method() == fiber.MethodHead {
		return nil
	}
	var user int64
	if r.User != nil {
		user = r.User.ID
	}
	if !server.streams.enter(user) {
		return fault.Busy("too_many_streams", pingEvery)
	}
	c.Response().SetConnectionClose()
	start := append(c.Response().Header.AppendBytes(nil), "retry: 3000\n\n"...)
	conn := c.Context().Conn()
	c.Context().HijackSetNoResponse(true)
	c.Context().Hijack(func(net.Conn) {
		// The goroutine lives on without fasthttp's buffers, which go back to
		// their pool when this function returns.
		go server.stream(conn, start, user, run)
	})
	return nil
}

func (s *Server) stream(conn net.Conn, start []byte, user int64, run func(*Stream) error) {
	defer s.streams.leave(user)
	defer conn.Close()
	st := &Stream{server: s, conn: conn}
	st.ctx, st.cancel = context.WithCancel(s.life)
	defer st.cancel()
	if st.write(start) != nil {
		return
	}
	go st.watch()
	// Under the lock: a timer that fires at once would find no timer to set again.
	st.mu.Lock()
	st.pings = time.AfterFunc(pingEvery, st.ping)
	st.mu.Unlock()
	defer st.pings.Stop()
	defer func() {
		if p := recover(); p != nil {
			s.opt.Log.Error("a stream panicked", "panic", p, "stack", string(debug.Stack()))
		}
	}()
	if err := run(st); err != nil && st.ctx.Err() == nil {
		s.opt.Log.Info("stream ended", "error", err)
	}
}

// Context ends with the stream.
func (s *Stream) Context() context.Context { return s.ctx }

// Send writes one event; an id of 0 is left out. It fails when the client is
// gone or took nothing for ten seconds; Context has ended then, too.
func (s *Stream) Send(id int64, event string, data []byte) error {
	var b bytes.Buffer
	b.Grow(len(data) + len(event) + 48)
	if id != 0 {
		b.WriteString("id: ")
		b.WriteString(strconv.FormatInt(id, 10))
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "event: %s\n", event)
	for line := range bytes.SplitSeq(data, []byte{'\n'}) {
		b.WriteString("data: ")
		b.Write(line)
		b.WriteByte('\n')
	}
	b.WriteByte('\n')
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.write(b.Bytes()); err != nil {
		return err
	}
	s.pings.Reset(pingEvery)
	return nil
}

func (s *Stream) ping() {
	if s.ctx.Err() == nil {
		_ = s.Send(0, "ping", []byte("{}")) // a failure has ended the context
	}
}

func (s *Stream) write(raw []byte) error {
	if err := s.ctx.Err(); err != nil {
		return err
	}
	err := s.conn.SetWriteDeadline(time.Now().Add(sendLimit))
	if err == nil {
		_, err = s.conn.Write(raw)
	}
	if err != nil {
		s.cancel()
	}
	return err
}

// watch ends the stream as soon as the client disconnects: a client of an event
// stream sends nothing more.
func (s *Stream) watch() {
	defer s.cancel()
	var nothing [16]byte
	for {
		if _, err := s.conn.Read(nothing[:]); err != nil {
			return
		}
	}
}

// streams counts what is open, by user.
type streams struct {
	open   func(change float64) // the gauge
	mu     sync.Mutex
	byUser map[int64]int
	all    sync.WaitGroup
}

func (s *streams) enter(user int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byUser[user] >= streamsPerUser {
		return false
	}
	s.byUser[user]++
	s.all.Add(1)
	s.open(1)
	return true
}

func (s *streams) leave(user int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byUser[user]--; s.byUser[user] == 0 {
		delete(s.byUser, user)
	}
	s.open(-1)
	s.all.Done()
}

// wait returns the streams time to end.
func (s *streams) wait(limit time.Duration) {
	gone := make(chan struct{})
	go func() {
		s.all.Wait()
		close(gone)
	}()
	select {
	case <-gone:
	case <-time.After(limit):
	}
}
