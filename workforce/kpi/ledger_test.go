package kpi

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"callhue/calls"
	"callhue/internal/fault"
	"callhue/internal/store"
)

func TestAMonthFromFactsToBonus(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		s := newShop(t, db)
		s.profile(s.anna, s.boris)
		day := s.Clock.Now()
		for range 3 {
			s.does(s.anna, calls.CallAnswered, 0, day)
		}
		s.does(s.anna, calls.CallEnded, 250, day)
		s.does(s.anna, calls.CallEnded, 200, day)
		s.does(s.boris, calls.CallAnswered, 0, day)
		s.does(s.anna, calls.CallStarted, 9, day)                                              // not what is counted
		s.does(s.anna, calls.CallAnswered, 0, time.Date(2026, 1, 31, 20, 59, 59, 0, time.UTC)) // January in Moscow
		s.does(s.anna, calls.CallAnswered, 0, time.Date(2026, 1, 31, 21, 0, 0, 0, time.UTC))   // February there
		s.does(s.anna, calls.CallAnswered, 0, time.Date(2026, 2, 28, 20, 59, 59, 0, time.UTC)) // still February
		s.does(s.anna, calls.CallAnswered, 0, time.Date(2026, 2, 28, 21, 0, 0, 0, time.UTC))   // March there
		s.must(s.enters(s.igor, s.anna, "90000", 0))
		// revenue 90 % x 50 = 45; calls 5 / 4 = 125 % x 30 = 37.5; talk 450 / 600 = 75 % x 20 = 15: 97.5 % of 50
		// 000.00.
		got := s.sheet(s.anna, 0)
		if got.Score != dec("97.5") || got.Bonus != 4_875_000 || got.Closed || got.Revision != 0 ||
			got.Lines[1].Fact.String() != "5" || got.Lines[2].Fact.String() != "450" {
			t.Errorf("Anna's month: %+v", got)
		}
		if got := s.sheet(s.boris, 0); got.Lines[0].Fact != nil || got.Score != dec("7.5") {
			t.Errorf("Boris's month: %+v", got)
		}
		own := int64(1_000_000)
		if _, err := s.ledger.Assign(s.ctx, s.root, 1, s.anna, &own); err != nil {
			t.Fatal(err)
		}
		if got := s.sheet(s.anna, 0); got.Base != own || got.Bonus != 975_000 {
			t.Errorf("with a base of her own: %+v", got)
		}
	})
}

func TestCalculationsAreKept(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		s := newShop(t, db)
		p := s.profile(s.anna)
		s.must(s.enters(s.igor, s.anna, "100000", 0))
		calculate := func() {
			t.Helper()
			_, err := s.ledger.Calculate(s.ctx, s.igor, feb, nil)
			s.must(err)
		}
		calculate()
		calculate() // nothing has changed: nothing is kept
		s.must(s.enters(s.igor, s.anna, "50000", 1))
		calculate()
		terms := sellers()
		terms.Indicators[0].Weight, terms.Indicators[2].Weight = dec("60"), dec("10")
		_, err := s.ledger.ChangeProfile(s.ctx, s.root, p.ID,
			ProfileDraft{Version: p.Version, Indicators: &terms.Indicators})
		s.must(err)
		calculate()
		list, err := s.ledger.Revisions(s.ctx, s.anna, feb, s.anna)
		s.must(err)
		var got []string
		for _, r := range list {
			got = append(got, fmt.Sprint(r.Revision, r.Profile.Version, r.Lines[0].Fact, r.Score, r.Bonus))
		}
		want := []string{"3 2 50000 30 1500000", "2 1 50000 25 1250000", "1 1 100000 50 2500000"}
		if !slices.Equal(got, want) {
			t.Errorf("kept %q, want %q", got, want)
		}
		if old := s.sheet(s.anna, 1); old.Score != dec("50") || old.CalculatedBy.ID != s.igor {
			t.Errorf("the first one: %+v", old)
		}
		versions, err := s.ledger.Versions(s.ctx, s.root, p.ID)
		s.must(err)
		if len(versions) != 2 || versions[0].Indicators[0].Weight != dec("60") ||
			versions[1].Indicators[0].Weight != dec("50") {
			t.Errorf("versions: %+v", versions)
		}
	})
}

