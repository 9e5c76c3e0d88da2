// Package bitrix24 simulates a Bitrix24 portal for tests: the REST methods that we call,
// with the manners and the traps of the real ones, its OAuth server, its events,
// and the pages of it that hold ours in a frame.
//
// A Portal is an http.Handler. It holds companies, contacts, leads and users in
// memory, counts what it is asked, and can be made to fail in many ways. It is no
// part of the product and imports nothing of it, so that what both believe of a
// portal was written down twice.
//
// Read next: rest.go (a request), lists.go (filters and pages), batch.go,
// limits.go, events.go, control.go (how a browser test steers it).
package bitrix24

import (
	"net/http"
	"strings"
	"sync"
	"time"
)

// Options of a Portal; the zero value is a portal without clients.
type Options struct {
	Companies, Contacts, Leads int
	Users                      int // 5 if 0; the first is an admin
	Departments                int // 2 if 0

	Rate  float64 // requests a second; 2 if 0, no limit below 0
	Burst float64 // 50 if 0
	Cost  float64 // seconds that a method takes, for the limit of 480 in ten minutes

	TokenLife      time.Duration // an hour if 0
	NoItems        bool          // an old portal, without crm.item.list
	HideExtensions bool          // user.get keeps internal numbers back
	Now            func() time.Time
	Zone           *time.Location // of the portal's times; three hours east of Greenwich if nil
	Deliver        *http.Client   // sends events; of five seconds if nil
}

// Portal is a portal.
type Portal struct {
	opt    Options
	mux    *http.ServeMux
	events sync.WaitGroup // deliveries under way

	mu          sync.Mutex
	address     string
	kinds       map[string]*shelf
	users       []*User
	departments []Department
	directories map[string][]Entry
	fields      []UserField

	access, refresh map[string]token
	made            int // of ids and secrets, so that none is like another

	bucket    bucket
	operating map[string]*spent
	faults    []*Fault
	unkind    map[string]bool
	late      time.Duration

	requests   []Request
	writes     int
	busy       int
	blocked    int
	handlers   []handler
	placements []placement
	deliveries []Delivery
	finished   bool
	calls      map[string]*Call
	later      []func() // to be done behind the request that is under way
}

// What a portal is known by; the same in every one.
const (
	Member           = "0123456789abcdef0123456789abcdef"
	ClientID         = "local.0123456789abcd.01234567"
	ClientSecret     = "clientsecretclientsecret"
	ApplicationToken = "applicationtokenapplicationtoken"
	WebhookSecret    = "webhooksecret1"
)

// New makes a portal.
func New(o Options) *Portal {
	if o.Users == 0 {
		o.Users = 5
	}
	if o.Departments == 0 {
		o.Departments = 2
	}
	if o.Rate == 0 {
		o.Rate = 2
	}
	if o.Burst == 0 {
		o.Burst = 50
	}
	if o.TokenLife == 0 {
		o.TokenLife = time.Hour
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Deliver == nil {
		o.Deliver = &http.Client{Timeout: 5 * time.Second}
	}
	p := &Portal{opt: o, mux: http.NewServeMux(), access: map[string]token{}, refresh: map[string]token{},
		operating: map[string]*spent{}, calls: map[string]*Call{}}
	p.seed()
	p.mux.HandleFunc("/rest/", p.rest)
	p.mux.HandleFunc("/oauth/token/", p.oauth)
	p.mux.HandleFunc("/sim/", p.control)
	p.pages()
	return p
}

// ServeHTTP answers as the portal, and as its OAuth server at /oauth/token/.
func (p *Portal) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.mux.ServeHTTP(w, r) }

// Listens sets where the portal can be reached, such as http://127.0.0.1:7001; its
// events and pages contain it.
func (p *Portal) Listens(address string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.address = strings.TrimRight(address, "/")
}

// Address is where the portal can be reached.
func (p *Portal) Address() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.address
}

// Webhook is the URL of an incoming webhook of the first user, an admin.
func (p *Portal) Webhook() string { return p.Address() + "/rest/1/" + WebhookSecret + "/" }

// OAuth is where tokens are renewed.
func (p *Portal) OAuth() string { return p.Address() + "/oauth/token/" }

// Request is one that the portal was asked.
type Request struct {
	Method   string   // such as crm.company.list, or batch
	Commands []string // the methods in a batch, in their order
	User     int      // the asking user; 0 where no one was recognised
	Status   int      // of the answer
}

// Requests returns all REST requests since the start or the last Forget.
func (p *Portal) Requests() []Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Request(nil), p.requests...)
}

// Writes counts the requests that wanted to add, change or remove a record. None
// is done.
func (p *Portal) Writes() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.writes
}

// Busy counts the requests that were over the limit (503 QUERY_LIMIT_EXCEEDED), as
// far as no Fault made them so.
func (p *Portal) Busy() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.busy
}

// Blocked counts the requests and the parts of batches that were refused because
// their method had run for too long (429 OPERATION_TIME_LIMIT), as far as no Fault
// made them so.
func (p *Portal) Blocked() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.blocked
}

// Forget clears what Requests, Writes, Busy, Blocked and Deliveries return.
func (p *Portal) Forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests, p.writes, p.busy, p.blocked, p.deliveries = nil, 0, 0, 0, nil
}
