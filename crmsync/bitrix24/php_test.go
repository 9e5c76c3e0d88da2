package bitrix24

import (
	"encoding/json"
	"reflect"
	"testing"
)

func TestValuesOfPHP(t *testing.T) {
	for written, want := range map[string]text{
		`"7"`: "7", `7`: "7", `7.5`: "7.5", `true`: "true", `false`: "", `null`: "", `[]`: "", `{}`: "",
		`"Ва\u0441я"`: "Вася", `""`: "",
	} {
		var got text
		if err := json.Unmarshal([]byte(written), &got); err != nil || got != want {
			t.Errorf("%s: %q, %v", written, got, err)
		}
	}
	for written, want := range map[string]list[text]{
		`["1",2]`: {"1", "2"}, `{"0":"1","7":2}`: {"1", "2"}, `[]`: {}, `{}`: nil, `null`: nil, `false`: nil, `""`: nil,
	} {
		var got list[text]
		if err := json.Unmarshal([]byte(written), &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %#v, %v", written, got, err)
		}
	}
	for written, want := range map[string]dict[list[text]]{
		`{"LEAD":[1]}`: {"LEAD": {"1"}}, `{}`: {}, `[]`: nil, `null`: nil,
	} {
		var got dict[list[text]]
		if err := json.Unmarshal([]byte(written), &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %#v, %v", written, got, err)
		}
	}
}
