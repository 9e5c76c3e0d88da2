package kpi

import "math/big"

// Reckoned is what came of the facts of a month. All that people see of it is
// rounded, half up; the bonus is reckoned from the exact values and rounded once,
// half up to a minor unit.
type Reckoned struct {
	Lines []IndicatorLine `json:"indicators"`
	Score Decimal         `json:"score"` // percent, to four places; never below 0
	Pay   Decimal         `json:"pay"`   // percent of the base, to four places
	Base  int64           `json:"base"`  // minor units
	Bonus int64           `json:"bonus"` // minor units
}

// IndicatorLine is one indicator with its fact.
type IndicatorLine struct {
	Indicator
	Fact    *Decimal `json:"fact"`         // null while no one has entered it
	Version int64    `json:"fact_version"` // of a fact that was entered; else 0
	Reached Decimal  `json:"reached"`      // percent of the plan, within the cap; 0 of a penalty
	Points  Decimal  `json:"points"`       // what it gives to the score, or takes off
}

var hundred = big.NewRat(100, 1)

// reckon judges facts by terms. A fact that is missing gives nothing and takes
// nothing.
//
//	score = sum(weight x min(reached, cap)) - penalties, and not below 0
//	bonus = base x pay(score)
//
// See Indicator.reached and Indicator.taken for the directions, BonusTable.pay for the
// money.
func (t Terms) reckon(base int64, facts map[string]Decimal) Reckoned {
	r := Reckoned{Lines: make([]IndicatorLine, len(t.Indicators)), Base: base}
	score := new(big.Rat)
	for i, in := range t.Indicators {
		line := IndicatorLine{Indicator: in}
		if fact, known := facts[in.Code]; known {
			reached, points := new(big.Rat), new(big.Rat)
			if in.Direction == Penalty {
				points.Neg(in.taken(fact.rat()))
			} else {
				reached = in.reached(fact.rat())
				points.Mul(in.Weight.rat(), reached)
				points.Quo(points, hundred)
			}
			score.Add(score, points)
			line.Fact, line.Reached, line.Points = &fact, rounded(reached), rounded(points)
		}
		r.Lines[i] = line
	}
	if score.Sign() < 0 {
		score.SetInt64(0)
	}
	pay := t.Bonus.pay(score)
	money := new(big.Rat).Mul(new(big.Rat).SetInt64(base), pay)
	r.Score, r.Pay, r.Bonus = rounded(score), rounded(pay), halfUp(money.Quo(money, hundred))
	return r
}

// reached returns how much of the plan a fact is, in percent, between 0 and the cap.
//
//	more is better:  fact / plan
//	less is better:  plan / fact; a fact of 0 reaches the cap, whatever the plan;
//	                 with a plan of 0 any other fact reaches nothing
func (in Indicator) reached(fact *big.Rat) *big.Rat {
	most := in.Cap.rat()
	part, whole := fact, in.Plan.rat()
	if in.Direction == Less {
		part, whole = whole, fact
		if fact.Sign() <= 0 {
			return most
		}
	}
	share := new(big.Rat).Quo(part, whole) // a plan of "more" is never 0
	share.Mul(share, hundred)
	switch {
	case share.Sign() < 0: // more was given back than sold
		return share.SetInt64(0)
	case share.Cmp(most) > 0:
		return most
	}
	return share
}

// taken returns the points that a penalty takes off: so many for each one above the
// plan, the cap at most.
func (in Indicator) taken(fact *big.Rat) *big.Rat {
	over := new(big.Rat).Sub(fact, in.Plan.rat())
	if over.Sign() < 0 {
		return over.SetInt64(0)
	}
	over.Mul(over, in.Each.rat())
	if most := in.Cap.rat(); over.Cmp(most) > 0 {
		return most
	}
	return over
}

// pay returns the percent of the base that an exact score pays.
func (t BonusTable) pay(score *big.Rat) *big.Rat {
	last := -1 // the highest point reached
	for i, p := range t.Points {
		if score.Cmp(p.Score.rat()) >= 0 {
			last = i
		}
	}
	if last < 0 {
		return new(big.Rat)
	}
	pay := t.Points[last].Pay.rat()
	if t.Kind == Step || last == len(t.Points)-1 {
		return pay
	}
	here, next := t.Points[last], t.Points[last+1]
	slope := new(big.Rat).Quo(new(big.Rat).Sub(next.Pay.rat(), here.Pay.rat()),
		new(big.Rat).Sub(next.Score.rat(), here.Score.rat()))
	return pay.Add(pay, slope.Mul(slope, new(big.Rat).Sub(score, here.Score.rat())))
}
