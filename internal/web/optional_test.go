package web

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"callhue/internal/fault"
)

func TestOptional(t *testing.T) {
	t.Parallel()
	type ref struct {
		Login string `json:"login"`
	}
	type Embedded struct {
		Name Optional[string] `json:"name"`
	}
	type input struct {
		Embedded
		Owner  Optional[ref]      `json:"owner"`
		Emails Optional[[]string] `json:"emails"`
	}
	for _, c := range []struct {
		why, body string
		want      input
		field     string // at fault
	}{
		{"left out", `{}`, input{}, ""},
		{"null empties", `{"name":null,"emails":null}`,
			input{Embedded: Embedded{Some("")}, Emails: Some[[]string](nil)}, ""},
		{"values", `{"name":"A","owner":{"login":"ann"}}`,
			input{Embedded: Embedded{Some("A")}, Owner: Some(ref{"ann"})}, ""},
		{"a wrong type names its field", `{"name":7}`, input{}, "name"},
		{"also inside an object", `{"owner":{"login":7}}`, input{}, "owner.login"},
		{"an item of a list", `{"emails":[7]}`, input{}, "emails"},
		{"an unknown field of an object", `{"owner":{"logon":"ann"}}`, input{}, "logon"},
	} {
		var got input
		err := ReadJSON([]byte(c.body), &got)
		if c.field != "" {
			f := fault.Of(err)
			if f == nil || len(f.Fields) != 1 || f.Fields[0].Field != c.field {
				t.Errorf("%s: %v", c.why, err)
			}
			continue
		}
		if d := cmp.Diff(c.want, got); err != nil || d != "" {
			t.Errorf("%s: %v %s", c.why, err, d)
		}
	}
}
