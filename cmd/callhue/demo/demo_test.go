package demo

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"callhue/calls"
	"callhue/crm"
	"callhue/incidents"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/lookup"
	"callhue/permits"
	"callhue/phone"
	"callhue/policy"
	"callhue/rules"
	"callhue/staff"
	"callhue/statuses"
)

// world is the packages on one database, and a tracker that answers like the server.
type world struct {
	*testing.T
	Parts
	tracker *calls.Tracker
	plan    *phone.Plan
	clock   atomic.Int64 // ms
}

func inWorld(t *testing.T, test func(h *world)) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		plan := planOf(t)
		h := &world{T: t, plan: plan}
		h.clock.Store(time.Date(2026, 3, 12, 9, 0, 0, 0, time.UTC).UnixMilli())
		db.Clock = func() time.Time { return time.UnixMilli(h.clock.Load()) }
		j := journal.New(db, slog.New(slog.DiscardHandler))
		h.Parts = Parts{DB: db, Journal: j, Plan: plan, Roster: staff.New(db, j, plan),
			Directory: statuses.New(db, j)}
		h.Records = crm.New(db, j, h.Roster, h.Directory, plan)
		finder := lookup.New(db, h.Directory, j, lookup.Options{Budget: time.Minute})
		rule := policy.New(db, j, h.Roster, h.Directory, rules.Default())
		h.tracker = calls.New(calls.Parts{DB: db, Journal: j, Roster: h.Roster, Records: h.Records, Finder: finder,
			Permits: permits.New(db, j, h.Roster, h.Records, slog.New(slog.DiscardHandler)), Policy: rule,
			Incidents: incidents.New(db, j, h.Roster, h.Records, rule), Plan: plan, Log: slog.New(slog.DiscardHandler)})
		test(h)
	})
}

