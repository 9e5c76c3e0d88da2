package amocrm

import (
	"slices"
)

// Custom fields that every account has. Their ids, and the ids of their entries,
// are this account's own; their codes are the same in every account.
const (
	phoneField    = 9101
	emailField    = 9102
	positionField = 9103
)

var entryIDs = map[string]int64{
	"WORK": 55501, "WORKDD": 55502, "MOB": 55503, "FAX": 55504, "HOME": 55505, "OTHER": 55506, "PRIV": 55507,
}

// show returns a record as the API does.
func (a *Account) show(kind Kind, r *Record, with []string) object {
	out := object{
		"id": r.ID, "name": r.Name, "responsible_user_id": r.Responsible, "group_id": 0, "created_by": r.Responsible,
		"updated_by": r.UpdatedBy, "created_at": r.CreatedAt.Unix(), "updated_at": r.UpdatedAt.Unix(),
		"closest_task_at": nil, "is_deleted": false, "account_id": a.opt.ID, "custom_fields_values": a.values(r),
	}
	embedded := object{"tags": []object{}}
	switch kind {
	case Contacts:
		out["first_name"], out["last_name"] = "", ""
		embedded["companies"] = refs(r.Companies)
	case Leads:
		out["price"], out["status_id"], out["pipeline_id"] = 0, r.Status, r.Pipeline
		embedded["companies"] = refs(r.Companies)
		if slices.Contains(with, "contacts") {
			contacts := refs(r.Contacts)
			for i := range contacts {
				contacts[i]["is_main"] = i == 0
			}
			embedded["contacts"] = contacts
		}
	}
	out["_embedded"] = embedded
	return out
}

// values returns the custom fields of a record, nil (null) where there are none.
func (a *Account) values(r *Record) any {
	var out []object
	many := func(id int64, name, code string, values []Value) {
		if len(values) == 0 {
			return
		}
		shown := []object{}
		for _, v := range values {
			shown = append(shown, object{"value": v.Text, "enum_id": entryIDs[v.Code], "enum_code": v.Code})
		}
		out = append(out, object{"field_id": id, "field_name": name, "field_code": code, "field_type": "multitext",
			"values": shown})
	}
	many(phoneField, "Phone", "PHONE", r.Phones)
	many(emailField, "Email", "EMAIL", r.Emails)
	if r.Post != "" {
		out = append(out, object{"field_id": positionField, "field_name": "Position", "field_code": "POSITION",
			"field_type": "text", "values": []object{{"value": r.Post}}})
	}
	for _, f := range a.fields {
		if entry, ok := r.Entries[f.ID]; ok {
			name := ""
			for _, e := range f.Entries {
				if e.ID == entry {
					name = e.Name
				}
			}
			out = append(out, object{"field_id": f.ID, "field_name": f.Name, "field_code": nil, "field_type": f.Type,
				"values": []object{{"value": name, "enum_id": entry, "enum_code": nil}}})
		}
		if text, ok := r.Texts[f.ID]; ok {
			out = append(out, object{"field_id": f.ID, "field_name": f.Name, "field_code": nil, "field_type": f.Type,
				"values": []object{{"value": text}}})
		}
	}
	if out == nil {
		return nil
	}
	return out
}

func refs(ids []int64) []object {
	out := []object{}
	for _, id := range ids {
		out = append(out, object{"id": id})
	}
	return out
}
