package web

import (
	"bytes"
	"encoding/json"
	"reflect"
)

// Optional is a field of an input of which it matters whether it was left out: Set is false then. A null sets the zero
// value.
type Optional[T any] struct {
	Set   bool
	Value T
}

// Some returns a field that was given.
func Some[T any](value T) Optional[T] { return Optional[T]{true, value} }

// UnmarshalJSON decodes a value or null. Fields that T does not know are refused.
func (o *Optional[T]) UnmarshalJSON(raw []byte) error {
	o.Set = true
	var value T
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	err := dec.Decode(&value)
	o.Value = value
	return err
}

// Or returns the value, or another one if the field was left out.
func (o Optional[T]) Or(other T) T {
	if o.Set {
		return o.Value
	}
	return other
}

// Pointer returns the value, nil if the field was left out.
func (o Optional[T]) Pointer() *T {
	if !o.Set {
		return nil
	}
	return &o.Value
}

func (Optional[T]) inner() reflect.Type { return reflect.TypeFor[T]() }

// innerOf returns the type of the value of an Optional, nil for other types.
func innerOf(t reflect.Type) reflect.Type {
	if t.Kind() != reflect.Struct {
		return nil
	}
	if optional, ok := reflect.Zero(t).Interface().(interface{ inner() reflect.Type }); ok {
		return optional.inner()
	}
	return nil
}
