package bitrix24

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// perPage is how many rows a page of a list has.
const perPage = 50

// zone is the portal's; its times carry it.
var zone = time.FixedZone("", 3*60*60)

// stamp writes a time; one that carries the zone of another portal keeps it.
func stamp(t time.Time) string {
	if _, offset := t.Zone(); offset == 0 {
		t = t.In(zone)
	}
	return t.Format("2006-01-02T15:04:05-07:00")
}

// test is one condition of a filter.
type test struct {
	field, operation string
	values           []string
}

var operations = []string{"!@", "!=%", "!%", "!=", ">=", "<=", "=%", "%=", "@", ">", "<", "%", "=", "!"}

// testsOf reads a filter. An empty value of a comparison is no condition.
func testsOf(filter *array) (all []test) {
	for _, key := range filter.keys {
		t := test{field: key, operation: "="}
		for _, operation := range operations {
			if strings.HasPrefix(key, operation) {
				t.operation, t.field = operation, strings.TrimPrefix(key, operation)
				break
			}
		}
		t.values = texts(filter.of[key])
		if comparison := strings.ContainsAny(t.operation, "<>"); comparison &&
			(len(t.values) == 0 || t.values[0] == "") {
			continue
		}
		all = append(all, t)
	}
	return all
}

// holds judges one value of a record.
func (t *test) holds(value string) bool {
	switch t.operation {
	case "=", "@":
		return slices.Contains(t.values, value)
	case "!", "!=", "!@":
		return !slices.Contains(t.values, value)
	case "%", "=%", "%=":
		return len(t.values) > 0 && strings.Contains(value, strings.Trim(t.values[0], "%"))
	}
	c := compare(value, t.values[0])
	switch t.operation {
	case ">":
		return c > 0
	case ">=":
		return c >= 0
	case "<":
		return c < 0
	case "<=":
		return c <= 0
	}
	return false
}

// compare compares numbers, times, or words.
func compare(a, b string) int {
	if x, err := strconv.Atoi(a); err == nil {
		y, _ := strconv.Atoi(b)
		return x - y
	}
	x, errX := time.Parse(time.RFC3339, a)
	y, errY := time.Parse(time.RFC3339, b)
	if errX == nil && errY == nil {
		return x.Compare(y)
	}
	return strings.Compare(a, b)
}

// holdsFor judges a record by its classic names. Telephones are compared as they
// were written.
func (t *test) holdsFor(kind string, r *Record, name string) bool {
	if name == "PHONE" || name == "EMAIL" {
		of := r.Phones
		if name == "EMAIL" {
			of = r.Emails
		}
		return slices.ContainsFunc(of, func(m Multi) bool { return slices.Contains(t.values, m.Value) })
	}
	value, has := classicField(kind, r, name)
	if !has {
		return true // a name that no one knows narrows nothing
	}
	text, _ := value.(string)
	return t.holds(text)
}

// window cuts a page out of what was found: -1 returns the first rows and counts
// nothing.
func window(found, start int) (from, to, total, next int) {
	if start < 0 {
		return 0, min(perPage, found), 0, 0
	}
	from = min(start, found)
	to = min(from+perPage, found)
	if to < found {
		next = to
	}
	return from, to, found, next
}

func startOf(in *array) int {
	start, _ := strconv.Atoi(in.text("start"))
	return start
}

// chosen returns the records of a list in its order.
func (p *Portal) chosen(by caller, kind string, in *array, names map[string]string) ([]*Record, *refusal) {
	tests := testsOf(in.array("filter"))
	for i := range tests {
		if p.unkind[ZoneIgnored] && len(tests[i].values) == 1 {
			tests[i].values[0] = p.localTime(tests[i].values[0])
		}
	}
	var found []*Record
	for i, t := range tests {
		if names == nil {
			continue
		}
		classic, known := names[t.field]
		if !known && !strings.HasPrefix(t.field, "UF_CRM_") {
			return nil, refuse(http.StatusBadRequest, "INVALID_ARG_VALUE",
				"Invalid filter: field '"+t.field+"' is not allowed in filter")
		} else if known {
			tests[i].field = classic
		}
	}
	ascending := !p.unkind[OrderIgnored] && strings.EqualFold(in.array("order").text("ID"), "ASC")
	most := len(p.kinds[kind].records)
	if ascending && startOf(in) < 0 {
		most = perPage // no one counts the others
	}
next:
	for _, r := range behind(p.kinds[kind], tests) {
		if !by.sees(r) || p.hides(r) {
			continue
		}
		for _, t := range tests {
			if p.ignores(&t, names != nil) {
				continue
			}
			if !t.holdsFor(kind, r, t.field) {
				continue next
			}
		}
		if found = append(found, r); len(found) == most {
			break
		}
	}
	if !ascending { // without an order the newest come first
		slices.Reverse(found)
	}
	return found, nil
}

// behind returns the records behind the id that a filter names, or those of its ids;
// all where it names none.
func behind(s *shelf, tests []test) []*Record {
	for _, t := range tests {
		switch {
		case t.field == "ID" && t.operation == ">":
			id, _ := strconv.Atoi(t.values[0])
			at, _ := s.at(id)
			return s.records[at:]
		case t.field == "ID" && t.operation == "@":
			return s.named(t.values)
		}
	}
	return s.records
}

// named returns the records of some ids, in the order of the shelf.
func (s *shelf) named(ids []string) (all []*Record) {
	for _, text := range ids {
		id, _ := strconv.Atoi(text)
		if at, found := s.at(id); found {
			all = append(all, s.records[at])
		}
	}
	slices.SortFunc(all, func(a, b *Record) int { return a.ID - b.ID })
	return slices.Compact(all)
}

