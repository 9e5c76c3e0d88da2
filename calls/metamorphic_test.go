package calls

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"callhue/rules"
	"callhue/test/oracle"
)

// What must not matter, whatever the world is.

const metamorphoses = 1000

// transformed asks everybody who works in an invented world, and again in what
// the world was turned into.
func transformed(t *testing.T, turn func(t *rapid.T, w *oracle.World), same func(before, after oracle.Answer) string) {
	enoughChecks(t, metamorphoses)
	rapid.Check(t, func(t *rapid.T) {
		w := anyWorld(t)
		turned := copied(w)
		turn(t, &turned)
		was, is := stageOf(w), stageOf(turned)
		for _, q := range questionsOf(t, w) {
			before, after := was.ask(q), is.ask(q)
			if why := same(before, after); why != "" {
				t.Fatalf("%+v: %s\nbefore: %+v\nin %s\nafter: %+v\nin %s", q, why, before, describe(w), after, describe(turned))
			}
		}
	})
}

// copied is a world that shares no list with the other one.
func copied(w oracle.World) oracle.World {
	w.Departments, w.Users, w.Deputies, w.Permits = slices.Clone(w.Departments), slices.Clone(w.Users), slices.Clone(w.Deputies), slices.Clone(w.Permits)
	w.Statuses, w.Companies, w.Contacts, w.Leads = slices.Clone(w.Statuses), slices.Clone(w.Companies), slices.Clone(w.Contacts), slices.Clone(w.Leads)
	w.Talks, w.DoNotCall = slices.Clone(w.Talks), slices.Clone(w.DoNotCall)
	for i := range w.Companies {
		w.Companies[i].Phones, w.Companies[i].Team = slices.Clone(w.Companies[i].Phones), slices.Clone(w.Companies[i].Team)
	}
	for i := range w.Contacts {
		w.Contacts[i].Phones, w.Contacts[i].Companies = slices.Clone(w.Contacts[i].Phones), slices.Clone(w.Contacts[i].Companies)
	}
	for i := range w.Leads {
		w.Leads[i].Phones = slices.Clone(w.Leads[i].Phones)
	}
	return w
}

// equalAnswers wants the very same answer, the order of the matches included.
func equalAnswers(before, after oracle.Answer) string { return gocmp.Diff(before, after) }

func TestTheOrderOfRecordsDoesNotMatter(t *testing.T) {
	transformed(t, func(t *rapid.T, w *oracle.World) {
		dice := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "order"), 1))
		shuffle(dice, w.Departments)
		shuffle(dice, w.Users)
		shuffle(dice, w.Deputies)
		shuffle(dice, w.Statuses)
		shuffle(dice, w.Companies)
		shuffle(dice, w.Contacts)
		shuffle(dice, w.Leads)
		for i := range w.Companies {
			shuffle(dice, w.Companies[i].Phones)
			shuffle(dice, w.Companies[i].Team)
		}
		for i := range w.Contacts {
			shuffle(dice, w.Contacts[i].Phones)
		}
	}, equalAnswers)
}

func shuffle[T any](dice *rand.Rand, list []T) {
	dice.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
}

// Strangers: people of other departments, and records with other numbers that
// are linked to the companies in question.
func TestUnrelatedRecordsDoNotMatter(t *testing.T) {
	const stranger, unrelated = "+7 495 000-00-03", 100
	transformed(t, func(t *rapid.T, w *oracle.World) {
		phones := []oracle.Phone{{Number: stranger, Since: anyDay(t)}}
		owner := rapid.Int64Range(0, int64(len(w.Users))).Draw(t, "unrelated owner")
		w.Departments = append(w.Departments, oracle.Department{ID: unrelated, Head: owner})
		w.Users = append(w.Users, oracle.User{ID: unrelated, Department: unrelated, Active: true, Phones: []string{stranger}})
		w.Deputies = append(w.Deputies, oracle.Deputy{Owner: unrelated, Deputy: 1, From: day(-9), Until: day(9)})
		w.Statuses = append(w.Statuses, oracle.Status{Code: "Z", Effect: "red", Active: true})
		w.Companies = append(w.Companies, oracle.Company{ID: unrelated, Owner: owner, Status: pick(t, "unrelated status", "A", "Z"), Phones: phones})
		links := []oracle.Link{{Company: unrelated, Since: day(-9)}}
		for _, c := range w.Companies {
			links = append(links, oracle.Link{Company: c.ID, Since: day(-9)})
		}
		w.Contacts = append(w.Contacts, oracle.Contact{ID: unrelated, Owner: owner, Phones: phones, Companies: links[:len(links)-1]})
		w.Leads = append(w.Leads, oracle.Lead{ID: unrelated, Owner: owner, Stage: "open", Company: links[len(links)-1].Company, Phones: phones, Changed: today})
	}, equalAnswers)
}

