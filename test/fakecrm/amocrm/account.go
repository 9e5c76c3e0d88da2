// Package amocrm simulates an amoCRM account, for tests: its API v4 as far as Callhue
// uses it, its limits, its sign-in and its webhooks. It is no part of the product.
//
// New makes an Account, an http.Handler. Tests fill it with Add, change it with
// Change and Remove (its webhooks are posted then, as the real ones are), make it
// misbehave with Trouble, and read from Log, Writes, Calls and Popups what was done
// to it. Read next: serve.go (authentication and limits), lists.go, records.go.
package amocrm

import (
	"cmp"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Options make an account. The zero value of each is a sensible one.
type Options struct {
	Now       func() time.Time
	ID        int64
	Name      string
	Subdomain string
	Token     string // a long-lived token; "" for none

	ClientID  string // of the integration
	Secret    string
	Redirect  string
	TokenLife time.Duration // of an access token: 24 hours

	PerSecond int          // requests: 7
	Hooks     *http.Client // posts the webhooks
}

// Kind of a record, as the account's addresses spell it.
type Kind string

// The kinds.
const (
	Companies Kind = "companies"
	Contacts  Kind = "contacts"
	Leads     Kind = "leads"
)

// singular is how the names of webhooks' events spell a kind.
var singular = map[Kind]string{Companies: "company", Contacts: "contact", Leads: "lead"}

// Value of a telephone or e-mail field.
type Value struct{ Text, Code string }

// Record is a company, contact or lead.
type Record struct {
	ID          int64
	Name        string
	Responsible int64
	UpdatedBy   int64 // 0 is the robot
	CreatedAt   time.Time
	UpdatedAt   time.Time
	Phones      []Value
	Emails      []Value
	Post        string           // of a contact
	Companies   []int64          // of a contact or lead
	Contacts    []int64          // of a lead; the first is the main one
	Status      int64            // of a lead
	Pipeline    int64            // of a lead
	Entries     map[int64]int64  // by field: the entry of a list
	Texts       map[int64]string // by field: a text
	deleted     bool
}

// User works in the account.
type User struct {
	ID            int64
	Name, Email   string
	Active, Admin bool
	Group         int64 // 0 is the group that every account begins with
}

// Group of users.
type Group struct {
	ID   int64
	Name string
}

// Entry of a field that is a list.
type Entry struct {
	ID   int64
	Name string
}

// Field is a custom field of companies.
type Field struct {
	ID      int64
	Name    string
	Type    string // select, radiobutton, multiselect, text ...
	Entries []Entry
}

// Status is a stage of a pipeline. Type 1 is where new leads arrive.
type Status struct {
	ID   int64
	Name string
	Type int
}

// Pipeline of leads.
type Pipeline struct {
	ID       int64
	Name     string
	Statuses []Status
}

// Account is a simulated account. It may be used by many goroutines.
type Account struct {
	opt Options

	mu        sync.Mutex
	records   map[Kind][]*Record // in the order of ids
	lastID    int64
	users     []User
	groups    []Group
	fields    []Field
	pipelines []Pipeline
	current   int64 // the user of the token
	hooks     []*hook
	posted    []Delivery
	troubles  []*Trouble
	unkind    map[string]bool
	late      time.Duration
	log       []Request
	calls     []Call
	popups    []Popup
	writes    int

	codes    map[string]time.Time // until when
	access   map[string]time.Time // until when
	refresh  map[string]bool
	secrets  int
	overruns []time.Time
	blocked  time.Time
}

// New makes an account with one administrator, one group and one pipeline.
func New(opt Options) *Account {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.ID == 0 {
		opt.ID = 12345
	}
	if opt.Subdomain == "" {
		opt.Subdomain = "demo"
	}
	if opt.Name == "" {
		opt.Name = "Demo"
	}
	if opt.TokenLife == 0 {
		opt.TokenLife = 24 * time.Hour
	}
	if opt.PerSecond == 0 {
		opt.PerSecond = 7
	}
	if opt.Hooks == nil {
		opt.Hooks = &http.Client{Timeout: 5 * time.Second}
	}
	return &Account{
		opt: opt, records: map[Kind][]*Record{}, lastID: 7000, current: 300,
		codes: map[string]time.Time{}, access: map[string]time.Time{}, refresh: map[string]bool{},
		users:  []User{{ID: 300, Name: "Admin", Email: "admin@portal.example", Active: true, Admin: true}},
		groups: []Group{{0, "Sales"}},
		pipelines: []Pipeline{{3100, "Main", []Status{
			{31000, "Incoming", 1}, {31001, "First talk", 0}, {31002, "Offer", 0}, {142, "Won", 0}, {143, "Lost", 0},
		}}},
	}
}

// AddUser, AddGroup, AddField and AddPipeline fill the account.
func (a *Account) AddUser(u User) { a.do(func() { a.users = append(a.users, u) }) }

// AddGroup adds a group of users.
func (a *Account) AddGroup(g Group) { a.do(func() { a.groups = append(a.groups, g) }) }

// AddField adds a custom field of companies.
func (a *Account) AddField(f Field) { a.do(func() { a.fields = append(a.fields, f) }) }

// AddPipeline adds a pipeline of leads.
func (a *Account) AddPipeline(p Pipeline) { a.do(func() { a.pipelines = append(a.pipelines, p) }) }

// SignInAs makes the token another user's.
func (a *Account) SignInAs(user int64) { a.do(func() { a.current = user }) }

func (a *Account) do(f func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f()
}

// Fill adds records that were there before: no webhook is posted. An id of 0 is assigned.
func (a *Account) Fill(kind Kind, records ...Record) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, r := range records {
		a.insert(kind, r)
	}
}

