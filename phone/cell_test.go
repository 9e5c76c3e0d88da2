package phone

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"
)

// cellCase is a line of testdata/cells.txt.
type cellCase struct {
	line    int
	plan    *Plan
	text    string
	numbers string
	unread  string
	kind    string
}

func cellCases(t testing.TB) (list []cellCase) {
	t.Helper()
	data, err := os.ReadFile("testdata/cells.txt")
	if err != nil {
		t.Fatal(err)
	}
	escapes := strings.NewReplacer(`\x7c`, "|", `\n`, "\n", `\r`, "\r")
	for i, line := range strings.Split(string(data), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		cells := strings.Split(line, " | ")
		for len(cells) < 5 {
			// An empty cell at the end of a line has lost its blank.
			cells = strings.Split(strings.Replace(strings.Join(cells, " | "), "| |", "|  |", 1), " | ")
			if len(cells) < 5 && !strings.Contains(strings.Join(cells, " | "), "| |") {
				t.Fatalf("line %d has %d cells: %q", i+1, len(cells), line)
			}
		}
		country, area, _ := strings.Cut(cells[0], "/")
		list = append(list, cellCase{i + 1, plan(t, country, area), escapes.Replace(cells[1]),
			strings.TrimSpace(cells[2]), strings.TrimSpace(cells[3]), cells[4]})
	}
	return list
}

// shownCell spells what was read as the corpus does.
func shownCell(c Cell) (numbers, unread string) {
	var list []string
	for _, part := range c.Parts {
		text := part.Number.String()
		if part.Number.Kind == Internal {
			text = "i:" + part.Number.Local
		}
		if part.Number.Extension != "" {
			text += "x" + part.Number.Extension
		}
		list = append(list, text)
	}
	if c.None {
		list = append(list, "none")
	}
	return strings.Join(list, " "), strings.Join(c.Unread, "; ")
}

func TestCells(t *testing.T) {
	cases := cellCases(t)
	if len(cases) < 300 {
		t.Errorf("%d cells, 300 are promised", len(cases))
	}
	for _, c := range cases {
		cell := c.plan.ParseCell(c.text)
		if numbers, unread := shownCell(cell); numbers != c.numbers || unread != c.unread {
			t.Errorf("line %d %s/%s %q: read %q unread %q, want %q and %q: %s", c.line, c.plan.country, c.plan.area,
				c.text, numbers, unread, c.numbers, c.unread, c.kind)
		}
		checkCell(t, c.plan, c.text, cell)
	}
}

// checkCell proves what holds for every cell: each part is read on its own as it was read in the cell, and its text is
// UTF-8 of a bounded length.
func checkCell(t *testing.T, p *Plan, text string, cell Cell) {
	t.Helper()
	for i, part := range cell.Parts {
		alone := p.ParseCell(part.Text)
		if len(alone.Parts) != 1 {
			t.Errorf("%s/%s %q: part %q holds %d numbers", p.country, p.area, text, part.Text, len(alone.Parts))
			continue
		}
		got, want := alone.Parts[0].Number, part.Number
		got.Raw, want.Raw = "", ""
		if got != want {
			t.Errorf("%s/%s %q: part %d %q is read as %+v alone, as %+v in the cell", p.country, p.area, text, i,
				part.Text, got, want)
		}
		checkShape(t, text, part.Number)
	}
	if cell.None && len(cell.Parts)+len(cell.Unread) > 0 {
		t.Errorf("%q: both none and %+v", text, cell)
	}
}

// FuzzCell: no text panics; every number consists of digits of the text, apart from the area and country that the cell
// or the plan adds; each part is read alone as it was read in the cell.
func FuzzCell(f *testing.F) {
	for _, c := range cellCases(f) {
		f.Add(c.text)
	}
	plans := []*Plan{plan(f, "RU", "495"), plan(f, "US", "202"), plan(f, "DE", "30")}
	f.Fuzz(func(t *testing.T, text string) {
		for _, p := range plans {
			cell := p.ParseCell(text)
			checkCell(t, p, text, cell)
			if vanityNumber.MatchString(cleanCell(text)) {
				continue
			}
			digits := onlyDigits(fold(Plain(cleanCell(text))))
			for _, part := range cell.Parts {
				n := part.Number
				if n.Kind == External && !hasDigits(digits, n.String()[1:]) {
					t.Errorf("%s/%s: %q holds no digits of %s", p.country, p.area, text, n)
				}
			}
			n := p.ParseTyped(text)
			if len(cell.Parts) > 0 && (n.Kind != cell.Parts[0].Number.Kind || n.E164 != cell.Parts[0].Number.E164) {
				t.Errorf("%q: ParseTyped reads %+v, the cell holds %+v", text, n, cell.Parts[0].Number)
			}
		}
	})
}

