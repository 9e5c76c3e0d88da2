package calls

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestACardIsWrittenAsEncodingJSONWould fills every field of a card with whatever is hard to write, and compares the
// two ways.
func TestACardIsWrittenAsEncodingJSONWould(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c Card
		fillAny(t, reflect.ValueOf(&c).Elem())
		want, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		got, err := c.AppendJSON([]byte("before"))
		if err != nil || string(got) != "before"+string(want) {
			t.Fatalf("%v\n got %s\nwant before%s", err, got, want)
		}
	})
}

func TestATimeThatJSONRefusesIsRefused(t *testing.T) {
	c := Card{Verdict: VerdictPart{DecidedAt: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}}
	if _, err := json.Marshal(c); err == nil {
		t.Fatal("encoding/json takes it now")
	}
	if _, err := c.AppendJSON(nil); err == nil {
		t.Error("a year beyond 9999 was written")
	}
}

// hardTexts need care in JSON.
var hardTexts = []string{"", "Acme", "ООО «Ромашка»", `"quoted" \ back`, "<b>&amp;</b>", "line\nbreak\ttab\x00\x7f", "\u2028\u2029",
	"broken \xff\xc3", "€ “typographic”", "😀", strings.Repeat("x", 300)}

func fillAny(t *rapid.T, v reflect.Value) {
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(time.UnixMilli(rapid.Int64Range(-62135596800000, 253402300799999).Draw(t, "ms")).UTC()))
		return
	case json.RawMessage:
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(rapid.OneOf(rapid.SampledFrom(hardTexts), rapid.String()).Draw(t, "text"))
	case reflect.Int, reflect.Int64:
		v.SetInt(rapid.Int64().Draw(t, "number"))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "bool"))
	case reflect.Float64:
		v.SetFloat(rapid.Float64Range(-1e9, 1e9).Draw(t, "number"))
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fillAny(t, v.Field(i))
			}
		}
	case reflect.Pointer:
		if rapid.Bool().Draw(t, "there") {
			v.Set(reflect.New(v.Type().Elem()))
			fillAny(t, v.Elem())
		}
	case reflect.Slice:
		if n := rapid.IntRange(-1, 2).Draw(t, "length"); n >= 0 {
			v.Set(reflect.MakeSlice(v.Type(), n, n))
			for i := range n {
				fillAny(t, v.Index(i))
			}
		}
	default:
		t.Fatalf("the test does not know %s: teach it, and Card.AppendJSON", v.Type())
	}
}