func planOf(t *testing.T) *phone.Plan {
	t.Helper()
	plan, err := phone.NewPlan("RU", "495")
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func (h *world) load() World {
	h.Helper()
	start := time.Now()
	world, err := Load(context.Background(), h.Parts)
	if err != nil {
		h.Fatal(err)
	}
	h.Logf("loaded in %v", time.Since(start).Round(time.Millisecond))
	return world
}

func (h *world) org() *staff.Org {
	h.Helper()
	org, err := h.Roster.Org(context.Background())
	if err != nil {
		h.Fatal(err)
	}
	return org
}

// newest returns the id of the newest journal entry.
func (h *world) newest() int64 {
	h.Helper()
	list, err := journal.List(h.DB.Read(context.Background()), journal.History{Limit: 1})
	if err != nil {
		h.Fatal(err)
	}
	if len(list) == 0 {
		return 0
	}
	return list[0].ID
}

// count counts the rows of a table.
func (h *world) count(table string) (n int) {
	h.Helper()
	if err := h.DB.Read(context.Background()).Get(&n, "SELECT COUNT(*) FROM "+table); err != nil {
		h.Fatal(err)
	}
	return n
}

// wantComplete checks that every record exists once.
func (h *world) wantComplete() {
	h.Helper()
	all := allRecords()
	for table, want := range map[string]int{
		"departments": len(groups()), "users": len(people()), "deputies": 1,
		"companies": len(all.companies), "contacts": len(all.contacts), "leads": len(all.leads),
	} {
		if got := h.count(table); got != want {
			h.Errorf("%d %s, want %d", got, table, want)
		}
	}
	org := h.org()
	for _, g := range groups() {
		if d := departmentNamed(org, g.name); d.HeadID != org.ByLogin(g.head).ID {
			h.Errorf("%s has the head %d, want %s", g.name, d.HeadID, g.head)
		}
	}
	for _, p := range people() {
		if u := org.ByLogin(p.login); u.Active == p.left || u.Extension != p.extension {
			h.Errorf("%s: active %v, extension %q", p.login, u.Active, u.Extension)
		}
	}
	if entry, err := h.Directory.Find(context.Background(), old); err != nil || entry.Active {
		h.Errorf("the status %s must be switched off: %+v, %v", old, entry, err)
	}
}

func TestASecondStartAddsNothing(t *testing.T) {
	inWorld(t, func(h *world) {
		if first := h.load(); !first.Fresh {
			t.Error("the first start must say that it made the world")
		}
		h.wantComplete()
		before := h.newest()
		second := h.load()
		if second.Fresh || h.newest() != before {
			t.Errorf("fresh %v, journal from %d to %d: the second start must write nothing", second.Fresh, before,
				h.newest())
		}
		h.wantComplete()
	})
}

// TestAWorldThatPeopleChangedStays checks that what users rename, reassign or remove is not made again.
func TestAWorldThatPeopleChangedStays(t *testing.T) {
	inWorld(t, func(h *world) {
		h.load()
		ctx, name, on := context.Background(), "Renamed", true
		d := departmentNamed(h.org(), moscow)
		if _, err := h.Roster.ChangeDepartment(ctx, access.System(), d.ID,
			staff.DepartmentChange{Version: d.Version, Name: &name}); err != nil {
			t.Fatal(err)
		}
		entry, err := h.Directory.Find(ctx, old)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Directory.Change(ctx, access.System(), old,
			statuses.StatusChange{Version: entry.Version, Active: &on}); err != nil {
			t.Fatal(err)
		}
		before := h.newest()
		h.load()
		if h.newest() != before {
			t.Error("a start after changes of users must write nothing")
		}
	})
}

// TestAnInterruptedStartIsCompleted kills the start after the first thing that
// it wrote, the next one after two more, and so on until one gets through.
func TestAnInterruptedStartIsCompleted(t *testing.T) {
	inWorld(t, func(h *world) {
		killed := 0
		for after := 1; ; after++ {
			ctx, kill := context.WithCancel(context.Background())
			wrote := 0
			stop := h.Journal.Listen(func(list []journal.Entry) {
				if wrote += len(list); wrote >= after {
					kill()
				}
			})
			_, err := Load(ctx, h.Parts)
			stop()
			kill()
			if err == nil {
				break
			}
			if wrote < after {
				t.Fatalf("start %d, not interrupted after %d of %d entries: %v", after, wrote, after, err)
			}
			killed++
		}
		if killed < 5 {
			t.Errorf("only %d starts were interrupted: this proves little", killed)
		}
		h.load()
		h.wantComplete()
		if again := h.load(); again.Fresh {
			t.Error("the completed world must be taken for complete")
		}
	})
}

func TestOtherPeoplesDataAreLeftAlone(t *testing.T) {
	for _, c := range []struct {
		why string
		add func(ctx context.Context, h *world) error
	}{
		{"a user", func(ctx context.Context, h *world) error {
			_, err := h.Roster.AddUser(ctx, access.System(),
				staff.NewUser{Login: "somebody", Name: "Somebody", Roles: people()[0].roles})
			return err
		}},
		{"a lead", func(ctx context.Context, h *world) error {
			_, err := h.Records.AddLead(ctx, commandLine(), crm.NewLead{Title: "Somebody's"})
			return err
		}},
	} {
		t.Run(c.why, func(t *testing.T) {
			inWorld(t, func(h *world) {
				ctx := context.Background()
				if err := h.Directory.Seed(ctx); err != nil {
					h.Fatal(err)
				}
				if err := c.add(ctx, h); err != nil {
					h.Fatal(err)
				}
				before := h.newest()
				if _, err := Load(ctx, h.Parts); fault.Of(err).Key != "database_not_empty" {
					h.Errorf("%v, want the fault database_not_empty", err)
				}
				if h.newest() != before {
					h.Error("a refused start must write nothing")
				}
			})
		})
	}
}

func TestDeputyIsNamedAgain(t *testing.T) {
	inWorld(t, func(h *world) {
		h.load()
		h.clock.Add((deputyFor + time.Hour).Milliseconds())
		h.load()
		org := h.org()
		if !org.Deputises(org.ByLogin(sidorova).ID, org.ByLogin(kuznecov).ID, h.DB.Clock()) {
			t.Error("a start after the deputy's time must name him anew")
		}
	})
}
