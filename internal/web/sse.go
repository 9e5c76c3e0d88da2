package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"runtime/debug"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/gofiber/fiber/v2"

	"callhue/internal/fault"
)

const (
	sendLimit      = 10 * time.Second // a client that reads nothing for so long is cut
	streamsPerUser = 20

	// A stream holds so much for a slow client. Beyond that it ends, and the client resumes from its last event.
	maxWaiting      = 512       // frames
	maxWaitingBytes = 512 << 10 // of frames, which other streams may share
)

var (
	errStreamEnded = errors.New("the stream has ended")
	errStreamSlow  = errors.New("the client of a stream is too slow")
)

// Stream is one open answer of server-sent events.
type Stream struct {
	server *Server
	conn   net.Conn
	raw    syscall.RawConn // of conn; nil where there is no socket
	slot   int             // where the pings find it
	place  int             // in the slot

	mu      sync.Mutex
	waiting [][]byte // frames to write
	size    int      // of waiting, in bytes
	queued  lane     // where a writer will find the stream
	writing bool     // a goroutine writes: one at a time
	pinged  bool     // the stream is past its beginning: pings may be sent
	ending  bool     // it ends as soon as nothing waits
	ended   error    // why it has ended
}

// SSE answers a request with server-sent events. It returns at once; run then has the connection in a goroutine of
// its own, and the stream ends when run returns. By that time the request is over: run must not touch r.C, and
// r.Context has ended; Stream.Context is the one to use.
//
// run sends what the client missed with Send, passes the stream to those who Push events, and returns Wait.
//
// `retry:` is sent at once and `event: ping` every 15 seconds. A user may have 20 streams open (r.User; a route
// that finds the user by itself sets it before), more are refused with the fault "too_many_streams".
//
// The connection is taken from fasthttp: its own way of streaming holds three times the memory per client, and
// notices a disconnected one only by failing to write.
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
	st := newStream(s, conn)
	s.streams.add(st)
	defer s.streams.remove(st)
	defer st.finish(errStreamEnded)
	defer func() {
		if p := recover(); p != nil {
			s.opt.Log.Error("a stream panicked", "panic", p, "stack", string(debug.Stack()))
		}
	}()
	if st.Send(start) != nil {
		return
	}
	if err := run(st); err != nil && !errors.Is(err, context.Canceled) && s.life.Err() == nil {
		s.opt.Log.Info("stream ended", "error", err)
	}
	st.flush()
}

func newStream(server *Server, conn net.Conn) *Stream {
	s := &Stream{server: server, conn: conn}
	if socket, ok := conn.(syscall.Conn); ok {
		s.raw, _ = socket.SyscallConn()
	}
	return s
}

// Frame returns an event as it is sent. An id of 0 is left out. Any number of streams may share it.
func Frame(id int64, event string, data []byte) []byte {
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
	return b.Bytes()
}

// Context ends when the server shuts down.
func (s *Stream) Context() context.Context { return s.server.life }

// Disconnected reports whether the client is gone. It is for work between the events of run; Wait finds out by
// itself.
func (s *Stream) Disconnected() bool { return s.failure() != nil || peekClosed(s.conn) }

func (s *Stream) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended
}

// Send writes a frame and waits for the client to take it. It is for run alone, before anything is pushed. It fails
// when the client is gone, or took nothing for ten seconds.
func (s *Stream) Send(frame []byte) error {
	if err := s.failure(); err != nil {
		return err
	}
	err := s.writeAll(frame)
	if err != nil {
		s.finish(err)
	}
	return err
}

// Push adds a frame and does not wait: it costs the caller no more than a place in a list. Frames for many streams
// are marked as wide and give way to others. A stream whose client reads too slowly ends: the client connects again
// and resumes.
func (s *Stream) Push(frame []byte, wide bool) {
	s.mu.Lock()
	if s.ended != nil || s.ending {
		s.mu.Unlock()
		return
	}
	if len(s.waiting) >= maxWaiting || s.size+len(frame) > maxWaitingBytes {
		s.mu.Unlock()
		s.finish(errStreamSlow)
		return
	}
	s.waiting = append(s.waiting, frame)
	s.size += len(frame)
	s.schedule(wide)
	s.mu.Unlock()
}

// End ends the stream once everything pushed before is written.
func (s *Stream) End() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ending = true
	s.schedule(false)
}

// Wait returns when the stream has ended: its client is gone or too slow, End was called, or the server shuts down.
// The error is nil for the usual ends.
func (s *Stream) Wait() error {
	s.mu.Lock()
	s.pinged = true
	s.mu.Unlock()
	var nothing [16]byte
	for {
		if _, err := s.conn.Read(nothing[:]); err != nil { // a client of an event stream sends nothing more
			s.finish(errStreamEnded)
			break
		}
	}
	if err := s.failure(); !errors.Is(err, errStreamEnded) {
		return err
	}
	return nil
}

// finish closes the connection, once.
func (s *Stream) finish(why error) {
	s.mu.Lock()
	first := s.ended == nil
	if first {
		s.ended, s.waiting, s.size = why, nil, 0
	}
	s.mu.Unlock()
	if first {
		_ = s.conn.Close()
	}
}

// flush waits for a moment until what run pushed is written.
func (s *Stream) flush() {
	s.End()
	for until := time.Now().Add(sendLimit); s.failure() == nil && time.Now().Before(until); {
		time.Sleep(time.Millisecond)
	}
}
