package lookup

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/rules"
	"callhue/statuses"
	"callhue/test/house"
)

// fixture is a Finder over a database with an owner and an admin.
type fixture struct {
	*Finder
	*house.Parts
	t      *testing.T
	admin  *access.User
	owner  int64
	counts prometheus.Gatherer
}

func withFinder(t *testing.T, opt Options, test func(d *fixture)) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		d := &fixture{t: t, Parts: house.Join(t, db)}
		d.DB.Clock = time.Now // the journal is followed in real time
		d.Journal.Register(crm.Verbs()...)
		running, stop := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() { _ = d.Journal.Run(running); close(done) }()
		t.Cleanup(func() { stop(); <-done })
		d.admin, d.owner = d.User("admin", 0, access.Admin), d.User("ivanov", 0).ID
		registry := prometheus.NewRegistry()
		opt.Metrics, d.counts = registry, registry
		if opt.Budget == 0 {
			opt.Budget = time.Minute // a loaded machine must not look like a slow database
		}
		d.Finder = New(d.DB, d.Directory, d.Journal, opt)
		d.silence = time.Minute                 // a loaded machine must not look like a silent journal
		for d.Journal.SinceRead() > d.silence { // memory is used only while the journal is followed
			time.Sleep(time.Millisecond)
		}
		test(d)
	})
}

func (d *fixture) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *fixture) find(number string) *Match {
	d.t.Helper()
	m, err := d.Find(context.Background(), d.Plan.Parse(number).Key(), 0)
	d.must(err)
	return m
}

func (d *fixture) hits() float64 { return testutil.ToFloat64(d.hit) }

func phones(numbers ...string) (list []crm.Phone) {
	for _, n := range numbers {
		list = append(list, crm.Phone{Value: n})
	}
	return list
}

const n1, n2 = "+7 495 000-20-01", "+7 495 000-20-02"

func TestOneNumberOnEveryKindOfRecord(t *testing.T) {
	withFinder(t, Options{}, func(d *fixture) {
		ctx := context.Background()
		acme, err := d.Records.AddCompany(
			ctx,
			d.admin,
			crm.NewCompany{Name: "Acme", OwnerID: d.owner, Status: "IN_WORK", Phones: phones(n1)},
		)
		d.must(err)
		beta, err := d.Records.AddCompany(ctx, d.admin, crm.NewCompany{Name: "Beta", OwnerID: d.owner})
		d.must(err)
		contact, err := d.Records.AddContact(
			ctx,
			d.admin,
			crm.NewContact{Name: "Smith", CompanyIDs: []int64{beta.ID, acme.ID}, Phones: phones(n1)},
		)
		d.must(err)
		lead, err := d.Records.AddLead(ctx, d.admin, crm.NewLead{Title: "Order", Phones: phones(n1)})
		d.must(err)
		m := d.find("8 (495) 000-20-01")
		if len(m.Companies) != 2 || len(m.Contacts) != 1 || len(m.Leads) != 1 {
			t.Fatalf("found %+v", m)
		}
		for _, c := range m.Companies {
			switch c.ID {
			case acme.ID:
				if len(c.Links) != 2 || c.Status.Effect != rules.EffectRed || c.Status.Code != "IN_WORK" ||
					c.Owner != d.owner {
					t.Errorf("Acme is reached directly and through Smith: %+v", c)
				}
			case beta.ID:
				if len(c.Links) != 1 || c.Links[0].Via != rules.ViaContact || c.Links[0].Record != contact.ID ||
					c.Status.Effect != rules.EffectBanner {
					t.Errorf("Beta is reached through Smith: %+v", c)
				}
			}
		}
		if c := m.Contacts[0]; len(c.Companies) != 2 || c.Companies[0].Primary == c.Companies[1].Primary {
			t.Errorf("Smith has one primary company of two: %+v", c)
		}
		if m.Leads[0].ID != lead.ID || m.Leads[0].Finished {
			t.Errorf("the lead: %+v", m.Leads[0])
		}
		if !d.find(n2).Empty() {
			t.Error("a number on no record")
		}
	})
}

func TestWhatIsInMemoryFollowsEveryChange(t *testing.T) {
	withFinder(t, Options{}, func(d *fixture) {
		ctx := context.Background()
		if !d.find(n1).Empty() {
			t.Fatal("nothing yet")
		}
		d.find(n1)
		if d.hits() != 1 {
			t.Errorf("hits = %v: the second look must be answered from memory, also for an unknown number", d.hits())
		}
		c, err := d.Records.AddCompany(ctx, d.admin, crm.NewCompany{Name: "Acme", Phones: phones(n1)})
		d.must(err)
		if m := d.find(n1); len(m.Companies) != 1 {
			t.Errorf("a new record on an unknown number: %+v", m)
		}
		d.find(n1)
		status, err := d.Records.SetStatus(ctx, d.admin, c.ID, "IN_WORK", "", c.Version)
		d.must(err)
		if m := d.find(n1); m.Companies[0].Status.Code != "IN_WORK" {
			t.Errorf("a new status: %+v", m.Companies[0])
		}
		set, err := d.Directory.Set(ctx)
		d.must(err)
		yellow := rules.EffectYellow
		_, err = d.Directory.Change(ctx, access.System(), "IN_WORK",
			statuses.StatusChange{Version: set.ByCode("IN_WORK").Version, CardEffect: &yellow})
		d.must(err)
		if m := d.find(n1); m.Companies[0].Status.Effect != rules.EffectYellow {
			t.Errorf("the directory changed: %+v", m.Companies[0].Status)
		}
		moved := phones(n2)
		_, err = d.Records.ChangeCompany(ctx, d.admin, c.ID, crm.CompanyChange{Phones: &moved, Version: status.Version})
		d.must(err)
		if m := d.find(n1); !m.Empty() {
			t.Errorf("the number went to another: %+v", m)
		}
		if m := d.find(n2); len(m.Companies) != 1 {
			t.Errorf("the new number: %+v", m)
		}
		d.memory.mu.Lock()
		defer d.memory.mu.Unlock()
		if n := len(d.memory.mention); n != 1 {
			t.Errorf("%d records are remembered for %d numbers in memory", n, d.memory.matches.ItemCount())
		}
	})
}

