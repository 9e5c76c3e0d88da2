package phone

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// longestRaw is how many characters of the raw text a Number keeps.
const longestRaw = 64

// cut shortens raw text for the database and the logs and repairs bytes that
// are no UTF-8, which a database would refuse.
func cut(raw string) string {
	if len(raw) > longestRaw {
		runes := 0
		for i := range raw {
			if runes == longestRaw {
				raw = raw[:i]
				break
			}
			runes++
		}
	}
	if !utf8.ValidString(raw) {
		return strings.ToValidUTF8(raw, "\uFFFD")
	}
	return raw
}

// fold makes text of one alphabet of signs: ASCII digits whatever the script,
// small letters, a blank for every Unicode blank, ASCII for the full-width
// forms, one plus, one dash, one dot. What cannot be seen is dropped.
func fold(raw string) string {
	if strings.Contains(raw, "%") {
		// A URI's user part arrives escaped ("%2B7495..."). PathUnescape leaves "+" alone.
		if plain, err := url.PathUnescape(raw); err == nil {
			raw = plain
		}
	}
	var b strings.Builder
	b.Grow(len(raw))
	for _, r := range raw {
		if r := foldRune(r); r != 0 {
			b.WriteRune(r)
		}
	}
	return strings.TrimSpace(b.String())
}

// foldRune returns the sign that stands for r, 0 for none.
func foldRune(r rune) rune {
	if r >= '\uFF01' && r <= '\uFF5E' {
		r -= '\uFF01' - '!' // full-width forms mirror ASCII
	}
	switch {
	case r >= '!' && r <= '~' && (r < 'A' || r > 'Z'):
		return r
	case unicode.IsSpace(r):
		return ' '
	case unicode.IsDigit(r):
		return digit(r)
	case r == utf8.RuneError, unicode.IsControl(r), unicode.In(r, unicode.Cf):
		return 0
	case unicode.In(r, unicode.Pd), r == '−':
		return '-'
	}
	switch r {
	case '﹢', '⁺', '₊', '➕':
		return '+'
	case '·', '•', '․', '∙', '⋅':
		return '.'
	case 'ё', 'Ё':
		return 'е'
	}
	return unicode.ToLower(r)
}

// digit turns a decimal digit of any script into the ASCII one. The ranges of
// Unicode's decimal digits begin with a zero and are whole tens.
func digit(r rune) rune {
	for _, span := range unicode.Nd.R16 {
		if lo := rune(span.Lo); r >= lo && r <= rune(span.Hi) {
			return '0' + (r-lo)%10
		}
	}
	for _, span := range unicode.Nd.R32 {
		if lo := rune(span.Lo); r >= lo && r <= rune(span.Hi) {
			return '0' + (r-lo)%10
		}
	}
	return 0
}

// address is folded text taken apart where it is a URI or a name with one.
type address struct {
	text      string // what may hold the number
	extension string // ;ext= (RFC 3966)
	context   string // ;phone-context= when it is a global prefix: "+7495"
	strict    bool   // the text is a SIP user: letters in it make it a login, not a number
}

// addressOf understands `"Name" <sip:+74950000011@host;user=phone>`, tel: URIs
// with parameters (RFC 3966), callto: and bare user@host; other text is kept.
func addressOf(text string) address {
	if open := strings.IndexByte(text, '<'); open >= 0 {
		inner, _, _ := strings.Cut(text[open+1:], ">")
		text = strings.TrimSpace(inner)
	}
	a := address{text: text}
	scheme, rest, _ := strings.Cut(text, ":")
	switch scheme {
	case "tel", "callto":
		a.text = strings.TrimPrefix(rest, "//")
	case "sip", "sips":
		a.text, a.strict = strings.TrimPrefix(rest, "//"), true
	}
	if user, host, found := strings.Cut(a.text, "@"); found {
		a.text, a.strict = user, true
		if strings.HasPrefix(host, "anonymous.invalid") { // RFC 3323
			a.text = ""
		}
	}
	if a.strict {
		a.text, _, _ = strings.Cut(a.text, ":") // a password or a port
	}
	a.takeParameters()
	return a
}

func (a *address) takeParameters() {
	number, parameters, found := strings.Cut(a.text, ";")
	if !found {
		return
	}
	known := false
	for parameter := range strings.SplitSeq(parameters, ";") {
		name, value, hasValue := strings.Cut(parameter, "=")
		known = known || hasValue
		switch value = strings.TrimSpace(value); strings.TrimSpace(name) {
		case "ext":
			if value != "" && len(value) <= longestExtension && strings.Trim(value, "0123456789") == "" {
				a.extension = value
			}
		case "phone-context":
			if strings.HasPrefix(value, "+") && strings.Trim(value[1:], "0123456789-.()") == "" {
				a.context = value
			}
		}
	}
	if known { // else the semicolon belongs to the text, as in "... ;12"
		a.text = number
	}
}
