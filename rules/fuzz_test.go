package rules

import (
	"encoding/json"
	"slices"
	"testing"
)

// FuzzPolicy: no text panics on its way to a policy. One that Validate lets pass
// gives a verdict of a known colour and words for every scene, and comes back from
// its own JSON as it was.
func FuzzPolicy(f *testing.F) {
	shipped, err := json.Marshal(Default())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(shipped)
	for _, seed := range []string{`{}`, `{"priority":[]}`, `{"priority":["lead","deal"]}`,
		`{"palette":{"red":{"back":"#12345g"}}}`, `{"lookup_ms":-1}`,
		`{"texts":{"own":{"icon":"stop","en":{"title":"[{owner}]"}}}}`, `{"texts":{"own":{"ru":{"text":"[{owner"}}}}`,
		`{"do_not_call":"block","suffix_match":true}`,
		`{"keep_calls_days":9999999999}`, `{"texts":null,"notify":null,"priority":null}`, `[]`, `null`, ``} {
		f.Add([]byte(seed))
	}
	colors := []Color{Red, Yellow, Blue, None, Grey}
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := ReadPolicy(body)
		if err != nil {
			return
		}
		bad := slices.ContainsFunc(p.Validate(), func(problem Problem) bool { return !problem.Warning })
		for _, bench := range benchScenes() {
			for _, direction := range []Direction{Out, In} {
				scene := bench.scene
				scene.Direction, scene.DoNotCall = direction, true
				v := Judge(scene, p)
				for _, lang := range []string{"ru", "en"} {
					title, text := p.Words(v, lang, fullNames)
					if bad {
						continue // it must not panic, and never becomes active
					}
					if !slices.Contains(colors, v.Color) || title == "" || text == "" || v.DoNotCall == "" {
						t.Fatalf("%s, %s: %+v, %q, %q", bench.name, direction, v, title, text)
					}
				}
			}
		}
		if bad {
			return
		}
		raw, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		again, err := ReadPolicy(raw)
		if err != nil {
			t.Fatal(err)
		}
		if twice, err := json.Marshal(again); err != nil || string(twice) != string(raw) {
			t.Fatalf("%s\nbecame %s, %v", raw, twice, err)
		}
	})
}
