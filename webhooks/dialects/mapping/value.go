package mapping

import (
	"slices"
	"strconv"
	"strings"

	plain "callhue/internal/text"
	"callhue/rules"
)

// value finds a text in a request; "" is nothing.
type value interface{ in(s *scope) string }

// scope is what values are read from: one request, or one element of it.
type scope struct {
	req       *Request
	root      *node
	element   *node // root where a request is one event
	nothing   []string
	sent      string // the event as the PBX names it
	direction rules.Direction
}

// The forms of a value.
type (
	constant    string  // "=text"
	firstOf     []value // ["a","b"]: the first that is something
	byDirection struct{ incoming, outgoing, otherwise value }
	byEvent     map[string]value // by the PBX's name of the event; "*" is any other
)

// piece is a value of which something is made: {"of": ..., "map": ...}.
type piece struct {
	of            []value // joined
	join          string
	last          bool // of several texts that a path finds, the last
	before, after string
	user          bool   // of a SIP or tel address
	brackets      bool   // what stands in the last brackets, if there are any
	only          string // a pattern; a text that is not like it, or with ! before it is, is nothing
	words         map[string]string
	patterns      []string // the keys of words with an asterisk, longest first
}

// value reads a value; nil when it is missing.
func (d *decoder) value(at string, raw any) value {
	d.depth++
	defer func() { d.depth-- }()
	if d.depth > maxNesting {
		d.refuse(at, "json_too_deep")
		return nil
	}
	switch raw := raw.(type) {
	case nil:
		return nil
	case string:
		if text, found := strings.CutPrefix(raw, "="); found {
			return constant(text)
		}
		return d.path(at, raw)
	case []any:
		var list firstOf
		for n, item := range raw {
			list = append(list, d.needed(below(at, strconv.Itoa(n)), item))
		}
		return list
	case map[string]any:
		return d.made(at, raw)
	}
	d.refuse(at, "wrong_type")
	return nil
}

// needed is value of one that must be there.
func (d *decoder) needed(at string, raw any) value {
	v := d.value(at, raw)
	if v == nil {
		d.refuse(at, "required")
		return constant("")
	}
	return v
}

// made reads a value that is an object.
func (d *decoder) made(at string, fields map[string]any) value {
	switch {
	case fields["by_event"] != nil:
		d.known(at, fields, "by_event")
		names := byEvent{}
		for name, raw := range d.object(below(at, "by_event"), fields["by_event"]) {
			names[strings.ToLower(name)] = d.needed(below(at, "by_event."+name), raw)
		}
		return names
	case fields["of"] == nil:
		d.known(at, fields, "in", "out", "else")
		if len(fields) == 0 {
			d.refuse(at, "required")
		}
		return byDirection{d.value(below(at, "in"), fields["in"]), d.value(below(at, "out"), fields["out"]),
			d.value(below(at, "else"), fields["else"])}
	}
	d.known(at, fields, "of", "join", "map", "before", "after", "user", "brackets", "pick", "only")
	p := &piece{
		join:     "+",
		before:   d.text(below(at, "before"), fields["before"]),
		after:    d.text(below(at, "after"), fields["after"]),
		only:     strings.ToLower(d.text(below(at, "only"), fields["only"])),
		user:     d.flag(below(at, "user"), fields["user"]),
		brackets: d.flag(below(at, "brackets"), fields["brackets"]),
		last:     d.choice(below(at, "pick"), fields["pick"], "first", "last") == "last",
	}
	if fields["join"] != nil {
		p.join = d.text(below(at, "join"), fields["join"])
	}
	if list, ok := fields["of"].([]any); ok && len(list) > 0 {
		for n, raw := range list {
			p.of = append(p.of, d.needed(below(at, "of."+strconv.Itoa(n)), raw))
		}
	} else {
		p.of = []value{d.needed(below(at, "of"), fields["of"])}
	}
	d.words(below(at, "map"), p, fields["map"])
	return p
}

