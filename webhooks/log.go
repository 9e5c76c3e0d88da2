package webhooks

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"sync"
	"time"

	"callhue/calls"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/rules"
	"callhue/webhooks/dialects"
	"callhue/webhooks/dialects/mapping"
	"callhue/webhooks/sources"
)

// keptRequests is how many of a source's last requests are kept.
const keptRequests = 50

// LogLine is one request of a source's log. Secrets, tokens and signatures in it are masked.
type LogLine struct {
	ID         int64             `json:"id"`
	At         time.Time         `json:"at"`
	Method     string            `json:"method"`
	Path       string            `json:"path"`
	Headers    map[string]string `json:"headers"`
	Body       string            `json:"body"`
	Status     int               `json:"status"`
	Understood json.RawMessage   `json:"understood"` // an Understanding; null when refused
	Refused    string            `json:"refused"`    // why; "" when understood
}

// Understanding is what was understood of a request, in the words of the generic dialect whatever the source's own is.
type Understanding struct {
	Events  []UnderstoodEvent   `json:"events,omitempty"`
	Query   *dialects.NameQuery `json:"asked,omitempty"`
	Changes []UnderstoodChange  `json:"changes,omitempty"`
	Dropped []fault.Field       `json:"dropped,omitempty"` // optional fields that could not be read
	Note    string              `json:"note,omitempty"`
	Ignored string              `json:"ignored,omitempty"`
	Shown   *ShownCard          `json:"shown,omitempty"`
}

// UnderstoodEvent is an event as the generic dialect spells it.
type UnderstoodEvent struct {
	Event     calls.EventKind `json:"event"`
	CallID    string          `json:"call_id"`
	Leg       string          `json:"leg,omitempty"`
	Direction string          `json:"direction,omitempty"`
	Number    string          `json:"number,omitempty"`
	Agent     string          `json:"agent,omitempty"`
	Aliases   []string        `json:"aliases,omitempty"`
	Line      string          `json:"line,omitempty"`
	At        *time.Time      `json:"at,omitempty"`
	Duration  *float64        `json:"duration,omitempty"` // seconds
	Result    calls.Result    `json:"result,omitempty"`
	// Unanswered is why the telephone rang in vain, where the request says it.
	Unanswered calls.Unanswered `json:"unanswered,omitempty"`
	Recording  string           `json:"recording_url,omitempty"`
}

// UnderstoodChange is a record of a CRM that is read again.
type UnderstoodChange struct {
	Kind    string `json:"kind"`
	ID      string `json:"id"`
	Removed bool   `json:"removed,omitempty"`
}

// ShownCard is the card that a request led to.
type ShownCard struct {
	Agent string      `json:"agent"` // login; "" when no user is known by the source's name of the agent
	Color rules.Color `json:"color"`
	Why   rules.Why   `json:"why"`
}

// shownCard returns what the log keeps of a card; nil for none, and for one that was not asked for.
func shownCard(card *calls.Card) *ShownCard {
	if card == nil || card.Verdict.Color == "" {
		return nil
	}
	s := &ShownCard{Color: card.Verdict.Color, Why: card.Verdict.Why}
	if card.Agent != nil {
		s.Agent = card.Agent.Login
	}
	return s
}

// understandingOf words what was parsed.
func understandingOf(parsed dialects.Parsed) Understanding {
	u := Understanding{Query: parsed.Query, Dropped: parsed.Dropped, Note: parsed.Note, Ignored: parsed.Ignored}
	for _, c := range parsed.Changes {
		u.Changes = append(u.Changes, UnderstoodChange{c.Kind.String(), c.ID, c.Removed})
	}
	for _, e := range parsed.Events {
		understood := UnderstoodEvent{
			Event:      e.Kind,
			CallID:     e.CallID,
			Leg:        e.Leg,
			Direction:  string(e.Direction),
			Number:     e.Number,
			Agent:      e.Agent,
			Aliases:    parsed.Aliases[e.Agent],
			Line:       e.Line,
			Result:     e.Result,
			Unanswered: e.Unanswered,
			Recording:  e.Recording,
		}
		if !e.At.IsZero() {
			understood.At = &e.At
		}
		if e.Duration >= 0 {
			seconds := e.Duration.Seconds()
			understood.Duration = &seconds
		}
		u.Events = append(u.Events, understood)
	}
	return u
}

// requestHead is a request as it was sent, without its body.
type requestHead struct {
	method  string
	path    string // with the query
	headers string // raw, a line each
	address string // of the sender
}

// logEntry is a request that waits for being written.
type logEntry struct {
	at        time.Time
	head      requestHead
	body      []byte
	secrets   []string // that must not be shown
	wrongPath string   // part of the path that failed to be a secret
	parsed    dialects.Parsed
	shown     *ShownCard
	status    int
	fault     *fault.Error // nil when the request was handled
}

func (in *inbound) logEntry(status int, f *fault.Error) logEntry {
	entry := logEntry{
		at:     in.req.At,
		head:   in.head(),
		body:   mapping.Unpacked(in.req.Body),
		parsed: in.parsed,
		shown:  in.shown,
		status: status,
		fault:  f,
	}
	for _, s := range in.source.Secrets {
		entry.secrets = append(entry.secrets, s.Secret)
	}
	if in.source.Dialect != nil {
		for name := range in.source.Dialect.SecretSettings() {
			entry.secrets = append(entry.secrets, in.source.Settings[name])
		}
	}
	if f != nil && f.Kind == fault.KindUnauthorised {
		entry.wrongPath = in.req.Rest
	}
	return entry
}

