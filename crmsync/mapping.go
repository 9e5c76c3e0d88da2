package crmsync

import (
	"encoding/json"
	"slices"

	"callhue/crm"
	"callhue/internal/fault"
)

// Who decides the values that the table of rights guards.
const (
	ownersGuarded = "guarded" // the user who changed them in the CRM, with their rights here
	ownersCRM     = "crm"     // the CRM
)

// mapping translates values of a CRM to ours. Admins edit it.
type mapping struct {
	Kinds       []string          `json:"kinds"`
	Owners      string            `json:"owners"`
	MakeUsers   bool              `json:"make_users"`
	StatusField string            `json:"status_field"`
	Statuses    map[string]string `json:"statuses"` // value of StatusField -> code of ours
	Users       map[string]int64  `json:"users"`    // chosen by hand: their id -> our id, 0 for no user
	Stages      map[string]string `json:"stages"`   // overrides the CRM's own meaning: value -> stage of ours
}

// mappingOf decodes a stored mapping; what was never decided has its default.
func mappingOf(text string) (mapping, error) {
	m := mapping{Kinds: []string{"company", "contact", "lead"}, Owners: ownersGuarded, MakeUsers: true,
		Statuses: map[string]string{}, Users: map[string]int64{}, Stages: map[string]string{}}
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		return m, fault.Internal(err)
	}
	return m, nil
}

func (m mapping) text() (string, error) {
	text, err := json.Marshal(m)
	return string(text), err
}

// has reports whether a kind of records is imported.
func (m mapping) has(kind crm.Kind) bool { return slices.Contains(m.Kinds, kind.String()) }

// kinds returns the imported kinds in the order of their import.
func (m mapping) kinds() (list []crm.Kind) {
	for _, kind := range recordKinds {
		if m.has(kind) {
			list = append(list, kind)
		}
	}
	return list
}
