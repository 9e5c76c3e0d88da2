package calls

import (
	"strings"
	"unicode"

	"callhue/rules"
)

// marker stands before the name on a desk phone, where there is no colour: red,
// "not checked" and "do not call" must be seen first.
func marker(card Card) string {
	sign := ""
	switch card.Verdict.Color {
	case rules.Red:
		sign = "!"
	case rules.Grey:
		sign = "?"
	}
	if card.Verdict.Why == rules.WhyMaybe {
		sign = "?"
	}
	if card.DoNotCall != nil {
		sign += "X"
	}
	if sign == "" {
		return ""
	}
	return "[" + sign + "] "
}

// CallerName is the card as one line for the display of a desk phone:
// "[!] Acme - Ivanov", as long as it is; a colleague by his name; "[X]" or
// "[!X]" for a number of the do-not-call list. It is "" when there is nothing to say.
// ascii writes Cyrillic in Latin letters for phones that know no other. What a
// PBX can take of it is for webhooks to say.
func (*Desk) CallerName(card Card, ascii bool) string {
	if card.Subject == nil && card.Colleagues == nil && card.DoNotCall == nil && card.Verdict.Color != rules.Grey {
		return ""
	}
	var parts []string
	for _, c := range card.Colleagues {
		parts = append(parts, c.Name)
	}
	if s := card.Subject; s != nil {
		owner := s.Owner
		if s.Company != nil {
			parts = append(parts, s.Company.Name)
			owner = s.Company.Owner
		}
		if s.Company == nil || card.Verdict.Color != rules.Red {
			parts = append(parts, s.Name)
		}
		if owner != nil && (card.Agent == nil || owner.ID != card.Agent.ID) {
			parts = append(parts, surname(owner.Name))
		}
	}
	name := strings.Join(parts, " - ")
	if ascii {
		name = latin(name)
	}
	return marker(card) + name
}

// surname is the part of a name that colleagues know each other by: the first
// word of a Russian name, the last one of any other. It is short, and the
// display is narrow.
func surname(name string) string {
	name = strings.TrimSpace(name)
	first, last := strings.IndexFunc(name, unicode.IsSpace), strings.LastIndexFunc(name, unicode.IsSpace)
	switch {
	case first < 0:
		return name
	case strings.ContainsFunc(name, func(r rune) bool { return unicode.Is(unicode.Cyrillic, r) }):
		return name[:first]
	}
	return strings.TrimSpace(name[last:])
}

// latin writes Cyrillic in Latin letters, drops accents' carriers that ASCII has
// no letter for, and leaves ASCII alone.
func latin(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r < unicode.MaxASCII {
			b.WriteRune(r)
			continue
		}
		lower := unicode.ToLower(r)
		letters, known := cyrillic[lower]
		if known && lower != r && letters != "" {
			letters = strings.ToUpper(letters[:1]) + letters[1:]
		}
		b.WriteString(letters)
	}
	return b.String()
}

var cyrillic = map[rune]string{
	'а': "a", 'б': "b", 'в': "v", 'г': "g", 'д': "d", 'е': "e", 'ё': "e", 'ж': "zh", 'з': "z", 'и': "i", 'й': "y",
	'к': "k", 'л': "l", 'м': "m", 'н': "n", 'о': "o", 'п': "p", 'р': "r", 'с': "s", 'т': "t", 'у': "u", 'ф': "f",
	'х': "kh", 'ц': "ts", 'ч': "ch", 'ш': "sh", 'щ': "sch", 'ъ': "", 'ы': "y", 'ь': "", 'э': "e", 'ю': "yu", 'я': "ya",
	'–': "-", '—': "-", '№': "No", '\u00a0': " ",
}
