package dialects

import (
	"mime"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// charset is how a request spells texts that are no UTF-8; "" when it does not say.
type charset string

const (
	western  charset = "windows-1252" // and ISO 8859-1, of which it is a superset
	cyrillic charset = "windows-1251"
)

// charsetOf returns what a content type says about texts.
func charsetOf(contentType string) charset {
	_, params, _ := mime.ParseMediaType(contentType)
	switch strings.ToLower(params["charset"]) {
	case "windows-1252", "cp1252", "iso-8859-1", "iso-8859-15", "latin1":
		return western
	case "windows-1251", "cp1251":
		return cyrillic
	}
	return ""
}

// decode returns a text as UTF-8. Texts that are UTF-8 stay as they are, whatever the content type says.
func (c charset) decode(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	if c == "" {
		c = guessCharset(text)
	}
	table := charmap.Windows1252
	if c == cyrillic {
		table = charmap.Windows1251
	}
	plain, err := table.NewDecoder().String(text)
	if err != nil {
		return text
	}
	return plain
}

// guessCharset distinguishes the two code pages by the order of their letters: in Cyrillic words most follow each
// other, in Western words an accented letter stands between plain ones.
func guessCharset(text string) charset {
	const firstLetter = 0xC0 // of both code pages
	together, alone := 0, 0
	for start := 0; start < len(text); start++ {
		end := start
		for end < len(text) && text[end] >= firstLetter {
			end++
		}
		switch n := end - start; {
		case n == 1:
			alone++
		case n > 1:
			together += n
		}
		start = end
	}
	if together > alone {
		return cyrillic
	}
	return western
}
