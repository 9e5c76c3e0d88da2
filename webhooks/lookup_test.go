package webhooks

import (
	"encoding/json"
	"net/http/httptest"
	"testing"

	"callhue/internal/store"
	"callhue/webhooks/sources"
)

func TestLookup(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		h := newApp(t, db)
		h.add(sources.NewSource{Name: "3cx", Dialect: "3cx", Secret: "SECRET-of-3cx"})
		h.add(sources.NewSource{Name: "zadarma", Dialect: "zadarma", Secret: "SECRET-of-zadarma"})
		ask := func(path, password string) (int, Found) {
			r := httptest.NewRequest("GET", path, nil)
			if password != "" {
				r.SetBasicAuth("3cx", password)
			}
			status, body, _ := h.send(r)
			var said Found
			if err := json.Unmarshal([]byte(body), &said); err != nil {
				t.Fatalf("%s: %s", path, body)
			}
			return status, said
		}
		for _, path := range []string{"/lookup/3cx?number=%2B74950000011", "/lookup/3cx?number=84950000011"} {
			status, said := ask(path, "SECRET-of-3cx")
			want := FoundContact{ID: "COMPANY-310", Company: "[!] Ivanov - Acme", Phone: "+74950000011", Owner: "Ivan Ivanov", Extension: "101",
				URL: "https://callhue.example/companies/310"}
			if status != 200 || said.Number != "+74950000011" || len(said.Contacts) != 1 || said.Contacts[0] != want {
				t.Errorf("%s: %d %+v", path, status, said)
			}
		}
		if status, said := ask("/lookup/3cx/SECRET-of-3cx?number=84950000012", ""); status != 200 || said.Contacts == nil || len(said.Contacts) != 0 {
			t.Errorf("nobody: %d %+v", status, said)
		}
		for path, want := range map[string]int{"/lookup/3cx?number=84950000011": 401, "/lookup/3cx/WRONG?number=84950000011": 401,
			"/lookup/nobody/x?number=84950000011": 404, "/lookup/zadarma/SECRET-of-zadarma?number=84950000011": 403} {
			if status, said := ask(path, ""); status != want || len(said.Contacts) != 0 {
				t.Errorf("%s: %d %+v, want %d", path, status, said, want)
			}
		}
	})
}
