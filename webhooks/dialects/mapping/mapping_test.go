package mapping

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"callhue/calls"
	"callhue/internal/fault"
	"callhue/internal/secrets"
)

// noon is when the tests happen: 2026-03-12 09:16:05 UTC, noon in Moscow.
var noon = time.Unix(1773306965, 0).UTC()

func parsed(t testing.TB, text string) *Mapping {
	t.Helper()
	m, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func request(contentType, body string) *Request {
	return &Request{Method: "POST", Body: []byte(body), At: noon, Query: url.Values{},
		Header: func(name string) string {
			if name == "Content-Type" {
				return contentType
			}
			return ""
		}}
}

// TestFaultsNameThePlace: the administrator sees where in the document the mistake is.
func TestFaultsNameThePlace(t *testing.T) {
	const whole = `"event":"e","call_id":"id"`
	tests := []struct{ why, document, field, code string }{
		{"no JSON", `{`, "", "malformed_json"},
		{"no object", `[]`, "", "malformed_json"},
		{"two documents", `{` + whole + `}{}`, "", "malformed_json"},
		{"too long", strings.Repeat(" ", MaxLength+1), "", "too_long"},
		{"nothing said of the call", `{"event":"e"}`, "call_id", "required"},
		{"a field that is none", `{` + whole + `,"agnet":"a"}`, "agnet", "unknown_field"},
		{"an event that is none", `{"call_id":"id","event":{"of":"e","map":{"RING":"rings"}}}`, "event.map.ring",
			"unknown_value"},
		{"a result that is none", `{` + whole + `,"result":[{"of":"r","map":{"x":"lost"}}]}`, "result.0.map.x",
			"unknown_value"},
		{"a broken path", `{` + whole + `,"number":["a","b[","c"]}`, "number.1", "malformed_path"},
		{"an unknown root", `{` + whole + `,"number":"$cookie.a"}`, "number", "malformed_path"},
		{"a unit of something else", `{` + whole + `,"at":{"of":"t","as":"hms"}}`, "at.as", "unknown_value"},
		{"a value of nothing", `{` + whole + `,"agent":{}}`, "agent", "required"},
		{"too deep", `{` + whole + `,"agent":` + strings.Repeat("[", 20) + `"a"` + strings.Repeat("]", 20) + `}`,
			"agent.0.0.0.0.0.0.0.0", "json_too_deep"},
		{"a zone that is none", `{` + whole + `,"zone":"Moscow"}`, "zone", "unknown_value"},
		{"a proof that is none", `{` + whole + `,"proof":{"by":"trust"}}`, "proof.by", "unknown_value"},
		{"no proof at all", `{` + whole + `,"proof":[]}`, "proof", "required"},
		{"a signature over nothing", `{` + whole + `,"proof":{"by":"hmac","of":"$header.S"}}`, "proof.over",
			"required"},
		{"the secret in an answer", `{` + whole + `,"reply":{"body":"{secret}"}}`, "reply.body", "unknown_value"},
		{"a cookie", `{` + whole + `,"reply":{"headers":{"Set-Cookie":"a=b"}}}`, "reply.headers.Set-Cookie",
			"unknown_value"},
		{"a probe without a condition", `{` + whole + `,"probe":[{}]}`, "probe.0.when", "required"},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			_, err := Parse(tt.document)
			f := fault.Of(err)
			if f == nil || f.Kind != fault.KindInvalid || f.Fields[0] != (fault.Field{Field: tt.field, Code: tt.code}) {
				t.Errorf("%+v", err)
			}
		})
	}
}

