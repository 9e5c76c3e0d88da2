package calls

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/live"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/lookup"
	"callhue/rules"
	"callhue/staff"
)

// event is one of the call "c-1" with p1, at so many seconds after ten past ten.
func event(kind EventKind, agent string, second int) Event {
	return Event{CallID: "c-1", Kind: kind, Direction: rules.Out, Number: p1, Agent: agent, Line: "+74950000001",
		At: time.Date(2026, 3, 12, 10, 10, second, 0, time.UTC)}
}

// only returns the one call of the journal.
func (o *office) only() Call {
	o.t.Helper()
	rows, err := listCalls(o.db.Read(context.Background()), filter{Limit: 10})
	o.must(err)
	if len(rows) != 1 {
		o.t.Fatalf("%d calls, want 1", len(rows))
	}
	calls, err := callsOf(o.db.Read(context.Background()), rows, func(*cardRow) bool { return true })
	o.must(err)
	return calls[0]
}

func TestACallFromRingingToItsEnd(t *testing.T) {
	inOffice(t, func(o *office) {
		mark := o.mark()
		card := o.hear(event(Ringing, "102", 0))
		if card.Verdict.Color != rules.Red || card.Agent.Login != "boris" || card.Call.State != StateRinging || card.Subject.Name != "Вектор" {
			t.Errorf("ringing: %+v", card)
		}
		if card = o.hear(event(Answered, "102", 6)); card.Call.State != StateTalking || card.Call.AnsweredAt == nil {
			t.Errorf("answered: %+v", card.Call)
		}
		end := event(Ended, "102", 48)
		end.Recording = "https://rec.example/1.mp3"
		if card = o.hear(end); card.Call.State != StateEnded || card.Call.EndedAt == nil {
			t.Errorf("ended: %+v", card.Call)
		}
		call := o.only()
		if call.State != StateEnded || call.Result != ResultAnswered || call.Duration != 42 || call.Recording != end.Recording {
			t.Errorf("the call: %+v", call)
		}
		if len(call.Agents) != 1 || call.Agents[0].Verdict.Color != rules.Red || call.Agents[0].Verdict.Policy != 1 {
			t.Errorf("the journal must keep the verdict as it was shown: %+v", call.Agents)
		}
		want := []string{"card.shown", "call.started", "card.changed", "call.answered", "card.closed", "call.ended", "incident.recorded"}
		if diff := cmp.Diff(want, o.verbs(mark)); diff != "" {
			t.Errorf("journal (-want +got):\n%s", diff)
		}
	})
}

func TestRepeatedEventsTakeEffectOnce(t *testing.T) {
	inOffice(t, func(o *office) {
		mark := o.mark()
		for _, kind := range []EventKind{Ringing, Answered, Ended} {
			for range 10 {
				o.hear(event(kind, "102", 0))
			}
		}
		if told := o.verbs(mark); len(told) != 6 {
			t.Errorf("thirty events of a call told %v, want 6 entries", told)
		}
		o.only()
	})
}

func TestEventsInAnyOrder(t *testing.T) {
	for _, order := range [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		t.Run(fmt.Sprint(order), func(t *testing.T) {
			inOffice(t, func(o *office) {
				events := []Event{event(Ringing, "102", 0), event(Answered, "102", 6), event(Ended, "102", 48)}
				mark := o.mark()
				for _, i := range order {
					o.hear(events[i])
				}
				call := o.only()
				if call.State != StateEnded || call.Result != ResultAnswered || !call.StartedAt.Equal(events[0].At) || len(call.Agents) != 1 {
					t.Errorf("the call: %+v", call)
				}
				if order[0] == 2 && slices.Contains(o.verbs(mark), "card.shown") {
					t.Error("a card popped up although the end was heard first")
				}
			})
		})
	}
}

func TestAnAnsweredCallStaysAnsweredWhateverIsToldOfOtherPhones(t *testing.T) {
	for _, result := range []Result{ResultMissed, ResultCancelled, ResultBusy, ResultFailed} {
		inOffice(t, func(o *office) {
			for _, e := range []Event{event(Ringing, "101", 0), event(Ringing, "102", 0), event(Answered, "102", 3), event(Ended, "102", 30)} {
				o.hear(e)
			}
			late := event(Ended, "101", 31) // the PBX tells of Anna's phone last
			late.Result = result
			o.hear(late)
			if c := o.only(); c.Result != ResultAnswered || c.Duration != 27 {
				t.Errorf("after %s at another phone the call is %s, %d s", result, c.Result, c.Duration)
			}
		})
	}
}

