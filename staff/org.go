package staff

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"callhue/internal/access"
	"callhue/internal/store"
	"callhue/phone"
	"callhue/rules"
)

// Org is the organisation at one moment: departments, users, what PBXs call them, and deputies. It is immutable and
// safe for any number of readers.
type Org struct {
	users       []*User // by name
	departments []*Department
	user        map[int64]*User
	login       map[string]*User
	identity    map[identityKey]*User
	phone       map[int64][]*User // number key -> active users
	department  map[int64]*Department
	deputies    map[int64][]Deputy // of an owner
	standsIn    map[int64][]Deputy // of a deputy
	names       map[userIn]string  // what a source calls a user
	signed      map[int64]*access.User
	teams       map[int64][]int64 // of a head: the departments they head, those below included
}

type identityKey struct{ source, value string }

// orgParts are the rows that an organisation is made of.
type orgParts struct {
	departments []*Department
	users       []*User
	identities  []*Identity
	deputies    []Deputy
	phones      []phoneRow
}

// OrgOf returns an organisation that is in no database, for trials of the rules; phones are the number keys of users'
// own phones.
func OrgOf(departments []*Department, users []*User, deputies []Deputy, phones map[int64][]int64) *Org {
	parts := orgParts{departments: departments, users: users, deputies: deputies}
	for _, u := range users {
		for _, key := range phones[u.ID] {
			parts.phones = append(parts.phones, phoneRow{UserID: u.ID, Key: key})
		}
	}
	return newOrg(parts)
}

func newOrg(parts orgParts) *Org {
	o := &Org{
		users:       parts.users,
		departments: parts.departments,
		user:        make(map[int64]*User, len(parts.users)),
		login:       make(map[string]*User, len(parts.users)),
		identity:    make(map[identityKey]*User, len(parts.identities)),
		department:  make(map[int64]*Department, len(parts.departments)),
		phone:       map[int64][]*User{},
		deputies:    map[int64][]Deputy{},
		standsIn:    map[int64][]Deputy{},
		names:       map[userIn]string{},
		signed:      make(map[int64]*access.User, len(parts.users)),
		teams:       map[int64][]int64{},
	}
	for _, d := range parts.departments {
		o.department[d.ID] = d
	}
	for _, u := range parts.users {
		o.user[u.ID], o.login[u.Login] = u, u
		o.signed[u.ID] = &access.User{
			ID:         u.ID,
			Login:      u.Login,
			Name:       u.Name,
			Roles:      u.Roles,
			Department: u.DepartmentID,
			Language:   u.Language,
		}
	}
	for _, i := range parts.identities {
		u := o.user[i.UserID]
		if u == nil {
			continue
		}
		o.identity[identityKey{i.Source, i.Value}] = u
		o.indexName(i)
		if i.Source == "" {
			u.setExtensions(append(u.Extensions, i.Value))
		}
	}
	for _, d := range parts.deputies {
		o.deputies[d.UserID] = append(o.deputies[d.UserID], d)
		o.standsIn[d.DeputyID] = append(o.standsIn[d.DeputyID], d)
	}
	slices.SortFunc(o.users, byName)
	o.indexPhones(parts.phones)
	o.indexTeams()
	return o
}

// byName is the order of lists of users.
func byName(a, b *User) int {
	return cmp.Or(strings.Compare(store.Fold(a.Name), store.Fold(b.Name)), cmp.Compare(a.ID, b.ID))
}

// User returns a user by id, dismissed ones too; nil when there is none.
func (o *Org) User(id int64) *User { return o.user[id] }

// ByLogin returns a user by login in any case, dismissed ones too; nil when there is none.
func (o *Org) ByLogin(login string) *User { return o.login[fold(login)] }

// ByIdentity returns the active user that a source calls by this value: an identity of that source, else an extension
// (which counts in every source), else a login. Case and blanks around do not matter. A SIP or tel URI that is no
// identity as a whole stands for its user part: sip:101@pbx is 101. It is nil when there is no such user.
func (o *Org) ByIdentity(source, value string) *User {
	value = fold(value)
	if value == "" {
		return nil
	}
	if u := o.called(source, value); u != nil {
		return u
	}
	if part := uriUser(value); part != "" {
		return o.called(source, part)
	}
	return nil
}

func (o *Org) called(source, value string) *User {
	named, extension := o.identity[identityKey{source, value}], o.identity[identityKey{"", value}]
	for _, u := range []*User{named, extension, o.login[value]} {
		if u != nil && u.Active {
			return u
		}
	}
	return nil
}

// uriUser returns user1 of <sip:user1@host;transport=udp>, with or without a name before it, and 101 of 101@host; ""
// for what is neither. An e-mail address is no URI: it may be a stranger's.
func uriUser(value string) string {
	if _, inside, found := strings.Cut(value, "<"); found {
		value, _, _ = strings.Cut(inside, ">")
	}
	scheme, rest, found := strings.Cut(value, ":")
	if !found {
		user, _, at := strings.Cut(value, "@")
		if !at || !phone.IsExtension(user) {
			return ""
		}
		return user
	}
	if scheme != "sip" && scheme != "sips" && scheme != "tel" {
		return ""
	}
	rest, _, _ = strings.Cut(rest, "@")
	rest, _, _ = strings.Cut(rest, ";")
	return strings.TrimSpace(rest)
}