// TestValues: one field, of many forms.
func TestValues(t *testing.T) {
	const body = `{"a":{"b":[{"k":"1","v":"one"},{"k":"2","v":"two"}],"none":"null"},
		"text":"{\"x\":{\"y\":7}}","owner":"101 - Ivanov",
		"sip":"<sip:101@pbx.example;user=phone>","name":"Client (+7 495 000-00-11)",
		"dot.ted":"d","list":["","first","last"],"empty":null}`
	tests := []struct{ why, value, want string }{
		{"a path", `"a.b[0].v"`, "one"},
		{"the last element", `"a.b[-1].v"`, "two"},
		{"where another field is so", `"a.b[k=2].v"`, "two"},
		{"where it is not so", `"a.b[k!=2].v"`, "one"},
		{"the first of all that is something", `"list[*]"`, "first"},
		{"the last of all", `{"of":"list[*]","pick":"last"}`, "last"},
		{"a name with a dot", `"[\"dot.ted\"]"`, "d"},
		{"JSON in a text", `"text.x.y"`, "7"},
		{"the first that is something", `["a.none","empty","a.b[1].v"]`, "two"},
		{"a constant", `"=text"`, "text"},
		{"joined", `{"of":["a.b[0].k","a.b[1].k"]}`, "1+2"},
		{"joined and translated", `{"of":["a.b[0].k","a.b[1].k"],"map":{"1+*":"yes","*":"no"}}`, "yes"},
		{"in any case of letters", `{"of":"a.b[0].v","map":{"ONE":"yes"}}`, "yes"},
		{"not in the map", `{"of":"a.b[0].v","map":{"x":"yes"}}`, ""},
		{"nothing, translated", `{"of":"empty","map":{"":"nothing"}}`, "nothing"},
		{"nothing is not any", `{"of":"empty","map":{"*":"any"}}`, ""},
		{"before", `{"of":"owner","before":" - "}`, "101"},
		{"after", `{"of":"owner","after":" - "}`, "Ivanov"},
		{"the user of an address", `{"of":"sip","user":true}`, "101"},
		{"in brackets", `{"of":"name","brackets":true}`, "+7 495 000-00-11"},
		{"only like a pattern", `{"of":"owner","only":"102*"}`, ""},
		{"only unlike a pattern", `{"of":"owner","only":"!102*"}`, "101 - Ivanov"},
		{"by event", `{"by_event":{"Ring":"a.b[0].v","*":"a.b[1].v"}}`, "one"},
		{"by direction", `{"in":"a.b[1].v","out":"a.b[0].v"}`, "two"},
		{"around the body", `"$method"`, "POST"},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			m := parsed(t, `{"event":{"of":"=ring","map":{"ring":"ringing"}},"call_id":"=c","direction":"=in",
				"agent":`+tt.value+`}`)
			result, err := m.Apply(request("application/json", body), "", nil)
			if err != nil || len(result.Events) != 1 || result.Events[0].Agent != tt.want {
				t.Errorf("%+v %v", result, err)
			}
		})
	}
}

func TestMoments(t *testing.T) {
	moscow, err := time.LoadLocation("Europe/Moscow")
	if err != nil {
		t.Fatal(err)
	}
	const want = "2026-03-12T09:16:04Z"
	tests := []struct{ why, text, as, want string }{
		{"seconds", "1773306964", "", want},
		{"seconds with a fraction", "1773306964.000", "s", want},
		{"milliseconds by their size", "1773306964000", "", want},
		{"microseconds by their size", "1773306964000000", "", want},
		{"Gregorian seconds", "63940526164", "gregorian", want},
		{"ISO", "2026-03-12T12:16:04+03:00", "iso", want},
		{"ISO without a colon in the zone", "2026-03-12T12:16:04+0300", "", want},
		{"with a zone behind a blank", "2026-03-12 12:16:04 +0300", "", want},
		{"local", "2026-03-12 12:16:04", "", want},
		{"local, the German way", "12.03.2026 12:16:04", "local", want},
		{"local in digits", "20260312121604", "", want},
		{"the beginning of time", "1970-01-01 05:30:00", "", ""},
		{"zero", "0", "", ""},
		{"minus one", "-1", "s", ""},
		{"words", "yesterday", "", ""},
		{"not a number", "NaN", "", ""},
		{"milliseconds said to be seconds", "1773306964000", "s", ""},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			at, ok := moment(tt.text, tt.as, moscow)
			if ok != (tt.want != "") || ok && at.Format(time.RFC3339) != tt.want {
				t.Errorf("%v %v", at, ok)
			}
		})
	}
}

func TestDurations(t *testing.T) {
	tests := []struct {
		text, as string
		want     time.Duration
	}{
		{"42", "", 42 * time.Second}, {"42500", "ms", 42500 * time.Millisecond}, {"1:02:03", "", 3723 * time.Second},
		{"02:03", "hms", 123 * time.Second}, {"0", "s", 0}, {"-1", "", -1}, {"1e300", "ms", -1}, {"NaN", "", -1},
		{"1:2:3:4", "", -1}, {"999:00:00", "", -1},
	}
	for _, tt := range tests {
		got, ok := duration(tt.text, tt.as)
		if ok != (tt.want >= 0) || ok && got != tt.want {
			t.Errorf("%q %q: %v %v", tt.text, tt.as, got, ok)
		}
	}
}

