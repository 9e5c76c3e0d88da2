package web

import (
	"reflect"
	"testing"
)

type flatWord string

type textInput struct {
	Number string   `json:"number"`
	Agent  string   `json:"agent,omitempty"`
	Word   flatWord `json:"word"`
	Count  int      `json:"count"`
	Page   string   `query:"page" json:"-"`
	Quoted string   `json:"quoted,string"`
}

func FuzzTextFieldsAgree(f *testing.F) {
	for _, body := range []string{`{"number":"+74950000011","agent":"101"}`, `{ "number" : "1" , "word":"a"}` + "\n",
		`{"number":"a","number":"b"}`, `{}`, `{"number":null}`, `{"NUMBER":"x"}`, `{"number":"Ж"}`,
		"{\"number\":\"\xff\"}", `{"number":"a\u0041"}`, `{"count":1}`, `{"page":"2"}`, `{"-":"2"}`,
		`{"number":"a",}`, `{"number":"a"}{}`, `{"number":"a"`, `{"quoted":"a"}`, `{"quoted":"\"a\""}`,
		`{"number":"a","agent":"b","word":"c","other":"d"}`, `[]`, ``} {
		f.Add([]byte(body))
	}
	fields := textFieldsOf(reflect.TypeFor[textInput]())
	f.Fuzz(func(t *testing.T, body []byte) {
		var short, long textInput
		if !fields.read(body, reflect.ValueOf(&short).Elem()) {
			if short != (textInput{}) {
				t.Errorf("%q: declined, and set %+v", body, short)
			}
			return
		}
		if err := ReadJSON(body, &long); err != nil || short != long {
			t.Errorf("%q: the short way reads %+v, the long way %+v, %v", body, short, long, err)
		}
	})
}

func TestTheShortWayIsTaken(t *testing.T) {
	fields := textFieldsOf(reflect.TypeFor[textInput]())
	var in textInput
	if !fields.read([]byte(`{"number": "+74950000011", "agent":"101"}`), reflect.ValueOf(&in).Elem()) {
		t.Error("the usual body takes the long way")
	}
	type wide struct {
		textInput
		Agent string `json:"agent"`
	}
	if fields := textFieldsOf(reflect.TypeFor[wide]()); len(fields) != 0 {
		t.Errorf("a type with embedded fields is read the short way: %v", fields)
	}
}
