package sources

import (
	"context"
	"maps"
	"slices"
	"strconv"

	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/phone"
)

// NumberRules are the rules by which the numbers of a source are rewritten before they are read, in order.
type NumberRules = store.List[phone.Rule]

// checkRules adds what is wrong with rules to a fault, at their fields.
func checkRules(wrong *fault.Error, rules NumberRules) *fault.Error {
	if len(rules) > phone.MaxRules {
		return wrong.And("rules", "too_many")
	}
	for n, rule := range rules {
		at := "rules." + strconv.Itoa(n)
		pattern, replacement := rule.Faults()
		if pattern != "" {
			wrong = wrong.And(at+".pattern", pattern)
		}
		if replacement != "" {
			wrong = wrong.And(at+".replacement", replacement)
		}
	}
	return wrong
}

// ReadNumber reads a number that a person typed: as the named source sends it, and without a source as the
// installation, else as the first source whose rules make a number of it. A prefix of a PBX is no way round a card.
func (r *Registry) ReadNumber(ctx context.Context, source, text string) phone.Number {
	all, err := r.Snapshot(ctx)
	if err != nil {
		return r.Plan.ParseTyped(text)
	}
	if live := all.ByName[source]; live != nil {
		return live.Origin.Plan.ParseTyped(text)
	}
	n := r.Plan.ParseTyped(text)
	if n.Kind == phone.External || n.Kind == phone.Hidden {
		return n
	}
	for _, name := range slices.Sorted(maps.Keys(all.ByName)) {
		live := all.ByName[name]
		if !live.Active || len(live.Rules) == 0 {
			continue
		}
		if behind := live.Origin.Plan.ParseTyped(text); behind.Kind == phone.External {
			return behind
		}
	}
	return n
}

// RuleTrial asks what rules make of numbers.
type RuleTrial struct {
	Numbers []string    `json:"numbers"`
	Rules   NumberRules `json:"rules"`
}

// TriedNumber is a number as it is read with the rules that are tried.
type TriedNumber struct {
	Number string `json:"number"` // as it was sent
	E164   string `json:"e164"`   // "" when it is no outside number
	Kind   string `json:"kind"`
}

// maxTried is how many numbers may be tried at once.
const maxTried = 200

// TryRules reads numbers as a source would with these rules. Faults: not_found; what is wrong with the rules.
func (r *Registry) TryRules(ctx context.Context, id int64, in RuleTrial) ([]TriedNumber, error) {
	live, err := r.Live(ctx, id)
	if err != nil {
		return nil, err
	}
	wrong := checkRules(nil, in.Rules)
	if len(in.Numbers) > maxTried {
		wrong = wrong.And("numbers", "too_many")
	}
	if err := wrong.OrNil(); err != nil {
		return nil, err
	}
	plan, err := r.plan(live.Country, live.Area, in.Rules)
	if err != nil {
		return nil, err
	}
	tried := make([]TriedNumber, len(in.Numbers))
	for n, number := range in.Numbers {
		read := plan.Parse(number)
		tried[n] = TriedNumber{Number: read.Raw, Kind: read.Kind.String()}
		if read.Kind == phone.External {
			tried[n].E164 = read.String()
		}
	}
	return tried, nil
}
