package sources

import (
	"context"
	"encoding/json"
	"maps"

	"callhue/internal/secrets"
	"callhue/internal/store"
	"callhue/journal"
)

// SealStored seals the settings that an earlier version stored as they were entered, and removes them from what the
// journal recorded of their sources. It runs at the start of a server; without such settings it writes nothing.
func (r *Registry) SealStored(ctx context.Context) error {
	rows, err := table.List(r.DB.Read(ctx), store.Where{}, byName())
	if err != nil {
		return err
	}
	for _, row := range rows {
		if len(r.unsealed(row.Source)) == 0 {
			continue
		}
		if err := r.DB.Write(ctx, func(tx *store.Tx) error { return r.sealRow(tx, row.ID) }); err != nil {
			return err
		}
	}
	return nil
}

// unsealed returns the names of the secret settings that are stored as they were entered.
func (r *Registry) unsealed(s Source) (names []string) {
	dialect := r.dialects[s.Dialect]
	if dialect == nil {
		return nil
	}
	for name := range dialect.SecretSettings() {
		if value := s.Settings[name]; value != "" && !secrets.IsSealed(value) {
			names = append(names, name)
		}
	}
	return names
}

func (r *Registry) sealRow(tx *store.Tx, id int64) error {
	row, err := table.Find(tx, id)
	if err != nil {
		return err
	}
	names := r.unsealed(row.Source)
	if len(names) == 0 { // another process was faster
		return nil
	}
	sealed := maps.Clone(row.Settings)
	for _, name := range names {
		delete(sealed, name)
	}
	if err := r.sealSettings(&row.Source, sealed); err != nil {
		return err
	}
	if err := table.Update(tx, row); err != nil {
		return err
	}
	entries, err := journal.FindAbout(tx, []journal.Ref{{Kind: "source", ID: id}})
	if err != nil {
		return err
	}
	_, err = r.Journal.EraseEntries(tx, entries, func(e journal.Entry) json.RawMessage {
		return withoutSettings(e.Details, names)
	})
	return err
}

// withoutSettings masks the values of some settings in the details of an entry about a source.
func withoutSettings(details json.RawMessage, names []string) json.RawMessage {
	var fields map[string]any
	if json.Unmarshal(details, &fields) != nil {
		return details
	}
	changed, _ := fields["changed"].(map[string]any)
	settings, _ := changed["settings"].(map[string]any)
	masked := false
	for _, side := range settings {
		values, _ := side.(map[string]any)
		for _, name := range names {
			if text, set := values[name].(string); set && text != hiddenSetting {
				values[name], masked = hiddenSetting, true
			}
		}
	}
	if !masked {
		return details
	}
	return journal.Details(fields)
}
