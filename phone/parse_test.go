package phone

import (
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"
)

func plan(t testing.TB, country, area string) *Plan {
	t.Helper()
	p, err := NewPlan(country, area)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestSpellings proves that every spelling of one number is that number.
func TestSpellings(t *testing.T) {
	const e164 = 74950000011
	p := plan(t, "RU", "495")
	cases := []struct{ raw, extension, why string }{
		{"+74950000011", "", "E.164"},
		{"74950000011", "", "E.164 without the plus, as most PBXs send it"},
		{"84950000011", "", "the trunk prefix 8"},
		{"4950000011", "", "the national number alone"},
		{"0000011", "", "seven digits of our own city"},
		{"000-00-11", "", "the same as it is written on a door"},
		{"0074950000011", "", "the international prefix 00"},
		{"81074950000011", "", "the Russian international prefix 8 10"},
		{"8~10 7 495 000 00 11", "", "the tilde marks a second dial tone"},
		{" 74950000011", "", "a plus that form decoding turned into a blank"},
		{"74950000011 ", "", "a trailing blank in a stored value"},
		{"\t+74950000011\r\n", "", "a line of a file"},
		{"+7 495 000 00 11", "", "blanks"},
		{"+7 (495) 000-00-11", "", "the usual Russian spelling"},
		{"8 (495) 000-00-11", "", "the usual Russian spelling with 8"},
		{"7 (495) 000-00-11", "", "a country code without a plus"},
		{"(495) 000-00-11", "", "area code in brackets"},
		{"(495)000 00 11", "", "brackets without a blank"},
		{"8-495-000-00-11", "", "dashes only"},
		{"8.495.000.00.11", "", "dots"},
		{"8/495/0000011", "", "slashes, frequent in imported data"},
		{"+7/495/000/00/11", "", "slashes after a country code"},
		{"8 495 000\u00a000\u00a011", "", "non-breaking blanks from a web page"},
		{"+7\u202f495\u2009000\u200300\u300011", "", "narrow, thin, em and ideographic blanks"},
		{"\u202a+74950000011\u202c", "", "direction marks pasted from an address book"},
		{"\ufeff84950000011", "", "a byte order mark"},
		{"8495\u200b0000011", "", "a zero-width blank"},
		{"+7 495 000\u201300\u201311", "", "en dashes from a text processor"},
		{"+7 495 000\u221200\u221211", "", "minus signs"},
		{"+7 495 000\u201100\u201111", "", "non-breaking hyphens"},
		{"8 495 000·00·11", "", "middle dots"},
		{"+74950000011", "", "full-width digits and plus"},
		{"8(495)000-00-11", "", "full-width brackets and dashes"},
		{"٨٤٩٥٠٠٠٠٠١١", "", "Arabic-Indic digits"},
		{"+۷۴۹۵۰۰۰۰۰۱۱", "", "Persian digits"},
		{"८४९५०००००११", "", "Devanagari digits"},
		{"+7 (0) 495 000-00-11", "", "a spurious zero after the country code"},
		{"+7(8)4950000011", "", "a spurious trunk prefix in brackets"},
		{"+7 8 495 000 00 11", "", "a spurious trunk prefix"},
		{"tel:+74950000011", "", "RFC 3966"},
		{"TEL:+7-495-000-00-11", "", "a scheme knows no case"},
		{"tel:84950000011", "", "a tel: URI without a context"},
		{"tel:%2B74950000011", "", "an escaped plus"},
		{"tel:0000011;phone-context=+7495", "", "a local number with its context (RFC 3966)"},
		{"tel:+74950000011;ext=12", "12", "extension as a parameter"},
		{"tel:+74950000011;isub=1;ext=12", "12", "not the first parameter"},
		{"callto:84950000011", "", "the scheme of old soft phones"},
		{"sip:+74950000011@pbx.example", "", "SIP"},
		{"sips:+74950000011@pbx.example:5061", "", "SIP over TLS with a port"},
		{"sip:84950000011@192.0.2.7:5060;transport=udp", "", "an address must not add digits"},
		{"<sip:+74950000011@pbx.example;user=phone>;tag=7f3a9", "", "a From header with a tag"},
		{`"Acme 24" <sip:74950000011@pbx.example>`, "", "a display name with digits"},
		{`"Acme" <84950000011>`, "", "Asterisk's caller id"},
		{"sip:+74950000011;ext=12@pbx.example", "12", "user part with a parameter"},
		{"sip:%2B74950000011@pbx.example", "", "escaped user part"},
		{"74950000011@pbx.example", "", "user and host without a scheme"},
		{"8 495 000-00-11 доб. 12", "12", "the Russian word for extension"},
		{"8 (495) 000-00-11 (доб. 12)", "12", "the same in brackets"},
		{"8 495 000-00-11 ДОБ 12", "12", "capitals"},
		{"8 495 000-00-11 добавочный: 12", "12", "the word in full"},
		{"84950000011доб12", "12", "no blanks at all"},
		{"8 495 000-00-11 вн. 12", "12", "internal, in Russian"},
		{"8 495 000-00-11 внутр.12", "12", "internal, another abbreviation"},
		{"+7 495 000-00-11 ext. 12", "12", "English"},
		{"+7 495 000-00-11 ext 12", "12", "without the dot"},
		{"+7 495 000-00-11 extension 12", "12", "in full"},
		{"+7 495 000-00-11 x12", "12", "Latin x"},
		{"+7 495 000-00-11 х12", "12", "Cyrillic х"},
		{"+7 495 000-00-11 X 12", "12", "capital with a blank"},
		{"+74950000011,12", "12", "a dialler's pause"},
		{"+74950000011,,12#", "12", "two pauses and a closing mark"},
		{"+74950000011#12", "12", "hash"},
		{"+7 495 000-00-11 # 12", "12", "hash between blanks"},
		{"+74950000011*12", "12", "star"},
		{"+74950000011;12", "12", "a dialler's wait"},
		{"+7 495 000-00-11 доб. 12", "12", "a full-width extension"},
		{"+7 495 000-00-11 доб. ١٢", "12", "an Arabic-Indic extension"},
		{"+74950000011,0012", "0012", "zeros of an extension are kept"},
		{"тел. 8 (495) 000-00-11", "", "a label"},
		{"моб: +7 495 000-00-11", "", "a label with a colon"},
		{"Tel.: +7 495 000-00-11", "", "an English label"},
		{"№ 84950000011", "", "a number sign"},
		{"84950000011 (Ivan)", "", "a name behind the number"},
		{"84950000011 (Ivan, room 505)", "", "digits in the remark behind the number"},
		{"Ivan +7 495 000-00-11", "", "a name before the number"},
		{"8 495 000-00-11, 8 495 000-00-12", "", "two numbers in one field: the first counts"},
		{"+7 495 000-00-11; +7 495 000-00-12", "", "the same with a semicolon"},
		{"+7 495 000-00-11 +7 495 000-00-12", "", "the same with a blank"},
		{"9,84950000011", "", "the outside line and a pause before the number"},
		{"[8 495] 000-00-11", "", "square brackets"},
		{"'84950000011", "", "the apostrophe of a spreadsheet"},
		{"#31#84950000011", "", "own number hidden: the client is still the client"},
		{"#31#+74950000011", "", "the same with a country code"},
		{"*67 8 495 000 00 11", "", "the American code of the same meaning"},
		{"8495000001\x001", "", "a control character"},
		{"8495\xff0000011", "", "a byte that is no UTF-8"},
	}
	if len(cases) < 60 {
		t.Fatalf("%d spellings, at least 60 are promised", len(cases))
	}
	for _, c := range cases {
		n := p.Parse(c.raw)
		if n.Kind != External || n.E164 != e164 || n.Extension != c.extension || n.Digits != 0 || n.Local != "" {
			t.Errorf("%q: %+v, want +%d ext %q: %s", c.raw, n, e164, c.extension, c.why)
		}
		if n.String() != "+74950000011" || n.Key() != e164 {
			t.Errorf("%q: String %q, Key %d", c.raw, n.String(), n.Key())
		}
	}
}

// TestReadings holds what is no plain Russian number: other countries, internal
// numbers, hidden callers and what must stay unread.
func TestReadings(t *testing.T) {
	moscow, kursk, bare := plan(t, "RU", "495"), plan(t, "RU", "4712"), plan(t, "ru", "")
	london, york := plan(t, "GB", "020"), plan(t, "GB", "1632")
	rome := plan(t, "IT", "06")
	external := func(e164 int64) Number { return Number{Kind: External, E164: e164} }
	internal := func(local string) Number { return Number{Kind: Internal, Local: local} }
	digits := func(d int64) Number { return Number{Digits: d} }
	invalid, hidden := Number{}, Number{Kind: Hidden}
	cases := []struct {
		plan *Plan
		raw  string
		want Number
		why  string
	}{
		{moscow, "+77272000011", external(77272000011), "+7 727 is Kazakhstan, not Russia"},
		{moscow, "87272000011", external(77272000011), "and may be dialled with 8"},
		{moscow, "7 701 000 00 11", external(77010000011), "ten digits of a Kazakh mobile without country code"},
		{moscow, "+7 727 000 00 11", digits(77270000011), "no such number in Kazakhstan"},
		{moscow, "+447700900123", external(447700900123), "set aside for drama"},
		{moscow, "447700900123", external(447700900123), "E.164 without a plus, foreign"},
		{moscow, " 447700900123", external(447700900123), "the plus became a blank, foreign"},
		{moscow, "00447700900123", external(447700900123), "00 is understood everywhere"},
		{moscow, "810447700900123", external(447700900123), "8 10 in Russia"},
		{moscow, "8-10-44-7700-900123", external(447700900123), "8 10 with dashes"},
		{moscow, "0044 (0)7700 900123", external(447700900123), "00 and a spurious zero"},
		{moscow, "+44 0 7700 900123", external(447700900123), "a spurious zero without brackets"},
		{moscow, "+39 (0)6 9000 0011", external(390690000011), "the Italian zero belongs to the number"},
		{moscow, "+1 (202) 555-0123", external(12025550123), "North America"},
		{moscow, "12025550123", external(12025550123), "the same without a plus"},
		{moscow, "+84950000011", external(84950000011), "+84 is Vietnam, though somebody may have meant 8 495"},
		{moscow, "+8 916 000-00-11", external(79160000011), "no country begins with 89: plus before a trunk 8"},
		{moscow, "8 800 000-00-11", external(78000000011), "toll free"},
		{moscow, "8000000011", external(78000000011), "ten digits that begin with 8 are no trunk prefix"},
		{moscow, "7950000011", digits(7950000011), "a digit is missing: never a stranger's number"},
		{moscow, "493023125", digits(493023125), "a digit is missing: not Germany, where +49 30 23125 is a number"},
		{moscow, "849500000111", digits(849500000111), "a digit too many"},
		{moscow, "83000000011", digits(83000000011), "no such area code"},
		{moscow, "+7101", invalid, "the library would make it of 101"},
		{moscow, "+7 495 000-00", digits(749500000), "cut off"},
		{kursk, "00-00-11", external(74712000011), "six local digits with an area code of four"},
		{kursk, "116117", digits(116117), "a harmonised service number belongs to no city"},
		{kursk, "0000011", digits(11), "seven digits do not fit an area code of four"},
		{moscow, "000011", digits(11), "six digits do not fit an area code of three"},
		{bare, "0000011", digits(11), "no area code is known"},
		{bare, "4950000011", external(74950000011), "a country in small letters"},
		{london, "07700 900123", external(447700900123), "British trunk zero"},
		{london, "7700 900123", external(447700900123), "national number alone"},
		{london, "+44 (0)7700 900123", external(447700900123), "the usual British spelling"},
		{london, "0044 7700 900123", external(447700900123), "00 from Britain"},
		{london, "447700900123", external(447700900123), "sipgate's spelling"},
		{london, "tel:07700900123", external(447700900123), "a national number in a URI"},
		{london, "+07700900123", external(447700900123), "a plus before the trunk zero"},
		{london, "7946 0011", external(442079460011), "eight local digits in London"},
		{london, "020 7946 0011", external(442079460011), "with area code"},
		{london, "+7 495 000-00-11", external(74950000011), "Russia seen from Britain"},
		{london, "74950000011", external(74950000011), "Russia without a plus seen from Britain"},
		{london, "84950000011", external(84950000011), "8 means nothing in Britain: Vietnam without a plus"},
		{york, "960011", external(441632960011), "the other range set aside for drama"},

		{rome, "9000 0011", external(390690000011), "Rome's area code keeps its zero"},
		{rome, "06 9000 0011", external(390690000011), "as it is dialled in Rome"},

		{moscow, "101", internal("101"), "an extension"},
		{moscow, " 12 ", internal("12"), "the shortest"},
		{moscow, "10101", internal("10101"), "the longest"},
		{moscow, "1-01", internal("101"), "with a dash"},
		{moscow, "101", internal("101"), "full-width"},
		{moscow, "٠١٢", internal("012"), "its zero is kept"},
		{moscow, "123 (Name)", internal("123"), "a name behind an extension"},
		{moscow, "123 Name", internal("123"), "the same without brackets"},
		{moscow, "(123)", internal("123"), "in brackets"},
		{moscow, `"Ivan" <101>`, internal("101"), "Asterisk's caller id of a colleague"},
		{moscow, "sip:101@pbx.example", internal("101"), "a colleague's SIP address"},
		{moscow, "tel:101;phone-context=pbx.example", internal("101"), "a local context that is a domain"},
		{moscow, "101,12", Number{Kind: Internal, Local: "101", Extension: "12"}, "a menu behind an extension"},
		{moscow, "112", internal("112"), "emergency: dialled, but nobody's client"},
		{moscow, "02", internal("02"), "police"},
		{moscow, "0900", internal("0900"), "a short service number"},
		{moscow, "*98", internal("*98"), "a feature code of the PBX"},
		{moscow, "*21*84950000012", external(74950000012), "a code with a number: the number counts"},

		{moscow, "1", invalid, "one digit"},
		{moscow, "user1", invalid, "a login"},
		{moscow, "sip:user101@pbx.example", invalid, "a SIP login with digits is no extension"},
		{moscow, "client:petrov", invalid, "a softphone client"},
		{moscow, "petrov-101", invalid, "a device name"},
		{moscow, "ivan2024@mail.example", invalid, "an e-mail address"},
		{moscow, "sip:pbx.example", invalid, "a host alone"},
		{moscow, "+101", invalid, "a plus is never internal"},
		{moscow, "hello", invalid, "words"},
		{moscow, "Acme 4521", invalid, "words before digits are no extension"},
		{moscow, "123456789012345", digits(123456789012345), "fifteen raw digits"},
		{moscow, "1234567890123456", invalid, "sixteen raw digits"},
		{moscow, "+1234567890123456789012", invalid, "more than E.164 allows"},
		{moscow, "000000", invalid, "zeros only are nothing to search by"},
		{moscow, "\xff\xfe", hidden, "unreadable bytes say nothing"},

		{moscow, "", hidden, "nothing was sent"},
		{moscow, " \u00a0\u200b", hidden, "blanks only"},
		{moscow, "-", hidden, "a dash for nothing"},
		{moscow, "+", hidden, "a plus for nothing"},
		{moscow, "anonymous", hidden, "SIP"},
		{moscow, "Anonymous", hidden, "capital"},
		{moscow, "sip:anonymous@anonymous.invalid", hidden, "RFC 3323"},
		{moscow, `"Anonymous" <sip:c8oqz84zk7z@anonymous.invalid>`, hidden, "RFC 3323 with a random user"},
		{moscow, "unknown", hidden, "Asterisk"},
		{moscow, "<unknown>", hidden, "Asterisk, in brackets"},
		{moscow, `"" <unknown>`, hidden, "Asterisk's full caller id"},
		{moscow, "RESTRICTED", hidden, "ISDN"},
		{moscow, "Private Number", hidden, "mobile networks"},
		{moscow, "hidden", hidden, "as PBXs send it"},
		{moscow, "unavailable", hidden, "ISDN"},
		{moscow, "withheld", hidden, "British"},
		{moscow, "null", hidden, "a program's nothing"},
		{moscow, "N/A", hidden, "a person's nothing"},
		{moscow, "Номер скрыт", hidden, "Russian"},
		{moscow, "скрытый номер", hidden, "Russian, the other way round"},
		{moscow, "Не определён", hidden, "Russian with ё"},
		{moscow, "неизвестно", hidden, "Russian"},
		{moscow, "anonymous", hidden, "full-width letters"},
		{moscow, "+266696687", hidden, "ANONYMOUS on a keypad"},
		{moscow, "+7378742833", hidden, "RESTRICTED on a keypad, though it begins like Russia"},
	}
	for _, c := range cases {
		got := c.plan.Parse(c.raw)
		got.Raw = ""
		if got != c.want {
			t.Errorf("%s %q: got %+v, want %+v: %s", c.plan.country, c.raw, got, c.want, c.why)
		}
	}
}

// TestEveryCountry reads the library's example numbers of each country in the
// spellings of that country, under a plan of that country.
func TestEveryCountry(t *testing.T) {
	formats := []phonenumbers.PhoneNumberFormat{phonenumbers.E164, phonenumbers.INTERNATIONAL, phonenumbers.NATIONAL,
		phonenumbers.RFC3966}
	for country := range phonenumbers.GetSupportedRegions() {
		p := plan(t, country, "")
		for _, kind := range []phonenumbers.PhoneNumberType{phonenumbers.FIXED_LINE, phonenumbers.MOBILE} {
			number := phonenumbers.GetExampleNumberForType(country, kind)
			if number == nil {
				continue
			}
			want := phonenumbers.Format(number, phonenumbers.E164)
			for _, format := range formats {
				text := phonenumbers.Format(number, format)
				if back, err := phonenumbers.Parse(text, country); err != nil ||
					phonenumbers.Format(back, phonenumbers.E164) != want {
					continue // Argentina: the library cannot read what it wrote
				}
				n := p.Parse(text)
				if n.Kind == Internal && len(text) <= internalMax+1 {
					continue // the whole country has numbers as short as an extension
				}
				if n.String() != want {
					t.Errorf("%s %q: got %+v, want %s", country, text, n, want)
				}
			}
		}
	}
}

func TestInternalLengthIsASetting(t *testing.T) {
	three, err := plan(t, "RU", "47122").WithInternal(3, 3)
	if err != nil {
		t.Fatal(err)
	}
	for raw, want := range map[string]Kind{"12": Invalid, "101": Internal, "4521": Invalid, "21011": External} {
		if got := three.Parse(raw).Kind; got != want {
			t.Errorf("%q is %v, want %v", raw, got, want)
		}
	}
	for _, bad := range [][2]int{{0, 3}, {4, 3}, {2, 9}} {
		if _, err := three.WithInternal(bad[0], bad[1]); err == nil {
			t.Errorf("internal numbers of %d to %d digits were accepted", bad[0], bad[1])
		}
	}
}

func TestPlanRefusesWhatItDoesNotKnow(t *testing.T) {
	for _, c := range [][2]string{{"", ""}, {"XX", ""}, {"001", ""}, {"Russia", ""}, {"7", ""}, {"RU", "49x"},
		{"RU", "+495"}, {"RU", "4950000"}, {"RU", "٤٩٥"}} {
		if p, err := NewPlan(c[0], c[1]); err == nil {
			t.Errorf("country %q, area %q gave %+v", c[0], c[1], p)
		}
	}
	if p := plan(t, " gb ", " 020 "); p.Country() != "GB" || p.Area() != "20" {
		t.Errorf("got %q %q", p.Country(), p.Area())
	}
}

func TestLongTextIsAnsweredQuickly(t *testing.T) {
	p := plan(t, "RU", "495")
	for _, long := range []string{
		strings.Repeat("9", 500), strings.Repeat("1 ", 500), strings.Repeat("٩", 10_000),
		strings.Repeat("+7495000001 ", 80), strings.Repeat("(", 1000), strings.Repeat("доб", 170),
		strings.Repeat("1", 1<<20),
		strings.Repeat(";ext=1", 150), strings.Repeat("%", 1000),
	} {
		var n Number
		best := time.Hour
		for try := 0; try < 20 && best > 100*time.Millisecond; try++ { // a machine that is busy elsewhere is no fault
			start := time.Now()
			n = p.Parse(long)
			best = min(best, time.Since(start))
		}
		if best > 100*time.Millisecond {
			t.Errorf("%.20q... took %v", long, best)
		}
		if n.Kind == External || n.Kind == Internal {
			t.Errorf("%.20q... is %+v", long, n)
		}
		if utf8.RuneCountInString(n.Raw) > longestRaw || !utf8.ValidString(n.Raw) {
			t.Errorf("%.20q...: raw was kept as %q", long, n.Raw)
		}
	}
}

func TestPlanServesManyAtOnce(t *testing.T) {
	p := plan(t, "RU", "495")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				if n := p.Parse("tel:8/495/000-00-11"); n.E164 != 74950000011 {
					t.Errorf("got %+v", n)
				}
			}
		})
	}
	wg.Wait()
}