// words reads a map of words, or the name of one that is ready.
func (d *decoder) words(at string, p *piece, raw any) {
	if raw == nil {
		return
	}
	if name, ok := raw.(string); ok {
		if name != "causes" {
			d.refuse(at, "unknown_value")
		}
		p.words = causes()
		return
	}
	p.words = map[string]string{}
	for from, to := range d.object(at, raw) {
		key := strings.ToLower(from)
		p.words[key] = d.text(below(at, from), to)
		if strings.Contains(key, "*") {
			p.patterns = append(p.patterns, key)
		}
	}
	slices.SortFunc(p.patterns, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
}

func (c constant) in(*scope) string { return string(c) }

func (p path) in(s *scope) string { return s.pick(s.texts(p), false) }

func (l firstOf) in(s *scope) string {
	for _, v := range l {
		if text := v.in(s); text != "" {
			return text
		}
	}
	return ""
}

func (b byDirection) in(s *scope) string {
	v := b.otherwise
	switch {
	case s.direction == rules.In:
		v = cmpValue(b.incoming, v)
	case s.direction == rules.Out:
		v = cmpValue(b.outgoing, v)
	}
	return textOf(v, s)
}

func cmpValue(v, otherwise value) value {
	if v == nil {
		return otherwise
	}
	return v
}

func (b byEvent) in(s *scope) string {
	v, found := b[strings.ToLower(s.sent)]
	if !found {
		v = b["*"]
	}
	return textOf(v, s)
}

// textOf is the text of a value that may be missing.
func textOf(v value, s *scope) string {
	if v == nil {
		return ""
	}
	return v.in(s)
}

func (p *piece) in(s *scope) string {
	text := p.source(s)
	if p.words == nil {
		return text
	}
	word, _ := p.word(text)
	return word
}

// source returns the text before its translation.
func (p *piece) source(s *scope) string {
	parts := make([]string, 0, len(p.of))
	for _, v := range p.of {
		text := ""
		if found, ok := v.(path); ok {
			text = s.pick(s.texts(found), p.last)
		} else {
			text = v.in(s)
		}
		parts = append(parts, p.cut(text))
	}
	return strings.Join(parts, p.join)
}

// cut returns the part of a text that is wanted.
func (p *piece) cut(text string) string {
	if pattern, not := strings.CutPrefix(p.only, "!"); p.only != "" && matches(pattern, strings.ToLower(text)) == not {
		return ""
	}
	if open := strings.LastIndexByte(text, '('); p.brackets && open >= 0 {
		inside, _, _ := strings.Cut(text[open+1:], ")")
		text = inside
	}
	if p.user {
		text = userOf(text)
	}
	if p.after != "" {
		if _, rest, found := strings.Cut(text, p.after); found {
			text = rest
		}
	}
	if p.before != "" {
		text, _, _ = strings.Cut(text, p.before)
	}
	return strings.TrimSpace(text)
}

// userOf returns the user part of a SIP or tel address, and any other text as it is.
func userOf(text string) string {
	if open := strings.LastIndexByte(text, '<'); open >= 0 {
		text, _, _ = strings.Cut(text[open+1:], ">")
	}
	for _, scheme := range []string{"sips:", "sip:", "tel:"} {
		if len(text) > len(scheme) && strings.EqualFold(text[:len(scheme)], scheme) {
			text = text[len(scheme):]
		}
	}
	text, _, _ = strings.Cut(text, "@")
	text, _, _ = strings.Cut(text, ";")
	return text
}

// word translates a text; found reports whether the map has it.
func (p *piece) word(text string) (word string, found bool) {
	key := strings.ToLower(text)
	if word, found = p.words[key]; found && !strings.Contains(key, "*") {
		return word, true
	}
	if key == "" {
		return "", false // nothing is translated only by its own entry
	}
	for _, pattern := range p.patterns {
		if matches(pattern, key) {
			return p.words[pattern], true
		}
	}
	return "", false
}

// matches reports whether a text is like a pattern, in which an asterisk stands for any text.
func matches(pattern, text string) bool {
	head, tail, found := strings.Cut(pattern, "*")
	if !found {
		return pattern == text
	}
	return len(text) >= len(head)+len(tail) && strings.HasPrefix(text, head) && strings.HasSuffix(text, tail)
}

// texts returns the texts that a path finds.
func (s *scope) texts(p path) []string {
	from := s.element
	switch {
	case p.root == '^':
		from = s.root
	case p.root == '$' && p.named == "query":
		from = &node{}
		if err := (&reader{left: maxNodes}).values(from, s.req.Query); err != nil {
			return nil
		}
	case p.root == '$':
		return []string{s.around(p)}
	}
	var texts []string
	for _, n := range find(from, p.steps) {
		texts = append(texts, n.text)
	}
	return texts
}

// around returns what a path beginning with $ stands for.
func (s *scope) around(p path) string {
	switch p.named {
	case "header":
		return s.req.Header(p.steps[0].name)
	case "body":
		return string(s.req.Body)
	case "method":
		return s.req.Method
	case "url":
		return s.req.URL
	}
	return s.req.Rest
}

// pick returns the first, or the last, text that is something, on one line.
func (s *scope) pick(texts []string, last bool) (picked string) {
	for _, text := range texts {
		if text = plain.OneLine(text); text == "" || s.isNothing(text) {
			continue
		}
		if picked = text; !last {
			break
		}
	}
	return picked
}

// isNothing reports whether a text stands for no value, in quotes or not.
func (s *scope) isNothing(text string) bool {
	bare := strings.Trim(text, `"`)
	switch strings.ToLower(bare) {
	case "", "null", "undefined", "none", "_undef_":
		return true
	}
	return slices.ContainsFunc(s.nothing, func(word string) bool { return strings.EqualFold(word, bare) })
}

// condition holds when a value is one of a few texts.
type condition struct {
	of       value
	patterns []string // lower case; "" is nothing
}

// conditions reads a list of conditions, or one.
func (d *decoder) conditions(at string, raw any) (list []condition) {
	switch raw := raw.(type) {
	case nil:
	case []any:
		for n, one := range raw {
			list = append(list, d.conditions(below(at, strconv.Itoa(n)), one)...)
		}
	default:
		fields := d.object(at, raw)
		d.known(at, fields, "of", "is")
		c := condition{of: d.needed(below(at, "of"), fields["of"])}
		for _, text := range d.texts(below(at, "is"), fields["is"]) {
			c.patterns = append(c.patterns, strings.ToLower(text))
		}
		if c.patterns == nil {
			d.refuse(below(at, "is"), "required")
		}
		list = append(list, c)
	}
	return list
}

func (c *condition) holds(s *scope) bool {
	text := strings.ToLower(c.of.in(s))
	return slices.ContainsFunc(c.patterns, func(pattern string) bool { return matches(pattern, text) })
}
