package crmsync

import (
	"context"
	"encoding/json"

	"callhue/crm"
	"callhue/internal/store"
	"callhue/journal"
)

// Kept is what is kept of somebody as a CRM had him when we looked last.
type Kept struct {
	Source  int64           `json:"source_id"`
	Kind    string          `json:"kind"`
	TheirID string          `json:"their_id"`
	Seen    json.RawMessage `json:"seen"`
}

// PersonalData is the mirror as a room that keeps something about people.
type PersonalData struct{ mirror *Syncer }

// PersonalData gives what the mirror remembers of people.
func (m *Syncer) PersonalData() PersonalData { return PersonalData{m} }

// About gives what the room keeps about somebody.
func (m PersonalData) FindData(ctx context.Context, who crm.DataSubject) (any, error) {
	list := []Kept{}
	for _, kind := range records {
		rows, err := keptOf(m.mirror.DB.Read(ctx), kind, idsOf(who, kind))
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			if r.Seen != "" {
				list = append(list, Kept{r.Source, kind.String(), r.TheirID, json.RawMessage(r.Seen)})
			}
		}
	}
	return list, nil
}

// Forget takes somebody out of what was seen of him in CRMs. He does not come back
// from there: his records were removed here.
func (m PersonalData) Erase(tx *store.Tx, who crm.DataSubject) (_ []journal.Ref, n int64, err error) {
	for _, kind := range records {
		gone, err := forgetKept(tx, kind, idsOf(who, kind))
		if err != nil {
			return nil, 0, err
		}
		n += gone
	}
	return nil, n, nil
}

func idsOf(who crm.DataSubject, kind crm.Kind) (ids []int64) {
	for _, r := range who.Records {
		if r.Kind == kind.String() {
			ids = append(ids, r.ID)
		}
	}
	return ids
}
