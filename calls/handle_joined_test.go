package calls

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"callhue/internal/store"
	"callhue/journal"
	"callhue/rules"
	"callhue/staff"
)

// report is an event as one of several sources sends it: the PBX calls the call "pbx-1", the CRM "crm-1".
type report struct {
	source string
	Event
}

// from returns the report of a source on an event at so many seconds after ten past ten. Our clock shows the same.
func from(source string, kind EventKind, second int) report {
	e := event(kind, "102", second)
	e.CallID = source + "-1"
	return report{source, e}
}

// shared is one of several sources.
func (o *office) shared(source string) Origin {
	return Origin{Name: source, Plan: o.origin.Plan, Shared: true}
}

// send handles a report at its own time by our clock.
func (o *office) send(r report) Card {
	o.t.Helper()
	if !r.At.IsZero() {
		o.clock.Store(store.Millis(r.At))
	}
	card, err := o.desk.Handle(context.Background(), o.shared(r.source), r.Event)
	o.must(err)
	return card
}

func (r report) with(change func(*Event)) report {
	change(&r.Event)
	return r
}

// TestACallOfTwoSourcesIsOne replays a red call of Boris as two sources report it, in several orders.
func TestACallOfTwoSourcesIsOne(t *testing.T) {
	undated := func(e *Event) { e.At = time.Time{} }
	pbx := []report{from("pbx", Ringing, 0), from("pbx", Answered, 6), from("pbx", Ended, 48)}
	crm := []report{from("crm", Ringing, 2), from("crm", Answered, 7), from("crm", Ended, 49)}
	for name, list := range map[string][]report{
		"side by side": {pbx[0], crm[0], pbx[1], crm[1], pbx[2], crm[2]},
		"the CRM answers first": {
			pbx[0],
			crm[0],
			from("crm", Answered, 6),
			pbx[1],
			pbx[2],
			crm[2],
		},
		"the CRM ends first": {
			pbx[0],
			crm[0],
			pbx[1],
			crm[1],
			from("crm", Ended, 9),
			pbx[2],
		},
		"the CRM answers before it rings": {
			pbx[0],
			from("crm", Answered, 6),
			crm[0],
			pbx[1],
			pbx[2],
			crm[2],
		},
		"the CRM ends before it rings": {
			pbx[0],
			pbx[1],
			from("crm", Ended, 48),
			crm[0],
			crm[1],
			pbx[2],
		},
		"the CRM has no times": {
			pbx[0],
			crm[0].with(undated),
			pbx[1],
			crm[1].with(undated),
			pbx[2],
			crm[2].with(undated),
		},
		"the CRM reports twice": {
			pbx[0],
			crm[0],
			crm[0],
			pbx[1],
			crm[1],
			crm[1],
			pbx[2],
			crm[2],
			crm[2],
		},
		"the CRM counts the ringing": {
			pbx[0],
			crm[0],
			pbx[1],
			pbx[2],
			crm[2].with(func(e *Event) { e.Duration = time.Hour }),
		},
		"the CRM calls it missed": {
			pbx[0],
			crm[0],
			pbx[1],
			crm[2].with(func(e *Event) { e.Result = ResultMissed }),
			pbx[2],
		},
		"the CRM names no agent at the end": {
			pbx[0],
			crm[0],
			pbx[1],
			crm[2].with(func(e *Event) { e.Agent = "" }),
			pbx[2],
		},
	} {
		t.Run(name, func(t *testing.T) {
			inOffice(t, func(o *office) {
				mark := o.mark()
				for _, r := range list {
					o.send(r)
				}
				call := o.only()
				if call.Source != "pbx" || call.CallID != "pbx-1" || !slices.Equal(call.Also, []string{"crm"}) {
					t.Errorf("led by %s %s, also %v", call.Source, call.CallID, call.Also)
				}
				isRight := call.State == StateEnded && call.Result == ResultAnswered
				if !isRight || call.Duration < 41 || call.Duration > 43 {
					t.Errorf("%s %s, %d s", call.State, call.Result, call.Duration)
				}
				if len(call.Agents) != 1 || call.Agents[0].Verdict.Color != rules.Red {
					t.Errorf("agents: %+v", call.Agents)
				}
				verbs := o.verbs(mark)
				slices.Sort(verbs)
				want := "call.answered call.ended call.joined call.started " +
					"card.changed card.closed card.shown incident.recorded"
				if got := strings.Join(verbs, " "); got != want {
					t.Errorf("journal: %s", got)
				}
				if n := o.count("SELECT COUNT(*) FROM incidents WHERE talk_seconds BETWEEN 41 AND 43"); n != 1 {
					t.Errorf("%d incidents of 42 s", n)
				}
				joined := journal.History{Verb: CallJoined, Limit: 10}
				entries, err := journal.List(o.db.Read(context.Background()), joined)
				o.must(err)
				const both = `{"source":"pbx","call_id":"pbx-1","also_source":"crm","also_call_id":"crm-1"}`
				if len(entries) != 1 || string(entries[0].Details) != both {
					t.Errorf("the journal names %+v", entries)
				}
			})
		})
	}
}

