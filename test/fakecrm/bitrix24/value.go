package bitrix24

import (
	"fmt"
	"strconv"
)

// find follows a path through a result; "" where it leads to nothing.
func find(value any, path []string) string {
	for _, step := range path {
		switch v := value.(type) {
		case map[string]any:
			value = v[step]
		case object:
			value = v[step]
		case []map[string]any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(v) {
				return ""
			}
			value = v[i]
		default:
			return ""
		}
	}
	switch v := value.(type) {
	case string:
		return v
	case int:
		return strconv.Itoa(v)
	case bool:
		if v {
			return "1"
		}
	}
	return ""
}

// classicField returns a field of a record as classic lists write it: strings. False:
// records of this kind have none of this name.
func classicField(kind string, r *Record, name string) (any, bool) {
	switch name {
	case "ID":
		return strconv.Itoa(r.ID), true
	case "ASSIGNED_BY_ID":
		return strconv.Itoa(r.Owner), true
	case "CREATED_BY_ID":
		return strconv.Itoa(r.CreatedBy), true
	case "MODIFY_BY_ID":
		return strconv.Itoa(r.ChangedBy), true
	case "DATE_CREATE":
		return stamp(r.Created), true
	case "DATE_MODIFY":
		return stamp(r.Changed), true
	case "PHONE":
		return multis(r.Phones, "PHONE"), len(r.Phones) > 0
	case "EMAIL":
		return multis(r.Emails, "EMAIL"), len(r.Emails) > 0
	case "HAS_PHONE":
		return yes(len(r.Phones) > 0), true
	case "HAS_EMAIL":
		return yes(len(r.Emails) > 0), true
	case "TITLE":
		return r.Title, kind != Contact
	case "NAME":
		return r.Name, kind != Company
	case "SECOND_NAME":
		return r.SecondName, kind != Company
	case "LAST_NAME":
		return r.LastName, kind != Company
	case "POST":
		return r.Post, kind != Company
	case "COMPANY_ID":
		return orNull(r.Company), kind != Company
	case "CONTACT_ID":
		return orNull(r.Contact), kind == Lead
	case "STATUS_ID":
		return r.Stage, kind == Lead
	case "SOURCE_ID":
		return r.Source, kind == Lead
	}
	value, has := r.UF[name]
	if n, number := value.(int); number {
		value = strconv.Itoa(n)
	}
	return value, has
}

func yes(is bool) string {
	if is {
		return "Y"
	}
	return "N"
}

func orNull(id int) any {
	if id == 0 {
		return nil
	}
	return strconv.Itoa(id)
}

func multis(all []Multi, kind string) []map[string]any {
	out := make([]map[string]any, len(all))
	for i, m := range all {
		out[i] = map[string]any{"ID": strconv.Itoa(m.ID), "VALUE_TYPE": m.Type, "VALUE": m.Value, "TYPE_ID": kind}
	}
	return out
}

// itemNames are the fields of crm.item.list and what classic lists call them.
var itemNames = map[string]string{
	"id": "ID", "assignedById": "ASSIGNED_BY_ID", "createdBy": "CREATED_BY_ID", "updatedBy": "MODIFY_BY_ID",
	"createdTime": "DATE_CREATE", "updatedTime": "DATE_MODIFY", "title": "TITLE", "name": "NAME",
	"secondName": "SECOND_NAME", "lastName": "LAST_NAME", "post": "POST", "companyId": "COMPANY_ID",
	"contactId": "CONTACT_ID", "stageId": "STATUS_ID", "sourceId": "SOURCE_ID", "hasPhone": "HAS_PHONE",
	"hasEmail": "HAS_EMAIL",
}

// item returns a record as crm.item.list does: numbers, and fm only when nothing was
// selected.
func item(kind string, r *Record, selected map[string]bool) map[string]any {
	out := map[string]any{}
	wanted := func(name string) bool { return selected == nil || selected[name] }
	for name, classic := range itemNames {
		value, has := classicField(kind, r, classic)
		if !has || !wanted(name) {
			continue
		}
		switch name {
		case "id", "assignedById", "createdBy", "updatedBy", "companyId", "contactId":
			text, _ := value.(string)
			n, _ := strconv.Atoi(text)
			out[name] = n // 0 for none
		default:
			out[name] = value
		}
	}
	if kind == Contact && wanted("companyIds") {
		out["companyIds"] = append([]int{}, r.Companies...)
	}
	if kind == Lead && wanted("contactIds") {
		out["contactIds"] = append([]int{}, nonZero(r.Contact)...)
	}
	for name, value := range r.UF {
		if wanted(name) {
			out[name] = value
		}
	}
	if selected == nil {
		fm := []map[string]any{}
		for _, m := range r.Phones {
			fm = append(fm, map[string]any{"id": m.ID, "typeId": "PHONE", "valueType": m.Type, "value": m.Value})
		}
		for _, m := range r.Emails {
			fm = append(fm, map[string]any{"id": m.ID, "typeId": "EMAIL", "valueType": m.Type, "value": m.Value})
		}
		out["fm"] = fm
		out["entityTypeId"] = entityTypes[kind]
	}
	return out
}

func nonZero(id int) []int {
	if id == 0 {
		return nil
	}
	return []int{id}
}

var entityTypes = map[string]int{Lead: 1, Contact: 3, Company: 4}

func kindOfEntity(id string) string {
	for kind, number := range entityTypes {
		if fmt.Sprint(number) == id {
			return kind
		}
	}
	return ""
}
