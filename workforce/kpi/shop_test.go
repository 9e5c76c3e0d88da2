package kpi

import (
	"context"
	"testing"
	"time"

	"callhue/calls"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/test/house"
)

// shop is an organisation with a Ledger: Anna and Boris sell for Igor, Vera sells for Oleg, Root administers.
type shop struct {
	*house.Parts
	t                                   testing.TB
	ctx                                 context.Context
	ledger                              *Ledger
	root, igor, anna, boris, oleg, vera int64
}

const feb Month = "2026-02"

func newShop(t testing.TB, db *store.DB) *shop {
	t.Helper()
	h := house.New(t, db)
	h.Clock.Set(time.Date(2026, 2, 10, 9, 0, 0, 0, time.UTC))
	h.Journal.Register(calls.Verbs()...)
	return &shop{Parts: h.Parts, t: t, ctx: context.Background(), ledger: New(h.DB, h.Journal, h.Roster),
		root: h.Admin.ID, igor: h.Igor.ID, oleg: h.Oleg.ID, anna: h.Anna.ID, boris: h.Boris.ID, vera: h.Vera.ID}
}

func (s *shop) does(user int64, verb journal.Verb, amount int64, at time.Time) {
	s.t.Helper()
	before := s.Clock.Now()
	s.Clock.Set(at)
	defer s.Clock.Set(before)
	err := s.DB.Write(s.ctx, func(tx *store.Tx) error {
		_, err := s.Journal.Record(tx, journal.Entry{Actor: user, Verb: verb, Amount: amount})
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
	s.must(s.DB.Read(s.ctx).Get(&n, "SELECT COUNT(*) FROM journal WHERE verb = ?", string(journal.ChangeRefused)))
	return n
}

// afterFebruary is when February is over in Moscow and in London.
var afterFebruary = time.Date(2026, 3, 1, 0, 1, 0, 0, time.UTC)