// requestLog keeps the last requests of every source and counts all of them: first in memory, so that no request waits
// for it, then, half a second later, in the database. An entry that keptRequests newer ones have pushed out meanwhile
// is never written.
type requestLog struct {
	db     *store.DB
	counts *requestCounter

	mu      sync.Mutex
	pending map[int64]*entryRing // by the id of the source
	writing sync.Mutex           // one flush at a time keeps the order

	untrimmed map[int64]int // lines that a source got since old ones were deleted; used by the flush alone
}

// entryRing holds the newest entries; the oldest is at next once it is full.
type entryRing struct {
	entries []logEntry
	next    int
}

func (r *entryRing) add(entry logEntry) {
	if len(r.entries) < keptRequests {
		r.entries = append(r.entries, entry)
		return
	}
	r.entries[r.next] = entry
	r.next = (r.next + 1) % keptRequests
}

func (r *entryRing) ordered() []logEntry {
	return append(append([]logEntry{}, r.entries[r.next:]...), r.entries[:r.next]...)
}

func newRequestLog(db *store.DB) *requestLog {
	return &requestLog{db: db, counts: newRequestCounter(db), pending: map[int64]*entryRing{},
		untrimmed: map[int64]int{}}
}

// add takes an entry; it never waits for the database.
func (l *requestLog) add(source *sources.Live, entry logEntry) {
	if len(entry.body) > maxKeptBody {
		entry.body = append([]byte{}, entry.body[:maxKeptBody]...) // a copy frees the rest
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	ring := l.pending[source.ID]
	if ring == nil {
		ring = &entryRing{}
		l.pending[source.ID] = ring
	}
	ring.add(entry)
}

// full reports whether as many entries of a source are pending as are kept.
func (l *requestLog) full(source *sources.Live) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	ring := l.pending[source.ID]
	return ring != nil && len(ring.entries) == keptRequests
}

// flush writes what is pending of all sources in one transaction. What could not be written stays pending.
func (l *requestLog) flush(ctx context.Context) error {
	l.writing.Lock()
	defer l.writing.Unlock()
	l.mu.Lock()
	pending := l.pending
	l.pending = map[int64]*entryRing{}
	l.mu.Unlock()
	counted := l.counts.take()
	err := l.write(ctx, pending, counted)
	if err == nil {
		return nil
	}
	if !fault.Is(err, fault.KindUnavailable) { // one source's entry may be what fails
		if l.write(ctx, nil, counted) == nil {
			counted = nil
		}
		for source, ring := range pending {
			if l.write(ctx, map[int64]*entryRing{source: ring}, nil) == nil {
				delete(pending, source)
			}
		}
	}
	l.counts.putBack(counted)
	for source, ring := range pending {
		l.putBack(source, ring)
	}
	return err
}

// write writes entries and counts of the sources that are still there.
func (l *requestLog) write(ctx context.Context, pending map[int64]*entryRing, counted map[countKey]countDelta) error {
	if len(pending) == 0 && len(counted) == 0 {
		return nil
	}
	ids := map[int64]bool{}
	for source := range pending {
		ids[source] = true
	}
	for key := range counted {
		ids[key.source] = true
	}
	var full []int64 // sources with enough new lines for old ones to go
	var lines []sourceLogRow
	for _, source := range slices.Sorted(maps.Keys(pending)) {
		for _, entry := range pending[source].ordered() {
			lines = append(lines, sourceLogRow{source, entry.row()})
		}
	}
	err := l.db.Write(ctx, func(tx *store.Tx) error {
		full = nil
		there, err := sourcesThere(tx, slices.Sorted(maps.Keys(ids)))
		if err != nil {
			return err
		}
		if err := writeCounts(tx, counted, there); err != nil {
			return err
		}
		gone := func(row sourceLogRow) bool { return !there[row.Source] }
		if err := insertLog(tx, slices.DeleteFunc(slices.Clone(lines), gone)); err != nil {
			return err
		}
		for source, ring := range pending {
			if n, known := l.untrimmed[source]; known && n+len(ring.entries) < trimAfter {
				continue
			}
			if err := trimLog(tx, source, keptRequests); err != nil {
				return err
			}
			full = append(full, source)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for source, ring := range pending {
		l.untrimmed[source] += len(ring.entries)
	}
	for _, source := range full {
		l.untrimmed[source] = 0
	}
	return nil
}

// trimAfter is how many lines a source's log gets before the old ones are deleted again.
const trimAfter = keptRequests / 2

// putBack returns unwritten entries in front of those that came meanwhile.
func (l *requestLog) putBack(source int64, ring *entryRing) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if newer := l.pending[source]; newer != nil {
		for _, entry := range newer.ordered() {
			ring.add(entry)
		}
	}
	l.pending[source] = ring
}

// Log returns the last requests of a source, newest first, or fault.Missing.
func (rc *Receiver) Log(ctx context.Context, source int64) ([]LogLine, error) {
	if _, err := rc.opt.Sources.Live(ctx, source); err != nil {
		return nil, err
	}
	if err := rc.log.flush(ctx); err != nil {
		return nil, err
	}
	rows, err := logRows(rc.opt.DB.Read(ctx), source, keptRequests)
	if err != nil {
		return nil, err
	}
	list := make([]LogLine, 0, len(rows))
	for _, row := range rows {
		line := LogLine{Understood: json.RawMessage(row.Understood)}
		if err := json.Unmarshal([]byte(row.Request), &line); err != nil {
			return nil, err
		}
		line.ID, line.At, line.Status, line.Refused = row.ID, store.Time(row.At), row.Status, row.Refused
		list = append(list, line)
	}
	return list, nil
}
