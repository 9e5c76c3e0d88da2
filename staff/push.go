package staff

import (
	"cmp"
	"context"
	"strings"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/text"
)

// Another system pushes its users under its own ids. Such an id is an identity of the user, in a source of the system's
// name: a pushed client's owner is found by it, and so is the agent of a call.

// Pushed is a user as a push has left them.
type Pushed struct {
	User
	Created bool `json:"created"`
}

// HTTPStatus implements web.Statused: 201 for a new user, else 200.
func (p Pushed) HTTPStatus() int {
	if p.Created {
		return 201
	}
	return 200
}

// Push adds the user that a system knows by an id, or changes what the input names of them. A user of the same login
// that the system does not know yet becomes the one that it means. A new user is an agent unless roles are given. A
// version is compared where it is given. A role that leads waits as with Change. Faults: those of AddUser and Change.
func (r *Roster) Push(ctx context.Context, by *access.User, system, id string, in UserChange) (out Pushed, err error) {
	push := pushInput{System: strings.ToLower(text.Tidy(system)), ID: fold(id), Change: in}
	err = r.write(ctx, by, func(a *act) error {
		out, err = r.pushIn(a, push)
		return err
	})
	return out, err
}

// pushInput is what a system pushes of a user.
type pushInput struct {
	System string     `json:"system"`
	ID     string     `json:"external_id"`
	Change UserChange `json:"change"`
}

// pushIn is Push inside a transaction.
func (r *Roster) pushIn(a *act, push pushInput) (out Pushed, err error) {
	in := push.Change
	a.Invalid("system", text.CheckRequired(push.System, 100))
	a.Invalid("external_id", text.CheckRequired(push.ID, 200))
	if err := a.Check(); err != nil {
		return out, err
	}
	u := a.org.Holder(push.System, push.ID)
	known := u != nil
	if u == nil && in.Login != nil {
		u = a.org.ByLogin(*in.Login)
	}
	out = Pushed{Created: u == nil}
	if u != nil {
		push.Change.Version = u.Version // the one that a change which waits is for
	}
	a.proposed = proposed{Push: &push}
	switch {
	case u == nil:
		u, err = r.addUserIn(a, in.newUser(), "")
	case in.Version != 0 && in.Version != u.Version:
		err = fault.Stale()
	default:
		u, err = r.changeUser(a, u, in)
	}
	if err == nil && !known {
		err = a.addIdentity(u, &Identity{Source: push.System, Value: push.ID, UserID: u.ID})
	}
	if err != nil {
		return out, err
	}
	out.User = *u
	a.Tx.Answer(out)
	return out, nil
}

// newUser returns the input for a new user: an agent unless roles are given.
func (in UserChange) newUser() NewUser {
	out := NewUser{Login: deref(in.Login), Name: deref(in.Name), Roles: deref(in.Roles),
		DepartmentID: deref(in.DepartmentID), Extension: deref(in.Extension), Extensions: deref(in.Extensions),
		Phones: deref(in.Phones), Language: deref(in.Language)}
	out.Name = cmp.Or(out.Name, out.Login)
	if in.Roles == nil {
		out.Roles = access.Roles{access.Agent}
	}
	return out
}

// FindPushed returns the user that a system knows by an id. Fault: not_found.
func (r *Roster) FindPushed(ctx context.Context, system, id string) (*User, error) {
	org, err := r.OrgIn(r.db.Read(ctx))
	if err != nil {
		return nil, err
	}
	u := org.Holder(strings.ToLower(text.Tidy(system)), id)
	if u == nil {
		return nil, fault.Missing("user")
	}
	return u, nil
}
