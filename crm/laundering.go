package crm

import "slices"

// Laundering is every way to make a red card go away without the word of who
// decides about the company: another owner, another status, a place in the
// team, a number taken off, a link cut, a merge, a company made anew, a lead
// converted elsewhere, or a company of one's own that seems to have had the number
// first. This file is the whole defence: the table of deeds, and the guards that
// every write of the Book passes through. docs/decisions tells each hole and
// what closes it; laundering_test.go tries them all.
//
// Three sentences stand behind the table:
//
//  1. A protected company is its owner's to work with, and his head's to dispose of.
//  2. What leads to a protected company belongs to it. Everybody may add a record
//     that leads there, for that only makes more calls red; who does not work with
//     the company may change nothing of the records that do already, save his own.
//  3. Whoever had the number first is right (row 17 of the decision table). So a
//     company that had it before a protected one, an elder, does not change hands
//     by a stranger's will, and no merge makes an elder out of another company.

// action is something that can be done to a company and that somebody may not.
type action string

const (
	setStatus     action = "status"
	setOwner      action = "owner"
	setTeam       action = "team"
	describe      action = "describe"     // its name and e-mails; anything of a record that leads to it
	addNumber     action = "add_number"   // put a phone on the company itself, or spell one otherwise
	takeNumber    action = "take_number"  // off the company, or off a contact or lead that leads to it
	unlink        action = "unlink"       // a contact or lead from it, or remove that
	removeCompany action = "remove"       // contacts and leads stay, without it
	mergeCompany  action = "merge"        // it into another one, or another one into it
	mergeContact  action = "merge_people" // a contact that leads to it, with another one
	outrank       action = "outrank"      // make another company's link older than its own
)

// when says which companies a right guards.
type when uint8

const (
	always when = iota
	protected
	older // not protected, but has a number for longer than a protected company has
)

// right is a row of the table: who may do a deed. Everything that is not in
// the table may be done by everybody who may write at all.
type right struct {
	action  action
	when    when
	allowed []standing
	code    string // of the refusal
}

var rights = [...]right{
	{setStatus, always, []standing{head, admin}, "status_change_forbidden"},
	{setOwner, protected, []standing{head, admin}, "owner_change_forbidden"},
	{setOwner, older, []standing{owner, head, admin}, "owner_change_forbidden"},
	{setTeam, always, []standing{owner, head, admin}, "team_change_forbidden"},
	{describe, protected, []standing{team, owner, head, admin}, "company_change_forbidden"},
	{addNumber, protected, []standing{team, owner, head, admin}, "number_change_forbidden"},
	{takeNumber, protected, []standing{head, admin}, "number_removal_forbidden"},
	{unlink, protected, []standing{head, admin}, "unlink_forbidden"},
	{removeCompany, protected, []standing{head, admin}, "removal_forbidden"},
	{mergeCompany, protected, []standing{head, admin}, "merge_forbidden"},
	{mergeCompany, older, []standing{owner, head, admin}, "merge_forbidden"},
	{mergeContact, protected, []standing{head, admin}, "merge_forbidden"},
	{outrank, protected, []standing{owner, head, admin}, "merge_forbidden"},
}

// guards says whether a company is one of those that a right is about.
func (a *act) applies(w when, c *companyRow) (bool, error) {
	if w == always {
		return true, nil
	}
	locked, err := a.protected(c)
	if err != nil || w == protected {
		return locked, err
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

// elder says whether a company has a number for longer than a protected company
// of another owner than the user: who gets hold of it sees no red there.
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

// mayAll asks about a deed that is done to several companies at once; those
// that are gone or 0 are not asked about.
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

// guardPhones is about a company's own phones: own is the company before the
// write, t what changes in the index.
func (a *act) guardPhones(own *companyRow, e edit, t indexChange) error {
	switch {
	case len(t.removed) > 0:
		return a.authorize(takeNumber, own, indexChange{removed: t.removed}.keys())
	case e.otherPhones():
		return a.authorize(addNumber, own, t.keys())
	}
	return nil
}

// guardWays is about the numbers that lead to companies through a contact or
// lead: none is taken from a protected company, and none becomes older than that
// company's own, as a merge could make it.
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
		younger, err := a.outrankedBy(l, KindLead)
		if err != nil {
			return err
		}
		if err := a.authorizeAll(outrank, younger, []int64{l.Key}); err != nil {
			return err
		}
	}
	return nil
}

// outrankedBy gives the companies that have a number for longer than the company
// of l now, and will not once l is in the index; ways of the kinds up to one
// count.
func (a *act) outrankedBy(l numberRow, last Kind) (younger []int64, err error) {
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
	return younger, nil
}

// guardRecord is about a contact or lead that is being changed: it led to the
// companies of had, and leads to those of has from now on.
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

// owns says whether a record is the user's own: he is its owner, or made it and
// nobody is.
func (a *act) owns(r base) bool {
	return a.User.ID != 0 && (r.OwnerID == a.User.ID || r.OwnerID == 0 && r.CreatedBy == a.User.ID)
}
