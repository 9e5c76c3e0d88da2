package calls

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"callhue/crm"
	"callhue/incidents"
	"callhue/internal/access"
	"callhue/internal/store"
	"callhue/internal/web"
	"callhue/journal"
	"callhue/lookup"
	"callhue/rules"
	"callhue/staff"
)

// incidentsNow returns all incidents, the latest first.
func (o *office) incidentsNow() []incidents.Incident {
	o.t.Helper()
	page, err := o.incidents.List(context.Background(), o.admin, incidents.ListInput{})
	o.must(err)
	return page.Items
}

// talks returns who has an incident and how long he talked: "boris 42".
func (o *office) talks() (list []string) {
	for _, i := range o.incidentsNow() {
		list = append(list, fmt.Sprint(i.Agent.Name, " ", i.TalkSeconds))
	}
	slices.Sort(list)
	return list
}

// with changes an event.
func (e Event) with(change func(*Event)) Event {
	change(&e)
	return e
}

func in(e *Event)     { e.Direction = rules.In }
func nobody(e *Event) { e.Agent = "" }

func said(seconds int, r Result) func(*Event) {
	return func(e *Event) { e.Duration, e.Result = time.Duration(seconds)*time.Second, r }
}

func TestWhatIsAnIncident(t *testing.T) {
	ring, answer, end := event(Ringing, "102", 0), event(Answered, "102", 6), event(Ended, "102", 48)
	for _, c := range []struct {
		why    string
		events []Event
		want   []string
	}{
		{"a red card and 42 seconds of talk", []Event{ring, answer, end}, []string{"boris 42"}},
		{"the end is told again", []Event{ring, answer, end, end, end.with(func(e *Event) { e.Leg = "2" })}, []string{"boris 42"}},
		{"exactly the ten seconds that are allowed", []Event{ring, answer, event(Ended, "102", 16)}, nil},
		{"one second more", []Event{ring, answer, event(Ended, "102", 17)}, []string{"boris 11"}},
		{"nobody took it", []Event{ring, end}, nil},
		{"the end of the whole call", []Event{ring, answer, end.with(nobody)}, []string{"boris 42"}},
		{"only the summary tells the end", []Event{ring, answer, event(Summary, "102", 50).with(said(30, ResultAnswered))}, []string{"boris 30"}},
		{"only the summary tells that they talked", []Event{ring, event(Summary, "102", 50).with(said(30, ResultAnswered))}, []string{"boris 30"}},
		{"a summary of nobody in particular", []Event{ring, event(Summary, "", 50).with(said(30, ""))}, []string{"boris 30"}},
		{"the summary of a call that nobody took counts the ringing", []Event{ring, event(Summary, "102", 50).with(said(30, ResultMissed))}, nil},
		{"a summary that is longer than the talk that was followed",
			[]Event{ring, answer, event(Ended, "102", 9), event(Summary, "", 60).with(said(40, ResultAnswered))}, nil},
		{"a long talk never becomes short", []Event{ring, answer, end, event(Summary, "", 60).with(said(20, ResultAnswered))}, []string{"boris 42"}},
		{"the answer is told after the end", []Event{ring, end, answer}, []string{"boris 42"}},
		{"the ringing is told last: he saw red when he answered", []Event{answer, end, ring}, []string{"boris 42"}},
		{"the end arrives first", []Event{end, ring, answer}, []string{"boris 42"}},
		{"the end arrives first, and a summary with the length",
			[]Event{end, event(Summary, "", 49).with(said(41, ResultAnswered)), ring, answer}, []string{"boris 41"}},
		{"only a summary, after the call: he never saw a card",
			[]Event{event(Summary, "102", 48).with(said(42, ResultAnswered))}, nil},
		{"the client called", []Event{ring.with(in), answer.with(in), end.with(in)}, nil},
		{"his own client", []Event{event(Ringing, "101", 0), event(Answered, "101", 6), event(Ended, "101", 48)}, nil},
		{"nobody whom we know", []Event{event(Ringing, "777", 0), event(Answered, "777", 6), event(Ended, "777", 48)}, nil},
		{"the answer is told of nobody", []Event{ring, answer.with(nobody), end.with(nobody)}, []string{"boris 42"}},
		{"somebody else took it", []Event{ring, event(Ringing, "103", 0), event(Answered, "103", 6), event(Ended, "103", 48)}, []string{"vera 42"}},
		{"two rang, and nobody says who talked", []Event{ring, event(Ringing, "103", 0), answer.with(nobody), event(Summary, "", 50).with(said(30, ResultAnswered))}, nil},
		{"two rang, and the summary says who talked", []Event{ring, event(Ringing, "103", 0), event(Summary, "103", 50).with(said(30, ResultAnswered))}, []string{"vera 30"}},
		{"passed on to the owner before a word was said", []Event{ring, event(Ended, "102", 5), event(Ringing, "101", 6), event(Answered, "101", 8), event(Ended, "101", 60)}, nil},
		{"passed on to another stranger: he ends up talking", []Event{ring, event(Ended, "102", 5), event(Ringing, "103", 6), event(Answered, "103", 8), event(Ended, "103", 60)}, []string{"vera 52"}},
		{"a conference: each of us by himself", []Event{ring, answer, event(Answered, "103", 20), event(Answered, "101", 21), event(Ended, "102", 30), event(Ended, "", 60)}, []string{"boris 24", "vera 40"}},
		{"of several, the PBX's length is nobody's own", []Event{ring, answer, event(Answered, "103", 20), event(Ended, "103", 25), event(Ended, "102", 12), event(Summary, "", 60).with(said(60, ResultAnswered))}, nil},
		{"the callback that the client never took", []Event{ring, answer, end.with(said(0, ResultCancelled))}, nil},
	} {
		t.Run(c.why, func(t *testing.T) {
			inOffice(t, func(o *office) {
				mark := o.mark()
				for _, e := range c.events {
					o.hear(e)
				}
				if diff := cmp.Diff(c.want, o.talks()); diff != "" {
					t.Errorf("incidents (-want +got):\n%s", diff)
				}
				told := slices.DeleteFunc(o.verbs(mark), func(verb string) bool { return verb != "incident.recorded" })
				if len(told) != len(c.want) {
					t.Errorf("the journal has %d of them, want %d", len(told), len(c.want))
				}
			})
		})
	}
}