// TestProofs: each kind of proof, and each way to be refused. The signature was made with openssl.
func TestProofs(t *testing.T) {
	const hashed = `{"by":"hmac","of":"$header.S","over":"{secret}|{field_url:webhook_url}|{field:type}|{header:T}"}`
	tests := []struct {
		why, proof string
		headers    map[string]string
		refused    string
	}{
		{"hmac over fields", hashed, map[string]string{"T": "2026-03-12 09:16:04",
			"S": "b577a1cfc225182dbe7333454366e68958ce58d2e038c272338fa6695e16187b"}, ""},
		{"hmac over other fields", hashed, map[string]string{"T": "2026-03-12 09:16:05",
			"S": "b577a1cfc225182dbe7333454366e68958ce58d2e038c272338fa6695e16187b"}, "wrong_signature"},
		{"no signature", hashed, nil, "signature_missing"},
		{"a token", `{"by":"header","of":"$header.Authorization","prefix":"Bearer "}`,
			map[string]string{"Authorization": "Bearer SECRET-of-x"}, ""},
		{"a token without its prefix", `{"by":"header","of":"$header.Authorization","prefix":"Bearer "}`,
			map[string]string{"Authorization": "SECRET-of-x"}, "wrong_token"},
		{"no token", `{"by":"header","of":"$header.X"}`, nil, "token_missing"},
		{"a field", `{"by":"field","of":"type"}`, nil, "wrong_token"},
		{"two, of which one fails", `[{"by":"header","of":"$header.A"},{"by":"path"}]`,
			map[string]string{"A": "SECRET-of-x"},
			"secret_missing"},
		{"a user of Basic that is another", `{"by":"basic","user":"callhue"}`,
			map[string]string{"Authorization": "Basic b3RoZXI6U0VDUkVULW9mLXg="}, "wrong_token"},
		{"Basic", `{"by":"basic","user":"other"}`,
			map[string]string{"Authorization": "Basic b3RoZXI6U0VDUkVULW9mLXg="}, ""},
		{"a signature that is too old", `{"by":"hmac","of":"$header.S","over":"{body}","time":"$header.T"}`,
			map[string]string{"S": "00", "T": "1773300000"}, "signature_too_old"},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			m := parsed(t, `{"event":"e","call_id":"id","proof":`+tt.proof+`}`)
			r := request("application/json", `{"webhook_url":"https://x.example/a?b=c","type":"call.completed"}`)
			r.Header = func(name string) string { return tt.headers[name] }
			_, err := m.Authenticate(r, secrets.Set{"SECRET-of-x"})
			if key := keyOf(err); key != tt.refused {
				t.Errorf("%q, not %q", key, tt.refused)
			}
		})
	}
}

func keyOf(err error) string {
	if f := fault.Of(err); f != nil {
		return f.Key
	}
	return ""
}

