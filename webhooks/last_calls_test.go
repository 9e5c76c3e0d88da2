package webhooks

import (
	"encoding/json"
	"slices"
	"testing"

	"callhue/internal/access"
	"callhue/internal/store"
	"callhue/webhooks/sources"
)

// TestProblemsOfASource: the page of a source that works says in one line what is wrong with it.
func TestProblemsOfASource(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		h := realApp(t, db)
		office := h.add(sources.NewSource{Name: "office", Dialect: "generic", Secret: secretOfOffice})
		send := func(id, number, agent string) {
			t.Helper()
			event := `{"event":"ringing","call_id":"` + id + `","direction":"out","number":"` + number +
				`","agent":"` + agent + `"}`
			if status, said := h.signed("/hooks/office", secretOfOffice, event); status != 200 {
				t.Fatalf("%d %s", status, said)
			}
		}
		problems := func() []sources.Problem {
			t.Helper()
			if err := h.receiver.log.flush(ctx); err != nil {
				t.Fatal(err)
			}
			seen, err := h.receiver.LastCalls(ctx, office.ID)
			if err != nil {
				t.Fatal(err)
			}
			var list []sources.Problem
			if seen.UnknownAgents > 0 {
				list = append(list, sources.Problem{Code: sources.ProblemUnknownAgents, Count: seen.UnknownAgents})
			}
			if seen.UnreadableNumbers > 0 {
				unreadable := sources.Problem{Code: sources.ProblemUnreadableNumbers, Count: seen.UnreadableNumbers}
				list = append(list, unreadable)
			}
			return list
		}
		send("a-1", "84950000011", "102")
		if got := problems(); got != nil {
			t.Errorf("all is well: %v", got)
		}
		send("a-2", "84950000011", "777")
		send("a-2", "84950000011", "778")
		send("a-3", "7812#84950000011", "102")
		send("a-4", "7812#84950000012", "102")
		want := []sources.Problem{{Code: sources.ProblemUnknownAgents, Count: 1},
			{Code: sources.ProblemUnreadableNumbers, Count: 2}}
		if got := problems(); !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
		rules := sources.NumberRules{{Pattern: `7812#(.+)`, Replacement: "$1"}}
		change := sources.SourceChange{Rules: &rules, Version: office.Version}
		if _, err := h.sources.Change(ctx, access.System(), office.ID, change); err != nil {
			t.Fatal(err)
		}
		if got := problems(); !slices.Equal(got, want[:1]) {
			t.Errorf("with a rule: %v", got)
		}
		raw, err := json.Marshal(want)
		const shown = `[{"code":"unknown_agents","count":1},{"code":"unreadable_numbers","count":2}]`
		if err != nil || string(raw) != shown {
			t.Errorf("%s %v", raw, err)
		}
	})
}
