package oracle

import (
	"testing"
	"time"
)

const anna, boris, vera, igor, oleg, admin = 1, 2, 3, 4, 5, 6

func on(month time.Month, day int) time.Time {
	return time.Date(2026, month, day, 0, 0, 0, 0, time.UTC)
}

func having(since time.Time, numbers ...string) (list []Phone) {
	for _, n := range numbers {
		list = append(list, Phone{n, since})
	}
	return list
}

// office is the world of the worked examples of the specification: departments A
// (head Igor; Anna, Boris) and B (head Oleg; Vera).
func office() World {
	return World{
		Departments: []Department{{1, 0, 0}, {2, 1, igor}, {3, 1, oleg}},
		Users: []User{{ID: anna, Department: 2, Active: true}, {ID: boris, Department: 2, Active: true},
			{ID: vera, Department: 3, Active: true},
			{ID: igor, Department: 2, Active: true}, {ID: oleg, Department: 3, Active: true, Phones: []string{"P10"}},
			{ID: admin, Admin: true, Active: true}},
		Statuses: []Status{{"WAITING", "banner", true, true}, {"IN_WORK", "red", false, true}},
		Companies: []Company{
			{ID: 1, Owner: anna, Status: "IN_WORK", Phones: having(on(1, 12), "P1", "P6")}, // Вектор
			{ID: 2, Owner: vera, Status: "WAITING", Phones: having(on(1, 12), "P5")},       // Ноль
			{ID: 3, Owner: boris, Status: "IN_WORK", Phones: having(on(3, 12), "P6")},      // Дельта
		},
		// Петров
		Contacts: []Contact{{ID: 1, Owner: anna, Phones: having(on(1, 12), "P2"), Companies: []Link{{1, on(1, 12)}}},
			{ID: 2, Owner: anna, Phones: having(on(1, 12), "P3")}}, // Сидоров
		Leads: []Lead{{ID: 7, Owner: vera, Stage: "open", Phones: having(on(1, 12), "P4")}},
		Policy: Policy{Priority: []string{"contact", "company", "lead"}, InheritContact: true, Missing: "default",
			Shared: "oldest", Leads: "open_and_lost", Team: true, Deputy: true, OwnContact: "yellow", Supervisor: "red",
			Admin: "red", Incoming: "red", DoNotCall: "warn",
			Enforcement: "warn"},
	}
}

func TestWorkedExamples(t *testing.T) {
	waiting := func(w *World) { w.Companies[0].Status = "WAITING" }
	strictest := func(w *World) { w.Policy.Shared = "strictest" }
	moreContacts := func(w *World) {
		w.Contacts = append(w.Contacts, Contact{ID: 3, Owner: vera, Phones: having(on(2, 1), "P5"),
			Companies: []Link{{2, on(2, 1)}}})
	}
	for _, c := range []struct {
		agent      int64
		number     string
		change     func(*World)
		color, why string
		banner     bool
		incident   bool
	}{
		{anna, "P1", nil, "none", "own", false, false},
		{boris, "P1", nil, "red", "foreign_in_work", false, true},
		{igor, "P1", nil, "red", "supervisor", false, false},
		{admin, "P1", nil, "red", "admin", false, false},
		{vera, "P2", nil, "red", "foreign_in_work_via_contact", false, true},
		{anna, "P2", nil, "yellow", "contact_own_company", false, false},
		{vera, "P3", nil, "yellow", "contact_no_company", false, false},
		{boris, "P4", nil, "blue", "lead_only", false, false},
		{boris, "P5", nil, "none", "foreign_free", true, false},
		{boris, "P6", nil, "red", "shared_number", false, true},
		{anna, "P6", nil, "none", "shared_number", true, false},
		{anna, "P6", strictest, "red", "shared_number", false, true},
		{boris, "P6", strictest, "red", "shared_number", false, true},
		{boris, "P7", nil, "none", "unknown", false, false},
		{boris, "P10", nil, "none", "employee", false, false},
		{boris, "P1", waiting, "none", "foreign_free", true, false},
		{vera, "P5", moreContacts, "yellow", "contact_own_company", false, false},
		{boris, "P5", moreContacts, "yellow", "contact_foreign_free", false, false},
	} {
		w := office()
		if c.change != nil {
			c.change(&w)
		}
		got := Judge(w, Question{Agent: c.agent, Number: c.number, Kind: "external", At: on(3, 20)})
		if got.Color != c.color || got.Why != c.why || got.Banner != c.banner || got.Incident != c.incident {
			t.Errorf("%d -> %s: %+v, want %s %s, banner %v, incident %v", c.agent, c.number, got, c.color, c.why,
				c.banner, c.incident)
		}
	}
}

// Periods begin with their first moment and end before their last.
func TestHelpersWithinTheirPeriod(t *testing.T) {
	for _, c := range []struct {
		at    time.Time
		color string
	}{{on(3, 9), "red"}, {on(3, 10), "none"}, {on(3, 19), "none"}, {on(3, 20), "red"}} {
		w := office()
		w.Deputies = []Deputy{{Owner: anna, Deputy: boris, From: on(3, 10), Until: on(3, 20)}}
		w.Permits = []Permit{{Agent: vera, Company: 1, From: on(3, 10), Until: on(3, 20)}}
		for agent, why := range map[int64]string{boris: "deputy", vera: "permit"} {
			got := Judge(w, Question{Agent: agent, Number: "P1", Kind: "external", At: c.at})
			if got.Color != c.color || (got.Why == why) != (c.color == "none") {
				t.Errorf("%s at %v: %s %s", why, c.at, got.Color, got.Why)
			}
		}
	}
}
