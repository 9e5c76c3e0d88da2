package webhooks

import (
	"context"
	"encoding/json"
	"time"

	"callhue/crm"
	"callhue/internal/store"
	"callhue/journal"
)

// Named is a line of a source's log that names somebody.
type Named struct {
	SourceID int64           `json:"source_id"`
	At       time.Time       `json:"at"`
	Request  json.RawMessage `json:"request"`
}

// About gives the lines of the sources' logs that name somebody.
func (d *Receiver) FindData(ctx context.Context, who crm.DataSubject) (any, error) {
	list := []Named{}
	rows, err := wholeLog(d.opt.DB.Read(ctx))
	for _, r := range rows {
		if who.In(r.Request) || who.In(r.Understood) {
			list = append(list, Named{r.Source, store.Time(r.At), json.RawMessage(r.Request)})
		}
	}
	return list, err
}

// Forget removes the lines of the sources' logs that name somebody, and says how
// many they were.
func (d *Receiver) Erase(tx *store.Tx, who crm.DataSubject) (_ []journal.Ref, gone int64, err error) {
	rows, err := wholeLog(tx)
	if err != nil {
		return nil, 0, err
	}
	for _, r := range rows {
		if !who.In(r.Request) && !who.In(r.Understood) {
			continue
		}
		if err := removeLog(tx, r.ID); err != nil {
			return nil, gone, err
		}
		gone++
	}
	return nil, gone, nil
}