func TestAClosedMonthIsWhatItWas(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		s := newShop(t, db)
		p := s.profile(s.anna, s.boris)
		s.must(s.enters(s.igor, s.anna, "100000", 0))
		closes := func() error {
			_, err := s.ledger.Close(s.ctx, s.root, feb)
			return err
		}
		if k := key(closes()); k != "month_not_over" {
			t.Errorf("in the middle of the month: %q", k)
		}
		s.Clock.Set(afterFebruary.Add(-time.Millisecond))
		if k := key(closes()); k != "month_not_over" {
			t.Errorf("a minute after it entries may still come: %q", k)
		}
		s.Clock.Set(afterFebruary)
		err := closes()
		if missing, _ := fault.Of(err).Args["facts"].([]MissingFact); !slices.Equal(missing,
			[]MissingFact{{s.boris, "revenue"}}) {
			t.Errorf("Boris's revenue is missing: %v", err)
		}
		s.must(s.enters(s.igor, s.boris, "10000", 0))
		s.must(closes())
		before := []Sheet{s.sheet(s.anna, 0), s.sheet(s.boris, 0)}
		if !before[0].Closed || before[0].Score != dec("50") || before[0].Bonus != 2_500_000 {
			t.Errorf("Anna's closed month: %+v", before[0])
		}

		// Everything that could change it is refused, or goes past it.
		for why, err := range map[string]error{
			"a fact":        s.enters(s.igor, s.anna, "1", 1),
			"a new fact":    s.enters(s.root, s.boris, "1", 0),
			"another close": closes(),
			"a calculation": func() error { _, err := s.ledger.Calculate(s.ctx, s.root, feb, nil); return err }(),
		} {
			if key(err) != "month_closed" {
				t.Errorf("%s: %v", why, err)
			}
		}
		terms := sellers()
		terms.Indicators[0].Weight, terms.Indicators[1].Weight = dec("10"), dec("70")
		base := int64(1)
		_, err = s.ledger.ChangeProfile(s.ctx, s.root, p.ID,
			ProfileDraft{Version: p.Version, Indicators: &terms.Indicators, Base: &base})
		s.must(err)
		_, err = s.ledger.Assign(s.ctx, s.root, p.ID, s.anna, &base)
		s.must(err)
		s.must(s.ledger.Unassign(s.ctx, s.root, p.ID, s.boris))
		s.does(s.anna, calls.CallAnswered, 0, time.Date(2026, 2, 20, 0, 0, 0, 0, time.UTC))
		for i, user := range []int64{s.anna, s.boris} {
			if after := s.sheet(user, 0); fmt.Sprintf("%+v", plain(after)) != fmt.Sprintf("%+v", plain(before[i])) {
				t.Errorf("the closed month changed:\n%+v\n%+v", plain(before[i]), plain(after))
			}
		}
		months, err := s.ledger.Months(s.ctx)
		if s.must(err); len(months) != 2 || months[0].Month != "2026-03" || months[0].Closed || !months[1].Closed ||
			months[1].ClosedBy.ID != s.root {
			t.Errorf("months: %+v", months)
		}
	})
}

// plain makes the facts of a sheet readable: they are pointers.
func plain(s Sheet) string {
	text := fmt.Sprint(s.Month, s.User, s.Profile, s.Score, s.Pay, s.Base, s.Bonus, s.Closed,
		s.Revision, s.CalculatedAt)
	for _, line := range s.Lines {
		text += fmt.Sprint(line.Indicator, line.Fact, line.Reached, line.Points, line.Version)
	}
	return text
}

// TestClosingAgainstFacts enters facts while a month is closed: each one that was
// taken is in the closed month.
func TestClosingAgainstFacts(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		s := newShop(t, db)
		s.profile(s.anna)
		s.must(s.enters(s.igor, s.anna, "0", 0))
		s.Clock.Set(afterFebruary)
		var group sync.WaitGroup
		var closed error
		last := int64(0)
		group.Go(func() {
			for n := int64(1); n <= 40; n++ {
				if err := s.enters(s.igor, s.anna, fmt.Sprint(n), n); err != nil {
					if key(err) != "month_closed" {
						t.Errorf("fact %d: %v", n, err)
					}
					return
				}
				last = n
			}
		})
		group.Go(func() {
			time.Sleep(10 * time.Millisecond)
			_, closed = s.ledger.Close(s.ctx, s.root, feb)
		})
		group.Wait()
		s.must(closed)
		if got := s.sheet(s.anna, 0); got.Lines[0].Fact.String() != fmt.Sprint(last) {
			t.Errorf("closed with %s, the last fact that was taken is %d", got.Lines[0].Fact, last)
		}
	})
}

