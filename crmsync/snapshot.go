package crmsync

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"callhue/internal/fault"
)

// snapshot is a record of theirs as last read, with what its owner and status translated to then. If the
// mapping changes later, nothing changed in the CRM and there is still something to apply.
type snapshot struct {
	Record
	Created      int64       `json:"created,omitempty"` // in the CRM, ms
	Field        string      `json:"field,omitempty"`   // the field that Status was read from
	OurOwner     translation `json:"owned"`
	OurStatus    translation `json:"stands"`
	OurCompanies []int64     `json:"tied,omitempty"` // our ids of CompanyIDs
}

// translation is our value of one of theirs, and who set it there.
type translation struct {
	Ours string `json:"ours"` // "" if it has no counterpart
	By   string `json:"by"`   // a user of theirs, "" if unknown, firstImport
}

// firstImport stands for the CRM itself: its values are taken as they are when they are imported for the
// first time.
const firstImport = "*"

func parseSnapshot(text string) (s snapshot, err error) {
	if text == "" {
		return s, nil // the person's data was erased
	}
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return s, fault.Internal(err)
	}
	return s, nil
}

func (s snapshot) text() string {
	text, err := json.Marshal(s)
	if err != nil {
		panic("crmsync: encoding a snapshot: " + err.Error())
	}
	return string(text)
}

// snapshotOf returns the snapshot of a record. before is the previous one, nil for a new record; first
// reports whether the first full sync imports it.
func (t translator) snapshotOf(r Record, before *snapshot, first bool) snapshot {
	if before != nil {
		r = r.completed(*before)
	}
	now := snapshot{Record: r, Created: millisOf(r.CreatedAt), Field: t.mapping.StatusField}
	by := r.ChangedBy
	if first {
		by = firstImport
	}
	now.OurOwner, now.OurStatus = translation{By: by}, translation{By: by}
	if before != nil && before.OwnerID == r.OwnerID {
		now.OurOwner.By = before.OurOwner.By
	}
	if before != nil && before.Field != now.Field {
		now.OurStatus.By = firstImport // an admin chose another field
	} else if before != nil && before.Status == r.Status {
		now.OurStatus.By = before.OurStatus.By
	}
	unknown := r.Unknown.Has(UnknownOwner)
	if owner, known := t.owner(r.OwnerID); known && !unknown {
		now.OurOwner.Ours = strconv.FormatInt(owner, 10)
	} else if unknown && before != nil {
		now.OurOwner = before.OurOwner
	}
	now.OurStatus.Ours = t.status(r.Status)
	now.CompanyIDs = t.resolvedCompanies(r.CompanyIDs)
	for _, id := range now.CompanyIDs {
		now.OurCompanies = append(now.OurCompanies, t.companies[id].id)
	}
	if !t.hasContact(r.ContactID) {
		now.ContactID = ""
	}
	return now
}

// equal reports whether nothing changed between two snapshots.
func (s snapshot) equal(other snapshot) bool { return s.text() == other.text() }

func millisOf(at time.Time) int64 {
	if at.IsZero() {
		return 0
	}
	return at.UnixMilli()
}

// without returns a list without some of its members.
func without[T comparable](list, some []T) []T {
	return slices.DeleteFunc(slices.Clone(list), func(one T) bool { return slices.Contains(some, one) })
}
