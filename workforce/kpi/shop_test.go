package kpi

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"callhue/calls"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/phone"
	"callhue/staff"
)

// shop is a sales floor: Anna and Boris sell for Igor, Vera sells for Oleg, Root
// administers.
type shop struct {
	t                                   testing.TB
	ctx                                 context.Context
	ledger                              *Ledger
	db                                  *store.DB
	journal                             *journal.Journal
	root, igor, anna, boris, oleg, vera int64
	mu                                  sync.Mutex
	now                                 time.Time
}

const feb Month = "2026-02"

func newShop(t testing.TB, db *store.DB) *shop {
	t.Helper()
	s := &shop{t: t, ctx: context.Background(), now: time.Date(2026, 2, 10, 9, 0, 0, 0, time.UTC)}
	s.db = db.At(s.clock)
	s.journal = journal.New(s.db, slog.New(slog.DiscardHandler))
	s.journal.Register(calls.Verbs()...)
	plan, err := phone.NewPlan("RU", "495")
	if err != nil {
		t.Fatal(err)
	}
	roster := staff.New(s.db, s.journal, plan)
	user := func(login string, department int64, roles ...access.Role) int64 {
		t.Helper()
		u, err := roster.AddUser(s.ctx, 0, staff.NewUser{Login: login, Name: strings.ToUpper(login[:1]) + login[1:], Roles: roles, DepartmentID: department})
		if err != nil {
			t.Fatal(err)
		}
		return u.ID
	}
	department := func(name string, head int64) int64 {
		t.Helper()
		d, err := roster.AddDepartment(s.ctx, 0, staff.NewDepartment{Name: name, HeadID: head})
		if err != nil {
			t.Fatal(err)
		}
		return d.ID
	}
	s.root = user("root", 0, access.Admin)
	s.igor, s.oleg = user("igor", 0, access.Supervisor), user("oleg", 0, access.Supervisor)
	a, b := department("A", s.igor), department("B", s.oleg)
	s.anna, s.boris, s.vera = user("anna", a, access.Agent), user("boris", a, access.Agent), user("vera", b, access.Agent)
	s.ledger = New(s.db, s.journal, roster)
	return s
}

func (s *shop) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *shop) at(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = now
}

func (s *shop) does(user int64, verb journal.Verb, amount int64, at time.Time) {
	s.t.Helper()
	before := s.clock()
	s.at(at)
	defer s.at(before)
	err := s.db.Write(s.ctx, func(tx *store.Tx) error {
		_, err := s.journal.Record(tx, journal.Entry{Actor: user, Verb: verb, Amount: amount})
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// sellers are measured by revenue (entered), answered calls (counted) and talk
// time in seconds (summed).
func sellers() Terms {
	answered, talk := indicator("calls", More, "4", "30", "150"), indicator("talk", More, "600", "20", "100")
	answered.Source, answered.Verb = Count, calls.CallAnswered
	talk.Source, talk.Verb = Amount, calls.CallEnded
	return Terms{Name: "Sellers", Base: 5_000_000, Zone: "Europe/Moscow", Bonus: table(Linear, straight...),
		Indicators: []Indicator{indicator("revenue", More, "100000", "50", "120"), answered, talk}}
}

func (s *shop) profile(holders ...int64) Profile {
	s.t.Helper()
	p, err := s.ledger.AddProfile(s.ctx, s.root, sellers())
	for _, user := range holders {
		if err == nil {
			p, err = s.ledger.Assign(s.ctx, s.root, p.ID, user, nil)
		}
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

func (s *shop) enters(by, user int64, fact string, version int64) error {
	_, err := s.ledger.EnterFact(s.ctx, by, feb, user, "revenue", dec(fact), version)
	return err
}

func (s *shop) sheet(user, revision int64) Sheet {
	s.t.Helper()
	sheet, err := s.ledger.Sheet(s.ctx, s.root, feb, user, revision)
	if err != nil {
		s.t.Fatal(err)
	}
	return sheet
}

func (s *shop) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func key(err error) string {
	if err == nil {
		return ""
	}
	return fault.Of(err).Key
}

func (s *shop) refusals() (n int) {
	s.t.Helper()
	s.must(s.db.Read(s.ctx).Get(&n, "SELECT COUNT(*) FROM journal WHERE verb = ?", string(journal.ChangeRefused)))
	return n
}

// afterFebruary is when February is over in Moscow and in London.
var afterFebruary = time.Date(2026, 3, 1, 0, 1, 0, 0, time.UTC)
