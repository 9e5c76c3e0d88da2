package amocrm

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Request is one that was made.
type Request struct {
	At     time.Time
	Method string
	Path   string
	Query  string
	Status int // what it got; 0 where the answer was broken off, or is not there yet
}

// abuse is how many refused requests of a minute get the address blocked, for
// blockTime.
const (
	abuse     = 20
	blockTime = time.Minute
	maxBody   = 1 << 20
)

// Trouble makes requests fail.
type Trouble struct {
	Path  string // the beginning of their paths; "" for all
	Times int    // how many of them; 0 for all until Peace
	Skip  int    // how many go well before
	// Kind is an HTTP status ("429", "500"), or: "blocked" (403 as the web server in
	// front returns it), "garbage", "html" (200 with a page), "half" (broken off within
	// the answer), "reset" (before it), "slow", "long" (endless), "redirect", "empty" (204).
	Kind  string
	After time.Duration // Retry-After, or how slow
}

// Trouble begins some trouble.
func (a *Account) Trouble(t Trouble) {
	a.do(func() { a.troubles = append(a.troubles, &t) })
}

// Peace ends all trouble.
func (a *Account) Peace() { a.do(func() { a.troubles = nil }) }

// ServeHTTP answers as the account does.
func (a *Account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	seen := &watched{ResponseWriter: w}
	trouble, over, blocked, place := a.admit(r)
	defer a.do(func() { a.log[place].Status = seen.status })
	switch {
	case blocked:
		page(seen, http.StatusForbidden)
	case over:
		problem(seen, http.StatusTooManyRequests, "Too Many Requests", "")
	case trouble == nil:
		a.route(seen, r)
	case trouble.Kind == "slow":
		select {
		case <-time.After(trouble.After):
			a.route(seen, r)
		case <-r.Context().Done():
		}
	default:
		misbehave(seen, r, trouble)
	}
}

// admit logs a request, counts it against the limit, and finds whether it is in for
// trouble.
func (a *Account) admit(r *http.Request) (trouble *Trouble, over, blocked bool, place int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	at := a.opt.Now()
	recent := 0
	for i := len(a.log) - 1; i >= 0 && at.Sub(a.log[i].At) < time.Second; i-- {
		recent++
	}
	place = len(a.log)
	a.log = append(a.log, Request{At: at, Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery})
	if at.Before(a.blocked) {
		return nil, false, true, place
	}
	if recent >= a.opt.PerSecond {
		a.overruns = append(a.overruns, at)
		if n := len(a.overruns); n >= abuse && at.Sub(a.overruns[n-abuse]) < time.Minute {
			a.blocked = at.Add(blockTime)
		}
		return nil, true, false, place
	}
	return a.trouble(r), false, false, place
}

// trouble finds what a request is in for, nil for nothing.
func (a *Account) trouble(r *http.Request) *Trouble {
	for i, t := range a.troubles {
		switch {
		case !strings.HasPrefix(r.URL.Path, t.Path):
		case t.Skip > 0:
			t.Skip--
		default:
			if t.Times == 1 {
				a.troubles = append(a.troubles[:i:i], a.troubles[i+1:]...)
			}
			if t.Times > 0 {
				t.Times--
			}
			found := *t
			return &found
		}
	}
	return nil
}

// misbehave makes the trouble.
func misbehave(w *watched, r *http.Request, t *Trouble) {
	if t.After > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(t.After/time.Second)))
	}
	switch t.Kind {
	case "blocked":
		page(w, http.StatusForbidden)
	case "garbage":
		w.Header().Set("Content-Type", "application/hal+json")
		_, _ = io.WriteString(w, `{"_embedded": {"contacts": [{"id": "`)
	case "html":
		page(w, http.StatusOK)
	case "half":
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, `{"_page": 1, `)
		panic(http.ErrAbortHandler)
	case "reset":
		panic(http.ErrAbortHandler)
	case "long":
		blanks := strings.Repeat(" ", 1<<16)
		for range 1 << 10 {
			if _, err := io.WriteString(w, blanks); err != nil {
				return
			}
		}
	case "redirect":
		http.Redirect(w, r, "https://elsewhere.example"+r.URL.Path, http.StatusFound)
	case "empty":
		w.WriteHeader(http.StatusNoContent)
	default:
		status, err := strconv.Atoi(t.Kind)
		if err != nil {
			status = http.StatusInternalServerError
		}
		problem(w, status, http.StatusText(status), "trouble was asked for")
	}
}

// route leads a request to what answers it.
func (a *Account) route(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/oauth2/access_token" && r.Method == http.MethodPost {
		a.giveToken(w, r)
		return
	}
	if r.URL.Path == "/oauth" {
		a.consent(w, r)
		return
	}
	if !a.known(r) {
		problem(w, http.StatusUnauthorized, "Unauthorized", "Token has expired")
		return
	}
	path := strings.TrimSuffix(r.URL.Path, "/")
	switch r.Method + " " + path {
	case "GET /api/v4/account":
		a.giveAccount(w)
	case "GET /api/v4/users":
		a.giveUsers(w, r)
	case "GET /api/v4/companies", "GET /api/v4/contacts", "GET /api/v4/leads":
		a.giveRecords(w, r, Kind(strings.TrimPrefix(path, "/api/v4/")))
	case "GET /api/v4/companies/custom_fields":
		a.giveFields(w, r)
	case "GET /api/v4/leads/pipelines":
		a.givePipelines(w)
	case "GET /api/v4/webhooks":
		a.listHooks(w, r)
	case "POST /api/v4/webhooks":
		a.addHook(w, r)
	case "POST /api/v4/calls":
		a.takeCalls(w, r)
	case "POST /api/v2/events":
		a.takePopups(w, r)
	default:
		if id, ok := strings.CutPrefix(path, "/api/v4/users/"); ok && r.Method == http.MethodGet {
			a.giveUser(w, id)
			return
		}
		for _, kind := range []Kind{Companies, Contacts, Leads} {
			id, ok := strings.CutPrefix(path, "/api/v4/"+string(kind)+"/")
			if ok && id != "custom_fields" && id != "pipelines" && r.Method == http.MethodGet {
				a.giveRecord(w, r, kind, id)
				return
			}
		}
		if r.Method != http.MethodGet {
			a.do(func() { a.writes++ })
		}
		problem(w, http.StatusNotFound, "Not Found", "")
	}
}

// watched remembers the status of an answer.
type watched struct {
	http.ResponseWriter
	status int
}

func (w *watched) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *watched) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/hal+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the one who went away does not read it
}

func problem(w http.ResponseWriter, status int, title, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{
		"title": title, "type": "https://httpstatus.es/" + strconv.Itoa(status), "status": status, "detail": detail,
	})
}

// page is the answer of the web server in front of the account.
func page(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, "<html><head><title>"+strconv.Itoa(status)+"</title></head><body>nginx</body></html>")
}

// readBody decodes a request; false after it was refused.
func readBody(w http.ResponseWriter, r *http.Request, into any) bool {
	if err := json.NewDecoder(io.LimitReader(r.Body, maxBody)).Decode(into); err != nil {
		problem(w, http.StatusBadRequest, "Bad Request", "the body is no JSON")
		return false
	}
	return true
}