// TestTwoDevicesOfOneAgentAreOneCard: the desk phone and the softphone of an agent
// ring as two legs. His card neither flickers nor closes when one of them falls
// silent, in whatever order that is told.
func TestTwoDevicesOfOneAgentAreOneCard(t *testing.T) {
	leg := func(kind EventKind, name, agent string, second int) Event {
		e := event(kind, agent, second)
		e.Leg = name
		return e
	}
	desk, soft := leg(Ringing, "desk", "102", 0), leg(Ringing, "soft", "boris", 1)
	for _, c := range []struct {
		why    string
		events []Event
		state  State
	}{
		{"one falls silent, the other rings on", []Event{desk, soft, leg(Ended, "desk", "102", 3)}, StateRinging},
		{"both fall silent", []Event{desk, soft, leg(Ended, "desk", "102", 3), leg(Ended, "soft", "boris", 3)}, StateEnded},
		{"answered at one, the other is cancelled", []Event{desk, soft, leg(Answered, "desk", "102", 4), leg(Ended, "soft", "boris", 5)}, StateTalking},
		{"the same, told the other way round", []Event{soft, desk, leg(Ended, "soft", "boris", 5), leg(Answered, "desk", "102", 4)}, StateTalking},
		{"he hangs up where he talked; the other's end was never told", []Event{desk, soft, leg(Answered, "desk", "102", 4), leg(Ended, "desk", "102", 30)}, StateEnded},
		{"he takes the call over to the other device", []Event{desk, leg(Answered, "desk", "102", 4), leg(Answered, "soft", "boris", 9), leg(Ended, "desk", "102", 10)}, StateTalking},
	} {
		inOffice(t, func(o *office) {
			mark := o.mark()
			for _, e := range c.events {
				o.hear(e)
			}
			call := o.only()
			if len(call.Agents) != 1 || call.Agents[0].State != c.state || call.State != c.state {
				t.Errorf("%s: the call %s, %+v", c.why, call.State, call.Agents)
			}
			shown := 0
			for _, verb := range o.verbs(mark) {
				if verb == "card.shown" {
					shown++
				}
			}
			if shown != 1 {
				t.Errorf("%s: the card appeared %d times", c.why, shown)
			}
		})
	}
}

func TestAGroupCallShowsACardToEachAndLeavesTheOneWhoAnswers(t *testing.T) {
	inOffice(t, func(o *office) {
		ring := func(kind EventKind, agent string, second int) Card {
			e := event(kind, agent, second)
			e.Direction = rules.In
			return o.hear(e)
		}
		if c := ring(Ringing, "101", 0); c.Verdict.Color != rules.None {
			t.Errorf("Anna's own client: %s", c.Verdict.Color)
		}
		if c := ring(Ringing, "102", 0); c.Verdict.Color != rules.Red {
			t.Errorf("for Boris: %s", c.Verdict.Color)
		}
		mark := o.mark()
		ring(Answered, "102", 3)
		var closed Card
		for _, e := range o.since(mark) {
			if e.Verb == "card.closed" {
				closed = (&cardRow{Card: string(e.Details)}).shown()
			}
		}
		if closed.Agent == nil || closed.Agent.Login != "anna" || closed.Verdict.Why != rules.WhyAnsweredElsewhere || closed.Call.State != StateEnded {
			t.Errorf("Anna's card must be closed as answered elsewhere: %+v", closed)
		}
		if !strings.Contains(closed.Verdict.Title+closed.Verdict.Text, "boris") {
			t.Errorf("it must say who answered: %q %q", closed.Verdict.Title, closed.Verdict.Text)
		}
		late := event(Ended, "101", 4) // the PBX cancels Anna's phone
		late.Direction, late.Result = rules.In, ResultMissed
		o.hear(late)
		if c := o.only(); c.State != StateTalking {
			t.Errorf("cancelled at one agent, the call goes on: %s", c.State)
		}
		ring(Ended, "102", 30)
		if c := o.only(); c.State != StateEnded || c.Result != ResultAnswered || c.Duration != 27 {
			t.Errorf("the call: %+v", c)
		}
	})
}

