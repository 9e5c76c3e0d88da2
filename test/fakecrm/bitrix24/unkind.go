package bitrix24

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// The ways in which a portal can be unkind: each is known of real ones.
const (
	TimeEmpty     = "time_empty"      // the time of an answer is an empty list
	TextNumbers   = "text_numbers"    // total and next are texts
	NextAbsent    = "next_absent"     // lists have a total and no next
	NothingNext   = "nothing_next"    // lists have neither
	TotalWrong    = "total_wrong"     // the total of a list is that of its first page
	KeysMissing   = "keys_missing"    // a batch lacks the results of some of its commands
	LinksLost     = "links_lost"      // crm.item.list lacks every second record
	LinksGone     = "links_gone"      // and crm.contact.company.items.get says that there are none
	DatesIgnored  = "dates_ignored"   // lists ignore the time of changes
	DatesByItems  = "dates_by_items"  // only crm.item.list does
	ZoneIgnored   = "zone_ignored"    // the offset of a time in a filter is read over
	OrderIgnored  = "order_ignored"   // lists are newest first, whatever was asked
	PhonesNull    = "phones_null"     // empty entries among the phones
	PhonesText    = "phones_text"     // phones are a text
	PhonesByPlace = "phones_by_place" // phones are an object whose keys are their places
	PhonesAbsent  = "phones_absent"   // phones are left out, although there are some
	FieldsAbsent  = "fields_absent"   // owner and company are left out
	OddTypes      = "odd_types"       // numbers for texts, lists for absent values
	OddRecords    = "odd_records"     // every tenth record has a phone that is no text
	NullRecords   = "null_records"    // an empty record at the end of each list
	UsersWithheld = "users_withheld"  // neither state nor extension of users
	CodelessNo    = "codeless_no"     // a refusal of one record that names no reason
	ListsBehind   = "lists_behind"    // lists lack the newest record, and a single reading has it
)

// Unkind makes the portal unkind in some ways, and in no others.
func (p *Portal) Unkind(ways ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.unkind = map[string]bool{}
	for _, way := range ways {
		p.unkind[way] = true
	}
}

// Late has records be readable only some time after they were added.
func (p *Portal) Late(after time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.late = after
}

// now is the portal's time in its zone.
func (p *Portal) now() time.Time {
	if p.opt.Zone != nil {
		return p.opt.Now().In(p.opt.Zone)
	}
	return p.opt.Now()
}

// hides reports whether a record cannot be read yet.
func (p *Portal) hides(r *Record) bool {
	return p.late > 0 && p.opt.Now().Before(r.Created.Add(p.late))
}

// ignores reports whether a list reads over a condition.
func (p *Portal) ignores(t *test, items bool) bool {
	changed := t.field == "DATE_MODIFY" || t.field == "updatedTime"
	return changed && (p.unkind[DatesIgnored] || p.unkind[DatesByItems] && items)
}

// localTime reads over the offset of a time: the portal's own zone is meant.
func (p *Portal) localTime(text string) string {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return text
	}
	return at.Format("2006-01-02T15:04:05") + stamp(p.now())[19:]
}

// spoilTop changes the frame of an answer.
func (p *Portal) spoilTop(answer map[string]any) {
	if p.unkind[TimeEmpty] {
		answer["time"] = []any{}
	}
	if p.unkind[NextAbsent] || p.unkind[NothingNext] {
		delete(answer, "next")
	}
	if p.unkind[NothingNext] {
		delete(answer, "total")
	}
	if n, is := answer["total"].(int); is && p.unkind[TotalWrong] {
		answer["total"] = min(n, perPage)
	}
	for _, name := range []string{"total", "next"} {
		if n, is := answer[name].(int); is && p.unkind[TextNumbers] {
			answer[name] = strconv.Itoa(n)
		}
	}
}

