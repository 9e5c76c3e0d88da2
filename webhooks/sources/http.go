package sources

import (
	"net/http"

	"callhue/internal/access"
	"callhue/internal/store"
	"callhue/internal/web"
	"callhue/webhooks/dialects"
)

// Routes is the package's route table. The log, the test call and the sign-in of a source are routes of webhooks.
func (r *Registry) Routes() []web.Route {
	return []web.Route{
		{Method: "GET", Path: "/api/v1/dialects", Roles: access.Admins, Do: web.Do(r.getDialects),
			Summary: "List dialects"},
		{Method: "GET", Path: "/api/v1/mapping-presets", Roles: access.Admins, Do: web.Do(r.getPresets),
			Summary: "List the field mappings that come with the product, by vendor"},
		{Method: "GET", Path: "/api/v1/sources", Roles: access.Admins, Summary: "List sources",
			Do: web.Do(r.getSources)},
		{Method: "POST", Path: "/api/v1/sources", Roles: access.Admins,
			Summary: "Add a source; its secret is shown once",
			Status:  http.StatusCreated, NoIdempotencyRecord: true, Do: web.Do(r.postSource)},
		{Method: "GET", Path: "/api/v1/sources/:id", Roles: access.Admins, Summary: "Show a source",
			Do: web.Do(r.getSource)},
		{Method: "PUT", Path: "/api/v1/sources/:id", Roles: access.Admins,
			Summary: "Change a source's settings, country, area or number rules, or switch it on or off",
			Do:      web.Do(r.putSource)},
		{Method: "POST", Path: "/api/v1/sources/:id/number-rules", Roles: access.Admins, NoIdempotencyRecord: true,
			Do: web.Do(r.postNumberRules), Summary: "Try number rules of a source on numbers, without storing them"},

		{Method: "DELETE", Path: "/api/v1/sources/:id", Roles: access.Admins, Do: web.Do(r.deleteSource),
			Summary: "Remove a source; its calls stay"},
		{Method: "POST", Path: "/api/v1/sources/:id/rotate", Roles: access.Admins, NoIdempotencyRecord: true,
			Do:      web.Do(r.postRotate),
			Summary: "Rotate a source's secret; the old one is valid for another 24 hours"},
	}
}

func (r *Registry) getDialects(req *web.Request, _ web.Nothing) (web.List[DialectView], error) {
	list := web.List[DialectView]{Items: []DialectView{}}
	for _, d := range dialects.All() {
		list.Items = append(list.Items, viewDialect(&d, req.PublicURL()))
	}
	return list, nil
}

func (r *Registry) getPresets(*web.Request, web.Nothing) (web.List[dialects.MappingPreset], error) {
	return web.List[dialects.MappingPreset]{Items: dialects.MappingPresets()}, nil
}

func (r *Registry) getSources(req *web.Request, _ web.Nothing) (web.List[SourceView], error) {
	list := web.List[SourceView]{Items: []SourceView{}}
	all, err := r.List(req.Context())
	if err != nil {
		return list, err
	}
	counts, err := r.runtime.Counts(req.Context())
	if err != nil {
		return list, err
	}
	for _, s := range all {
		v, err := r.view(req.Context(), s, req.PublicURL(), counts[s.ID])
		if err != nil {
			return list, err
		}
		list.Items = append(list.Items, v)
	}
	return list, nil
}

func (r *Registry) postSource(req *web.Request, in NewSource) (SourceWithSecret, error) {
	s, secret, err := r.Add(req.Context(), req.User, in)
	if err != nil {
		return SourceWithSecret{}, err
	}
	return r.withSecret(s, secret, in.Secret, req.PublicURL()), nil
}

// sourcePath is the source that a path names.
type sourcePath struct {
	ID int64 `path:"id" json:"-"`
}

func (r *Registry) getSource(req *web.Request, in sourcePath) (SourceView, error) {
	live, err := r.Live(req.Context(), in.ID)
	if err != nil {
		return SourceView{}, err
	}
	return r.viewOne(req.Context(), r.redacted(live.Source), req.PublicURL())
}

type putSource struct {
	sourcePath
	SourceChange
}

func (r *Registry) putSource(req *web.Request, in putSource) (SourceView, error) {
	counts, err := r.runtime.Counts(req.Context()) // it writes, which the transaction below would wait for
	if err != nil {
		return SourceView{}, err
	}
	// What is stored shows the connection before the change reached it; the answer that is sent replaces it.
	answer := func(tx *store.Tx, changed Source) error {
		view, err := r.view(req.Context(), changed, req.PublicURL(), counts[changed.ID])
		tx.Answer(view)
		return err
	}
	s, err := r.change(req.Context(), req.User, in.ID, in.SourceChange, answer)
	if err != nil {
		return SourceView{}, err
	}
	return r.viewOne(req.Context(), s, req.PublicURL())
}

type postNumberRules struct {
	sourcePath
	RuleTrial
}

func (r *Registry) postNumberRules(req *web.Request, in postNumberRules) (web.List[TriedNumber], error) {
	tried, err := r.TryRules(req.Context(), in.ID, in.RuleTrial)
	return web.List[TriedNumber]{Items: tried}, err
}

func (r *Registry) deleteSource(req *web.Request, in sourcePath) (web.Nothing, error) {
	return web.Nothing{}, r.Remove(req.Context(), req.User, in.ID)
}

type postRotate struct {
	sourcePath
	Secret string `json:"secret"` // "" generates one where the dialect lets us choose
}

func (r *Registry) postRotate(req *web.Request, in postRotate) (SourceWithSecret, error) {
	s, secret, err := r.Rotate(req.Context(), req.User, in.ID, in.Secret)
	if err != nil {
		return SourceWithSecret{}, err
	}
	return r.withSecret(s, secret, in.Secret, req.PublicURL()), nil
}
