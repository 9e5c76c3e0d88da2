package crm

import "slices"

// Laundering is every way to turn a red card off without the consent of those who decide about the
// company: change its owner, status or team, remove a number, cut a link, merge, add the company
// again, convert a lead elsewhere, or own a company that seems to have had the number first. This
// file is the whole defence: the table of rights, and the guards that every write passes through.
// docs/decisions/0008 describes each hole and what closes it; laundering_test.go tries them all.
//
// Three principles stand behind the table:
//
//  1. Its owner works with a protected company; the owner's head decides about it.
//  2. What leads to a protected company belongs to it. Everyone may add a record that leads there,
//     because that only makes more calls red. Those who do not work with the company may change
//     nothing of the existing records, except their own.
//  3. The first to have the number is right (row 17 of the decision table). So a company that had
//     it before a protected one does not change hands without its owner, and no merge makes an
//     older company out of another.

// action is something done to a company that may be forbidden.
type action string

const (
	setStatus     action = "status"
	setOwner      action = "owner"
	setTeam       action = "team"
	describe      action = "describe"     // change its name or e-mails, or anything of a record that leads to it
	addNumber     action = "add_number"   // add a phone to the company itself, or change its spelling
	takeNumber    action = "take_number"  // remove one from the company, or from a contact or lead that leads to it
	unlink        action = "unlink"       // unlink or remove a contact or lead
	removeCompany action = "remove"       // contacts and leads stay, without it
	mergeCompany  action = "merge"        // it into another one, or another one into it
	mergeContact  action = "merge_people" // a contact that leads to it, with another contact
	outrank       action = "outrank"      // make another company's link older than its own
)

// when is the condition under which a right applies to a company.
type when uint8

const (
	always when = iota
	protected
	unprotected
	older // not protected, but has a number for longer than a protected company
)

// right is a row of the table: who may do an action. Actions that are not in the table are open to
// all who may write.
type right struct {
	action  action
	when    when
	allowed []standing
	code    string // of the refusal
}

var rights = [...]right{
	{setStatus, protected, []standing{head, admin}, "status_change_forbidden"},
	{setStatus, unprotected, []standing{system, head, admin}, "status_change_forbidden"},
	{setOwner, protected, []standing{head, admin}, "owner_change_forbidden"},
	{setOwner, older, []standing{owner, head, admin}, "owner_change_forbidden"},
	{setTeam, always, []standing{owner, head, admin}, "team_change_forbidden"},
	{describe, protected, []standing{system, team, owner, head, admin}, "company_change_forbidden"},
	{addNumber, protected, []standing{team, owner, head, admin}, "number_change_forbidden"},
	{takeNumber, protected, []standing{head, admin}, "number_removal_forbidden"},
	{unlink, protected, []standing{head, admin}, "unlink_forbidden"},
	{removeCompany, protected, []standing{head, admin}, "removal_forbidden"},
	{mergeCompany, protected, []standing{head, admin}, "merge_forbidden"},
	{mergeCompany, older, []standing{owner, head, admin}, "merge_forbidden"},
	{mergeContact, protected, []standing{head, admin}, "merge_forbidden"},
	{outrank, protected, []standing{owner, head, admin}, "merge_forbidden"},
}

// applies reports whether a right applies to a company.
func (a *act) applies(w when, c *companyRow) (bool, error) {
	if w == always {
		return true, nil
	}
	locked, err := a.protected(c)
	if err != nil || w == protected || w == unprotected {
		return locked == (w == protected), err
	}
	if locked {
		return false, nil
	}
	return a.predatesProtected(c.ID)
}

func (a *act) protected(c *companyRow) (bool, error) {
	set, err := a.statusSet()
	if err != nil {
		return false, err
	}
	status := set.ByID(c.StatusID)
	return status != nil && status.IsProtected, nil
}

