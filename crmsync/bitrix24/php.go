package bitrix24

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"callhue/crmsync"
)

// The portal is written in PHP, and its JSON shows it: ids are strings in one method and numbers in the
// next, an absent value is null, false, "" or [], and an object without keys is an empty array.

// text is a value as text; "" if absent.
type text string

// UnmarshalJSON accepts strings, numbers, true, and absent values.
func (t *text) UnmarshalJSON(raw []byte) error {
	switch {
	case raw[0] == '"':
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			return err
		}
		*t = text(s)
	case raw[0] == '{' || raw[0] == '[' || string(raw) == "null" || string(raw) == "false":
		*t = ""
	default:
		*t = text(raw)
	}
	return nil
}

// optional is a value that may be absent, or of a type that means nothing here.
type optional struct {
	text
	present bool
	odd     bool // an object, or a list of values
}

// UnmarshalJSON accepts everything.
func (o *optional) UnmarshalJSON(raw []byte) error {
	o.present = true
	o.odd = raw[0] == '{' || raw[0] == '[' && string(raw) != "[]"
	return o.text.UnmarshalJSON(raw)
}

// known reports whether the value was returned and is understood.
func (o optional) known() bool { return o.present && !o.odd }

// ids are the ids of a list that may be absent.
type ids struct {
	list    []text
	present bool
	odd     bool
}

// UnmarshalJSON accepts everything; what is neither a list nor an absent value is odd.
func (l *ids) UnmarshalJSON(raw []byte) error {
	l.present = true
	var all list[optional]
	if raw[0] != '[' && raw[0] != '{' {
		l.odd = raw[0] == '"' && string(raw) != `""` || raw[0] >= '0' && raw[0] <= '9' || raw[0] == 't'
		return nil
	}
	if err := json.Unmarshal(raw, &all); err != nil {
		l.odd = true
		return nil
	}
	for _, each := range all {
		l.odd = l.odd || each.odd
		l.list = append(l.list, each.text)
	}
	return nil
}

// known reports whether the list was returned and is understood.
func (l ids) known() bool { return l.present && !l.odd }

// number is a number, a number as text, or absent.
type number float64

// UnmarshalJSON accepts all three.
func (n *number) UnmarshalJSON(raw []byte) error {
	var written text
	if err := written.UnmarshalJSON(raw); err != nil {
		return err
	}
	value, err := strconv.ParseFloat(strings.TrimSpace(string(written)), 64)
	if err != nil || math.IsNaN(value) || math.Abs(value) > 1<<53 {
		value = 0
	}
	*n = number(value)
	return nil
}

// flag is a truth value: true, 1, "Y" or "1".
type flag struct{ optional }

func (f flag) isTrue() bool { return f.text == "true" || f.text == "1" || f.text == "Y" }

// id returns a text that names a record; "0" names none.
func (t text) id() string {
	if t == "0" {
		return ""
	}
	return string(t)
}

// offset returns the zone of a time as the portal writes it, nil if it is invalid.
func (t text) offset() *time.Location {
	at, err := time.Parse(time.RFC3339, string(t))
	if err != nil {
		return nil
	}
	_, seconds := at.Zone()
	return time.FixedZone("", seconds)
}

// time parses a date with its zone; the zero time if it is invalid.
func (t text) time() time.Time {
	at, err := time.Parse(time.RFC3339, string(t))
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}

// formatTime formats a time as the portal does, with a zone in digits; nil is UTC.
func formatTime(at time.Time, zone *time.Location) string {
	if zone == nil {
		zone = time.UTC
	}
	return at.In(zone).Format("2006-01-02T15:04:05-07:00")
}

// list is an array, or an object with numbers as its keys, or absent.
type list[T any] []T

// UnmarshalJSON accepts all three.
func (l *list[T]) UnmarshalJSON(raw []byte) error {
	*l = nil
	switch raw[0] {
	case '[':
		return json.Unmarshal(raw, (*[]T)(l))
	case '{':
		return l.values(raw)
	}
	return nil
}

// values decodes the values of an object, in its order.
func (l *list[T]) values(raw []byte) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		if _, err := d.Token(); err != nil {
			return err
		}
		var value T
		if err := d.Decode(&value); err != nil {
			return err
		}
		*l = append(*l, value)
	}
	return nil
}

// dict is an object, or an empty array.
type dict[T any] map[string]T

// UnmarshalJSON accepts both.
func (m *dict[T]) UnmarshalJSON(raw []byte) error {
	*m = nil
	if raw[0] != '{' {
		return nil
	}
	return json.Unmarshal(raw, (*map[string]T)(m))
}

// encodeQuery encodes parameters for PHP: filter[>ID]=7, select[0]=ID. Its order is always the same.
func encodeQuery(params map[string]any) string {
	var parts []string
	for _, key := range sortedKeys(params) {
		parts = appendParams(parts, key, params[key])
	}
	return strings.Join(parts, "&")
}

func appendParams(parts []string, key string, value any) []string {
	switch v := value.(type) {
	case map[string]any:
		for _, inner := range sortedKeys(v) {
			parts = appendParams(parts, key+"["+inner+"]", v[inner])
		}
	case []string:
		for i, each := range v {
			parts = appendParams(parts, fmt.Sprintf("%s[%d]", key, i), each)
		}
	default:
		parts = append(parts, url.QueryEscape(key)+"="+url.QueryEscape(fmt.Sprint(v)))
	}
	return parts
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// joinWords joins words to one line, separated by blanks.
func joinWords(words ...text) string {
	var all []string
	for _, word := range words {
		all = append(all, strings.Fields(string(word))...)
	}
	return strings.Join(all, " ")
}

// lines joins the words of each line to one: several numbers may stand in one field, a line each.
func lines(value text) string {
	var all []string
	for line := range strings.FieldsFuncSeq(string(value), func(r rune) bool { return r == '\n' || r == '\r' }) {
		if words := joinWords(text(line)); words != "" {
			all = append(all, words)
		}
	}
	return strings.Join(all, "\n")
}

func malformed(what string) error { return crmsync.NotUnderstood(errors.New(what)) }
