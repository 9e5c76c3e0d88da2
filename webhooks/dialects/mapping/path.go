package mapping

import (
	"strconv"
	"strings"
)

// path is where in a request's tree a text stands: names with dots between them, and brackets behind a name: [0], [-1]
// and ["any name"] for one element, [*] for all of them, [name=text] for those with this member.
type path struct {
	root  rune   // '^' for the whole request where elements are events, '$' for what is around the body, or 0
	named string // of '$': header, query, body, method or path
	steps []step
}

// step is one part of a path.
type step struct {
	name  string // "" with all or where
	all   bool
	where *filter
}

// filter chooses the nodes in which a text is, or is not, the one that is wanted.
type filter struct {
	steps []step
	text  string
	not   bool
}

// maxSteps is the longest path.
const maxSteps = 32

// path reads a path.
func (d *decoder) path(at, text string) (p path) {
	p, ok := parsePath(text)
	if !ok {
		d.refuse(at, "malformed_path")
	}
	return p
}

func parsePath(text string) (p path, ok bool) {
	rest := text
	switch {
	case strings.HasPrefix(rest, "^"):
		p.root, rest = '^', strings.TrimPrefix(rest[1:], ".")
	case strings.HasPrefix(rest, "$"):
		p.root = '$'
		p.named, rest, _ = strings.Cut(rest[1:], ".")
		switch p.named {
		case "header":
			return path{root: '$', named: p.named, steps: []step{{name: rest}}}, rest != ""
		case "query":
		case "body", "method", "path", "url":
			return p, rest == ""
		default:
			return p, false
		}
	}
	p.steps, ok = parseSteps(rest)
	return p, ok && (len(p.steps) > 0 || p.root == '^')
}

func parseSteps(rest string) (steps []step, ok bool) {
	for rest != "" {
		if len(steps) > maxSteps {
			return nil, false
		}
		if rest[0] == '[' {
			end := closing(rest)
			if end < 0 {
				return nil, false
			}
			one, ok := parseBracket(rest[1:end])
			if !ok {
				return nil, false
			}
			steps, rest = append(steps, one), rest[end+1:]
			if strings.HasPrefix(rest, ".") && len(rest) > 1 {
				rest = rest[1:]
			}
			continue
		}
		end := strings.IndexAny(rest, ".[")
		if end < 0 {
			end = len(rest)
		}
		if end == 0 {
			return nil, false
		}
		steps = append(steps, step{name: rest[:end]})
		rest = rest[end:]
		if strings.HasPrefix(rest, ".") {
			if rest = rest[1:]; rest == "" {
				return nil, false
			}
		}
	}
	return steps, true
}

// closing returns where the bracket at the beginning of a text ends, or -1.
func closing(text string) int {
	if strings.HasPrefix(text, `["`) {
		if end := strings.Index(text[2:], `"]`); end >= 0 {
			return end + 3
		}
		return -1
	}
	return strings.IndexByte(text, ']')
}

func parseBracket(inside string) (s step, ok bool) {
	switch {
	case inside == "*":
		return step{all: true}, true
	case len(inside) > 2 && inside[0] == '"':
		return step{name: strings.Trim(inside, `"`)}, true
	}
	name, text, found := strings.Cut(inside, "=")
	if !found {
		return step{name: inside}, inside != ""
	}
	where := &filter{text: text}
	if name, where.not = strings.CutSuffix(name, "!"); name == "" {
		return s, false
	}
	where.steps, ok = parseSteps(name)
	return step{where: where}, ok
}

// maxMatches is how many nodes a path may find.
const maxMatches = 1000

// find returns the nodes at the end of the steps, in the order in which they were sent.
func find(from *node, steps []step) []*node {
	found := []*node{from}
	for _, s := range steps {
		var next []*node
		for _, n := range found {
			next = append(next, s.from(n)...)
			if len(next) > maxMatches {
				break
			}
		}
		found = next
	}
	return found
}

func (s *step) from(n *node) []*node {
	switch {
	case s.all:
		return n.children()
	case s.where != nil && n.list:
		var kept []*node
		for _, kid := range n.children() {
			if s.where.keeps(kid) {
				kept = append(kept, kid)
			}
		}
		return kept
	case s.where != nil:
		if s.where.keeps(n) {
			return []*node{n}
		}
		return nil
	}
	if kid := n.kid(s.name); kid != nil {
		return []*node{kid}
	}
	return nil
}

func (f *filter) keeps(n *node) bool {
	for _, found := range find(n, f.steps) {
		if strings.EqualFold(found.text, f.text) {
			return !f.not
		}
	}
	return f.not
}

// kid returns a field or an element by its name or index, which may count from the end; nil when there is none.
func (n *node) kid(name string) *node {
	if kid := n.kids[name]; kid != nil {
		return kid
	}
	if index, err := strconv.Atoi(name); err == nil && index < 0 && -index <= len(n.names) {
		return n.kids[n.names[len(n.names)+index]]
	}
	return nil
}

func (n *node) children() (list []*node) {
	for _, name := range n.names {
		list = append(list, n.kids[name])
	}
	return list
}