func TestWhoIsExempt(t *testing.T) {
	inOffice(t, func(o *office) {
		ctx := context.Background()
		for login, extension := range map[string]string{"igor": "104", "admin": "105", "oleg": "106"} {
			_, err := o.roster.AddIdentity(ctx, access.System(), o.user[login].ID, staff.NewIdentity{Value: extension})
			o.must(err)
		}
		_, err := o.roster.AddDeputy(ctx, o.as("admin"), o.user["anna"].ID, staff.NewDeputy{DeputyID: o.user["vera"].ID, From: store.MomentOf(time.UnixMilli(o.clock.Load()).Add(-time.Hour)), Until: store.MomentOf(time.UnixMilli(o.clock.Load()).Add(time.Hour))})
		o.must(err)
		for n, extension := range []string{"101", "103", "104", "105", "106", "102"} {
			for _, e := range []Event{event(Ringing, extension, 0), event(Answered, extension, 6), event(Ended, extension, 48)} {
				e.CallID = fmt.Sprint("c-", n)
				o.hear(e)
			}
		}
		// Anna owns it, Vera is her deputy, Igor her head; Oleg heads another department.
		if diff := cmp.Diff([]string{"boris 42", "oleg 42"}, o.talks()); diff != "" {
			t.Errorf("incidents (-want +got):\n%s", diff)
		}
	})
}

