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

// The lists that routes use most.
var (
	Staff  = Roles{Agent, Supervisor, Admin}          // people who work here
	Heads  = Roles{Supervisor, Admin}                 // people who lead
	Admins = Roles{Admin}                             // people who administer
	Askers = Roles{Agent, Supervisor, Admin, Service} // people and machines that read data
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
}

// Has reports whether the user holds one of the roles. A nil user holds none.
func (u *User) Has(roles ...Role) bool {
	return u != nil && slices.ContainsFunc(roles, func(r Role) bool { return slices.Contains(u.Roles, r) })
}

// System returns the user of the command line and of our own background work: no one of the organisation, with every
// right.
func System() *User { return &User{Roles: Admins} }
