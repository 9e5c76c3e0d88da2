package webhooks

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"callhue/calls"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/rules"
)

// keepLines is how many of a source's last requests are kept.
const keepLines = 50

// LogLine is one request of a source's log. Secrets, tokens and signatures in it
// are masked.
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

// Understanding is what was understood of a request, in the words of the generic
// dialect whatever the source's own is.
type Understanding struct {
	Events  []Said     `json:"events,omitempty"`
	Asked   *NameQuery `json:"asked,omitempty"`
	Changes []Changed  `json:"changes,omitempty"`
	Note    string     `json:"note,omitempty"`
	Ignored string     `json:"ignored,omitempty"`
	Shown   *Shown     `json:"shown,omitempty"`
}

// Changed is a record of a CRM that is read again.
type Changed struct {
	Kind    string `json:"kind"`
	ID      string `json:"id"`
	Removed bool   `json:"removed,omitempty"`
}

// Shown is the card that the request led to.
type Shown struct {
	Agent string      `json:"agent"` // login; "" when nobody is known by what the source calls him
	Color rules.Color `json:"color"`
	Why   rules.Why   `json:"why"`
}

// shownOf is what the log tells of a card; nil when there is none.
func shownOf(card *calls.Card) *Shown {
	if card == nil {
		return nil
	}
	s := &Shown{Color: card.Verdict.Color, Why: card.Verdict.Why}
	if card.Agent != nil {
		s.Agent = card.Agent.Login
	}
	return s
}

// Said is an event as the generic dialect spells it.
type Said struct {
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
	Recording string          `json:"recording_url,omitempty"`
}

// understanding words what was heard.
func (h Parsed) understanding() Understanding {
	u := Understanding{Asked: h.Asked, Note: h.Note, Ignored: h.Ignored}
	for _, c := range h.Changes {
		u.Changes = append(u.Changes, Changed{c.Kind.String(), c.ID, c.Removed})
	}
	for _, e := range h.Events {
		said := Said{Event: e.Kind, CallID: e.CallID, Leg: e.Leg, Direction: string(e.Direction), Number: e.Number, Agent: e.Agent,
			Aliases: h.Aliases[e.Agent], Line: e.Line, Result: e.Result, Recording: e.Recording}
		if !e.At.IsZero() {
			said.At = &e.At
		}
		if e.Duration >= 0 {
			seconds := e.Duration.Seconds()
			said.Duration = &seconds
		}
		u.Events = append(u.Events, said)
	}
	return u
}

// trace is the request as it was sent, for the log.
type trace struct {
	method  string
	path    string // with the query
	headers string // raw, a line each
}

// line is a request that waits for being written.
type line struct {
	at    time.Time
	trace trace
	body  []byte
	known []string // secrets that must not be shown
	rest  string   // part of the path that failed to be a secret
	heard Parsed
	shown *Shown
	said  int // status
	fault *fault.Error
}

func (c *call) line(status int, f *fault.Error) line {
	l := line{at: c.q.At, trace: c.trace(), body: c.q.Body, heard: c.heard, shown: c.shown, said: status, fault: f}
	for _, s := range c.source.secrets {
		l.known = append(l.known, s.Secret)
	}
	if c.source.dialect != nil {
		for name := range c.source.dialect.hidden() {
			l.known = append(l.known, c.source.Settings[name])
		}
	}
	if f != nil && f.Kind == fault.KindUnauthorised {
		l.rest = c.q.Rest
	}
	return l
}

// requestLog keeps the last requests of every source and counts all of them: first in memory, so that
// no webhook waits for it, then, half a second later, in the database. What
// more than keepLines newer requests have pushed out is never written. Caller
// names that were given are not even kept then: they come hundreds a second.
type requestLog struct {
	db    *store.DB
	tally *tally

	mu      sync.Mutex
	pending map[int64]*ring
	writing sync.Mutex // one flush at a time keeps the order
}

// ring holds the newest lines, oldest at next once it is full.
type ring struct {
	lines []line
	next  int
}

func (r *ring) add(l line) {
	if len(r.lines) < keepLines {
		r.lines = append(r.lines, l)
		return
	}
	r.lines[r.next] = l
	r.next = (r.next + 1) % keepLines
}

func (r *ring) ordered() []line {
	return append(append([]line{}, r.lines[r.next:]...), r.lines[:r.next]...)
}

func newRequestLog(db *store.DB) *requestLog {
	return &requestLog{db: db, tally: newTally(db), pending: map[int64]*ring{}}
}

// add takes a line; it never waits for the database.
func (l *requestLog) add(s *liveSource, of line) {
	if len(of.body) > maxKeptBody {
		of.body = append([]byte{}, of.body[:maxKeptBody]...) // lets the rest go
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.pending[s.ID]
	if r == nil {
		r = &ring{}
		l.pending[s.ID] = r
	}
	r.add(of)
}

// full says that as much as is kept waits for being written.
func (l *requestLog) full(s *liveSource) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.pending[s.ID]
	return r != nil && len(r.lines) == keepLines
}

// flush writes what is pending. What could not be written stays pending.
func (l *requestLog) flush(ctx context.Context) error {
	l.writing.Lock()
	defer l.writing.Unlock()
	l.mu.Lock()
	pending := l.pending
	l.pending = map[int64]*ring{}
	l.mu.Unlock()
	failed := l.tally.flush(ctx)
	for source, r := range pending {
		if err := l.write(ctx, source, r.ordered()); err != nil {
			l.putBack(source, r)
			failed = err
		}
	}
	return failed
}

func (l *requestLog) write(ctx context.Context, source int64, lines []line) error {
	return l.db.Write(ctx, func(tx *store.Tx) error {
		for _, of := range lines {
			if err := insertLog(tx, source, of.row()); err != nil {
				return err
			}
		}
		return trimLog(tx, source, keepLines)
	})
}

// putBack returns unwritten lines in front of what came meanwhile.
func (l *requestLog) putBack(source int64, r *ring) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if newer := l.pending[source]; newer != nil {
		for _, of := range newer.ordered() {
			r.add(of)
		}
	}
	l.pending[source] = r
}

// Log gives the last requests of a source, newest first.
func (d *Receiver) Log(ctx context.Context, id int64) ([]LogLine, error) {
	if _, err := d.byID(ctx, id); err != nil {
		return nil, err
	}
	if err := d.log.flush(ctx); err != nil {
		return nil, err
	}
	rows, err := logRows(d.opt.DB.Read(ctx), id, keepLines)
	if err != nil {
		return nil, err
	}
	list := make([]LogLine, 0, len(rows))
	for _, row := range rows {
		l := LogLine{Understood: json.RawMessage(row.Understood)}
		if err := json.Unmarshal([]byte(row.Request), &l); err != nil {
			return nil, err
		}
		l.ID, l.At, l.Status, l.Refused = row.ID, store.Time(row.At), row.Status, row.Refused
		list = append(list, l)
	}
	return list, nil
}