// spoilBatch changes the parts of a batch.
func (p *Portal) spoilBatch(batch map[string]any) {
	results, _ := batch["result"].(object)
	times, _ := batch["result_time"].(object)
	for key := range times {
		if p.unkind[TimeEmpty] {
			times[key] = []any{}
		}
	}
	for key := range results {
		if n, _ := strconv.Atoi(strings.TrimPrefix(key, "c")); p.unkind[KeysMissing] && n >= 4 {
			delete(results, key)
		}
	}
}

// spoil changes the result of a method.
func (p *Portal) spoil(method string, value any) any {
	switch {
	case method == "crm.contact.company.items.get" && p.unkind[LinksGone]:
		return []any{}
	case method == "user.get":
		for _, row := range rowsOf(value) {
			if p.unkind[UsersWithheld] {
				delete(row, "ACTIVE")
				delete(row, "UF_PHONE_INNER")
			}
		}
		return value
	case !strings.HasPrefix(method, "crm.") || strings.Contains(method, "status") || strings.Contains(method, "field"):
		return value
	}
	rows := rowsOf(value)
	if (p.unkind[LinksLost] || p.unkind[LinksGone]) && method == "crm.item.list" && isLinks(rows) {
		rows = slices.DeleteFunc(rows, func(row map[string]any) bool { n, _ := row["id"].(int); return n%2 == 0 })
	}
	if p.unkind[ListsBehind] && strings.HasSuffix(method, ".list") && len(rows) > 0 {
		rows = rows[:len(rows)-1]
	}
	for _, row := range rows {
		p.spoilRecord(row)
	}
	return p.withRows(value, rows)
}

// isLinks reports whether rows hold the companies of contacts and nothing else.
func isLinks(rows []map[string]any) bool {
	return len(rows) > 0 && len(rows[0]) == 2 && rows[0]["companyIds"] != nil
}

func rowsOf(value any) []map[string]any {
	switch v := value.(type) {
	case []map[string]any:
		return v
	case map[string]any:
		rows, _ := v["items"].([]map[string]any)
		return rows
	}
	return nil
}

// withRows puts rows in the place of those of a result.
func (p *Portal) withRows(value any, rows []map[string]any) any {
	var list any = rows
	if p.unkind[NullRecords] && len(rows) > 0 {
		var all []any
		for _, row := range rows[:len(rows)-1] {
			all = append(all, row)
		}
		list = append(all, nil, rows[len(rows)-1])
	}
	switch v := value.(type) {
	case []map[string]any:
		return list
	case map[string]any:
		if v["items"] != nil {
			v["items"] = list
		}
	}
	return value
}

func (p *Portal) spoilRecord(row map[string]any) {
	phones, _ := row["PHONE"].([]map[string]any)
	switch {
	case phones == nil:
	case p.unkind[PhonesNull]:
		row["PHONE"] = []any{nil, phones[0], nil}
	case p.unkind[PhonesText]:
		row["PHONE"] = phones[0]["VALUE"]
	case p.unkind[PhonesByPlace]:
		row["PHONE"] = map[string]any{"3": phones[0]}
	case p.unkind[PhonesAbsent]:
		delete(row, "PHONE")
	}
	if p.unkind[PhonesAbsent] {
		delete(row, "fm")
	}
	if p.unkind[FieldsAbsent] {
		for _, name := range []string{"ASSIGNED_BY_ID", "assignedById", "COMPANY_ID", "companyId", "companyIds"} {
			delete(row, name)
		}
	}
	if p.unkind[OddTypes] {
		row["SECOND_NAME"], row["POST"], row["MODIFY_BY_ID"] = 7, []any{}, false
		if title, is := row["TITLE"].(string); is {
			row["TITLE"] = []any{title}
		}
	}
	id, _ := row["ID"].(string)
	if n, _ := strconv.Atoi(id); p.unkind[OddRecords] && n%10 == 7 {
		row["PHONE"] = []any{map[string]any{"VALUE": map[string]any{"raw": "+74950000011"}}}
	}
}
