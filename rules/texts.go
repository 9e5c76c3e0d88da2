package rules

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Wording is the text of a policy for one reason, instead of the text that ships with the product. An empty part stays as
// it ships.
type Wording struct {
	Icon string `json:"icon,omitempty"` // one of Icons
	RU   Saying `json:"ru,omitzero"`
	EN   Saying `json:"en,omitzero"`
}

// Saying is the words of one language. Names stand in braces, as "{owner}"; a
// part in square brackets is left out when a name in it is missing. Where the
// product has other words for incoming calls, InTitle and InText take their
// place, and Title and Text are for outgoing calls alone.
type Saying struct {
	Title   string `json:"title,omitempty"`
	Text    string `json:"text,omitempty"`
	InTitle string `json:"in_title,omitempty"`
	InText  string `json:"in_text,omitempty"`
}

// renamePlaceholders replaces a placeholder that older texts have by its present name.
func (s *Saying) renamePlaceholders() {
	for _, template := range []*string{&s.Title, &s.Text, &s.InTitle, &s.InText} {
		*template = strings.ReplaceAll(*template, "{till}", "{until}")
	}
}

// Icons lists the shapes that a card can draw (ui/src/card/icons.ts). Each
// has a meaning without its colour.
func Icons() []string {
	return []string{"stop", "contact", "lead", "own", "company", "colleague", "nobody", "question"}
}

// IconOf returns the icon of a reason in the policy; "" leaves the choice to the card.
func (p *Policy) IconOf(why Why) string { return p.Texts[why].Icon }

// Words puts a verdict into the agent's language in the words of the policy, and
// where it has none in those that ship with the product (the function Words).
func (p *Policy) Words(v Verdict, lang string, n Names) (title, text string) {
	russian := isRussian(lang)
	s, incoming := shipped(v, russian)
	own, there := p.Texts[v.Why]
	if !there {
		return fill(s.title, &n), fill(s.text, &n)
	}
	w := own.over(s, russian, incoming)
	title, text = fill(w.title, &n), fill(w.text, &n)
	if strings.TrimSpace(title) == "" { // all of it hung on names that are missing
		title = fill(s.title, &n)
	}
	return title, text
}

// over puts the policy's words over the shipped ones.
func (w Wording) over(s say, russian, incoming bool) say {
	own := w.EN
	if russian {
		own = w.RU
	}
	title, text := own.Title, own.Text
	if incoming {
		title, text = own.InTitle, own.InText
	}
	if title != "" {
		s.title = title
	}
	if text != "" {
		s.text = text
	}
	return s
}

// The longest words of a policy, in characters.
const (
	maxTitle = 200
	maxText  = 1000
)

// textProblems lists what is wrong with the words of a policy, by reason.
func (p *Policy) textProblems() []Problem {
	var all []Problem
	known := map[Why]bool{}
	for i := range table {
		known[table[i].Why] = true
	}
	whys := make([]Why, 0, len(p.Texts))
	for why := range p.Texts {
		whys = append(whys, why)
	}
	slices.Sort(whys)
	for _, why := range whys {
		at := fmt.Sprintf("texts.%s", why)
		if !known[why] {
			all = append(all, Problem{Field: at, Code: ProblemUnknownReason})
			continue
		}
		w := p.Texts[why]
		if w.Icon != "" && !slices.Contains(Icons(), w.Icon) {
			all = append(all, Problem{Field: at + ".icon", Code: ProblemUnknownValue})
		}
		all = append(all, w.RU.problems(at+".ru")...)
		all = append(all, w.EN.problems(at+".en")...)
	}
	return all
}

func (s Saying) problems(at string) (all []Problem) {
	for _, part := range []struct {
		name, words string
		longest     int
	}{
		{"title", s.Title, maxTitle}, {"text", s.Text, maxText}, {"in_title", s.InTitle, maxTitle},
		{"in_text", s.InText, maxText}} {
		if code := templateProblem(part.words, part.longest); code != "" {
			all = append(all, Problem{Field: at + "." + part.name, Code: code})
		}
	}
	return all
}

// templateProblem reads a template as fill will: brackets do not nest, a brace
// holds a name that there is.
func templateProblem(template string, longest int) string {
	if !utf8.ValidString(template) || strings.ContainsFunc(template, unicode.IsControl) {
		return ProblemMalformed
	}
	if utf8.RuneCountInString(template) > longest {
		return ProblemTooLong
	}
	bracket := false
	for rest := template; rest != ""; {
		at := strings.IndexAny(rest, "[]{}")
		if at < 0 {
			break
		}
		sign := rest[at]
		rest = rest[at+1:]
		switch {
		case sign == '[' && !bracket, sign == ']' && bracket:
			bracket = !bracket
		case sign == '{':
			name, after, closed := strings.Cut(rest, "}")
			if !closed || strings.ContainsAny(name, "[]{") {
				return ProblemMalformed
			}
			if !slices.Contains(placeholders[:], name) {
				return ProblemUnknownName
			}
			rest = after
		default:
			return ProblemMalformed
		}
	}
	if bracket {
		return ProblemMalformed
	}
	return ""
}

// placeholders are the names that the words of a verdict may hold.
var placeholders = [...]string{"agent", "owner", "head", "company", "contact", "lead", "status", "until", "days",
	"colleague"}
