package webhooks

import (
	"strings"
	"testing"

	"callhue/internal/store"
	"callhue/webhooks/dialects"
	"callhue/webhooks/sources"
)

// TestBodiesHaveTheLimitOfTheirDialect posts bodies that only a mass change of a CRM has, and one that has no end.
func TestBodiesHaveTheLimitOfTheirDialect(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		h := newApp(t, db)
		h.office()
		h.add(sources.NewSource{Name: "amo", Dialect: "amocrm", Secret: "SECRET-of-amo"})
		const form = "application/x-www-form-urlencoded"
		body := func(bytes int) string {
			return "leads[update][0][id]=1&leads[update][0][custom_fields][0][values][0][value]=" +
				strings.Repeat("x", bytes)
		}
		for _, c := range []struct {
			why, path string
			bytes     int
			status    int
		}{
			{"a mass change", "/hooks/amo/SECRET-of-amo", 2 << 20, 200},
			{"more than a mass change", "/hooks/amo/SECRET-of-amo", dialects.MaxBulkBody, 413},
			{"as much at another dialect", "/hooks/office", 2 << 20, 413},
			{"as much elsewhere", "/api/v1/check", 2 << 20, 413},
		} {
			if status, said := h.post(c.path, form, body(c.bytes)); status != c.status {
				t.Errorf("%s: %d %.200s, want %d", c.why, status, said, c.status)
			}
		}
	})
}
