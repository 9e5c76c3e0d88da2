package calls

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"callhue/incidents"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/rules"
)

// count asks the database for a number.
func (o *office) count(query string, args ...any) (n int) {
	o.t.Helper()
	o.must(o.db.Read(context.Background()).Get(&n, query, args...))
	return n
}

// call is a call of Boris with Anna's client that ends after a talk of a minute.
func (o *office) call(id string, at time.Time) {
	o.t.Helper()
	for i, kind := range []EventKind{Ringing, Answered, Ended} {
		e := event(kind, "102", 0)
		e.CallID, e.At = id, at.Add(time.Duration(i)*time.Minute)
		o.clock.Store(store.Millis(e.At))
		o.hear(e)
	}
}

// TestTheCallJournalIsKeptAsThePolicySays: what is older goes, with its cards and its entries of the journal;
// incidents, and what belongs to clients, stay.
func TestTheCallJournalIsKeptAsThePolicySays(t *testing.T) {
	inOffice(t, func(o *office) {
		ctx, ask, day := context.Background(), o.door(), 24*time.Hour
		start := o.db.Clock()
		for i := range removedTogether + 10 {
			e := event(Ended, "102", 0)
			e.CallID, e.At = fmt.Sprint("short ", i), start.Add(time.Duration(i)*time.Millisecond)
			o.hear(e)
		}
		o.call("old", start.Add(time.Minute))
		o.call("young", start.Add(20*day))
		open := event(Ringing, "102", 0)
		open.CallID, open.At = "open", start.Add(2*time.Minute)
		o.hear(open)
		recorded := o.count("SELECT COUNT(*) FROM incidents")
		clients := o.count("SELECT COUNT(*) FROM journal WHERE subject_kind <> 'call'")
		all := o.count("SELECT COUNT(*) FROM calls")
		if recorded != 2 || all != removedTogether+13 {
			t.Fatalf("%d incidents, %d calls", recorded, all)
		}
		o.clock.Store(store.Millis(start.Add(30 * day)))
		o.must(o.desk.removeOld(ctx))
		if n := o.count("SELECT COUNT(*) FROM calls"); n != all {
			t.Fatalf("%d of %d calls are left although the policy keeps them", n, all)
		}
		if status, answer := ask("admin", "PUT", "/api/v1/policy", policyBody(t, func(p *rules.Policy) { p.KeepCallsDays = 14 })); status != http.StatusOK {
			t.Fatalf("%d %s", status, answer)
		}
		o.must(o.desk.removeOld(ctx))
		for what, want := range map[string]int{
			"SELECT COUNT(*) FROM calls":                                                 2,
			"SELECT COUNT(*) FROM calls WHERE call_id IN ('young', 'open')":              2,
			"SELECT COUNT(*) FROM cards":                                                 2,
			"SELECT COUNT(*) FROM incidents":                                             recorded,
			"SELECT COUNT(*) FROM journal WHERE subject_kind <> 'call'":                  clients + 1, // the policy's change
			"SELECT COUNT(DISTINCT subject_id) FROM journal WHERE subject_kind = 'call'": 2,
		} {
			if n := o.count(what); n != want {
				t.Errorf("%s: %d, want %d", what, n, want)
			}
		}
		if status, answer := ask("admin", "GET", "/api/v1/calls", ""); status != http.StatusOK {
			t.Errorf("the list of what is left: %d %s", status, answer)
		}
		if status, answer := ask("igor", "GET", "/api/v1/incidents", ""); status != http.StatusOK {
			t.Errorf("the incidents of calls that are gone: %d %s", status, answer)
		}
		o.must(o.desk.removeOld(ctx)) // there is nothing left to do
		if list, err := journal.List(o.db.Read(ctx), journal.History{Verb: incidents.Recorded, Limit: 10}); err != nil || len(list) != recorded {
			t.Errorf("the journal knows %d incidents, %v", len(list), err)
		}
	})
}
