package crm

import (
	"slices"

	"callhue/fault"
	"callhue/journal"
	"callhue/web"
)

// deed is something that can be done to a company and that somebody may not.
type deed string

const (
	setStatus     deed = "status"
	setOwner      deed = "owner"
	setTeam       deed = "team"
	addNumber     deed = "add_number"  // put a phone on the company itself
	takeNumber    deed = "take_number" // off the company, or off a contact or lead that leads to it; or unlink that
	removeCompany deed = "remove"
)

// standing is what the user is to a company.
type standing uint8

const (
	peer  standing = iota // none of the following
	team                  // helps the owner
	owner                 // even where he is a head as well: nobody approves his own company
	head                  // head of the owner, at any level
	admin
)

// right is a row of the table: who may do a deed. Everything that is not in
// the table may be done by everybody who may write at all.
type right struct {
	deed   deed
	always bool // also where the company's status does not protect it
	may    []standing
	code   string // of the refusal
}

// rights is the table. Without its lower rows a poacher would first change the
// owner, make himself a helper or take the number away, and red would never show.
var rights = [...]right{
	{setStatus, true, []standing{head, admin}, "status_change_forbidden"},
	{setOwner, false, []standing{head, admin}, "owner_change_forbidden"},
	{setTeam, false, []standing{owner, head, admin}, "team_change_forbidden"},
	{addNumber, false, []standing{team, owner, head, admin}, "number_change_forbidden"},
	{takeNumber, false, []standing{head, admin}, "number_removal_forbidden"},
	{removeCompany, false, []standing{head, admin}, "removal_forbidden"},
}

// refusal ends a write for want of rights; write turns it into its fault after
// the journal has got the entry.
type refusal struct {
	fault *fault.Error
	entry journal.Entry
}

func (r *refusal) Error() string { return r.fault.Error() }
func (r *refusal) Unwrap() error { return r.fault }

// may looks a deed up in the table for the user of this write, with rights as
// they are inside the transaction. c is the company as it stood before the
// write, or as it is about to be added (ID 0). wanted is what a refusal leaves
// in the journal: the status, the owner, the numbers.
func (a *act) may(do deed, c *companyRow, wanted any) error {
	i := slices.IndexFunc(rights[:], func(r right) bool { return r.deed == do })
	if !rights[i].always {
		protected, err := a.protected(c)
		if err != nil || !protected {
			return err
		}
	}
	as, err := a.standing(c)
	if err != nil {
		return err
	}
	if slices.Contains(rights[i].may, as) {
		return nil
	}
	return a.refuse(do, rights[i].code, c, wanted)
}

func (a *act) protected(c *companyRow) (bool, error) {
	set, err := a.set()
	if err != nil {
		return false, err
	}
	status := set.ByID(c.StatusID)
	return status != nil && status.IsProtected, nil
}

func (a *act) standing(c *companyRow) (standing, error) {
	org, err := a.org()
	if err != nil {
		return peer, err
	}
	// The session knows the roles of when the request began; a machine of the
	// house itself (the command line) has no user.
	isAdmin := a.by.ID == 0 && a.by.Has(web.Admin)
	if u := org.User(a.by.ID); u != nil {
		isAdmin = u.Active && slices.Contains(u.Roles, web.Admin)
	}
	switch {
	case isAdmin:
		return admin, nil
	case c.OwnerID != 0 && c.OwnerID == a.by.ID:
		return owner, nil
	case c.OwnerID != 0 && org.IsHeadOf(a.by.ID, c.OwnerID):
		return head, nil
	case slices.Contains(idsIn(c.TeamIDs), a.by.ID):
		return team, nil
	}
	return peer, nil
}

func (a *act) refuse(do deed, code string, c *companyRow, wanted any) error {
	org, err := a.org()
	if err != nil {
		return err
	}
	subject := journal.Ref{Kind: KindCompany.String(), ID: c.ID}
	return &refusal{fault.Forbidden(code), journal.Entry{Actor: a.by.ID, Team: departmentOf(org, c.OwnerID),
		Verb: journal.ChangeRefused, Subject: subject, Client: subject,
		Words: journal.Details(map[string]any{"deed": do, "code": code, "name": c.Name, "wanted": wanted})}}
}
