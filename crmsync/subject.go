package crmsync

import (
	"context"
	"encoding/json"

	"callhue/crm"
	"callhue/internal/store"
	"callhue/journal"
)

// StoredRecord is what is stored of a person's record in a CRM.
type StoredRecord struct {
	Source  int64           `json:"source_id"`
	Kind    string          `json:"kind"`
	TheirID string          `json:"their_id"`
	Seen    json.RawMessage `json:"seen"`
}

// PersonalData exports and erases what the sync stores about people, for importexport.
type PersonalData struct{ syncer *Syncer }

// PersonalData returns the part of the Syncer that handles personal data.
func (s *Syncer) PersonalData() PersonalData { return PersonalData{s} }

// FindData returns what is stored about a person.
func (s PersonalData) FindData(ctx context.Context, who crm.DataSubject) (any, error) {
	list := []StoredRecord{}
	for _, kind := range recordKinds {
		rows, err := linksOfRecords(s.syncer.DB.Read(ctx), kind, idsOf(who, kind))
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			if r.Snapshot != "" {
				list = append(list, StoredRecord{r.Source, kind.String(), r.TheirID, json.RawMessage(r.Snapshot)})
			}
		}
	}
	return list, nil
}

// Erase removes a person from the stored records of CRMs and returns how many rows changed. They are not
// imported again: their records were removed here.
func (s PersonalData) Erase(tx *store.Tx, who crm.DataSubject) (_ []journal.Ref, n int64, err error) {
	for _, kind := range recordKinds {
		gone, err := eraseRecords(tx, kind, idsOf(who, kind))
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
