package policy

import (
	"context"
	"fmt"

	"callhue/internal/fault"
	"callhue/rules"
)

// StatusEffect is a change of a status that is considered. What is missing stays as it is.
type StatusEffect struct {
	Code       string       `json:"code"`
	CardEffect rules.Effect `json:"card_effect,omitempty"`
	Active     *bool        `json:"active,omitempty"`     // false: companies with it would be as those without a status
	IsDefault  bool         `json:"is_default,omitempty"` // it would be the one for companies without a status
	New        bool         `json:"-"`                    // it would be added
}

// Trial is a policy, and a status directory, that are considered but not in force.
type Trial struct {
	policy   rules.Policy
	statuses *statusTrial // nil: the directory as it is
}

// Current returns the trial of the active policy: nothing differs from what is in force.
func (v *Versions) Current(ctx context.Context) (*Trial, error) {
	active, err := v.Active(ctx)
	if err != nil {
		return nil, err
	}
	return &Trial{policy: *active}, nil
}

// Trial returns the trial of another policy, of other statuses, or of both; a nil policy stands for the active one.
// The faults name the field: those of Check for a policy, and of statuses "unknown_status", "unknown_value" and
// "default_needed".
func (v *Versions) Trial(ctx context.Context, policy *rules.Policy, changes []StatusEffect) (*Trial, error) {
	trial, err := v.Current(ctx)
	if err != nil {
		return nil, err
	}
	var wrong *fault.Error
	if policy != nil {
		trial.policy = *policy
		_, wrong = Check(*policy)
	}
	if len(changes) > 0 {
		effects, standard, err := v.effects(ctx)
		if err != nil {
			return nil, err
		}
		trial.statuses = &statusTrial{effects: effects, active: map[string]bool{}}
		wrong = trial.statuses.apply(changes, standard, wrong)
	}
	if err := wrong.OrNil(); err != nil {
		return nil, err
	}
	return trial, nil
}

// Policy returns the policy of the trial.
func (t *Trial) Policy() *rules.Policy { return &t.policy }

// Status returns a company with the effect that a status would have on it. An empty code is a company without one.
func (t *Trial) Status(c rules.Company, code string) rules.Company {
	if t.statuses == nil {
		return c
	}
	return t.statuses.of(c, code)
}

// effects returns the effect of each status by its code, and the code of the default one.
func (v *Versions) effects(ctx context.Context) (effects map[string]rules.Effect, standard string, err error) {
	set, err := v.directory.Set(ctx)
	if err != nil {
		return nil, "", err
	}
	effects = map[string]rules.Effect{}
	for _, s := range set.All() {
		effects[s.Code] = s.CardEffect
	}
	if s := set.Default(); s != nil {
		standard = s.Code
	}
	return effects, standard, nil
}

// statusTrial is a status directory that is considered.
type statusTrial struct {
	effects  map[string]rules.Effect
	active   map[string]bool // of statuses that would be switched on or off
	standard rules.Effect    // for companies without a usable status
}

// apply makes the changes; standard is the code of the default status so far. It returns the given fault with the
// wrong fields added.
func (t *statusTrial) apply(changes []StatusEffect, standard string, wrong *fault.Error) *fault.Error {
	field := func(i int, name string) string { return fmt.Sprintf("statuses.%d.%s", i, name) }
	next := ""
	for i, c := range changes {
		if _, known := t.effects[c.Code]; !known && !c.New {
			wrong = wrong.And(field(i, "code"), "unknown_status")
		}
		switch c.CardEffect {
		case rules.EffectNone, rules.EffectBanner, rules.EffectYellow, rules.EffectRed:
			t.effects[c.Code] = c.CardEffect
		case "":
		default:
			wrong = wrong.And(field(i, "card_effect"), "unknown_value")
		}
		if c.IsDefault && next != "" {
			wrong = wrong.And(field(i, "is_default"), "default_needed")
		} else if c.IsDefault {
			next = c.Code
		}
		if c.Active != nil {
			t.active[c.Code] = *c.Active
		}
	}
	if next != "" {
		standard = next
	}
	for i, c := range changes {
		if active, changed := t.active[standard]; c.Code == standard && changed && !active {
			wrong = wrong.And(field(i, "active"), "default_needed")
		}
	}
	t.standard = t.effects[standard]
	return wrong
}

func (t *statusTrial) of(c rules.Company, code string) rules.Company {
	if active, changed := t.active[code]; changed && code != "" {
		c.Status = rules.StatusUnknown
		if active {
			c.Status = rules.StatusSet
		}
	}
	c.Effect = t.standard
	if c.Status == rules.StatusSet {
		c.Effect = t.effects[code]
	}
	return c
}