// hasDigits reports whether the end of a number, at least a local number long, stands in the digits of a text in its
// order.
func hasDigits(text, number string) bool {
	at := len(text)
	for i := len(number) - 1; i >= 0; i-- {
		if at = strings.LastIndexByte(text[:at], number[i]); at < 0 {
			return len(number)-1-i >= fewestDigits
		}
	}
	return true
}

// FuzzOtherArea: a local number behind a number or an area code of elsewhere is never a number of the plan's area.
func FuzzOtherArea(f *testing.F) {
	elsewhere := []string{"8 (812) 000-00-11", "+375 17 200-00-11", "(843)", "+7 843", "+44 20 7946 0012",
		"8-8442-23-00-11",
		"(8442)", "+375 17 20-00-1", "+1 202 555 0123", "8 (812) 000-00-11 доб. 12"}
	for i := range elsewhere {
		f.Add(uint8(i), ", ", uint32(2000012), uint8(7))
		f.Add(uint8(i), " т. ", uint32(200012), uint8(6))
		f.Add(uint8(i), "\n", uint32(79460013), uint8(8))
	}
	p := plan(f, "RU", "495")
	f.Fuzz(func(t *testing.T, where uint8, between string, local uint32, length uint8) {
		if len(between) > 60 || onlyDigits(fold(cleanCell(between))) != "" || strings.ContainsAny(between, "@<>%&") {
			return
		}
		digits := strings.Repeat("0", 8) + strconv.Itoa(int(local))
		digits = digits[len(digits)-5-int(length%4):]
		for _, local := range []string{digits, digits[:3] + "-" + digits[3:]} {
			for _, text := range []string{
				elsewhere[int(where)%len(elsewhere)] + between + local,
				local + between + " , " + elsewhere[int(where)%len(elsewhere)],
			} {
				for _, part := range p.ParseCell(text).Parts {
					if strings.HasPrefix(part.Number.String(), "+7495") {
						t.Fatalf("%q holds %s", text, part.Number)
					}
				}
			}
		}
	})
}

func TestSplit(t *testing.T) {
	p := plan(t, "RU", "495")
	for _, c := range []struct {
		why, text string
		want      []string
	}{
		{"one", "8 (495) 000-00-11", []string{"8 (495) 000-00-11"}},
		{"nothing", "", nil},
		{"signs", ";,|/+\n", nil},
		{"words", "call her", []string{"call her"}},
		{"a comma", "8 495 000-00-11, 8 495 000-00-12", []string{"8 495 000-00-11", "8 495 000-00-12"}},
		{"no blank", "84950000011,84950000012", []string{"84950000011", "84950000012"}},
		{"a semicolon", "+74950000011; +74950000012;", []string{"+74950000011", "+74950000012"}},
		{"a bar", "+74950000011|+74950000012", []string{"+74950000011", "+74950000012"}},
		{"lines", "+7 495 000-00-11\r\n+7 495 000-00-12\n", []string{"+7 495 000-00-11", "+7 495 000-00-12"}},
		{"a slash between whole numbers", "84950000011/84950000012", []string{"84950000011", "84950000012"}},
		{"a slash behind the code of a town", "02204/123456", []string{"02204/123456"}},
		{"the same with its country", "+49 2204/123456", []string{"+49 2204/123456"}},
		{"a slash before other last digits", "+7 495 000-00-11/12", []string{"+7 495 000-00-11/12"}},
		{"only a blank", "+74950000011 +44 7700 900123", []string{"+74950000011", "+44 7700 900123"}},
		{"a plus too many", "++74950000011", []string{"++74950000011"}},
		{"names beside them", "8 495 000-00-11 Ivanov, 8 495 000-00-12 (Petrov)",
			[]string{"8 495 000-00-11 Ivanov", "8 495 000-00-12 (Petrov)"}},
		{"a name before it is its note", "Ivanov, 8 495 000-00-11", []string{"Ivanov, 8 495 000-00-11"}},
		{"a name behind it", "8 495 000-00-11, Ivanov", []string{"8 495 000-00-11, Ivanov"}},
		{"three", "84950000011, 84950000012 / 84950000013", []string{"84950000011", "84950000012", "84950000013"}},
		{"an extension", "8 495 000-00-11, 12", []string{"8 495 000-00-11, 12"}},
		{"an extension with its word", "8 495 000-00-11, ext. 12345", []string{"8 495 000-00-11, ext. 12345"}},
		{"an extension with its Russian word", "8 495 000-00-11, доб. 12345", []string{"8 495 000-00-11, доб. 12345"}},
		{"an extension of RFC 3966", "+74950000011;ext=12345", []string{"+74950000011;ext=12345"}},
		{"an extension, and another number", "84950000011,12,84950000012", []string{"84950000011,12", "84950000012"}},
		{"the context of RFC 3966", "tel:0000011;phone-context=+7495", []string{"tel:0000011;phone-context=+7495"}},
		{"the area of the number before", "8 (812) 000-00-11, 000-00-12 доб. 13",
			[]string{"8 (812) 000-00-11", "+7 812 000-00-12 ext. 13"}},
		{"markup", "<p>8 495 000-00-11</p>", []string{"8 495 000-00-11"}},
		{"none", "нет", nil},
	} {
		if got := p.Split(c.text); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q is %q, want %q", c.why, c.text, got, c.want)
		}
	}
}

