package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"callhue/importexport"
	"callhue/internal/store"
)

// everyText reads every column of every table, so that nothing personal hides in
// one that no one thought of.
func everyText(t *testing.T, db *store.DB) string {
	t.Helper()
	tx, ctx := db.Read(context.Background()), &strings.Builder{}
	list := "SELECT name FROM sqlite_master WHERE type = 'table'"
	columns := "SELECT name FROM pragma_table_info(?)"
	if db.Engine() == "mysql" {
		list = "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()"
		columns = "SELECT column_name AS name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ?"
	}
	var tables []string
	if err := tx.Select(&tables, list); err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		var names []string
		if err := tx.Select(&names, columns, table); err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			var cells []string
			if err := tx.Select(&cells,
				fmt.Sprintf("SELECT COALESCE(CAST(`%s` AS CHAR), '') FROM `%s`", name, table)); err != nil {
				t.Fatal(err)
			}
			for _, cell := range cells {
				fmt.Fprintf(ctx, "%s.%s: %s\n", table, name, strings.ReplaceAll(cell, "\n", " "))
			}
		}
	}
	return ctx.String()
}

func TestAPersonIsShownAndErased(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		t.Parallel()
		at := &terminal{t: t, db: db.URL, key: t.TempDir() + "/key"}
		p := at.stage()
		p.token = strings.TrimSpace(at.do("token", "add", "--login", "admin", "--name", "person"))
		hook := p.at + "/hooks/office/0123456789abcdef"
		post := func(path, body string) string {
			t.Helper()
			status, answer := p.ask("POST", path, body)
			if status >= 300 {
				t.Fatalf("%s: %d %s", path, status, answer)
			}
			return answer
		}
		post("/api/v1/companies", `{"name":"Shared Ltd","phones":[{"value":"+7 495 000-00-70"}]}`)
		// He was called otherwise and had another number before.
		post("/api/v1/contacts",
			`{"name":"Zzyzx Oldname","post":"Buyer","phones":[{"value":"8 495 000-00-71"},{"value":"+7 495 000-00-70"}],"emails":["zzyzx@example.com"]}`)
		ring := func(call, number string) {
			t.Helper()
			for _, kind := range []string{"ringing", "answered", "ended"} {
				body := fmt.Sprintf(`{"event":%q,"call_id":%q,"direction":"out","number":%q,"agent":"102","recording_url":"https://pbx.example/zzyzx.mp3","duration":30}`, kind, call, number)
				answer, err := http.Post(hook, "application/json", strings.NewReader(body))
				if err != nil || answer.StatusCode != 200 {
					t.Fatalf("%v, %v", answer, err)
				}
				_ = answer.Body.Close()
			}
		}
		ring("a", "+74950000071")
		if status, answer := p.ask("PUT", "/api/v1/contacts/1",
			`{"name":"Zzyzx Newname","phones":[{"value":"8 495 000-00-72"},{"value":"+7 495 000-00-70"}],"version":1}`); status != 200 {
			t.Fatal(answer)
		}
		post("/api/v1/leads",
			`{"title":"Order of Zzyzx","name":"Zzyzx Newname","contact_id":1,"phones":[{"value":"8 495 000-00-72"}]}`)
		ring("b", "+74950000072")
		ring("c", "+74950000070")
		post("/api/v1/calls/1/note", `{"note":"Zzyzx wants a discount"}`)
		ring("d", "+7 495 000-00-73") // no one's number
		post("/api/v1/do-not-call", `{"number":"+7 495 000-00-72","reason":"Zzyzx asked for it"}`)

		at.until("the log is written, a moment later", func() bool {
			_, log := p.ask("GET", "/api/v1/sources/1/log", "")
			return strings.Count(log, `"understood":{`) >= 12
		})
		for _, path := range []string{"/api/v1/contacts/1/person", "/api/v1/leads/1/person"} {
			_, answer := p.ask("GET", path, "")
			for _, part := range []string{"Zzyzx Newname", "Order of Zzyzx", "zzyzx@example.com", `"+74950000072"`,
				"wants a discount", "asked for it", `"source_log":[{`, "Oldname", `"shared":["+74950000070"]`} {
				if !strings.Contains(answer, part) {
					t.Errorf("%s does not show %q: %.3000s", path, part, answer)
				}
			}
		}
		if status, _ := p.ask("POST",
			"/api/v1/contacts/1/erase", `{"reason":""}`); status != http.StatusUnprocessableEntity {
			t.Errorf("without a reason: %d", status)
		}
		var out importexport.Erasure
		if err := json.Unmarshal([]byte(post("/api/v1/contacts/1/erase",
			`{"reason":"letter 17 of Zzyzx"}`)), &out); err != nil {
			t.Fatal(err)
		}
		if len(out.Records) != 2 || out.Erased["calls"] != 3 || out.Erased["source_log"] == 0 || len(out.Stays) != 2 {
			t.Errorf("%+v", out)
		}
		// A number that is on no record any more can be asked for by itself.
		if out := at.do("person", "erase",
			"--number", "8 495 000-00-71", "--reason", "letter 17"); !strings.Contains(out, "0 records are erased") {
			t.Error(out)
		}
		if out := at.do("person", "erase",
			"--number", "8 495 000-00-73", "--reason", "letter 17"); !strings.Contains(out, "calls: 1") {
			t.Error(out)
		}
		for line := range strings.Lines(everyText(t, db)) {
			lower := strings.ToLower(line)
			kept := strings.HasPrefix(line, "do_not_call.") // so that no one calls there again
			if strings.Contains(lower, "zzyzx") || strings.Contains(lower, "4950000071") ||
				strings.Contains(lower, "000-00-71") || strings.Contains(lower, "4950000073") ||
				!kept && (strings.Contains(lower, "4950000072") || strings.Contains(lower, "000-00-72")) {
				at := max(0, strings.Index(lower, "zzyzx")-200)
				t.Errorf("left: %s: %.400s", line[:min(20, len(line))], line[at:])
			}
		}
		_, calls := p.ask("GET", "/api/v1/calls", "")
		if strings.Count(calls, `"duration":30`) != 4 || !strings.Contains(calls, "+74950000070") {
			t.Errorf("times and shared numbers stay: %s", calls)
		}
		if status, _ := p.ask("GET", "/api/v1/contacts/1", ""); status != http.StatusNotFound {
			t.Errorf("the contact answers %d", status)
		}
		_, card := p.ask("POST", "/api/v1/check", `{"number":"+74950000072"}`)
		if strings.Contains(card, "Zzyzx") || !strings.Contains(card, `"do_not_call":{`) {
			t.Errorf("the card is %s", card)
		}
		exported := at.do("export", "--kind", "call", "-")
		if rows := strings.Split(strings.TrimSpace(exported), "\n"); len(rows) != 5 ||
			!slices.ContainsFunc(rows, func(row string) bool { return strings.Contains(row, ",***,") }) {
			t.Errorf("calls as a file: %s", exported)
		}
	})
}
