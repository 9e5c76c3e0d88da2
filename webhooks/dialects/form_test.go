package dialects

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"callhue/internal/fault"
)

func TestForm(t *testing.T) {
	const form, js = "application/x-www-form-urlencoded", "application/json"
	many := strings.Repeat("a[]=1&", maxFields+1)
	tests := []struct {
		name, kind, body string
		want             map[string]string
		key              string // of the fault
	}{
		{"plain", form, "a=1&b=2", map[string]string{"a": "1", "b": "2"}, ""},
		{"the last one counts", form, "a=1&a=2", map[string]string{"a": "2"}, ""},
		{"brackets", form, "data[FIELDS][ID]=310", map[string]string{"data[FIELDS][ID]": "310"}, ""},
		{"brackets in percent", form, "data%5BFIELDS%5D%5BID%5D=310", map[string]string{"data[FIELDS][ID]": "310"}, ""},
		{"a list", form, "user[]=a&user%5B%5D=b", map[string]string{"user[0]": "a", "user[1]": "b"}, ""},
		{"a plus is a blank, but before a number", form, "n=+7495&m=%2B7495&a=b+c&d=+e&f=+", map[string]string{"n": "+7495", "m": "+7495", "a": "b c", "d": " e", "f": " "}, ""},
		{"broken escapes stay", form, "n=100%&m=%zz", map[string]string{"n": "100%", "m": "%zz"}, ""},
		{"empty parts", form, "&&a=&=b&c", map[string]string{"a": "", "c": ""}, ""},
		{"no content type", "", "a=1", map[string]string{"a": "1"}, ""},
		{"nothing", form, "  ", map[string]string{}, ""},
		{"too many fields", form, many, nil, "invalid_input"},
		{"json", js, `{"a":"x","b":1.50,"c":true,"d":null}`, map[string]string{"a": "x", "b": "1.50", "c": "true"}, ""},
		{"json spelled as php spells it", js, `{"data":{"FIELDS":{"ID":1}},"user":["a",{"id":2}]}`,
			map[string]string{"data[FIELDS][ID]": "1", "user[0]": "a", "user[1][id]": "2"}, ""},
		{"json that is called a form", form, ` {"a":1}`, map[string]string{"a": "1"}, ""},
		{"json with a byte order mark", js, "\ufeff{\"a\":1}", map[string]string{"a": "1"}, ""},
		{"empty lists without end", js, `{"a":[` + strings.Repeat("[],", maxFields+1) + "1]}", nil, "invalid_input"},
		{"json cut off", js, `{"a":`, nil, "malformed_json"},
		{"json cut off in an object", js, `{"a":{"b":1}`, nil, "malformed_json"},
		{"json cut off in a list", js, `{"a":[1,`, nil, "malformed_json"},
		{"two jsons", js, `{"a":1}{"b":1}`, nil, "malformed_json"},
		{"a list is no object", js, `[1]`, nil, "malformed_json"},
		{"a word is no object", js, `hello`, nil, "malformed_json"},
		{"json 32 deep", js, strings.Repeat(`{"a":`, 32) + "1" + strings.Repeat("}", 32), map[string]string{"a" + strings.Repeat("[a]", 31): "1"}, ""},
		{"json 33 deep", js, strings.Repeat(`{"a":`, 33) + "1" + strings.Repeat("}", 33), nil, "json_too_deep"},
		{"lists a million deep", js, `{"a":` + strings.Repeat("[", 1<<20), nil, "json_too_deep"},
		{"multipart", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x--\r\n", map[string]string{"a": "1"}, ""},
		{"multipart without a boundary", "multipart/form-data", "--x\r\n", nil, "malformed_form"},
		{"multipart cut off", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1", nil, "malformed_form"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := readForm(tt.kind, []byte(tt.body), nil)
			if tt.key != "" {
				if got := fault.Of(err); got == nil || got.Kind != fault.KindInvalid || got.Key != tt.key {
					t.Fatalf("got %v, want the fault %s", err, tt.key)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, f.values); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFields(t *testing.T) {
	f := &Form{values: map[string]string{"name": " \u00a0Acme\x00\u0416 ", "list[0]": "a", "zero": "0", "broken": "41.5", "minus": "-1", "week": "604801",
		"nan": "NaN", "unix": "1773306964", "rfc": "2026-03-12T12:16:04+03:00", "old": "0001-01-01T00:00:00Z", "huge": "1e30",
		"link": "https://rec.example/1.mp3", "script": "javascript:alert(1)", "file": "file:///etc/passwd", "path": "/1.mp3"}}
	if got := f.Text("name"); got != "Acme \u0416" {
		t.Errorf("text %q", got)
	}
	if got := f.First("none", "zero", "name"); got != "0" {
		t.Errorf("first %q", got)
	}
	at := time.Date(2026, 3, 12, 9, 16, 4, 0, time.UTC)
	if got := f.Moment("unix"); !got.Equal(at) {
		t.Errorf("unix %v", got)
	}
	if got := f.Moment("rfc"); !got.Equal(at) {
		t.Errorf("rfc %v", got)
	}
	if f.Seconds("zero") != 0 || f.Seconds("broken") != 41500*time.Millisecond || f.Seconds("none") != -1 || !f.Moment("none").IsZero() {
		t.Error("durations are read wrong")
	}
	if f.Link("link") == "" || f.Link("none") != "" {
		t.Error("links are read wrong")
	}
	if err := f.Fault(); err != nil {
		t.Fatalf("what was right is refused: %v", err)
	}
	f.Need("none")
	f.Need("list")
	f.Single("list")
	f.Seconds("minus")
	f.Seconds("week")
	f.Seconds("nan")
	f.Moment("old")
	f.Moment("huge")
	f.Link("script")
	f.Link("file")
	f.Link("path")
	wrong := []fault.Field{{Field: "none", Code: "required"}, {Field: "list", Code: "wrong_type"}}
	if diff := cmp.Diff(wrong, fault.Of(f.Fault()).Fields); diff != "" {
		t.Error(diff)
	}
	dropped := []fault.Field{{Field: "list", Code: "wrong_type"},
		{Field: "minus", Code: "negative"}, {Field: "week", Code: "too_large"}, {Field: "nan", Code: "wrong_type"}, {Field: "old", Code: "not_a_time"},
		{Field: "huge", Code: "not_a_time"}, {Field: "script", Code: "not_a_url"}, {Field: "file", Code: "not_a_url"}, {Field: "path", Code: "not_a_url"}}
	if diff := cmp.Diff(dropped, f.Dropped()); diff != "" {
		t.Error(diff)
	}
}

// TestCharsets: senders that are not told to use UTF-8 write in the code page of their Windows.
func TestCharsets(t *testing.T) {
	const form = "application/x-www-form-urlencoded"
	tests := []struct{ kind, body, want, why string }{
		{form, "user=M%FCller", "Müller", "a Western letter between plain ones"},
		{form, "user=M%C3%BCller", "Müller", "UTF-8"},
		{form + "; charset=ISO-8859-1", "user=M\xfcller", "Müller", "the content type says it, and the byte is bare"},
		{form, "user=%C8%E2%E0%ED%EE%E2", "Иванов", "Cyrillic letters stand together"},
		{form + "; charset=windows-1251", "user=%C8", "И", "one letter, and the content type says it"},
		{form + "; charset=windows-1251", "user=%D0%98", "И", "UTF-8 whatever the content type says"},
		{"application/json", "{\"user\":\"\xc8\xe2\xe0\xed\xee\xe2\"}", "Иванов", "JSON, which ought to be UTF-8"},
		{"application/json", "{\"user\":\"Andr\xe9\"}", "André", "JSON in Western letters"},
	}
	for _, tt := range tests {
		f, err := readForm(tt.kind, []byte(tt.body), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Text("user"); got != tt.want {
			t.Errorf("%s: %q: %q, want %q", tt.why, tt.body, got, tt.want)
		}
	}
}

// TestNumbersOfJSON: whole numbers lose the fraction or the exponent that a sender's language adds.
func TestNumbersOfJSON(t *testing.T) {
	for number, want := range map[string]string{
		"74950000011": "74950000011", "74950000011.0": "74950000011", "7.4950000011e10": "74950000011",
		"102.0": "102", "1773306964.5": "1773306964.5", "1e30": "1e30", "-1.0": "-1", "0.0": "0"} {
		if got := wholeNumber(json.Number(number)); got != want {
			t.Errorf("%s becomes %s, want %s", number, got, want)
		}
	}
}

// FuzzForm: any body is a form or the sender's fault.
func FuzzForm(f *testing.F) {
	f.Add("application/json", []byte(`{"a":[{"b":1}],"c":null}`))
	f.Add("application/x-www-form-urlencoded", []byte("a[]=1&b%5Bc%5D=%zz&=&"))
	f.Add("multipart/form-data; boundary=x", []byte("--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x--\r\n"))
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		form, err := readForm(kind, body, nil)
		if err != nil {
			mustBe(t, err, fault.KindInvalid)
			return
		}
		if len(form.values) > maxFields {
			t.Errorf("%d fields", len(form.values))
		}
		for name := range form.values {
			form.Need(name)
			form.Seconds(name)
			form.Moment(name)
			form.Link(name)
		}
		if err := form.Fault(); err != nil {
			mustBe(t, err, fault.KindInvalid)
		}
	})
}
