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

// fakeCRM is a CRM under the control of a test.
type fakeCRM struct {
	mu       sync.Mutex
	now      func() time.Time
	records  map[Ref]Record
	hidden   map[Ref]bool   // exist, but are hidden from us
	odd      map[Ref]string // cannot be understood, and why
	undated  bool           // lists ignore the time of changes
	mixed    bool           // lists are in no order
	moved    string         // the address that it names
	users    []User
	tree     []Department
	fields   []StatusField
	stages   []Stage
	pageSize int
	fail     func(call string) error // the error of a call
	before   func(call string)       // runs before a call, without the lock
	asked    map[string]int
	found    []Ref
}

func newCRM(now func() time.Time) *fakeCRM {
	return &fakeCRM{now: now, records: map[Ref]Record{}, hidden: map[Ref]bool{},
		odd: map[Ref]string{}, pageSize: 3, asked: map[string]int{},
		stages: []Stage{
			{"NEW", "New", crm.StageNew},
			{"WORK", "In work", crm.StageInProcess},
			{"JUNK", "Junk", crm.StageFailed},
			{"CONVERTED", "Converted", crm.StageConverted},
		}}
}

// put adds or changes a record in the CRM in the name of a user.
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

func (c *fakeCRM) called(call string) error {
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

// failAll makes every call fail with an error, or none with nil.
func (c *fakeCRM) failAll(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fail = func(string) error { return err }
}

func (c *fakeCRM) About(context.Context) (About, error) {
	return About{Name: "Acme", URL: "https://portal.example/", User: "Robot", MovedTo: c.moved}, c.called("about")
}

func (c *fakeCRM) Staff(context.Context) (Staff, error) {
	err := c.called("staff")
	c.mu.Lock()
	defer c.mu.Unlock()
	return Staff{slices.Clone(c.tree), slices.Clone(c.users)}, err
}

func (c *fakeCRM) StatusFields(context.Context) ([]StatusField, error) {
	return c.fields, c.called("fields")
}

func (c *fakeCRM) Stages(context.Context) ([]Stage, error) { return c.stages, c.called("stages") }

func (c *fakeCRM) Page(ctx context.Context, q Query) (Page, error) {
	if err := c.called("page " + q.Kind.String()); err != nil {
		return Page{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var list []Record
	for ref, r := range c.records {
		if ref.Kind == q.Kind && !c.hidden[ref] && (c.undated || !r.ChangedAt.Before(q.Since)) {
			list = append(list, c.visible(r, q.StatusField))
		}
	}
	slices.SortFunc(list, func(a, b Record) int { return cmp.Compare(number(a.ID), number(b.ID)) })
	p := Page{Total: int64(len(list)), Unordered: c.mixed}
	from := 0
	for from < len(list) && q.After != "" && number(list[from].ID) <= number(q.After) {
		from++
	}
	to := min(len(list), from+c.pageSize)
	for _, r := range list[from:to] {
		if why, odd := c.odd[Ref{q.Kind, r.ID}]; odd {
			p.Unreadable = append(p.Unreadable, Unreadable{r.ID, why})
		} else {
			p.Records = append(p.Records, r)
		}
	}
	if to < len(list) {
		p.Next = list[to-1].ID
	}
	return p, ctx.Err()
}

// visible returns a record as it is read with a status field.
func (c *fakeCRM) visible(r Record, field string) Record {
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

// hide takes our right to see a record away, or returns it.
func (c *fakeCRM) hide(kind crm.Kind, id string, hidden bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hidden[Ref{kind, id}] = hidden
}

func (c *fakeCRM) Read(
	_ context.Context,
	kind crm.Kind,
	ids []string,
	field string,
) (got Reading, err error) {
	if err := c.called("read " + kind.String()); err != nil {
		return got, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range ids {
		r, known := c.records[Ref{kind, id}]
		why, odd := c.odd[Ref{kind, id}]
		switch {
		case odd:
			got.Unreadable = append(got.Unreadable, Unreadable{id, why})
		case known && c.hidden[r.ref()]:
			got.Hidden = append(got.Hidden, id)
		case known:
			got.Records = append(got.Records, c.visible(r, field))
		}
	}
	return got, nil
}

func (c *fakeCRM) Find(context.Context, phone.Number) ([]Ref, error) {
	return c.found, c.called("find")
}

func phonesOf(values ...string) (list []Phone) {
	for _, v := range values {
		list = append(list, Phone{Value: v, Kind: "work"})
	}
	return list
}
