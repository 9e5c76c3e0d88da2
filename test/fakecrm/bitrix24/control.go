package bitrix24

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// order is what a test posts to /sim/...
type order struct {
	Kind     string `json:"kind"` // LEAD, CONTACT or COMPANY; of a fault: garbage, 500 ...
	ID       int    `json:"id"`
	By       int    `json:"by"` // the user who does it; 1 if 0
	Title    string `json:"title"`
	Name     string `json:"name"`
	LastName string `json:"last_name"`
	Owner    int    `json:"owner"`
	Company  int    `json:"company"`
	Stage    string `json:"stage"`
	State    string `json:"state"`  // UF_CRM_STATE of a company
	Phone    string `json:"phone"`  // a working one, in the place of all
	Method   string `json:"method"` // that a fault befalls
	Skip     int    `json:"skip"`
	Times    int    `json:"times"`
	Number   string `json:"number"`
	Incoming bool   `json:"incoming"`
	Call     string `json:"call"`
	User     int    `json:"user"`
	Seconds  int    `json:"seconds"` // of a call, of a slow answer, of a refusal
	Code     string `json:"code"`    // with which a call ends

	Unkind []string `json:"unkind"` // the ways in which the portal is unkind from now on
}

// control is how a browser test steers the portal. GET /sim/seen returns what it was
// asked; POST with an order as JSON to /sim/add, change, remove, fault, mend,
// expire, revoke, ring, answer, hangup or forget does what the method of that name
// does.
func (p *Portal) control(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/sim/")
	if r.Method == http.MethodGet && name == "seen" {
		reply(w, map[string]any{"requests": p.Requests(), "writes": p.Writes(), "busy": p.Busy(),
			"deliveries": p.Deliveries(), "calls": p.Calls(), "bound": p.Bound(), "finished": p.Finished()})
		return
	}
	var o order
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err == nil && len(body) > 0 {
		err = json.Unmarshal(body, &o)
	}
	do, known := orders[name]
	if err != nil || !known || r.Method != http.MethodPost {
		http.Error(w, "no such order", http.StatusBadRequest)
		return
	}
	if o.By == 0 {
		o.By = 1
	}
	reply(w, do(p, &o))
}

func reply(w http.ResponseWriter, what any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(what)
}

var orders = map[string]func(*Portal, *order) any{
	"add": func(p *Portal, o *order) any {
		var r Record
		o.fill(&r)
		if p.kinds[o.Kind] == nil {
			return map[string]any{"error": "unknown kind"}
		}
		return map[string]int{"id": p.Add(o.Kind, o.By, r)}
	},
	"change": func(p *Portal, o *order) any {
		return p.kinds[o.Kind] != nil && p.Change(o.Kind, o.By, o.ID, o.fill)
	},
	"remove": func(p *Portal, o *order) any { return p.kinds[o.Kind] != nil && p.Remove(o.Kind, o.ID) },
	"fault": func(p *Portal, o *order) any {
		p.Break(Fault{Kind: o.Kind, Method: o.Method, Skip: o.Skip, Times: o.Times, Delay: o.delay()})
		return true
	},
	"unkind": func(p *Portal, o *order) any {
		p.Unkind(o.Unkind...)
		p.Late(o.delay())
		return true
	},
	"mend":   func(p *Portal, _ *order) any { p.Mend(); return true },
	"expire": func(p *Portal, _ *order) any { p.Expire(); return true },
	"revoke": func(p *Portal, _ *order) any { p.Revoke(); return true },
	"forget": func(p *Portal, _ *order) any { p.Forget(); return true },
	"ring":   func(p *Portal, o *order) any { return map[string]string{"call": p.Ring(o.Number, o.Incoming)} },
	"answer": func(p *Portal, o *order) any { p.Answer(o.Call, o.User); return true },
	"hangup": func(p *Portal, o *order) any {
		p.HangUp(o.Call, o.Number, o.User, o.Seconds, or(o.Code, strconv.Itoa(200)))
		return true
	},
}

func (o *order) delay() time.Duration { return time.Duration(o.Seconds) * time.Second }

// fill copies the fields of an order into a record; other fields stay.
func (o *order) fill(r *Record) {
	for _, f := range []struct {
		into *string
		from string
	}{{&r.Title, o.Title}, {&r.Name, o.Name}, {&r.LastName, o.LastName}, {&r.Stage, o.Stage}} {
		if f.from != "" {
			*f.into = f.from
		}
	}
	if o.Owner != 0 {
		r.Owner = o.Owner
	}
	if o.Company != 0 {
		r.Company, r.Companies = o.Company, []int{o.Company}
	}
	if o.Phone != "" {
		r.Phones = []Multi{{Type: "WORK", Value: o.Phone}}
	}
	if o.State != "" {
		uf := map[string]any{"UF_CRM_STATE": o.State}
		for name, value := range r.UF {
			if name != "UF_CRM_STATE" {
				uf[name] = value
			}
		}
		r.UF = uf
	}
}
