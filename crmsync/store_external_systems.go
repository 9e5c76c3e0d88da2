package crmsync

import "callhue/internal/store"

var systems = store.NewTable[System]("external_systems", "external_system").Unique("name", "name_taken")

// systemNamed returns the system of a name, nil if there is none.
func systemNamed(tx *store.Tx, name string) (*System, error) {
	return systems.First(tx, store.Equal("name", name))
}

// systemOf returns the system that stands in the tables of the sync under a source's id, nil for a source.
func systemOf(tx *store.Tx, source int64) (*System, error) {
	if source >= 0 {
		return nil, nil
	}
	return systems.First(tx, store.Equal("id", -source))
}
