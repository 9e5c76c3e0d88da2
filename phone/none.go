package phone

import (
	"regexp"
	"strings"
	"unicode"
)

// noneWords are what people and programs write where there is no phone, as letters and single blanks after folding.
var noneWords = set(
	"nan", "na", "n a", "no", "non", "none", "null", "nil", "nope", "tbd", "blank", "empty", "undefined", "missing",
	"no phone", "no telephone", "no number", "no data", "not provided", "not available", "not set", "not specified",
	"not known", "unknown", "ref", "value", "name",
	"н д", "нд", "нет", "нету", "б н", "бн", "нет телефона", "нет номера", "нет данных", "без телефона", "без номера",
	"не указан", "не указано", "не указана", "не задан", "не задано", "не известен", "не известно", "неизвестен",
	"неизвестно", "не заполнено", "не знаю", "не имеется", "не предоставлен", "не предоставлено", "не нужен",
	"отсутствует", "отсутствуют", "пусто", "пустой", "прочерк", "телефон отсутствует", "телефон не указан",
	"номер не указан", "немає", "не вказано",
	"kein", "keine", "keine angabe", "kein telefon", "unbekannt", "aucun", "néant", "sin teléfono", "sin telefono",
	"ninguno", "no tiene", "nenhum", "não tem", "não informado", "nao informado", "brak", "yok", "жоқ",
)

// noDigits are signs, and digits that only begin a number: the rest of a mask that was never filled in.
var noDigits = regexp.MustCompile(`^(?:\+[178]|[178]\s*[(\[_\-])[\s()\[\]_\-.#?*0]*$`)

// IsNone reports whether a typed text states that there is no phone: nothing but signs and zeros, an unfilled mask, or
// words such as "нет", "n/a", "#Н/Д", "unknown". A withheld caller's words count too: no record has such a phone.
func IsNone(text string) bool {
	if len(text) > longestPart {
		return false
	}
	folded := fold(text)
	if !strings.ContainsFunc(folded, unicode.IsLetter) {
		digits := strings.Trim(onlyDigits(folded), "0")
		return digits == "" || len(digits) == 1 && noDigits.MatchString(folded) || isHidden(folded)
	}
	if strings.ContainsAny(folded, "123456789@") {
		return false
	}
	words := strings.FieldsFunc(folded, func(r rune) bool { return !unicode.IsLetter(r) })
	return noneWords[strings.Join(words, " ")] || isHidden(folded)
}
