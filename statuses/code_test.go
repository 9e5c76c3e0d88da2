package statuses

import (
	"encoding/json"
	"os"
	"testing"
)

// The form of the browser application is tested against the same table.
func TestCodes(t *testing.T) {
	text, err := os.ReadFile("testdata/codes.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Code  string `json:"code"`
		Valid bool   `json:"valid"`
		Why   string `json:"why"`
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		if wrong := codeFault(c.Code); (wrong == "") != c.Valid {
			t.Errorf("%q (%s): fault %q, want valid %t", c.Code, c.Why, wrong, c.Valid)
		}
		if codeRule.MatchString(c.Code) != c.Valid {
			t.Errorf("%q (%s): the pattern of the API's document differs from the check", c.Code, c.Why)
		}
	}
}
