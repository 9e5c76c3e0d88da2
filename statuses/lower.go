package statuses

import (
	"encoding/json"
	"slices"

	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/rules"
)

// ProposalKind is the kind of the changes of this package that wait for a second administrator.
const ProposalKind = "status"

// proposed is a change that waits: a new entry, or the change of one.
type proposed struct {
	Add    *NewStatus    `json:"add,omitempty"`
	Code   string        `json:"code,omitempty"`
	Change *StatusChange `json:"change,omitempty"`
}

func proposal(s *Status, lowers []string, changed any, change proposed) journal.Proposal {
	return journal.Proposal{
		Kind:    ProposalKind,
		Subject: journal.Ref{Kind: "status", ID: s.ID},
		Name:    s.Name,
		Lowers:  lowers,
		Changed: changed,
		Change:  change,
	}
}

// lowers returns the fields of the entry that protect less than before. An entry in use that is switched off leaves its
// companies without a status; one that is switched on again may end the red that the policy shows for such companies.
func (s *Status) lowers(before *Status, inUse bool) (fields []string) {
	if weight(s.CardEffect) < weight(before.CardEffect) {
		fields = append(fields, "card_effect")
	}
	if before.IsProtected && !s.IsProtected {
		fields = append(fields, "is_protected")
	}
	if bool(s.IsDefault) && !bool(before.IsDefault) {
		fields = append(fields, "is_default")
	}
	switchedOn := s.Active && !before.Active && s.CardEffect != rules.EffectRed
	if inUse && (before.Active && !s.Active || switchedOn) {
		fields = append(fields, "active")
	}
	return fields
}

// weight returns how strongly an effect protects.
func weight(e rules.Effect) int { return slices.Index(effects[:], e) }

// redUnprotected reports whether the entry is red but guards nothing: a colleague could take the company over, and the
// red with it.
func (s *Status) redUnprotected() bool { return s.CardEffect == rules.EffectRed && !s.IsProtected }

func redUnprotected() error {
	f := fault.Invalid("is_protected", "red_unprotected")
	f.Key = "red_unprotected"
	return f
}

// HoldProposed holds what a proposed change is about; it comes first in the transaction that applies it.
func (d *Directory) HoldProposed(tx *store.Tx, change json.RawMessage) error {
	var in proposed
	if err := json.Unmarshal(change, &in); err != nil {
		return err
	}
	if in.Change == nil {
		return hold(tx)
	}
	return hold(tx, in.Code)
}

// ApplyProposed applies a confirmed change. Faults: those of Add and Change.
func (d *Directory) ApplyProposed(a *journal.Act, change json.RawMessage, _ string) error {
	var in proposed
	if err := json.Unmarshal(change, &in); err != nil {
		return err
	}
	set, err := SetIn(a.Tx)
	if err != nil {
		return err
	}
	if in.Add != nil {
		_, err = d.addIn(a, set, *in.Add)
	} else {
		_, err = d.changeIn(a, set, in.Code, *in.Change)
	}
	return err
}

// Effect is what a proposed change does to cards.
type Effect struct {
	Code       string       `json:"code"`
	CardEffect rules.Effect `json:"card_effect"`
	Active     *bool        `json:"active"`
	IsDefault  bool         `json:"is_default"`
	StatusID   int64        `json:"-"` // 0 for a new entry
}

// EffectOf returns what a proposed change does to the entry that it is about; what it leaves alone is empty.
func (d *Directory) EffectOf(set *Set, change json.RawMessage) (e Effect, err error) {
	var in proposed
	if err := json.Unmarshal(change, &in); err != nil {
		return e, err
	}
	if in.Add != nil {
		return Effect{Code: in.Add.Code, CardEffect: in.Add.CardEffect, Active: in.Add.Active,
			IsDefault: in.Add.IsDefault}, nil
	}
	e = Effect{Code: in.Code, Active: in.Change.Active}
	if in.Change.CardEffect != nil {
		e.CardEffect = *in.Change.CardEffect
	}
	e.IsDefault = in.Change.IsDefault != nil && *in.Change.IsDefault
	if s := set.ByCode(in.Code); s != nil {
		e.StatusID = s.ID
	}
	return e, nil
}

// Companies returns how many companies have the entry of an id.
func (d *Directory) Companies(tx *store.Tx, status int64) (int64, error) { return d.used(tx, status) }
