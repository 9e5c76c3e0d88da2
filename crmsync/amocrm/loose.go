package amocrm

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
)

// An account is asked for one type and returns another now and then: a number for a text, PHP's empty list for an
// object, null for anything. These types accept all of it. What could be a value and is not understood is odd: it must
// not be taken for an empty one.

// errOdd is a value that is not understood.
var errOdd = errors.New("a phone, e-mail or link of an unknown shape")

// looseText is a text, a number, or absent.
type looseText string

// UnmarshalJSON accepts everything.
func (t *looseText) UnmarshalJSON(data []byte) error {
	*t = looseText(scalarText(data))
	return nil
}

// looseInt is a whole number, the same as text, or absent.
type looseInt int64

// UnmarshalJSON accepts everything.
func (n *looseInt) UnmarshalJSON(data []byte) error {
	var value json.Number
	if json.Unmarshal([]byte(scalarText(data)), &value) == nil {
		if whole, err := value.Int64(); err == nil {
			*n = looseInt(whole)
			return nil
		}
	}
	*n = 0
	return nil
}

// looseBool is a truth value: true, 1 or "1".
type looseBool struct{ is, present bool }

// UnmarshalJSON accepts everything.
func (b *looseBool) UnmarshalJSON(data []byte) error {
	text := strings.Trim(string(data), `"`)
	b.is = text == "true" || text == "1"
	b.present = b.is || text == "false" || text == "0"
	return nil
}

// optionalID is an id that may be absent, or odd.
type optionalID struct {
	recordID
	present bool
}

// UnmarshalJSON accepts everything.
func (i *optionalID) UnmarshalJSON(data []byte) error {
	i.recordID = recordID(scalarText(data))
	i.present = i.recordID != "" || bytes.Equal(data, []byte("null"))
	return nil
}

// looseList is a list, an object whose keys are the places of its members, or absent. present is set for the first two,
// and for null.
type looseList[T any] struct {
	list    []T
	present bool
}

// UnmarshalJSON accepts all of them; members that are null are left out. Another value is an error.
func (l *looseList[T]) UnmarshalJSON(data []byte) error {
	l.list, l.present = nil, true
	var members []json.RawMessage
	switch {
	case data[0] == '[':
		if err := json.Unmarshal(data, &members); err != nil {
			return err
		}
	case data[0] == '{':
		var byPlace map[string]json.RawMessage
		if err := json.Unmarshal(data, &byPlace); err != nil {
			return err
		}
		for _, place := range sortedPlaces(byPlace) {
			members = append(members, byPlace[place])
		}
	case bytes.Equal(data, []byte("null")), bytes.Equal(data, []byte("false")), bytes.Equal(data, []byte(`""`)):
		return nil
	default:
		return errOdd
	}
	for _, raw := range members {
		if bytes.Equal(raw, []byte("null")) {
			continue
		}
		var member T
		if err := json.Unmarshal(raw, &member); err != nil {
			return err
		}
		l.list = append(l.list, member)
	}
	return nil
}