func TestAQueueThatRingsOneAfterTheOther(t *testing.T) {
	inOffice(t, func(o *office) {
		o.hear(event(Ringing, "101", 0))
		o.hear(event(Ended, "101", 15))
		if c := o.hear(event(Ringing, "102", 16)); c.Call.State != StateRinging {
			t.Errorf("the next agent's card: %s", c.Call.State)
		}
		if c := o.only(); c.State != StateRinging || c.EndedAt != nil {
			t.Errorf("the call goes on: %+v", c)
		}
		whole := event(Ended, "", 20)
		o.hear(whole)
		if c := o.hear(event(Ringing, "103", 21)); c.Call.State != StateEnded {
			t.Errorf("after the end of the whole call nothing pops up: %s", c.Call.State)
		}
	})
}

func TestAnAgentWhoBecomesKnownGetsHisVerdict(t *testing.T) {
	inOffice(t, func(o *office) {
		card := o.hear(event(Ringing, "sip-77", 0))
		if card.Agent != nil || card.Verdict.Why != rules.WhyAgentUnknown || card.Verdict.Color != rules.None {
			t.Errorf("an agent nobody knows: %+v", card.Verdict)
		}
		_, err := o.roster.AddIdentity(context.Background(), access.System(), o.user["boris"].ID,
			staff.NewIdentity{Source: "office", Value: "SIP-77"})
		o.must(err)
		card = o.hear(event(Answered, "sip-77", 3))
		if card.Agent == nil || card.Agent.Login != "boris" || card.Verdict.Color != rules.Red {
			t.Errorf("known now: %+v", card)
		}
		if c := o.only(); len(c.Agents) != 1 {
			t.Errorf("one agent, not two: %+v", c.Agents)
		}
	})
}

func TestTheNumberMayComeLater(t *testing.T) {
	inOffice(t, func(o *office) {
		first := event(Ringing, "102", 0)
		first.Number, first.Direction = "", ""
		if c := o.hear(first); c.Verdict.Color != rules.None {
			t.Errorf("no number yet: %s", c.Verdict.Color)
		}
		if c := o.hear(event(Answered, "102", 3)); c.Verdict.Color != rules.Red || c.Number.E164 != "+74950001001" {
			t.Errorf("the number is known now: %+v", c)
		}
		last := event(Ended, "102", 9)
		last.Number = ""
		o.hear(last)
		if c := o.only(); c.Number.E164 != "+74950001001" || c.Direction != rules.Out {
			t.Errorf("the call: %+v", c)
		}
	})
}

func TestTheNumberMayComeAtTheSameMoment(t *testing.T) {
	inOffice(t, func(o *office) {
		asked, desk := 0, *o.desk
		desk.DB = o.db.At(func() time.Time {
			if asked++; asked == 3 { // after tidying, and after asking what is known: nothing
				o.hear(event(Ringing, "", 0))
			}
			return time.UnixMilli(o.clock.Load())
		})
		late := event(Answered, "102", 3)
		late.Number, late.Direction = "", ""
		card, err := desk.Handle(context.Background(), o.origin, late)
		o.must(err)
		if card.Verdict.Color != rules.Red || card.Number.E164 != "+74950001001" {
			t.Errorf("another event told the number first: %s %q", card.Verdict.Color, card.Number.E164)
		}
		if c := o.only(); len(c.Agents) != 1 || c.Agents[0].Verdict.Color != rules.Red {
			t.Errorf("the call: %+v", c)
		}
	})
}

func TestACheckThatWasNotDoneIsGreyAndRepainted(t *testing.T) {
	inOffice(t, func(o *office) {
		blind := *o.desk
		blind.Finder = lookup.New(o.db, o.dir, o.journal, lookup.Options{Budget: time.Nanosecond, Most: -1})
		card, err := blind.Handle(context.Background(), o.origin, event(Ringing, "102", 0))
		o.must(err)
		if card.Verdict.Color != rules.Grey || card.Verdict.Why != rules.WhyCheckFailed {
			t.Fatalf("a lookup out of time: %+v, want grey", card.Verdict)
		}
		mark := o.mark()
		o.must(o.desk.reevaluateGrey(context.Background()))
		if told := o.verbs(mark); !slices.Equal(told, []string{"card.changed"}) {
			t.Errorf("repainting told %v", told)
		}
		if c := o.only(); c.Agents[0].Verdict.Color != rules.Red || c.Agents[0].State != StateRinging {
			t.Errorf("repainted: %+v", c.Agents[0])
		}
	})
}

