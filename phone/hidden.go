package phone

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// hiddenWords are what PBXs and networks send, and people write, instead of a
// number that is withheld, as letters and single blanks after folding.
var hiddenWords = set(
	// SIP, RFC 3323 and the PBXs
	"anonymous", "anonymous caller", "unknown", "unknown caller", "unknown number", "restricted", "private",
	"private caller", "private number", "hidden", "hidden number", "unavailable", "not available", "withheld",
	"withheld number",
	"number withheld", "blocked", "blocked number", "no number", "no caller id", "caller id blocked", "undisclosed",
	// nothing, as programs spell it
	"none", "null", "nil", "undefined", "empty", "n a",
	// German
	"keine rufnummer", "keine nummer", "ohne rufnummer", "nicht verfügbar",
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
	words := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) })
	return len(words) == 0 || hiddenWords[strings.Join(words, " ")] || isHiddenPhrase(words)
}

// isHiddenPhrase reports whether words are one that means "hidden" with none but words for a number or a caller around.
func isHiddenPhrase(words []string) bool {
	hidden := false
	for _, word := range words {
		switch word = bare(word); {
		case hiddenMarks[word]:
			hidden = true
		case !hiddenCompany[word]:
			return false
		}
	}
	return hidden
}

// bare returns a word without accents.
func bare(word string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(word))
}

// hiddenMarks are words for a number that is not shown, in the languages of the PBXs and networks that were met.
var hiddenMarks = marks(`
	anonymous unknown restricted private hidden unavailable withheld blocked undisclosed suppressed
	unbekannt unbekannte unbekannter anonym anonymer unterdrückt privat privater gesperrt verborgen
	inconnu inconnue anonyme masqué masquée privé privée secret caché indisponible
	desconocido desconocida anónimo privado privada oculto oculta restringido
	sconosciuto sconosciuta anonimo privato privata riservato nascosto
	desconhecido desconhecida anônimo restrito indisponível confidencial
	onbekend onbekende anoniem privénummer afgeschermd geheim verborgen
	nieznany nieznana anonimowy prywatny zastrzeżony ukryty
	neznámý neznámé neznámy anonymní skryté skrytý soukromé utajený utajené súkromné
	невідомий невідомо анонім анонімний прихований приховано приватний
	неизвестен неизвестно неизвестный аноним анонимный скрыт скрытый закрытый частный приватный засекречен
	невядомы ананім белгісіз жасырын
	bilinmeyen bilinmiyor gizli özel anonim
	okänd okänt hemligt skyddat dolt ukendt ukjent skjult hemmeligt hemmelig anonymt
	tuntematon salainen ismeretlen rejtett titkos privát
	necunoscut ascuns nepoznat skriven tundmatu nezināms nežinomas
	未知 匿名 非通知 未知号码 匿名号码 私人号码 隐藏号码 通知不可能`)

// hiddenCompany are words that stand beside those.
var hiddenCompany = marks(`
	number caller id call party name the no not subscriber
	nummer rufnummer anrufer teilnehmer telefonnummer anruf
	numéro appelant appel número llamada llamante numero chiamante chamada beller numer rozmówca dzwoniący
	číslo volající номер абонент звонок вызов номера арна нөмір numara arayan
	samtal samtale uppringare szám hívó număr apelant broj kõne numurs numeris`)

func marks(text string) map[string]bool {
	m := map[string]bool{}
	for _, word := range strings.Fields(text) {
		m[bare(word)] = true
	}
	return m
}
