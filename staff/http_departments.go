package staff

import (
	"callhue/internal/access"
	"callhue/internal/web"
)

func (r *Roster) departmentRoutes() []web.Route {
	const departments, department = "/api/v1/departments", "/api/v1/departments/:id"
	return []web.Route{
		{Method: "GET", Path: departments, Roles: access.Askers, Do: web.Do(r.listDepartments),
			Summary: "List departments"},
		{Method: "POST", Path: departments, Roles: access.Admins, Do: web.Do(r.addDepartment), Status: 201,
			Summary: "Add a department"},
		{Method: "GET", Path: department, Roles: access.Askers, Do: web.Do(r.getDepartment),
			Summary: "Get a department"},
		{Method: "PUT", Path: department, Roles: access.Admins, Do: web.Do(r.changeDepartment),
			Summary: "Change a department; omitted fields stay"},
		{Method: "DELETE", Path: department, Roles: access.Admins, Do: web.Do(r.removeDepartment),
			Summary: "Remove an empty department"},
	}
}

type departmentPath struct {
	ID int64 `path:"id" json:"-"`
}

func (r *Roster) getDepartment(q *web.Request, in departmentPath) (*Department, error) {
	return r.FindDepartment(q.Context(), in.ID)
}

func (r *Roster) removeDepartment(q *web.Request, in departmentPath) (web.Nothing, error) {
	return web.Nothing{}, r.RemoveDepartment(q.Context(), q.User, in.ID)
}

func (r *Roster) listDepartments(q *web.Request, _ web.Nothing) (list web.List[*Department], err error) {
	org, err := r.Org(q.Context())
	if err != nil {
		return list, err
	}
	return whole(org.departments), nil
}

func (r *Roster) addDepartment(q *web.Request, in NewDepartment) (*Department, error) {
	return r.AddDepartment(q.Context(), q.User, in)
}

type changeDepartmentIn struct {
	departmentPath
	DepartmentChange
}

func (r *Roster) changeDepartment(q *web.Request, in changeDepartmentIn) (*Department, error) {
	return r.ChangeDepartment(q.Context(), q.User, in.ID, in.DepartmentChange)
}