func TestACallWhoseEndNeverCame(t *testing.T) {
	inOffice(t, func(o *office) {
		o.hear(event(Ringing, "102", 0))
		o.hear(event(Answered, "102", 6))
		o.must(o.desk.closeUnfinished(context.Background()))
		if c := o.only(); c.State != StateTalking {
			t.Errorf("a call of today must stay open: %s", c.State)
		}
		o.clock.Add((5 * time.Hour).Milliseconds())
		o.must(o.desk.closeUnfinished(context.Background()))
		if c := o.only(); c.State != StateEnded || c.Agents[0].State != StateEnded || c.Duration != 0 {
			t.Errorf("after five hours: %+v", c)
		}
	})
}

func TestAPBXWhoseClockIsWrong(t *testing.T) {
	inOffice(t, func(o *office) {
		for _, off := range []time.Duration{-8 * time.Hour, 3 * time.Hour} { // its own time, called UTC
			e := event(Ringing, "102", 0)
			e.CallID, e.At = off.String(), e.At.Add(off)
			now := time.UnixMilli(o.clock.Load()).UTC()
			if c := o.hear(e); !c.Call.StartedAt.Equal(now) {
				t.Errorf("%v off: began at %v, want %v", off, c.Call.StartedAt, now)
			}
		}
		unset := event(Ended, "102", 0)
		unset.CallID, unset.At = "past", time.Unix(0, 0)
		if c := o.hear(unset); c.Call.EndedAt == nil || c.Call.EndedAt.Year() != 2026 {
			t.Errorf("a clock that was never set: %+v", c.Call)
		}
		o.must(o.desk.closeUnfinished(context.Background()))
		live, err := liveCards(o.db.Read(context.Background()), o.user["boris"].ID)
		o.must(err)
		if len(live) != 2 {
			t.Errorf("%d cards are live, want 2: both calls ring", len(live))
		}
	})
}

func TestAnIdThatThePBXUsesAgain(t *testing.T) {
	inOffice(t, func(o *office) {
		o.hear(event(Ringing, "102", 0))
		o.hear(event(Ended, "", 9))
		if c := o.hear(event(Ringing, "103", 10)); c.Call.State != StateEnded {
			t.Errorf("a late ringing of the same call: %s", c.Call.State)
		}
		o.clock.Add((3 * 24 * time.Hour).Milliseconds())
		o.must(o.desk.closeUnfinished(context.Background())) // it also forgets old events
		again := event(Ringing, "101", 0)
		again.At, again.Number, again.Direction = time.Time{}, "", ""
		if c := o.hear(again); c.Number.E164 != "" || c.Subject != nil {
			t.Errorf("the client of the old call is on the card of the new one: %+v", c)
		}
		again = event(Ringing, "102", 0)
		again.At = time.Time{}
		if c := o.hear(again); c.Call.State != StateRinging || c.Verdict.Color != rules.Red {
			t.Errorf("three days later it is another call: %+v", c.Call)
		}
		rows, err := listCalls(o.db.Read(context.Background()), filter{Limit: 10})
		o.must(err)
		if len(rows) != 2 || rows[0].CallID != "c-1" || rows[1].State != StateEnded {
			t.Errorf("both calls stay in the journal: %+v", rows)
		}
	})
}

func TestEventsAtTheSameMoment(t *testing.T) {
	inOffice(t, func(o *office) {
		mark := o.mark()
		var wg sync.WaitGroup
		for _, agent := range []string{"101", "102", "103"} {
			for _, kind := range []EventKind{Ringing, Answered, Ended} {
				for range 3 {
					wg.Go(func() {
						if _, err := o.desk.Handle(context.Background(), o.origin, event(kind, agent, 0)); err != nil {
							t.Error(err)
						}
					})
				}
			}
		}
		wg.Wait()
		call := o.only()
		if len(call.Agents) != 3 || call.State != StateEnded {
			t.Errorf("three agents on one ended call: %+v", call)
		}
		if n := strings.Count(strings.Join(o.verbs(mark), " "), "call.ended"); n == 0 {
			t.Error("the end of the call was not told")
		}
	})
}

