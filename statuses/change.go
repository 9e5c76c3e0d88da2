package statuses

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/rules"
)

// NewStatus is what an entry is made of. Color is grey, CardEffect a banner,
// Sort behind all others where they are left out.
type NewStatus struct {
	Code        string       `json:"code"`
	Name        string       `json:"name"`
	Sort        *int         `json:"sort"`
	Color       string       `json:"color"`
	CardEffect  rules.Effect `json:"card_effect"`
	IsProtected bool         `json:"is_protected"`
	IsDefault   bool         `json:"is_default"`
	Active      *bool        `json:"active"` // true when left out
}

// Change is a change of an entry; what is nil stays. The code never changes.
type Change struct {
	Version     int64         `json:"version"`
	Name        *string       `json:"name"`
	Sort        *int          `json:"sort"`
	Color       *string       `json:"color"`
	CardEffect  *rules.Effect `json:"card_effect"`
	IsProtected *bool         `json:"is_protected"`
	IsDefault   *bool         `json:"is_default"`
	Active      *bool         `json:"active"`
}

// Add adds an entry. A new default takes that place from the old one. Faults:
// what is wrong with the fields; the conflict "code_taken".
func (d *Directory) Add(ctx context.Context, by int64, in NewStatus) (*Status, error) {
	err := d.change(ctx, func(tx *store.Tx, set *Set) error {
		s := in.status(set)
		if err := s.check(set).OrNil(); err != nil {
			return err
		}
		if set.ByCode(s.Code) != nil {
			return fault.Conflict("code_taken")
		}
		return d.add(tx, by, set, s)
	})
	if err != nil {
		return nil, err
	}
	return d.Find(ctx, in.Code)
}

func (in NewStatus) status(set *Set) *Status {
	s := &Status{Code: in.Code, Name: fault.Tidy(in.Name), Color: strings.ToUpper(in.Color), CardEffect: in.CardEffect,
		IsProtected: in.IsProtected, IsDefault: in.IsDefault, Active: in.Active == nil || *in.Active}
	if s.Color == "" {
		s.Color = "#868E96"
	}
	if s.CardEffect == "" {
		s.CardEffect = rules.EffectBanner
	}
	if in.Sort != nil {
		s.Sort = *in.Sort
	} else if n := len(set.all); n > 0 {
		s.Sort = min(set.all[n-1].Sort+10, lastSort)
	}
	return s
}

// add writes a checked entry; set was read in this very transaction.
func (d *Directory) add(tx *store.Tx, by int64, set *Set, s *Status) error {
	if s.IsDefault {
		if err := d.undefault(tx, by, set); err != nil {
			return err
		}
	}
	id, err := insert(tx, s)
	if err != nil {
		return err
	}
	return d.record(tx, by, id, StatusAdded, map[string]any{"code": s.Code, "name": s.Name, "sort": s.Sort, "color": s.Color,
		"card_effect": s.CardEffect, "is_protected": s.IsProtected, "is_default": s.IsDefault, "active": s.Active})
}

// Change changes an entry, found by its code. Making it the default takes that
// place from the old one; the default itself can be neither un-defaulted nor
// switched off: the faults is_default and active "default_needed".
func (d *Directory) Change(ctx context.Context, by int64, code string, in Change) (*Status, error) {
	err := d.change(ctx, func(tx *store.Tx, set *Set) error {
		before := set.ByCode(code)
		switch {
		case before == nil:
			return fault.Missing("status")
		case in.Version == 0:
			return fault.Invalid("version", "required")
		case in.Version != before.Version:
			return fault.Stale()
		}
		after, what := in.apply(before)
		if err := after.check(set).OrNil(); err != nil || len(what) == 0 {
			return err
		}
		if after.IsDefault && !before.IsDefault {
			if err := d.undefault(tx, by, set); err != nil {
				return err
			}
		}
		if err := update(tx, after); err != nil {
			return err
		}
		return d.record(tx, by, after.ID, StatusChanged, map[string]any{"code": code, "changed": what})
	}, code)
	if err != nil {
		return nil, err
	}
	return d.Find(ctx, code)
}

// Remove removes an entry, found by its code. Conflicts: "status_in_use",
// "status_is_system", "status_is_default".
func (d *Directory) Remove(ctx context.Context, by int64, code string) error {
	return d.change(ctx, func(tx *store.Tx, set *Set) error {
		s := set.ByCode(code)
		switch {
		case s == nil:
			return fault.Missing("status")
		case s.IsDefault:
			return fault.Conflict("status_is_default")
		case s.IsSystem:
			return fault.Conflict("status_is_system")
		}
		count, err := d.used(tx, s.ID)
		if err != nil {
			return err
		}
		if count > 0 {
			return fault.Conflict("status_in_use").With("count", count)
		}
		if err := remove(tx, s); err != nil {
			return err
		}
		return d.record(tx, by, s.ID, StatusRemoved, map[string]any{"code": s.Code, "name": s.Name})
	}, code)
}