// TestWiresAreReadStrictly: what is only for cells does not reach the fields of a PBX.
func TestWiresAreReadStrictly(t *testing.T) {
	p := plan(t, "RU", "495")
	for _, text := range []string{"24/7 8 495 000-00-11", "8 495 000 00 11 8 495 000 00 12", "8 495 000-00-11 (123)"} {
		if n := p.Parse(text); n.Kind == External {
			t.Errorf("%q is read as %s", text, n)
		}
	}
	for _, text := range []string{"7.495E+10", "79,160,000,011", "8-800-BEELINE"} {
		if n := p.Parse(text); n.Kind != Invalid {
			t.Errorf("%q is %v", text, n.Kind)
		}
	}
	for text, want := range map[string]int64{"+5215512345678": 525512345678, "5215512345678": 525512345678} {
		if n := p.Parse(text); n.E164 != want {
			t.Errorf("%q is %+v", text, n)
		}
	}
}

func BenchmarkCell(b *testing.B) {
	p := plan(b, "RU", "495")
	for _, text := range []string{"8 (495) 000-00-11", "+44 7700 900123", "8 495 000-00-11 доб. 123 (Иванов)",
		"8 (812) 000-00-11, 000-00-12", "1) 8 495 000-00-11; 2) 8 495 000-00-12 (Анна)", "нет",
		strings.Repeat("8 495 000-00-1 ", 200), strings.Repeat("2 ", 2000)} {
		b.Run(text[:min(len(text), 30)], func(b *testing.B) {
			for b.Loop() {
				p.ParseCell(text)
			}
		})
	}
}

// TestBothDoorsReadWholeNumbersAlike: a number alone is the same typed and on a wire, in every country's spellings, at
// home and abroad.
func TestBothDoorsReadWholeNumbersAlike(t *testing.T) {
	formats := []phonenumbers.PhoneNumberFormat{phonenumbers.E164, phonenumbers.INTERNATIONAL, phonenumbers.NATIONAL,
		phonenumbers.RFC3966}
	moscow := plan(t, "RU", "495")
	for country := range phonenumbers.GetSupportedRegions() {
		home := plan(t, country, "")
		for kind := phonenumbers.FIXED_LINE; kind <= phonenumbers.VOICEMAIL; kind++ {
			number := phonenumbers.GetExampleNumberForType(country, kind)
			if number == nil {
				continue
			}
			for _, format := range formats {
				text := phonenumbers.Format(number, format)
				for _, p := range []*Plan{home, moscow} {
					if p == moscow && format == phonenumbers.NATIONAL {
						continue // without its country it is another number there, or none
					}
					want, got := p.Parse(text), p.ParseTyped(text)
					if want.Kind == External && (got.Kind != External || got.E164 != want.E164) {
						t.Errorf("%s in %s: %q is %+v typed, %+v on a wire", country, p.country, text, got, want)
					}
				}
			}
		}
	}
}
