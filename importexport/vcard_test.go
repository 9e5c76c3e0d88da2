package importexport

import (
	"io"
	"slices"
	"strings"
	"testing"

	"callhue/crm"
	"callhue/phone"
)

// moscow is the plan of the tests.
func moscow(t testing.TB) *phone.Plan {
	t.Helper()
	plan, err := phone.NewPlan("RU", "495")
	must(t, err)
	return plan
}

func readCards(t testing.TB, text string) (list []*draft) {
	t.Helper()
	c, err := openVCards(strings.NewReader(text), charsetUTF8, Contacts, nil, moscow(t))
	must(t, err)
	for {
		d, err := c.next()
		if err == io.EOF {
			return list
		}
		must(t, err)
		list = append(list, d)
	}
}

func TestCardsOfPhones(t *testing.T) {
	picture := "PHOTO;ENCODING=BASE64;JPEG:" + strings.Repeat("QUJD\r\n ", 40_000) + "\r\n"
	for _, c := range []struct {
		why, in string
		want    draft
	}{
		{"version 2.1 of an old phone: quoted printable, folded, types without a name",
			"BEGIN:VCARD\r\nVERSION:2.1\r\n" +
				"N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D0=91=D0=B5=D0=BB=D0=BA=D0=B8=D0=BD=D0=B0;=D0=90=\r\n=D0=BD=D0=BD=D0=B0;;;\r\n" +
				"TEL;CELL;PREF:8 916 " +
				"000-00-01\r\nTEL;WORK;VOICE:+74950000011\r\nTEL;FAX;WORK:84950000012\r\nEMAIL;INTERNET:a@example.com\r\n" + picture + "END:VCARD\r\n",
			draft{name: "Белкина Анна", phones: []crm.Phone{{Value: "8 916 000-00-01", Kind: "mobile"},
				{Value: "+74950000011", Kind: "work"}, {Value: "84950000012", Kind: "fax"}},
				emails: []string{"a@example.com"}}},
		{"version 2.1 in another encoding",
			"BEGIN:VCARD\nN;CHARSET=windows-1251;ENCODING=QUOTED-PRINTABLE:=C2=EE=EB=EA=EE=E2;=C1=EE=F0=E8=F1\nEND:VCARD\n", draft{name: "Волков Борис"}},
		{"version 3.0 of a computer: groups, escapes, folding",
			"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Анна \r\n Белкина\r\nN:Белкина;Анна;;;\r\nORG:Acme\\, Ltd\\; " +
				"Co;Sales\r\nTITLE:Head\\nof all\r\n" +
				"item1.TEL;type=CELL;type=VOICE;type=pref:+7 916 " +
				"000-00-01\r\nitem1.X-ABLabel:mine\r\nTEL;TYPE=\"home,voice\":+44 7700 " +
				"900123\r\nUID:AB-1\r\nEND:VCARD\r\n",
			draft{code: "AB-1", name: "Анна Белкина", post: "Head\nof all", companies: []string{"Acme, Ltd; Co"},
				phones: []crm.Phone{{Value: "+7 916 000-00-01", Kind: "mobile"},
					{Value: "+44 7700 900123", Kind: "home"}}}},
		{"version 4.0: numbers are URIs",
			"BEGIN:VCARD\nVERSION:4.0\nFN:Anna\nTEL;VALUE=uri;TYPE=\"voice,cell\":tel:+7-916-000-00-01;ext=12\nEND:VCARD\n", draft{name: "Anna", phones: []crm.Phone{{Value: "+7-916-000-00-01;ext=12", Kind: "mobile"}}}},
		{"a card that nobody ends", "BEGIN:VCARD\nFN:Anna\n",
			draft{name: "Anna", refusal: &Refusal{Code: "card_not_readable"}}},
		{"a card with a line that is none", "BEGIN:VCARD\nFN:Anna\nnonsense\nEND:VCARD\n",
			draft{name: "Anna", refusal: &Refusal{Code: "card_not_readable"}}},
	} {
		list := readCards(t, c.in)
		if len(list) != 1 {
			t.Errorf("%s: %d cards", c.why, len(list))
			continue
		}
		got := list[0]
		if got.line != 1 || got.code != c.want.code || got.name != c.want.name || got.post != c.want.post ||
			!slices.Equal(got.companies, c.want.companies) ||
			!slices.Equal(got.phones, c.want.phones) || !slices.Equal(got.emails, c.want.emails) ||
			(got.refusal == nil) != (c.want.refusal == nil) || got.refusal != nil &&
			got.refusal.Code != c.want.refusal.Code {
			t.Errorf("%s:\n%+v\nwant\n%+v", c.why, *got, c.want)
		}
	}
	two := readCards(t,
		"BEGIN:VCARD\nFN:A\nEND:VCARD\n\n\nBEGIN:VCARD\nFN:B\nTEL:1\nBEGIN:VCARD\nEND:VCARD\nBEGIN:VCARD\nFN:C\nEND:VCARD")
	if len(two) != 4 || two[1].refusal == nil || two[2].line != 9 || two[3].name != "C" || two[3].line != 11 {
		t.Errorf("cards after each other: %+v", two)
	}
}

// FuzzCards checks that no text makes the reader fail, and that text between two cards never hides
// the second one.
func FuzzCards(f *testing.F) {
	for _, seed := range []string{"BEGIN:VCARD\nFN:A\nTEL;CELL:+74950000011\nEND:VCARD\n", "TEL;TYPE=\"a:b\":1",
		"N;QUOTED-PRINTABLE:=\n=D0=\n", "BEGIN:VCARD\n x\n\ty\n", "a.b.c;d=e;f:g\\", "N:;;;;;;;;\\;"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		lines := strings.Count(text, "\n") + 1
		for _, d := range readCards(t, text) {
			if d.line < 1 || d.line > lines {
				t.Fatalf("%q has a card at line %d", text, d.line)
			}
		}
		const last = "\n\nEND:VCARD\nBEGIN:VCARD\nFN:Last\nEND:VCARD\n"
		list := readCards(t, text+last)
		if len(list) == 0 || list[len(list)-1].name != "Last" || list[len(list)-1].refusal != nil {
			t.Fatalf("%q loses the card behind it", text)
		}
	})
}