// Find gives an entry by its code, or fault.Missing.
func (d *Directory) Find(ctx context.Context, code string) (*Status, error) {
	set, err := d.Set(ctx)
	if err != nil {
		return nil, err
	}
	s := set.ByCode(code)
	if s == nil {
		return nil, fault.Missing("status")
	}
	return s, nil
}

// change runs a change of the directory; such changes come one after the other,
// so what f reads stays true until it has written. The entries of these codes, if
// any, are held: no company gets one meanwhile.
func (d *Directory) change(ctx context.Context, f func(tx *store.Tx, set *Set) error, codes ...string) error {
	return d.db.Write(ctx, func(tx *store.Tx) error {
		if err := takeTurn(tx, directory); err != nil { // first of all: what is read before it could be old
			return err
		}
		if err := Hold(tx, codes...); err != nil {
			return err
		}
		set, err := SetIn(tx)
		if err != nil {
			return err
		}
		return f(tx, set)
	})
}

// undefault takes its place from the default, before another entry gets it.
func (d *Directory) undefault(tx *store.Tx, by int64, set *Set) error {
	if set.std == nil {
		return nil
	}
	old := *set.std
	old.IsDefault = false
	if err := update(tx, &old); err != nil {
		return err
	}
	return d.record(tx, by, old.ID, StatusChanged, map[string]any{"code": old.Code, "changed": changed{"is_default": {true, false}}})
}

// changed is a field's value before and after, for the journal.
type changed map[string]fromTo

type fromTo struct {
	From any `json:"from"`
	To   any `json:"to"`
}

func take[T comparable](c changed, field string, value, wanted *T) {
	if wanted != nil && *value != *wanted {
		c[field] = fromTo{*value, *wanted}
		*value = *wanted
	}
}

func (in Change) apply(before *Status) (*Status, changed) {
	after, what := *before, changed{}
	if in.Name != nil {
		name := fault.Tidy(*in.Name)
		take(what, "name", &after.Name, &name)
	}
	if in.Color != nil {
		color := strings.ToUpper(*in.Color)
		take(what, "color", &after.Color, &color)
	}
	take(what, "sort", &after.Sort, in.Sort)
	take(what, "card_effect", &after.CardEffect, in.CardEffect)
	take(what, "is_protected", &after.IsProtected, in.IsProtected)
	take(what, "is_default", &after.IsDefault, in.IsDefault)
	take(what, "active", &after.Active, in.Active)
	return &after, what
}

const lastSort = 1_000_000

var hexColor = regexp.MustCompile(`^#[0-9A-F]{6}$`)

// check gathers everything that is wrong with an entry beside these others.
func (s *Status) check(set *Set) (wrong *fault.Error) {
	if code := codeFault(s.Code); code != "" {
		wrong = wrong.And("code", code)
	}
	if code := fault.InRequired(s.Name, 200); code != "" {
		wrong = wrong.And("name", code)
	}
	if s.Sort < 0 || s.Sort > lastSort {
		wrong = wrong.And("sort", "out_of_range")
	}
	if !hexColor.MatchString(s.Color) {
		wrong = wrong.And("color", "malformed")
	}
	if !slices.Contains([]rules.Effect{rules.EffectNone, rules.EffectBanner, rules.EffectYellow, rules.EffectRed}, s.CardEffect) {
		wrong = wrong.And("card_effect", "unknown_value")
	}
	if !s.IsDefault && set.std != nil && set.std.ID == s.ID {
		wrong = wrong.And("is_default", "default_needed")
	}
	if s.IsDefault && !s.Active {
		wrong = wrong.And("active", "default_needed")
	}
	return wrong
}

// codeFault: a letter first, then letters, digits and _ - . of any language, at
// most 50 characters: a code stands in addresses and files.
func codeFault(code string) string {
	if wrong := fault.InRequired(code, 50); wrong != "" {
		return wrong
	}
	for i, c := range code {
		if !unicode.IsLetter(c) && (i == 0 || !unicode.IsDigit(c) && !strings.ContainsRune("_-.", c)) {
			return "malformed"
		}
	}
	return ""
}

func (d *Directory) record(tx *store.Tx, by, id int64, verb journal.Verb, words map[string]any) error {
	_, err := d.journal.Record(tx, journal.Entry{Actor: by, Verb: verb, Subject: journal.Ref{Kind: "status", ID: id}, Details: journal.Details(words)})
	return err
}
