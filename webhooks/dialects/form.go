package dialects

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"strconv"
	"strings"

	"callhue/internal/fault"
)

// Form holds the fields of a request by name, whether the body was a form or JSON. Nested JSON is spelled as PHP spells
// it in forms: {"data":{"ID":1}} is data[ID]=1, {"user":["a"]} is user[0]=a, and user[]=a is the same. Of a name that
// comes twice the last value counts.
//
// A required field that cannot be read is a fault; an optional one is dropped and noted, since an event is worth more
// than its recording. Fault and Dropped return what was found so far; fields.go reads single fields.
type Form struct {
	values map[string]string
	lists  map[string]int // the names of lists and objects; for name[] of a form, how many elements it has
	bytes  charset        // of texts that are no UTF-8
	only   *FieldFilter   // of a dialect whose requests hold far more than is read of them; nil reads all
	notes  *fieldNotes    // shared with the forms that are made of this one; nil until there are any
}

// fieldNotes is what was wrong with the fields of a request.
type fieldNotes struct {
	wrong   *fault.Error  // required ones
	dropped []fault.Field // optional ones
}

func (f *Form) note() *fieldNotes {
	if f.notes == nil {
		f.notes = &fieldNotes{}
	}
	return f.notes
}

// FieldFilter selects the fields of a form that are read; the others are passed over and do not count.
type FieldFilter struct {
	Keeps func(name string) bool
	Most  int // fields that are kept at most
}

func newForm(contentType string) *Form {
	return &Form{
		values: map[string]string{},
		lists:  map[string]int{},
		bytes:  charsetOf(contentType),
	}
}

// Bounds of a form.
const (
	maxFields = 1000
	maxDepth  = 32
)

// readForm reads a body by its content type; a body that begins like a JSON object is read as JSON anyway. A filter may
// be nil. Faults are invalid: malformed_json, json_too_deep, malformed_form, too_many_fields.
func readForm(contentType string, body []byte, only *FieldFilter) (*Form, error) {
	f := newForm(contentType)
	f.only = only
	kind, params, _ := mime.ParseMediaType(contentType)
	trimmed := bytes.TrimLeft(body, " \t\r\n\ufeff")
	switch {
	case len(trimmed) == 0:
		return f, nil
	case trimmed[0] == '{', strings.HasSuffix(kind, "json"):
		return f, f.readJSON([]byte(f.bytes.decode(string(trimmed))))
	case kind == "multipart/form-data":
		return f, f.readParts(body, params["boundary"])
	}
	return f, f.readPairs(string(body))
}

func malformed(key string, cause error) error {
	return (&fault.Error{Kind: fault.KindInvalid, Key: key}).Because(cause)
}

var errTooManyFields = fault.Invalid("body", "too_many_fields")

// skips reports whether a field of this name is not read.
func (f *Form) skips(name string) bool { return f.only != nil && !f.only.Keeps(name) }

// most returns how many fields a form may have.
func (f *Form) most() int {
	if f.only != nil {
		return f.only.Most
	}
	return maxFields
}

// set adds a field. "user[]" is the next "user[n]".
func (f *Form) set(name, value string) error {
	if f.skips(name) {
		return nil
	}
	if list, open := strings.CutSuffix(name, "[]"); open {
		name = element(list, f.lists[list])
		f.lists[list]++
	}
	if f.values[name] = value; len(f.values) > f.most() {
		return errTooManyFields
	}
	return nil
}

func element(list string, n int) string { return list + "[" + strconv.Itoa(n) + "]" }

// readPairs reads a urlencoded form. A broken escape is kept as it is: PHP does that, and senders rely on it.
func (f *Form) readPairs(text string) error {
	for pair := range strings.SplitSeq(text, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if name == "" {
			continue
		}
		if name = unescape(name); f.skips(name) {
			continue
		}
		if err := f.set(name, RestorePlus(unescape(value))); err != nil {
			return err
		}
	}
	return nil
}

func unescape(text string) string {
	if plain, err := url.QueryUnescape(text); err == nil {
		return plain
	}
	return text
}

// RestorePlus returns a number with its plus, which many senders do not escape and which then arrives as a blank.
// Without it +81... would be read as a number of Russia.
func RestorePlus(value string) string {
	if len(value) > 1 && value[0] == ' ' && value[1] >= '0' && value[1] <= '9' {
		return "+" + value[1:]
	}
	return value
}

func (f *Form) readParts(body []byte, boundary string) error {
	if boundary == "" {
		return malformed("malformed_form", errors.New("multipart without a boundary"))
	}
	parts := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		part, err := parts.NextPart()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return malformed("malformed_form", err)
		}
		value, err := io.ReadAll(part)
		if err != nil {
			return malformed("malformed_form", err)
		}
		if part.FormName() == "" || part.FileName() != "" {
			continue
		}
		if err := f.set(part.FormName(), string(value)); err != nil {
			return err
		}
	}
}

func (f *Form) readJSON(body []byte) error {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	first, err := dec.Token()
	if err != nil {
		return malformed("malformed_json", err)
	}
	if first != json.Delim('{') {
		return malformed("malformed_json", errors.New("an object is expected"))
	}
	if err := f.readObject(dec, "", 1); err != nil {
		return err
	}
	if _, err := dec.Token(); err != io.EOF {
		return malformed("malformed_json", errors.New("something follows the object"))
	}
	return nil
}

// readObject reads up to the closing brace; prefix is the object's own name.
func (f *Form) readObject(dec *json.Decoder, prefix string, depth int) error {
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return malformed("malformed_json", err)
		}
		name := key.(string)
		if prefix != "" {
			name = prefix + "[" + name + "]"
		}
		if err := f.readValue(dec, name, depth); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	if err != nil {
		return malformed("malformed_json", err)
	}
	return nil
}

func (f *Form) readValue(dec *json.Decoder, name string, depth int) error {
	token, err := dec.Token()
	if err != nil {
		return malformed("malformed_json", err)
	}
	switch value := token.(type) {
	case string:
		return f.set(name, value)
	case json.Number:
		return f.set(name, wholeNumber(value))
	case bool:
		return f.set(name, strconv.FormatBool(value))
	case json.Delim:
		if depth++; depth > maxDepth {
			return malformed("json_too_deep", nil)
		}
		if !f.skips(name) {
			f.lists[name] = 0
		}
		if len(f.lists) > f.most() {
			return errTooManyFields
		}
		if value == '{' {
			return f.readObject(dec, name, depth)
		}
		for n := 0; dec.More(); n++ {
			if err := f.readValue(dec, element(name, n), depth); err != nil {
				return err
			}
		}
		if _, err := dec.Token(); err != nil {
			return malformed("malformed_json", err)
		}
	}
	return nil // null is a missing field
}
