package crmsync

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"callhue/internal/store"
)

// TestBadInputOfPushesNamesTheField sends values of wrong types and impossible values in every field.
func TestBadInputOfPushesNamesTheField(t *testing.T) {
	t.Parallel()
	values := map[string]any{"text": "x", "number": 7, "fraction": 1.5, "truth": true, "object": m{"x": 1},
		"list": []any{m{"x": 1}}, "lists": []any{[]any{1}}, "long": strings.Repeat("x", 5000), "bytes": "a\x00b",
		"negative": -1, "huge": json.Number("99999999999999999999"), "null": nil}
	fields := map[string][]string{
		"companies": {"name", "owner", "owner_id", "phones", "emails", "url", "version", "status", "team_ids"},
		"contacts": {"name", "owner", "owner_id", "phones", "emails", "url", "post", "company", "companies",
			"company_ids"},
		"leads": {"name", "title", "owner", "phones", "emails", "stage", "source", "company", "company_id", "contact",
			"contact_id"},
	}
	store.Test(t, func(t *testing.T, db *store.DB) {
		p := newPusher(t, db)
		n := 0
		for kind, names := range fields {
			p.want("a record", p.ask("erp", "PUT", "/"+kind+"/by-external/erp/1", m{"name": "x"}), 201)
			for _, name := range names {
				for why, value := range values {
					for _, id := range []string{"1", "new"} {
						n++
						path := "/" + kind + "/by-external/erp/" + id
						body := m{"name": "x", name: value}
						got := p.ask("erp", "PUT", path, body)
						refused := got.status == 422 || got.status == 409
						if got.status >= 500 || got.status == 400 {
							t.Errorf("%s %s of %s: %d %s", why, name, path, got.status, got.raw)
						}
						if field := fmt.Sprint(got.at("errors.0.field")); refused && got.status == 422 &&
							field != name && !strings.HasPrefix(field, name+".") && field != "x" {
							t.Errorf("%s %s of %s: the fault names %s: %s", why, name, path, field, got.raw)
						}
						if id == "new" && !refused {
							p.ask("admin", "DELETE", path, nil)
						}
					}
				}
			}
		}
		for why, body := range map[string]string{"no JSON": "{", "a text": `"x"`, "nothing": "", "null": "null",
			"deep": strings.Repeat("[", 40) + strings.Repeat("]", 40), "operations of texts": `{"operations":["x"]}`,
			"operations of another type": `{"operations":7}`,
			"a body of another type":     `[{"op":"upsert","kind":"lead","system":"erp","external_id":"1","body":7}]`} {
			if got := p.ask("erp", "POST", "/bulk", body); got.status >= 500 {
				t.Errorf("bulk, %s: %d %s", why, got.status, got.raw)
			}
		}
		for _, id := range []string{strings.Repeat("x", 101), "%00", "%ff%fe", "%20"} {
			for _, place := range []string{"erp/" + id, id + "/1"} {
				got := p.ask("erp", "PUT", "/leads/by-external/"+place, m{"title": "x"})
				if got.status != 422 && got.status != 404 {
					t.Errorf("%.20s: %d %s", place, got.status, got.raw)
				}
			}
			if got := p.ask("erp", "DELETE", "/leads/by-external/erp/"+id, nil); got.status >= 500 {
				t.Errorf("removal of %.20s: %d %s", id, got.status, got.raw)
			}
			if got := p.ask("erp", "GET", "/leads/by-external/erp/"+id, nil); got.status >= 500 {
				t.Errorf("reading of %.20s: %d %s", id, got.status, got.raw)
			}
		}
		t.Logf("%d bodies", n)
	})
}

// TestABulkOfAThousand measures how long 1 000 operations take, and how long a single write waits meanwhile.
func TestABulkOfAThousand(t *testing.T) {
	if os.Getenv("CALLHUE_TIMING") == "" {
		t.Skip("it measures: set CALLHUE_TIMING=1")
	}
	store.Test(t, func(t *testing.T, db *store.DB) {
		p := newPusher(t, db)
		var ops []m
		for i := range 500 {
			ops = append(ops, m{"op": "upsert", "kind": "company", "system": "erp", "external_id": fmt.Sprint(i),
				"body": m{"name": fmt.Sprint("Company ", i), "owner": m{"login": "ivanov"},
					"phones": []m{{"value": fmt.Sprintf("+7 495 100-%02d-%02d", i/100, i%100)}}}},
				m{"op": "upsert", "kind": "contact", "system": "erp", "external_id": fmt.Sprint(i),
					"body": m{"name": fmt.Sprint("Person ", i), "company": m{"external_id": fmt.Sprint(i)},
						"phones": []m{{"value": fmt.Sprintf("+7 495 200-%02d-%02d", i/100, i%100)}}}})
		}
		for round := range 2 {
			done := make(chan time.Duration)
			go func() {
				start := time.Now()
				got := p.ask("erp", "POST", "/bulk", m{"operations": ops})
				p.is("no refusal", got, "refused", 0)
				done <- time.Since(start)
			}()
			longest, n := time.Duration(0), 0
			for took := time.Duration(0); took == 0; n++ {
				start := time.Now()
				p.want("a write in between", p.ask("admin", "POST", "/leads", m{"title": "between"}), 201)
				longest = max(longest, time.Since(start))
				select {
				case took = <-done:
					t.Logf("round %d: %v, %d writes in between, the longest %v", round, took, n, longest)
				case <-time.After(5 * time.Millisecond):
				}
			}
		}
	})
}
