package crmsync

import (
	"encoding/json"
	"slices"

	"callhue/crm"
	"callhue/internal/fault"
)

// Whose word counts for what the table of rights guards.
const (
	ownersGuarded = "guarded" // that of whoever changed it in the CRM, with his rights here
	ownersCRM     = "crm"     // the CRM's
)

// mapping is how the words of a CRM are understood here. Admins decide it.
type mapping struct {
	Kinds       []string          `json:"kinds"`
	Owners      string            `json:"owners"`
	MakeUsers   bool              `json:"make_users"`
	StatusField string            `json:"status_field"`
	Statuses    map[string]string `json:"statuses"` // value of StatusField -> code of ours
	Users       map[string]int64  `json:"users"`    // chosen by hand: their id -> our id, 0 for nobody
	Stages      map[string]string `json:"stages"`   // where the CRM's own word is not taken: value -> stage of ours
}

// mappingOf reads what is stored; what nobody has decided yet is as a new source
// has it.
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

// has says whether a kind of records is wanted.
func (m mapping) has(kind crm.Kind) bool { return slices.Contains(m.Kinds, kind.String()) }

// kinds are the wanted ones in the order of their coming.
func (m mapping) kinds() (list []crm.Kind) {
	for _, kind := range records {
		if m.has(kind) {
			list = append(list, kind)
		}
	}
	return list
}
