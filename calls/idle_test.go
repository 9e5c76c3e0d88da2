package calls

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"callhue/crm"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/rules"
	"callhue/staff"
	"callhue/statuses"
)

// idleOffice is an office in which protection fades after thirty days; nothing has happened to Вектор since it was
// made.
type idleOffice struct {
	*office
	t     *testing.T
	calls int
}

func whenIdle(t *testing.T, test func(o *idleOffice)) {
	inOffice(t, func(o *office) {
		o.setPolicy(func(p *rules.Policy) { p.IdleDays = 30 })
		i := &idleOffice{office: o, t: o.t}
		i.at(vectorMade)
		test(i)
	})
}

// vectorMade is when the office was furnished.
var vectorMade = time.Date(2026, 1, 12, 9, 0, 0, 0, time.UTC)

func (o *idleOffice) at(now time.Time)     { o.clock.Store(now.UnixMilli()) }
func (o *idleOffice) now() time.Time       { return o.db.Clock().UTC() }
func (o *idleOffice) pass(d time.Duration) { o.at(o.now().Add(d)) }
func days(n int) time.Duration             { return time.Duration(n) * 24 * time.Hour }
func (o *idleOffice) vector() crm.Company  { return o.found(o.check(p1, "admin").Subject.ID) }
func (o *idleOffice) found(id int64) crm.Company {
	o.t.Helper()
	c, err := o.book.FindCompany(context.Background(), id)
	o.must(err)
	return c
}

// talk is a call of an agent with a number that was answered and lasted so many seconds; it ends now.
func (o *idleOffice) talk(agent, number string, seconds int) {
	o.t.Helper()
	o.calls++
	id := fmt.Sprint("talk-", o.calls)
	began := o.now().Add(-time.Duration(seconds) * time.Second)
	send := func(kind EventKind, at time.Time) {
		o.hear(Event{CallID: id, Kind: kind, Direction: rules.Out, Number: number, Agent: agent, At: at})
	}
	send(Ringing, began.Add(-5*time.Second))
	send(Answered, began)
	send(Ended, o.now())
}

// shows checks the row that an agent has for a number. Memory is as it is in a running office.
func (o *idleOffice) shows(why, login, number, row string) {
	o.t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	v := o.check(number, login).Verdict
	for v.Row != row && time.Now().Before(deadline) { // memory learns of a change a moment later
		time.Sleep(5 * time.Millisecond)
		v = o.check(number, login).Verdict
	}
	if v.Row != row {
		o.t.Errorf("%s: %s sees row %s, %s %s; want row %s", why, login, v.Row, v.Color, v.Why, row)
	}
}

func TestC40Row5x(t *testing.T) {
	whenIdle(t, func(o *idleOffice) {
		o.pass(days(30) - time.Minute)
		o.shows("a minute before", "boris", p1, "5")
		o.pass(time.Minute)
		o.shows("thirty days", "boris", p1, "5x")
		v := o.check(p1, "boris").Verdict
		if v.Color != rules.Yellow || v.Why != rules.WhyForeignIdle || !v.Banner ||
			!strings.Contains(v.Text, "Owner anna has not been in touch for 30 days: ask the head") {
			t.Errorf("%+v", v)
		}
		for login, row := range map[string]string{"igor": "5x", "admin": "5x", "vera": "5x", "anna": "4"} {
			o.shows("to whom it is shown", login, p1, row)
		}
		o.shows("through a contact", "vera", p2, "5x")
		o.talk("102", p1, 42)
		if got := o.talks(); len(got) > 0 {
			t.Errorf("incidents: %v", got)
		}
		if sign := o.desk.CallerName(o.checkUnknown(p1), 30, true); !strings.HasPrefix(sign, "[!]") {
			t.Errorf("a telephone whose agent is not known shows %q", sign)
		}
		o.setPolicy(func(p *rules.Policy) { p.IdleDays = 0 })
		o.shows("switched off", "boris", p1, "5")
	})
}

func (o *idleOffice) checkUnknown(number string) Card {
	card, err := o.desk.Check(context.Background(), Question{Number: o.desk.Plan.Parse(number), Direction: rules.Out})
	o.must(err)
	return card
}

