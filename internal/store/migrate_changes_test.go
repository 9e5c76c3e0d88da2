package store

import (
	"context"
	"testing"
)

// TestOldEntriesGetOneShapeOfChange rewrites entries as earlier versions wrote them.
func TestOldEntriesGetOneShapeOfChange(t *testing.T) {
	cases := []struct{ verb, old, want string }{
		{"owner.changed", `{"name":"Acme","new":12,"old":11,"reason":"left"}`,
			`{"changed":{"owner_id":{"from":11,"to":12}},"name":"Acme","reason":"left"}`},
		{"company.status", `{"name":"Acme","new":"WAITING","old":"IN_WORK","reason":""}`,
			`{"changed":{"status":{"from":"IN_WORK","to":"WAITING"}},"name":"Acme","reason":""}`},
		{"numbers.changed", `{"name":"Acme","new":["+74950000012"],"numbers":[74950000012],"old":[]}`,
			`{"changed":{"phones":{"from":[],"to":["+74950000012"]}},"name":"Acme","numbers":[74950000012]}`},
		{"record.changed", `{"changed":{"emails":[[],["a@example.com"]],"name":["Acme","Acme \"Ltd\""]},"name":"Acme"}`,
			`{"changed":{"emails":{"from":[],"to":["a@example.com"]},"name":{"from":"Acme","to":"Acme \"Ltd\""}},"name":"Acme"}`},
		{"policy.changed",
			`{"old":{"version":1,"banner":true,"hours":8},"new":{"version":2,"banner":true,"hours":9},"reason":"x"}`,
			`{"changed":{"hours":{"from":8,"to":9},"version":{"from":1,"to":2}},"reason":"x"}`},
		{"call.noted", `{"before":"","note":"calls back"}`, `{"changed":{"note":{"from":"","to":"calls back"}}}`},
		{"sync.mapped", `{"changed":{"kinds":["company","contact"],"make_users":false},"source":"portal"}`,
			`{"changed":{"kinds":{"from":null,"to":["company","contact"]},"make_users":{"from":null,"to":false}},"source":"portal"}`},
		{"source.changed", `{"active":false,"dialect":"generic","name":"office"}`,
			`{"changed":{"active":{"from":null,"to":false}},"dialect":"generic","name":"office"}`},
		{"source.changed", `{"dialect":"generic","name":"office","secret":"rotated"}`,
			`{"changed":{"secret":{"from":null,"to":"rotated"}},"dialect":"generic","name":"office"}`},
		{"hook_out.changed", `{"active":true,"host":"example.com","name":"n"}`,
			`{"changed":{"active":{"from":null,"to":true}},"host":"example.com","name":"n"}`},
		{"hook_out.changed", `{"active":true,"host":"example.com","name":"n","what":"secret"}`,
			`{"active":true,"changed":{"secret":{"from":null,"to":"secret"}},"host":"example.com","name":"n"}`},
		{"hook_out.changed", `{"active":false,"host":"example.com","name":"n","what":"gone"}`,
			`{"changed":{"active":{"from":null,"to":false},"disabled_reason":{"from":null,"to":"gone"}},"host":"example.com","name":"n"}`},
		{"kpi_profile.changed", `{"name":"Sales","version":3}`,
			`{"changed":{"version":{"from":null,"to":3}},"name":"Sales"}`},
		{"kpi_profile.assigned", `{"profile":0}`, `{"changed":{"profile_id":{"from":null,"to":0}}}`},

		{"user.changed", `{"changed":{"name":{"from":"a","to":"b"}}}`, `{"changed":{"name":{"from":"a","to":"b"}}}`},
		{"record.changed", `{"changed":{"name":{"from":"a","to":"b"}},"name":"b"}`,
			`{"changed":{"name":{"from":"a","to":"b"}},"name":"b"}`},
		{"record.added", `{"name":"Acme","old":1,"new":2}`, `{"name":"Acme","old":1,"new":2}`},
		{"owner.changed", `{}`, `{}`},
		{"owner.changed", `no JSON`, `no JSON`},
	}
	Test(t, func(t *testing.T, db *DB) {
		ctx := context.Background()
		const times = 100 // more than one part
		err := db.Write(ctx, func(tx *Tx) error {
			for range times {
				for _, c := range cases {
					if _, err := tx.Insert(`INSERT INTO journal (at, actor_id, team_id, verb, subject_kind, subject_id, client_kind, client_id, amount, words)
						VALUES (0, 0, 0, ?, '', 0, '', 0, 0, ?)`, c.verb, c.old); err != nil {
						return err
					}
				}
			}
			_, err := tx.Exec("DELETE FROM goose_db_version WHERE version_id >= ?", changesVersion)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second time as after a crash that lost only the note of it
			if err := db.Migrate(ctx); err != nil {
				t.Fatal(err)
			}
			var words []string
			if err := db.Read(ctx).Select(&words, "SELECT words FROM journal ORDER BY id"); err != nil ||
				len(words) != times*len(cases) {
				t.Fatalf("%d entries, %v", len(words), err)
			}
			for i, got := range words {
				if c := cases[i%len(cases)]; got != c.want {
					t.Fatalf("%s %s\nbecame %s\nwant   %s", c.verb, c.old, got, c.want)
				}
			}
			if err := db.Write(ctx, func(tx *Tx) error {
				_, err := tx.Exec("DELETE FROM goose_db_version WHERE version_id >= ?", changesVersion)
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
	})
}