func TestWhoMayWhat(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		s := newShop(t, db)
		p := s.profile(s.anna, s.boris, s.vera, s.igor, s.root)
		for _, c := range []struct {
			why      string
			by, user int64
			refused  bool
		}{
			{"a head for his own", s.igor, s.anna, false},
			{"an admin for anybody", s.root, s.vera, false},
			{"an admin for a head", s.root, s.igor, false},
			{"an agent for himself", s.anna, s.anna, true},
			{"a head for himself", s.igor, s.igor, true},
			{"an admin for himself", s.root, s.root, true},
			{"a colleague", s.boris, s.anna, true},
			{"another head", s.oleg, s.anna, true},
		} {
			before := s.refusals()
			_, err := s.ledger.EnterFact(s.ctx, c.by, feb, c.user, "revenue", Whole(1), 0)
			if c.refused != (key(err) == "kpi_forbidden") || !c.refused && err != nil {
				t.Errorf("%s: %v", c.why, err)
			}
			if journaled := s.refusals() - before; (journaled == 1) != c.refused {
				t.Errorf("%s: %d refusals in the journal", c.why, journaled)
			}
		}
		for _, c := range []struct {
			why      string
			by, user int64
			sees     bool
		}{
			{"his own", s.anna, s.anna, true}, {"a head", s.igor, s.anna, true}, {"an admin", s.root, s.vera, true},
			{"a colleague", s.boris, s.anna, false}, {"another head", s.oleg, s.anna, false},
			{"his head's", s.anna, s.igor, false},
		} {
			_, err := s.ledger.Sheet(s.ctx, c.by, feb, c.user, 0)
			_, err2 := s.ledger.Revisions(s.ctx, c.by, feb, c.user)
			if (err == nil) != c.sees || (err2 == nil) != c.sees || !c.sees && key(err) != "kpi_forbidden" {
				t.Errorf("%s: %v, %v", c.why, err, err2)
			}
		}
		for by, want := range map[int64]int{s.anna: 1, s.igor: 3, s.oleg: 1, s.root: 5} { // igor: his two and himself
			list, err := s.ledger.Sheets(s.ctx, by, feb)
			if s.must(err); len(list) != want {
				t.Errorf("user %d sees %d sheets, want %d", by, len(list), want)
			}
		}
		for by, want := range map[int64]int{s.root: 5, s.igor: 3, s.oleg: 1} {
			list, err := s.ledger.Profiles(s.ctx, by)
			if s.must(err); len(list) != 1 || len(list[0].Holders) != want {
				t.Errorf("user %d sees profiles %+v, want one with %d holders", by, list, want)
			}
		}
		s.must(s.ledger.Unassign(s.ctx, s.root, p.ID, s.vera))
		if list, err := s.ledger.Profiles(s.ctx, s.oleg); err != nil || len(list) != 0 {
			t.Errorf("a head whose people are not measured sees %+v, %v", list, err)
		}
		for why, do := range map[string]func(by int64) error{
			"a new profile": func(by int64) error { _, err := s.ledger.AddProfile(s.ctx, by, sellers()); return err },
			"a change": func(by int64) error {
				_, err := s.ledger.ChangeProfile(s.ctx, by, p.ID, ProfileDraft{Version: 1})
				return err
			},
			"a removal": func(by int64) error { return s.ledger.RemoveProfile(s.ctx, by, p.ID) },
			"a holder":  func(by int64) error { _, err := s.ledger.Assign(s.ctx, by, p.ID, s.anna, nil); return err },
			"no holder": func(by int64) error { return s.ledger.Unassign(s.ctx, by, p.ID, s.anna) },
			"closing":   func(by int64) error { _, err := s.ledger.Close(s.ctx, by, feb); return err },
		} {
			before := s.refusals()
			if err := do(s.igor); key(err) != "role_missing" || s.refusals() != before+1 {
				t.Errorf("%s by a head: %v, %d refusals", why, err, s.refusals()-before)
			}
		}
		if _, err := s.ledger.Calculate(s.ctx, s.igor, feb, []int64{s.vera}); key(err) != "kpi_forbidden" {
			t.Errorf("a calculation for another head's: %v", err)
		}
		list, err := s.ledger.Calculate(s.ctx, s.igor, feb, nil)
		// Anna, Boris, Igor
		if s.must(err); len(list) != 3 || list[0].Revision != 1 || list[1].Revision != 1 || list[2].Revision != 0 {
			t.Errorf("a head calculates his own, not himself: %+v", list)
		}
	})
}

