package importexport

import (
	"slices"
	"strings"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/text"
	"callhue/staff"
)

// writeUsers imports a batch of users, each in its own transaction. Users are matched by login, so
// rows repeated after a crash change nothing.
func (r *run) writeUsers(batch []*draft) error {
	count := r.state
	var refused []*Refusal
	for _, d := range batch {
		refusal := d.refusal
		if refusal == nil {
			changed, added, err := r.importUser(d)
			switch f := fault.Of(err); {
			case err == nil && added:
				count.Added++
			case err == nil && changed:
				count.Changed++
			case err == nil:
				count.Same++
			case f.Kind == fault.KindInternal || f.Kind == fault.KindUnavailable:
				return err
			default:
				refusal = d.newRefusalFrom(err)
			}
		}
		if refusal != nil {
			refused = append(refused, refusal)
		}
	}
	count.Refused += int64(len(refused))
	count.Rows += int64(len(batch))
	var err error
	if count.ReportSize, err = r.report.write(r.state.ReportSize, refused); err != nil {
		return err
	}
	if r.options.DryRun == nil {
		err = r.db.Write(r.ctx, func(tx *store.Tx) error { return changeImport(tx, r.state.Rows, count) })
	}
	if err == nil {
		r.state = count
	}
	return err
}

// importUser adds a user, or changes what the row names.
func (r *run) importUser(d *draft) (changed, added bool, err error) {
	org, err := r.roster.Org(r.ctx)
	if err != nil {
		return false, false, err
	}
	by := r.options.By
	in := staff.NewUser{Login: d.user.login, Name: d.name, Language: d.user.language,
		Extensions: splitList(strings.ReplaceAll(d.user.extensions, " ", ","))}
	for _, p := range d.phones {
		in.Phones = append(in.Phones, p.Value)
	}
	for _, role := range splitList(d.user.roles) {
		in.Roles = append(in.Roles, access.Role(strings.ToLower(role)))
	}
	if d.user.department != "" {
		if in.DepartmentID, err = r.findOrAddDepartment(org, d.user.department); err != nil {
			return false, false, err
		}
	}
	was := org.ByLogin(in.Login)
	if was == nil {
		if len(in.Roles) == 0 {
			in.Roles = access.Roles{access.Agent}
		}
		if r.options.DryRun != nil {
			return false, true, r.roster.Check(org, in)
		}
		_, err = r.roster.AddUser(r.ctx, by, in)
		return false, err == nil, err
	}
	change := staff.UserChange{Version: was.Version, Name: unlessEmpty(in.Name),
		DepartmentID: unlessEmpty(in.DepartmentID), Language: unlessEmpty(in.Language)}
	if len(in.Roles) > 0 {
		change.Roles = &in.Roles
	}
	if all := slices.Concat(was.Extensions, in.Extensions); len(in.Extensions) > 0 {
		change.Extensions = &all
	}
	if len(in.Phones) > 0 {
		phones := slices.Concat(was.Phones, slices.DeleteFunc(in.Phones, func(value string) bool {
			return slices.ContainsFunc(was.Phones,
				func(had string) bool { return r.numbers.ParseTyped(had).Key() == r.numbers.ParseTyped(value).Key() })
		}))
		change.Phones = &phones
	}
	if r.options.DryRun != nil {
		return false, false, nil
	}
	now, err := r.roster.Change(r.ctx, by, was.ID, change)
	return err == nil && now.Version != was.Version, false, err
}

// findOrAddDepartment returns the id of a department by name, adding it if it is new; 0 for a new
// one in a dry run.
func (r *run) findOrAddDepartment(org *staff.Org, name string) (int64, error) {
	for _, d := range org.Departments() {
		if strings.EqualFold(d.Name, text.Tidy(name)) {
			return d.ID, nil
		}
	}
	if r.options.DryRun != nil {
		return 0, nil
	}
	d, err := r.roster.AddDepartment(r.ctx, r.options.By, staff.NewDepartment{Name: name})
	if err != nil {
		return 0, err
	}
	return d.ID, nil
}

func unlessEmpty[T comparable](value T) *T {
	var empty T
	if value == empty {
		return nil
	}
	return &value
}
