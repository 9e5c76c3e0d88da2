package bitrix24

import (
	"net/http"
	"strings"
	"time"
)

// The ways in which a portal can be made to fail.
const (
	Garbage   = "garbage"   // bytes that are no JSON
	HTML      = "html"      // the page of a proxy, status 200
	Empty     = "empty"     // an empty body
	Half      = "half"      // half of an answer, and the connection is cut
	Error500  = "500"       // the page of a server that fails
	Slow      = "slow"      // the answer comes after Delay
	Limit     = "limit"     // 503 QUERY_LIMIT_EXCEEDED
	Operating = "operating" // 429 OPERATION_TIME_LIMIT, for Delay
	Redirect  = "redirect"  // to another host
	Null      = "null"      // {"result":null}
	Denied    = "denied"    // 401 insufficient_scope
	Gone      = "gone"      // 401 NO_AUTH_FOUND: the application was removed
	Nothing   = "nothing"   // the connection is cut without a byte
)

// Fault is a failure to come.
type Fault struct {
	Kind   string
	Method string // the request it befalls; any if empty. Those inside of a batch too, for limit, operating and denied
	Skip   int    // how many such requests go well before
	Times  int    // how many fail; all if 0
	Delay  time.Duration
	hits   int
}

// Break makes requests fail; faults set before stay.
func (p *Portal) Break(f Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = append(p.faults, &f)
}

// Mend ends all faults.
func (p *Portal) Mend() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = nil
}

// fault returns the one that befalls a request, nil for none. inside: of a batch.
func (p *Portal) fault(method string, inside bool) *Fault {
	for _, f := range p.faults {
		if f.Method != "" && !strings.EqualFold(f.Method, method) || inside && (f.Method == "" || !f.parts()) {
			continue
		}
		f.hits++
		if f.hits > f.Skip && (f.Times == 0 || f.hits <= f.Skip+f.Times) {
			return f
		}
	}
	return nil
}

func (f *Fault) parts() bool { return f.Kind == Limit || f.Kind == Operating || f.Kind == Denied }

// refused returns the fault as a portal's refusal, nil if it is none.
func (f *Fault) refused(p *Portal) *refusal {
	switch f.Kind {
	case Limit:
		return &refusal{http.StatusServiceUnavailable, "QUERY_LIMIT_EXCEEDED", "Too many requests", nil}
	case Operating:
		return &refusal{http.StatusTooManyRequests, "OPERATION_TIME_LIMIT",
			"Method is blocked due to operation time limit.", &spent{operatingLimit + 1, p.opt.Now().Add(f.Delay)}}
	case Denied:
		return &refusal{http.StatusUnauthorized, "insufficient_scope",
			"The request requires higher privileges than provided by the access token", nil}
	case Gone:
		return &refusal{http.StatusUnauthorized, "NO_AUTH_FOUND", "Wrong authorization data", nil}
	}
	return nil
}

// spoil writes a broken answer. False: this fault breaks nothing.
func (f *Fault) spoil(w http.ResponseWriter, r *http.Request) bool {
	switch f.Kind {
	case Garbage:
		w.Header().Set("Content-Type", "application/json")
		w.Write([]byte("\x00\xff{{\"result\":"))
	case HTML:
		w.Header().Set("Content-Type", "text/html")
		w.Write([]byte("<!doctype html><title>Welcome</title>"))
	case Empty:
		w.WriteHeader(http.StatusOK)
	case Null:
		w.Header().Set("Content-Type", "application/json")
		w.Write([]byte(`{"result":null}`))
	case Error500:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusBadGateway)
		w.Write([]byte("<h1>502 Bad Gateway</h1>"))
	case Redirect:
		w.Header().Set("Location", "http://elsewhere.example/rest/")
		w.WriteHeader(http.StatusTemporaryRedirect)
	case Half:
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", "1000")
		w.Write([]byte(`{"result":[{"ID":"1","TITLE":"Comp`))
		panic(http.ErrAbortHandler)
	case Nothing:
		panic(http.ErrAbortHandler)
	default:
		if f.Kind == Slow {
			select {
			case <-time.After(f.Delay):
			case <-r.Context().Done():
			}
		}
		return false
	}
	return true
}
