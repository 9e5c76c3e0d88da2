package bitrix24

import (
	"cmp"
	"context"

	"callhue/crmsync"
)

// user is a row of user.get. Fields that our user has no right to are absent: a phone, an internal number.
type user struct {
	ID          text       `json:"ID"`
	Active      any        `json:"ACTIVE"`
	Name        text       `json:"NAME"`
	LastName    text       `json:"LAST_NAME"`
	Email       text       `json:"EMAIL"`
	Extension   text       `json:"UF_PHONE_INNER"`
	Mobile      text       `json:"PERSONAL_MOBILE"`
	WorkPhone   text       `json:"WORK_PHONE"`
	HomePhone   text       `json:"PERSONAL_PHONE"`
	Departments list[text] `json:"UF_DEPARTMENT"`
}

type department struct {
	ID     text `json:"ID"`
	Name   text `json:"NAME"`
	Parent text `json:"PARENT"`
	Head   text `json:"UF_HEAD"`
}

// Staff returns the users and departments of the portal. It does not return who is an admin: a portal reports
// that for its own caller only.
func (p *Portal) Staff(ctx context.Context) (crmsync.Staff, error) {
	found, err := p.listAll(ctx, command{"user.get", map[string]any{"sort": "ID", "order": "ASC"}})
	if err != nil {
		return crmsync.Staff{}, err
	}
	users, err := decodeAll[user](found)
	if err != nil {
		return crmsync.Staff{}, err
	}
	if found, err = p.listAll(
		ctx, command{"department.get", map[string]any{"sort": "ID", "order": "ASC"}},
	); err != nil {
		return crmsync.Staff{}, err
	}
	departments, err := decodeAll[department](found)
	if err != nil {
		return crmsync.Staff{}, err
	}
	var staff crmsync.Staff
	for _, d := range departments {
		staff.Departments = append(staff.Departments, crmsync.Department{ID: d.ID.id(), Name: joinWords(d.Name),
			ParentID: d.Parent.id(), HeadID: d.Head.id()})
	}
	for _, u := range users {
		if u.ID.id() != "" {
			staff.Users = append(staff.Users, u.user())
		}
	}
	return staff, nil
}

func (u *user) user() crmsync.User {
	out := crmsync.User{ID: u.ID.id(), Email: joinWords(u.Email), Extension: joinWords(u.Extension),
		Active: u.Active == true || u.Active == "Y" || u.Active == "1"}
	out.Name = cmp.Or(joinWords(u.Name, u.LastName), out.Email, out.ID)
	for _, number := range []text{u.Mobile, u.WorkPhone, u.HomePhone} {
		if written := joinWords(number); written != "" {
			out.Phones = append(out.Phones, written)
		}
	}
	if len(u.Departments) > 0 {
		out.Department = u.Departments[0].id()
	}
	return out
}