// Add adds a record, posts its webhook and returns the id.
func (a *Account) Add(kind Kind, r Record) int64 {
	a.mu.Lock()
	stored := *a.insert(kind, r)
	a.mu.Unlock()
	a.post(kind, "add", stored)
	return stored.ID
}

func (a *Account) insert(kind Kind, r Record) *Record {
	now := a.opt.Now()
	if r.ID == 0 {
		a.lastID++
		r.ID = a.lastID
	}
	a.lastID = max(a.lastID, r.ID)
	if r.CreatedAt.IsZero() {
		r.CreatedAt = now
	}
	if r.UpdatedAt.IsZero() {
		r.UpdatedAt = now
	}
	at, _ := a.search(kind, r.ID)
	a.records[kind] = slices.Insert(a.records[kind], at, &r)
	return &r
}

// Change changes a record as a user (0: the robot) and posts its webhooks.
func (a *Account) Change(kind Kind, id, by int64, f func(*Record)) {
	a.mu.Lock()
	r := a.find(kind, id)
	if r == nil {
		a.mu.Unlock()
		return
	}
	before := *r
	f(r)
	r.UpdatedAt, r.UpdatedBy = a.opt.Now(), by
	after := *r
	a.mu.Unlock()
	a.post(kind, "update", after)
	if before.Responsible != after.Responsible {
		a.post(kind, "responsible", after)
	}
	if before.Status != after.Status {
		a.post(kind, "status", after)
	}
}

// Remove removes a record, and Restore brings it back; their webhooks are posted.
func (a *Account) Remove(kind Kind, id int64) { a.setRemoved(kind, id, true, "delete") }

// Restore brings a removed record back.
func (a *Account) Restore(kind Kind, id int64) { a.setRemoved(kind, id, false, "restore") }

func (a *Account) setRemoved(kind Kind, id int64, gone bool, event string) {
	a.mu.Lock()
	r := a.find(kind, id)
	if r == nil || r.deleted == gone {
		a.mu.Unlock()
		return
	}
	r.deleted, r.UpdatedAt = gone, a.opt.Now()
	stored := *r
	a.mu.Unlock()
	a.post(kind, event, stored)
}

func (a *Account) find(kind Kind, id int64) *Record {
	if at, there := a.search(kind, id); there {
		return a.records[kind][at]
	}
	return nil
}

func (a *Account) search(kind Kind, id int64) (at int, there bool) {
	return slices.BinarySearchFunc(a.records[kind], id, func(r *Record, id int64) int { return cmp.Compare(r.ID, id) })
}

// Writes counts the requests that would have changed a record. There must be none.
func (a *Account) Writes() (n int) {
	a.do(func() { n = a.writes })
	return n
}

// Log returns all requests so far.
func (a *Account) Log() (log []Request) {
	a.do(func() { log = slices.Clone(a.log) })
	return log
}

// Calls returns the logged calls.
func (a *Account) Calls() (calls []Call) {
	a.do(func() { calls = slices.Clone(a.calls) })
	return calls
}

// Popups returns the notifications of calls.
func (a *Account) Popups() (popups []Popup) {
	a.do(func() { popups = slices.Clone(a.popups) })
	return popups
}
