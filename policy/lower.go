package policy

import (
	"encoding/json"
	"strconv"

	"callhue/internal/access"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/rules"
)

// ProposalKind is the kind of the changes of this package that wait for a second administrator.
const ProposalKind = "policy"

// HoldProposed has nothing to hold: a version is replaced once.
func (v *Versions) HoldProposed(*store.Tx, json.RawMessage) error { return nil }

// ApplyProposed makes a confirmed version the active one. Faults: those of Change.
func (v *Versions) ApplyProposed(a *journal.Act, change json.RawMessage, _ string) error {
	in, err := Proposed(change)
	if err != nil {
		return err
	}
	_, err = v.changeIn(a, in)
	return err
}

// Proposed returns the policy of a proposed change. A knob that came with a later version of the program is as shipped.
func Proposed(change json.RawMessage) (in PolicyInput, err error) {
	in.Policy = rules.Default()
	err = json.Unmarshal(change, &in)
	return in, err
}

func proposal(before, next rules.Policy, lowers []string, in PolicyInput) journal.Proposal {
	return journal.Proposal{
		Kind:    ProposalKind,
		Subject: journal.Ref{Kind: "policy", ID: int64(before.Version)},
		Name:    strconv.Itoa(next.Version),
		Lowers:  lowers,
		Changed: journal.Compare(before, next),
		Change:  in,
	}
}

// isAdmin reports whether a user may change the policy: the session knows the roles of when the request began.
func (v *Versions) isAdmin(tx *store.Tx, by *access.User) (bool, error) {
	org, err := v.roster.OrgIn(tx)
	if err != nil {
		return false, err
	}
	return org.Administers(by), nil
}
