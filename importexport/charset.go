package importexport

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/unicode"

	"callhue/internal/fault"
)

// The charsets that are recognised. Options.Charset may name any other that the web knows.
const (
	charsetUTF8    = "UTF-8"
	charsetUTF16   = "UTF-16" // with a byte order mark
	charsetUTF16LE = "UTF-16LE"
	charsetUTF16BE = "UTF-16BE"
	charset1251    = "windows-1251"
	charset1252    = "windows-1252"
	charsetKOI8    = "KOI8-R"
	charset866     = "IBM866"
)

// singleByte are the charsets of one byte a character that are told apart by their letters, the most frequent first.
var singleByte = []struct {
	name string
	set  *charmap.Charmap
}{{charset1251, charmap.Windows1251}, {charset1252, charmap.Windows1252}, {charsetKOI8, charmap.KOI8R},
	{charset866, charmap.CodePage866}}

// charsetEvidence is what the bytes of a file show about its charset.
type charsetEvidence struct {
	mark     string // charset of the byte order mark
	zeros    [2]int // zero bytes at even and odd places
	pairs    int    // bytes that were looked at for zeros
	wide     int    // characters of several bytes that are UTF-8
	broken   int    // bytes that are not UTF-8
	held     []byte // the beginning of a character that the last part cut off
	sample   []byte // stretches around bytes that are not ASCII
	anything bool
}

// sampleBytes is how much text is kept to tell charsets of one byte apart.
const sampleBytes = 64 << 10

