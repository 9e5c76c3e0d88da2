package webhooks

import (
	"context"
	"encoding/json"
	"time"

	"callhue/crm"
	"callhue/internal/store"
	"callhue/journal"
)

// SubjectLogLine is a line of a source's log that names a data subject.
type SubjectLogLine struct {
	SourceID int64           `json:"source_id"`
	At       time.Time       `json:"at"`
	Request  json.RawMessage `json:"request"`
}

// FindData returns the lines of the sources' logs that name a data subject, as a []SubjectLogLine.
func (rc *Receiver) FindData(ctx context.Context, subject crm.DataSubject) (any, error) {
	list := []SubjectLogLine{}
	rows, err := wholeLog(rc.opt.DB.ReadSlow(ctx))
	for _, row := range rows {
		if row.names(subject) {
			list = append(list, SubjectLogLine{row.Source, store.Time(row.At), json.RawMessage(row.Request)})
		}
	}
	return list, err
}

// WritePending writes the requests that wait to be written.
func (rc *Receiver) WritePending(ctx context.Context) error { return rc.log.flush(ctx) }

// FindRows returns the lines of the sources' logs that name a data subject.
func (rc *Receiver) FindRows(tx *store.Tx, subject crm.DataSubject) (ids []int64, _ []journal.Ref, err error) {
	rows, err := wholeLog(tx)
	for _, row := range rows {
		if row.names(subject) {
			ids = append(ids, row.ID)
		}
	}
	return ids, nil, err
}

// EraseRows deletes some lines of the sources' logs.
func (rc *Receiver) EraseRows(tx *store.Tx, _ crm.DataSubject, ids []int64) error {
	return deleteLogLines(tx, ids)
}

func (r sourceLogRow) names(subject crm.DataSubject) bool {
	return subject.Mentions(r.Request) || subject.Mentions(r.Understood)
}
