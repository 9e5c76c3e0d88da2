package phone

import (
	"strings"
	"unicode"
)

// hiddenWords are what PBXs and networks send, and people write, instead of a
// number that is withheld, as letters and single blanks after folding.
var hiddenWords = set(
	// SIP, RFC 3323 and the PBXs
	"anonymous", "anonymous caller", "unknown", "unknown caller", "unknown number", "restricted", "private",
	"private caller", "private number", "hidden", "hidden number", "unavailable", "not available", "withheld", "withheld number",
	"number withheld", "blocked", "blocked number", "no number", "no caller id", "caller id blocked", "undisclosed",
	// nothing, as programs spell it
	"none", "null", "nil", "undefined", "empty", "n a",
	// Russian
	"аноним", "анонимно", "анонимный", "анонимный номер", "анонимный вызов", "анонимный звонок",
	"неизвестен", "неизвестно", "неизвестный", "неизвестный номер", "неизвестный абонент", "номер неизвестен",
	"скрыт", "скрыто", "скрытый", "скрытый номер", "номер скрыт", "скрытый абонент",
	"закрыт", "закрытый", "закрытый номер", "частный", "частный номер", "приватный", "приватный номер",
	"ограничен", "недоступен", "недоступно", "номер недоступен", "не определен", "не определено", "номер не определен",
	"неопределен", "номер неопределен", "без номера", "нет номера", "нет", "пусто",
)

// hiddenCodes are words of the same meaning typed on a telephone's keypad
// behind a plus: some carriers must send digits and send these. None of them
// is a number that could exist.
var hiddenCodes = set(
	"266696687",   // ANONYMOUS
	"7378742833",  // RESTRICTED
	"2562533",     // BLOCKED
	"8656696",     // UNKNOWN
	"86282452253", // UNAVAILABLE
)

func set(words ...string) map[string]bool {
	m := make(map[string]bool, len(words))
	for _, w := range words {
		m[w] = true
	}
	return m
}

// isHidden decides on folded text: a known word, or neither a letter nor a
// digit at all.
func isHidden(text string) bool {
	if strings.ContainsAny(text, "0123456789") {
		return strings.HasPrefix(text, "+") && hiddenCodes[text[1:]]
	}
	words := strings.Join(strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) }), " ")
	return words == "" || hiddenWords[words]
}
