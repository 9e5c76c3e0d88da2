package demo

import (
	"context"
	"reflect"
	"regexp"
	"testing"

	"callhue/calls"
	"callhue/rules"
)

// TestEveryTry rings every number of the list, in both directions, as the
// server would.
func TestEveryTry(t *testing.T) {
	inWorld(t, func(h *world) {
		world, org := h.load(), h.org()
		for _, try := range world.Tries {
			agent := org.ByLogin(try.Agent)
			if agent == nil || !agent.Active {
				h.Errorf("row %s, %s: nobody signs in as %s", try.Row, try.Number, try.Agent)
				continue
			}
			for _, direction := range []rules.Direction{rules.Out, rules.In} {
				card, err := h.tracker.Check(context.Background(),
					calls.Question{Number: h.plan.Parse(try.Number), Agent: agent, Direction: direction})
				if err != nil {
					h.Fatal(err)
				}
				if v := card.Verdict; v.Row != try.Row || v.Color != try.Expect || v.Why != try.Why ||
					v.Banner != try.Banner {
					h.Errorf("%s %s as %s: row %s %s %s banner %v,\nwant row %s %s %s banner %v: %s", direction,
						try.Number, try.Agent, v.Row, v.Color, v.Why, v.Banner, try.Row, try.Expect, try.Why,
						try.Banner, try.Text.EN)
				}
			}
		}
	})
}

// look is what tells the lines of the decision table apart for who sees a card.
type look struct {
	row    string
	color  rules.Color
	why    rules.Why
	banner bool
}

// beyondData are the looks that no record can bring about.
func beyondData() map[look]string {
	const permit = "a permit lasts some hours, the demo data longer: a head gives one by hand"
	const policy = "only under another policy than the shipped one"
	return map[look]string{
		{"28", rules.Grey, rules.WhyCheckFailed, false}: "the check must fail",
		{"27", rules.None, rules.WhyAgentUnknown,
			false}: "the PBX must name nobody we know; a try is made as somebody",
		{"3a", rules.None, rules.WhyMaybe, true}:           policy + ": numbers that end alike are shown",
		{"18", rules.Red, rules.WhyLeadCompany, false}:     policy + ": leads stand for their companies",
		{"17", rules.Blue, rules.WhySharedNumber, true}:    policy + ": leads decide before companies",
		{"19", rules.Red, rules.WhyStatusMissing, false}:   policy + ": companies without a status are protected",
		{"20", rules.Red, rules.WhyStatusUnknown, false}:   policy + ": companies without a status are protected",
		{"23", rules.None, rules.WhyPermit, false}:         permit,
		{"23", rules.Yellow, rules.WhyPermit, false}:       permit,
		{"5x", rules.Yellow, rules.WhyForeignIdle, true}:   policy + ": protection fades, and weeks without a talk",
		{"19", rules.Yellow, rules.WhyStatusMissing, true}: "only when the default status asks for yellow",
		{"20", rules.Yellow, rules.WhyStatusUnknown, true}: "only when the default status asks for yellow",
	}
}

// TestEveryRowCanBeTried compares the list with the decision table.
func TestEveryRowCanBeTried(t *testing.T) {
	_, tries := cases()
	tried := map[look]bool{}
	for _, try := range tries {
		tried[look{try.Row, try.Expect, try.Why, try.Banner}] = true
	}
	beyond := beyondData()
	known := map[look]bool{}
	for _, row := range rules.Table() {
		l := look{row.Name, row.Color, row.Why, row.Banner}
		known[l] = true
		if reason := beyond[l]; tried[l] == (reason != "") {
			t.Errorf("row %s, %s: tried %v, beyond data %q: exactly one of both is wanted", row.Name, row.Says,
				tried[l], reason)
		}
	}
	for l := range beyond {
		if !known[l] {
			t.Errorf("%+v is called beyond data, but the table does not have it", l)
		}
	}
}

func TestTheFirstTryIsPetrovsRedCard(t *testing.T) {
	_, tries := cases()
	first := tries[0]
	if first.Agent != petrov || first.Expect != rules.Red || first.Direction != rules.Out {
		t.Errorf("the first try is %+v: the newcomer must see red at once", first)
	}
	for _, try := range tries {
		if try.Text.In("ru") == "" || try.Text.In("en") == "" || try.Text.In("ru") == try.Text.In("en") {
			t.Errorf("row %s, %s: it must be said in both languages", try.Row, try.Number)
		}
	}
}

// TestNumbersAreNobodys: every number is an invented one that can be read, none
// is of those kept free for tests, and the crowd keeps off the cases' numbers.
func TestNumbersAreFictional(t *testing.T) {
	all := allRecords()
	if again := allRecords(); !reflect.DeepEqual(all, again) {
		t.Fatal("two worlds differ: the draw must be the same each time")
	}
	curated, _ := cases()
	invented := regexp.MustCompile(`^(\+7 495 000-(\d\d)-\d\d|\+44 7700 900(\d\d\d))$`)
	ofCases := regexp.MustCompile(`^(\+7 495 000-00-|\+44 7700 9000[01])`)
	plan := planOf(t)
	check := func(name, number string, ofCase bool) {
		parts := invented.FindStringSubmatch(number)
		if parts == nil || parts[2] == "99" || plan.Parse(number).String() == "" {
			t.Errorf("%s has %s: not a number that may be used", name, number)
		}
		if ofCase != ofCases.MatchString(number) {
			t.Errorf("%s has %s: belongs to a case %v", name, number, ofCase)
		}
	}
	for i, c := range all.companies {
		for _, n := range c.numbers {
			check(c.name, n, i < len(curated.companies))
		}
	}
	for i, c := range all.contacts {
		for _, n := range c.numbers {
			check(c.name, n, i < len(curated.contacts))
		}
	}
	for i, l := range all.leads {
		check(l.title, l.number, i < len(curated.leads))
	}
	if len(all.companies) != companiesInAll || len(all.contacts) != contactsInAll || len(all.leads) != leadsInAll {
		t.Errorf("%d companies, %d contacts, %d leads", len(all.companies), len(all.contacts), len(all.leads))
	}
}

// TestNobodyComesBeforeHisCompany: a record is filled in after the companies
// that it leads to.
func TestRecordsAreNotOlderThanTheirCompany(t *testing.T) {
	all := allRecords()
	for _, c := range all.contacts {
		for _, place := range c.companies {
			if c.wave < all.companies[place].wave {
				t.Errorf("%s comes before %s", c.name, all.companies[place].name)
			}
		}
	}
	for _, l := range all.leads {
		if l.company != noCompany && l.wave < all.companies[l.company].wave {
			t.Errorf("%s comes before %s", l.title, all.companies[l.company].name)
		}
	}
}
