package policy

import (
	"encoding/json"
	"slices"
	"strconv"

	"callhue/internal/access"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/rules"
)

// ProposalKind is the kind of the changes of this package that wait for a second administrator.
const ProposalKind = "policy"

// Lowers returns the fields by which a policy may paint red weaker than the one before, for any user and client: red
// may become yellow or none, or no longer look red. A field stands here in one direction only where the other never
// weakens red; TestNothingLowersUnseen compares that with the rules themselves.
func Lowers(before, next rules.Policy) (fields []string) {
	add := func(field string, lowered bool) {
		if lowered {
			fields = append(fields, field)
		}
	}
	add("inherit_contact_company", reachWeakens(before.InheritContactCompany, next.InheritContactCompany, next))
	add("inherit_lead_company", reachWeakens(before.InheritLeadCompany, next.InheritLeadCompany, next))
	add("missing_status",
		before.MissingStatus == rules.MissingAsProtected && next.MissingStatus != rules.MissingAsProtected)
	add("shared_number", weaker(before.SharedNumber, next.SharedNumber,
		rules.SharedOwnFirst, rules.SharedOldestLink, rules.SharedStrictest))
	add("leads", before.InheritLeadCompany && reachWeakens(before.Leads == rules.LeadsOpenAndLost,
		next.Leads == rules.LeadsOpenAndLost, next))
	add("team", weaker(before.Team, next.Team, rules.CountsAsOwn, rules.CountsAsForeign))
	add("deputy", weaker(before.Deputy, next.Deputy, rules.CountsAsOwn, rules.CountsAsForeign))
	for _, c := range []struct {
		field        string
		before, next rules.Color
	}{
		{"supervisor", before.Supervisor, next.Supervisor},
		{"admin", before.Admin, next.Admin},
		{"incoming", before.Incoming, next.Incoming},
	} {
		add(c.field, weaker(c.before, c.next, rules.None, rules.Yellow, rules.Red))
	}
	add("palette.red", before.Palette.Red != next.Palette.Red && !looksRed(next.Palette.Red.Back))
	return fields
}

// weaker reports whether a value stands before the former one in an order from weak to strong.
func weaker[T comparable](before, next T, order ...T) bool {
	return slices.Index(order, next) < slices.Index(order, before)
}

// reachWeakens reports whether a change of the ways from a number to a company may weaken red. Fewer ways reach fewer
// protected companies. More ways may reach a company of the agent's that has the number longer and excuses them, unless
// no company does.
func reachWeakens(before, next bool, policy rules.Policy) bool {
	return before && !next || next && !before && policy.SharedNumber != rules.SharedStrictest
}

// looksRed reports whether #RRGGBB is a red: bright enough, and at least twice as much red as green and as blue.
func looksRed(color string) bool {
	if len(color) != len("#RRGGBB") {
		return false
	}
	rgb, err := strconv.ParseUint(color[1:], 16, 32)
	red, green, blue := rgb>>16, rgb>>8&0xFF, rgb&0xFF
	return err == nil && red >= 0x80 && red >= 2*green && red >= 2*blue
}

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
