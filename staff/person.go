package staff

import "strconv"

// Person is a user in the answers of other packages: the owner of a record, the agent of a card, the author of a change.
type Person struct {
	ID        int64  `json:"id"`
	Login     string `json:"login,omitempty"` // of a card's agent only
	Name      string `json:"name"`
	Extension string `json:"extension"`
	Active    bool   `json:"active"`
}

// Person returns the user without their login; nil for no user.
func (u *User) Person() *Person {
	if u == nil {
		return nil
	}
	p := &Person{ID: u.ID, Name: u.Name, Active: u.Active}
	if len(u.Extensions) > 0 {
		p.Extension = u.Extensions[0]
	}
	return p
}

// Person returns a user by id; nil for 0. An unknown one has "#7" for a name.
func (o *Org) Person(id int64) *Person {
	if id == 0 {
		return nil
	}
	if p := o.User(id).Person(); p != nil {
		return p
	}
	return &Person{ID: id, Name: "#" + strconv.FormatInt(id, 10)}
}
