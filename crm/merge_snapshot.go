package crm

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"callhue/internal/store"
)

// undoDays is for how long a merge can be undone.
const undoDays = 30 * 24 * time.Hour

// mergeOperation is a merge as it is stored.
type mergeOperation struct {
	ID       int64        `db:"id"`
	Kind     Kind         `db:"kind"`
	IntoID   int64        `db:"into_id"`
	FromIDs  string       `db:"from_ids"` // JSON
	At       store.Moment `db:"at"`
	ByID     int64        `db:"by_id"`
	UndoneAt store.Moment `db:"undone_at"`
	UndoneBy int64        `db:"undone_by"`
	Snapshot string       `db:"snapshot"`
}

var mergeOperations = store.NewTable[mergeOperation]("merge_operations", "merge")

// mergeSnapshot is what a merge changes. The merged records themselves keep their rows, phones and e-mails.
type mergeSnapshot struct {
	Before, After keptSnapshot            // the record that stays
	Links         map[int64][]companyLink // the companies of merged contacts, by contact
	Contacts      map[int64][]companyLink // the companies of the contacts of merged companies, by contact
	Leads         map[int64]int64         // whose leads were the merged records'
	Merged        map[int64]int64         // which earlier merges had gone into the merged records
	ExternalIDs   []externalIDRow         // of the merged records
}

// keptSnapshot is the record that stays.
type keptSnapshot struct {
	Name       string
	OwnerID    int64
	OwnerSince int64 // 0: since it was added
	TeamIDs    string
	StatusID   int64
	StatusAt   int64
	StatusBy   int64
	Contact    int64 // of the owner's side, as Guarded
	Guarded    int64 // since when it is protected for its owner
	Post       string
	Lines      []phoneLine
	Emails     []string
	Links      []companyLink // of a contact
}

func (s *keptSnapshot) setCompany(r companyRow) {
	s.Name, s.OwnerID, s.TeamIDs = r.Name, r.OwnerID, r.TeamIDs
	s.StatusID, s.StatusAt, s.StatusBy = r.StatusID, r.StatusAt, r.StatusBy
}

func (s *keptSnapshot) setContact(r contactRow) {
	s.Name, s.OwnerID, s.Post = r.Name, r.OwnerID, r.Post
}

// snapshotOthers reads what is linked to the merged records, before anything changes.
func (m *merger) snapshotOthers(linked linkedRecords) error {
	s := &m.snapshot
	s.Links, s.Contacts, s.Leads, s.Merged = map[int64][]companyLink{}, map[int64][]companyLink{}, map[int64]int64{},
		map[int64]int64{}
	for _, id := range linked.contacts {
		links, err := companyLinksOf(m.Tx, id)
		if err != nil {
			return err
		}
		s.Contacts[id] = links
	}
	for _, id := range m.from {
		leads, err := leadsLinkedTo(m.Tx, m.kind, id)
		if err != nil {
			return err
		}
		for _, lead := range leads {
			s.Leads[lead] = id
		}
		earlier, err := findMerged(m.Tx, m.kind, id)
		if err != nil {
			return err
		}
		for _, one := range earlier {
			s.Merged[one] = id
		}
	}
	var err error
	s.ExternalIDs, err = externalIDsOf(m.Tx, m.kind, m.from)
	return err
}

// storeOperation stores what can undo the merge.
func (m *merger) storeOperation() error {
	text, err := json.Marshal(m.snapshot)
	if err != nil {
		return err
	}
	op := &mergeOperation{Kind: m.kind, IntoID: m.into, FromIDs: idsText(m.from), At: store.MomentOf(m.Tx.Now()),
		ByID: m.User.ID, Snapshot: string(text)}
	err = mergeOperations.Insert(m.Tx, op)
	m.operation = op.ID
	return err
}

// Sweep forgets what can undo merges of long ago.
func (b *Records) Sweep(ctx context.Context) error {
	return b.db.Write(ctx, func(tx *store.Tx) error {
		_, err := mergeOperations.RemoveAll(tx, store.Below("at", store.MomentOf(tx.Now().Add(-undoDays))))
		return err
	})
}

// eraseSnapshots forgets what the merges of some records changed.
func eraseSnapshots(tx *store.Tx, kind Kind, ids []int64) error {
	ofKind := store.Equal("kind", int64(kind))
	list, err := mergeOperations.List(tx, ofKind.And(store.In("into_id", ids)), store.By("id"))
	if err != nil {
		return err
	}
	into, err := findIntoOf(tx, kind, ids)
	if err != nil {
		return err
	}
	more, err := mergeOperations.List(tx, ofKind.And(store.In("into_id", into)), store.By("id"))
	if err != nil {
		return err
	}
	for _, op := range slices.Concat(list, more) {
		about := append(idsIn(op.FromIDs), op.IntoID)
		if !slices.ContainsFunc(about, func(id int64) bool { return slices.Contains(ids, id) }) {
			continue
		}
		if _, err := mergeOperations.RemoveAll(tx, store.Equal("id", op.ID)); err != nil {
			return err
		}
	}
	return nil
}