// TestWhatIsToldOnce: the direction, the agent of a leg, and the call of a leg are known later.
func TestWhatIsToldOnce(t *testing.T) {
	m := parsed(t, `{"event":{"of":"e","map":{"ring":"ringing","up":"answered","end":"ended"}},"call_id":"id",
		"leg":"leg","direction":{"of":"dir","map":{"i":"in","o":"out"}},"number":{"in":"a","out":"b"},
		"agent":{"in":"b","out":"a"}}`)
	memory := Scratch{}
	var got []string
	for _, body := range []string{
		`{"e":"ring","id":"c","leg":"1","dir":"i","a":"client"}`,
		`{"e":"ring","id":"c","leg":"2","dir":"o","a":"client","b":"101"}`, // a later leg goes the other way
		`{"e":"up","id":"other","leg":"2","a":"client"}`,                   // the leg stays with its call
		`{"e":"end","id":"c","leg":"1","a":"client"}`,                      // the other leg goes on
		`{"e":"end","id":"c","leg":"2","a":"client"}`,
	} {
		result, err := m.Apply(request("application/json", body), "", memory)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range result.Events {
			got = append(got, strings.Join([]string{string(e.Kind), e.CallID, e.Leg, string(e.Direction), e.Number,
				e.Agent}, " "))
		}
	}
	want := []string{"ringing c 1 in client ", "ringing c 2 in client 101", "answered c 2 in client 101",
		"ended c 2 in client 101"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestPresetsAreWhole: each preset can be read, says what an administrator does, and that it was not tried.
func TestPresetsAreWhole(t *testing.T) {
	for _, name := range Presets() {
		m, err := Parse(Preset(name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if m.Title.EN == "" || m.About.RU == "" || m.About.EN == "" || !m.Published {
			t.Errorf("%s lacks a part", name)
		}
	}
	if Preset("../presets/zoom") != "" || Preset("") != "" {
		t.Error("a name that is none")
	}
}

// TestFlatten: what is shown is found by its path.
func TestFlatten(t *testing.T) {
	r := request("application/x-www-form-urlencoded",
		"Legs[0][Number]=101&user[]=a&user[]=b&msg=%7B%22x%22%3A1%7D&dot.ted=d&bare")
	fields, err := Flatten(nil, r)
	if err != nil {
		t.Fatal(err)
	}
	want := []RequestField{{"Legs[0].Number", "101"}, {"user[0]", "a"}, {"user[1]", "b"}, {"msg.x", "1"},
		{`["dot.ted"]`,
			"d"}, {"bare", ""}}
	if diff := cmp.Diff(want, fields); diff != "" {
		t.Error(diff)
	}
	root, err := (&Mapping{}).tree(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range fields {
		p, ok := parsePath(f.Path)
		if found := find(root, p.steps); !ok || len(found) != 1 || found[0].text != f.Text {
			t.Errorf("%s finds %v", f.Path, found)
		}
	}
}

// TestBounds: a request that would cost too much is refused.
func TestBounds(t *testing.T) {
	many := strings.Repeat("1,", maxNodes+1) + "1"
	for why, r := range map[string]*Request{
		"too_many_fields": request("application/json", `{"a":[`+many+`]}`),
		"json_too_deep":   request("application/json", strings.Repeat("[", 100)+strings.Repeat("]", 100)),
		"malformed_xml":   request("text/xml", `<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>`),
	} {
		_, err := Flatten(nil, r)
		if f := fault.Of(err); f == nil || f.Fields[0].Code != why {
			t.Errorf("%s: %v", why, err)
		}
	}
}

// FuzzApply reads anything with anything: it does not panic, blames the input, and yields only what calls can store.
func FuzzApply(f *testing.F) {
	for _, name := range Presets() {
		f.Add(Preset(name), "application/json", []byte(`{"event":"call.created","data":{"id":1}}`))
	}
	f.Add(Preset("kazoo"), "application/x-www-form-urlencoded", []byte("hook_event=channel_create&call_id=1&a[b][]=2"))
	f.Fuzz(func(t *testing.T, document, contentType string, body []byte) {
		m, err := Parse(document)
		if err != nil {
			return
		}
		r := request(contentType, string(body))
		if _, err := m.Authenticate(r, secrets.Set{"SECRET-of-x"}); err != nil && fault.Is(err, fault.KindInternal) {
			t.Error(err)
		}
		result, err := m.Apply(r, "SECRET-of-x", nil)
		if err != nil {
			if !fault.Is(err, fault.KindInvalid) {
				t.Error(err)
			}
			return
		}
		for _, e := range result.Events {
			if e.CallID == "" || e.Kind == "" || strings.ContainsAny(e.CallID+e.Agent+e.Number, "\x00\r\n") {
				t.Errorf("%+v", e)
			}
		}
	})
}

// BenchmarkParseAndApply is what a mapped request costs, the reading of the document included.
func BenchmarkParseAndApply(b *testing.B) {
	text := Preset("zoom")
	r := request("application/json", `{"event":"phone.callee_ringing","event_ts":1773306964600,
		"payload":{"object":{"call_id":"z",
		"caller":{"phone_number":"+74950000011"},"callee":{"extension_number":101}}}}`)
	for b.Loop() {
		m, err := Parse(text)
		if err != nil {
			b.Fatal(err)
		}
		if result, err := m.Apply(r, "", nil); err != nil || result.Events[0].Kind != calls.Ringing {
			b.Fatal(result, err)
		}
	}
}