func TestAnIncidentAsTheAPIShowsIt(t *testing.T) {
	inOffice(t, func(o *office) {
		mark := o.mark()
		o.hear(event(Ringing, "102", 0))
		o.hear(event(Answered, "102", 6))
		shown := o.hear(event(Ended, "102", 48))
		late := event(Summary, "", 60)
		late.Recording = "https://rec.example/1.mp3"
		o.hear(late)
		id := func(login string) crm.Named { return crm.Named{ID: o.user[login].ID, Name: login} }
		want := incidents.Incident{CallID: shown.Call.ID, Source: "office", At: store.MomentOf(event(Ended, "", 48).At), Direction: rules.Out, Number: "+74950001001", Agent: id("boris"),
			Owner: id("anna"), Company: crm.Named{ID: shown.Subject.ID, Name: "Вектор"}, Why: rules.WhyForeignInWork, Policy: 1, TalkSeconds: 42, CardSeconds: 48,
			Recording: late.Recording, State: incidents.IncidentOpen, Version: 1}
		got := o.incidentsNow()[0]
		want.ID = got.ID
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the incident (-want +got):\n%s", diff)
		}
		news := slices.DeleteFunc(o.since(mark), func(e journal.Entry) bool { return e.Verb != incidents.Recorded })
		if len(news) != 1 {
			t.Fatalf("%d entries, want 1", len(news))
		}
		var words incidents.Incident
		o.must(json.Unmarshal(news[0].Details, &words))
		want.Recording = ""
		if diff := cmp.Diff(want, words); diff != "" {
			t.Errorf("the journal's words (-want +got):\n%s", diff)
		}
		if e := news[0]; e.Actor != o.user["boris"].ID || e.Client != (journal.Ref{Kind: "company", ID: shown.Subject.ID}) || e.Amount != 42 || e.Team != o.user["boris"].DepartmentID {
			t.Errorf("the entry: %+v", e)
		}
	})
}

func TestTheWarningStays(t *testing.T) {
	inOffice(t, func(o *office) {
		ctx := context.Background()
		shown := o.hear(event(Ringing, "102", 0))
		if status, answer := o.door()("admin", "PUT", "/api/v1/policy", policyBody(t, func(p *rules.Policy) { p.IncidentSeconds = 3600 })); status != 200 {
			t.Fatal(answer)
		}
		c, err := o.book.FindCompany(ctx, shown.Subject.ID)
		o.must(err)
		_, err = o.book.SetStatus(ctx, o.admin, c.ID, "WAITING", "they paused", c.Version)
		o.must(err)
		if card := o.hear(event(Answered, "102", 6)); card.Verdict.Color != rules.None {
			t.Fatalf("the company is free now: %+v", card.Verdict)
		}
		o.hear(event(Ended, "102", 48))
		if diff := cmp.Diff([]string{"boris 42"}, o.talks()); diff != "" {
			t.Errorf("he dialled a red client under a policy of ten seconds (-want +got):\n%s", diff)
		}
		if i := o.incidentsNow()[0]; i.Policy != 1 || i.Why != rules.WhyForeignInWork {
			t.Errorf("as it was when he saw red: %+v", i)
		}
	})
}

func TestWhoMayTalkNowIsWarnedNoLonger(t *testing.T) {
	inOffice(t, func(o *office) {
		ctx := context.Background()
		shown := o.hear(event(Ringing, "102", 0))
		c, err := o.book.FindCompany(ctx, shown.Subject.ID)
		o.must(err)
		_, err = o.book.SetOwner(ctx, o.admin, c.ID, o.user["boris"].ID, "he takes it over", c.Version)
		o.must(err)
		o.hear(event(Answered, "102", 6))
		o.hear(event(Ended, "102", 48))
		if got := o.talks(); got != nil {
			t.Errorf("the company became his before they talked: %v", got)
		}
	})
}

