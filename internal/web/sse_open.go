package web

import (
	"sync"
	"time"
)

const (
	pingEvery = 15 * time.Second
	pingSlots = 60 // pings of many streams are spread over the time between two
)

// streams is what is open.
type streams struct {
	open    func(change float64) // the gauge
	writers *writers
	all     sync.WaitGroup

	mu      sync.Mutex
	byUser  map[int64]int
	slots   [pingSlots][]*Stream
	next    int // the slot that is pinged next
	count   int
	pinging bool
	closed  bool
}

func newStreams(open func(change float64)) *streams {
	return &streams{open: open, writers: newWriters(), byUser: map[int64]int{}}
}

// enter counts a stream of a user; it reports whether they may have one more.
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

// add begins to ping a stream.
func (s *streams) add(st *Stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		go st.finish(errStreamEnded)
	}
	st.slot = (s.next + pingSlots - 1) % pingSlots // the one that was pinged last
	st.place = len(s.slots[st.slot])
	s.slots[st.slot] = append(s.slots[st.slot], st)
	s.count++
	if !s.pinging {
		s.pinging = true
		go s.ping()
	}
}

func (s *streams) remove(st *Stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	slot := s.slots[st.slot]
	last := len(slot) - 1
	slot[st.place] = slot[last]
	slot[st.place].place = st.place
	slot[last] = nil
	s.slots[st.slot] = slot[:last]
	s.count--
}

// ping pings the streams, one slot after the other, as long as there are any.
func (s *streams) ping() {
	tick := time.NewTicker(pingEvery / pingSlots)
	defer tick.Stop()
	frame := Frame(0, "ping", []byte("{}"))
	for {
		<-tick.C
		s.mu.Lock()
		if s.count == 0 {
			s.pinging = false
			s.mu.Unlock()
			return
		}
		due := append([]*Stream(nil), s.slots[s.next]...)
		s.next = (s.next + 1) % pingSlots
		s.mu.Unlock()
		for _, st := range due {
			if st.begun() {
				st.Push(frame, true)
			}
		}
	}
}

// begun reports whether run has come to Wait.
func (s *Stream) begun() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pinged
}

// close ends all streams; their clients come again.
func (s *streams) close() {
	s.mu.Lock()
	s.closed = true
	var open []*Stream
	for _, slot := range s.slots {
		open = append(open, slot...)
	}
	s.mu.Unlock()
	for _, st := range open {
		st.finish(errStreamEnded)
	}
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
