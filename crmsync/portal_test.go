package crmsync

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"callhue/crm"
	"callhue/phone"
)

// fakeCRM is a CRM that does what a test tells it.
type fakeCRM struct {
	mu       sync.Mutex
	now      func() time.Time
	records  map[Ref]Record
	hidden   map[Ref]bool // there, and not shown to us
	users    []User
	tree     []Department
	fields   []StatusField
	stages   []Stage
	pageSize int
	fail     func(call string) error // what a call fails with
	before   func(call string)       // happens before a call, under no lock
	asked    map[string]int
	found    []Ref
}

func newCRM(now func() time.Time) *fakeCRM {
	return &fakeCRM{now: now, records: map[Ref]Record{}, hidden: map[Ref]bool{}, pageSize: 3, asked: map[string]int{},
		stages: []Stage{{"NEW", "New", crm.StageNew}, {"WORK", "In work", crm.StageInProcess}, {"JUNK", "Junk", crm.StageFailed}, {"CONVERTED", "Converted", crm.StageConverted}}}
}

// put adds or changes a record there, by a user of theirs.
func (c *fakeCRM) put(kind crm.Kind, id string, by string, change func(*Record)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	ref := Ref{kind, id}
	r, known := c.records[ref]
	if !known {
		r = Record{Kind: kind, ID: id, CreatedAt: c.now()}
	}
	r.Phones, r.Emails, r.CompanyIDs = slices.Clone(r.Phones), slices.Clone(r.Emails), slices.Clone(r.CompanyIDs)
	change(&r)
	r.ChangedAt, r.ChangedBy = c.now(), by
	c.records[ref] = r
}

func (c *fakeCRM) remove(kind crm.Kind, id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.records, Ref{kind, id})
}

func (c *fakeCRM) asks(call string) error {
	c.mu.Lock()
	before, fail := c.before, c.fail
	c.asked[call]++
	c.mu.Unlock()
	if before != nil {
		before(call)
	}
	if fail != nil {
		return fail(call)
	}
	return nil
}

// failing has every call fail, or none with nil.
func (c *fakeCRM) failing(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fail = func(string) error { return err }
}

func (c *fakeCRM) About(context.Context) (About, error) {
	return About{Name: "Acme", URL: "https://portal.example/", User: "Robot"}, c.asks("about")
}

func (c *fakeCRM) Staff(context.Context) (Staff, error) {
	err := c.asks("staff")
	c.mu.Lock()
	defer c.mu.Unlock()
	return Staff{slices.Clone(c.tree), slices.Clone(c.users)}, err
}

func (c *fakeCRM) StatusFields(context.Context) ([]StatusField, error) {
	return c.fields, c.asks("fields")
}

func (c *fakeCRM) Stages(context.Context) ([]Stage, error) { return c.stages, c.asks("stages") }

func (c *fakeCRM) Page(ctx context.Context, q Query) (Page, error) {
	if err := c.asks("page " + q.Kind.String()); err != nil {
		return Page{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var list []Record
	for ref, r := range c.records {
		if ref.Kind == q.Kind && !c.hidden[ref] && !r.ChangedAt.Before(q.Since) {
			list = append(list, c.shown(r, q.StatusField))
		}
	}
	slices.SortFunc(list, func(a, b Record) int { return cmp.Compare(number(a.ID), number(b.ID)) })
	p := Page{Total: int64(len(list))}
	from := 0
	for from < len(list) && q.After != "" && number(list[from].ID) <= number(q.After) {
		from++
	}
	to := min(len(list), from+c.pageSize)
	p.Records = list[from:to]
	if to < len(list) {
		p.Next = list[to-1].ID
	}
	return p, ctx.Err()
}

// shown is a record as it is read with a status field.
func (c *fakeCRM) shown(r Record, field string) Record {
	if field == "" {
		r.Status = ""
	}
	return r
}

func (r Record) ref() Ref { return Ref{r.Kind, r.ID} }

func number(id string) int64 {
	n, _ := strconv.ParseInt(id, 10, 64)
	return n
}

// hide takes the right to see a record away from us, or gives it back.
func (c *fakeCRM) hide(kind crm.Kind, id string, hidden bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hidden[Ref{kind, id}] = hidden
}

func (c *fakeCRM) Read(_ context.Context, kind crm.Kind, ids []string, field string) (list []Record, hidden []string, err error) {
	if err := c.asks("read " + kind.String()); err != nil {
		return nil, nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range ids {
		r, known := c.records[Ref{kind, id}]
		switch {
		case known && c.hidden[r.ref()]:
			hidden = append(hidden, id)
		case known:
			list = append(list, c.shown(r, field))
		}
	}
	return list, hidden, nil
}

func (c *fakeCRM) Find(context.Context, phone.Number) ([]Ref, error) {
	return c.found, c.asks("find")
}

func phonesOf(values ...string) (list []Phone) {
	for _, v := range values {
		list = append(list, Phone{Value: v, Kind: "work"})
	}
	return list
}
