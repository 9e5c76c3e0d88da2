package calls

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// latin writes a text in the letters of ASCII: Cyrillic as it is commonly transliterated, umlauts as Germans write them
// without (Mueller), other letters without their accents. Letters that ASCII has nothing for are left out.
func latin(text string) string {
	if strings.IndexFunc(text, func(r rune) bool { return r > unicode.MaxASCII }) < 0 {
		return text
	}
	var b strings.Builder
	for _, r := range norm.NFC.String(text) { // a letter and its accent may come as two
		if r <= unicode.MaxASCII {
			b.WriteRune(r)
			continue
		}
		lower := unicode.ToLower(r)
		letters, known := latinLetters[lower]
		switch {
		case !known:
			letters = plain(r)
		case lower != r && letters != "":
			letters = strings.ToUpper(letters[:1]) + letters[1:]
		}
		b.WriteString(letters)
	}
	return b.String()
}

// plain takes a letter apart and keeps what ASCII has of it: e of é.
func plain(r rune) string {
	return strings.Map(func(part rune) rune {
		switch {
		case part <= unicode.MaxASCII:
			return part
		case unicode.IsSpace(part):
			return ' '
		}
		return -1
	}, norm.NFKD.String(string(r)))
}

// latinLetters are the letters that do not come apart into one of ASCII's, or not as people would write them.
var latinLetters = map[rune]string{
	'а': "a", 'б': "b", 'в': "v", 'г': "g", 'д': "d", 'е': "e", 'ё': "e", 'ж': "zh", 'з': "z", 'и': "i", 'й': "y",
	'к': "k", 'л': "l", 'м': "m", 'н': "n", 'о': "o", 'п': "p", 'р': "r", 'с': "s", 'т': "t", 'у': "u", 'ф': "f",
	'х': "kh", 'ц': "ts", 'ч': "ch", 'ш': "sh", 'щ': "sch", 'ъ': "", 'ы': "y", 'ь': "", 'э': "e", 'ю': "yu", 'я': "ya",
	'і': "i", 'ї': "yi", 'є': "ye", 'ґ': "g", 'ў': "u", // Ukrainian, Belarusian
	'ә': "a", 'ғ': "g", 'қ': "q", 'ң': "n", 'ө': "o", 'ұ': "u", 'ү': "u", 'һ': "h", // Kazakh, Tatar, Kyrgyz
	'ђ': "dj", 'ј': "j", 'љ': "lj", 'њ': "nj", 'ћ': "c", 'џ': "dz", // Serbian
	'ä': "ae", 'ö': "oe", 'ü': "ue", 'ß': "ss",
	'æ': "ae", 'œ': "oe", 'ø': "o", 'å': "aa", 'đ': "d", 'ð': "d", 'þ': "th", 'ł': "l", 'ı': "i",
	'α': "a", 'β': "v", 'γ': "g", 'δ': "d", 'ε': "e", 'ζ': "z", 'η': "i", 'θ': "th", 'ι': "i", 'κ': "k", 'λ': "l", 'μ': "m", 'ν': "n",
	'ξ': "x", 'ο': "o", 'π': "p", 'ρ': "r", 'σ': "s", 'ς': "s", 'τ': "t", 'υ': "y", 'φ': "f", 'χ': "ch", 'ψ': "ps", 'ω': "o",
	'ά': "a", 'έ': "e", 'ή': "i", 'ί': "i", 'ό': "o", 'ύ': "y", 'ώ': "o",
	'–': "-", '—': "-", '‑': "-", '№': "No", '«': "", '»': "", '„': "", '“': "", '”': "", '’': "'", '‘': "'", '…': "...", '€': "EUR",
}
