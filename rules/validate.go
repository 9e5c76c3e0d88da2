package rules

import (
	"fmt"
	"math"
	"slices"
	"strconv"
)

// Problem is one thing wrong with a policy: the JSON name of the field and a
// stable code. A policy with a problem that is not a warning must not become
// active; the version before it stays.
type Problem struct {
	Field   string `json:"field"`
	Code    string `json:"code"`
	Warning bool   `json:"warning,omitempty"`
}

// Codes of problems.
const (
	ProblemEmpty        = "empty"         // a list that must not be
	ProblemUnknownKind  = "unknown_kind"  // not company, contact or lead
	ProblemRepeated     = "repeated"      // named twice
	ProblemUnknownValue = "unknown_value" // not one of the knob's values
	ProblemOutOfRange   = "out_of_range"
	ProblemNotAColor    = "not_a_color"  // not #RRGGBB
	ProblemLowContrast  = "low_contrast" // a warning: ink on back below 4.5:1

	ProblemUnknownReason = "unknown_reason" // no row of the table has it
	ProblemUnknownName   = "unknown_name"   // no name of a verdict is called so
	ProblemMalformed     = "malformed"      // brackets or braces that do not close
	ProblemTooLong       = "too_long"
)

// Validate lists the problems of a policy in the order of its fields; an empty
// list means that it may become active.
func (p Policy) Validate() []Problem {
	var all []Problem
	add := func(field, code string) { all = append(all, Problem{Field: field, Code: code}) }
	if len(p.Priority) == 0 {
		add("priority", ProblemEmpty)
	}
	for i, kind := range p.Priority {
		field := fmt.Sprintf("priority.%d", i)
		if !slices.Contains(defaultPriority[:], kind) {
			add(field, ProblemUnknownKind)
		} else if slices.Contains(p.Priority[:i], kind) {
			add(field, ProblemRepeated)
		}
	}
	for _, knob := range p.knobs() {
		if !slices.Contains(knob.values, knob.value) {
			add(knob.field, ProblemUnknownValue)
		}
	}
	if p.Enforcement.PermitHours < 1 || p.Enforcement.PermitHours > maxPermitHours {
		add("enforcement.permit_hours", ProblemOutOfRange)
	}
	if p.IncidentSeconds < 0 || p.IncidentSeconds > maxIncidentSeconds {
		add("incident_seconds", ProblemOutOfRange)
	}
	if p.RouteSeconds < 0 || p.RouteSeconds > maxRouteSeconds {
		add("route_seconds", ProblemOutOfRange)
	}
	if p.LookupMillis < minLookupMillis || p.LookupMillis > maxLookupMillis {
		add("lookup_ms", ProblemOutOfRange)
	}
	if p.KeepCallsDays != 0 && (p.KeepCallsDays < minKeepDays || p.KeepCallsDays > maxKeepDays) {
		add("keep_calls_days", ProblemOutOfRange)
	}
	if p.IdleDays < 0 || p.IdleDays > maxIdleDays {
		add("idle_days", ProblemOutOfRange)
	}
	all = append(all, p.Palette.problems()...)
	return append(all, p.textProblems()...)
}

// maxIncidentSeconds is an hour: a longer threshold would never see an incident.
const maxIncidentSeconds = 3600

// maxRouteSeconds is longer than any caller waits at one telephone.
const maxRouteSeconds = 300

// A lookup that may take less than the shortest time would often fail on a
// database that is well; after the longest one the agent talks already.
const (
	minLookupMillis = 50
	maxLookupMillis = 5000
)

// A PBX may repeat the events of a call for days, and a dry run wants calls to
// look at: a week is the least. The most is a hundred years.
const (
	minKeepDays = 7
	maxKeepDays = 36_500
)

// maxIdleDays is ten years; protection that lasts longer never fades, which is 0.
const maxIdleDays = 3650

type knob struct {
	field  string
	value  string
	values []string
}

// knobs lists the knobs that choose one of a few values.
func (p Policy) knobs() []knob {
	red := []string{string(Red), string(Yellow), string(None)}
	return []knob{
		{"missing_status", string(p.MissingStatus), p.MissingStatus.Values()},
		{"shared_number", string(p.SharedNumber), p.SharedNumber.Values()},
		{"leads", string(p.Leads), p.Leads.Values()},
		{"team", string(p.Team), p.Team.Values()},
		{"deputy", string(p.Deputy), p.Deputy.Values()},
		{"own_contact", string(p.OwnContact), []string{string(Yellow), string(None)}},
		{"supervisor", string(p.Supervisor), red},
		{"admin", string(p.Admin), red},
		{"incoming", string(p.Incoming), red},
		{"do_not_call", string(p.DoNotCall), p.DoNotCall.Values()},
		{"enforcement.mode", string(p.Enforcement.Mode), p.Enforcement.Mode.Values()},
	}
}

func (p Palette) problems() []Problem {
	var all []Problem
	for _, s := range []struct {
		name  string
		shade Shade
	}{{"red", p.Red}, {"yellow", p.Yellow}, {"blue", p.Blue}, {"none", p.None}, {"grey", p.Grey}} {
		field := "palette." + s.name
		back, backOK := luminance(s.shade.Back)
		ink, inkOK := luminance(s.shade.Ink)
		if !backOK {
			all = append(all, Problem{Field: field + ".back", Code: ProblemNotAColor})
		}
		if !inkOK {
			all = append(all, Problem{Field: field + ".ink", Code: ProblemNotAColor})
		}
		if backOK && inkOK && contrast(back, ink) < minContrast {
			all = append(all, Problem{Field: field, Code: ProblemLowContrast, Warning: true})
		}
	}
	return all
}

// minContrast is what WCAG 2.1 (success criterion 1.4.3) asks of text.
const minContrast = 4.5

// luminance returns the relative luminance of "#RRGGBB" by the formula of WCAG
// 2.1; ok is false if the text is anything else.
func luminance(color string) (l float64, ok bool) {
	if len(color) != 7 || color[0] != '#' {
		return 0, false
	}
	rgb, err := strconv.ParseUint(color[1:], 16, 32)
	if err != nil {
		return 0, false
	}
	channel := func(shift uint) float64 {
		c := float64(rgb>>shift&0xff) / 255
		if c <= 0.03928 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*channel(16) + 0.7152*channel(8) + 0.0722*channel(0), true
}

func contrast(a, b float64) float64 { return (max(a, b) + 0.05) / (min(a, b) + 0.05) }
