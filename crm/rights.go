package crm

import (
	"slices"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/journal"
)

// standing is the relation of a user to a company; laundering.go lists what each may do.
type standing uint8

const (
	peer   standing = iota // none of the following
	system                 // another system that writes a record which it knows by an id of its own
	team                   // member of the team, or deputy of the owner today
	owner                  // even if the owner is a head too: people do not approve their own companies
	head                   // head of the owner, at any level, or a deputy of one today
	admin
)

// authorize refuses an action that the table of rights forbids to the user of this write, with
// rights as they are inside the transaction. c is the company before the write, or the one being
// added (ID 0). wanted is recorded with a refusal: the status, the owner, the numbers.
func (a *act) authorize(do action, c *companyRow, wanted any) error {
	as, err := a.standing(c)
	if err != nil {
		return err
	}
	for _, r := range rights {
		if r.action != do || slices.Contains(r.allowed, as) {
			continue
		}
		guarded, err := a.applies(r.when, c)
		if err != nil {
			return err
		}
		if guarded {
			return a.refuse(do, r.code, c, wanted)
		}
	}
	return nil
}

func (a *act) standing(c *companyRow) (standing, error) {
	org, err := a.org()
	if err != nil {
		return peer, err
	}
	// The session holds the roles from the beginning of the request. The command line has no user.
	isAdmin := a.User.ID == 0 && a.User.Has(access.Admin)
	if u := org.User(a.User.ID); u != nil {
		isAdmin = u.Active && slices.Contains(u.Roles, access.Admin)
	}
	switch {
	case a.trusted || isAdmin && a.User.Scope == "":
		return admin, nil
	case a.User.Scope != "":
		return a.standingOfSystem(c)
	case c.OwnerID != 0 && c.OwnerID == a.User.ID:
		return owner, nil
	case c.OwnerID != 0 && org.DecidesFor(a.User.ID, c.OwnerID, a.Tx.Now()):
		return head, nil
	case slices.Contains(idsIn(c.TeamIDs), a.User.ID), org.Deputises(a.User.ID, c.OwnerID, a.Tx.Now()):
		return team, nil
	}
	return peer, nil
}

// standingOfSystem returns the standing of a limited token: it may do less than its user, and only where another
// system writes a record under its own id.
func (a *act) standingOfSystem(c *companyRow) (standing, error) {
	if a.origin == nil {
		return peer, nil
	}
	if c.ID == 0 {
		return system, nil // it is being added
	}
	known, err := isKnownTo(a.Tx, KindCompany, c.ID, a.origin.System)
	if err != nil || !known {
		return peer, err
	}
	return system, nil
}

func (a *act) refuse(do action, code string, c *companyRow, wanted any) error {
	org, err := a.org()
	if err != nil {
		return err
	}
	subject := journal.Ref{Kind: KindCompany.String(), ID: c.ID}
	return a.Refuse(fault.Forbidden(code), journal.Entry{Team: org.DepartmentOf(c.OwnerID), Subject: subject,
		Client: subject},
		a.withOrigin(map[string]any{"action": do, "name": c.Name, "wanted": wanted}))
}
