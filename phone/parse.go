package phone

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"
)

const (
	longestText      = 1024 // bytes; nothing longer is a number
	longestDigits    = 18   // an international prefix and the 15 digits of E.164
	longestE164      = 15
	longestExtension = 7
	shortestDigits   = 6 // fewer are no evidence for a search
	longestLocal     = 8 // digits of a number dialled without its area code
	mostRuns         = 4 // runs of digits tried in one text

	nowhere = "ZZ" // the library's region for text that carries its country code
)

// Parse reads raw text. It never fails: what cannot be read is Invalid. Only
// numbers that the numbering plan of their country allows become External, plus
// the two ranges that are set aside for drama (see setAside). A literal plus
// that a form decoder turned into a blank is made up for, since a number is
// read with its country code as well when it is none of the plan's country.
func (p *Plan) Parse(raw string) Number {
	if len(p.rules) > 0 {
		if n, ok := p.rewritten(raw); ok {
			return n
		}
	}
	if e164, ok := p.fast(raw); ok {
		return Number{Raw: raw, Kind: External, E164: e164}
	}
	return p.slow(raw)
}

// slow is the long way of Parse, right for every text.
func (p *Plan) slow(raw string) Number {
	n := Number{Raw: cut(raw)}
	if len(raw) > longestText {
		return n
	}
	a := addressOf(fold(Plain(raw)))
	if isHidden(a.text) {
		n.Kind = Hidden
		return n
	}
	if a.strict && strings.ContainsFunc(a.text, unicode.IsLetter) {
		return n
	}
	text, extension := splitExtension(a.text)
	if a.extension != "" {
		extension = a.extension
	}
	runs := runsOf(text)
	found := p.read(a.context, runs)
	if found.Kind == Internal && (isQuantity(text) || spelledOut.MatchString(text)) {
		return n
	}
	if found.Kind == Invalid && a.context == "" {
		if behind, ok := p.afterOutsideLine(runs); ok {
			found = behind
		}
	}
	found.Raw, found.Extension = n.Raw, extension
	return found
}

// afterNumber finds what is dialled after the number: a mark or a word, then
// the digits, then at most a closing sign. The first group is the number.
var afterNumber = regexp.MustCompile(`^(.*\d[^\pL\d,;#*]*?)[\s.(]*` +
	`(?:[,;#*]+|;\s*ext\s*=|(?:extension|extn|ext|доб[\pL]*|внутр[\pL]*|вн|x|х)[\s.:=]*)\s*` +
	`(\d{1,7})[\s)#;,]*$`)

// splitExtension cuts "ext. 12" in all its spellings off a folded text.
func splitExtension(text string) (number, extension string) {
	if m := afterNumber.FindStringSubmatch(text); m != nil && strings.Trim(m[1], "*# ") != "" && countDigits(m[1]) > 1 {
		return m[1], m[2]
	}
	return text, ""
}

// IsExtension reports whether a text can be an extension of a PBX: 2 to 6 digits, whatever the plan reads as an internal
// number.
func IsExtension(text string) bool {
	return len(text) >= 2 && len(text) <= 6 && strings.Trim(text, "0123456789") == ""
}

func countDigits(text string) (n int) {
	for i := range len(text) {
		if text[i] >= '0' && text[i] <= '9' {
			n++
		}
	}
	return n
}

// run is one stretch of text that can be a number: digits and the signs that
// people put between them.
type run struct {
	digits string
	plus   bool   // a plus precedes the first digit
	zero   string // the digits without a "(0)", when there is one: +44 (0)20 ...
	code   string // what a PBX or network would take as a feature code: "*98", "#31#8495..."
	first  bool   // nothing but blanks and brackets precedes it
}

// runsOf cuts folded text at letters and everything else that never stands
// inside a number, and before a plus that follows digits.
func runsOf(text string) []run {
	var runs []run
	start := 0
	add := func(end int) {
		stretch := text[start:end]
		if countDigits(stretch) > 0 && len(runs) < mostRuns {
			runs = append(runs, runOf(stretch, strings.Trim(text[:start], " ()[]") == ""))
		}
	}
	digitSeen := false
	for i, r := range text {
		isDigit := r >= '0' && r <= '9'
		switch {
		case !isDigit && !strings.ContainsRune(` +-()[]./\~_':*#`, r):
			add(i)
			start, digitSeen = i+len(string(r)), false
		case r == '+' && digitSeen:
			add(i)
			start, digitSeen = i, false
		case isDigit:
			digitSeen = true
		}
	}
	add(len(text))
	return runs
}

func runOf(stretch string, first bool) run {
	r := run{digits: onlyDigits(stretch), first: first}
	begin := strings.IndexAny(stretch, "0123456789")
	r.plus = strings.Contains(stretch[:begin], "+")
	if strings.Contains(stretch, "(0)") {
		r.zero = onlyDigits(strings.Replace(stretch, "(0)", "", 1))
	}
	if strings.ContainsAny(stretch[:begin], "*#") {
		r.code = strings.Map(func(c rune) rune {
			if c >= '0' && c <= '9' || c == '*' || c == '#' || c == '+' {
				return c
			}
			return -1
		}, stretch)
	}
	return r
}

func onlyDigits(text string) string {
	return strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' {
			return c
		}
		return -1
	}, text)
}

