package sources

import (
	"context"
	"maps"
	"slices"

	"callhue/calls"
	"callhue/internal/fault"
	"callhue/internal/secrets"
	"callhue/internal/store"
	"callhue/phone"
	"callhue/webhooks/dialects"
)

// Live is a source ready for its requests: its secret settings are opened.
type Live struct {
	Source
	Dialect *dialects.Dialect // nil when this version of the server does not know it
	Origin  calls.Origin
	Secrets secrets.Ring // nil when they could not be opened
	// Prepared is what the dialect read from the settings for all requests; nil for most.
	Prepared any
}

// Snapshot is every source at one moment.
type Snapshot struct {
	ByName map[string]*Live
	ByID   map[int64]*Live
}

// Snapshot returns the sources as the database has them. It is shared: do not change it.
func (r *Registry) Snapshot(ctx context.Context) (*Snapshot, error) { return r.snapshot.Get(ctx) }

// Live returns the source of an id, or fault.Missing.
func (r *Registry) Live(ctx context.Context, id int64) (*Live, error) {
	all, err := r.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	if live := all.ByID[id]; live != nil {
		return live, nil
	}
	return nil, fault.Missing("source")
}

// readSnapshot reads every source. One whose secrets cannot be opened, because the key of the installation was
// changed, stays in it and refuses everything.
func (r *Registry) readSnapshot(ctx context.Context) (*Snapshot, error) {
	rows, err := table.List(r.DB.Read(ctx), store.Where{}, byName())
	if err != nil {
		return nil, err
	}
	all := &Snapshot{map[string]*Live{}, map[int64]*Live{}}
	reporting := 0 // sources that report calls, or may once this server knows their dialect
	for _, row := range rows {
		if !dialects.IsLookup(row.Dialect) {
			reporting++
		}
	}
	for _, row := range rows {
		live, err := r.open(row)
		if err != nil {
			return nil, err
		}
		live.Origin.Shared = reporting > 1
		all.ByName[live.Name], all.ByID[live.ID] = live, live
	}
	return all, nil
}

func (r *Registry) open(row *sourceRow) (*Live, error) {
	s := row.Source
	live := &Live{Source: s, Dialect: r.dialects[s.Dialect]}
	live.Settings = r.openSettings(live.Dialect, s)
	if live.Dialect != nil && live.Dialect.Prepare != nil {
		live.Prepared = live.Dialect.Prepare(live.Settings)
	}
	plan, err := r.plan(s.Country, s.Area, s.Rules)
	if err != nil {
		return nil, err
	}
	live.Origin = calls.Origin{Name: s.Name, Plan: plan, Lines: dialects.Lines(live.Settings)}
	if live.Secrets, err = r.Seal.OpenRing(row.Secrets, s.Name); err != nil {
		r.Log.Error("the secret of a source cannot be read: rotate it", "source", s.Name, "error", err)
	}
	return live, nil
}

// plan returns the numbering plan of a source: that of its own country, else the installation's, with its rules.
func (r *Registry) plan(country, area string, rules NumberRules) (*phone.Plan, error) {
	plan := r.Plan
	if country != "" || area != "" {
		if country == "" {
			country = r.Plan.Country()
		}
		var err error
		if plan, err = r.Plan.Elsewhere(country, area); err != nil {
			return nil, err
		}
	}
	if len(rules) == 0 {
		return plan, nil
	}
	return plan.WithRules(rules)
}

// List returns every source by name, secret settings masked.
func (r *Registry) List(ctx context.Context) ([]Source, error) {
	all, err := r.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]Source, 0, len(all.ByName))
	for _, name := range slices.Sorted(maps.Keys(all.ByName)) {
		list = append(list, r.redacted(all.ByName[name].Source))
	}
	return list, nil
}

// Find returns the source of a name, secret settings masked, or fault.Missing.
func (r *Registry) Find(ctx context.Context, name string) (Source, error) {
	all, err := r.Snapshot(ctx)
	if err != nil {
		return Source{}, err
	}
	live := all.ByName[name]
	if live == nil {
		return Source{}, fault.Missing("source")
	}
	return r.redacted(live.Source), nil
}
