package calls

import (
	"testing"
	"unicode"

	"callhue/rules"
	"callhue/staff"
)

func TestLatin(t *testing.T) {
	for text, want := range map[string]string{
		"Щукин, ООО «Ёлка»":      "Schukin, OOO Elka",
		"Müller & Söhne, Groß":   "Mueller & Soehne, Gross",
		"Ünal Çelik":             "Uenal Celik",
		"Łukasz Żółć":            "Lukasz Zolc",
		"Jiří Dvořák":            "Jiri Dvorak",
		"Zoe\u0308, Andre\u0301": "Zoe, Andre",
		"Ţăndărică Đorđe":        "Tandarica Dorde",
		"Київ Їжак Ґанок":        "Kiyiv Yizhak Ganok",
		"Қазақстан Өңір":         "Qazaqstan Onir",
		"Παπαδόπουλος":           "Papadopoylos",
		"№ 5 — “Acme”\u00a0Ltd…": "No 5 - Acme Ltd...",
		"ﬁne":                    "fine",
		"北京 Acme":                " Acme",
		"שלום":                   "",
		"Acme":                   "Acme",
	} {
		got := latin(text)
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
		for _, r := range got {
			if r > unicode.MaxASCII || !unicode.IsPrint(r) {
				t.Errorf("%q: %q holds %q", text, got, r)
			}
		}
	}
}

// TestANameInNoLettersThatThePhoneKnows leaves no divider behind, and the marker stays.
func TestANameInNoLettersThatThePhoneKnows(t *testing.T) {
	card := Card{Verdict: VerdictPart{Color: rules.Red}, Subject: &Record{Kind: rules.KindCompany, Name: "北京有限公司", Owner: &staff.Person{ID: 3, Name: "Jürgen Müller"}}}
	for ascii, want := range map[bool]string{false: "[!] Müller - 北京有限公司", true: "[!] Mueller"} {
		if got := (*Tracker)(nil).CallerName(card, 0, ascii); got != want {
			t.Errorf("ascii %v: %q, want %q", ascii, got, want)
		}
	}
}
