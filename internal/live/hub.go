package live

import (
	"encoding/json"
	"sync"
	"sync/atomic"
	"time"

	"callhue/internal/store"
	"callhue/internal/web"
	"callhue/journal"
)

const (
	// wideFrom is how many streams get an event before it gives way to those for fewer.
	wideFrom = 64

	// maxBehind is how many frames wait for a stream while it is sent what it missed.
	maxBehind = 1024
)

// hub passes entries on to the open streams. It is the journal's only listener on their behalf, and works in a
// goroutine of its own: who commits an entry does nothing for anyone's browser but add the entry to a queue.
//
// An entry is described once (remember), encoded once for each language, and its streams are found by index.
type hub struct {
	db      *store.DB
	journal *journal.Journal
	reading chan struct{} // a place for each stream that reads the journal

	inbox inbox
	ends  atomic.Uint64 // entries that have ended rights

	mu     sync.Mutex
	index  index
	recent recent
	early  map[int64]int64 // entries that were read before they were delivered: id -> when they were written, ms
	unfit  time.Time       // memory does not take what was written since then
	to     []*member       // of send
}

// inbox is what the hub has yet to pass on.
type inbox struct {
	mu      sync.Mutex
	list    []journal.Entry
	working bool
}

// maxReading is how many streams read the journal at a time, whatever comes back after a restart.
const maxReading = 2

func newHub(j *journal.Journal, db *store.DB) *hub {
	h := &hub{db: db, journal: j, reading: make(chan struct{}, maxReading), index: newIndex(), early: map[int64]int64{}}
	h.recent.from = never
	j.Listen(h.publish)
	return h
}

// publish queues entries.
func (h *hub) publish(list []journal.Entry) {
	h.inbox.mu.Lock()
	defer h.inbox.mu.Unlock()
	h.inbox.list = append(h.inbox.list, list...)
	if !h.inbox.working {
		h.inbox.working = true
		go h.work()
	}
}

// work passes on what is queued, and ends when nothing is.
func (h *hub) work() {
	for {
		h.inbox.mu.Lock()
		list := h.inbox.list
		h.inbox.list = nil
		h.inbox.working = len(list) > 0
		h.inbox.mu.Unlock()
		if len(list) == 0 {
			return
		}
		for _, e := range list {
			h.process(e)
		}
	}
}

// process passes one entry on.
func (h *hub) process(e journal.Entry) {
	info, _ := h.journal.Info(e.Verb)
	r := remember(info, e)
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, known := h.early[e.ID]; known {
		delete(h.early, e.ID)
	} else if e.ID != 0 { // what was only announced is not repeated
		h.recent.add(r)
	}
	h.send(r, info)
	if info.Ends != nil {
		h.ends.Add(1)
		h.index.begin()
		h.index.visit(info.Ends(e), func(m *member) { m.sink.End() })
	}
}

// send passes an entry to its streams.
func (h *hub) send(r *remembered, info journal.VerbInfo) {
	h.to = h.to[:0]
	take := func(m *member) {
		if !m.known[r.entry.ID] {
			h.to = append(h.to, m)
		}
	}
	h.index.begin()
	if r.audience != nil {
		h.index.visit(*r.audience, take)
	}
	if r.asked {
		h.index.visitAsked(r.entry.Verb, r.maySee, take)
	}
	if len(h.to) == 0 {
		return
	}
	frames := newFrames(info, r.entry)
	wide := len(h.to) >= wideFrom
	for i, m := range h.to {
		m.push(r.entry.ID, frames.in(m.sub.listener.User.Language), wide)
		h.to[i] = nil
	}
}

// push sends a frame, or keeps it until the stream has got what it missed.
func (m *member) push(id int64, frame []byte, wide bool) {
	switch {
	case !m.behind:
		m.sink.Push(frame, wide)
	case len(m.queue) >= maxBehind:
		m.sink.End() // the client resumes from what it has got
	default:
		m.queue = append(m.queue, pending{id, frame})
	}
}

// caughtUp ends the time in which frames are kept.
func (h *hub) caughtUp(m *member) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, p := range m.queue {
		if !m.known[p.id] {
			m.sink.Push(p.frame, false)
		}
	}
	m.behind, m.queue = false, nil
}

// leave removes a stream.
func (h *hub) leave(m *member) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.index.remove(m)
}

// frames are an entry as it is sent, encoded once for each language of those who get it.
type frames struct {
	info       journal.VerbInfo
	entry      journal.Entry
	byLanguage map[string][]byte
}

func newFrames(info journal.VerbInfo, e journal.Entry) *frames {
	return &frames{info: info, entry: e, byLanguage: map[string][]byte{}}
}

func (f *frames) in(language string) []byte {
	if f.info.Localize == nil {
		language = ""
	}
	frame, known := f.byLanguage[language]
	if !known {
		frame = encode(f.info, f.entry, language)
		f.byLanguage[language] = frame
	}
	return frame
}

// encode returns an entry as an event: its details alone under the verb's own event name, if it has one.
func encode(info journal.VerbInfo, e journal.Entry, language string) []byte {
	if info.Localize != nil {
		e.Details = info.Localize(e, language)
	}
	if info.Event != "" {
		return web.Frame(e.ID, info.Event, e.Details)
	}
	raw, err := json.Marshal(e)
	if err != nil {
		panic("live: an entry that is no JSON: " + err.Error()) // details are made by journal.Details
	}
	return web.Frame(e.ID, "journal", raw)
}