// An id says nothing but which of two equal records is shown first: other ids in
// the same order change nothing, and in any order no colour and no incident.
func TestIDsDoNotMatter(t *testing.T) {
	for name, other := range map[string]func(id int64) int64{
		"the same order": func(id int64) int64 { return 10*id + 7 },
		"turned around":  func(id int64) int64 { return 1000 - id },
	} {
		t.Run(name, func(t *testing.T) {
			enoughChecks(t, metamorphoses)
			rapid.Check(t, func(t *rapid.T) {
				w := anyWorld(t)
				turned := renamed(w, other)
				was, is := stageOf(w), stageOf(turned)
				for _, q := range questionsOf(t, w) {
					before := was.ask(q)
					if q.Agent != 0 {
						q.Agent = other(q.Agent)
					}
					after := is.ask(q)
					if name != "the same order" {
						if before.Color != after.Color || before.Incident != after.Incident || before.DoNotCall != after.DoNotCall {
							t.Fatalf("%+v\nbefore: %+v\nin %s\nafter: %+v", q, before, describe(w), after)
						}
						continue
					}
					for _, id := range []*int64{&before.Subject.ID, &before.Company} {
						if *id != 0 {
							*id = other(*id)
						}
					}
					for i := range before.Matches {
						before.Matches[i].ID = other(before.Matches[i].ID)
					}
					if diff := gocmp.Diff(before, after); diff != "" {
						t.Fatalf("%+v in %s\n%s", q, describe(w), diff)
					}
				}
			})
		})
	}
}

// renamed is a world under other ids. Statuses have codes.
func renamed(w oracle.World, other func(int64) int64) oracle.World {
	w = copied(w)
	to := func(ids ...*int64) {
		for _, id := range ids {
			if *id != 0 {
				*id = other(*id)
			}
		}
	}
	for i := range w.Departments {
		to(&w.Departments[i].ID, &w.Departments[i].Parent, &w.Departments[i].Head)
	}
	for i := range w.Users {
		to(&w.Users[i].ID, &w.Users[i].Department)
	}
	for i := range w.Deputies {
		to(&w.Deputies[i].Owner, &w.Deputies[i].Deputy)
	}
	for i := range w.Permits {
		to(&w.Permits[i].Agent, &w.Permits[i].Company)
	}
	for i := range w.Companies {
		c := &w.Companies[i]
		to(&c.ID, &c.Owner)
		for n := range c.Team {
			to(&c.Team[n])
		}
	}
	for i := range w.Contacts {
		c := &w.Contacts[i]
		to(&c.ID, &c.Owner)
		for n := range c.Companies {
			to(&c.Companies[n].Company)
		}
	}
	for i := range w.Leads {
		to(&w.Leads[i].ID, &w.Leads[i].Owner, &w.Leads[i].Company)
	}
	for i := range w.Talks {
		to(&w.Talks[i].Agent)
	}
	return w
}

// TestALaterDuplicateIsNoWayOut lets someone put the number on records of his
// own, later than everybody else. It neither takes red from him, nor his
// incident, nor turns the card of who had the client before him red. Where his
// new record does not change the kind that decides, it changes no colour at all;
// a hint at a number with the same end (row 3a) is no record of this number.
// (own_first is the policy that allows it; strictest warns both, knowingly.)
func TestALaterDuplicateIsNoWayOut(t *testing.T) {
	enoughChecks(t, metamorphoses)
	spoiled := 0
	rapid.Check(t, func(t *rapid.T) {
		w := anyWorld(t)
		if w.Policy.Shared == "own_first" {
			w.Policy.Shared = "oldest"
		}
		const poacher, his = 1, 50
		number := []oracle.Phone{{Number: thisNumber, Since: day(2)}}
		turned := copied(w)
		turned.Companies = append(turned.Companies, oracle.Company{ID: his, Owner: poacher, Status: pick(t, "his status", "A", "B", ""), Phones: number})
		if pick(t, "with a contact", false, true) {
			turned.Contacts = append(turned.Contacts, oracle.Contact{ID: his, Owner: poacher, Phones: number, Companies: []oracle.Link{{Company: his, Since: day(-9)}}})
		}
		if pick(t, "with a lead", false, true) {
			turned.Leads = append(turned.Leads, oracle.Lead{ID: his, Owner: poacher, Stage: "open", Company: his, Linked: day(-9), Phones: number, Created: day(2), Changed: day(2)})
		}
		was, is := stageOf(w), stageOf(turned)
		for _, q := range questionsOf(t, w) {
			before, after := was.ask(q), is.ask(q)
			wrong := ""
			hadCompany := before.Company != 0 && before.Subject.Kind != "lead" && slices.Contains([]string{"own", "team", "deputy", "permit"}, before.Relation)
			switch {
			case q.Agent == poacher && (before.Color == "red" && after.Color != "red" || before.Incident != after.Incident):
				wrong = "red, or its incident, came or went"
			case q.Agent == poacher && before.Color != after.Color && before.Subject.Kind == after.Subject.Kind &&
				before.Row != "3a":
				wrong = "the colour changed"
			case q.Agent != poacher && hadCompany && before.Color != "red" && after.Color == "red" && w.Policy.Shared == "oldest":
				wrong = "it turned red for who was there before"
			}
			if q.Agent == poacher && before.Color == "red" {
				spoiled++
			}
			if wrong != "" {
				t.Fatalf("%+v: %s\nbefore: %+v\nin %s\nafter: %+v\nin %s", q, wrong, before, describe(w), after, describe(turned))
			}
		}
	})
	if spoiled == 0 && !t.Failed() {
		t.Error("nobody had a reason to try")
	}
}

