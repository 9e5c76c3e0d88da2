package kpi

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"

	"callhue/internal/fault"
	"callhue/internal/text"
	"callhue/journal"
)

// IndicatorDirection is what is good for an indicator.
type IndicatorDirection string

// The directions.
const (
	More    IndicatorDirection = "more"    // more is better: new clients, revenue
	Less    IndicatorDirection = "less"    // less is better: overdue tasks
	Penalty IndicatorDirection = "penalty" // each one too many takes points off the score: incidents
)

// Values lists the directions, for the API reference.
func (IndicatorDirection) Values() []string { return []string{"more", "less", "penalty"} }

// FactSource is where the facts of an indicator come from.
type FactSource string

// The sources.
const (
	Manual FactSource = "manual" // a head enters them
	Count  FactSource = "count"  // how often the user did the verb in the month, by the journal
	Amount FactSource = "amount" // the sum of the amounts of these entries
)

// Values lists the sources, for the API reference.
func (FactSource) Values() []string { return []string{"manual", "count", "amount"} }

// Indicator is one thing that a user is measured by.
type Indicator struct {
	Code      string             `json:"code"` // what facts call it: a-z, 0-9 and _; it stays when the name changes
	Name      string             `json:"name"`
	Direction IndicatorDirection `json:"direction"`
	Plan      Decimal            `json:"plan"`   // for a penalty: how many are free
	Weight    Decimal            `json:"weight"` // percent of the score; of a penalty 0
	// percent of the plan that count at most; for a penalty: points that it takes at most
	Cap    Decimal      `json:"cap"`
	Each   Decimal      `json:"each,omitzero"`    // points that each one above the plan takes; only of a penalty
	Source FactSource   `json:"source,omitempty"` // manual when left out
	Verb   journal.Verb `json:"verb,omitempty"`   // of the journal, for count and amount
}

// TableKind is how a score becomes money.
type TableKind string

// The kinds of a table.
const (
	Step   TableKind = "step"   // what the highest point reached pays
	Linear TableKind = "linear" // a straight line between two points
)

// Values lists the kinds, for the API reference.
func (TableKind) Values() []string { return []string{"step", "linear"} }

// BonusTable is which share of the base a score pays. Below its first point it pays
// nothing, above its last what that one pays.
type BonusTable struct {
	Kind   TableKind    `json:"kind"`
	Points []BonusPoint `json:"points"` // scores rise, pay never falls
}

// BonusPoint is one line of a table, both in percent.
type BonusPoint struct {
	Score Decimal `json:"score"`
	Pay   Decimal `json:"pay"`
}

// Terms are what a version of a profile says.
type Terms struct {
	Name       string      `json:"name"`
	Base       int64       `json:"base"`           // money in minor units for a pay of 100 %; a holder may have his own
	Zone       string      `json:"zone,omitempty"` // IANA name: where months begin; UTC when left out
	Indicators []Indicator `json:"indicators"`
	Bonus      BonusTable  `json:"bonus"`
}

// Bounds of terms.
const (
	maxName       = 100
	maxIndicators = 30
	maxPoints     = 50
	maxBase       = 1_000_000_000_000 // minor units
	maxPercent    = 1000
)

var indicatorCode = regexp.MustCompile(`^[a-z0-9_]{1,40}$`)

// tidy returns the terms with what was left out.
func (t Terms) tidy() Terms {
	t.Name = text.Tidy(t.Name)
	if t.Zone == "" {
		t.Zone = "UTC"
	}
	t.Indicators = slices.Clone(t.Indicators)
	for i := range t.Indicators {
		in := &t.Indicators[i]
		in.Name = text.Tidy(in.Name)
		if in.Source == "" {
			in.Source = Manual
		}
	}
	return t
}

// check gathers what is wrong with terms, each by its field.
func (t Terms) check(known []journal.Verb) (wrong *fault.Error) {
	add := func(on bool, field, code string) {
		if on {
			wrong = wrong.And(field, code)
		}
	}
	if code := text.CheckRequired(t.Name, maxName); code != "" {
		wrong = wrong.And("name", code)
	}
	add(t.Base < 0 || t.Base > maxBase, "base", "out_of_range")
	_, err := time.LoadLocation(t.Zone)
	add(err != nil || t.Zone == "Local", "zone", "unknown_value")
	add(len(t.Indicators) == 0, "indicators", "required")
	add(len(t.Indicators) > maxIndicators, "indicators", "too_many")
	weights := Decimal{}
	for i, in := range t.Indicators {
		weights.units += in.Weight.units
		in.check(known, func(on bool, field, code string) { add(on, fmt.Sprintf("indicators[%d].%s", i, field), code) })
		add(slices.ContainsFunc(t.Indicators[:i], func(other Indicator) bool { return other.Code == in.Code }),
			fmt.Sprintf("indicators[%d].code", i), "repeated")
	}
	add(len(t.Indicators) > 0 && weights != Whole(100), "indicators.weight", "sum_not_100")
	t.Bonus.check(add)
	return wrong
}

func (in Indicator) check(known []journal.Verb, add func(on bool, field, code string)) {
	add(!indicatorCode.MatchString(in.Code), "code", "malformed")
	if code := text.CheckRequired(in.Name, maxName); code != "" {
		add(true, "name", code)
	}
	add(in.Weight.units < 0 || in.Weight.units > Whole(100).units, "weight", "out_of_range")
	add(in.Cap.units <= 0 || in.Cap.units > Whole(maxPercent).units, "cap", "out_of_range")
	add(in.Plan.units < 0, "plan", "out_of_range")
	switch in.Direction {
	case More:
		add(in.Plan.units == 0, "plan", "out_of_range") // a plan of nothing would be met by anything
		add(in.Each.units != 0, "each", "not_for_this_direction")
	case Less:
		add(in.Each.units != 0, "each", "not_for_this_direction")
	case Penalty:
		add(in.Each.units <= 0 || in.Each.units > Whole(maxPercent).units, "each", "out_of_range")
		add(in.Weight.units != 0, "weight", "not_for_this_direction")
	default:
		add(true, "direction", "unknown_value")
	}
	switch in.Source {
	case Manual:
		add(in.Verb != "", "verb", "not_for_this_source")
	case Count, Amount:
		add(!slices.Contains(known, in.Verb), "verb", "unknown_value")
	default:
		add(true, "source", "unknown_value")
	}
}

func (t BonusTable) check(add func(on bool, field, code string)) {
	add(t.Kind != Step && t.Kind != Linear, "bonus.kind", "unknown_value")
	add(len(t.Points) == 0, "bonus.points", "required")
	add(len(t.Points) > maxPoints, "bonus.points", "too_many")
	for i, p := range t.Points {
		field := "bonus.points[" + strconv.Itoa(i) + "]."
		add(p.Score.units < 0 || p.Score.units > Whole(maxPercent).units, field+"score", "out_of_range")
		add(p.Pay.units < 0 || p.Pay.units > Whole(maxPercent).units, field+"pay", "out_of_range")
		if i > 0 {
			add(p.Score.units <= t.Points[i-1].Score.units, field+"score", "not_rising")
			add(p.Pay.units < t.Points[i-1].Pay.units, field+"pay", "falling")
		}
	}
}