// add looks at the next part of the file.
func (e *charsetEvidence) add(part []byte) {
	if !e.anything && len(part) > 0 {
		e.anything = true
		e.start(part)
	}
	if e.mark != "" && e.mark != charsetUTF8 {
		return
	}
	text := part
	if len(e.held) > 0 {
		text = append(e.held, part...)
	}
	e.held = nil
	for i := 0; i < len(text); {
		if text[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, size := utf8.DecodeRune(text[i:])
		switch {
		case r != utf8.RuneError || size > 1:
			e.wide++
		case !utf8.FullRune(text[i:]) && len(text)-i < utf8.UTFMax:
			e.held = bytes.Clone(text[i:])
			e.keep(text, i)
			return
		default:
			e.broken++
			e.keep(text, i)
		}
		i += size
	}
}

// start looks at the first part: for a byte order mark, and for the zeros of UTF-16.
func (e *charsetEvidence) start(part []byte) {
	switch {
	case bytes.HasPrefix(part, markUTF8):
		e.mark = charsetUTF8
	case bytes.HasPrefix(part, markUTF16LE), bytes.HasPrefix(part, markUTF16BE):
		e.mark = charsetUTF16
	}
	part = part[:min(len(part), sampleBytes)]
	e.pairs = len(part) / 2
	for i, c := range part[:e.pairs*2] {
		if c == 0 {
			e.zeros[i%2]++
		}
	}
}

// keep adds what stands around a byte to the sample.
func (e *charsetEvidence) keep(text []byte, at int) {
	const around = 12
	if room := sampleBytes - len(e.sample); room > 0 {
		around := text[max(0, at-around):min(len(text), at+around)]
		e.sample = append(append(e.sample, around[:min(len(around), room)]...), '\n')
	}
}

// charset returns the charset that the bytes show. UTF-8 stays UTF-8 when a few of its characters are broken; of the
// charsets of one byte the one wins in which the text reads most like words.
func (e *charsetEvidence) charset() string {
	if e.mark != "" {
		return e.mark
	}
	// Separators, digits and line ends of UTF-16 have a zero beside them, always on the same side.
	const few = 8
	switch even, odd := e.zeros[0], e.zeros[1]; {
	case odd*few >= e.pairs && odd > 0 && even*few < odd:
		return charsetUTF16LE
	case even*few >= e.pairs && even > 0 && odd*few < even:
		return charsetUTF16BE
	}
	if len(e.held) > 0 {
		e.broken++
	}
	if e.broken == 0 || e.wide >= 2*e.broken {
		return charsetUTF8
	}
	return guessSingleByte(e.sample)
}

// guessSingleByte returns the charset of one byte a character in which a text reads most like words.
func guessSingleByte(text []byte) string {
	best, most := charset1251, 0
	for i, candidate := range singleByte {
		if score := readability(text, candidate.set); i == 0 || score > most {
			best, most = candidate.name, score
		}
	}
	return best
}

// frequent are the letters that make up most of a Cyrillic text, common those that are not rare.
const (
	frequent = "оеаинтсрвлк"
	common   = "мдпуяыьгзбчйхжшюцщэёіїєґ"
)

// readability rates a text as words: frequent letters and small letters behind capitals count for it, capitals inside
// a word, two alphabets in one word and signs of drawings against it.
func readability(text []byte, set *charmap.Charmap) (score int) {
	const other, latin, accented, cyrillic = 0, 1, 2, 3
	before, wasSmall := other, false
	for _, c := range text {
		r := set.DecodeByte(c)
		script, small := other, false
		switch {
		case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z':
			script, small = latin, r >= 'a'
		case r >= 0x400 && r <= 0x4ff:
			script, small = cyrillic, strings.ToLower(string(r)) == string(r)
			score += cyrillicWeight(r)
		case r >= 0xc0 && r <= 0x17f && r != '×' && r != '÷':
			script, small = accented, strings.ToLower(string(r)) == string(r)
			score += 3
		case r == utf8.RuneError, r >= 0x2500 && r <= 0x25ff, r >= 0x80 && r < 0xa0:
			score -= 10
		case r >= 0xa0 && !strings.ContainsRune("\u00a0№«»“”„’‘–—…•®©°§€", r):
			score -= 3
		}
		switch {
		case script == other || before == other:
		case script == cyrillic && before != cyrillic, before == cyrillic && script != cyrillic:
			score -= 12
		case script == accented && before == accented:
			score -= 8
		}
		if script != other && before == script && !small && wasSmall {
			score -= 6
		}
		before, wasSmall = script, small
	}
	return score
}

func cyrillicWeight(r rune) int {
	switch lower := strings.ToLower(string(r)); {
	case strings.Contains(frequent, lower):
		return 4
	case strings.Contains(common, lower):
		return 1
	}
	return -4
}

// charsetNamed returns the charset that a user or a card names, "" for none that is known.
func charsetNamed(name string) string {
	name = strings.TrimSpace(name)
	known := [...]string{charsetUTF8, charsetUTF16, charsetUTF16LE, charsetUTF16BE, charset1251, charset1252,
		charsetKOI8, charset866}
	if at := slices.IndexFunc(known[:], func(k string) bool { return strings.EqualFold(k, name) }); at >= 0 {
		return known[at]
	}
	found, err := htmlindex.Get(name)
	if err != nil {
		if found, err = ianaindex.IANA.Encoding(name); err != nil || found == nil {
			return ""
		}
	}
	if canonical, err := htmlindex.Name(found); err == nil {
		return canonical
	}
	return name
}

// encodingOf returns the encoding of a charset of charsetNamed, nil for UTF-8.
func encodingOf(charset string) encoding.Encoding {
	switch charset {
	case charsetUTF8:
		return nil
	case charsetUTF16:
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case charsetUTF16LE:
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case charsetUTF16BE:
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	}
	for _, known := range singleByte {
		if known.name == charset {
			return known.set
		}
	}
	if found, err := htmlindex.Get(charset); err == nil {
		return found
	}
	if found, err := ianaindex.IANA.Encoding(charset); err == nil {
		return found
	}
	return nil
}

// isWide reports whether a charset has two bytes for every character, those of ASCII included.
func isWide(charset string) bool { return strings.HasPrefix(strings.ToUpper(charset), "UTF-16") }

// overrideCharset sets the charset that the user names. Fault: invalid_input (charset: unknown_charset).
func (s *inputFile) overrideCharset(name string) error {
	if name == "" {
		return nil
	}
	named := charsetNamed(name)
	if named == "" {
		return fault.Invalid("charset", "unknown_charset").With("charset", name)
	}
	s.charset = named
	return nil
}

// decodeBytes returns a text of a charset as UTF-8; what cannot be read is the replacement character.
func decodeBytes(raw []byte, charset string) string {
	enc := encodingOf(charset)
	if enc == nil {
		return strings.ToValidUTF8(string(raw), replacement)
	}
	out, err := io.ReadAll(enc.NewDecoder().Reader(bytes.NewReader(raw)))
	if err != nil {
		return strings.ToValidUTF8(string(raw), replacement)
	}
	return string(out)
}

// replacement stands for bytes that are no character of the file's charset.
const replacement = "\uFFFD"