func TestAMatchReadBeforeAChangeIsNotKept(t *testing.T) {
	withFinder(t, Options{}, func(d *fixture) {
		key := d.Plan.Parse(n1).Key()
		age := d.memory.age.Load()
		stale := d.find(n2) // as if read now…
		_, err := d.Records.AddCompany(context.Background(), d.admin, crm.NewCompany{Name: "Acme", Phones: phones(n1)})
		d.must(err)
		d.memory.add(cacheKey(key), stale, age) // …and stored after the commit
		if m := d.find(n1); len(m.Companies) != 1 {
			t.Errorf("a stale match was kept: %+v", m)
		}
	})
}

func TestTheMemoryIsBounded(t *testing.T) {
	const most, first, last = 5, int64(74950002100), int64(74950002120)
	withFinder(t, Options{Most: most}, func(d *fixture) {
		inMemory := func(key int64) bool { return d.memory.find(cacheKey(key)) != nil }
		for key := first; key < last; key++ {
			_, err := d.Find(context.Background(), key, 0)
			d.must(err)
			for k := first; k <= key; k++ {
				if want := k > key-most; inMemory(k) != want {
					t.Fatalf("after number %d, number %d in memory: %v, want %v", key-first, k-first, !want, want)
				}
			}
		}
	})
}

// TestTheOrderOfTheMemoryIsBounded: matches that go-cache drops leave no trace in the order in which matches leave.
func TestTheOrderOfTheMemoryIsBounded(t *testing.T) {
	k := newMemory(3)
	for range 100 {
		k.add("a", &Match{}, 0)
		k.matches.Delete("a")
	}
	for _, key := range []string{"a", "b", "c", "d", "e"} {
		k.add(key, &Match{}, 0)
	}
	if n := k.matches.ItemCount(); n != 3 || k.find("e") == nil || k.find("b") != nil {
		t.Errorf("%d matches in memory, the newest: %v", n, k.find("e"))
	}
	if n := len(k.order); n > 6 {
		t.Errorf("the order of 3 matches has %d places", n)
	}
}

func TestALateAnswerIsNoAnswer(t *testing.T) {
	withFinder(t, Options{Budget: time.Nanosecond}, func(d *fixture) {
		_, err := d.Find(context.Background(), 74950002001, 0)
		if !fault.Is(err, fault.KindUnavailable) {
			t.Errorf("out of time: %v, want unavailable", err)
		}
		if n := testutil.ToFloat64(d.failed); n != 1 {
			t.Errorf("%v failed lookups counted", n)
		}
	})
}

func TestMemoryIsBypassedWhenTheJournalIsSilent(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		entries := journal.New(db, slog.New(slog.DiscardHandler)) // it never runs
		dir := statuses.New(db, entries)
		if err := dir.Seed(context.Background()); err != nil {
			t.Fatal(err)
		}
		f := New(db, dir, entries, Options{Budget: time.Minute})
		for range 3 {
			if _, err := f.Find(context.Background(), 74950002001, 0); err != nil {
				t.Fatal(err)
			}
		}
		if hits := testutil.ToFloat64(f.hit); hits != 0 {
			t.Errorf("%v answers from a memory that does not follow the journal", hits)
		}
	})
}

// TestTheDoNotCallListComesWithTheMatch: it costs no further round trip, and the memory follows the list.
func TestTheDoNotCallListComesWithTheMatch(t *testing.T) {
	withFinder(t, Options{}, func(d *fixture) {
		ctx := context.Background()
		asked := func() float64 { return testutil.ToFloat64(d.miss) }
		if d.find(n1).DoNotCall != nil {
			t.Fatal("not on the list yet")
		}
		entry, err := d.Records.AddDoNotCall(ctx, d.admin, crm.NewDoNotCall{Number: n1, Reason: "asked so"})
		d.must(err)
		before := asked()
		m := d.find(n1)
		if m.DoNotCall == nil || m.DoNotCall.Reason != "asked so" || !m.Empty() {
			t.Errorf("on the list, on no record: %+v", m)
		}
		if n := asked() - before; n != 1 {
			t.Errorf("%v questions for one number", n)
		}
		c, err := d.Records.AddCompany(ctx, d.admin, crm.NewCompany{Name: "Acme", Phones: phones(n1)})
		d.must(err)
		if m := d.find(n1); m.DoNotCall == nil || len(m.Companies) != 1 || m.Companies[0].ID != c.ID {
			t.Errorf("on the list and on a company: %+v", m)
		}
		hits := d.hits()
		if m := d.find(n1); m.DoNotCall == nil || d.hits() != hits+1 {
			t.Errorf("from memory: %+v", m)
		}
		d.must(d.Records.RemoveDoNotCall(ctx, d.admin, entry.ID))
		if m := d.find(n1); m.DoNotCall != nil || len(m.Companies) != 1 {
			t.Errorf("off the list again: %+v", m)
		}
	})
}
