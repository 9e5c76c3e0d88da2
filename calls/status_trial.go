package calls

import (
	"context"
	"fmt"

	"callhue/rules"
)

// statusTrial is the status directory as it would be: what entries do, which are
// switched off, and what companies without a usable status are treated as.
type statusTrial struct {
	effects  map[string]rules.Effect
	active   map[string]bool // of entries that would be switched on or off
	standard rules.Effect
}

// statusTrial makes the directory of some changes; nil without any. Faults name
// the entry: unknown_status, unknown_value, default_needed.
func (d *Tracker) statusTrial(ctx context.Context, changes []StatusEffect) (*statusTrial, error) {
	if len(changes) == 0 {
		return nil, nil
	}
	effects, standard, failed := d.Book.StatusEffects(ctx)
	if failed != nil {
		return nil, failed
	}
	t := &statusTrial{effects: effects, active: map[string]bool{}}
	var err error
	next := ""
	for i, c := range changes {
		field := func(name string) string { return fmt.Sprintf("statuses.%d.%s", i, name) }
		if _, known := effects[c.Code]; !known {
			err = also(err, field("code"), "unknown_status")
		}
		switch c.CardEffect {
		case rules.EffectNone, rules.EffectBanner, rules.EffectYellow, rules.EffectRed:
			effects[c.Code] = c.CardEffect
		case "":
		default:
			err = also(err, field("card_effect"), "unknown_value")
		}
		if c.IsDefault && next != "" {
			err = also(err, field("is_default"), "default_needed")
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
		if active, said := t.active[standard]; c.Code == standard && said && !active {
			err = also(err, fmt.Sprintf("statuses.%d.active", i), "default_needed")
		}
	}
	t.standard = effects[standard]
	return t, err
}

// apply gives a company of a scene what its status would do.
func (t *statusTrial) apply(c *rules.Company, code string) {
	if t == nil {
		return
	}
	if active, said := t.active[code]; said && code != "" {
		c.Status = rules.StatusUnknown
		if active {
			c.Status = rules.StatusSet
		}
	}
	c.Effect = t.standard
	if c.Status == rules.StatusSet {
		c.Effect = t.effects[code]
	}
}