func TestC40WhatCountsAsAContact(t *testing.T) {
	for _, c := range []struct {
		why    string
		does   func(o *idleOffice)
		counts bool
	}{
		{"the owner talked for ten seconds", func(o *idleOffice) { o.talk("101", p1, 10) }, true},
		{"the owner talked with a contact of the company", func(o *idleOffice) { o.talk("101", p2, 60) }, true},
		{"the owner rang for three seconds", func(o *idleOffice) { o.talk("101", p1, 3) }, false},
		{"the owner talked for nine seconds", func(o *idleOffice) { o.talk("101", p1, 9) }, false},
		{"the owner talked with another client", func(o *idleOffice) { o.talk("101", p5, 60) }, false},
		{"a colleague of the department talked", func(o *idleOffice) { o.talk("102", p1, 600) }, false},
		{"who has a permit talked", func(o *idleOffice) { o.permit("vera", 5); o.talk("103", p1, 600) }, false},
		{"a member of the team talked", func(o *idleOffice) { o.inTeam("vera"); o.talk("103", p1, 60) }, true},
		{"a member of the team whom the policy does not count", func(o *idleOffice) {
			o.inTeam("vera")
			o.setPolicy(func(p *rules.Policy) { p.Team = rules.CountsAsForeign })
			o.talk("103", p1, 60)
		}, false},
		{"the deputy talked", func(o *idleOffice) { o.deputy("vera"); o.talk("103", p1, 60) }, true},
		{"an admin wrote to the record", func(o *idleOffice) {
			c := o.vector()
			name := "Вектор плюс"
			_, err := o.book.ChangeCompany(context.Background(), o.admin, c.ID,
				crm.CompanyChange{Name: &name, Version: c.Version})
			o.must(err)
		}, false},
		{"it got a new owner", func(o *idleOffice) {
			c := o.vector()
			_, err := o.book.SetOwner(context.Background(), o.admin, c.ID, o.user["igor"].ID, "", c.Version)
			o.must(err)
		}, true},
		{"it came under protection again", func(o *idleOffice) { o.status("WAITING"); o.status("IN_WORK") }, true},
		{"from one protecting status to another", func(o *idleOffice) { o.twoRed(); o.status("CLIENT") }, false},
	} {
		t.Run(c.why, func(t *testing.T) {
			whenIdle(t, func(o *idleOffice) {
				o.pass(days(20))
				c.does(o)
				o.pass(days(20))
				row := "5x"
				if c.counts {
					row = "5"
				}
				o.shows("forty days later", "boris", p1, row)
			})
		})
	}
}

func (o *idleOffice) inTeam(login string) {
	c := o.vector()
	_, err := o.book.ChangeCompany(context.Background(), o.admin, c.ID,
		crm.CompanyChange{TeamIDs: &[]int64{o.user[login].ID}, Version: c.Version})
	o.must(err)
}

func (o *idleOffice) deputy(login string) {
	_, err := o.roster.AddDeputy(context.Background(), o.admin, o.user["anna"].ID, staff.NewDeputy{
		DeputyID: o.user[login].ID, From: store.MomentOf(o.now()), Until: store.MomentOf(o.now().Add(time.Hour))})
	o.must(err)
}

func (o *idleOffice) status(code string) {
	o.t.Helper()
	c := o.vector()
	_, err := o.book.SetStatus(context.Background(), o.admin, c.ID, code, "", c.Version)
	o.must(err)
}

// twoRed makes a second status one that paints cards red.
func (o *idleOffice) twoRed() {
	s, err := o.dir.Find(context.Background(), "CLIENT")
	o.must(err)
	active := true
	_, err = o.dir.Change(context.Background(), o.admin, "CLIENT", statusOn(s.Version, &active))
	o.must(err)
}

// TestC40ACallMakesItRedAtOnce: also where the memory of lookups has the number.
func TestC40ACallMakesItRedAtOnce(t *testing.T) {
	whenIdle(t, func(o *idleOffice) {
		o.pass(days(31))
		o.shows("idle", "boris", p1, "5x")
		mark := o.mark()
		o.talk("101", p1, 10)
		o.shows("after a call of the owner", "boris", p1, "5")
		o.shows("also on the contact's number", "vera", p2, "8")
		if verbs := o.verbs(mark); !slices.Contains(verbs, string(crm.CompanyTouched)) {
			t.Errorf("the journal has %v", verbs)
		}
		mark = o.mark()
		o.pass(time.Hour)
		o.talk("101", p1, 60)
		o.pass(days(30) - time.Minute)
		o.inTeam("igor") // lookups keep a number in memory for minutes, not for days
		o.shows("the second call counts to the minute", "boris", p1, "5")
		if verbs := o.verbs(mark); slices.Contains(verbs, string(crm.CompanyTouched)) {
			t.Errorf("a second call of one day is news: %v", verbs)
		}
		o.pass(time.Minute)
		o.shows("and no longer", "boris", p1, "5x")
	})
}

// TestC40AStatusThatBecomesRed protects its companies from then on, however long they have had it.
func TestC40AStatusThatBecomesRed(t *testing.T) {
	whenIdle(t, func(o *idleOffice) {
		o.status("WAITING")
		o.pass(days(50))
		s, err := o.dir.Find(context.Background(), "WAITING")
		o.must(err)
		red := rules.EffectRed
		change := statusOn(s.Version, nil)
		change.CardEffect, change.Confirm = &red, true
		_, err = o.dir.Change(context.Background(), o.admin, "WAITING", change)
		o.must(err)
		o.shows("today", "boris", p1, "5")
		o.pass(days(30))
		o.shows("thirty days later", "boris", p1, "5x")
	})
}

