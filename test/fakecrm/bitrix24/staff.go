package bitrix24

import (
	"slices"
	"strconv"
	"strings"
)

func (p *Portal) profile(by caller, _ *array) (result, *refusal) {
	return plain(map[string]any{"ID": strconv.Itoa(by.user.ID), "ADMIN": by.user.Admin, "NAME": by.user.Name,
		"LAST_NAME": by.user.LastName, "PERSONAL_GENDER": "", "TIME_ZONE": nil, "TIME_ZONE_OFFSET": 10800})
}

func (p *Portal) userCurrent(by caller, _ *array) (result, *refusal) { return plain(p.row(by.user)) }

func (p *Portal) userAdmin(by caller, _ *array) (result, *refusal) { return plain(by.user.Admin) }

// row is a user in the answer of user.get.
func (p *Portal) row(u *User) map[string]any {
	out := map[string]any{"ID": strconv.Itoa(u.ID), "ACTIVE": u.Active, "NAME": u.Name, "LAST_NAME": u.LastName,
		"SECOND_NAME": "", "EMAIL": u.Email, "PERSONAL_MOBILE": u.Mobile, "WORK_PHONE": "",
		"UF_DEPARTMENT":      append([]int{}, u.Departments...),
		"LAST_ACTIVITY_DATE": object{}, "USER_TYPE": or(u.Type, "employee")}
	if !p.opt.HideExtensions {
		out["UF_PHONE_INNER"] = u.Extension
	}
	return out
}

// userGet is user.get: all users, or those of a filter.
func (p *Portal) userGet(_ caller, in *array) (result, *refusal) {
	filter := in.array("FILTER")
	var found []map[string]any
	for _, u := range p.users {
		if active := filter.text("ACTIVE"); active != "" &&
			u.Active != (active == "1" || strings.EqualFold(active, "true") || active == "Y") {
			continue
		}
		if id := filter.text("ID"); id != "" && id != strconv.Itoa(u.ID) {
			continue
		}
		found = append(found, p.row(u))
	}
	return page(found, in)
}

func (p *Portal) departmentGet(_ caller, in *array) (result, *refusal) {
	var found []map[string]any
	for i, d := range p.departments {
		row := map[string]any{"ID": strconv.Itoa(d.ID), "NAME": d.Name, "SORT": 100 * (i + 1)}
		if d.Parent != 0 {
			row["PARENT"] = strconv.Itoa(d.Parent)
		}
		if d.Head != 0 {
			row["UF_HEAD"] = strconv.Itoa(d.Head)
		}
		found = append(found, row)
	}
	return page(found, in)
}

// page cuts a page out of rows.
func page(found []map[string]any, in *array) (result, *refusal) {
	from, to, total, next := window(len(found), startOf(in))
	return result{append([]map[string]any{}, found[from:to]...), total, next}, nil
}

// statusList is crm.status.list.
func (p *Portal) statusList(_ caller, in *array) (result, *refusal) {
	wanted := in.array("filter").text("ENTITY_ID")
	var names []string
	for name := range p.directories {
		names = append(names, name)
	}
	slices.Sort(names)
	found := []map[string]any{}
	for _, name := range names {
		if wanted != "" && name != wanted {
			continue
		}
		for i, e := range p.directories[name] {
			found = append(found, statusRow(name, i, e))
		}
	}
	from, to, total, next := window(len(found), startOf(in))
	return result{found[from:to], total, next}, nil
}

func statusRow(directory string, i int, e Entry) map[string]any {
	extra := map[string]any{"SEMANTICS": "process", "COLOR": "#39A8EF"}
	var semantics any
	if e.Semantics != "" {
		semantics = e.Semantics
		extra["SEMANTICS"] = map[string]string{"S": "success", "F": "failure"}[e.Semantics]
	}
	row := map[string]any{"ID": strconv.Itoa(100 + i), "ENTITY_ID": directory, "STATUS_ID": e.Value, "NAME": e.Name,
		"NAME_INIT": "", "SORT": strconv.Itoa(10 * (i + 1)), "SYSTEM": "N", "CATEGORY_ID": nil, "SEMANTICS": semantics,
		"EXTRA": object{}}
	if directory == "STATUS" {
		row["EXTRA"] = extra
	}
	return row
}

// userFieldList is crm.company.userfield.list. Labels come in the language of the
// filter, and not at all without one.
func (p *Portal) userFieldList(_ caller, in *array) (result, *refusal) {
	found := []map[string]any{}
	for i, f := range p.fields {
		row := map[string]any{"ID": strconv.Itoa(300 + i), "ENTITY_ID": "CRM_COMPANY", "FIELD_NAME": f.Code,
			"USER_TYPE_ID": f.Type, "SORT": strconv.Itoa(100 * (i + 1)), "MULTIPLE": "N", "SETTINGS": object{}}
		if in.array("filter").text("LANG") != "" {
			row["EDIT_FORM_LABEL"] = f.Label
		}
		if f.Directory != "" {
			row["SETTINGS"] = object{"ENTITY_TYPE": f.Directory}
		}
		var values []map[string]any
		for _, e := range f.List {
			values = append(values, map[string]any{"ID": strconv.Itoa(e.ID), "SORT": "10", "VALUE": e.Value,
				"DEF": "N"})
		}
		if values != nil {
			row["LIST"] = values
		}
		found = append(found, row)
	}
	from, to, total, next := window(len(found), startOf(in))
	return result{found[from:to], total, next}, nil
}
