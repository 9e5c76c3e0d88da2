package crmsync

import (
	"context"
	"encoding/json"
	"time"

	"callhue/crm"
	"callhue/internal/fault"
	"callhue/internal/jobs"
	"callhue/internal/store"
)

// The states of a source.
const (
	stateOff          = "off"           // nobody works for it
	stateNotInstalled = "not_installed" // the CRM does not let us in until the application is installed (again)
	stateConnecting   = "connecting"    // the CRM has not answered yet, or waits for its mapping to be saved
	stateImporting    = "importing"     // everything is brought in
	stateFollowing    = "following"     // changes are brought as they come
	stateFailed       = "failed"        // what was tried last failed; it is tried again
)

// The kinds of links besides those of crm.
const (
	kindUser       crm.Kind = 4
	kindDepartment crm.Kind = 5
)

// records are the kinds of records in the order of their coming.
var records = []crm.Kind{crm.KindCompany, crm.KindContact, crm.KindLead}

// wordOf is the word of a kind of links.
func wordOf(kind crm.Kind) string {
	switch kind {
	case kindUser:
		return "user"
	case kindDepartment:
		return "department"
	}
	return kind.String()
}

// fullSync is how far the fullSync import is. Its phases go one after the other; the last
// one looks at what no page had.
type fullSync struct {
	Number     int64             `json:"number"` // of this import; 0 before the first
	Phase      string            `json:"phase"`
	After      string            `json:"after"` // the place within the phase
	Done       int64             `json:"done"`
	Total      int64             `json:"total"` // -1 where the CRM does not say
	StartedAt  int64             `json:"started_at"`
	FinishedAt int64             `json:"finished_at"` // 0 while it runs
	Complete   map[crm.Kind]bool `json:"complete"`    // kinds that were brought in wholly at least once
}

const (
	phaseStaff = "staff"
	phaseGone  = "gone"
)

// phaseOf is the phase of a kind.
func phaseOf(kind crm.Kind) string {
	switch kind {
	case crm.KindCompany:
		return "companies"
	case crm.KindContact:
		return "contacts"
	}
	return "leads"
}

func (w fullSync) running() bool { return w.Number > 0 && w.FinishedAt == 0 }

// known is what a CRM said of itself when we asked last.
type known struct {
	About  *About        `json:"about"`
	Fields []StatusField `json:"fields"`
	Stages []Stage       `json:"stages"`
	Users  []User        `json:"users,omitempty"` // until they are brought in
}

// tally counts what came of records, by kind.
type tally map[crm.Kind]*came

type came struct {
	Added   int64 `json:"added"`
	Changed int64 `json:"changed"`
}

func (t tally) of(kind crm.Kind) *came {
	if t[kind] == nil {
		t[kind] = &came{}
	}
	return t[kind]
}

// Sync is how a source stands.
type Sync struct {
	State       SyncState  `json:"state"`
	Portal      *About     `json:"portal"`
	Error       *SyncError `json:"error"`
	Import      *Import    `json:"import"`
	Counts      []Count    `json:"counts"`
	Queue       int64      `json:"queue"` // records that wait to be read again
	CaughtUpAt  *time.Time `json:"caught_up_at"`
	Differences int64      `json:"differences"`
}

// SyncError is what failed last.
type SyncError struct {
	Code string    `json:"code"`
	Text string    `json:"text"`
	At   time.Time `json:"at"`
}

// Import is how far the whole import is.
type Import struct {
	Phase      Phase      `json:"phase"`
	Done       int64      `json:"done"`
	Total      int64      `json:"total"` // -1 where the CRM does not say
	StartedAt  time.Time  `json:"started_at"`
	FinishedAt *time.Time `json:"finished_at"`
}

// Count says how many records of a kind are linked, and how many were added and
// changed here since the source was connected.
type Count struct {
	Kind    string `json:"kind"`
	Linked  int64  `json:"linked"`
	Added   int64  `json:"added"`
	Changed int64  `json:"changed"`
}

// Sync tells how a source stands; one that nobody ever attended to is off.
func (m *Syncer) Sync(ctx context.Context, source int64) (Sync, error) {
	tx := m.DB.Read(ctx)
	out := Sync{State: stateOff, Counts: []Count{}}
	row, err := sourceOf(tx, source)
	if fault.Is(err, fault.KindMissing) {
		return out, nil
	}
	if err != nil {
		return out, err
	}
	attended, err := jobs.Held(tx, leaseName(source))
	if err != nil {
		return out, err
	}
	if attended {
		out.State = SyncState(row.State)
	}
	var k known
	var w fullSync
	counts := tally{}
	if err := row.read(&k, &w, &counts); err != nil {
		return out, err
	}
	out.Portal = k.About
	if row.ErrorCode != "" {
		out.Error = &SyncError{row.ErrorCode, row.ErrorText, store.Time(row.ErrorAt)}
	}
	if w.Number > 0 {
		out.Import = &Import{Phase(w.Phase), w.Done, w.Total, store.Time(w.StartedAt), timeOrNil(w.FinishedAt)}
	}
	out.CaughtUpAt = timeOrNil(row.CaughtUpAt)
	if out.Counts, err = countsOf(tx, source, counts); err != nil {
		return out, err
	}
	if out.Queue, err = queued(tx, source); err != nil {
		return out, err
	}
	out.Differences, err = differencesOpen(tx, source)
	return out, err
}

// read reads the JSON of a row.
func (r sourceRow) read(k *known, w *fullSync, counts *tally) error {
	for _, of := range []struct {
		text string
		to   any
	}{{r.Known, k}, {r.Whole, w}, {r.Counts, counts}} {
		if err := json.Unmarshal([]byte(of.text), of.to); err != nil {
			return fault.Internal(err)
		}
	}
	return nil
}

func timeOrNil(ms int64) *time.Time {
	if ms == 0 {
		return nil
	}
	at := store.Time(ms)
	return &at
}

func countsOf(tx *store.Tx, source int64, counts tally) ([]Count, error) {
	linked, err := linksByKind(tx, source)
	if err != nil {
		return nil, err
	}
	list := []Count{}
	for _, kind := range append([]crm.Kind{kindUser}, records...) {
		c := counts.of(kind)
		list = append(list, Count{wordOf(kind), linked[kind], c.Added, c.Changed})
	}
	return list, nil
}
