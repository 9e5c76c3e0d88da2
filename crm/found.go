package crm

import (
	"time"

	"callhue/internal/store"
	"callhue/rules"
	"callhue/staff"
)

// Found is a record as duplicates and reports list it.
type Found struct {
	Kind      rules.Kind    `json:"kind"`
	ID        int64         `json:"id"`
	Name      string        `json:"name"` // for a lead its title
	Owner     *staff.Person `json:"owner"`
	Status    *StatusMark   `json:"status"` // for a company
	UpdatedAt time.Time     `json:"updated_at"`
	URL       string        `json:"url"`
}

// recordKey identifies a record of any kind.
type recordKey struct {
	kind Kind
	id   int64
}

// found reads records of any kind; removed ones are absent.
func (v view) found(keys []recordKey) (map[recordKey]Found, error) {
	all := make(map[recordKey]Found, len(keys))
	for _, kind := range []Kind{KindCompany, KindContact, KindLead} {
		var ids []int64
		for _, k := range keys {
			if k.kind == kind {
				ids = append(ids, k.id)
			}
		}
		rows, err := foundRows(v.tx, kind, ids)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			one := Found{Kind: rules.Kind(kind.String()), ID: r.ID, Name: r.Name, Owner: v.person(r.OwnerID),
				UpdatedAt: store.Time(r.UpdatedAt), URL: urlOf(kind, r.ID)}
			if s := v.set.ByID(r.StatusID); s != nil {
				one.Status = &StatusMark{s.Code, s.Name, s.Color}
			}
			all[recordKey{kind, r.ID}] = one
		}
	}
	return all, nil
}
