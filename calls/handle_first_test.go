package calls

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"callhue/internal/store"
	"callhue/rules"
)

// TestSourcesNeverWaitForEachOthersCalls: many sources report their first calls at once, to a database without a call.
// None is refused, and none has to be written twice: no transaction locks what another one needs.
func TestSourcesNeverWaitForEachOthersCalls(t *testing.T) {
	const sources, callsEach = 32, 4
	store.Test(t, func(t *testing.T, db *store.DB) {
		var added atomic.Int64
		trace := func(query string) {
			if strings.HasPrefix(query, "INSERT INTO calls ") {
				added.Add(1)
			}
		}
		inOfficeOf(t, db, func(o *office) {
			o.db.Trace = trace
			var all sync.WaitGroup
			agents := []string{"101", "102", "103"}
			for source := range sources {
				origin := o.shared(fmt.Sprintf("pbx%d", source))
				all.Go(func() {
					for n := range callsEach {
						number := fmt.Sprintf("+7 495 000-%02d-%02d", source, 30+n)
						for _, kind := range []EventKind{Ringing, Answered, Ended} {
							e := Event{CallID: fmt.Sprintf("call-%d-%d", source, n), Kind: kind, Direction: rules.In,
								Number: number, Agent: agents[source%len(agents)], Duration: -1}
							if _, err := o.desk.Handle(context.Background(), origin, e); err != nil {
								t.Errorf("%s, call %d, %s: %v", origin.Name, n, kind, err)
							}
						}
					}
				})
			}
			all.Wait()
			var kept int64
			o.must(o.db.Read(context.Background()).Get(&kept, "SELECT COUNT(*) FROM calls WHERE ended_at > 0"))
			if kept != sources*callsEach || added.Load() != kept {
				t.Errorf("%d calls, added by %d statements, want %d each", kept, added.Load(), sources*callsEach)
			}
		})
	})
}
