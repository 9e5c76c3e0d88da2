package live

import (
	"context"
	"errors"
	"time"

	"callhue/internal/store"
	"callhue/journal"
)

const (
	resumeTo = 24 * time.Hour // nothing older is repeated
	pageSize = 500
)

// never is later than every entry.
var never = time.Unix(1<<40, 0)

var errOutdated = errors.New("live: rights changed while the stream was opened")

// catchUp is how a stream gets what it missed.
type catchUp struct {
	send func(frame []byte) error // waits for the client
	gone func() bool              // the client has disconnected
}

// join adds a stream. With from = 0 it begins now, otherwise with the entries written since the entry `from`,
// without a gap: they are sent before join returns. ends is what h.ends was before the rights of the stream were
// found out; when they may have changed since then join fails, and the client comes again.
//
// The last seconds before that entry are repeated, because a slower transaction may have committed after it: a
// reader drops the ids that it knows. Within one stream each entry is sent once.
//
// It reads memory; where memory does not reach back far enough, it reads the journal, with connections for slow
// reading and few streams at a time.
func (h *hub) join(ctx context.Context, sub *Subscription, to sink, from int64, ends uint64,
	up catchUp) (*member, error) {
	m := &member{sub: sub, sink: to}
	if from == 0 {
		return m, h.add(m, ends)
	}
	m.behind = true
	at, err := h.startOf(ctx, from)
	if err != nil {
		return nil, err
	}
	missed, found, err := h.addWith(m, at, ends)
	if err != nil {
		return nil, err
	}
	if !found && h.load(ctx, at) == nil {
		if missed, found, err = h.addWith(m, at, ends); err != nil {
			return nil, err
		}
	}
	if found {
		err = h.sendRemembered(ctx, m, missed, up)
	} else if err = h.add(m, ends); err == nil {
		err = h.sendWritten(ctx, m, at, up)
	} else {
		return nil, err
	}
	if err != nil {
		h.leave(m)
		return nil, err
	}
	h.caughtUp(m)
	return m, nil
}

// startOf returns the time from which on entries are repeated for who has seen one.
func (h *hub) startOf(ctx context.Context, from int64) (at time.Time, err error) {
	h.mu.Lock()
	seen := h.recent.find(from)
	h.mu.Unlock()
	if seen != nil {
		at = seen.entry.At
	} else if err = h.read(ctx, func(tx *store.Tx) (err error) {
		at, err = journal.WrittenAt(tx, from)
		return err
	}); err != nil {
		return at, err
	}
	at = at.Add(-journal.Overlap)
	if oldest := h.db.Clock().Add(-resumeTo); at.Before(oldest) {
		at = oldest
	}
	return at, nil
}

// read reads the journal when it is its turn.
func (h *hub) read(ctx context.Context, do func(tx *store.Tx) error) error {
	select {
	case h.reading <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-h.reading }()
	return do(h.db.ReadSlow(ctx))
}

func (h *hub) add(m *member, ends uint64) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ends.Load() != ends {
		return errOutdated
	}
	h.index.add(m)
	return nil
}

// addWith adds a stream and returns what it missed, unless memory does not reach back so far.
func (h *hub) addWith(m *member, at time.Time, ends uint64) (missed []*remembered, found bool, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.recent.from.After(at) {
		return nil, false, nil
	}
	if h.ends.Load() != ends {
		return nil, false, errOutdated
	}
	missed = h.recent.since(at, m.sub)
	for _, r := range missed {
		if _, early := h.early[r.entry.ID]; early {
			m.knows(r.entry.ID)
		}
	}
	h.index.add(m)
	return missed, true, nil
}

// knows marks an entry that the stream is sent before it is delivered.
func (m *member) knows(id int64) {
	if m.known == nil {
		m.known = map[int64]bool{}
	}
	m.known[id] = true
}

// errTooMuch ends the loading of more than memory takes.
var errTooMuch = errors.New("live: more entries than memory takes")

