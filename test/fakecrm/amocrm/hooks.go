package amocrm

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// hook is a subscription to changes.
type hook struct {
	ID          int64    `json:"id"`
	Destination string   `json:"destination"`
	Settings    []string `json:"settings"`
	Disabled    bool     `json:"disabled"`
}

// Delivery is a webhook that was posted.
type Delivery struct {
	To     string
	Form   url.Values
	Status int // 0 where no one answered
}

// Deliveries returns the webhooks that were posted so far.
func (a *Account) Deliveries() (posted []Delivery) {
	a.do(func() { posted = slices.Clone(a.posted) })
	return posted
}

// Subscribe sets a webhook by hand, as an administrator does.
func (a *Account) Subscribe(destination string, events ...string) {
	a.do(func() { a.subscribe(destination, events) })
}

// Disable switches all webhooks off, as the account does after too many failures.
func (a *Account) Disable() {
	a.do(func() {
		for _, h := range a.hooks {
			h.Disabled = true
		}
	})
}

func (a *Account) subscribe(destination string, events []string) *hook {
	for _, h := range a.hooks {
		if h.Destination == destination {
			h.Settings, h.Disabled = events, false
			return h
		}
	}
	h := &hook{ID: int64(8000 + len(a.hooks)), Destination: destination, Settings: events}
	a.hooks = append(a.hooks, h)
	return h
}

func (a *Account) listHooks(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.admin() {
		problem(w, http.StatusForbidden, "Forbidden", "Not enough rights")
		return
	}
	var all []*hook
	for _, h := range a.hooks {
		if wanted := r.URL.Query().Get("filter[destination]"); wanted == "" || wanted == h.Destination {
			all = append(all, h)
		}
	}
	giveList(a, w, r, "webhooks", all, mostOfPage, func(h *hook) object {
		return object{"id": h.ID, "destination": h.Destination, "settings": h.Settings, "disabled": h.Disabled,
			"account_id": a.opt.ID}
	})
}

// events are those that a subscription may name.
var events = func() (out []string) {
	for _, kind := range []Kind{Leads, Contacts, Companies} {
		for _, action := range []string{"add", "update", "delete", "restore", "responsible", "note"} {
			out = append(out, action+"_"+singular[kind])
		}
	}
	return append(out, "status_lead")
}()

func (a *Account) addHook(w http.ResponseWriter, r *http.Request) {
	var in hook
	if !readBody(w, r, &in) {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	to, err := url.Parse(in.Destination)
	known := !slices.ContainsFunc(in.Settings, func(e string) bool { return !slices.Contains(events, e) })
	switch {
	case !a.admin():
		problem(w, http.StatusForbidden, "Forbidden", "Not enough rights")
	case err != nil || to.Host == "" || len(in.Settings) == 0 || !known:
		problem(w, http.StatusBadRequest, "Bad Request", "Request validation failed")
	default:
		answer(w, http.StatusCreated, a.subscribe(in.Destination, in.Settings))
	}
}

// post posts the webhook of a change to its subscribers, one after the other, as the account does: a form with PHP's
// brackets.
func (a *Account) post(kind Kind, action string, r Record) {
	form := a.form(kind, action, r)
	var to []string
	a.do(func() {
		for _, h := range a.hooks {
			if !h.Disabled && slices.Contains(h.Settings, action+"_"+singular[kind]) {
				to = append(to, h.Destination)
			}
		}
	})
	for _, address := range to {
		d := Delivery{To: address, Form: form}
		if answered, err := a.opt.Hooks.PostForm(address, form); err == nil {
			d.Status = answered.StatusCode
			answered.Body.Close()
		}
		a.do(func() { a.posted = append(a.posted, d) })
	}
}

// form is a change as the account posts it. Companies come among the contacts.
func (a *Account) form(kind Kind, action string, r Record) url.Values {
	entity := string(kind)
	if kind == Companies {
		entity = string(Contacts)
	}
	at := entity + "[" + action + "][0]"
	form := url.Values{}
	put := func(key, value string) { form.Set(key, value) }
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	put(at+"[id]", number(r.ID))
	put("account[id]", number(a.opt.ID))
	put("account[subdomain]", a.opt.Subdomain)
	put("account[_links][self]", "https://"+a.opt.Subdomain+".amocrm.ru")
	if kind != Leads {
		put(at+"[type]", singular[kind])
	}
	if action == "delete" {
		return form
	}
	put(at+"[name]", r.Name)
	put(at+"[responsible_user_id]", number(r.Responsible))
	put(at+"[modified_user_id]", number(r.UpdatedBy))
	put(at+"[created_at]", number(r.CreatedAt.Unix()))
	put(at+"[updated_at]", number(r.UpdatedAt.Unix()))
	put(at+"[account_id]", number(a.opt.ID))
	if kind == Leads {
		put(at+"[status_id]", number(r.Status))
		put(at+"[pipeline_id]", number(r.Pipeline))
	}
	if len(r.Phones) > 0 {
		field := at + "[custom_fields][0]"
		put(field+"[id]", number(phoneField))
		put(field+"[name]", "Phone")
		put(field+"[code]", "PHONE")
		for i, p := range r.Phones {
			put(field+"[values]["+strconv.Itoa(i)+"][value]", p.Text)
			put(field+"[values]["+strconv.Itoa(i)+"][enum]", number(entryIDs[p.Code]))
		}
	}
	return form
}
