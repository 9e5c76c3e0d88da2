package staff

import (
	"context"
	"slices"
	"time"

	"callhue/internal/access"
	"callhue/internal/store"
)

// Scope is whose things a user sees and changes. It is the one rule of lists, objects, files, the journal and the live
// stream: people have their own things and those of the people of the departments that they head, at any level; a
// deputy has both of the person they stand in for, in their period; admins, service accounts and the command line have
// all. To be a supervisor is not enough, and not needed. The zero Scope sees nothing.
type Scope struct {
	org  *Org
	all  bool
	self []int64 // the user, and those they stand in for
	led  []int64 // departments, those below included, by id
}

// ScopeOf returns what a user sees at a moment.
func (o *Org) ScopeOf(user *access.User, at time.Time) Scope {
	if o.seesAll(user) {
		return Scope{org: o, all: true}
	}
	s := Scope{org: o}
	if user.ID != 0 {
		s.self = []int64{user.ID}
	}
	now := store.MomentOf(at)
	if known := o.user[user.ID]; known != nil && known.Active {
		for _, d := range o.standsIn[user.ID] {
			if now >= d.From && now < d.Until && !slices.Contains(s.self, d.UserID) {
				s.self = append(s.self, d.UserID)
			}
		}
	}
	for _, id := range s.self {
		s.led = append(s.led, o.TeamsOf(id)...)
	}
	slices.Sort(s.led)
	s.led = slices.Compact(s.led)
	return s
}

// SeersOf returns the users, but for administrators, in whose scope the things of a person are: the person, their heads
// and the deputies of all these at a moment.
func (o *Org) SeersOf(person int64, at time.Time) []int64 {
	seers := append([]int64{person}, o.HeadsOf(person)...)
	now := store.MomentOf(at)
	for _, id := range slices.Clone(seers) {
		for _, d := range o.deputies[id] {
			deputy := o.user[d.DeputyID]
			if now >= d.From && now < d.Until && deputy != nil && deputy.Active && !slices.Contains(seers, d.DeputyID) {
				seers = append(seers, d.DeputyID)
			}
		}
	}
	return seers
}

// seesAll reports whether a user is an active administrator or service account, or the command line. A limited token
// is neither.
func (o *Org) seesAll(user *access.User) bool {
	if user.Scope != "" {
		return false
	}
	if o.Administers(user) {
		return true
	}
	u := o.user[user.ID]
	return u != nil && u.Active && slices.Contains(u.Roles, access.Service)
}

// All reports whether the scope has everything, also what belongs to no one.
func (s Scope) All() bool { return s.all }

// Self returns the ids of the user and of those they stand in for.
func (s Scope) Self() []int64 { return s.self }

// Sees reports whether what belongs to a person is in the scope. What belongs to no one (0) is for those who see all.
func (s Scope) Sees(person int64) bool {
	if s.all || person != 0 && slices.Contains(s.self, person) {
		return true
	}
	if len(s.led) == 0 {
		return false
	}
	_, found := slices.BinarySearch(s.led, s.org.DepartmentOf(person))
	return found
}

// Leads reports whether what belongs to a department is in the scope.
func (s Scope) Leads(department int64) bool {
	_, found := slices.BinarySearch(s.led, department)
	return s.all || found
}

// Helps reports whether one of the co-workers of a company is the user, or a person they stand in for.
func (s Scope) Helps(team []int64) bool {
	return slices.ContainsFunc(team, func(id int64) bool { return slices.Contains(s.self, id) })
}

// Departments returns the departments whose things are in the scope, by id. Those of a user who sees all are not named.
func (s Scope) Departments() []int64 { return s.led }

// People returns the ids of the people whose things are in the scope, dismissed ones too; nil when these are all.
func (s Scope) People() []int64 {
	if s.all {
		return nil
	}
	people := slices.Clone(s.self)
	if len(s.led) == 0 {
		return people
	}
	for _, u := range s.org.users {
		if s.Sees(u.ID) && !slices.Contains(s.self, u.ID) {
			people = append(people, u.ID)
		}
	}
	return people
}

// Where returns the scope as the database reads it, with {} for the column that names a person: see store.Where.Of.
func (s Scope) Where() store.Where {
	if s.all {
		return store.Where{}
	}
	own := store.In("{}", s.self)
	if len(s.led) == 0 {
		return own
	}
	return store.Or(own, store.Condition("{} IN (SELECT users.id FROM users WHERE users.department_id IN (?))", s.led))
}

// Scope returns what a user sees now.
func (r *Roster) Scope(ctx context.Context, user *access.User) (Scope, error) {
	org, err := r.Org(ctx)
	if err != nil {
		return Scope{}, err
	}
	return org.ScopeOf(user, r.db.Clock()), nil
}