func TestProfilesThatAreRefused(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		s := newShop(t, db)
		for _, c := range []struct {
			why    string
			change func(t *Terms)
			want   string
		}{
			{"weights of 99.99", func(t *Terms) { t.Indicators[0].Weight = dec("49.99") },
				"indicators.weight: sum_not_100"},
			{"weights of 100.0001", func(t *Terms) { t.Indicators[0].Weight = dec("50.0001") },
				"indicators.weight: sum_not_100"},
			{"no name", func(t *Terms) { t.Name = " " }, "name: required"},
			{"a base below 0", func(t *Terms) { t.Base = -1 }, "base: out_of_range"},
			{"no such zone", func(t *Terms) { t.Zone = "Moon/Base" }, "zone: unknown_value"},
			{"no indicators", func(t *Terms) { t.Indicators = nil }, "indicators: required"},
			{"a plan of nothing", func(t *Terms) { t.Indicators[0].Plan = Decimal{} },
				"indicators[0].plan: out_of_range"},
			{"no cap", func(t *Terms) { t.Indicators[0].Cap = Decimal{} }, "indicators[0].cap: out_of_range"},
			{"two of one code", func(t *Terms) { t.Indicators[1].Code = "revenue" }, "indicators[1].code: repeated"},
			{"a code in capitals", func(t *Terms) { t.Indicators[1].Code = "Calls" }, "indicators[1].code: malformed"},
			{"no direction", func(t *Terms) { t.Indicators[0].Direction = "" },
				"indicators[0].direction: unknown_value"},
			{"a verb that nobody does", func(t *Terms) { t.Indicators[1].Verb = "call.dreamt" },
				"indicators[1].verb: unknown_value"},
			{"a verb of what is entered", func(t *Terms) { t.Indicators[0].Verb = calls.CallEnded },
				"indicators[0].verb: not_for_this_source"},
			{"points of what is no penalty", func(t *Terms) { t.Indicators[0].Each = dec("1") },
				"indicators[0].each: not_for_this_direction"},
			{"a penalty of nothing", func(t *Terms) {
				t.Indicators = append(t.Indicators, indicator("p", Penalty, "0", "0", "10"))
			}, "indicators[3].each: out_of_range"},
			{"no table", func(t *Terms) { t.Bonus = BonusTable{} },
				"bonus.kind: unknown_value; bonus.points: required"},
			{"scores that fall", func(t *Terms) { t.Bonus = table(Step, "80", "50", "80", "60") },
				"bonus.points[1].score: not_rising"},
			{"pay that falls", func(t *Terms) { t.Bonus = table(Step, "80", "50", "90", "40") },
				"bonus.points[1].pay: falling"},
		} {
			terms := sellers()
			c.change(&terms)
			if _, err := s.ledger.AddProfile(s.ctx, s.root, terms); err == nil ||
				err.Error() != "invalid_input; "+c.want {
				t.Errorf("%s: %v, want %s", c.why, err, c.want)
			}
		}
		p := s.profile(s.anna)
		if _, err := s.ledger.AddProfile(s.ctx, s.root, sellers()); key(err) != "name_taken" {
			t.Errorf("the same name: %v", err)
		}
		if _, err := s.ledger.ChangeProfile(s.ctx, s.root,
			p.ID, ProfileDraft{Version: 2}); key(err) != "stale_version" {
			t.Errorf("a stale version: %v", err)
		}
		if err := s.ledger.RemoveProfile(s.ctx, s.root, p.ID); key(err) != "profile_in_use" {
			t.Errorf("removed while it is held: %v", err)
		}
		for why, c := range map[string]struct {
			err  error
			want string
		}{
			"a fact that is counted": {func() error {
				_, err := s.ledger.EnterFact(s.ctx, s.igor, feb, s.anna, "calls", Whole(1), 0)
				return err
			}(), "fact_is_counted"},
			"no such indicator": {func() error {
				_, err := s.ledger.EnterFact(s.ctx, s.igor, feb, s.anna, "x", Whole(1), 0)
				return err
			}(), "not_found"},
			"who is not measured":      {s.enters(s.igor, s.boris, "1", 0), "not_found"},
			"a fact below 0":           {s.enters(s.igor, s.anna, "-1", 0), "invalid_input"},
			"over a fact that is none": {s.enters(s.igor, s.anna, "1", 5), "stale_version"},
		} {
			if key(c.err) != c.want {
				t.Errorf("%s: %v, want %s", why, c.err, c.want)
			}
		}
		s.must(s.enters(s.igor, s.anna, "1", 0))
		if k := key(s.enters(s.igor, s.anna, "2", 0)); k != "stale_version" {
			t.Errorf("a first fact twice: %q", k)
		}
		s.must(s.ledger.Unassign(s.ctx, s.root, p.ID, s.anna))
		s.must(s.ledger.RemoveProfile(s.ctx, s.root, p.ID))
		if _, err := s.ledger.Profile(s.ctx, s.root, p.ID); key(err) != "not_found" {
			t.Errorf("removed: %v", err)
		}
	})
}
