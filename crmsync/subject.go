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

// FindRows returns which of a person's records, counted from 0, CRMs have too.
func (s PersonalData) FindRows(tx *store.Tx, who crm.DataSubject) (rows []int64, _ []journal.Ref, err error) {
	linked := map[journal.Ref]bool{}
	for _, kind := range recordKinds {
		links, err := linksOfRecords(tx, kind, idsOf(who, kind))
		if err != nil {
			return nil, nil, err
		}
		for _, l := range links {
			linked[journal.Ref{Kind: kind.String(), ID: l.OurID}] = true
		}
	}
	for i, ref := range who.Records {
		if linked[ref] {
			rows = append(rows, int64(i))
		}
	}
	return rows, nil, nil
}

// EraseRows removes some of a person's records from what is stored of CRMs. They are not imported again: they were
// removed here.
func (s PersonalData) EraseRows(tx *store.Tx, who crm.DataSubject, rows []int64) error {
	var some crm.DataSubject
	for _, i := range rows {
		some.Records = append(some.Records, who.Records[i])
	}
	for _, kind := range recordKinds {
		if err := eraseRecords(tx, kind, idsOf(some, kind)); err != nil {
			return err
		}
	}
	return nil
}

func idsOf(who crm.DataSubject, kind crm.Kind) (ids []int64) {
	for _, r := range who.Records {
		if r.Kind == kind.String() {
			ids = append(ids, r.ID)
		}
	}
	return ids
}
