package phone

import (
	"bytes"
	"html"
	"net/url"
	"regexp"
	"strings"
	"unicode"
)

var (
	// tag is a tag of HTML, as web forms and mail programs leave them; "<sip:...>" and "<84950000011>" are none.
	tag = regexp.MustCompile(`(?i)</?(p|br|div|li|ul|ol|tr|td|th|table|tbody|h[1-6]|hr|span|a|b|i|u|s|em|strong|font|` +
		`small|big|pre|nobr|sup|sub|tt|code|center|o:p)(\s[^<>]*)?\s*/?>`)
	inlineTag = regexp.MustCompile(`(?i)^</?(span|a|b|i|u|s|em|strong|font|small|big|nobr|sup|sub|tt|code|o:p)[\s/>]`)
	// telLink is a link to a number, whose text may be a word.
	telLink = regexp.MustCompile(`(?i)href\s*=\s*["']?tel:([^"'\s>]+)`)
	// lineEnd is a line end that a program wrote as text.
	lineEnd = regexp.MustCompile(`_x000[dDaA]_|\\r\\n|\\n`)
)

// cleanCell takes away what other programs left around a text: markup, entities, escaped signs and line ends. Block
// tags become line ends.
func cleanCell(text string) string {
	if strings.Contains(text, "<") {
		text = withoutTags(text)
	}
	if strings.Contains(text, "&") {
		text = html.UnescapeString(text)
	}
	if strings.Contains(text, "%") {
		if plain, err := url.PathUnescape(text); err == nil {
			text = plain
		}
	}
	if strings.ContainsAny(text, `_\`) {
		text = lineEnd.ReplaceAllString(text, "\n")
	}
	return strings.TrimSpace(strings.ToValidUTF8(text, ""))
}

func withoutTags(text string) string {
	plain := tag.ReplaceAllStringFunc(text, func(t string) string {
		if inlineTag.MatchString(t) {
			return " "
		}
		return "\n"
	})
	if plain != text && countDigits(plain) == 0 {
		if m := telLink.FindStringSubmatch(text); m != nil {
			return m[1]
		}
	}
	return plain
}

// address forms of a whole text.
var (
	uri        = regexp.MustCompile(`(?i)^\s*(sips?|tel|callto):\S+$`)
	bracketed  = regexp.MustCompile(`^[^<>]*<[^<>]*(\d\d|:|(?i:unknown|anonymous))[^<>]*>[^<>]*$`)
	userAtHost = regexp.MustCompile(`^[^\s,;|/<>]+@[^\s,;|/<>]+$`)
	dialCode   = regexp.MustCompile(`^[*#]+\d`)
)

// isAddress reports whether a text is, as a whole, an address or what is dialled with a code before it.
func isAddress(text string) bool {
	if !strings.ContainsAny(text, ":<@*#") {
		return false
	}
	return uri.MatchString(text) || bracketed.MatchString(text) || userAtHost.MatchString(text) ||
		dialCode.MatchString(text)
}

// quantity is a number as spreadsheets show it that has lost digits or was never a telephone: 7.495E+10 or
// 79,160,000,011.
var quantity = regexp.MustCompile(`^\d+(?:[.,]\d+)?e\+?\d{1,3}$|^\d{1,3}(?:,\d{3})+(?:\.\d+)?$`)

// isQuantity reports whether a folded text is a quantity.
func isQuantity(folded string) bool { return quantity.MatchString(folded) }

// foldAt folds a text rune by rune and remembers where each byte of the result comes from. Line ends stay.
func foldAt(text string) (folded string, at []int) {
	var b strings.Builder
	b.Grow(len(text))
	at = make([]int, 0, len(text)+1)
	for i, r := range text {
		f := foldRune(r)
		if r == '\n' || r == '\r' {
			f = '\n'
		}
		if f == 0 {
			continue
		}
		before := b.Len()
		b.WriteRune(f)
		for range b.Len() - before {
			at = append(at, i)
		}
	}
	return b.String(), append(at, len(text))
}

// note is a pattern of stretches of folded text with digits that belong to no number: its first group, else the whole.
// needs holds texts of which one stands in every match: most cells have none, and searching costs less than matching.
type note struct {
	needs   []string
	pattern *regexp.Regexp
	isPlace bool // digits beside a word, which may still belong to a number
}

var notes = []note{
	{[]string{"://", "www."}, regexp.MustCompile(
		`(?:https?://|www\.)(?:wa\.me/|api\.whatsapp\.com/send\?phone=)`), false},
	{[]string{"://", "www."}, regexp.MustCompile(`(?:https?://|www\.)[^\s<>",;|]+`), false},
	{[]string{"@"}, regexp.MustCompile(`[^\s,;<>()|:"]+@[^\s,;<>()|/:"]+`), false},
	{[]string{"@"}, regexp.MustCompile(`@[\pL\d_.]+`), false},
	{[]string{"24"}, regexp.MustCompile(`(?:^|[\s(,;])(24\s?[/xх*]\s?7)(?:$|[\s),;:])`), false},
	{[]string{".0", ",0"}, regexp.MustCompile(`\d{10}([.,]00?)(?:$|[^\d.,])`), false},
	{[]string{".19", ".20", "/19", "/20"}, regexp.MustCompile(
		`(?:^|[^\d.])((?:[0-2]?\d|3[01])[./](?:0?\d|1[0-2])[./](?:19|20)\d\d)(?:$|[^\d])`), false},
	{[]string{"19", "20"}, regexp.MustCompile(
		`(?:^|[^\d-])((?:19|20)\d\d-(?:0\d|1[0-2])-(?:[0-2]\d|3[01]))(?:$|[^\d-])`), false},
	{[]string{":", "."}, regexp.MustCompile(
		`(?:^|[^\d.:])([012]?\d[:.][0-5]\d\s*-\s*[012]?\d[:.][0-5]\d)(?:$|[^\d.:-])`), false},
	{[]string{":"}, regexp.MustCompile(`(?:^|[^\d:.])([012]?\d:[0-5]\d)(?:$|[^\d:-])`), false},
	{days, regexp.MustCompile(`(?:^|[^\pL])(?:пн|вт|ср|чт|пт|сб|вс|mon|tue|wed|thu|fri|sat|sun)[\s.,:]*` +
		`([012]?\d(?:[:.][0-5]\d)?\s?-\s?[012]?\d(?:[:.][0-5]\d)?)(?:$|[^\d])`), false},
	{[]string{"до", "по"}, regexp.MustCompile(`(?:^|[^\pL])с\s*\d{1,2}\s*(?:до|по)\s*(\d{1,2})(?:$|[^\d])`), false},
	{places, regexp.MustCompile(`(?:^|[^\d-])(\d{1,4}\s?-?(?:й|ый|ой|st|nd|rd|th)?\s?` +
		`(?:этаж|эт|каб|кв|офис|оф|комн|подъезд|час|ч|лет|мин|floor|fl|room|office|suite|h|hrs|min)` +
		`\pL*\.?)(?:$|[^\pL])`), true},
	{places, regexp.MustCompile(`(?:^|[^\pL])((?:этаж|эт|каб|кабинет|кв|офис|оф|комн|комната|корп|корпус|дом|стр|` +
		`подъезд|floor|room|office|suite|ste|apt|bldg)\.?\s?[№#]?\s?\d{1,4})(?:$|[^\d-])`), true},
}

// places are the beginnings of the words for floors, rooms and hours.
var places = []string{"эт", "каб", "кв", "оф", "комн", "корп", "дом", "стр", "подъезд", "ч", "лет", "мин", "fl", "room",
	"office", "suite", "ste", "apt", "bldg", "h", "min"}

// days are the short names of the days, before hours.
var days = []string{"пн", "вт", "ср", "чт", "пт", "сб", "вс", "mon", "tue", "wed", "thu", "fri", "sat", "sun"}

// mayMatch reports whether a text holds one of the texts that every match needs.
func (n *note) mayMatch(folded string) bool {
	for _, text := range n.needs {
		if strings.Contains(folded, text) {
			return true
		}
	}
	return false
}

// remark is a note in brackets.
var remark = regexp.MustCompile(`[(\[][^()\[\]]*\pL[^()\[\]]*[)\]]`)

func remarks(folded string) [][]int {
	if !strings.ContainsAny(folded, "([") {
		return nil
	}
	return remark.FindAllStringIndex(folded, -1)
}

// mask is the sign that stands for what belongs to no number.
const mask = '\x01'

// beginsNote reports whether a sign occurs in notes.
func beginsNote(r rune) bool { return unicode.IsLetter(r) || strings.ContainsRune("@:.,/)-", r) }

// hideNotes replaces what belongs to no number by the mask, byte for byte; floors, rooms and hours only if withPlaces.
func hideNotes(folded string, withPlaces bool) string {
	if !strings.ContainsFunc(folded, beginsNote) {
		return folded
	}
	b := []byte(folded)
	hide := func(from, to int) {
		for i := from; i < to; i++ {
			b[i] = mask
		}
	}
	for _, m := range remarks(folded) {
		inner := folded[m[0]+1 : m[1]-1]
		if digits := countDigits(inner); digits < fewestDigits && !extensionNote.MatchString(inner) {
			hide(m[0], m[1])
		}
	}
	for _, note := range notes {
		if note.isPlace && !withPlaces || !note.mayMatch(folded) {
			continue
		}
		for _, m := range note.pattern.FindAllSubmatchIndex(b, -1) {
			if len(m) > 2 && m[2] >= 0 {
				hide(m[2], m[3])
			} else {
				hide(m[0], m[1])
			}
		}
	}
	hideListMarks(b)
	return string(b)
}

// listMark is a number of one or two digits before a bracket that was never opened: "1) 8 495...".
var listMark = regexp.MustCompile(`(?:^|[\s,;.])(\d{1,2}\s?\))`)

func hideListMarks(b []byte) {
	if bytes.IndexByte(b, ')') < 0 {
		return
	}
	for _, m := range listMark.FindAllSubmatchIndex(b, -1) {
		before := b[:m[2]]
		depth := 0
		for _, c := range before {
			switch c {
			case '(':
				depth++
			case ')':
				depth = max(0, depth-1)
			}
		}
		if depth > 0 {
			continue
		}
		for i := m[2]; i < m[3]; i++ {
			b[i] = mask
		}
	}
}

// extensionWords are what people write before an extension.
const extensionWords = `extension|extens|exten|extn|ext|` +
	`добавочн\pL*|добав|доб|внутренн\pL*|внутр|вн|д\.|int|` +
	`interno|interne|internal|anexo|anx|ramal|poste|nebenstelle|nst|durchwahl|dw|` +
	`dahili|wewn\pL*|wew|linka|klapka|toestel|tst|anknytning|` +
	`lokal|x|х|~`

// behindExtension is what stands between a word for an extension and its digits.
const behindExtension = `[\s.:=\-)]*(?:номер|ном|number|num|nr|no|тел|№|#)?[\s.:=\-№#]*`

// joints are the words between two numbers.
const joints = `и|или|либо|and|or|und|oder|y|e|o|et|ou|та|або|i|lub`

var (
	// extensionLead is all that stands between a number and its extension.
	extensionLead = regexp.MustCompile(`^[\s.,;()\[\]/\-]*(?:` + extensionWords + `)` + behindExtension + `$`)
	// extensionNote is an extension in brackets.
	extensionNote = regexp.MustCompile(`^\s*(?:` + extensionWords + `)` + behindExtension + `\d`)
	// dialledBehind are the signs of a pause or a wait of a dialler.
	dialledBehind = regexp.MustCompile(`^\s*[,;]+\s*$`)
	// noPhoneLabel is a label of digits that are no telephone.
	noPhoneLabel = regexp.MustCompile(`(?:^|[^\pL])(?:инн|кпп|огрн|огрнип|бик|снилс|окпо|паспорт\pL*|р/с|к/с|` +
		`iban|vat|ein|ssn|договор\pL*|заказ\pL*|счет\pL*|order|invoice|account)[\s.:№#\-]*$`)
	// areaLabel is a label of an area code.
	areaLabel = regexp.MustCompile(`(?:^|[^\pL])(?:код(?:\s+[\pL.]+){0,2}|area(?:\s+code)?|code|vorwahl)[\s.:\-(]*$`)
	// joinWord is a word between two numbers.
	joinWord = regexp.MustCompile(`^[\s.,;|/\\&+]*(?:` + joints + `)?[\s,;|/\\&]+|` +
		`[\s,;|/\\&]+(?:(?:` + joints + `)\s*)?$`)
)
