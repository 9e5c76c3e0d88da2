package amocrm

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// Call is one that was written down, and to which record.
type Call struct {
	Direction   string `json:"direction"`
	Duration    *int64 `json:"duration"`
	Source      string `json:"source"`
	Phone       string `json:"phone"`
	Unique      string `json:"uniq"`
	Link        string `json:"link"`
	Status      int    `json:"call_status"`
	Responsible any    `json:"call_responsible"`
	CreatedAt   int64  `json:"created_at"`
	Kind        Kind   `json:"-"`
	Record      int64  `json:"-"`
}

// Popup is a notification of a call.
type Popup struct {
	Type   string `json:"type"`
	Number string `json:"phone_number"`
	Users  []any  `json:"users"` // no one is everybody
}

// takeCalls writes calls into the history of the one who has their numbers. One that
// is no one's is refused with code 263, and with HTTP 400 when all are.
func (a *Account) takeCalls(w http.ResponseWriter, r *http.Request) {
	var in []Call
	if !readBody(w, r, &in) {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	taken, errors := []object{}, []object{}
	for i, c := range in {
		if c.Direction != "inbound" && c.Direction != "outbound" || c.Duration == nil || c.Source == "" ||
			c.Phone == "" ||
			c.Status < 0 || c.Status > 8 {
			problem(w, http.StatusBadRequest, "Bad Request", "Request validation failed")
			return
		}
		var found bool
		if c.Kind, c.Record, found = a.whose(c.Phone); !found {
			errors = append(errors, object{"title": "Entity not found", "status": 263, "detail": "Entity not found",
				"request_id": fmt.Sprint(i)})
			continue
		}
		a.calls = append(a.calls, c)
		taken = append(taken, object{"id": len(a.calls), "entity_id": c.Record, "entity_type": singular[c.Kind],
			"request_id": fmt.Sprint(i)})
	}
	status := http.StatusOK
	if len(taken) == 0 {
		status = http.StatusBadRequest
	}
	answer(w, status, object{"_total_items": len(taken), "errors": errors, "_embedded": object{"calls": taken}})
}

// whose finds the record of a number by its last ten digits.
func (a *Account) whose(number string) (Kind, int64, bool) {
	wanted := lastTen(number)
	for _, kind := range []Kind{Contacts, Companies} {
		for _, one := range a.records[kind] {
			for _, p := range one.Phones {
				if !one.deleted && lastTen(p.Text) == wanted {
					return kind, one.ID, true
				}
			}
		}
	}
	return "", 0, false
}

func lastTen(number string) string {
	digits := onlyDigits(number)
	return digits[max(0, len(digits)-10):]
}

// takePopups shows notifications of calls.
func (a *Account) takePopups(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Add []Popup `json:"add"`
	}
	if !readBody(w, r, &in) {
		return
	}
	for _, p := range in.Add {
		if p.Type != "phone_call" || p.Number == "" {
			problem(w, http.StatusBadRequest, "Bad Request", "")
			return
		}
	}
	a.do(func() { a.popups = append(a.popups, in.Add...) })
	w.Header().Set("Content-Type", "application/hal+json")
	w.WriteHeader(http.StatusAccepted)
	_ = json.NewEncoder(w).Encode(object{"_embedded": object{"items": []object{}}})
}