// TestC40AMergeIsNoContact: it makes no company younger that was idle, and takes no contact from one.
func TestC40AMergeIsNoContact(t *testing.T) {
	for _, c := range []struct {
		why   string
		owner string
		talks bool // with the other company, before the merge
		into  bool // the other one
		row   string
	}{
		{"a new one of the same owner goes into it", "anna", false, false, "5x"},
		{"it goes into a new one of the same owner", "anna", false, true, "5x"},
		{"the owner talked with the other one", "anna", true, false, "5"},
		{"the same, the other way round", "anna", true, true, "5"},
		{"a colleague talked with one of theirs", "vera", true, false, "5x"},
		{"the same, the other way round", "vera", true, true, "5x"},
	} {
		t.Run(fmt.Sprint(c.why, c.into), func(t *testing.T) {
			whenIdle(t, func(o *idleOffice) {
				ctx := context.Background()
				o.pass(days(40))
				old := o.vector()
				other, err := o.book.AddCompany(ctx, o.admin, crm.NewCompany{Name: "Вектор 2",
					OwnerID: o.user[c.owner].ID,
					Status:  "IN_WORK", Phones: []crm.Phone{{Value: p7}}})
				o.must(err)
				if c.talks {
					o.talk(o.user[c.owner].Extension, p7, 60)
				}
				into, from := old, other
				if c.into {
					into, from = other, old
				}
				into = o.found(into.ID)
				_, err = o.book.MergeCompanies(ctx, o.admin, into.ID,
					crm.Merge{FromIDs: []int64{from.ID}, Version: into.Version})
				o.must(err)
				o.shows("merged", "boris", p1, c.row)
			})
		})
	}
}

// TestC40ADryRunShowsWhatWouldFade.
func TestC40ADryRunShowsWhatWouldFade(t *testing.T) {
	inOffice(t, func(o *office) {
		i := &idleOffice{office: o, t: o.t}
		i.at(vectorMade.Add(days(40)))
		i.talk("102", p1, 5)
		i.pass(time.Minute)
		tried := rules.Default()
		tried.IdleDays = 30
		raw, err := json.Marshal(DryRunInput{Policy: &tried})
		o.must(err)
		status, answer := o.door()("admin", "POST", "/api/v1/policy/dry-run", string(raw))
		var out DryRun
		if status != http.StatusOK || json.Unmarshal([]byte(answer), &out) != nil {
			t.Fatalf("%d %s", status, answer)
		}
		if out.Changed != 1 || out.Calls[0].Old.Color != rules.Red || out.Calls[0].New.Why != rules.WhyForeignIdle {
			t.Errorf("%+v", out)
		}
	})
}

func statusOn(version int64, active *bool) statuses.StatusChange {
	return statuses.StatusChange{Version: version, Active: active}
}

// TestC40TheOwnerIsWarned seven days before, once for each last contact, with the heads.
func TestC40TheOwnerIsWarned(t *testing.T) {
	whenIdle(t, func(o *idleOffice) {
		warned := func() (list []string) {
			t.Helper()
			o.must(o.desk.WarnOfIdle(context.Background()))
			o.must(o.desk.WarnOfIdle(context.Background()))
			entries, err := journal.List(o.db.Read(context.Background()), journal.History{Limit: 500})
			o.must(err)
			for _, e := range entries {
				if e.Verb == crm.CompanyIdle && e.Client.ID == o.vector().ID {
					list = append(list, string(e.Details))
				}
			}
			return list
		}
		o.pass(days(23) - time.Minute)
		if got := warned(); len(got) > 0 {
			t.Errorf("too early: %v", got)
		}
		o.pass(2 * time.Minute)
		got := warned()
		notified := fmt.Sprintf(`"notify":[%d,%d]`, o.user["anna"].ID, o.user["igor"].ID)
		if len(got) != 1 || !strings.Contains(got[0], notified) || !strings.Contains(got[0], `"days":23`) {
			t.Errorf("seven days before: %v, want one with %s", got, notified)
		}
		o.talk("101", p1, 60)
		o.pass(days(24))
		if got := warned(); len(got) != 2 {
			t.Errorf("after the next contact: %v", got)
		}
	})
}

// TestC43AReaderReadsTheirOwnLanguage: the agent's card is Russian, and the head's and the admin's English.
func TestC43AReaderReadsTheirOwnLanguage(t *testing.T) {
	inOffice(t, func(o *office) {
		ask := o.door()
		card := o.hear(event(Ringing, "102", 0))
		v := card.Verdict
		if v.Row != "5" || v.Names == nil || v.Names.Owner != "anna" {
			t.Fatalf("stored: %+v", v)
		}
		russian := v
		russian.sayTo("ru", rules.Out, o.policy.Shipped())
		if !strings.Contains(russian.Title, "Чужой клиент") || !strings.Contains(russian.Says, "в работе") {
			t.Errorf("in Russian: %+v", russian)
		}
		status, answer := ask("admin", "GET", fmt.Sprint("/api/v1/calls/", card.Call.ID), "")
		if status != http.StatusOK || !strings.Contains(answer, "Not your client") {
			t.Errorf("%d %s", status, answer)
		}
		old := VerdictPart{Title: "Чужой клиент", Text: "Вектор", Says: "A sentence of an older table."}
		old.sayTo("en", rules.Out, o.policy.Shipped())
		if old.Title != "Чужой клиент" || old.Says != "A sentence of an older table." {
			t.Errorf("an old verdict has lost its words: %+v", old)
		}
	})
}
