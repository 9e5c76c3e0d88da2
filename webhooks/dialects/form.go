package dialects

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"callhue/internal/fault"
	"callhue/internal/text"
)

// Form holds the fields of a request by name, whether the body was a form or JSON. Nested JSON is spelled as PHP spells
// it in forms: {"data":{"ID":1}} is data[ID]=1, {"user":["a"]} is user[0]=a, and user[]=a is the same. Of a name that
// comes twice the last value counts.
//
// Its methods collect what is wrong; Fault returns it when all fields are read.
type Form struct {
	values map[string]string
	lists  map[string]int // the names of lists and objects; for name[] of a form, how many elements it has
	wrong  *fault.Error
}

// Bounds of a form.
const (
	maxFields = 1000
	maxDepth  = 32
)

// readForm reads a body by its content type; a body that begins like a JSON object is read as JSON anyway. Faults are
// invalid: malformed_json, json_too_deep, malformed_form, too_many_fields.
func readForm(contentType string, body []byte) (*Form, error) {
	f := &Form{values: map[string]string{}, lists: map[string]int{}}
	kind, params, _ := mime.ParseMediaType(contentType)
	trimmed := bytes.TrimLeft(body, " \t\r\n\ufeff")
	switch {
	case len(trimmed) == 0:
		return f, nil
	case trimmed[0] == '{', strings.HasSuffix(kind, "json"):
		return f, f.readJSON(trimmed)
	case kind == "multipart/form-data":
		return f, f.readParts(body, params["boundary"])
	}
	return f, f.readPairs(string(body))
}

func malformed(key string, cause error) error {
	return (&fault.Error{Kind: fault.KindInvalid, Key: key}).Because(cause)
}

var errTooManyFields = fault.Invalid("body", "too_many_fields")

// set adds a field. "user[]" is the next "user[n]".
func (f *Form) set(name, value string) error {
	if list, open := strings.CutSuffix(name, "[]"); open {
		name = element(list, f.lists[list])
		f.lists[list]++
	}
	if f.values[name] = value; len(f.values) > maxFields {
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
		if err := f.set(unescape(name), RestorePlus(unescape(value))); err != nil {
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
		return f.set(name, value.String())
	case bool:
		return f.set(name, strconv.FormatBool(value))
	case json.Delim:
		if depth++; depth > maxDepth {
			return malformed("json_too_deep", nil)
		}
		if f.lists[name] = 0; len(f.lists) > maxFields {
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

// Raw returns a field as it was sent: signatures are made over it.
func (f *Form) Raw(name string) string { return f.values[name] }

// Has reports whether a field was sent with any text in it.
func (f *Form) Has(name string) bool { return f.Text(name) != "" }

// Text returns a field without surrounding blanks and without what no database stores: broken UTF-8 and control
// characters.
func (f *Form) Text(name string) string { return text.OneLine(f.values[name]) }

// First returns the first of several fields that has any text.
func (f *Form) First(names ...string) string {
	for _, name := range names {
		if text := f.Text(name); text != "" {
			return text
		}
	}
	return ""
}

// Single is Text of a field that must not be a list or an object.
func (f *Form) Single(name string) string {
	text := f.Text(name)
	if text == "" && f.nested(name) {
		f.wrong = f.wrong.And(name, "wrong_type")
	}
	return text
}

// Need is Single of a required field.
func (f *Form) Need(name string) string {
	text := f.Single(name)
	if text == "" && !f.nested(name) {
		f.wrong = f.wrong.And(name, "required")
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

// Refuse adds a fault of one field.
func (f *Form) Refuse(name, code string) { f.wrong = f.wrong.And(name, code) }

// Fault returns what was wrong with the fields read so far, or nil.
func (f *Form) Fault() error { return f.wrong.OrNil() }

// maxSeconds is the longest duration that is accepted: a week.
const maxSeconds = 7 * 24 * 3600

// Seconds reads a duration in seconds, which may have a fraction. It is negative when it was not sent.
func (f *Form) Seconds(name string) time.Duration {
	text := f.Single(name)
	if text == "" {
		return -1
	}
	seconds, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil || seconds != seconds:
		f.Refuse(name, "wrong_type")
	case seconds < 0:
		f.Refuse(name, "negative")
	case seconds > maxSeconds:
		f.Refuse(name, "too_large")
	default:
		return time.Duration(seconds * float64(time.Second)).Round(time.Millisecond)
	}
	return -1
}

// Moment reads a time: RFC 3339, or seconds since 1970. It is zero when it was not sent.
func (f *Form) Moment(name string) time.Time {
	text := f.Single(name)
	if text == "" {
		return time.Time{}
	}
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil && at.Year() >= 1970 {
		return at.UTC()
	}
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil || !(seconds > 0 && seconds < 1<<33) {
		f.Refuse(name, "not_a_time")
		return time.Time{}
	}
	return time.UnixMilli(int64(seconds * 1000)).UTC()
}

// Link reads a URL. Only http and https are accepted, since it is shown as a link.
func (f *Form) Link(name string) string {
	text := f.Single(name)
	if text == "" {
		return ""
	}
	if u, err := url.Parse(text); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		f.Refuse(name, "not_a_url")
		return ""
	}
	return text
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

// AnyCase returns the form with its names in lower case, for senders that vary their spelling. Faults name the fields in
// lower case too.
func (f *Form) AnyCase() *Form {
	folded := &Form{values: make(map[string]string, len(f.values)), lists: make(map[string]int, len(f.lists))}
	for name, value := range f.values {
		folded.values[strings.ToLower(name)] = value
	}
	for name, n := range f.lists {
		folded.lists[strings.ToLower(name)] = n
	}
	return folded
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
