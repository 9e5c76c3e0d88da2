package phone

import (
	"encoding/json"
	"testing"
	"unicode"

	"github.com/nyaruka/phonenumbers"
)

func TestKindSpelling(t *testing.T) {
	for kind, want := range map[Kind]string{Invalid: `"invalid"`, Hidden: `"hidden"`, Internal: `"internal"`,
		External: `"external"`} {
		out, err := json.Marshal(kind)
		if err != nil || string(out) != want {
			t.Errorf("%d is written %s, %v", kind, out, err)
		}
		var back Kind
		if err := json.Unmarshal(out, &back); err != nil || back != kind {
			t.Errorf("%s is read %v, %v", out, back, err)
		}
	}
	var k Kind
	if err := json.Unmarshal([]byte(`"External"`), &k); err == nil {
		t.Error("an unknown kind was read")
	}
}

func TestE164InJSON(t *testing.T) {
	for number, want := range map[E164]string{74950000011: `"+74950000011"`, 0: `""`} {
		out, err := json.Marshal(number)
		if err != nil || string(out) != want {
			t.Errorf("%d is written %s, %v", number, out, err)
		}
	}
}

func TestKeysNeverMeet(t *testing.T) {
	p := plan(t, "RU", "495")
	for raw, want := range map[string]int64{
		"+7 495 000-00-11": 74950000011, "849500000111": -849500000111, "101": 0, "": 0, "hello": 0,
		"12345678901234567890": 0,
	} {
		if got := p.Parse(raw).Key(); got != want {
			t.Errorf("%q has key %d, want %d", raw, got, want)
		}
	}
	if s := p.Parse("849500000111").String(); s != "" {
		t.Errorf("an invalid number is spelled %q", s)
	}
}

func TestEveryDecimalDigitIsFolded(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !unicode.IsDigit(r) {
			continue
		}
		if got := foldRune(r); got < '0' || got > '9' {
			t.Errorf("%U is folded to %q", r, got)
		}
		if before := r - 1; r > '0' && unicode.IsDigit(before) && foldRune(before) != '9' &&
			foldRune(r) != foldRune(before)+1 {
			t.Errorf("%U does not follow %U", r, before)
		}
	}
}

// TestSetAsideIsNeeded fails when the library learns a range: then it can go.
func TestSetAsideIsNeeded(t *testing.T) {
	for _, text := range []string{"+447700900000", "+447700900999", "+441632960000", "+441632960999"} {
		number, err := phonenumbers.Parse(text, nowhere)
		if err != nil || phonenumbers.IsValidNumber(number) {
			t.Errorf("%s needs no rule of ours (%v)", text, err)
		}
		if _, ok := valid(text, nowhere); !ok {
			t.Errorf("%s is refused", text)
		}
	}
	for _, beyond := range []int64{447700899999, 447700901000, 441632959999, 441632961000, 7700900123} {
		if setAside(beyond) {
			t.Errorf("%d is beyond the range", beyond)
		}
	}
}

func TestDialled(t *testing.T) {
	for _, tt := range []struct {
		country, want string
		e164          int64
	}{
		{"RU", "84950000011", 74950000011}, {"RU", "810447700900123", 447700900123},
		{"GB", "07700900123", 447700900123}, {"GB", "0074950000011", 74950000011}, {"RU", "", 0}, {"RU", "", -5},
	} {
		if got := plan(t, tt.country, "").Dialled(tt.e164); got != tt.want {
			t.Errorf("%d from %s is dialled %q, want %q", tt.e164, tt.country, got, tt.want)
		}
	}
}

func TestElsewhereKeepsTheLengthOfInternalNumbers(t *testing.T) {
	three, err := plan(t, "RU", "495").WithInternal(3, 3)
	if err != nil {
		t.Fatal(err)
	}
	abroad, err := three.Elsewhere("GB", "20")
	if err != nil {
		t.Fatal(err)
	}
	if n := abroad.Parse("101"); n.Kind != Internal {
		t.Errorf("101 is %v", n.Kind)
	}
	if n := abroad.Parse("10"); n.Kind == Internal {
		t.Error("10 is too short")
	}
	if _, err := three.Elsewhere("XX", ""); err == nil {
		t.Error("there is no country XX")
	}
}

func TestIsExtension(t *testing.T) {
	for text, want := range map[string]bool{"101": true, "10": true, "123456": true, "": false, "1": false,
		"1234567": false, "10a": false, "+101": false, "101\r\n": false, "١٠١": false} {
		if got := IsExtension(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
