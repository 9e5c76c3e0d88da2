package phone

import (
	"errors"
	"regexp"
	"strings"
	"unicode"
)

// Rule rewrites a number as a PBX sends it, before it is read: outside-line digits, technical prefixes, codes of
// carriers. Pattern has to match the whole number, without blanks and signs but + * #; $1 in Replacement is the first
// group of it.
type Rule struct {
	Pattern     string `json:"pattern"`
	Replacement string `json:"replacement"`
}

// Bounds of the rules of a plan.
const (
	MaxRules       = 50
	maxPattern     = 200 // bytes
	maxReplacement = 100
)

var errTooLong = errors.New("phone: too many rules, or too long ones")

// OutsideLine returns the rule for a digit that is dialled to get an outside line.
func OutsideLine(digit string) Rule { return Rule{digit + `(\d{7,}|\+\d+)`, "$1"} }

// Faults returns the codes of what is wrong with a rule: of its pattern, and of its replacement; "" where nothing is.
func (r Rule) Faults() (pattern, replacement string) {
	switch _, err := r.compile(); {
	case r.Pattern == "":
		pattern = "required"
	case len(r.Pattern) > maxPattern:
		pattern = "too_long"
	case err != nil:
		pattern = "malformed"
	}
	switch {
	case len(r.Replacement) > maxReplacement:
		replacement = "too_long"
	case strings.ContainsFunc(r.Replacement, unicode.IsControl):
		replacement = "malformed"
	}
	return pattern, replacement
}

// compile returns the rule ready for use. Patterns are those of Go's regexp, whose time grows with the text only.
func (r Rule) compile() (*compiledRule, error) {
	if len(r.Pattern) > maxPattern {
		return nil, errTooLong
	}
	pattern, err := regexp.Compile(`^(?:` + r.Pattern + `)$`)
	if err != nil {
		return nil, err
	}
	return &compiledRule{pattern, groupNumber.ReplaceAllString(r.Replacement, "$${$1}")}, nil
}

// groupNumber is a reference to a group, which stands alone even before a digit or a letter: $1, \1.
var groupNumber = regexp.MustCompile(`[$\\](\d)`)

type compiledRule struct {
	pattern     *regexp.Regexp
	replacement string
}

// WithRules returns a copy of the plan that rewrites numbers by rules, each of them applied to what the one before it
// left. Rules with faults are refused.
func (p *Plan) WithRules(rules []Rule) (*Plan, error) {
	if len(rules) > MaxRules {
		return nil, errTooLong
	}
	changed := *p
	changed.rules = nil
	for _, rule := range rules {
		compiled, err := rule.compile()
		if err != nil {
			return nil, err
		}
		changed.rules = append(changed.rules, *compiled)
	}
	return &changed, nil
}

// rewritten reads raw text by the plan's rules. It reports false where none applies, or what they make of it cannot be
// read: then the text counts as it came.
func (p *Plan) rewritten(raw string) (Number, bool) {
	if len(raw) > longestText {
		return Number{}, false
	}
	a := addressOf(fold(Plain(raw)))
	text := dialledText(a.text)
	if text == "" {
		return Number{}, false
	}
	before := text
	for _, rule := range p.rules {
		text = rule.pattern.ReplaceAllString(text, rule.replacement)
	}
	if text == before || len(text) > longestText {
		return Number{}, false
	}
	n := p.slow(text)
	if n.Kind != External && n.Kind != Internal {
		return Number{}, false
	}
	n.Raw = cut(raw)
	if n.Extension == "" {
		n.Extension = a.extension
	}
	return n, true
}

// dialledText returns folded text as it is dialled, without what people put between the digits; "" for text with
// letters.
func dialledText(text string) string {
	if strings.ContainsFunc(text, unicode.IsLetter) {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' || r == '*' || r == '#' {
			return r
		}
		return -1
	}, text)
}

// outsideDigits are the digits that are dialled to get an outside line where no rule says otherwise.
const outsideDigits = "90"

// afterOutsideLine reads digits that are no number as one behind a digit for an outside line: a client who is dialled
// that way has the same card.
func (p *Plan) afterOutsideLine(runs []run) (Number, bool) {
	if len(runs) != 1 || runs[0].code != "" || !runs[0].first {
		return Number{}, false
	}
	r := runs[0]
	isTrunk := p.trunk != "" && strings.HasPrefix(r.digits, p.trunk)
	if r.plus || len(r.digits) <= longestLocal || isTrunk || !strings.Contains(outsideDigits, r.digits[:1]) {
		return Number{}, false
	}
	e164, ok := p.external("", run{digits: r.digits[1:], first: true})
	return Number{Kind: External, E164: e164}, ok
}