// TestTwoCallsStayTwo: what could be one call of two sources and is not.
func TestTwoCallsStayTwo(t *testing.T) {
	first := from("pbx", Ringing, 0)
	second := from("crm", Ringing, 2)
	for name, list := range map[string][]report{
		"20 s apart": {first, from("crm", Ringing, 20)},
		"20 s apart, without times": {
			first,
			from("pbx", Answered, 20),
			from("crm", Ringing, 20).with(func(e *Event) { e.At = time.Time{} }),
		},
		"another direction": {
			first,
			second.with(func(e *Event) { e.Direction = rules.In }),
		},
		"another agent":         {first, second.with(func(e *Event) { e.Agent = "103" })},
		"another number":        {first, second.with(func(e *Event) { e.Number = p2 })},
		"no agent at the start": {first.with(func(e *Event) { e.Agent = "" }), second},
		"an agent whom only the PBX knows": {
			first.with(func(e *Event) { e.Agent = "909" }),
			second.with(func(e *Event) { e.Agent = "909" }),
		},
		"one source":        {first, first.with(func(e *Event) { e.CallID = "pbx-2" })},
		"the first is over": {first, from("pbx", Ended, 1), second},
		"an id by chance": {
			first,
			from("crm", Ringing, 2).with(func(e *Event) { e.CallID, e.Number = "pbx-1", p2 }),
		},
		"an id by chance, another agent": {
			first,
			from("crm", Ringing, 2).with(func(e *Event) { e.CallID, e.Agent = "pbx-1", "103" }),
		},
	} {
		t.Run(name, func(t *testing.T) {
			inOffice(t, func(o *office) {
				for _, r := range list {
					o.send(r)
				}
				if n := o.count("SELECT COUNT(*) FROM calls"); n != 2 {
					t.Errorf("%d calls, want 2", n)
				}
				if n := o.count("SELECT COUNT(*) FROM call_aliases"); n != 0 {
					t.Errorf("%d calls were joined", n)
				}
			})
		})
	}
}

// TestOneIDIsOneCall: an equal id joins whatever the times are, and an agent who is not known yet.
func TestOneIDIsOneCall(t *testing.T) {
	same := func(e *Event) { e.CallID = "pbx-1" }
	for name, list := range map[string][]report{
		"30 s later": {from("pbx", Ringing, 0), from("crm", Ringing, 30).with(same)},
		"no agent yet": {
			from("pbx", Ringing, 0).with(func(e *Event) { e.Agent = "" }),
			from("crm", Ringing, 2).with(same),
		},
		"all of it afterwards, dated": {
			from("pbx", Ringing, 0), from("pbx", Answered, 1), from("pbx", Ended, 20),
			from("crm", Ringing, 2).with(same), from("crm", Answered, 3).with(same), from("crm", Ended, 21).with(same),
		},
		"an end afterwards": {
			from("pbx", Ringing, 0),
			from("pbx", Ended, 5),
			from("crm", Ended, 9).with(same),
		},
	} {
		t.Run(name, func(t *testing.T) {
			inOffice(t, func(o *office) {
				for _, r := range list {
					o.send(r)
				}
				if call := o.only(); !slices.Equal(call.Also, []string{"crm"}) || len(call.Agents) != 1 {
					t.Errorf("%+v", call)
				}
			})
		})
	}
}

