package dialects

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"callhue/calls"
)

// required are the fields without which a request means nothing. Every other one is optional.
var required = map[string][]string{
	"3cx":           {"CallType", "CallStartTimeLocal"},
	"amocrm-sync":   {},
	"bitrix24":      {"event", "data[CALL_ID]"},
	"bitrix24-sync": {"event", "data[CALL_ID]", "data[FIELDS][ID]"},
	"generic":       {"event", "call_id"},
	"itoolabs":      {"cmd", "type", "callid", "phone"},
	"mango":         {"json", "entry_id", "call_state"},
	"placetel":      {"event", "call_id"},
	"sipgate":       {"event", "callId"},
	"sipuni":        {"event", "call_id"},
	"telphin":       {"EventType", "CallID"},
	"twilio":        {"CallStatus", "CallSid", "ParentCallSid", "RecordingStatus"},
	"uis":           {"event", "call_session_id"},
	"zadarma":       {"event", "pbx_call_id", "call_id_with_rec"},
	"zammad":        {"event", "callId", "call_id", "callid"},
}

// damages are what becomes of a field between a PBX and us.
var damages = []struct {
	name  string
	value string
	list  bool
}{
	{"empty", "", false},
	{"a word", "not at all", false},
	{"null", "null", false},
	{"zero", "0", false},
	{"minus one", "-1", false},
	{"a huge number", "99999999999999999999", false},
	{"no UTF-8", "\xc8\xff\x98", false},
	{"control characters", "\x00\x1b\r\n", false},
	{"very long", strings.Repeat("x", 5000), false},
	{"a list", "", true},
}

// TestDamagedOptionalFieldsLoseNoEvent damages each optional field of every recorded request in turn. The events still
// come, of the same call and kind.
func TestDamagedOptionalFieldsLoseNoEvent(t *testing.T) {
	sources := testSources(t)
	for _, d := range All() {
		if d.Parse == nil {
			continue
		}
		damaged := 0
		for _, file := range requests(t, d.Name) {
			read := func(change func(f *Form)) (Parsed, error) {
				req := requestOf(t, file, sources)
				if err := req.ReadForm(nil); err != nil {
					return Parsed{}, err
				}
				if d.Name != "mango" || req.Rest == mangoPing {
					change(req.Form)
					return d.Read(req)
				}
				inner, err := req.Form.JSON("json")
				if err != nil {
					return Parsed{}, err
				}
				change(inner)
				return mangoEvent(req.Rest, inner)
			}
			whole, err := read(func(*Form) {})
			if err != nil || len(whole.Events) == 0 {
				continue
			}
			for _, name := range fieldsOf(t, file, sources) {
				if slices.ContainsFunc(required[d.Name], func(r string) bool { return strings.EqualFold(r, name) }) {
					continue
				}
				for _, damage := range damages {
					parsed, err := read(func(f *Form) { f.damage(name, damage.value, damage.list) })
					if err != nil {
						t.Errorf("%s: %s is %s: refused: %v", file, name, damage.name, err)
						continue
					}
					damaged++
					if lost := lostEvents(d.Name, whole, parsed); lost {
						t.Errorf("%s: %s is %s: %s became %s", file, name, damage.name, kindsOf(whole), kindsOf(parsed))
					}
				}
			}
		}
		t.Logf("%s: %d damaged requests", d.Name, damaged)
	}
}

// lostEvents reports whether a damaged request means less. Who talks may change what an event means: an answer without
// a name ends the ringing too, and the end of a part that cannot be assigned is only noted.
func lostEvents(dialect string, whole, damaged Parsed) bool {
	if len(damaged.Events) == 0 {
		return damaged.Note == "" && damaged.Ignored == ""
	}
	if dialect == "3cx" {
		return false // its reports have no id: the call is known by its fields
	}
	return damaged.Events[0].CallID != whole.Events[0].CallID
}

func kindsOf(parsed Parsed) string {
	var kinds []string
	for _, e := range parsed.Events {
		kinds = append(kinds, string(e.Kind)+" of "+e.CallID)
	}
	return strings.Join(kinds, ", ") + parsed.Note + parsed.Ignored
}

// requestOf returns a recorded request as its dialect sees it.
func requestOf(t *testing.T, file string, sources map[string]testSource) *Request {
	t.Helper()
	r := readRequest(t, file)
	body := new(bytes.Buffer)
	if _, err := body.ReadFrom(r.Body); err != nil {
		t.Fatal(err)
	}
	path := strings.SplitN(strings.TrimPrefix(r.URL.Path, "/hooks/"), "/", 2)
	source := sources[path[0]]
	req := &Request{Source: path[0], Settings: source.Settings, Method: r.Method, Query: r.URL.Query(),
		Header: r.Header.Get, Body: body.Bytes(), At: noon,
		URL: func() string { return "https://callhue.example" + r.URL.Path }}
	if len(path) == 2 {
		req.Rest = strings.Trim(path[1], "/")
	}
	return req
}

func fieldsOf(t *testing.T, file string, sources map[string]testSource) (names []string) {
	t.Helper()
	req := requestOf(t, file, sources)
	if err := req.ReadForm(nil); err != nil {
		t.Fatal(err)
	}
	form := req.Form
	if form.Has("vpbx_api_key") && form.Has("json") {
		var err error
		if form, err = form.JSON("json"); err != nil {
			t.Fatal(err)
		}
	}
	for name := range form.values {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// damage replaces the value of a field; a list takes the place of a text.
func (f *Form) damage(name, value string, list bool) {
	delete(f.values, name)
	if list {
		f.lists[name] = 1
		f.values[element(name, 0)] = "x"
		return
	}
	f.values[name] = value
}

// TestDamagedFieldsAreNoted: what was dropped is in what was understood.
func TestDamagedFieldsAreNoted(t *testing.T) {
	req := &Request{At: noon, Header: func(string) string { return "" }, Body: []byte(
		`{"event":"ended","call_id":"a","direction":"up","at":"yesterday","duration":"long","result":"so-so",` +
			`"recording_url":"rec.example/1"}`)}
	if err := req.ReadForm(nil); err != nil {
		t.Fatal(err)
	}
	d := generic()
	parsed, err := d.Read(req)
	if err != nil || len(parsed.Events) != 1 || parsed.Events[0].Kind != calls.Ended {
		t.Fatalf("%+v, %v", parsed, err)
	}
	var got []string
	for _, field := range parsed.Dropped {
		got = append(got, field.Field+" "+field.Code)
	}
	want := []string{"direction unknown_value", "at not_a_time", "duration wrong_type", "result unknown_value",
		"recording_url not_a_url"}
	if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
		t.Errorf("dropped %q, want %q", got, want)
	}
}
