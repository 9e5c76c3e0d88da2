package sources

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"callhue/internal/store"
	"callhue/journal"
)

// TestSettingsOfAnEarlierVersionAreSealed: what was stored as it was entered is sealed at the start, and leaves the
// journal.
func TestSettingsOfAnEarlierVersionAreSealed(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		r := newRegistry(t, db)
		const address, body = "https://pbx.example/call?key=KEY-in-the-address&to={number}", `{"key":"KEY-in-the-body"}`
		s := r.add(t, NewSource{Name: "office", Dialect: "generic", Secret: "SECRET-of-generic",
			Settings: map[string]string{"dial_url": address, "dial_auth": "Bearer KEY-in-the-header"}})
		err := r.Journal.Write(ctx, db, admin, func(a *journal.Act) error {
			row, err := table.Find(a.Tx, s.ID)
			if err != nil {
				return err
			}
			row.Settings["dial_url"], row.Settings["dial_body"] = address, body
			if err := table.Update(a.Tx, row); err != nil {
				return err
			}
			change := journal.Changes{"settings": {From: map[string]string{}, To: row.Settings}}
			return record(a, SourceChanged, row.Source, change)
		})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second time there is nothing to do
			if err := r.SealStored(ctx); err != nil {
				t.Fatal(err)
			}
		}
		row, err := table.Find(db.Read(ctx), s.ID)
		if err != nil {
			t.Fatal(err)
		}
		entries, err := journal.List(db.Read(ctx), journal.History{Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		recorded, err := json.Marshal(entries)
		if err != nil {
			t.Fatal(err)
		}
		if text := fmt.Sprint(row.Settings, string(recorded)); strings.Contains(text, "KEY-in") {
			t.Errorf("a key can be read: %s", text)
		}
		opened := r.openSettings(r.dialects["generic"], row.Source)
		if opened["dial_url"] != address || opened["dial_body"] != body ||
			opened["dial_auth"] != "Bearer KEY-in-the-header" {
			t.Errorf("opened %v", opened)
		}
		hidden := r.redacted(row.Source).Settings
		if hidden["dial_url"] != hiddenSetting || hidden["dial_body"] != hiddenSetting {
			t.Errorf("shown %v", hidden)
		}
	})
}
