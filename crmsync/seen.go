package crmsync

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"callhue/internal/fault"
)

// seen is a record of theirs as it was when we looked last, and what its owner and
// status meant here then. The mapping may have got another meaning since: that is
// no change of theirs, and yet something to apply.
type seen struct {
	Record
	Created int64   `json:"created,omitempty"` // there, ms
	Field   string  `json:"field,omitempty"`   // that Status is the value of
	Owned   meant   `json:"owned"`
	Stands  meant   `json:"stands"`
	Tied    []int64 `json:"tied,omitempty"` // what CompanyIDs led to here
}

// meant is what a value of theirs meant here, and by whose word it stood there.
type meant struct {
	Ours string `json:"ours"` // "" where nobody could say
	By   string `json:"by"`   // a user of theirs, "" for nobody known, firstImport
}

// firstImport stands for the CRM itself: what it says when it is brought in for the
// first time is how things are.
const firstImport = "*"

func seenOf(text string) (s seen, err error) {
	if text == "" {
		return s, nil // somebody asked to be forgotten
	}
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return s, fault.Internal(err)
	}
	return s, nil
}

func (s seen) text() string {
	text, err := json.Marshal(s)
	if err != nil {
		panic("mirror: a record that is no JSON: " + err.Error())
	}
	return string(text)
}

// remember is what is seen of a record now. before is what was seen last, nil for a
// record that is met for the first time; first says that it is brought in by the
// first whole import.
func (t translator) remember(r Record, before *seen, first bool) seen {
	now := seen{Record: r, Created: millisOf(r.CreatedAt), Field: t.mapping.StatusField}
	by := r.ChangedBy
	if first {
		by = firstImport
	}
	now.Owned, now.Stands = meant{By: by}, meant{By: by}
	if before != nil && before.OwnerID == r.OwnerID {
		now.Owned.By = before.Owned.By
	}
	if before != nil && before.Field != now.Field {
		now.Stands.By = firstImport // an admin has chosen where to read it
	} else if before != nil && before.Status == r.Status {
		now.Stands.By = before.Stands.By
	}
	if owner, known := t.owner(r.OwnerID); known {
		now.Owned.Ours = strconv.FormatInt(owner, 10)
	}
	now.Stands.Ours = t.status(r.Status)
	now.CompanyIDs = t.resolved(r.CompanyIDs)
	for _, id := range now.CompanyIDs {
		now.Tied = append(now.Tied, t.company[id].id)
	}
	if !t.hasContact(r.ContactID) {
		now.ContactID = ""
	}
	return now
}

// same says that nothing is new in what is seen.
func (s seen) same(other seen) bool { return s.text() == other.text() }

func millisOf(at time.Time) int64 {
	if at.IsZero() {
		return 0
	}
	return at.UnixMilli()
}

// without gives a list without some of its members.
func without[T comparable](list, some []T) []T {
	return slices.DeleteFunc(slices.Clone(list), func(one T) bool { return slices.Contains(some, one) })
}
