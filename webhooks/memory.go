package webhooks

import (
	"context"
	"strconv"
	"sync"

	"callhue/rules"
	"callhue/webhooks/sources"
)

// Bounds of what is remembered of calls: what is older than the newest so many texts is forgotten in one go.
const (
	maxRemembered     = 50_000
	maxRememberedText = 4 << 10
)

// callMemory keeps what PBXs report once per call, for later requests of it (package mapping). It has two generations:
// when the newer one is full the older is dropped, so that a call of the last minutes is always known.
type callMemory struct {
	mu           sync.Mutex
	newer, older map[string]string
}

func (m *callMemory) get(key string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if text, found := m.newer[key]; found {
		return text
	}
	text, found := m.older[key]
	if found {
		m.set(key, text)
	}
	return text
}

func (m *callMemory) put(key, text string) {
	if len(key)+len(text) > maxRememberedText {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.set(key, text)
}

func (m *callMemory) set(key, text string) {
	if m.newer == nil || len(m.newer) >= maxRemembered {
		m.newer, m.older = make(map[string]string, 64), m.newer
	}
	m.newer[key] = text
}

// sourceMemory is the memory of one source during one request.
type sourceMemory struct {
	rc     *Receiver
	ctx    context.Context
	source sources.Source
}

// Get returns what was remembered under a key; "" when nothing was.
func (m *sourceMemory) Get(key string) string { return m.rc.memory.get(m.key(key)) }

// Set remembers a text.
func (m *sourceMemory) Set(key, text string) { m.rc.memory.put(m.key(key), text) }

func (m *sourceMemory) key(key string) string { return strconv.FormatInt(m.source.ID, 10) + " " + key }

// Direction returns the direction of a call as the database has it, for another process may have received its
// beginning; "" when it is not known.
func (m *sourceMemory) Direction(callID string) rules.Direction {
	direction, err := m.rc.opt.Tracker.DirectionOf(m.ctx, m.source.Name, callID)
	if err != nil {
		m.rc.opt.Log.Warn("the direction of a call cannot be read", "source", m.source.Name, "error", err)
	}
	return direction
}
