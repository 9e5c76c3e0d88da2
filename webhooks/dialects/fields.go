package dialects

import (
	"encoding/json"
	"maps"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"callhue/internal/fault"
	"callhue/internal/text"
	"callhue/rules"
)

// Raw returns a field as it was sent: signatures are made over it.
func (f *Form) Raw(name string) string { return f.values[name] }

// Has reports whether a field was sent with any text in it.
func (f *Form) Has(name string) bool { return f.Text(name) != "" }

// Text returns a field as UTF-8 without surrounding blanks and control characters.
func (f *Form) Text(name string) string { return text.OneLine(f.bytes.decode(f.values[name])) }

// First returns the first of several fields that has any text.
func (f *Form) First(names ...string) string {
	for _, name := range names {
		if text := f.Text(name); text != "" {
			return text
		}
	}
	return ""
}

// Single is Text of an optional field that must not be a list or an object.
func (f *Form) Single(name string) string {
	text := f.Text(name)
	if text == "" && f.nested(name) {
		f.Drop(name, "wrong_type")
	}
	return text
}

// Need returns the first of several spellings of a required field that has any text. Without one the first is at fault:
// required, or wrong_type for a list or an object.
func (f *Form) Need(names ...string) string {
	text := f.First(names...)
	switch {
	case text != "":
	case f.nested(names[0]):
		f.Refuse(names[0], "wrong_type")
	default:
		f.Refuse(names[0], "required")
	}
	return text
}

func (f *Form) nested(name string) bool {
	if _, found := f.lists[name]; found {
		return true
	}
	for other := range f.values {
		if strings.HasPrefix(other, name) && strings.HasPrefix(other[len(name):], "[") {
			return true
		}
	}
	return false
}

// Refuse adds a fault of a required field: the request cannot be used.
func (f *Form) Refuse(name, code string) { f.note().wrong = f.note().wrong.And(name, code) }

// Fault returns what was wrong with the required fields read so far, or nil.
func (f *Form) Fault() error { return f.note().wrong.OrNil() }

// Drop notes that an optional field cannot be read: the rest of the request is used.
func (f *Form) Drop(name, code string) {
	field := fault.Field{Field: name, Code: code}
	if notes := f.note(); !slices.Contains(notes.dropped, field) {
		notes.dropped = append(notes.dropped, field)
	}
}

// Dropped returns the optional fields that could not be read so far.
func (f *Form) Dropped() []fault.Field { return f.note().dropped }

// maxSeconds is the longest duration that is accepted: a week.
const maxSeconds = 7 * 24 * 3600

// Seconds reads an optional duration in seconds, which may have a fraction. It is negative when it was not sent.
func (f *Form) Seconds(name string) time.Duration {
	text := f.Single(name)
	if text == "" {
		return -1
	}
	seconds, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil || seconds != seconds:
		f.Drop(name, "wrong_type")
	case seconds < 0:
		f.Drop(name, "negative")
	case seconds > maxSeconds:
		f.Drop(name, "too_large")
	default:
		return time.Duration(seconds * float64(time.Second)).Round(time.Millisecond)
	}
	return -1
}

// Moment reads an optional time: RFC 3339, or seconds since 1970. It is zero when it was not sent; many PBXs send 0
// then.
func (f *Form) Moment(name string) time.Time {
	text := f.Single(name)
	if text == "" || text == "0" {
		return time.Time{}
	}
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil && at.Year() >= 1970 {
		return at.UTC()
	}
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil || !(seconds > 0 && seconds < 1<<33) {
		f.Drop(name, "not_a_time")
		return time.Time{}
	}
	return time.UnixMilli(int64(seconds * 1000)).UTC()
}

// maxLink is the longest address of a recording, in bytes.
const maxLink = 1000

// Link reads an optional URL. Only http and https are accepted, since it is shown as a link.
func (f *Form) Link(name string) string {
	text := f.Single(name)
	if text == "" {
		return ""
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https"):
		f.Drop(name, "not_a_url")
		return ""
	case len(text) > maxLink:
		f.Drop(name, "too_long")
		return ""
	}
	return text
}

// Direction reads an optional direction in one of its usual spellings. It is "" when it was not sent: an earlier event
// may have it.
func (f *Form) Direction(name string) rules.Direction {
	switch strings.ToLower(f.Single(name)) {
	case "":
	case "in", "inbound", "incoming":
		return rules.In
	case "out", "outbound", "outgoing":
		return rules.Out
	default:
		f.Drop(name, "unknown_value")
	}
	return ""
}

// All returns the texts of a field that may be one text or a list, without empty ones.
func (f *Form) All(name string) []string {
	if one := f.Text(name); one != "" {
		return []string{one}
	}
	var list []string
	for n := 0; ; n++ {
		if _, found := f.values[element(name, n)]; !found {
			return list
		}
		if text := f.Text(element(name, n)); text != "" {
			list = append(list, text)
		}
	}
}

// AnyCase returns the form with its names in lower case, for senders that vary their spelling. Faults name the fields
// in lower case too.
func (f *Form) AnyCase() *Form {
	folded := &Form{
		values: make(map[string]string, len(f.values)),
		lists:  make(map[string]int, len(f.lists)),
		bytes:  f.bytes,
		notes:  f.note(),
	}
	for name, value := range f.values {
		folded.values[strings.ToLower(name)] = value
	}
	for name, n := range f.lists {
		folded.lists[strings.ToLower(name)] = n
	}
	return folded
}

// JSON returns the form inside a field that holds a JSON object as text. It is a fault of the request when it does not.
func (f *Form) JSON(name string) (*Form, error) {
	inner, err := readForm("application/json", []byte(f.Raw(name)), nil)
	if inner != nil {
		inner.notes = f.note()
	}
	return inner, err
}

// Words returns what stands before the brackets in the fields' names, sorted.
func (f *Form) Words() []string {
	words := map[string]bool{}
	for name := range f.values {
		word, _, _ := strings.Cut(name, "[")
		words[word] = true
	}
	return slices.Sorted(maps.Keys(words))
}

// wholeNumber returns a number of JSON without the fraction or exponent that some languages add to whole ones:
// 74950000011.0, 7.4950000011e10.
func wholeNumber(number json.Number) string {
	text := number.String()
	if !strings.ContainsAny(text, ".eE") {
		return text
	}
	const exact = 1 << 53 // beyond it not every whole number is a float
	value, err := number.Float64()
	if err != nil || value != math.Trunc(value) || math.Abs(value) >= exact {
		return text
	}
	return strconv.FormatFloat(value, 'f', 0, 64)
}