// read chooses among the runs: the first that is a public number; else the
// first of all when the text begins with it and it is as long as an internal
// number; else the raw digits.
func (p *Plan) read(context string, runs []run) Number {
	for _, r := range runs {
		if e164, ok := p.external(context, r); ok {
			return Number{Kind: External, E164: e164}
		}
	}
	if len(runs) > 0 && runs[0].first && !runs[0].plus && p.isInternal(runs[0].digits) {
		local := runs[0].digits
		if runs[0].code != "" {
			local = runs[0].code
		}
		return Number{Kind: Internal, Local: local}
	}
	for _, r := range runs {
		if len(r.digits) >= shortestDigits && len(r.digits) <= longestE164 {
			digits, _ := strconv.ParseInt(r.digits, 10, 64) // 15 digits always fit
			return Number{Digits: digits}
		}
	}
	return Number{}
}

// featureCode is what is dialled before a number to hide the own one or to
// select a line: #31#, *31#, *67. The number behind it is the one that counts,
// or the check could be evaded with three keys.
var featureCode = regexp.MustCompile(`^[*#]+\d{2,3}([*#]\+?\d{7,}|\d{10,})#?$`)

// external reads a run as a public number, the most explicit reading first.
func (p *Plan) external(context string, r run) (int64, bool) {
	if r.code != "" {
		if m := featureCode.FindStringSubmatch(r.code); m != nil {
			behind := strings.Trim(m[1], "*#")
			return p.external("", run{digits: onlyDigits(behind), plus: strings.HasPrefix(behind, "+")})
		}
		return 0, false
	}
	digits := r.digits
	if len(digits) > longestDigits {
		return 0, false
	}
	switch {
	case r.plus:
		return p.afterPlus(digits, r.zero)
	case context != "":
		return international(onlyDigits(context) + digits)
	case p.isInternal(digits):
		return 0, false
	}
	if e164, ok := p.afterPrefix(digits, r.zero); ok {
		return e164, true
	}
	return p.withoutPlus(digits, r.zero)
}

// afterPlus reads digits that claim to begin with a country code. zero is the
// same without a "(0)" (a trunk zero that must not be dialled after a country
// code, except in Italy where it belongs to the number, so it comes second).
func (p *Plan) afterPlus(digits, zero string) (int64, bool) {
	if e164, ok := international(digits); ok {
		return e164, true
	}
	if zero != "" {
		if e164, ok := international(zero); ok {
			return e164, true
		}
	}
	// "+8 916 ...", "+020 ...": a plus before the national spelling.
	if p.trunk != "" && strings.HasPrefix(digits, p.trunk) {
		return valid(digits, p.country)
	}
	return 0, false
}

// withoutPlus reads bare digits: local, national, with the country's own
// international prefix (8 10, 00, 011), or E.164 whose plus was lost.
func (p *Plan) withoutPlus(digits, zero string) (int64, bool) {
	if p.isLocal(digits) {
		if e164, ok := p.inCountry(p.area + digits); ok {
			return e164, true
		}
	}
	if e164, ok := p.national(digits); ok {
		return e164, true
	}
	// Shorter ones are more likely a national number with a digit missing.
	if len(digits) >= 10 {
		if e164, ok := international(digits); ok {
			return e164, true
		}
	}
	if zero != "" && zero != digits {
		return p.withoutPlus(zero, "")
	}
	return 0, false
}

// isLocal reports whether digits can be a number of the plan's own area. 116xxx are
// the harmonised service numbers of Europe and belong to no area.
func (p *Plan) isLocal(digits string) bool {
	if p.area == "" || len(digits) > longestLocal || strings.HasPrefix(digits, "0") && p.trunk == "0" {
		return false
	}
	return len(digits) != 6 || !strings.HasPrefix(digits, "116")
}

// inCountry reads a national number that has neither trunk prefix nor country
// code.
func (p *Plan) inCountry(national string) (int64, bool) {
	return international(strconv.Itoa(phonenumbers.GetCountryCodeForRegion(p.country)) + national)
}

func international(digits string) (int64, bool) {
	if e164, ok := valid("+"+digits, nowhere); ok {
		return e164, true
	}
	if renumbered := renumber(digits); renumbered != "" {
		return valid("+"+renumbered, nowhere)
	}
	return 0, false
}

// valid asks the library. It reads "101" as +7101 and calls foreign spellings
// "possible", so only what it calls valid counts, and what is set aside.
func valid(text, region string) (int64, bool) {
	number, err := phonenumbers.Parse(text, region)
	if err != nil {
		return 0, false
	}
	digits := phonenumbers.Format(number, phonenumbers.E164)[1:]
	if len(digits) > longestE164 {
		return 0, false
	}
	e164, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || e164 <= 0 {
		return 0, false
	}
	return e164, setAside(e164) || phonenumbers.IsValidNumber(number)
}

// setAside knows the numbers that Ofcom keeps free of subscribers for use in
// drama ("Telephone numbers for use in TV and radio drama programmes") and that
// the library therefore calls invalid: 01632 960000-960999 and
// 07700 900000-900999. Documents, the demo and tests use them, so they are
// read like any other number. Its other ranges, and those of other countries,
// the library accepts.
func setAside(e164 int64) bool {
	return isDramaArea(e164) || e164/1000 == 447700900
}

// isDramaArea reports whether a number belongs to the area that is set aside, which the library knows no kind of.
func isDramaArea(e164 int64) bool { return e164/1000 == 441632960 }