// TestTheEndOfTheCRMDoesNotHideATalk: the source that leads ends the call, also after another one did, and while it
// goes on the next agent is rung.
func TestTheEndOfTheCRMDoesNotHideATalk(t *testing.T) {
	inOffice(t, func(o *office) {
		for _, r := range []report{
			from("pbx", Ringing, 0), from("crm", Ringing, 1),
			from("pbx", Answered, 2), from("crm", Ended, 3), from("pbx", Ended, 50),
		} {
			o.send(r)
		}
		if n := o.count("SELECT COUNT(*) FROM incidents WHERE talk_seconds = 48"); n != 1 {
			t.Errorf("%d incidents of 48 s", n)
		}
	})
	inOffice(t, func(o *office) {
		vera := func(e *Event) { e.Agent = "103" }
		for _, r := range []report{
			from("pbx", Ringing, 0), from("crm", Ringing, 1), from("pbx", Answered, 2), from("crm", Ended, 3),
			from("pbx", Ringing, 10).with(vera), from("pbx", Answered, 12).with(vera),
		} {
			o.send(r)
		}
		call := o.only()
		if call.State != StateTalking || len(call.Agents) != 2 || call.Agents[1].State != StateTalking {
			t.Errorf("%+v", call)
		}
	})
}

// TestTwoSourcesAtOnce has a call of two sources handled at the same moment, again and again; no memory of the
// process takes part in joining.
func TestTwoSourcesAtOnce(t *testing.T) {
	inOffice(t, func(o *office) {
		for i := range 200 {
			id := fmt.Sprint(i)
			at := time.UnixMilli(o.clock.Add(60_000))
			for _, kind := range []EventKind{Ringing, Answered, Ended} {
				var both sync.WaitGroup
				for _, source := range []string{"pbx", "crm"} {
					e := event(kind, "102", 0)
					e.CallID, e.At = source+" "+id, at
					both.Go(func() {
						_, err := o.desk.Handle(context.Background(), o.shared(source), e)
						if err != nil {
							t.Error(err)
						}
					})
				}
				both.Wait()
				at = time.UnixMilli(o.clock.Add(20_000))
			}
		}
		for query, want := range map[string]int{
			"SELECT COUNT(*) FROM calls":                                  200,
			"SELECT COUNT(*) FROM call_aliases":                           200,
			"SELECT COUNT(*) FROM cards":                                  200,
			"SELECT COUNT(*) FROM incidents":                              200,
			"SELECT COUNT(*) FROM journal WHERE verb = 'card.shown'":      200,
			"SELECT COUNT(*) FROM journal WHERE verb = 'card.changed'":    200,
			"SELECT COUNT(*) FROM journal WHERE verb = 'card.closed'":     200,
			"SELECT COUNT(*) FROM calls WHERE duration BETWEEN 19 AND 21": 200,
		} {
			if n := o.count(query); n != want {
				t.Errorf("%s: %d, want %d", query, n, want)
			}
		}
	})
}

// TestOneSourceAsksNothing: joining costs nothing where there is one source, and nothing for the later events of the
// source that leads.
func TestOneSourceAsksNothing(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		var mu sync.Mutex
		var asked []string
		db.Trace = func(query string) {
			mu.Lock()
			defer mu.Unlock()
			if strings.Contains(query, "call_aliases") || strings.Contains(query, "call_claims") {
				asked = append(asked, query)
			}
		}
		o := &office{t: t, db: db, user: map[string]*staff.User{}}
		o.clock.Store(time.Date(2026, 1, 12, 9, 0, 0, 0, time.UTC).UnixMilli())
		db.Clock = func() time.Time { return time.UnixMilli(o.clock.Load()) }
		o.furnish()
		for second, kind := range []EventKind{Ringing, Answered, Ended} {
			o.hear(event(kind, "102", second))
		}
		if len(asked) > 0 {
			t.Errorf("one source: %v", asked)
		}
		o.send(from("pbx", Ringing, 20))
		if len(asked) > 7 {
			t.Errorf("a new call of one of two sources: %d, %v", len(asked), asked)
		}
		asked = nil
		o.send(from("pbx", Answered, 23))
		o.send(from("pbx", Ended, 25))
		if len(asked) > 0 {
			t.Errorf("its later events: %v", asked)
		}
	})
}