// load fills memory from a time on. It fails with errTooMuch when there are too many entries.
func (h *hub) load(ctx context.Context, at time.Time) error {
	if !h.journal.Following() {
		return errTooMuch // entries of other processes could be missing
	}
	return h.read(ctx, func(tx *store.Tx) error {
		h.mu.Lock()
		reaches := !h.recent.from.After(at)
		unfit := !at.After(h.unfit)
		h.mu.Unlock()
		if reaches {
			return nil // another stream has loaded it
		}
		if unfit {
			return errTooMuch
		}
		older, err := h.readSince(tx, at)
		h.mu.Lock()
		defer h.mu.Unlock()
		if err != nil {
			if errors.Is(err, errTooMuch) {
				h.unfit = at
			}
			return err
		}
		h.merge(at, older, tx.Now())
		return nil
	})
}

// readSince reads what was written from a time on.
func (h *hub) readSince(tx *store.Tx, at time.Time) (list []*remembered, err error) {
	for from, id := at, int64(0); ; {
		page, err := journal.Since(tx, from, id, pageSize)
		if err != nil {
			return nil, err
		}
		for _, e := range page {
			info, _ := h.journal.Info(e.Verb)
			list = append(list, remember(info, e))
			from, id = e.At, e.ID
		}
		if len(page) < pageSize {
			return list, nil
		}
		if len(list) > maxRecent/2 {
			return nil, errTooMuch
		}
	}
}

// merge adds what was read to memory; the caller holds mu.
func (h *hub) merge(at time.Time, older []*remembered, now time.Time) {
	young := now.Add(-journal.LongAgo)
	for id, written := range h.early {
		if written < young.UnixMilli() {
			delete(h.early, id)
		}
	}
	added := h.recent.merge(at, older)
	for _, r := range older {
		if added[r.entry.ID] && r.entry.At.After(young) {
			h.early[r.entry.ID] = r.entry.At.UnixMilli()
		}
	}
}

// sendRemembered sends entries out of memory. Details that are not kept are read.
func (h *hub) sendRemembered(ctx context.Context, m *member, missed []*remembered, up catchUp) error {
	for len(missed) > 0 {
		part := missed[:min(len(missed), pageSize)]
		missed = missed[len(part):]
		whole, err := h.wholeEntries(ctx, part)
		if err != nil {
			return err
		}
		for _, r := range part {
			e := r.entry
			if r.bare {
				var there bool
				if e, there = whole[e.ID]; !there {
					continue // dropped since then
				}
			}
			if err := h.sendEntry(m, e, up); err != nil {
				return err
			}
		}
	}
	return nil
}

// wholeEntries reads the entries without details.
func (h *hub) wholeEntries(ctx context.Context, part []*remembered) (map[int64]journal.Entry, error) {
	var ids []int64
	for _, r := range part {
		if r.bare {
			ids = append(ids, r.entry.ID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	whole := make(map[int64]journal.Entry, len(ids))
	return whole, h.read(ctx, func(tx *store.Tx) error {
		list, err := journal.ByIDs(tx, ids)
		for _, e := range list {
			whole[e.ID] = e
		}
		return err
	})
}

func (h *hub) sendEntry(m *member, e journal.Entry, up catchUp) error {
	info, _ := h.journal.Info(e.Verb)
	return up.send(encode(info, e, m.sub.listener.User.Language))
}

// sendWritten sends what was written from a time on, page by page out of the journal: for a client that was away for
// longer than memory reaches.
func (h *hub) sendWritten(ctx context.Context, m *member, at time.Time, up catchUp) error {
	young := h.db.Clock().Add(-journal.LongAgo) // what is older has been delivered
	for id := int64(0); ; {
		if up.gone() {
			return context.Canceled
		}
		var page []journal.Entry
		err := h.read(ctx, func(tx *store.Tx) (err error) {
			page, err = journal.Since(tx, at, id, pageSize)
			return err
		})
		if err != nil {
			return err
		}
		for _, e := range page {
			at, id = e.At, e.ID
			info, _ := h.journal.Info(e.Verb)
			if !remember(info, e).isFor(m.sub) {
				continue
			}
			if e.At.After(young) {
				h.sentEarly(m, e.ID)
			}
			if err := h.sendEntry(m, e, up); err != nil {
				return err
			}
		}
		if len(page) < pageSize {
			return nil
		}
	}
}

// sentEarly marks an entry that may still be delivered.
func (h *hub) sentEarly(m *member, id int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	m.knows(id)
}
