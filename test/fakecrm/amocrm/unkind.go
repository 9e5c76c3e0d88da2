package amocrm

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The ways in which an account can be unkind: each is known of real ones.
const (
	LinksAbsent   = "links_absent"   // records come without what they are linked to
	FieldsAbsent  = "fields_absent"  // records come without fields and responsible user
	FilterIgnored = "filter_ignored" // lists ignore filter[id]
	DatesIgnored  = "dates_ignored"  // lists ignore filter[updated_at]
	OrderIgnored  = "order_ignored"  // lists are newest first, whatever was asked
	OddRecords    = "odd_records"    // every tenth record has a phone that is no text
	NullRecords   = "null_records"   // an empty record at the end of each page
	OddTypes      = "odd_types"      // numbers for texts, texts for numbers, objects for lists
	LinksOfPages  = "links_of_pages" // _links is an empty list on the last page, next an empty text
	RightsAbsent  = "rights_absent"  // users come without their rights
	EmptyWith200  = "empty_with_200" // an empty list is 200 without _embedded, not 204
	ListsBehind   = "lists_behind"   // lists lack the newest record, and a single reading has it
)

// Unkind makes the account unkind in some ways, and in no others.
func (a *Account) Unkind(ways ...string) {
	a.do(func() {
		a.unkind = map[string]bool{}
		for _, way := range ways {
			a.unkind[way] = true
		}
	})
}

// LateRecords has records be readable only some time after they were added.
func (a *Account) LateRecords(after time.Duration) { a.do(func() { a.late = after }) }

// Rename changes the subdomain of the account.
func (a *Account) Rename(subdomain string) { a.do(func() { a.opt.Subdomain = subdomain }) }

func (a *Account) hides(r *Record) bool {
	return a.late > 0 && a.opt.Now().Before(r.CreatedAt.Add(a.late))
}

// giveRecord answers one record by its id: 204 where there is none.
func (a *Account) giveRecord(w http.ResponseWriter, r *http.Request, kind Kind, id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	n, _ := strconv.ParseInt(id, 10, 64)
	one := a.find(kind, n)
	switch {
	case one == nil || one.deleted || a.hides(one):
		w.WriteHeader(http.StatusNoContent)
	case !a.admin() && one.Responsible != a.current:
		problem(w, http.StatusForbidden, "Forbidden", "Not enough rights")
	default:
		answer(w, http.StatusOK, a.spoil(a.show(kind, one, strings.Split(r.URL.Query().Get("with"), ","))))
	}
}

// spoil changes a record of an answer.
func (a *Account) spoil(record object) object {
	if a.unkind[LinksAbsent] {
		record["_embedded"] = []any{}
	}
	if a.unkind[FieldsAbsent] {
		delete(record, "custom_fields_values")
		delete(record, "responsible_user_id")
	}
	id, _ := record["id"].(int64)
	if a.unkind[OddRecords] && id%10 == 7 {
		odd := []object{{"value": object{"x": 1}}}
		record["custom_fields_values"] = []object{{"field_code": "PHONE", "values": odd}}
	}
	if a.unkind[OddTypes] {
		record["id"], record["is_deleted"], record["first_name"] = strconv.FormatInt(id, 10), 0, 7
		if at, is := record["created_at"].(int64); is {
			record["created_at"] = strconv.FormatInt(at, 10)
		}
		if fields, is := record["custom_fields_values"].([]object); is {
			byPlace := object{}
			for n, f := range fields {
				byPlace[strconv.Itoa(n+3)] = f
			}
			record["custom_fields_values"] = byPlace
		}
	}
	return record
}

// spoilPage changes a page of a list.
func (a *Account) spoilPage(page object, name string, last bool) {
	embedded, _ := page["_embedded"].(object)
	rows, _ := embedded[name].([]object)
	if a.unkind[NullRecords] && len(rows) > 0 {
		var all []any
		for _, row := range rows {
			all = append(all, row)
		}
		embedded[name] = append(all, nil)
	}
	if a.unkind[LinksOfPages] && last {
		page["_links"] = []any{}
	}
	if name != "users" || !a.unkind[RightsAbsent] {
		return
	}
	for _, row := range rows {
		delete(row, "rights")
	}
}
