package journal

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
)

// Changes are the fields that a write changed, as an entry keeps them under "changed":
// {"name": {"from": "Acme", "to": "Acme Ltd"}}. Every entry about a change has this
// shape; an entry of "added" has the values themselves in its details.
type Changes map[string]Change

// Change is the value of a field before and after a write.
type Change struct {
	From any `json:"from"`
	To   any `json:"to"`
}

// Set sets a field and notes the change, if the value differs.
func Set[T comparable](c Changes, field string, value *T, to T) {
	if *value != to {
		c[field] = Change{*value, to}
		*value = to
	}
}

// SetOptional is Set for an input whose fields may be left out: nil changes nothing.
func SetOptional[T comparable](c Changes, field string, value *T, to *T) {
	if to != nil {
		Set(c, field, value, *to)
	}
}

// SetList is Set for a list.
func SetList[T comparable, L ~[]T](c Changes, field string, value *L, to L) {
	if !slices.Equal(*value, to) {
		c[field] = Change{*value, to}
		*value = to
	}
}

// Note notes a change of values that Go does not compare.
func (c Changes) Note(field string, from, to any) {
	if !reflect.DeepEqual(from, to) {
		c[field] = Change{from, to}
	}
}

// NoteSecret notes that a secret was replaced; neither value is shown.
func (c Changes) NoteSecret(field string) { c[field] = Change{"***", "***"} }

// Compare returns the top-level fields in which the JSON of two values, both objects,
// differs. A field that only one of them has is null on the other side.
func Compare(before, after any) Changes {
	from, to := fieldsOf(before), fieldsOf(after)
	changed := Changes{}
	for name, was := range from {
		if !bytes.Equal(was, to[name]) {
			changed[name] = Change{was, to[name]}
		}
	}
	for name, is := range to {
		if _, there := from[name]; !there {
			changed[name] = Change{nil, is}
		}
	}
	return changed
}

func fieldsOf(value any) (fields map[string]json.RawMessage) {
	if err := json.Unmarshal(Details(value), &fields); err != nil {
		panic("journal: compared values that are no JSON objects: " + err.Error())
	}
	return fields
}
