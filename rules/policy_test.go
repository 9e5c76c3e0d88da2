package rules

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDefaultPolicyIsValid(t *testing.T) {
	if problems := Default().Validate(); len(problems) != 0 {
		t.Errorf("the policy that ships with the product: %v", problems)
	}
	for _, preset := range Presets() {
		p := policyWith(func(p *Policy) { p.Priority = preset.Priority })
		if problems := p.Validate(); len(problems) != 0 {
			t.Errorf("preset %s: %v", preset.Name, problems)
		}
	}
}

func TestValidateNamesTheField(t *testing.T) {
	for _, tc := range []struct {
		why    string
		change func(*Policy)
		want   []Problem
	}{
		{"no kind could decide", func(p *Policy) { p.Priority = nil },
			[]Problem{{Field: "priority", Code: ProblemEmpty}}},
		{"there is no such kind", func(p *Policy) { p.Priority = []Kind{KindLead, "deal"} },
			[]Problem{{Field: "priority.1", Code: ProblemUnknownKind}}},
		{"a kind cannot be first and third", func(p *Policy) { p.Priority = []Kind{KindLead, KindContact, KindLead} },
			[]Problem{{Field: "priority.2", Code: ProblemRepeated}}},
		{"a shorter list is allowed: the others follow", func(p *Policy) { p.Priority = []Kind{KindLead} }, nil},
		{"missing status", func(p *Policy) { p.MissingStatus = "free" },
			[]Problem{{Field: "missing_status", Code: ProblemUnknownValue}}},
		{"shared number", func(p *Policy) { p.SharedNumber = "newest" },
			[]Problem{{Field: "shared_number", Code: ProblemUnknownValue}}},
		{"leads", func(p *Policy) { p.Leads = "converted" }, []Problem{{Field: "leads", Code: ProblemUnknownValue}}},
		{"team", func(p *Policy) { p.Team = "" }, []Problem{{Field: "team", Code: ProblemUnknownValue}}},
		{"deputy", func(p *Policy) { p.Deputy = "red" }, []Problem{{Field: "deputy", Code: ProblemUnknownValue}}},
		{"row 9 may lose its yellow, not become red", func(p *Policy) { p.OwnContact = Red },
			[]Problem{{Field: "own_contact", Code: ProblemUnknownValue}}},
		{"grey means not checked, nothing else", func(p *Policy) { p.Supervisor = Grey },
			[]Problem{{Field: "supervisor", Code: ProblemUnknownValue}}},
		{"blue means lead, nothing else", func(p *Policy) { p.Admin = Blue },
			[]Problem{{Field: "admin", Code: ProblemUnknownValue}}},
		{"incoming", func(p *Policy) { p.Incoming = "pink" },
			[]Problem{{Field: "incoming", Code: ProblemUnknownValue}}},
		{"do not call", func(p *Policy) { p.DoNotCall = "" },
			[]Problem{{Field: "do_not_call", Code: ProblemUnknownValue}}},
		{"nothing drops a call", func(p *Policy) { p.Enforcement.Mode = "hang_up" },
			[]Problem{{Field: "enforcement.mode", Code: ProblemUnknownValue}}},
		{"protection that fades before it begins", func(p *Policy) { p.IdleDays = -1 },
			[]Problem{{Field: "idle_days", Code: ProblemOutOfRange}}},
		{"protection for a lifetime", func(p *Policy) { p.IdleDays = 3651 },
			[]Problem{{Field: "idle_days", Code: ProblemOutOfRange}}},
		{"a permit for no time", func(p *Policy) { p.Enforcement.PermitHours = 0 },
			[]Problem{{Field: "enforcement.permit_hours", Code: ProblemOutOfRange}}},
		{"a permit for more than a week", func(p *Policy) { p.Enforcement.PermitHours = 169 },
			[]Problem{{Field: "enforcement.permit_hours", Code: ProblemOutOfRange}}},
		{"seconds below nought", func(p *Policy) { p.IncidentSeconds = -1 },
			[]Problem{{Field: "incident_seconds", Code: ProblemOutOfRange}}},
		{"seconds above an hour", func(p *Policy) { p.IncidentSeconds = 3601 },
			[]Problem{{Field: "incident_seconds", Code: ProblemOutOfRange}}},
		{"no time to look up", func(p *Policy) { p.LookupMillis = 0 },
			[]Problem{{Field: "lookup_ms", Code: ProblemOutOfRange}}},
		{"a lookup that takes longer than the ringing", func(p *Policy) { p.LookupMillis = 5001 },
			[]Problem{{Field: "lookup_ms", Code: ProblemOutOfRange}}},
		{"calls that are gone before their repeated events", func(p *Policy) { p.KeepCallsDays = 6 },
			[]Problem{{Field: "keep_calls_days", Code: ProblemOutOfRange}}},
		{"nought keeps the calls", func(p *Policy) { p.KeepCallsDays = 0 }, nil},
		{"days below nought", func(p *Policy) { p.KeepCallsDays = -1 },
			[]Problem{{Field: "keep_calls_days", Code: ProblemOutOfRange}}},
		{"a colour by name", func(p *Policy) { p.Palette.Red.Back = "red" },
			[]Problem{{Field: "palette.red.back", Code: ProblemNotAColor}}},
		{"a short colour", func(p *Policy) { p.Palette.Blue.Ink = "#FFF" },
			[]Problem{{Field: "palette.blue.ink", Code: ProblemNotAColor}}},
		{"a sign is no digit", func(p *Policy) { p.Palette.Grey.Ink = "#+12345" },
			[]Problem{{Field: "palette.grey.ink", Code: ProblemNotAColor}}},
		{"white on yellow cannot be read: a warning", func(p *Policy) { p.Palette.Yellow.Ink = "#FFFFFF" },
			[]Problem{{Field: "palette.yellow", Code: ProblemLowContrast, Warning: true}}},
		{"all problems at once, in the order of the fields",
			func(p *Policy) { p.Priority, p.Team, p.Palette.None.Back = nil, "x", "" },
			[]Problem{{Field: "priority", Code: ProblemEmpty}, {Field: "team", Code: ProblemUnknownValue},
				{Field: "palette.none.back", Code: ProblemNotAColor}}},
	} {
		t.Run(tc.why, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, policyWith(tc.change).Validate()); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// Every knob that is a word is checked: a new one cannot be forgotten.
func TestValidateChecksEveryWord(t *testing.T) {
	p := reflect.ValueOf(Default())
	for i := range p.NumField() {
		if p.Field(i).Kind() != reflect.String {
			continue
		}
		bad := Default()
		reflect.ValueOf(&bad).Elem().Field(i).SetString("nonsense")
		want := Problem{Field: p.Type().Field(i).Tag.Get("json"), Code: ProblemUnknownValue}
		if got := bad.Validate(); len(got) != 1 || got[0] != want {
			t.Errorf("%s = nonsense gives %v, want %v", p.Type().Field(i).Name, got, want)
		}
	}
}

// The reference values of WCAG: black on white is 21:1, a colour on itself 1:1.
func TestContrast(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want float64
	}{
		{"#000000", "#FFFFFF", 21}, {"#FFFFFF", "#000000", 21}, {"#C62828", "#C62828", 1}, {"#777777", "#FFFFFF", 4.48},
		{"#ff0000", "#ffffff", 4.0}} {
		a, aOK := luminance(tc.a)
		b, bOK := luminance(tc.b)
		if got := contrast(a, b); !aOK || !bOK || math.Abs(got-tc.want) > 0.01 {
			t.Errorf("%s on %s: %.3f, want %.2f", tc.a, tc.b, got, tc.want)
		}
	}
}

// A policy that an older program stored has no word for later knobs.
func TestAnOldPolicyHasTheShippedKnobs(t *testing.T) {
	got, err := ReadPolicy([]byte(`{"version": 4, "priority": ["lead"], "shared_number": "strictest", "palette": {"red": {"back": "#000000"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	want := policyWith(func(p *Policy) {
		p.Version, p.Priority, p.SharedNumber, p.Palette.Red.Back = 4, []Kind{KindLead}, SharedStrictest, "#000000"
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if diff := cmp.Diff(Default(), policyWith(nil)); diff != "" {
		t.Errorf("what was read is part of the shipped policy now:\n%s", diff)
	}
}

func TestPolicySurvivesJSON(t *testing.T) {
	want := policyWith(func(p *Policy) { p.Version, p.InheritLeadCompany, p.SharedNumber = 7, true, SharedStrictest })
	b, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got Policy
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
