// Package access names what people and machines may be in Callhue: the roles, and the signed-in user.
//
// Being the head of a department is a fact of the organisation, not a role: package staff knows it.
package access

import "slices"

// Role is one thing that a user may be. A user may hold several roles.
type Role string

// The roles.
const (
	Agent      Role = "agent"      // talks with clients
	Supervisor Role = "supervisor" // heads a group, edits directories
	Admin      Role = "admin"      // may do everything
	Service    Role = "service"    // a machine with a token
	Display    Role = "display"    // a TV on the wall
)

// Values returns every role, for the API reference.
func (Role) Values() []string { return []string{"agent", "supervisor", "admin", "service", "display"} }

// Roles is a list of roles: those of a user, or those that a route admits. An empty list admits no one.
type Roles []Role

// Anyone marks a route that needs no sign-in.
var Anyone = Roles{"*"}

// Scope limits what a token may do; "" is everything that its user may.
type Scope string

// WriteScope is the scope of tokens of other systems that write the records of clients under their own ids.
const WriteScope Scope = "write_clients"

// Values returns every scope, for the API reference.
func (Scope) Values() []string { return []string{"", string(WriteScope)} }

// ClientWriter is the only role of a user who signed in with a token of WriteScope. No user is given it.
const ClientWriter Role = Role(WriteScope)

// The lists that routes use most.
var (
	Staff   = Roles{Agent, Supervisor, Admin}          // people who work here
	Heads   = Roles{Supervisor, Admin}                 // people who lead
	Admins  = Roles{Admin}                             // people who administer
	Askers  = Roles{Agent, Supervisor, Admin, Service} // people and machines that read data
	Pushers = Roles{Admin, ClientWriter}               // other systems that write clients
)

// User is the signed-in user, as much of them as every package needs. The zero ID stands for the command line and for
// machines without a user.
type User struct {
	ID         int64
	Login      string
	Name       string
	Roles      Roles
	Department int64
	Language   string // "ru" or "en"
	Scope      Scope  // of the token that they signed in with
}

// Has reports whether the user holds one of the roles. A nil user holds none.
func (u *User) Has(roles ...Role) bool {
	return u != nil && slices.ContainsFunc(roles, func(r Role) bool { return slices.Contains(u.Roles, r) })
}

// Scoped returns the user as a token of a scope signs them in: with the role of the scope alone.
func (u *User) Scoped(scope Scope) *User {
	if scope == "" {
		return u
	}
	limited := *u
	limited.Scope, limited.Roles = scope, Roles{Role(scope)}
	return &limited
}

// System returns the user of the command line and of our own background work: no one of the organisation, with every
// right.
func System() *User { return &User{Roles: Admins} }
