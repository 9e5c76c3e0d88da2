package kpi

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// dec reads a number of a test.
func dec(text string) Decimal {
	d, ok := decimalOf(text)
	if !ok {
		panic("no number: " + text)
	}
	return d
}

func indicator(code string, d IndicatorDirection, plan, weight, most string) Indicator {
	return Indicator{Code: code, Name: code, Direction: d, Plan: dec(plan), Weight: dec(weight),
		Cap: dec(most), Source: Manual}
}

func penalty(code, free, each, most string) Indicator {
	in := indicator(code, Penalty, free, "0", most)
	in.Each = dec(each)
	return in
}

func table(kind TableKind, scorePay ...string) BonusTable {
	t := BonusTable{Kind: kind}
	for i := 0; i < len(scorePay); i += 2 {
		t.Points = append(t.Points, BonusPoint{dec(scorePay[i]), dec(scorePay[i+1])})
	}
	return t
}

// straight pays what the score says.
var straight = []string{"0", "0", "200", "200"}

// seller is measured by revenue (in kopecks), new clients and overdue tasks.
func seller(bonus BonusTable, more ...Indicator) Terms {
	return Terms{Name: "Sellers", Zone: "UTC", Bonus: bonus, Indicators: append([]Indicator{
		indicator("revenue", More, "200000000", "50", "120"),
		indicator("clients", More, "15", "30", "150"),
		indicator("overdue", Less, "4", "20", "100"),
	}, more...)}
}

// march is what a seller did: 1 834 500.75 of 2 000 000 roubles, 18 of 15 new
// clients, 5 overdue tasks where 4 are allowed.
//
//	revenue  1834500.75 / 2000000 =  91.7250375 %  x 50 % = 45.86251875
//	clients  18 / 15              = 120 %          x 30 % = 36
//	overdue  4 / 5                =  80 %          x 20 % = 16
//	                                                score  97.86251875
var march = map[string]string{"revenue": "183450075", "clients": "18", "overdue": "5"}

func with(facts map[string]string, more ...string) map[string]string {
	all := map[string]string{}
	for code, fact := range facts {
		all[code] = fact
	}
	for i := 0; i < len(more); i += 2 {
		all[more[i]] = more[i+1]
	}
	return all
}

