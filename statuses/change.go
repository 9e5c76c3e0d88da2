package statuses

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/text"
	"callhue/journal"
	"callhue/rules"
)

// NewStatus is what an entry is made of. Color is grey, CardEffect a banner,
// Sort behind all others where they are left out.
type NewStatus struct {
	Code        string       `json:"code"`
	Name        string       `json:"name"`
	Sort        *int         `json:"sort"`
	Color       string       `json:"color,omitempty"`
	CardEffect  rules.Effect `json:"card_effect"`
	IsProtected bool         `json:"is_protected,omitempty"`
	IsDefault   bool         `json:"is_default,omitempty"`
	Active      *bool        `json:"active"`            // true when left out
	Confirm     bool         `json:"confirm,omitempty"` // accepts red without protection
}

// JSONPatterns returns the rule of a code for the API's document.
func (NewStatus) JSONPatterns() map[string]string { return map[string]string{"code": codePattern} }

// StatusChange is a change of an entry; what is nil stays. The code never changes.
type StatusChange struct {
	Version     int64         `json:"version"`
	Name        *string       `json:"name"`
	Sort        *int          `json:"sort"`
	Color       *string       `json:"color"`
	CardEffect  *rules.Effect `json:"card_effect"`
	IsProtected *bool         `json:"is_protected"`
	IsDefault   *bool         `json:"is_default"`
	Active      *bool         `json:"active"`
	Confirm     bool          `json:"confirm,omitempty"` // accepts red without protection
}

// Add adds an entry. A new default takes that place from the old one, once a second administrator has confirmed it.
// Faults: what is wrong with the fields; "red_unprotected"; the conflict "code_taken".
func (d *Directory) Add(ctx context.Context, by *access.User, in NewStatus) (added *Status, err error) {
	err = d.write(ctx, by, func(a *journal.Act, set *Set) error {
		added, err = d.addIn(a, set, in)
		return err
	})
	return added, err
}

// addIn is Add inside a transaction; set was read in it.
func (d *Directory) addIn(a *journal.Act, set *Set, in NewStatus) (*Status, error) {
	s := in.status(set)
	s.check(a, set)
	if err := a.Check(); err != nil {
		return nil, err
	}
	if s.redUnprotected() && !in.Confirm {
		return nil, redUnprotected()
	}
	if set.ByCode(s.Code) != nil {
		return nil, fault.Conflict("code_taken")
	}
	if bool(s.IsDefault) && set.std != nil {
		if err := a.Lower(proposal(s, []string{"is_default"}, detailsOf(s), proposed{Add: &in})); err != nil {
			return nil, err
		}
	}
	a.Tx.Answer(s)
	return s, add(a, set, s)
}

