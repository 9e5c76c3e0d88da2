package calls

import (
	"slices"
	"strings"
	"unicode"

	"callhue/rules"
)

// marker returns what stands before the name on the display of a telephone, which has no colours: red, "not checked"
// and "do not call" must be seen first.
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

// CallerName returns the card as one line for the display of a telephone: "[!] Acme - Ivanov" for a client, the name of
// a colleague, "[X]" or "[!X]" before a number of the do-not-call list, "" when there is nothing to show. The line is
// not shortened: package webhooks knows what a PBX can take. ascii writes it in Latin letters for telephones that know
// no others (card_latin.go).
func (*Tracker) CallerName(card Card, ascii bool) string {
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
	if ascii {
		for i := range parts {
			parts[i] = strings.TrimSpace(latin(parts[i]))
		}
		parts = slices.DeleteFunc(parts, func(part string) bool { return part == "" }) // a name in letters that have no Latin spelling
	}
	return marker(card) + strings.Join(parts, " - ")
}

// surname returns the part of a name that colleagues use: the first word of a Russian name, the last one of any other.
// The display is narrow.
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
