package staff

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
)

// ProposalKind is the kind of the changes of this package that wait for a second administrator.
const ProposalKind = "user"

// proposed is a change of a user that waits, by the door through which it came.
type proposed struct {
	Add    *NewUser    `json:"add,omitempty"`
	ID     int64       `json:"id,omitempty"`
	Change *UserChange `json:"change,omitempty"`
	Push   *pushInput  `json:"push,omitempty"`
}

// gains returns the roles supervisor and admin that a user would have in effect and has not; before is nil for a new
// user. A dismissed user has none in effect: they get their roles when they come back.
func (u *User) gains(before *User) (roles access.Roles) {
	for _, role := range []access.Role{access.Supervisor, access.Admin} {
		had := before.isAdmin() || before.has(role) && before.Active // an administrator is more than a supervisor
		if u.Active && u.has(role) && !had {
			roles = append(roles, role)
		}
	}
	return roles
}

// lower ends the write when the user would gain a role that leads; a role that leads lowers protection.
func (a *act) lower(u, before *User, changed any, hash string) error {
	if len(u.gains(before)) == 0 {
		return nil
	}
	return a.Lower(journal.Proposal{
		Kind:    ProposalKind,
		Subject: journal.Ref{Kind: "user", ID: u.ID},
		Name:    u.Name,
		Lowers:  []string{"roles"},
		Changed: changed,
		Change:  a.proposed,
		Secret:  hash,
	})
}

// HoldProposed holds the organisation; it comes first in the transaction that applies a proposed change.
func (r *Roster) HoldProposed(tx *store.Tx, _ json.RawMessage) error { return r.Hold(tx) }

// Hold makes this transaction wait for an earlier one that changes the organisation: OrgIn stays true until it ends. It
// comes before every SELECT of the transaction.
func (r *Roster) Hold(tx *store.Tx) error { return takeTurn(tx, organisation) }

// ApplyProposed applies a confirmed change; hash is that of the password of a new user. Faults: those of AddUser,
// Change and Push.
func (r *Roster) ApplyProposed(a *journal.Act, change json.RawMessage, hash string) error {
	var in proposed
	if err := json.Unmarshal(change, &in); err != nil {
		return err
	}
	org, err := r.OrgIn(a.Tx)
	if err != nil {
		return err
	}
	one := &act{Act: a, org: org}
	switch {
	case in.Add != nil:
		_, err = r.addUserIn(one, *in.Add, hash)
	case in.Push != nil:
		_, err = r.pushIn(one, *in.Push)
	default:
		_, err = r.changeIn(one, in.ID, *in.Change)
	}
	if err != nil {
		return err
	}
	return takeTurn(a.Tx, orgVersion)
}

// formerAdmin is how long an administrator who lost that role counts when it is asked who could confirm a change: an
// administrator must not become the only one by taking the role from the others.
const formerAdmin = 7 * 24 * time.Hour

// OnlyAdmin reports whether a user is the only administrator at a moment, and has been for a week.
func (o *Org) OnlyAdmin(user int64, at time.Time) bool {
	since := store.MomentOf(at.Add(-formerAdmin))
	return o.IsAdmin(user) && !slices.ContainsFunc(o.users, func(u *User) bool {
		return u.ID != user && (u.isAdmin() || u.AdminUntil > since)
	})
}

// ProvePassword checks the password of a signed-in user once more, under the limits of a sign-in. A wrong one is the
// fault forbidden "password_wrong" and is recorded as a failed sign-in.
func (r *Roster) ProvePassword(ctx context.Context, user int64, password, address string) error {
	u, err := r.Find(ctx, user)
	if err != nil {
		return err
	}
	if err := r.limits.take(u.Login, address); err != nil {
		r.recordRefusedSignIn(ctx, u, address)
		return err
	}
	hash, err := passwordOf(r.db.Read(ctx), user)
	if err != nil {
		return err
	}
	matches, err := r.hasher.matches(ctx, password, hash)
	if err != nil {
		return err
	}
	if !matches {
		if err := r.recordWrongSignIn(ctx, u, address); err != nil {
			return err
		}
		return fault.Forbidden("password_wrong")
	}
	r.limits.giveBack(u.Login, address)
	return nil
}

// linkIsFresh is how long a user counts as signed in by another one's hand after that one made a sign-in link for them.
const linkIsFresh = 7 * 24 * time.Hour

// SignsInFor reports whether one user may be signed in as the other: they gave the other the password that holds, made
// a token of theirs, or made a sign-in link for them in the last week.
func (r *Roster) SignsInFor(tx *store.Tx, one, other int64) (bool, error) {
	subject := journal.Ref{Kind: "user", ID: other}
	passwords, err := journal.List(tx, journal.History{Subject: subject, Verb: PasswordSet, Limit: 1})
	if err != nil {
		return false, err
	}
	if len(passwords) > 0 && passwords[0].Actor == one {
		return true, nil
	}
	week := store.Millis(tx.Now().Add(-linkIsFresh))
	links, err := journal.List(tx, journal.History{Subject: subject, Verb: LinkMade, Actor: one, From: week, Limit: 1})
	if err != nil || len(links) > 0 {
		return len(links) > 0, err
	}
	tokens, err := journal.List(tx, journal.History{Subject: subject, Verb: TokenAdded, Actor: one, Limit: 1})
	return len(tokens) > 0, err
}

// Leads reports whether a user is an active supervisor or administrator.
func (o *Org) Leads(user int64) bool {
	u := o.user[user]
	return u != nil && u.Active && (u.has(access.Supervisor) || u.has(access.Admin))
}
