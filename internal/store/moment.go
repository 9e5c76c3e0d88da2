package store

import (
	"encoding/json"
	"reflect"
	"time"
)

// Moment is a time as columns hold it: whole milliseconds since 1970, UTC. Zero
// means never. Moments compare as numbers. In JSON a moment is RFC 3339 and never is
// null; a field that is then left out has the tag `omitzero`, and one that may be
// null the tag `null:"what never means"` for the API reference.
type Moment int64

// MomentOf returns the moment of a time, cut to the millisecond; zero for the zero
// time.
func MomentOf(t time.Time) Moment { return Moment(Millis(t)) }

// Time returns the moment in UTC, the zero time for never.
func (m Moment) Time() time.Time { return Time(int64(m)) }

// Add returns the moment that is d later. Never stays never.
func (m Moment) Add(d time.Duration) Moment {
	if m == 0 {
		return 0
	}
	return m + Moment(d.Milliseconds())
}

// String returns the moment in RFC 3339, "never" for zero.
func (m Moment) String() string {
	if m == 0 {
		return "never"
	}
	return m.Time().Format(time.RFC3339Nano)
}

// MarshalJSON writes RFC 3339 in UTC, null for never.
func (m Moment) MarshalJSON() ([]byte, error) {
	if m == 0 {
		return []byte("null"), nil
	}
	return m.Time().MarshalJSON()
}

// UnmarshalJSON reads what MarshalJSON writes, in any time zone. Everything else is a
// wrong type at its field.
func (m *Moment) UnmarshalJSON(raw []byte) error {
	if string(raw) == "null" {
		*m = 0
		return nil
	}
	var t time.Time
	if err := t.UnmarshalJSON(raw); err != nil {
		return &json.UnmarshalTypeError{Value: "time", Type: reflect.TypeFor[Moment]()}
	}
	*m = MomentOf(t)
	return nil
}

// UnmarshalText reads RFC 3339, as parameters in a URL have it.
func (m *Moment) UnmarshalText(text []byte) error {
	t, err := time.Parse(time.RFC3339, string(text))
	*m = MomentOf(t)
	return err
}

// JSONType returns the type of a moment in the API reference.
func (Moment) JSONType() string { return "string" }

// JSONFormat returns the format of a moment in the API reference.
func (Moment) JSONFormat() string { return "date-time" }
