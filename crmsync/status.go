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
	stateOff          = "off"           // no process works for it
	stateNotInstalled = "not_installed" // the CRM refuses us until the application is installed (again)
	stateConnecting   = "connecting"    // the CRM has not answered yet, or its mapping is not saved yet
	stateImporting    = "importing"     // a full sync is running
	stateFollowing    = "following"     // changes are imported as they happen
	stateFailed       = "failed"        // the last attempt failed and will be retried
)

// Kinds of links besides those of crm.
const (
	kindUser       crm.Kind = 4
	kindDepartment crm.Kind = 5
)

// recordKinds are the kinds of records in the order of their import.
var recordKinds = []crm.Kind{crm.KindCompany, crm.KindContact, crm.KindLead}

// kindName returns the name of a kind of links.
func kindName(kind crm.Kind) string {
	switch kind {
	case kindUser:
		return "user"
	case kindDepartment:
		return "department"
	}
	return kind.String()
}

// fullSync is the progress of a full sync. Its phases run one after the other; the last reads what no page
// contained.
type fullSync struct {
	Number     int64             `json:"number"` // of this full sync; 0 before the first
	Phase      string            `json:"phase"`
	After      string            `json:"after"` // the position within the phase
	Done       int64             `json:"done"`
	Total      int64             `json:"total"` // -1 if unknown
	StartedAt  int64             `json:"started_at"`
	FinishedAt int64             `json:"finished_at"` // 0 while it runs
	Complete   map[crm.Kind]bool `json:"complete"`    // kinds that were imported completely at least once
}

const (
	phaseStaff     = "staff"
	phaseDeletions = "gone"
)

// phaseOf returns the phase that imports a kind.
func phaseOf(kind crm.Kind) string {
	switch kind {
	case crm.KindCompany:
		return "companies"
	case crm.KindContact:
		return "contacts"
	}
	return "leads"
}

func (f fullSync) running() bool { return f.Number > 0 && f.FinishedAt == 0 }

// portalInfo is the last description of a CRM.
type portalInfo struct {
	About  *About        `json:"about"`
	Fields []StatusField `json:"fields"`
	Stages []Stage       `json:"stages"`
	Users  []User        `json:"users,omitempty"` // until they are imported

	Notes      []Note            `json:"notes,omitempty"`
	Unreadable UnreadableRecords `json:"unreadable"`
}

// tally counts the results of imports by kind.
type tally map[crm.Kind]*outcome

type outcome struct {
	Added   int64 `json:"added"`
	Changed int64 `json:"changed"`
}

func (t tally) of(kind crm.Kind) *outcome {
	if t[kind] == nil {
		t[kind] = &outcome{}
	}
	return t[kind]
}

// Sync is the status of a source.
type Sync struct {
	State      SyncState  `json:"state"`
	Portal     *About     `json:"portal"`
	Error      *SyncError `json:"error"`
	Import     *Import    `json:"import"`
	Counts     []Count    `json:"counts"`
	Queue      int64      `json:"queue"` // records that wait to be read again
	CaughtUpAt *time.Time `json:"caught_up_at"`
	Conflicts  int64      `json:"conflicts"`
	Notes      []Note     `json:"notes"`

	Unreadable UnreadableRecords `json:"unreadable"`
}

// SyncError is the last failure.
type SyncError struct {
	Code string    `json:"code"`
	Text string    `json:"text"`
	At   time.Time `json:"at"`
}

// Import is the progress of the full sync.
type Import struct {
	Phase      Phase      `json:"phase"`
	Done       int64      `json:"done"`
	Total      int64      `json:"total"` // -1 if unknown
	StartedAt  time.Time  `json:"started_at"`
	FinishedAt *time.Time `json:"finished_at"`
}

// Count is how many records of a kind are linked, and how many were added and changed here since the source
// was connected.
type Count struct {
	Kind    string `json:"kind"`
	Linked  int64  `json:"linked"`
	Added   int64  `json:"added"`
	Changed int64  `json:"changed"`
}

// Sync returns the status of a source; one that never ran is off.
func (s *Syncer) Sync(ctx context.Context, source int64) (Sync, error) {
	return syncIn(s.DB.Read(ctx), source)
}

func syncIn(tx *store.Tx, source int64) (Sync, error) {
	out := Sync{State: stateOff, Counts: []Count{}, Notes: []Note{}}
	out.Unreadable.Records = []UnreadableRecord{}
	row, err := findSource(tx, source)
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
	var info portalInfo
	var full fullSync
	counts := tally{}
	if err := row.decode(&info, &full, &counts); err != nil {
		return out, err
	}
	out.Portal = info.About
	out.Notes = append(out.Notes, info.Notes...)
	out.Unreadable.Count = info.Unreadable.Count
	out.Unreadable.Records = append(out.Unreadable.Records, info.Unreadable.Records...)
	if row.ErrorCode != "" {
		out.Error = &SyncError{row.ErrorCode, row.ErrorText, store.Time(row.ErrorAt)}
	}
	if full.Number > 0 {
		out.Import = &Import{
			Phase(full.Phase),
			full.Done,
			full.Total,
			store.Time(full.StartedAt),
			timeOrNil(full.FinishedAt),
		}
	}
	out.CaughtUpAt = timeOrNil(row.CaughtUpAt)
	if out.Counts, err = countsOf(tx, source, counts); err != nil {
		return out, err
	}
	if out.Queue, err = queueLength(tx, source); err != nil {
		return out, err
	}
	out.Conflicts, err = countConflicts(tx, source)
	return out, err
}

// decode reads the JSON columns of a row.
func (r sourceRow) decode(info *portalInfo, full *fullSync, counts *tally) error {
	for _, of := range []struct {
		text string
		to   any
	}{{r.Portal, info}, {r.FullSync, full}, {r.Counts, counts}} {
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
	for _, kind := range append([]crm.Kind{kindUser}, recordKinds...) {
		c := counts.of(kind)
		list = append(list, Count{kindName(kind), linked[kind], c.Added, c.Changed})
	}
	return list, nil
}
