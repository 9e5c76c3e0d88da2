package bitrix24

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// array is an array of PHP: keys in their order. A parameter is a string or one of
// these; what JSON calls a number, true or null is a string here as in a form.
type array struct {
	keys []string
	of   map[string]any
}

func newArray() *array { return &array{of: map[string]any{}} }

func (a *array) set(key string, value any) {
	if _, had := a.of[key]; !had {
		a.keys = append(a.keys, key)
	}
	a.of[key] = value
}

// get finds a parameter, in any case of its letters.
func (a *array) get(name string) any {
	for _, key := range a.keys {
		if strings.EqualFold(key, name) {
			return a.of[key]
		}
	}
	return nil
}

// text returns a parameter that is a string, "" for others.
func (a *array) text(name string) string {
	s, _ := a.get(name).(string)
	return s
}

// array returns a parameter that is an array, an empty one for others.
func (a *array) array(name string) *array {
	if in, ok := a.get(name).(*array); ok {
		return in
	}
	return newArray()
}

// texts returns the values of an array, or the one of a string.
func texts(value any) (all []string) {
	switch v := value.(type) {
	case string:
		return []string{v}
	case *array:
		for _, key := range v.keys {
			if s, ok := v.of[key].(string); ok {
				all = append(all, s)
			}
		}
	}
	return all
}

// parseQuery reads a query or form as PHP's parse_str does.
func parseQuery(query string) (*array, error) {
	out := newArray()
	for _, pair := range strings.Split(query, "&") {
		if pair == "" {
			continue
		}
		key, value, _ := strings.Cut(pair, "=")
		key, err := url.QueryUnescape(key)
		if err != nil {
			return nil, err
		}
		if value, err = url.QueryUnescape(value); err != nil {
			return nil, err
		}
		out.put(split(key), value)
	}
	return out, nil
}

// split cuts filter[>ID] into filter and >ID.
func split(key string) []string {
	name, rest, nested := strings.Cut(key, "[")
	path := []string{name}
	for nested {
		var in string
		in, rest, nested = strings.Cut(rest, "]")
		if !nested {
			return path
		}
		path = append(path, in)
		_, rest, nested = strings.Cut(rest, "[")
	}
	return path
}

func (a *array) put(path []string, value string) {
	key := path[0]
	if key == "" {
		key = strconv.Itoa(len(a.keys))
	}
	if len(path) == 1 {
		a.set(key, value)
		return
	}
	in, ok := a.of[key].(*array)
	if !ok {
		in = newArray()
		a.set(key, in)
	}
	in.put(path[1:], value)
}

// parseJSON reads an object, its keys in their order.
func parseJSON(body []byte) (*array, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	value, err := decode(d)
	if err != nil {
		return nil, err
	}
	if out, ok := value.(*array); ok {
		return out, nil
	}
	return nil, errors.New("no object")
}

func decode(d *json.Decoder) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t := token.(type) {
	case json.Delim:
		out := newArray()
		for d.More() {
			key := strconv.Itoa(len(out.keys))
			if t == '{' {
				name, err := d.Token()
				if err != nil {
					return nil, err
				}
				key = name.(string)
			}
			value, err := decode(d)
			if err != nil {
				return nil, err
			}
			out.set(key, value)
		}
		_, err := d.Token()
		return out, err
	case bool:
		if t {
			return "1", nil
		}
		return "", nil
	case nil:
		return "", nil
	}
	return fmt.Sprint(token), nil
}

// object is a JSON object that is an empty array when it has no keys, as PHP
// writes it.
type object map[string]any

// MarshalJSON writes it.
func (o object) MarshalJSON() ([]byte, error) {
	if len(o) == 0 {
		return []byte("[]"), nil
	}
	return json.Marshal(map[string]any(o))
}
