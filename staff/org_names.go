package staff

import (
	"slices"
	"strings"
	"time"
)

// userIn is a user as a source knows them.
type userIn struct {
	source string
	user   int64
}

// indexName adds what a source calls a user. Of several names a number, which a PBX can dial, comes before any other,
// then the first that was added.
func (o *Org) indexName(i *Identity) {
	at := userIn{i.Source, i.UserID}
	if before, named := o.names[at]; !named || !isDigits(before) && isDigits(i.Value) {
		o.names[at] = i.Value
	}
}

func isDigits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}

// DialTarget returns what a source dials to reach a user: what it calls them itself, else their extension; "" for a
// user who has neither.
func (o *Org) DialTarget(source string, user int64) string {
	if name, named := o.names[userIn{source, user}]; named {
		return name
	}
	return o.names[userIn{"", user}]
}

// NameIn returns what a source itself calls a user; false when it does not know them.
func (o *Org) NameIn(source string, user int64) (string, bool) {
	name, named := o.names[userIn{source, user}]
	return name, named
}

// Holder returns the user who has exactly this identity, a dismissed one too; nil when there is none. The source "" is
// that of extensions.
func (o *Org) Holder(source, value string) *User { return o.identity[identityKey{source, fold(value)}] }

// DeputiesAt returns the active deputies of an owner at a moment, in the order in which they were added.
func (o *Org) DeputiesAt(owner int64, at time.Time) []*User {
	var list []*User
	for _, d := range o.deputies[owner] {
		if u := o.user[d.DeputyID]; o.Deputises(d.DeputyID, owner, at) && !slices.Contains(list, u) {
			list = append(list, u)
		}
	}
	return list
}

// Colleagues returns the active users of a user's own department, the user included, by name.
func (o *Org) Colleagues(user int64) []*User {
	u := o.user[user]
	if u == nil || u.DepartmentID == 0 {
		return nil
	}
	var list []*User
	for _, other := range o.users {
		if other.Active && other.DepartmentID == u.DepartmentID {
			list = append(list, other)
		}
	}
	return list
}