func TestAnEventWithoutCallOrKindIsRefused(t *testing.T) {
	inOffice(t, func(o *office) {
		for _, c := range []struct {
			field  string
			change func(*Event)
		}{
			{"call_id", func(e *Event) { e.CallID = "" }},
			{"call_id", func(e *Event) { e.CallID = strings.Repeat("x", 251) }},
			{"event", func(e *Event) { e.Kind = "sneezed" }},
		} {
			e := event(Ringing, "102", 0)
			c.change(&e)
			_, err := o.desk.Handle(context.Background(), o.origin, e)
			if !fault.Is(err, fault.KindInvalid) || fault.Of(err).Fields[0].Field != c.field {
				t.Errorf("%s: %v", c.field, err)
			}
		}
		for _, change := range []func(*Event){
			func(e *Event) { e.Direction = "sideways" },
			func(e *Event) { e.Result = "great" },
			func(e *Event) { e.Recording = "https://rec.example/" + strings.Repeat("x", 1000) },
			func(e *Event) { e.Duration = 30 * 24 * time.Hour },
		} {
			e := event(Ringing, "102", 0)
			change(&e)
			if c := o.hear(e); c.Verdict.Color != rules.Red {
				t.Errorf("%+v was lost: %+v", e, c)
			}
		}
		long := event(Ringing, "102", 0)
		long.CallID = "another"
		long.Number = strings.Repeat("7", 500)
		if c := o.hear(long); c.Verdict.Why != rules.WhyInvalid || c.Number.Kind != "invalid" {
			t.Errorf("500 digits: %+v", c)
		}
	})
}

func TestCallerName(t *testing.T) {
	owner := &staff.Person{ID: 1, Name: "Щукин Иван"}
	acme := Card{Verdict: VerdictPart{Color: rules.Red}, Agent: &staff.Person{ID: 2}, Subject: &Record{Kind: rules.KindCompany, Name: `ООО "Ёлка", филиал`, Owner: owner}}
	short := Card{Verdict: VerdictPart{Color: rules.Red}, Subject: &Record{Kind: rules.KindCompany, Name: "Acme Ltd", Owner: &staff.Person{ID: 3, Name: "Ann Taylor"}}}
	free := Card{Verdict: VerdictPart{Color: rules.Yellow}, Agent: &staff.Person{ID: 1}, Subject: &Record{Kind: rules.KindContact, Name: "Petrov",
		Owner: owner, Company: &CompanyPart{Name: "Acme", Owner: owner}}}
	for _, c := range []struct {
		why   string
		card  Card
		ascii bool
		want  string
	}{
		{"the marker stands first", acme, false, `[!] Щукин - Ёлка филиал`},
		{"a display that knows no Cyrillic", acme, true, `[!] Schukin - Elka filial`},
		{"an English name has its surname last", short, false, "[!] Taylor - Acme"},
		{"his own client needs no owner's name", free, false, "Acme - Petrov"},
		{"nobody found: nothing to say", Card{Verdict: VerdictPart{Color: rules.None}}, true, ""},
		{"do not call", Card{DoNotCall: &DoNotCallPart{}, Subject: free.Subject, Agent: free.Agent}, false, "[X] Acme - Petrov"},
		{"do not call, and red", Card{DoNotCall: &DoNotCallPart{}, Verdict: short.Verdict, Subject: short.Subject}, false, "[!X] Taylor - Acme"},
		{"nobody's number, but on the list", Card{DoNotCall: &DoNotCallPart{}, Verdict: VerdictPart{Color: rules.None}}, true, "[X]"},
		{"not checked is never silent", Card{Verdict: VerdictPart{Color: rules.Grey}}, true, "[?]"},
	} {
		if got := (&Tracker{}).CallerName(c.card, 0, c.ascii); got != c.want {
			t.Errorf("%s: %q, want %q", c.why, got, c.want)
		}
	}
}