// classicList makes crm.lead.list, crm.contact.list and crm.company.list.
func classicList(kind string) func(*Portal, caller, *array) (result, *refusal) {
	return func(p *Portal, by caller, in *array) (result, *refusal) {
		found, no := p.chosen(by, kind, in, nil)
		if no != nil {
			return result{}, no
		}
		from, to, total, next := window(len(found), startOf(in))
		rows := []map[string]any{}
		for _, r := range found[from:to] {
			rows = append(rows, classic(kind, r, texts(in.get("select"))))
		}
		return result{rows, total, next}, nil
	}
}

// everything is what a mask stands for: telephones and user fields are not in it.
var everything = []string{"ID", "ASSIGNED_BY_ID", "CREATED_BY_ID", "MODIFY_BY_ID", "DATE_CREATE", "DATE_MODIFY",
	"TITLE", "NAME", "SECOND_NAME", "LAST_NAME", "POST", "COMPANY_ID", "CONTACT_ID", "STATUS_ID", "SOURCE_ID",
	"HAS_PHONE", "HAS_EMAIL"}

func classic(kind string, r *Record, selected []string) map[string]any {
	out := map[string]any{}
	if len(selected) == 0 {
		selected = []string{"*", "UF_*"}
	}
	var names []string
	for _, name := range selected {
		switch name {
		case "*":
			names = append(names, everything...)
		case "UF_*":
			for field := range r.UF {
				names = append(names, field)
			}
		default:
			names = append(names, name)
		}
	}
	for _, name := range append(names, "ID") {
		if value, has := classicField(kind, r, name); has {
			out[name] = value
		}
	}
	return out
}

// itemList is crm.item.list.
func (p *Portal) itemList(by caller, in *array) (result, *refusal) {
	kind := kindOfEntity(in.text("entityTypeId"))
	if kind == "" {
		return result{}, refuse(http.StatusBadRequest, "NOT_FOUND", "Smart process not found")
	}
	found, no := p.chosen(by, kind, in, itemNames)
	if no != nil {
		return result{}, no
	}
	var selected map[string]bool
	if names := texts(in.get("select")); len(names) > 0 && !slices.Contains(names, "*") {
		selected = map[string]bool{"id": true}
		for _, name := range names {
			selected[name] = true
		}
	}
	from, to, total, next := window(len(found), startOf(in))
	rows := []map[string]any{}
	for _, r := range found[from:to] {
		one := item(kind, r, selected)
		if !strings.EqualFold(in.text("useOriginalUfNames"), "Y") {
			camel(one)
		}
		rows = append(rows, one)
	}
	return result{map[string]any{"items": rows}, total, next}, nil
}

// sees reports whether the caller may read a record: an admin all of them, others
// their own. A list silently leaves out the others.
func (a caller) sees(r *Record) bool { return a.user.Admin || r.Owner == a.user.ID }

// classicGet makes crm.lead.get, crm.contact.get and crm.company.get. Their refusals
// have no code.
func classicGet(kind string) func(*Portal, caller, *array) (result, *refusal) {
	return func(p *Portal, by caller, in *array) (result, *refusal) {
		id, _ := strconv.Atoi(in.text("id"))
		i, found := p.kinds[kind].at(id)
		switch {
		case !found || p.hides(p.kinds[kind].records[i]):
			return result{}, refuse(http.StatusBadRequest, "", "Not found")
		case !by.sees(p.kinds[kind].records[i]):
			return result{}, refuse(http.StatusBadRequest, "", "Access denied")
		}
		return plain(classic(kind, p.kinds[kind].records[i], []string{"*", "UF_*", "PHONE", "EMAIL"}))
	}
}

// itemGet is crm.item.get.
func (p *Portal) itemGet(by caller, in *array) (result, *refusal) {
	kind := kindOfEntity(in.text("entityTypeId"))
	id, _ := strconv.Atoi(in.text("id"))
	if kind == "" {
		return result{}, refuse(http.StatusBadRequest, "NOT_FOUND", "Smart process not found")
	}
	i, found := p.kinds[kind].at(id)
	switch {
	case !found || p.hides(p.kinds[kind].records[i]):
		return result{}, refuse(http.StatusBadRequest, "NOT_FOUND", "Элемент не найден")
	case !by.sees(p.kinds[kind].records[i]):
		return result{}, refuse(http.StatusBadRequest, "ACCESS_DENIED", "У вас нет прав на просмотр этого элемента")
	}
	return plain(map[string]any{"item": item(kind, p.kinds[kind].records[i], nil)})
}

// camel renames user fields: UF_CRM_STATE becomes ufCrmState.
func camel(one map[string]any) {
	for name, value := range one {
		if rest, is := strings.CutPrefix(name, "UF_CRM_"); is {
			delete(one, name)
			one["ufCrm"+rest[:1]+strings.ToLower(rest[1:])] = value
		}
	}
}

// contactCompanies is crm.contact.company.items.get.
func (p *Portal) contactCompanies(_ caller, in *array) (result, *refusal) {
	id, _ := strconv.Atoi(in.text("id"))
	i, found := p.kinds[Contact].at(id)
	if !found {
		return result{}, refuse(http.StatusBadRequest, "", "Not found")
	}
	rows := []map[string]any{}
	for n, company := range p.kinds[Contact].records[i].Companies {
		primary := "N"
		if n == 0 {
			primary = "Y"
		}
		rows = append(rows, map[string]any{"COMPANY_ID": company, "SORT": 10 * (n + 1), "IS_PRIMARY": primary})
	}
	return plain(rows)
}
