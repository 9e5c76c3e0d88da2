package amocrm

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// How many rows a list returns: by default, at most, and at most of fields.
const (
	usualPage  = 50
	mostOfPage = 250
	mostFields = 50
)

type object = map[string]any

// giveList answers one page of a list, or 204 where there is nothing.
func giveList[T any](a *Account, w http.ResponseWriter, r *http.Request, name string, all []T, most int,
	show func(T) object) {
	q := r.URL.Query()
	number, size := whole(q.Get("page"), 1), whole(q.Get("limit"), usualPage)
	if number < 1 || size < 1 || size > mostOfPage {
		problem(w, http.StatusBadRequest, "Bad Request", "Request validation failed")
		return
	}
	size = min(size, most)
	from := min((number-1)*size, len(all))
	to := min(from+size, len(all))
	if from == to && a.unkind[EmptyWith200] {
		answer(w, http.StatusOK, object{"_page": number, "_links": object{}})
		return
	}
	if from == to {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	shown := []object{}
	for _, one := range all[from:to] {
		shown = append(shown, show(one))
	}
	links := object{"self": object{"href": "https://" + r.Host + r.URL.RequestURI()}}
	if to < len(all) {
		next := *r.URL
		q.Set("page", strconv.Itoa(number+1))
		next.RawQuery = q.Encode()
		links["next"] = object{"href": "https://" + r.Host + next.RequestURI()}
	}
	page := object{"_page": number, "_links": links, "_embedded": object{name: shown}}
	a.spoilPage(page, name, to == len(all))
	answer(w, http.StatusOK, page)
}

func whole(text string, otherwise int) int {
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return -1
	}
	return n
}

// giveRecords answers a list of records: filtered, searched and ordered.
func (a *Account) giveRecords(w http.ResponseWriter, r *http.Request, kind Kind) {
	a.mu.Lock()
	defer a.mu.Unlock()
	q := r.URL.Query()
	ids := idsOf(q)
	since := whole(q.Get("filter[updated_at][from]"), 0)
	if a.unkind[FilterIgnored] {
		ids = nil
	}
	if a.unkind[DatesIgnored] {
		since = 0
	}
	var all []*Record
	for _, one := range a.records[kind] {
		switch {
		case one.deleted || a.hides(one):
		case !a.admin() && one.Responsible != a.current: // others see their own, and the list says nothing
		case ids != nil && !slices.Contains(ids, one.ID):
		case since > 0 && one.UpdatedAt.Unix() < int64(since):
		case q.Get("query") != "" && !one.matches(q.Get("query")):
		default:
			all = append(all, one)
		}
	}
	switch { // by themselves lists come newest first
	case a.unkind[OrderIgnored]:
		slices.Reverse(all)
	case q.Get("order[id]") == "asc":
	case q.Get("order[updated_at]") == "asc":
		slices.SortStableFunc(all, func(a, b *Record) int { return a.UpdatedAt.Compare(b.UpdatedAt) })
	default:
		slices.Reverse(all)
	}
	with := strings.Split(q.Get("with"), ",")
	if a.unkind[ListsBehind] && len(all) > 0 {
		all = all[:len(all)-1]
	}
	giveList(a, w, r, string(kind), all, mostOfPage, func(one *Record) object {
		return a.spoil(a.show(kind, one, with))
	})
}

// idsOf reads filter[id] in each of its spellings; nil for none.
func idsOf(q url.Values) []int64 {
	var ids []int64
	for key, values := range q {
		if key != "filter[id]" && !strings.HasPrefix(key, "filter[id][") {
			continue
		}
		for _, v := range values {
			n, _ := strconv.ParseInt(v, 10, 64)
			ids = append(ids, n)
		}
	}
	return ids
}

// matches is the account's search: it looks into every field, and a number is its
// digits, so that +7 and 8 are different beginnings.
func (r *Record) matches(query string) bool {
	texts := []string{r.Name, r.Post}
	for _, v := range slices.Concat(r.Phones, r.Emails) {
		texts = append(texts, v.Text)
	}
	for _, t := range r.Texts {
		texts = append(texts, t)
	}
	query = strings.ToLower(query)
	digits := onlyDigits(query)
	for _, t := range texts {
		if strings.Contains(strings.ToLower(t), query) || digits != "" && strings.Contains(onlyDigits(t), digits) {
			return true
		}
	}
	return false
}

func onlyDigits(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}

func (a *Account) giveAccount(w http.ResponseWriter) {
	a.mu.Lock()
	defer a.mu.Unlock()
	groups := []object{}
	for _, g := range a.groups {
		groups = append(groups, object{"id": g.ID, "name": g.Name, "uuid": nil})
	}
	answer(w, http.StatusOK, object{
		"id": a.opt.ID, "name": a.opt.Name, "subdomain": a.opt.Subdomain, "current_user_id": a.current,
		"country": "RU", "_embedded": object{"users_groups": groups},
	})
}

// admin reports whether the token is an administrator's.
func (a *Account) admin() bool {
	return slices.ContainsFunc(a.users, func(u User) bool { return u.ID == a.current && u.Admin })
}

func (a *Account) giveUsers(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.admin() {
		problem(w, http.StatusForbidden, "Forbidden", "Not enough rights")
		return
	}
	giveList(a, w, r, "users", a.users, mostOfPage, showUser)
}

func (a *Account) giveUser(w http.ResponseWriter, id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.admin() {
		problem(w, http.StatusForbidden, "Forbidden", "Not enough rights")
		return
	}
	for _, u := range a.users {
		if strconv.FormatInt(u.ID, 10) == id {
			answer(w, http.StatusOK, showUser(u))
			return
		}
	}
	problem(w, http.StatusNotFound, "Not Found", "")
}

func showUser(u User) object {
	return object{"id": u.ID, "name": u.Name, "email": u.Email, "lang": "ru", "rights": object{
		"is_admin": u.Admin, "is_active": u.Active, "is_free": false, "group_id": u.Group, "role_id": nil,
	}}
}

func (a *Account) giveFields(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	giveList(a, w, r, "custom_fields", a.fields, mostFields, func(f Field) object {
		var enums any // null where the field is no list
		if f.Entries != nil {
			shown := []object{}
			for i, e := range f.Entries {
				shown = append(shown, object{"id": e.ID, "value": e.Name, "sort": i})
			}
			enums = shown
		}
		return object{"id": f.ID, "name": f.Name, "type": f.Type, "code": nil, "entity_type": "companies",
			"enums": enums}
	})
}

func (a *Account) givePipelines(w http.ResponseWriter) {
	a.mu.Lock()
	defer a.mu.Unlock()
	shown := []object{}
	for i, p := range a.pipelines {
		statuses := []object{}
		for n, s := range p.Statuses {
			statuses = append(statuses, object{"id": s.ID, "name": s.Name, "sort": n * 10, "type": s.Type,
				"pipeline_id": p.ID})
		}
		shown = append(shown, object{"id": p.ID, "name": p.Name, "sort": i, "is_archive": false,
			"_embedded": object{"statuses": statuses}})
	}
	answer(w, http.StatusOK, object{"_total_items": len(shown), "_embedded": object{"pipelines": shown}})
}
