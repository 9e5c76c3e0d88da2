package webhooks

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"callhue/internal/store"
	"callhue/webhooks/sources"
)

// What became of a source's requests is counted, however few of them are kept, and by
// two processes together.
func TestRequestsAreCounted(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		h := newApp(t, db)
		office := h.office()
		for range keptRequests + 10 {
			h.signed("/hooks/office", secretOfOffice, `{"event":"ended","call_id":"c1"}`)
		}
		h.signed("/hooks/office", secretOfOffice, `{"event":"dreamt","call_id":"c1"}`)
		h.signed("/hooks/office", secretOfOffice, `{"event":"ended"}`)
		for range keptRequests + 1 { // refused requests do not change when it was last understood
			h.signed("/hooks/office", "wrong", `{"event":"ended","call_id":"c1"}`)
		}
		status, page := h.api(http.MethodGet, "/api/v1/sources/"+itoa(office.ID), "root", "")
		counts, _ := page["counts"].([]any)
		if status != 200 || len(counts) != 4 || page["heard_at"] == nil {
			t.Fatalf("%d %v", status, page)
		}
		for i, want := range []map[string]any{{"outcome": "understood", "ever": 60.0}, {"outcome": "refused", "ever": 51.0}, {"outcome": "ignored", "ever": 1.0}, {"outcome": "invalid", "ever": 1.0}} {
			got := counts[i].(map[string]any)
			if got["outcome"] != want["outcome"] || got["ever"] != want["ever"] || got["day"] != want["ever"] || got["week"] != want["ever"] {
				t.Errorf("count %d is %v, want %v", i, got, want)
			}
		}
		if err := h.sources.Remove(ctx, administrator, office.ID); err != nil {
			t.Fatal(err)
		}
		if left, err := countsSince(db.Read(ctx), noon, noon); err != nil || len(left) != 0 {
			t.Errorf("of a source that is gone %v is left, %v", left, err)
		}
	})
}

func TestCountsGoOutOfTheirSpans(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		h := newApp(t, db)
		office := h.office()
		one, two := newRequestLog(db), newRequestLog(db) // of two processes
		for _, ago := range []time.Duration{0, 20 * time.Minute, 30 * time.Hour, 6 * 24 * time.Hour, 9 * 24 * time.Hour} {
			one.counts.add(office.ID, sources.Understood, noon.Add(-ago))
			two.counts.add(office.ID, sources.Understood, noon.Add(-ago))
		}
		two.counts.add(office.ID+1, sources.Understood, noon) // of a source that is gone
		gone, cancel := context.WithCancel(ctx)
		cancel()
		if err := one.flush(gone); err == nil {
			t.Fatal("counted without a context")
		}
		one.counts.add(office.ID, sources.Understood, noon)
		var both sync.WaitGroup
		for _, of := range []*requestLog{one, two} {
			both.Go(func() {
				if err := of.flush(ctx); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		if err := one.counts.sweep(ctx); err != nil {
			t.Fatal(err)
		}
		got, err := countsSince(db.Read(ctx), noon.Add(-24*time.Hour), noon.Add(-countsKept))
		want := []sources.RequestCount{{Outcome: sources.Understood, Day: 5, Week: 9, Ever: 11, LastAt: noon}}
		if err != nil || len(got) != 1 || !slices.Equal(got[office.ID], want) {
			t.Errorf("counted %+v, %v, want %+v", got, err, want)
		}
		var kept int
		if err := db.Read(ctx).Get(&kept, "SELECT COUNT(*) FROM source_counts"); err != nil || kept != 5 { // ever, and four hours
			t.Errorf("%d rows are kept, %v", kept, err)
		}
		h.now = noon.Add(countsKept + 2*time.Hour)
		one.counts.add(office.ID, sources.Understood, h.now)
		if err := errors.Join(one.flush(ctx), h.receiver.Sweep(ctx)); err != nil {
			t.Fatal(err)
		}
		if err := db.Read(ctx).Get(&kept, "SELECT COUNT(*) FROM source_counts"); err != nil || kept != 2 { // ever, and this hour
			t.Errorf("a week later %d rows are kept, %v", kept, err)
		}
	})
}
