package staff

// OrgOf is the picture of people who are in no database: for what is tried out
// on an invented organisation.
func OrgOf(departments []*Department, users []*User, deputies []Deputy) *Org {
	return newOrg(departments, users, nil, deputies)
}
