package query

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"callhue/internal/fault"
)

// Place is where in a request a template stands; it decides how a number is escaped.
type Place int

// The places.
const (
	InURL  Place = iota // in the path, and behind the question mark
	InForm              // in a body of the type application/x-www-form-urlencoded
	InJSON              // inside a text of JSON
	InText              // in any other body, as it is
)

// PlaceOf returns where a body of a content type stands.
func PlaceOf(contentType string) Place {
	kind, _, _ := strings.Cut(strings.ToLower(contentType), ";")
	switch kind = strings.TrimSpace(kind); {
	case kind == "application/x-www-form-urlencoded":
		return InForm
	case kind == "", strings.HasSuffix(kind, "json"):
		return InJSON
	}
	return InText
}

// hole matches the places for numbers in a template. Other braces, as in JSON, are text.
var hole = regexp.MustCompile(`\{(number|e164|digits|national|local10|last10|numbers)\}`)

// HasNumber reports whether a template has a place for a number.
func HasNumber(template string) bool { return hole.MatchString(template) }

// Fill returns a template with a number in it. {numbers} is a list: with commas between the spellings, in JSON each of
// them in quotes.
func Fill(template string, place Place, spell Spellings) string {
	mark := strings.IndexByte(template, '?')
	var to strings.Builder
	last := 0
	for _, at := range hole.FindAllStringSubmatchIndex(template, -1) {
		to.WriteString(template[last:at[0]])
		name := template[at[2]:at[3]]
		isQuery := place == InForm || mark >= 0 && mark < at[0]
		to.WriteString(filled(name, place, isQuery, spell))
		last = at[1]
	}
	to.WriteString(template[last:])
	return to.String()
}

func filled(name string, place Place, isQuery bool, spell Spellings) string {
	values := []string{spell.nth(name)}
	if name == nameAll {
		values = spell.All()
	}
	if name == nameAll && place == InJSON {
		list, _ := json.Marshal(values) // of texts; it does not fail
		return strings.Trim(string(list), "[]")
	}
	text := strings.Join(values, ",")
	switch {
	case place == InJSON:
		quoted, _ := json.Marshal(text)
		return strings.Trim(string(quoted), `"`)
	case place == InText:
		return text
	case isQuery:
		return url.QueryEscape(text)
	}
	return url.PathEscape(text)
}

// CheckURL returns the code of what is wrong with the template of an address; "" when nothing is. The number may not
// choose the host.
func CheckURL(template string) string {
	if !utf8.ValidString(template) {
		return "malformed"
	}
	u, err := url.Parse(hole.ReplaceAllString(template, "0"))
	switch {
	case err != nil, u.Scheme != "https" && u.Scheme != "http", u.Host == "", u.User != nil, u.Fragment != "":
		return "malformed"
	}
	_, rest, _ := strings.Cut(template, "://")
	if !strings.HasPrefix(rest, u.Host) {
		return "malformed"
	}
	return ""
}

// CheckRequest returns the fault of the templates of a request: nowhere in them is a number.
func CheckRequest(address, body string) error {
	if HasNumber(address) || HasNumber(body) {
		return nil
	}
	return fault.Invalid("url", "no_number")
}