// fold returns the form in which logins and identities are stored and compared.
func fold(value string) string { return strings.ToLower(strings.TrimSpace(value)) }

// Users returns all users by name, dismissed ones too. The list must not be changed.
func (o *Org) Users() []*User { return o.users }

// Departments returns all departments by id. The list must not be changed.
func (o *Org) Departments() []*Department { return o.departments }

// Department returns a department; nil when there is none.
func (o *Org) Department(id int64) *Department { return o.department[id] }

// up visits a department and those above it, as long as visit returns true.
func (o *Org) up(department int64, visit func(d *Department) (more bool)) {
	for range o.departments { // no longer than the tree is: a half-read one could hold a circle
		d := o.department[department]
		if d == nil || !visit(d) {
			return
		}
		department = d.ParentID
	}
}

// HeadOf returns the nearest of HeadsOf; nil when there is none.
func (o *Org) HeadOf(user int64) (head *User) {
	if u := o.user[user]; u != nil {
		o.up(u.DepartmentID, func(d *Department) bool {
			if h := o.user[d.HeadID]; h != nil && h.Active && h.ID != user {
				head = h
			}
			return head == nil
		})
	}
	return head
}

// HeadsOf returns the active heads of a user: of their department first, then of each one above it. No one is their own
// head: the head of a department has the head of the parent department.
func (o *Org) HeadsOf(user int64) []int64 {
	u := o.user[user]
	if u == nil {
		return nil
	}
	var heads []int64
	o.up(u.DepartmentID, func(d *Department) bool {
		head := o.user[d.HeadID]
		if head != nil && head.Active && head.ID != user && !slices.Contains(heads, head.ID) {
			heads = append(heads, head.ID)
		}
		return true
	})
	return heads
}

// IsAdmin reports whether a user is an administrator at this moment: they have the role, and have not left. A session
// has the roles of when its request began.
func (o *Org) IsAdmin(user int64) bool {
	u := o.user[user]
	return u != nil && u.Active && slices.Contains(u.Roles, access.Admin)
}

// Administers reports whether a user is an active administrator, or the command line.
func (o *Org) Administers(u *access.User) bool {
	return u.ID == 0 && u.Has(access.Admin) || o.IsAdmin(u.ID)
}

// DepartmentOf returns a user's department; 0 for no one, and without an Org.
func (o *Org) DepartmentOf(user int64) int64 {
	if o == nil || o.user[user] == nil {
		return 0
	}
	return o.user[user].DepartmentID
}

// IsHeadOf reports whether a user heads the other one's department or any department above it. No one is their own
// head, and a dismissed user is no one's.
func (o *Org) IsHeadOf(user, other int64) bool {
	head, u := o.user[user], o.user[other]
	if head == nil || u == nil || !head.Active || user == other {
		return false
	}
	found := false
	o.up(u.DepartmentID, func(d *Department) bool {
		found = d.HeadID == user
		return !found
	})
	return found
}

// TeamsOf returns the departments that a user heads, all below them included, by id. The list must not be changed.
func (o *Org) TeamsOf(user int64) []int64 {
	if u := o.user[user]; u == nil || !u.Active || o.teams[user] == nil {
		return []int64{}
	}
	return o.teams[user]
}

// indexTeams finds the departments that each head heads. It walks up the tree once from each department: the cost of
// asking for one user must not grow with the organisation.
func (o *Org) indexTeams() {
	for _, d := range o.departments {
		o.up(d.ID, func(above *Department) bool {
			under := o.teams[above.HeadID]
			if above.HeadID != 0 && (len(under) == 0 || under[len(under)-1] != d.ID) {
				o.teams[above.HeadID] = append(under, d.ID)
			}
			return true
		})
	}
}

// LeadsAny reports whether a user is an active administrator, supervisor or head of a department, or the command line.
func (o *Org) LeadsAny(u *access.User) bool {
	known := o.user[u.ID]
	isSupervisor := known != nil && known.Active && slices.Contains(known.Roles, access.Supervisor)
	return isSupervisor || o.Administers(u) || len(o.TeamsOf(u.ID)) > 0
}

// Deputises reports whether a user stands in for an owner at a moment.
func (o *Org) Deputises(deputy, owner int64, at time.Time) bool {
	u, now := o.user[deputy], store.MomentOf(at)
	return u != nil && u.Active && slices.ContainsFunc(o.deputies[owner], func(d Deputy) bool {
		return d.DeputyID == deputy && now >= d.From && now < d.Until
	})
}

// Relation returns what an agent is to the owner of a record: the first that holds of own, team, deputy, supervisor,
// admin, foreign. An owner of 0 is none, but the team helps with a company without an owner too. team are the
// co-workers of a company, nil for other records.
func (o *Org) Relation(agent, owner int64, team []int64, at time.Time) rules.Relation {
	switch {
	case owner != 0 && agent == owner:
		return rules.Own
	case slices.Contains(team, agent):
		return rules.Team
	case o.Deputises(agent, owner, at):
		return rules.Deputy
	}
	return o.Standing(agent, owner)
}

// Standing is Relation for an agent who does not help: supervisor, admin, foreign, or none where there is no owner.
func (o *Org) Standing(agent, owner int64) rules.Relation {
	switch {
	case owner == 0:
		return rules.NoOwner
	case o.IsHeadOf(agent, owner):
		return rules.Supervisor
	case o.user[agent].isAdmin():
		return rules.Admin
	}
	return rules.Foreign
}
