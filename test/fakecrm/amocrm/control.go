package amocrm

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"
)

// order is what a test posts to /sim/... A field that is not there changes nothing.
type order struct {
	Kind    Kind   `json:"kind"` // companies, contacts or leads
	ID      int64  `json:"id"`
	By      int64  `json:"by"` // the user who does it; 0 is the robot
	Name    string `json:"name"`
	Owner   int64  `json:"owner"`
	Phone   string `json:"phone"` // a working one, in the place of all
	Email   string `json:"email"`
	Company int64  `json:"company"`
	Contact int64  `json:"contact"`
	Status  int64  `json:"status"` // of a lead
	Field   int64  `json:"field"`  // of a company; with Entry
	Entry   int64  `json:"entry"`
	Trouble string `json:"trouble"` // Trouble's Kind
	Path    string `json:"path"`
	Skip    int    `json:"skip"`
	Times   int    `json:"times"`
	Seconds int    `json:"seconds"`

	Unkind []string `json:"unkind"` // the ways in which the account is unkind from now on
}

// orders are what can be ordered, by the last part of the address.
var orders = map[string]func(*Account, order) any{
	"add": func(a *Account, o order) any {
		r := Record{UpdatedBy: o.By}
		o.fill(&r)
		return object{"id": a.Add(o.Kind, r)}
	},
	"change":  func(a *Account, o order) any { a.Change(o.Kind, o.ID, o.By, o.fill); return true },
	"remove":  func(a *Account, o order) any { a.Remove(o.Kind, o.ID); return true },
	"restore": func(a *Account, o order) any { a.Restore(o.Kind, o.ID); return true },
	"trouble": func(a *Account, o order) any {
		a.Trouble(Trouble{Path: o.Path, Times: o.Times, Skip: o.Skip, Kind: o.Trouble,
			After: time.Duration(o.Seconds) * time.Second})
		return true
	},
	"unkind": func(a *Account, o order) any {
		a.Unkind(o.Unkind...)
		a.LateRecords(time.Duration(o.Seconds) * time.Second)
		return true
	},
	"rename": func(a *Account, o order) any { a.Rename(o.Name); return true },
	"peace":  func(a *Account, _ order) any { a.Peace(); return true },
	"expire": func(a *Account, _ order) any { a.Expire(); return true },
	"revoke": func(a *Account, _ order) any { a.Revoke(); return true },
	"late":   func(a *Account, _ order) any { a.Late(); return true },
	"code":   func(a *Account, _ order) any { return object{"code": a.Code()} },
}

// Control is how a test in another process steers the account. GET /sim/seen gives
// what was done to it; a POST to /sim/ and the name of an order, with an order as
// JSON, carries it out. Everything else is the account's own.
func (a *Account) Control() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, steered := strings.CutPrefix(r.URL.Path, "/sim/")
		if !steered {
			a.ServeHTTP(w, r)
			return
		}
		if r.Method == http.MethodGet && name == "seen" {
			answer(w, http.StatusOK, object{"requests": a.Log(), "writes": a.Writes(), "calls": a.Calls(),
				"popups": a.Popups(), "deliveries": a.Deliveries()})
			return
		}
		var o order
		body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
		if err == nil && len(body) > 0 {
			err = json.Unmarshal(body, &o)
		}
		do, known := orders[name]
		if err != nil || !known || r.Method != http.MethodPost {
			http.Error(w, "no such order", http.StatusBadRequest)
			return
		}
		answer(w, http.StatusOK, do(a, o))
	})
}

// fill copies the fields of an order into a record.
func (o order) fill(r *Record) {
	if o.Name != "" {
		r.Name = o.Name
	}
	if o.Owner != 0 {
		r.Responsible = o.Owner
	}
	if o.Phone != "" {
		r.Phones = []Value{{o.Phone, "WORK"}}
	}
	if o.Email != "" {
		r.Emails = []Value{{o.Email, "WORK"}}
	}
	if o.Company != 0 {
		r.Companies = []int64{o.Company}
	}
	if o.Contact != 0 {
		r.Contacts = []int64{o.Contact}
	}
	if o.Status != 0 {
		r.Status = o.Status
	}
	if o.Field != 0 {
		entries := map[int64]int64{o.Field: o.Entry}
		for field, entry := range r.Entries {
			if field != o.Field {
				entries[field] = entry
			}
		}
		r.Entries = entries
	}
}
