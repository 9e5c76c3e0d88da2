package calls

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"callhue/internal/text"
	"callhue/rules"
)

// marker returns what stands before the name on the display of a telephone, which has no colours: red, "not checked"
// and "do not call" must be seen first. Where it is not known who will talk, a company that is protected from most
// agents is marked for all.
func marker(card *Card) string {
	sign := ""
	switch {
	case card.Verdict.Why == rules.WhyMaybe, card.Verdict.Color == rules.Grey:
		sign = "?"
	case card.Verdict.Color == rules.Red, card.Agent == nil && card.guarded:
		sign = "!"
	}
	if card.DoNotCall != nil {
		sign += "X"
	}
	if sign == "" {
		return ""
	}
	return "[" + sign + "]"
}

// narrow is the longest display, in characters, on which the blank after the marker and the dividers are left out.
const narrow = 20

// CallerName returns the card as one line for the display of a telephone: marker, owner's short name, company, as in
// "[!] Ivanov - Vektor", the name of a colleague, "" when there is nothing to show. The line has at most max
// characters, 0 for any number: the company is shortened, the owner is not. ascii writes it in Latin letters for
// telephones that know no others (card_latin.go).
func (*Tracker) CallerName(card Card, max int, ascii bool) string {
	if card.Subject == nil && card.Colleagues == nil && card.DoNotCall == nil && card.Verdict.Color != rules.Grey {
		return ""
	}
	parts := card.lineParts()
	if ascii {
		for i := range parts {
			parts[i] = strings.TrimSpace(latin(parts[i]))
		}
		// A name in letters that have no Latin spelling is empty now.
		parts = slices.DeleteFunc(parts, func(part string) bool { return part == "" })
	}
	sign := marker(&card)
	line := strings.Join(parts, " - ")
	switch {
	case sign == "":
	case line == "":
		line = sign
	default:
		line = sign + " " + line
	}
	if max > 0 && max < narrow && utf8.RuneCountInString(line) > max {
		line = sign + strings.Join(parts, " ")
	}
	return cutLine(line, max)
}

// shortestRest is how many letters of a word tell anything.
const shortestRest = 2

// cutLine returns the first characters of a line, all of them where max is 0, without a rest of a word that is too
// short and without a divider.
func cutLine(line string, max int) string {
	if max == 0 || utf8.RuneCountInString(line) <= max {
		return line
	}
	letters := []rune(line)
	cut := string(letters[:max])
	if last := strings.LastIndexByte(cut, ' '); last > 0 {
		rest := utf8.RuneCountInString(cut[last+1:])
		isCut := letters[max] != ' '
		if isCut && rest < shortestRest {
			cut = cut[:last]
		}
	}
	return strings.TrimRight(cut, " -")
}

// lineParts returns the names of the line, the most important first: the owner who must be asked, the company, the
// person. An agent's own client needs no owner's name.
func (c *Card) lineParts() []string {
	parts := make([]string, 0, len(c.Colleagues)+3)
	for _, colleague := range c.Colleagues {
		parts = append(parts, colleague.Name)
	}
	s := c.Subject
	if s == nil {
		return parts
	}
	owner, company := s.Owner, ""
	switch {
	case s.Company != nil:
		owner, company = s.Company.Owner, s.Company.Name
	case s.Kind == rules.KindCompany:
		company = s.Name
	}
	if owner != nil && (c.Agent == nil || owner.ID != c.Agent.ID) {
		parts = append(parts, surname(owner.Name))
	}
	if company != "" {
		parts = append(parts, text.WithoutLegalForm(company))
	}
	isRed := c.Verdict.Color == rules.Red || c.Agent == nil && c.guarded
	if s.Kind != rules.KindCompany && (company == "" || !isRed) {
		parts = append(parts, s.Name)
	}
	return parts
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
