package staff

// OrgOf is the picture of people who are in no database, with the number keys of
// their own phones: for what is tried out on an invented organisation.
func OrgOf(departments []*Department, users []*User, deputies []Deputy, phones map[int64][]int64) *Org {
	o := newOrg(departments, users, nil, deputies)
	var rows []phoneRow
	for _, u := range users {
		for _, key := range phones[u.ID] {
			rows = append(rows, phoneRow{UserID: u.ID, Key: key})
		}
	}
	o.indexPhones(rows)
	return o
}
