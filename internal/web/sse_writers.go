package web

import (
	"runtime"
	"sync"
	"syscall"
	"time"
)

// lane is one of the two queues of writers.
type lane int8

const (
	noLane     lane = iota
	wideLane        // frames for many streams, and pings
	narrowLane      // frames for few streams: they pass those for many
)

// writers write the frames of all streams. They are few goroutines, however many streams an event goes to: ten
// thousand runnable goroutines would stand before a PBX's request in the scheduler's queue. No write waits for a
// client: what a socket does not take at once is written by a goroutine of that stream.
type writers struct {
	most int // goroutines

	mu           sync.Mutex
	narrow, wide []*Stream
	running      int
}

// newWriters leaves at least half of the processors to requests.
func newWriters() *writers { return &writers{most: max(1, runtime.GOMAXPROCS(0)/2)} }

// add queues a stream.
func (w *writers) add(s *Stream, to lane) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if to == narrowLane {
		w.narrow = append(w.narrow, s)
	} else {
		w.wide = append(w.wide, s)
	}
	if w.running < w.most {
		w.running++
		go w.run()
	}
}

// next returns the next stream; nil ends the goroutine.
func (w *writers) next() *Stream {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, from := range []*[]*Stream{&w.narrow, &w.wide} {
		list := *from
		if len(list) == 0 {
			continue
		}
		s := list[0]
		list[0] = nil
		if *from = list[1:]; len(list) == 1 {
			*from = nil
		}
		return s
	}
	w.running--
	return nil
}

// yieldAfter is how many streams are written before other goroutines get the processor.
const yieldAfter = 8

func (w *writers) run() {
	to := &writing{}
	to.attempt = to.once
	for n := 1; ; n++ {
		s := w.next()
		if s == nil {
			return
		}
		s.write(to)
		if n%yieldAfter == 0 {
			runtime.Gosched()
		}
	}
}

// schedule queues the stream for a writer unless it is queued already; the caller holds mu.
func (s *Stream) schedule(wide bool) {
	to := narrowLane
	if wide {
		to = wideLane
	}
	if s.writing || s.queued >= to || s.ended != nil {
		return
	}
	s.queued = to
	s.server.streams.writers.add(s, to)
}

// take returns what waits as one piece, and false when there is nothing to write.
func (s *Stream) take(buffer *[]byte) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queued = noLane
	if s.writing || len(s.waiting) == 0 || s.ended != nil {
		return nil, false
	}
	s.writing = true
	return s.join(buffer), true
}

// join takes the frames that wait; the caller holds mu.
func (s *Stream) join(buffer *[]byte) []byte {
	frames := s.waiting
	s.waiting, s.size = nil, 0
	if len(frames) == 1 {
		return frames[0]
	}
	*buffer = (*buffer)[:0]
	for _, f := range frames {
		*buffer = append(*buffer, f...)
	}
	return *buffer
}

// write writes what waits, as far as the socket takes it at once.
func (s *Stream) write(to *writing) {
	data, some := s.take(&to.buffer)
	if !some {
		s.endIfWritten()
		return
	}
	if s.raw != nil {
		n, err := to.try(s.raw, data)
		if err != nil {
			s.finish(err)
			return
		}
		data = data[n:]
	}
	if len(data) > 0 {
		rest := append([]byte(nil), data...)
		go s.writeSlowly(rest)
		return
	}
	s.written()
}

// written passes the stream back to the writers.
func (s *Stream) written() {
	s.mu.Lock()
	s.writing = false
	more := len(s.waiting) > 0
	if more {
		s.schedule(false)
	}
	s.mu.Unlock()
	if !more {
		s.endIfWritten()
	}
}

func (s *Stream) endIfWritten() {
	s.mu.Lock()
	over := s.ending && !s.writing && len(s.waiting) == 0
	s.mu.Unlock()
	if over {
		s.finish(errStreamEnded)
	}
}

// writeSlowly writes the rest of a frame, and all that comes meanwhile, at the pace of the client.
func (s *Stream) writeSlowly(rest []byte) {
	var buffer []byte
	for len(rest) > 0 {
		if err := s.writeAll(rest); err != nil {
			s.finish(err)
			return
		}
		s.mu.Lock()
		rest = s.join(&buffer)
		s.mu.Unlock()
	}
	s.written()
}

// writeAll waits until the client has taken the data.
func (s *Stream) writeAll(data []byte) error {
	if err := s.conn.SetWriteDeadline(time.Now().Add(sendLimit)); err != nil {
		return err
	}
	if _, err := s.conn.Write(data); err != nil {
		return err
	}
	return s.conn.SetWriteDeadline(time.Time{}) // a deadline that has passed would fail the next try
}

// writing is what one writer needs for a write.
type writing struct {
	buffer  []byte
	attempt func(fd uintptr) bool

	data []byte
	n    int
	err  error
}

// try writes as much as the socket takes without waiting.
func (w *writing) try(raw syscall.RawConn, data []byte) (int, error) {
	w.data, w.n, w.err = data, 0, nil
	err := raw.Write(w.attempt)
	w.data = nil
	if err != nil {
		return 0, err
	}
	return w.n, w.err
}

// once writes and reports that no waiting is wanted.
func (w *writing) once(fd uintptr) bool {
	w.n, w.err = writeNow(fd, w.data)
	return true
}
