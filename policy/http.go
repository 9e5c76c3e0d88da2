package policy

import (
	"callhue/internal/access"
	"callhue/internal/web"
	"callhue/rules"
)

// Routes returns the API of the policy. The dry run is a route of package calls.
func (v *Versions) Routes() []web.Route {
	return []web.Route{
		{Method: "GET", Path: "/api/v1/policy", Roles: access.Heads, Do: web.Do(v.show),
			Summary: "Get the active policy"},
		{Method: "PUT", Path: "/api/v1/policy", Roles: access.Admins, Do: web.Do(v.change), MayWait: true,
			Summary: "Replace the policy with a new version"},
		{Method: "GET", Path: "/api/v1/policy/versions", Roles: access.Heads, Do: web.Do(v.list),
			Summary: "List policy versions, the active one first"},
		{Method: "GET", Path: "/api/v1/policy/presets", Roles: access.Heads, Do: web.Do(v.presets),
			Summary: "List priority presets"},
	}
}

func (v *Versions) show(r *web.Request, _ web.Nothing) (rules.Policy, error) {
	active, err := v.Active(r.Context())
	if err != nil {
		return rules.Policy{}, err
	}
	return *active, nil
}

func (v *Versions) change(r *web.Request, in PolicyInput) (PolicyMade, error) {
	return v.Change(r.Context(), r.User, in)
}

func (*Versions) presets(*web.Request, web.Nothing) (web.List[rules.Preset], error) {
	return web.List[rules.Preset]{Items: rules.Presets()}, nil
}

// list returns the stored versions, and after them the shipped one, which is in no table.
func (v *Versions) list(r *web.Request, in web.Paging) (web.List[PolicyVersion], error) {
	none, below := web.List[PolicyVersion]{}, 1<<31
	if err := in.After(&below); err != nil {
		return none, err
	}
	rows, err := listPolicies(v.db.Read(r.Context()), below, in.Size()+1)
	if err != nil {
		return none, err
	}
	all := make([]PolicyVersion, len(rows), len(rows)+1)
	for i, row := range rows {
		if all[i], err = row.version(); err != nil {
			return none, err
		}
	}
	if len(rows) <= in.Size() && below > v.shipped.Version {
		all = append(all, PolicyVersion{Version: v.shipped.Version, Policy: v.shipped})
	}
	return web.Page(all, in.Size(), func(last PolicyVersion) any { return last.Version }), nil
}
