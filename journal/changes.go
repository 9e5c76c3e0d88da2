package journal

import "reflect"

// Changes are the fields that a write changed, as an entry keeps them under "changed":
// {"name": {"from": "Acme", "to": "Acme Ltd"}}. Every entry about a change has this
// shape; what an entry of "added" says stands in its details without it.
type Changes map[string]Change

// Change is the value of a field before and after a write.
type Change struct {
	From any `json:"from"`
	To   any `json:"to"`
}

// Set gives a field another value and notes that it is another one.
func Set[T comparable](c Changes, field string, value *T, to T) {
	if *value != to {
		c[field] = Change{*value, to}
		*value = to
	}
}

// Take is Set for an input whose fields may be left out: nil changes nothing.
func Take[T comparable](c Changes, field string, value *T, to *T) {
	if to != nil {
		Set(c, field, value, *to)
	}
}

// Note notes a change of values that Go does not compare, such as lists.
func (c Changes) Note(field string, from, to any) {
	if !reflect.DeepEqual(from, to) {
		c[field] = Change{from, to}
	}
}