// spellings are ways to write thisNumber, as PBXs, CRMs and people do.
func spellings() (list []string) {
	heads := []string{"+7495", "8495", "7495", "495", "007495", "+7 (495) ", "8 (495) ", "8-495-", "8 495 ", "(495) ", "+7\u00a0495\u00a0", "tel:+7495", "tel:+7-495-", "８(495)", "+7/495/", "+7.495."}
	bodies := []string{"0000001", "000-00-01", "000 00 01", "000.00.01", "000/00/01", "000-0001", "０００-00-01", "00\u00a000\u00a0001"}
	tails := []string{"", " ", ";ext=12", ",123", "#123", " доб. 12"}
	for _, head := range heads {
		for _, body := range bodies {
			list = append(list, head+body)
		}
		for _, tail := range tails {
			list = append(list, head+bodies[1]+tail)
		}
	}
	return append(list, "sip:+74950000001@pbx.example", "sip:84950000001@pbx.example;user=phone", "<sip:+74950000001@pbx.example>", "0000001", "000-00-01", "\t+74950000001\n")
}

func TestSpellingsDoNotMatter(t *testing.T) {
	list := spellings()
	if len(list) < 60 {
		t.Fatalf("only %d spellings", len(list))
	}
	want := russianPlan.Parse(thisNumber).Key()
	for _, text := range list {
		if n := russianPlan.Parse(text); n.Key() != want {
			t.Errorf("%q is read as %+v", text, n)
		}
	}
	// Blanks, dashes and brackets anywhere between the digits.
	rapid.Check(t, func(t *rapid.T) {
		var text strings.Builder
		text.WriteString(pick(t, "country", "+7", "8", "7", "tel:+7"))
		for _, digit := range "4950000001" {
			text.WriteString(pick(t, "between", "", "", " ", "-", ".", "/", "\u00a0", " - "))
			text.WriteRune(pick(t, "digit", digit, digit-'0'+'０'))
		}
		text.WriteString(pick(t, "end", "", " ", ",12", ";ext=7"))
		if n := russianPlan.Parse(text.String()); n.Key() != want {
			t.Fatalf("%q is read as %+v", text.String(), n)
		}
	})
}

// TestSpellingsGiveOneCard asks a real desk for the same number in every
// spelling, stored in yet another one.
func TestSpellingsGiveOneCard(t *testing.T) {
	inOffice(t, func(o *office) {
		card := func(text string) string {
			c, err := o.desk.Check(context.Background(), Question{Number: o.desk.Plan.Parse(text), Agent: o.user["boris"], Direction: rules.Out})
			o.must(err)
			c.Number, c.Verdict.DecidedAt = NumberPart{}, time.Time{}
			raw, err := c.AppendJSON(nil)
			o.must(err)
			return string(raw)
		}
		want := card(p1)
		if !strings.Contains(want, `"color":"red"`) {
			t.Fatalf("the number to spell is not red: %s", want)
		}
		for _, text := range spellings() {
			text = strings.NewReplacer("0000001", "0001001", "000-00-01", "000-10-01", "000 00 01", "000 10 01", "000.00.01", "000.10.01", "000/00/01", "000/10/01",
				"000-0001", "000-1001", "０００-00-01", "０００-10-01", "00\u00a000\u00a0001", "00\u00a001\u00a0001").Replace(text)
			if got := card(text); got != want {
				t.Errorf("%q:\n%s\nwant\n%s", text, got, want)
			}
		}
	})
}