func TestRedThatComesLateCountsFromThenOn(t *testing.T) {
	for seconds, want := range map[int][]string{70: {"boris 19"}, 60: nil} {
		inOffice(t, func(o *office) {
			blind := *o.desk
			blind.Finder = lookup.New(o.db, o.dir, o.journal, lookup.Options{Budget: time.Nanosecond, Most: -1})
			for _, e := range []Event{event(Ringing, "102", 0), event(Answered, "102", 6)} {
				o.clock.Store(e.At.UnixMilli())
				_, err := blind.Handle(context.Background(), o.origin, e)
				o.must(err)
			}
			o.clock.Store(event(Ringing, "", 51).At.UnixMilli())
			o.must(o.desk.reevaluateGrey(context.Background()))
			end := event(Ended, "102", seconds)
			o.clock.Store(end.At.UnixMilli())
			o.hear(end)
			if diff := cmp.Diff(want, o.talks()); diff != "" {
				o.t.Errorf("grey until second 51, hung up at %d (-want +got):\n%s", seconds, diff)
			}
		})
	}
}

func TestAForgottenCallIsNoIncident(t *testing.T) {
	inOffice(t, func(o *office) {
		o.hear(event(Ringing, "102", 0))
		o.hear(event(Answered, "102", 6))
		o.clock.Add((5 * time.Hour).Milliseconds())
		o.must(o.desk.closeUnfinished(context.Background()))
		if got := o.talks(); got != nil {
			t.Errorf("nobody knows how long they talked: %v", got)
		}
		o.hear(event(Summary, "", 10).with(said(95, ResultAnswered)))
		if diff := cmp.Diff([]string{"boris 95"}, o.talks()); diff != "" {
			t.Errorf("now the PBX tells it (-want +got):\n%s", diff)
		}
	})
}