// predatesProtected reports whether a company has a number for longer than a protected company of
// another owner: its owner would see no red card there.
func (a *act) predatesProtected(company int64) (bool, error) {
	set, err := a.statusSet()
	if err != nil {
		return false, err
	}
	var statuses []int64
	for _, s := range set.All() {
		if s.IsProtected {
			statuses = append(statuses, s.ID)
		}
	}
	for _, kind := range []Kind{KindCompany, KindContact, KindLead} {
		ids := []int64{company}
		if kind != KindCompany {
			if ids, err = linkedTo(a.Tx, kind, company); err != nil {
				return false, err
			}
		}
		for part := range slices.Chunk(ids, 500) {
			found, err := outranked(a.Tx, kind, part, company, statuses, a.User.ID)
			if err != nil || found {
				return found, err
			}
		}
	}
	return false, nil
}

// authorizeAll authorises an action on several companies; removed ones and 0 are skipped.
func (a *act) authorizeAll(do action, ids []int64, wanted any) error {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	companies, err := companyRows(a.Tx, slices.Compact(ids))
	if err != nil {
		return err
	}
	for i := range companies {
		if err := a.authorize(do, &companies[i], wanted); err != nil {
			return err
		}
	}
	return nil
}

// guardPhones authorises a change of a company's own phones: own is the company before the write, t
// the change of its index rows.
func (a *act) guardPhones(own *companyRow, e edit, t indexChange) error {
	switch {
	case len(t.removed) > 0:
		return a.authorize(takeNumber, own, indexChange{removed: t.removed}.keys())
	case e.otherPhones():
		return a.authorize(addNumber, own, t.keys())
	}
	return nil
}

// guardLinks authorises a change of numbers that lead to companies through a contact or lead: none
// is removed from a protected company, and none becomes older than that company's own, as a merge
// could make it.
func (a *act) guardLinks(t indexChange) error {
	losers := make([]int64, len(t.removed))
	for i, l := range t.removed {
		losers[i] = l.Company
	}
	if err := a.authorizeAll(takeNumber, losers, indexChange{removed: t.removed}.keys()); err != nil {
		return err
	}
	for _, l := range slices.Concat(t.added, t.changed) {
		if l.Company == 0 || l.Since >= a.now() {
			continue
		}
		younger, err := a.outrankedBy(l)
		if err != nil {
			return err
		}
		if err := a.authorizeAll(outrank, younger, []int64{l.Key}); err != nil {
			return err
		}
	}
	return nil
}

// outrankedBy returns the companies that have the number of l for longest now and will not once l
// is in the index: with leads or, where l is no lead's, without them, as a policy may count either way.
func (a *act) outrankedBy(l numberRow) (younger []int64, err error) {
	for last := max(l.Kind, KindContact); last <= KindLead; last++ {
		oldest, err := oldestLinks(a.Tx, l.Key, last)
		if err != nil {
			return nil, err
		}
		had, found := oldest[l.Company]
		for company, since := range oldest {
			if company != l.Company && l.Since < since && (!found || had >= since) {
				younger = append(younger, company)
			}
		}
	}
	return younger, nil
}

// guardRecord authorises a change of a contact or lead that leads to the companies of had before it
// and to those of has after it.
func (a *act) guardRecord(kind Kind, before base, had, has []companyLink) error {
	var left []int64
	for _, t := range had {
		if !slices.ContainsFunc(has, func(now companyLink) bool { return now.Company == t.Company }) {
			left = append(left, t.Company)
		}
	}
	wanted := map[string]int64{kind.String(): before.ID}
	if err := a.authorizeAll(unlink, left, wanted); err != nil || a.owns(before) {
		return err
	}
	return a.authorizeAll(describe, companiesIn(had), wanted)
}

// owns reports whether a record is the user's own: they are its owner, or created it and it has
// none.
func (a *act) owns(r base) bool {
	return a.User.ID != 0 && (r.OwnerID == a.User.ID || r.OwnerID == 0 && r.CreatedBy == a.User.ID)
}