func TestWorkedExamples(t *testing.T) {
	for _, c := range []struct {
		why        string
		terms      Terms
		base       int64
		facts      map[string]string
		score, pay string
		bonus      int64
	}{
		{
			// 100 / 100 each: the score is 100, a straight line pays 100 % of 50 000.00.
			"all plans are met to the point", seller(table(Linear, straight...)), 5_000_000,
			map[string]string{"revenue": "200000000", "clients": "15", "overdue": "4"}, "100", "100", 5_000_000,
		}, {
			// 97.86 reaches the point 95, not the point 100: 90 % of 45 678.91 = 41 111.019, up to 41 111.02.
			"a table of steps", seller(table(Step, "80", "50", "95", "90", "100", "100")), 4_567_891, march, "97.8625",
			"90", 4_111_102,
		}, {
			// Between 80 (50 %) and 100 (100 %) each point of score pays 2.5 %: 50 + 17.86251875 x 2.5 = 94.656296875 %
			// of 45 678.91 = 43 237.96466... : down to 43 237.96.
			"a linear table", seller(table(Linear, "80", "50", "100", "100", "120", "150")), 4_567_891, march,
			"97.8625", "94.6563", 4_323_796,
		}, {
			// 50 % of 1 000.01 is 500.005: half a kopeck goes up.
			"half a kopeck", seller(table(Step, "90", "50")), 100_001, march, "97.8625", "50", 50_001,
		}, {
			// The same with an even number: 50 % of 1 000.03 is 500.015, up to 500.02.
			"half a kopeck, always up", seller(table(Step, "90", "50")), 100_003, march, "97.8625", "50", 50_002,
		}, {
			// 1/3 x 50 % + 2/3 x 50 % is 50 and not 49.9999...: the step at 50 is reached.
			"thirds make a whole", Terms{Bonus: table(Step, "50", "100"),
				Indicators: []Indicator{indicator("a", More, "3", "50", "100"),
					indicator("b", More, "3", "50", "100")}},
			777, map[string]string{"a": "1", "b": "2"}, "50", "100", 777,
		}, {
			// Revenue at 300 % counts as 120: 60. Clients 0. Overdue 0 of 4: the cap, 100 % x 20 % = 20. Score 80.
			"caps bound what one indicator can give", seller(table(Linear, straight...)), 1_000_000,
			map[string]string{"revenue": "600000000", "clients": "0", "overdue": "0"}, "80", "80", 800_000,
		}, {
			// March without three incidents at 5 points: 97.86251875 - 15 = 82.86251875. Step 80 pays 50 % of 45 678.91
			// = 22 839.455, up.
			"incidents take points off", seller(table(Step, "80", "50", "95", "90"),
				penalty("incidents", "0", "5", "40")), 4_567_891,
			with(march, "incidents", "3"), "82.8625", "50", 2_283_946,
		}, {
			// One incident is free: two too many, 97.86251875 - 10 = 87.86251875; straight: 87.86251875 % of 10 000.00
			// = 8 786.251875.
			"one of them is free", seller(table(Linear, straight...), penalty("incidents", "1", "5", "40")), 1_000_000,
			with(march, "incidents", "3"), "87.8625", "87.8625", 878_625,
		}, {
			// 20 incidents would be 100 points, the cap is 40: 57.86251875.
			"a penalty has its cap, too", seller(table(Linear, straight...),
				penalty("incidents", "0", "5", "40")), 1_000_000,
			with(march, "incidents", "20"), "57.8625", "57.8625", 578_625,
		}, {
			// Overdue 0 of 4: 20; minus 40: below 0 is 0, and 0 pays nothing.
			"a score is never below 0", seller(table(Linear, straight...),
				penalty("incidents", "0", "10", "40")), 1_000_000,
			map[string]string{"revenue": "0", "clients": "0", "overdue": "0", "incidents": "4"}, "0", "0", 0,
		}, {
			// The example of docs/kpi.md: 97.86251875 - 5 = 92.86251875; 50 + 12.86251875 x 2.5 = 82.156296875 % of 45
			// 678.91 = 37 528.1009.
			"the example of the docs", seller(table(Linear, "80", "50", "100", "100", "120", "150"),
				penalty("incidents", "0", "5", "40")), 4_567_891,
			with(march, "incidents", "1"), "92.8625", "82.1563", 3_752_810,
		}, {
			// 97.86 is below the first point of the table.
			"below the table", seller(table(Linear, "98", "50", "100", "100")), 1_000_000, march, "97.8625", "0", 0,
		}, {
			// 60 + 45 + 20 = 125, above the last point: what that one pays, 150 % of 333.33 = 499.995, up to 500.00.
			"above the table", seller(table(Linear, "80", "50", "120", "150")), 33_333,
			map[string]string{"revenue": "240000000", "clients": "23", "overdue": "4"}, "125", "150", 50_000,
		}, {
			// A plan of no overdue task at all: none reaches the cap (100 % x 20 %), one reaches nothing. 50 + 30 = 80.
			"a plan of 0 that is missed", Terms{Bonus: table(Linear, straight...),
				Indicators: []Indicator{indicator("revenue", More, "100", "80", "100"),
					indicator("overdue", Less, "0", "20", "100")}},
			10_000, map[string]string{"revenue": "100", "overdue": "1"}, "80", "80", 8_000,
		}, {
			"a plan of 0 that is met", Terms{Bonus: table(Linear, straight...),
				Indicators: []Indicator{indicator("revenue", More, "100", "80", "100"),
					indicator("overdue", Less, "0", "20", "150")}},
			10_000, map[string]string{"revenue": "100", "overdue": "0"}, "110", "110", 11_000, // 80 + 150 % x 20 %
		}, {
			// No one has entered the revenue: 36 + 16 = 52.
			"a fact that is missing gives nothing", seller(table(Linear, straight...)), 1_000_000,
			map[string]string{"clients": "18", "overdue": "5"}, "52", "52", 520_000,
		}, {
			// More was given back than sold: that is nothing, and takes nothing from the others.
			"a fact below 0", seller(table(Linear, straight...)), 1_000_000, with(march, "revenue", "-500"),
			"52", "52", 520_000,
		},
	} {
		facts := map[string]Decimal{}
		for code, text := range c.facts {
			facts[code] = dec(text)
		}
		got := c.terms.reckon(c.base, facts)
		if got.Score != dec(c.score) || got.Pay != dec(c.pay) || got.Bonus != c.bonus {
			t.Errorf("%s: score %s, pay %s, bonus %d; want %s, %s, %d", c.why, got.Score, got.Pay, got.Bonus,
				c.score, c.pay, c.bonus)
		}
	}
}

func TestALineTellsWhatItGives(t *testing.T) {
	facts := map[string]Decimal{"revenue": dec("183450075"), "clients": dec("18"), "incidents": dec("3")}
	lines := seller(table(Linear, straight...), penalty("incidents", "1", "5", "40")).reckon(1, facts).Lines
	for i, want := range []struct{ code, fact, reached, points string }{
		{"revenue", "183450075", "91.725", "45.8625"}, // 91.7250375 and 45.86251875, rounded
		{"clients", "18", "120", "36"},
		{"overdue", "", "0", "0"},
		{"incidents", "3", "0", "-10"},
	} {
		got := lines[i]
		if got.Code != want.code || got.Reached != dec(want.reached) || got.Points != dec(want.points) ||
			(got.Fact == nil) != (want.fact == "") || got.Fact != nil && *got.Fact != dec(want.fact) {
			t.Errorf("%s: %+v", want.code, got)
		}
	}
}

