package calls

import (
	"context"
	"crypto/rand"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"callhue/crm"
	"callhue/incidents"
	"callhue/internal/access"
	"callhue/internal/secrets"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/lookup"
	"callhue/permits"
	"callhue/policy"
	"callhue/rules"
	"callhue/staff"
	"callhue/statuses"
	"callhue/test/house"
)

// office is the small world of the worked examples: departments A (head Igor; Anna, Boris) and B (head Oleg; Vera), and
// their clients.
type office struct {
	t         *testing.T
	db        *store.DB
	journal   *journal.Journal
	roster    *staff.Roster
	book      *crm.Records
	board     *permits.Registry
	policy    *policy.Versions
	incidents *incidents.Registry
	desk      *Tracker
	origin    Origin
	admin     *access.User
	user      map[string]*staff.User
	dir       *statuses.Directory
	clock     atomic.Int64 // ms

	mu    sync.Mutex
	heard []journal.Entry
}

// The numbers of the worked examples.
const (
	p1 = "+7 495 000-10-01" // on Вектор
	p2 = "+7 495 000-10-02" // on the contact Петров of Вектор
	p3 = "+7 495 000-10-03" // on the contact Сидоров, of no company
	p4 = "+7 495 000-10-04" // on a lead of Vera's
	p5 = "+7 495 000-10-05" // on Ноль, of Vera's, waiting
	p6 = "+7 495 000-10-06" // on Вектор since January, on Boris's Дельта since March
	p7 = "+7 495 000-10-07" // nowhere
)

func inOffice(t *testing.T, test func(o *office)) {
	store.Test(t, func(t *testing.T, db *store.DB) { inOfficeOf(t, db, test) })
}

func inOfficeOf(t *testing.T, db *store.DB, test func(o *office)) {
	o := &office{t: t, db: db, user: map[string]*staff.User{}}
	o.clock.Store(time.Date(2026, 1, 12, 9, 0, 0, 0, time.UTC).UnixMilli())
	db.Clock = func() time.Time { return time.UnixMilli(o.clock.Load()) }
	o.furnish()
	test(o)
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) furnish() {
	ctx := context.Background()
	h := house.Join(o.t, o.db)
	h.DB.Clock = o.db.Clock
	o.db, o.journal, o.roster, o.dir, o.book = h.DB, h.Journal, h.Roster, h.Directory, h.Records
	running, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { _ = o.journal.Run(running); close(done) }()
	o.t.Cleanup(func() { stop(); <-done })
	o.journal.Listen(func(list []journal.Entry) {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.heard = append(o.heard, list...)
	})
	seal, err := secrets.NewSeal(make([]byte, 32), rand.Reader)
	o.must(err)
	finder := lookup.New(o.db, o.dir, o.journal, lookup.Options{Budget: time.Minute})
	o.board = permits.New(o.db, o.journal, o.roster, o.book, house.Log())
	o.policy = policy.New(o.db, o.journal, o.roster, o.dir, rules.Default())
	o.board.HoursFrom(o.policy.PermitHours)
	o.incidents = incidents.New(o.db, o.journal, o.roster, o.book, o.policy)
	o.desk = New(Parts{DB: o.db, Journal: o.journal, Roster: o.roster, Records: o.book, Finder: finder, Permits: o.board, Policy: o.policy,
		Incidents: o.incidents, Plan: h.Plan, Log: house.Log(), Seal: seal})
	o.origin = Origin{Name: "office", Plan: h.Plan}
	o.hire(h)
	o.clients()
}

func (o *office) hire(h *house.Parts) {
	user := func(login string, department int64, role access.Role) *access.User {
		extension := map[string]string{"anna": "101", "boris": "102", "vera": "103"}[login]
		u := h.Add(staff.NewUser{Login: login, Name: login, Roles: access.Roles{role}, DepartmentID: department,
			Extension: extension, Language: "en"})
		found, err := o.roster.Find(context.Background(), u.ID)
		o.must(err)
		o.user[login] = found
		return u
	}
	top := h.Department("Sales", 0)
	for _, d := range []struct {
		name, head string
		agents     []string
	}{{"A", "igor", []string{"anna", "boris"}}, {"B", "oleg", []string{"vera"}}} {
		department := h.Department(d.name, top)
		for _, login := range d.agents {
			user(login, department, access.Agent)
		}
		h.Head(department, user(d.head, department, access.Agent))
	}
	o.admin = user("admin", 0, access.Admin)
}