func (in NewStatus) status(set *Set) *Status {
	s := &Status{Code: in.Code, Name: text.Tidy(in.Name), Color: strings.ToUpper(in.Color), CardEffect: in.CardEffect,
		IsProtected: in.IsProtected, IsDefault: store.Only(in.IsDefault), Active: in.Active == nil || *in.Active}
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
func add(a *journal.Act, set *Set, s *Status) error {
	if s.IsDefault {
		if err := undefault(a, set); err != nil {
			return err
		}
	}
	if err := table.Insert(a.Tx, s); err != nil {
		return err
	}
	return record(a, StatusAdded, s, detailsOf(s))
}

// detailsOf returns the details of a new entry.
func detailsOf(s *Status) map[string]any {
	return map[string]any{"code": s.Code, "name": s.Name, "sort": s.Sort, "color": s.Color,
		"card_effect": s.CardEffect, "is_protected": s.IsProtected, "is_default": s.IsDefault, "active": s.Active}
}

// Change changes an entry, found by its code. Making it the default takes that place from the old one; the default
// itself can be neither un-defaulted nor switched off: the faults is_default and active "default_needed". What lowers
// protection waits for a second administrator, together with the rest of the change. Further faults: what is wrong with
// the fields; "red_unprotected"; not_found; the conflict "stale_version".
func (d *Directory) Change(ctx context.Context, by *access.User, code string, in StatusChange) (
	changed *Status, err error) {
	err = d.write(ctx, by, func(a *journal.Act, set *Set) error {
		changed, err = d.changeIn(a, set, code, in)
		return err
	}, code)
	return changed, err
}

// changeIn is Change inside a transaction; set was read in it.
func (d *Directory) changeIn(a *journal.Act, set *Set, code string, in StatusChange) (*Status, error) {
	before := set.ByCode(code)
	if before == nil {
		return nil, fault.Missing("status")
	}
	if err := store.Seen(in.Version, before.Version); err != nil {
		return nil, err
	}
	after, changes := in.apply(before)
	after.check(a, set)
	if err := a.Check(); err != nil {
		return nil, err
	}
	if after.redUnprotected() && !before.redUnprotected() && !in.Confirm {
		return nil, redUnprotected()
	}
	a.Tx.Answer(after)
	if len(changes) == 0 {
		return after, nil
	}
	count, err := d.used(a.Tx, before.ID)
	if err != nil {
		return nil, err
	}
	if lowers := after.lowers(before, count > 0); len(lowers) > 0 {
		if err := a.Lower(proposal(before, lowers, changes, proposed{Code: code, Change: &in})); err != nil {
			return nil, err
		}
	}
	if after.IsDefault && !before.IsDefault {
		if err := undefault(a, set); err != nil {
			return nil, err
		}
	}
	if after.isRed() && !before.isRed() {
		after.RedSince = store.MomentOf(a.Tx.Now())
	}
	if err := table.Update(a.Tx, after); err != nil {
		return nil, err
	}
	return after, record(a, StatusChanged, after, map[string]any{"code": code, "changed": changes})
}

// Remove removes an entry, found by its code. Conflicts: "status_in_use",
// "status_is_system", "status_is_default".
func (d *Directory) Remove(ctx context.Context, by *access.User, code string) error {
	return d.write(ctx, by, func(a *journal.Act, set *Set) error {
		a.Tx.Answer(nil)
		s := set.ByCode(code)
		switch {
		case s == nil:
			return fault.Missing("status")
		case bool(s.IsDefault):
			return fault.Conflict("status_is_default")
		case s.IsSystem:
			return fault.Conflict("status_is_system")
		}
		count, err := d.used(a.Tx, s.ID)
		if err != nil {
			return err
		}
		if count > 0 {
			return fault.Conflict("status_in_use").With("count", count)
		}
		if err := table.Remove(a.Tx, s.ID); err != nil {
			return err
		}
		return record(a, StatusRemoved, s, map[string]any{"code": s.Code, "name": s.Name})
	}, code)
}

// Find returns an entry by its code, or fault.Missing.
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

// write runs a change of the directory. Such changes come one after the other, so
// what f reads stays true until it has written. The entries of these codes, if any,
// are held: no company gets one meanwhile.
func (d *Directory) write(ctx context.Context, by *access.User,
	f func(a *journal.Act, set *Set) error, codes ...string) error {
	return d.journal.Write(ctx, d.db, by, func(a *journal.Act) error {
		if err := hold(a.Tx, codes...); err != nil {
			return err
		}
		set, err := SetIn(a.Tx)
		if err != nil {
			return err
		}
		return f(a, set)
	})
}

// hold holds the directory and entries of these codes. It comes first in a transaction: what is read before it could be
// old.
func hold(tx *store.Tx, codes ...string) error {
	if err := takeTurn(tx, directory); err != nil {
		return err
	}
	return Lock(tx, codes...)
}

// isRed reports whether companies with the entry are protected by colour.
func (s *Status) isRed() bool { return s.Active && s.CardEffect == rules.EffectRed }

// undefault takes its place from the default, before another entry gets it.
func undefault(a *journal.Act, set *Set) error {
	if set.std == nil {
		return nil
	}
	old, changed := *set.std, journal.Changes{}
	journal.Set(changed, "is_default", &old.IsDefault, false)
	if err := table.Update(a.Tx, &old); err != nil {
		return err
	}
	return record(a, StatusChanged, &old, map[string]any{"code": old.Code, "changed": changed})
}

func (in StatusChange) apply(before *Status) (*Status, journal.Changes) {
	after, changed := *before, journal.Changes{}
	if in.Name != nil {
		journal.Set(changed, "name", &after.Name, text.Tidy(*in.Name))
	}
	if in.Color != nil {
		journal.Set(changed, "color", &after.Color, strings.ToUpper(*in.Color))
	}
	if in.IsDefault != nil {
		journal.Set(changed, "is_default", &after.IsDefault, store.Only(*in.IsDefault))
	}
	journal.SetOptional(changed, "sort", &after.Sort, in.Sort)
	journal.SetOptional(changed, "card_effect", &after.CardEffect, in.CardEffect)
	journal.SetOptional(changed, "is_protected", &after.IsProtected, in.IsProtected)
	journal.SetOptional(changed, "active", &after.Active, in.Active)
	return &after, changed
}

const lastSort = 1_000_000

var hexColor = regexp.MustCompile(`^#[0-9A-F]{6}$`)

// effects are what a status may do to a card.
var effects = [...]rules.Effect{rules.EffectNone, rules.EffectBanner, rules.EffectYellow, rules.EffectRed}

// check gathers everything that is wrong with an entry beside these others.
func (s *Status) check(a *journal.Act, set *Set) {
	a.Invalid("code", codeFault(s.Code))
	a.Invalid("name", text.CheckRequired(s.Name, 200))
	if s.Sort < 0 || s.Sort > lastSort {
		a.Invalid("sort", "out_of_range")
	}
	if !hexColor.MatchString(s.Color) {
		a.Invalid("color", "malformed")
	}
	if !slices.Contains(effects[:], s.CardEffect) {
		a.Invalid("card_effect", "unknown_value")
	}
	if !s.IsDefault && set.std != nil && set.std.ID == s.ID {
		a.Invalid("is_default", "default_needed")
	}
	if bool(s.IsDefault) && !s.Active {
		a.Invalid("active", "default_needed")
	}
}

// codePattern is a letter, then letters and digits of any language and _ - . beside them, at most 50 characters: a code
// stands in addresses and files. It reads the same in Go, in JSON Schema and in the pattern of an HTML input.
const codePattern = `^\p{L}[\p{L}\p{Nd}_\-.]{0,49}$`

var codeRule = regexp.MustCompile(codePattern)

// codeFault names what is wrong with a code: nothing, "required", "too_long" or "malformed".
func codeFault(code string) string {
	if wrong := text.CheckRequired(code, 50); wrong != "" {
		return wrong
	}
	if !codeRule.MatchString(code) {
		return "malformed"
	}
	return ""
}

func record(a *journal.Act, verb journal.Verb, s *Status, details map[string]any) error {
	return a.Record(journal.Entry{Verb: verb, Subject: journal.Ref{Kind: "status", ID: s.ID}}, details)
}