// anyTerms draws terms that are valid, with facts for them.
func anyTerms(t *rapid.T) (Terms, map[string]Decimal) {
	terms := Terms{Name: "Any", Zone: "UTC"}
	facts := map[string]Decimal{}
	left := Whole(100).units
	count := rapid.IntRange(1, 6).Draw(t, "indicators")
	for i := range count {
		weight := left
		if i < count-1 {
			weight = rapid.Int64Range(0, left).Draw(t, "weight")
		}
		left -= weight
		in := Indicator{Code: string(rune('a' + i)), Name: "x", Source: Manual, Weight: Decimal{weight},
			Plan:      Decimal{rapid.Int64Range(1, 1e9).Draw(t, "plan")},
			Cap:       Decimal{rapid.Int64Range(1, 300*oneUnit).Draw(t, "cap")},
			Direction: rapid.SampledFrom([]IndicatorDirection{More, Less}).Draw(t, "direction")}
		terms.Indicators = append(terms.Indicators, in)
		facts[in.Code] = Decimal{rapid.Int64Range(0, 2e9).Draw(t, "fact")}
	}
	if rapid.Bool().Draw(t, "penalty") {
		in := penalty("p", "1", "2.5", "30")
		terms.Indicators = append(terms.Indicators, in)
		facts["p"] = Decimal{rapid.Int64Range(0, 20*oneUnit).Draw(t, "penalties")}
	}
	terms.Bonus.Kind = rapid.SampledFrom([]TableKind{Step, Linear}).Draw(t, "kind")
	score, pay := int64(0), int64(0)
	for range rapid.IntRange(1, 5).Draw(t, "points") {
		terms.Bonus.Points = append(terms.Bonus.Points, BonusPoint{Decimal{score}, Decimal{pay}})
		score += rapid.Int64Range(1, 50*oneUnit).Draw(t, "rise")
		pay += rapid.Int64Range(0, 50*oneUnit).Draw(t, "more pay")
	}
	if err := terms.check(nil).OrNil(); err != nil {
		t.Fatalf("the generator draws terms that are refused: %v", err)
	}
	return terms, facts
}

func TestABetterFactNeverCosts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		terms, facts := anyTerms(t)
		base := rapid.Int64Range(0, maxBase).Draw(t, "base")
		before := terms.reckon(base, facts)
		in := rapid.SampledFrom(terms.Indicators).Draw(t, "indicator")
		by := rapid.Int64Range(0, 1e9).Draw(t, "by")
		if in.Direction != More { // fewer is better
			by = -min(by, facts[in.Code].units)
		}
		facts[in.Code] = Decimal{facts[in.Code].units + by}
		after := terms.reckon(base, facts)
		if after.Score.units < before.Score.units || after.Pay.units < before.Pay.units || after.Bonus < before.Bonus {
			t.Fatalf("%s better by %d: score %s to %s, bonus %d to %d", in.Code, by, before.Score, after.Score,
				before.Bonus, after.Bonus)
		}
	})
}

func TestTheOrderOfIndicatorsDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		terms, facts := anyTerms(t)
		base := rapid.Int64Range(0, maxBase).Draw(t, "base")
		before := terms.reckon(base, facts)
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		random.Shuffle(len(terms.Indicators), func(i, j int) {
			terms.Indicators[i], terms.Indicators[j] = terms.Indicators[j], terms.Indicators[i]
		})
		after := terms.reckon(base, facts)
		if before.Score != after.Score || before.Pay != after.Pay || before.Bonus != after.Bonus {
			t.Fatalf("score %s and %s, bonus %d and %d", before.Score, after.Score, before.Bonus, after.Bonus)
		}
	})
}

// TestTheBonusIsTheNearestKopeck reckons the money a second time, from the parts
// that the first one rounds only at the end.
func TestTheBonusIsTheNearestKopeck(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		terms, facts := anyTerms(t)
		base := rapid.Int64Range(0, maxBase).Draw(t, "base")
		got := terms.reckon(base, facts)
		score := new(big.Rat)
		for _, in := range terms.Indicators {
			fact := facts[in.Code].rat()
			if in.Direction == Penalty {
				score.Sub(score, in.taken(fact))
				continue
			}
			score.Add(score, new(big.Rat).Mul(in.reached(fact), new(big.Rat).Quo(in.Weight.rat(), hundred)))
		}
		if score.Sign() < 0 {
			score = new(big.Rat)
		}
		exact := new(big.Rat).Mul(terms.Bonus.pay(score), big.NewRat(base, 100))
		off := new(big.Rat).Sub(new(big.Rat).SetInt64(got.Bonus), exact) // in (-1/2, 1/2]
		if off.Cmp(big.NewRat(-1, 2)) <= 0 || off.Cmp(big.NewRat(1, 2)) > 0 {
			t.Fatalf("bonus %d of exactly %s", got.Bonus, exact.FloatString(6))
		}
	})
}