func (o *office) clients() {
	ctx := context.Background()
	phones := func(list ...string) (all []crm.Phone) {
		for _, p := range list {
			all = append(all, crm.Phone{Value: p})
		}
		return all
	}
	company := func(name, owner, status string, numbers ...string) int64 {
		c, err := o.book.AddCompany(ctx, o.admin, crm.NewCompany{Name: name, OwnerID: o.user[owner].ID, Status: status, Phones: phones(numbers...)})
		o.must(err)
		return c.ID
	}
	vector := company("Вектор", "anna", "IN_WORK", p1, p6)
	_, err := o.book.AddContact(ctx, o.admin, crm.NewContact{Name: "Петров", OwnerID: o.user["anna"].ID, CompanyIDs: []int64{vector}, Phones: phones(p2)})
	o.must(err)
	_, err = o.book.AddContact(ctx, o.admin, crm.NewContact{Name: "Сидоров", OwnerID: o.user["anna"].ID, Phones: phones(p3)})
	o.must(err)
	_, err = o.book.AddLead(ctx, o.admin, crm.NewLead{Title: "Заявка 7", OwnerID: o.user["vera"].ID, Phones: phones(p4)})
	o.must(err)
	company("Ноль", "vera", "", p5)
	o.clock.Store(time.Date(2026, 3, 12, 10, 11, 0, 0, time.UTC).UnixMilli())
	company("Дельта", "boris", "IN_WORK", p6)
}

// check returns the card of a number for a login.
func (o *office) check(number, login string) Card {
	o.t.Helper()
	card, err := o.desk.Check(context.Background(), Question{Number: o.desk.Plan.Parse(number), Agent: o.user[login], Direction: rules.Out})
	o.must(err)
	return card
}

// hear has the office's PBX send an event.
func (o *office) hear(e Event) Card {
	o.t.Helper()
	card, err := o.desk.Handle(context.Background(), o.origin, e)
	o.must(err)
	return card
}

// mark returns the present end of what was delivered; since returns what came after one.
func (o *office) mark() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.heard)
}

func (o *office) since(mark int) []journal.Entry {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.heard[mark:])
}

// verbs returns the verbs that were recorded since the mark.
func (o *office) verbs(mark int) (list []string) {
	for _, e := range o.since(mark) {
		list = append(list, string(e.Verb))
	}
	return list
}

func TestWorkedExamples(t *testing.T) {
	inOffice(t, func(o *office) {
		for _, c := range []struct {
			login, number string
			color         rules.Color
			why           rules.Why
			banner        bool
		}{
			{"anna", p1, rules.None, rules.WhyOwn, false},
			{"boris", p1, rules.Red, rules.WhyForeignInWork, false},
			{"igor", p1, rules.Red, rules.WhySupervisor, false},
			{"admin", p1, rules.Red, rules.WhyAdmin, false},
			{"vera", p2, rules.Red, rules.WhyForeignInWorkViaContact, false},
			{"anna", p2, rules.Yellow, rules.WhyContactOwnCompany, false},
			{"boris", p3, rules.Yellow, rules.WhyContactNoCompany, false},
			{"boris", p4, rules.Blue, rules.WhyLeadOnly, false},
			{"boris", p5, rules.None, rules.WhyForeignFree, true},
			{"boris", p6, rules.Red, rules.WhySharedNumber, false},
			{"anna", p6, rules.None, rules.WhySharedNumber, true},
			{"boris", p7, rules.None, rules.WhyUnknown, false},
			{"boris", "101", rules.None, rules.WhyInternal, false},
			{"boris", "anonymous", rules.None, rules.WhyHidden, false},
			{"boris", "8 (495) 000-10-01", rules.Red, rules.WhyForeignInWork, false},
		} {
			v := o.check(c.number, c.login).Verdict
			if v.Color != c.color || v.Why != c.why || v.Banner != c.banner {
				t.Errorf("%s -> %s: %s %s banner %v (row %s), want %s %s %v", c.login, c.number, v.Color, v.Why, v.Banner, v.Row, c.color, c.why, c.banner)
			}
			if v.Title == "" {
				t.Errorf("%s -> %s: the card has no words", c.login, c.number)
			}
		}
	})
}

func TestAChangeIsSeenByTheNextCheck(t *testing.T) {
	inOffice(t, func(o *office) {
		card := o.check(p1, "boris")
		if card.Verdict.Color != rules.Red {
			t.Fatalf("before: %s", card.Verdict.Color)
		}
		c, err := o.book.FindCompany(context.Background(), card.Subject.ID)
		o.must(err)
		igor := &access.User{ID: o.user["igor"].ID, Login: "igor", Roles: o.user["igor"].Roles}
		_, err = o.book.SetStatus(context.Background(), igor, c.ID, "WAITING", "they paused", c.Version)
		o.must(err)
		if v := o.check(p1, "boris").Verdict; v.Color != rules.None || v.Why != rules.WhyForeignFree || !v.Banner {
			t.Errorf("after Igor set the company to waiting: %s %s, want none with a banner", v.Color, v.Why)
		}
	})
}
