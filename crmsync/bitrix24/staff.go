package bitrix24

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"callhue/crmsync"
)

// user is a row of user.get. Fields that our user has no right to are absent: a phone, an internal number.
type user struct {
	ID          text       `json:"ID"`
	Active      flag       `json:"ACTIVE"`
	Type        text       `json:"USER_TYPE"`
	Extranet    flag       `json:"IS_EXTRANET"`
	SignsIn     text       `json:"EXTERNAL_AUTH_ID"`
	Name        text       `json:"NAME"`
	LastName    text       `json:"LAST_NAME"`
	Email       text       `json:"EMAIL"`
	Extension   optional   `json:"UF_PHONE_INNER"`
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
	users := decodeAll[user](found)
	if found, err = p.listAll(
		ctx, command{"department.get", map[string]any{"sort": "ID", "order": "ASC"}},
	); err != nil {
		return crmsync.Staff{}, err
	}
	departments := decodeAll[department](found)
	var staff crmsync.Staff
	for _, d := range departments {
		staff.Departments = append(staff.Departments, crmsync.Department{ID: d.ID.id(), Name: joinWords(d.Name),
			ParentID: d.Parent.id(), HeadID: d.Head.id()})
	}
	for _, u := range users {
		if u.ID.id() != "" {
			staff.Users = append(staff.Users, u.user(p.opt.LastFirst))
		}
	}
	return staff, nil
}

// outside are the types of users who are no employees, as USER_TYPE and EXTERNAL_AUTH_ID name them.
var outside = []string{"extranet", "email", "bot", "imconnector", "shop", "sale", "saleanonymous", "replica", "call",
	"controller", "collaber", "sharing", "document_editor"}

// isOutside reports whether a user is no employee: of the extranet, known by e-mail only, a bot.
func (u *user) isOutside() bool {
	return slices.Contains(outside, strings.ToLower(string(u.Type))) || u.Extranet.isTrue() ||
		slices.Contains(outside, strings.ToLower(string(u.SignsIn)))
}

func (u *user) user(lastFirst bool) crmsync.User {
	out := crmsync.User{ID: u.ID.id(), Email: joinWords(u.Email), Extension: joinWords(u.Extension.text),
		Active: u.Active.isTrue(), Outside: u.isOutside(),
		Withheld: crmsync.Withheld{Extension: !u.Extension.known(), Active: !u.Active.known()}}
	name := joinWords(u.Name, u.LastName)
	if lastFirst {
		name = joinWords(u.LastName, u.Name)
	}
	out.Name = cmp.Or(name, out.Email, out.ID)
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
