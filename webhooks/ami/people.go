package ami

import (
	"strings"

	"callhue/phone"
)

// Directory answers what a follower has to know of numbers and people. A nil function knows none.
type Directory struct {
	Plan *phone.Plan // of the source's numbers; nil reads none
	// Agent reports whether a user is known by a name: an extension, a login, an identity of the source.
	Agent func(name string) bool
	// Holder returns the login of the user whose own phone has a number, "" when no single user has it.
	Holder func(number phone.Number) string
	// OwnOrder is how the ids of calls begin that an agent has ordered here; "" where there are none.
	OwnOrder string
}

func (p *Directory) isAgent(name string) bool { return name != "" && p.Agent != nil && p.Agent(name) }

// read returns the number in a text; not External when it cannot be an outside one.
func (p *Directory) read(text string) phone.Number {
	if p.Plan == nil || text == "" {
		return phone.Number{Raw: text}
	}
	return p.Plan.Parse(text)
}

// isNumber reports whether a text is an outside number.
func (p *Directory) isNumber(text string) bool { return p.read(text).Kind == phone.External }

// isSame reports whether two texts are the same outside number.
func (p *Directory) isSame(a, b string) bool {
	first, second := p.read(a), p.read(b)
	return first.Kind == phone.External && first.Key() == second.Key()
}

// holder returns the login of the user whose own phone has a number; "" for none.
func (p *Directory) holder(text string) string {
	number := p.read(text)
	if number.Kind != phone.External || p.Holder == nil {
		return ""
	}
	return p.Holder(number)
}

// outsideNumber returns the first text that is an outside number. Where a later one is the end of it, that one is
// meant: what was typed begins with the digits for an outside line, what is sent to a trunk with its prefix.
// Without any it returns the first text that can be dialled.
func (p *Directory) outsideNumber(texts ...string) string {
	number, dialled := "", ""
	for _, text := range texts {
		switch {
		case text == "s" || onlyNumber(text) == "":
		case !p.isNumber(text):
			if dialled == "" {
				dialled = text
			}
		case number == "", strings.HasSuffix(number, text):
			number = text
		}
	}
	if number == "" {
		number = dialled
	}
	return strings.Clone(number)
}