// TestCallsOfAStrangerAreHisOnceHeIsKnown: the one who called before someone wrote him
// down has these calls around him from then on.
func TestCallsOfAStrangerAreHisOnceHeIsKnown(t *testing.T) {
	inOffice(t, func(o *office) {
		ctx := context.Background()
		card := o.hear(Event{CallID: "first", Kind: Ringing, Direction: rules.In, Number: p7, Agent: "101", Duration: -1})
		if card.Verdict.Why != rules.WhyUnknown {
			t.Fatalf("%s is %s", p7, card.Verdict.Why)
		}
		o.hear(Event{CallID: "first", Kind: Ended, Duration: -1})
		known, err := o.book.AddContact(ctx, o.admin, crm.NewContact{Name: "Newcomer", Phones: []crm.Phone{{Value: p7}}})
		o.must(err)
		if around, err := o.desk.around(ctx, crm.KindContact, known.ID, store.Where{}); err != nil || len(around.Calls) != 1 || around.Calls[0].Agent != "anna" {
			t.Errorf("around him: %+v, %v", around.Calls, err)
		}
		o.hear(Event{CallID: "second", Kind: Ringing, Direction: rules.In, Number: p7, Agent: "101", Duration: -1})
		other, err := o.book.AddContact(ctx, o.admin, crm.NewContact{Name: "Another", Phones: []crm.Phone{{Value: p7}}})
		o.must(err)
		around, err := o.desk.around(ctx, crm.KindContact, other.ID, store.Where{})
		if err != nil || len(around.Calls) != 1 || around.Calls[0].Number != "+74950001007" {
			t.Errorf("a call on whose card somebody stands is his: %+v, %v", around.Calls, err)
		}
	})
}

func TestAroundAClient(t *testing.T) {
	inOffice(t, func(o *office) {
		o.hear(event(Ringing, "102", 0))
		card := o.check(p1, "boris")
		o.must(o.desk.Relate(context.Background(), &access.User{ID: o.user["boris"].ID}, &card))
		if r := card.Related; len(r.Contacts) != 1 || r.Contacts[0].Name != "Петров" || len(r.Calls) != 1 || r.Calls[0].Agent != "boris" || r.Calls[0].Color != "red" {
			t.Errorf("around Вектор: %+v", r)
		}
		nobody := o.check(p7, "boris")
		o.must(o.desk.Relate(context.Background(), &access.User{ID: o.user["boris"].ID}, &nobody))
		if nobody.Related == nil || nobody.Related.Companies == nil {
			t.Errorf("around nobody: %+v", nobody.Related)
		}
	})
}

// wanted returns what decides whether an entry reaches the live stream of a user.
func wanted(o *office, org *staff.Org, user *access.User, scope, verbs string) (func(journal.Entry) bool, error) {
	sub, err := live.Subscribe(o.journal, org, user, scope, verbs)
	if err != nil {
		return nil, err
	}
	return sub.Wants, nil
}

func TestWhoMayHearTheStream(t *testing.T) {
	inOffice(t, func(o *office) {
		org, err := o.roster.Org(context.Background())
		o.must(err)
		user := func(login string, roles ...access.Role) *access.User {
			return &access.User{ID: o.user[login].ID, Login: login, Roles: roles}
		}
		mark := o.mark()
		o.hear(event(Ringing, "102", 0))
		o.hear(event(Ringing, "103", 0))
		hears := func(u *access.User, scope, verbs string) (n int) {
			want, err := wanted(o, org, u, scope, verbs)
			o.must(err)
			for _, e := range o.since(mark) {
				if want(e) {
					n++
				}
			}
			return n
		}
		for _, c := range []struct {
			why          string
			user         *access.User
			scope, verbs string
			want         int
		}{
			{"an agent hears of his own card", user("boris", access.Agent), "", "", 1},
			{"not of a colleague's", user("anna", access.Agent), "", "", 0},
			{"a head of those of his department", user("igor", access.Supervisor), "department", "", 1},
			{"an admin of all", user("admin", access.Admin), "department", "", 2},
			{"and of what he asks for", user("admin", access.Admin), "", "call.started,call.ended", 1},
		} {
			if n := hears(c.user, c.scope, c.verbs); n != c.want {
				t.Errorf("%s: %d entries, want %d", c.why, n, c.want)
			}
		}
		for _, c := range [][2]string{{"department", ""}, {"", "call.started"}} {
			if _, err := wanted(o, org, user("boris", access.Agent), c[0], c[1]); !fault.Is(err, fault.KindForbidden) {
				t.Errorf("an agent asked for scope %q, verbs %q: %v, want forbidden", c[0], c[1], err)
			}
		}
	})
}
