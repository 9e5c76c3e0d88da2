package calls

import (
	"context"
	"sync"
	"time"

	"callhue/internal/fault"
)

const (
	// mostKept bounds the events that wait for the database.
	mostKept = 5000
	// keptFor is how long an event waits: its call is over then.
	keptFor = 15 * time.Minute
	// keptEvery is how soon the database is asked again.
	keptEvery = 200 * time.Millisecond
	// keptWithin is how long the handling of an event that waited may take.
	keptWithin = 2 * time.Second
)

// keptEvent is an event that was refused because the database did not take it.
type keptEvent struct {
	origin Origin
	event  Event
}

// keptKey finds the same event that a source sends again.
type keptKey struct {
	source, call, leg, agent string
	kind                     EventKind
}

func (k *keptEvent) key() keptKey {
	return keptKey{k.origin.Name, k.event.CallID, k.event.Leg, k.event.Agent, k.event.Kind}
}

// keptEvents holds the events that wait for the database, the oldest first.
type keptEvents struct {
	mu    sync.Mutex
	list  []keptEvent
	known map[keptKey]bool
}

// add keeps an event, and reports whether it is the first one that waits. An event that waits already, and one beyond
// the bound, is dropped: its source was refused and knows it.
func (k *keptEvents) add(e keptEvent) (first bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.known[e.key()] && e.event.Kind != Summary || len(k.list) >= mostKept {
		return false
	}
	if k.known == nil {
		k.known = map[keptKey]bool{}
	}
	k.known[e.key()] = true
	k.list = append(k.list, e)
	return len(k.list) == 1
}

func (k *keptEvents) len() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.list)
}

// oldest returns the event that has waited longest.
func (k *keptEvents) oldest() (e keptEvent, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.list) == 0 {
		return e, false
	}
	return k.list[0], true
}

// drop removes the oldest event.
func (k *keptEvents) drop() {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.known, k.list[0].key())
	if k.list = k.list[1:]; len(k.list) == 0 {
		k.list, k.known = nil, nil
	}
}

// handleKept handles the events that wait, in the order in which they came, until one has to wait on.
func (d *Tracker) handleKept(ctx context.Context) error {
	for ctx.Err() == nil {
		kept, ok := d.kept.oldest()
		if !ok {
			return nil
		}
		if d.DB.Clock().Sub(kept.event.received) < keptFor {
			once, cancel := context.WithTimeout(ctx, keptWithin)
			_, err := d.handleInTurn(once, kept.origin, kept.event, keptWithin)
			cancel()
			if fault.Is(err, fault.KindUnavailable) || ctx.Err() != nil {
				return err
			}
			if err != nil && err != ErrOtherLine {
				d.Log.Warn("an event that waited for the database is refused", "source", kept.origin.Name, "error", err)
			}
		}
		d.kept.drop()
	}
	return nil
}
