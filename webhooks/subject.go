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
	rows, err := wholeLog(rc.opt.DB.Read(ctx))
	for _, row := range rows {
		if row.names(subject) {
			list = append(list, SubjectLogLine{row.Source, store.Time(row.At), json.RawMessage(row.Request)})
		}
	}
	return list, err
}

// Erase deletes the lines of the sources' logs that name a data subject and returns how many they were.
func (rc *Receiver) Erase(tx *store.Tx, subject crm.DataSubject) (_ []journal.Ref, deleted int64, err error) {
	rows, err := wholeLog(tx)
	if err != nil {
		return nil, 0, err
	}
	for _, row := range rows {
		if !row.names(subject) {
			continue
		}
		if err := deleteLogLine(tx, row.ID); err != nil {
			return nil, deleted, err
		}
		deleted++
	}
	return nil, deleted, nil
}

func (r sourceLogRow) names(subject crm.DataSubject) bool {
	return subject.Mentions(r.Request) || subject.Mentions(r.Understood)
}