func TestTwoServersRecordAnIncidentOnce(t *testing.T) {
	inOffice(t, func(o *office) {
		second := journal.New(o.db, o.desk.Log)
		parts := o.desk.Parts
		parts.Journal = second
		other := New(parts)
		o.hear(event(Ringing, "102", 0))
		o.hear(event(Answered, "102", 6))
		var wg sync.WaitGroup
		for n := range 12 {
			desk := []*Tracker{o.desk, other}[n%2]
			e := event([]EventKind{Ended, Summary}[n%2], "102", 48)
			e.Leg = fmt.Sprint(n)
			wg.Go(func() {
				if _, err := desk.Handle(context.Background(), o.origin, e); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if diff := cmp.Diff([]string{"boris 42"}, o.talks()); diff != "" {
			t.Errorf("incidents (-want +got):\n%s", diff)
		}
		entries, err := journal.List(o.db.Read(context.Background()), journal.History{Verb: incidents.Recorded, Limit: 10})
		o.must(err)
		if len(entries) != 1 {
			t.Errorf("the journal has %d of them", len(entries))
		}
	})
}

func TestOwnerAndHeadsHearOfIt(t *testing.T) {
	inOffice(t, func(o *office) {
		org, err := o.roster.Org(context.Background())
		o.must(err)
		mark := o.mark()
		for _, e := range []Event{event(Ringing, "103", 0), event(Answered, "103", 6), event(Ended, "103", 48)} {
			o.hear(e) // Vera of department B calls a client of Anna's, department A
		}
		for login, want := range map[string]int{"anna": 1, "igor": 1, "oleg": 1, "vera": 0, "boris": 0, "admin": 0} {
			u := o.user[login]
			wants, err := wanted(o, org, &access.User{ID: u.ID, Login: login, Roles: u.Roles}, "", "")
			o.must(err)
			n := 0
			for _, e := range o.since(mark) {
				if e.Verb == incidents.Recorded && wants(e) {
					n++
				}
			}
			if n != want {
				t.Errorf("%s hears of it %d times, want %d", login, n, want)
			}
		}
	})
}

// offend has Boris (A) and Vera (B) talk to Anna's Вектор, and Boris twice.
func (o *office) offend() {
	o.t.Helper()
	for n, extension := range []string{"102", "103", "102"} {
		for _, e := range []Event{event(Ringing, extension, 0), event(Answered, extension, 6), event(Ended, extension, 48+n)} {
			e.CallID = fmt.Sprint("c-", n)
			o.hear(e)
		}
	}
}

func TestWhoSeesWhichIncidents(t *testing.T) {
	inOffice(t, func(o *office) {
		o.offend()
		ask := o.door()
		for _, c := range []struct {
			login, query string
			want         int
			why          string
		}{
			{"boris", "", 2, "an agent his own"},
			{"vera", "", 1, "an agent his own"},
			{"anna", "", 3, "the owner those with her clients"},
			{"igor", "", 3, "the head of the owner"},
			{"oleg", "", 1, "the head of an agent"},
			{"admin", "", 3, "an admin all"},
			{"admin", fmt.Sprint("agent_id=", o.user["boris"].ID), 2, "by agent"},
			{"admin", fmt.Sprint("owner_id=", o.user["anna"].ID), 3, "by owner"},
			{"admin", "company_id=1", 3, "by company"},
			{"admin", "company_id=2", 0, "by another company"},
			{"admin", fmt.Sprint("owner_id=", o.user["boris"].ID), 0, "by another owner"},
			{"boris", fmt.Sprint("agent_id=", o.user["vera"].ID), 0, "a filter shows nobody more"},
			{"admin", fmt.Sprint("department_id=", o.user["vera"].DepartmentID), 1, "by department of the agent"},
			{"admin", fmt.Sprint("department_id=", o.user["anna"].DepartmentID), 3, "by department of the owner"},
			{"admin", "department_id=1", 3, "a department with those below"},
			{"admin", "state=open", 3, "open ones"},
			{"admin", "state=acknowledged", 0, "acknowledged ones"},
			{"admin", "from=2026-03-12T10:10:49Z", 2, "from a time"},
			{"admin", "until=2026-03-12T10:10:49Z", 1, "till a time"},
			{"admin", "from=2026-03-12T10:10:49Z&until=2026-03-12T10:10:50Z", 1, "between"},
		} {
			status, answer := ask(c.login, "GET", "/api/v1/incidents?"+c.query, "")
			var list web.List[incidents.Incident]
			o.must(json.Unmarshal([]byte(answer), &list))
			if status != 200 || len(list.Items) != c.want {
				t.Errorf("%s: %s asks for %q and gets %d, %d of them, want %d", c.why, c.login, c.query, status, len(list.Items), c.want)
			}
		}
		for _, query := range []string{"state=lost", "from=yesterday", "department_id=999", "format=pdf"} {
			if status, answer := ask("admin", "GET", "/api/v1/incidents?"+query, ""); status != 422 {
				t.Errorf("%s: %d %s", query, status, answer)
			}
		}
	})
}

func TestIncidentsPageByPageAndAsAFile(t *testing.T) {
	inOffice(t, func(o *office) {
		o.offend()
		ask := o.door()
		var ids []int64
		token := ""
		for range 5 {
			_, answer := ask("admin", "GET", "/api/v1/incidents?limit=1&page_token="+token, "")
			var list web.List[incidents.Incident]
			o.must(json.Unmarshal([]byte(answer), &list))
			for _, i := range list.Items {
				ids = append(ids, i.ID)
			}
			if token = list.NextPageToken; token == "" {
				break
			}
		}
		if !slices.Equal(ids, []int64{3, 2, 1}) {
			t.Errorf("page by page: %v", ids)
		}
		_, answer := ask("oleg", "GET", "/api/v1/incidents?format=csv", "")
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(answer, "\ufeff"))).ReadAll()
		o.must(err)
		if len(rows) != 2 || rows[0][0] != "id" || rows[1][5] != "'+74950001001" || rows[1][7] != "vera" || rows[1][11] != "Вектор" || rows[1][17] != "open" {
			t.Errorf("Oleg's file: %q", rows)
		}
	})
}

func TestAcknowledging(t *testing.T) {
	inOffice(t, func(o *office) {
		o.offend()
		ask := o.door()
		path := "/api/v1/incidents/2/acknowledge" // Vera's, with Anna's client
		says := func(login, body string, status int, code string) {
			t.Helper()
			got, answer := ask(login, "POST", path, body)
			if got != status || code != "" && !strings.Contains(answer, code) {
				t.Errorf("%s: %d %s, want %d %s", login, got, answer, status, code)
			}
		}
		says("oleg", `{"version":1}`, 422, "reason")
		says("oleg", `{"version":1,"reason":"  "}`, 422, "reason")
		mark := o.mark()
		says("vera", `{"version":1,"reason":"I had to"}`, 403, "acknowledge_forbidden")
		says("anna", `{"version":1,"reason":"never mind"}`, 403, "acknowledge_forbidden")
		says("boris", `{"version":1,"reason":"never mind"}`, 404, "not_found")
		if told := o.verbs(mark); !slices.Equal(told, []string{"change.refused", "change.refused"}) {
			t.Errorf("refusals: %v", told)
		}
		says("oleg", `{"version":7,"reason":"talked to her"}`, 409, "stale_version")
		mark = o.mark()
		says("oleg", `{"version":1,"reason":"talked to her"}`, 200, `"state":"acknowledged"`)
		if told := o.verbs(mark); !slices.Equal(told, []string{"incident.acknowledged"}) {
			t.Errorf("the journal: %v", told)
		}
		says("igor", `{"version":1,"reason":"so did I"}`, 409, "stale_version")
		says("igor", `{"version":2,"reason":"so did I"}`, 409, "")
		_, answer := ask("anna", "GET", "/api/v1/incidents/2", "")
		var now incidents.Incident
		o.must(json.Unmarshal([]byte(answer), &now))
		if a := now.Acknowledged; a == nil || a.By.Name != "oleg" || a.Reason != "talked to her" || now.Version != 2 || now.State != incidents.IncidentAcknowledged {
			t.Errorf("as Anna reads it: %+v", now)
		}
		if status, _ := ask("boris", "GET", "/api/v1/incidents/2", ""); status != 404 {
			t.Errorf("Boris reads Vera's: %d", status)
		}
	})
}

func TestTwoHeadsAcknowledgeAtOnce(t *testing.T) {
	inOffice(t, func(o *office) {
		o.offend()
		ask := o.door()
		var good atomic.Int64
		var wg sync.WaitGroup
		for n := range 10 {
			login := []string{"igor", "oleg", "admin"}[n%3]
			wg.Go(func() {
				status, answer := ask(login, "POST", "/api/v1/incidents/2/acknowledge", `{"version":1,"reason":"talked"}`)
				switch status {
				case 200:
					good.Add(1)
				case 409:
				default:
					t.Errorf("%s: %d %s", login, status, answer)
				}
			})
		}
		wg.Wait()
		if good.Load() != 1 {
			t.Errorf("%d of ten came through, want 1", good.Load())
		}
	})
}

func TestReportsOfIncidents(t *testing.T) {
	inOffice(t, func(o *office) {
		o.offend()
		ask := o.door()
		if status, answer := ask("igor", "POST", "/api/v1/incidents/1/acknowledge", `{"version":1,"reason":"talked"}`); status != 200 {
			t.Fatal(answer)
		}
		line := func(u string, id, n, talk, open int64) incidents.IncidentsLine {
			return incidents.IncidentsLine{Key: fmt.Sprint(id), ID: id, Name: u, Count: n, Talk: talk, Open: open}
		}
		boris, vera, anna := o.user["boris"].ID, o.user["vera"].ID, o.user["anna"].ID
		day := func(day string) []incidents.IncidentsLine {
			return []incidents.IncidentsLine{{Key: day, Name: day, Count: 3, Talk: 129, Open: 2}}
		}
		for _, c := range []struct {
			login, query string
			want         []incidents.IncidentsLine
		}{
			{"admin", "", []incidents.IncidentsLine{line("boris", boris, 2, 86, 1), line("vera", vera, 1, 43, 1)}},
			{"admin", "by=agent&limit=1", []incidents.IncidentsLine{line("boris", boris, 2, 86, 1)}},
			{"oleg", "by=agent", []incidents.IncidentsLine{line("vera", vera, 1, 43, 1)}},
			{"admin", "by=owner", []incidents.IncidentsLine{line("anna", anna, 3, 129, 2)}},
			{"admin", "by=company", []incidents.IncidentsLine{line("Вектор", 1, 3, 129, 2)}},
			{"admin", "by=day", day("2026-03-12")},
			{"admin", "by=day&zone=Pacific/Kiritimati", day("2026-03-13")},
			{"admin", "by=day&from=2027-01-01T00:00:00Z", []incidents.IncidentsLine{}},
			{"boris", "by=owner&state=open", []incidents.IncidentsLine{line("anna", anna, 1, 44, 1)}},
		} {
			status, answer := ask(c.login, "GET", "/api/v1/reports/incidents?"+c.query, "")
			var list web.List[incidents.IncidentsLine]
			o.must(json.Unmarshal([]byte(answer), &list))
			if diff := cmp.Diff(c.want, list.Items); status != 200 || diff != "" {
				t.Errorf("%s asks %q: %d (-want +got):\n%s", c.login, c.query, status, diff)
			}
		}
		_, answer := ask("admin", "GET", "/api/v1/reports/incidents?limit=1", "")
		var first web.List[incidents.IncidentsLine]
		o.must(json.Unmarshal([]byte(answer), &first))
		_, answer = ask("admin", "GET", "/api/v1/reports/incidents?limit=1&page_token="+first.NextPageToken, "")
		var next web.List[incidents.IncidentsLine]
		o.must(json.Unmarshal([]byte(answer), &next))
		if len(next.Items) != 1 || next.Items[0].Name != "vera" || next.NextPageToken != "" {
			t.Errorf("the second page: %+v", next)
		}
		if _, file := ask("admin", "GET", "/api/v1/reports/incidents?by=day&format=csv", ""); file != "\ufeffday,name,count,talk_seconds,open\r\n2026-03-12,2026-03-12,3,129,2\r\n" {
			t.Errorf("the file: %q", file)
		}
		for _, query := range []string{"by=moon", "by=day&zone=Moon/Sea", "until=never"} {
			if status, _ := ask("admin", "GET", "/api/v1/reports/incidents?"+query, ""); status != 422 {
				t.Errorf("%s: %d", query, status)
			}
		}
	})
}

func TestTheHistoryOfAClientTellsIncidentsToThoseConcerned(t *testing.T) {
	inOffice(t, func(o *office) {
		o.offend()
		ask := o.door()
		for login, want := range map[string]int{"anna": 3, "igor": 3, "admin": 3, "boris": 0, "vera": 0, "oleg": 0} {
			_, answer := ask(login, "GET", "/api/v1/clients/company/1", "")
			if n := strings.Count(answer, `"verb":"incident.recorded"`); n != want {
				t.Errorf("%s reads %d, want %d", login, n, want)
			}
		}
	})
}

func TestAPermitIsNoIncident(t *testing.T) {
	for why, at := range map[string]int{"given before he dialled": 0, "given while it rang": 1, "given while they talked": 2} {
		t.Run(why, func(t *testing.T) {
			inOffice(t, func(o *office) {
				for n, e := range []Event{event(Ringing, "102", 0), event(Answered, "102", 6), event(Ended, "102", 48)} {
					if n == at {
						o.permit("boris", 2)
						o.must(o.desk.reevaluatePermitted(context.Background()))
					}
					o.hear(e)
				}
				if got := o.talks(); got != nil {
					t.Errorf("his owner's head allowed it: %v", got)
				}
			})
		})
	}
}
