package phone

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// cellReader reads the numbers of one cleaned text.
type cellReader struct {
	plan   *Plan
	clean  string
	whole  string // clean, folded
	folded string // whole, with its notes masked
	at     []int  // where each byte of folded stands in clean
	chains []chain

	allowHome bool // local numbers may be completed with the plan's area
	usedHome  bool // one was
	otherArea bool // digits that could not be read name another area or country
	found     []foundNumber
	unread    []string
	tries     int    // stretches that were tried as numbers
	area      *chain // an area code that waits for its local number
	short     *chain // a short group of digits before, which may be an area code
}

// group is a run of digits.
type group struct {
	digits     string
	start, end int // in folded
	plus       bool
	open       bool // a bracket opens before it
	shut       bool // a bracket closes behind it
}

// chain is a sequence of groups with nothing between them but the signs that people put into numbers.
type chain struct {
	groups []group
	before string // the folded text between the chain before and this one
}

// foundNumber is a number of the text.
type foundNumber struct {
	e164       int64
	extension  string
	start, end int   // in folded, its extension included
	local      []int // how many digits at its end may be replaced by another local number
	how        reading
}

// softSigns stand inside numbers.
const softSigns = ` -()[]./\~_':*#`

func newCellReader(p *Plan, clean string) *cellReader {
	r := &cellReader{plan: p, clean: clean}
	r.whole, r.at = foldAt(clean)
	r.folded = hideNotes(r.whole, true)
	r.cutChains()
	return r
}

// cutChains finds the digits.
func (r *cellReader) cutChains() {
	text, end := r.folded, 0 // end of the last group
	inChain := false
	for i := 0; i < len(text); {
		c, size := utf8.DecodeRuneInString(text[i:])
		if c < '0' || c > '9' {
			if c == '+' || !strings.ContainsRune(softSigns, c) {
				inChain = false
			}
			i += size
			continue
		}
		stop := i
		for stop < len(text) && text[stop] >= '0' && text[stop] <= '9' {
			stop++
		}
		lead := text[end:i]
		if !inChain {
			r.chains = append(r.chains, chain{before: lead})
			lead = lead[strings.LastIndexFunc(lead, func(c rune) bool {
				return c != '+' && !strings.ContainsRune(softSigns, c)
			})+1:]
			if at := strings.IndexByte(lead, mask); at >= 0 {
				lead = lead[at+1:]
			}
		}
		last := &r.chains[len(r.chains)-1]
		g := group{digits: text[i:stop], start: i, end: stop, plus: strings.Contains(lead, "+")}
		g.open = strings.LastIndexAny(lead, "([") > strings.LastIndexAny(lead, ")]")
		if n := len(last.groups); n > 0 {
			last.groups[n-1].shut = strings.ContainsAny(lead, ")]")
		} else if len(r.chains) > 1 {
			before := &r.chains[len(r.chains)-2]
			before.groups[len(before.groups)-1].shut = shuts(last.before)
		}
		last.groups = append(last.groups, g)
		inChain, end, i = true, stop, stop
	}
	if n := len(r.chains); n > 0 {
		last := &r.chains[n-1]
		last.groups[len(last.groups)-1].shut = shuts(text[end:])
	}
}

// shuts reports whether a bracket closes before anything else stands.
func shuts(behind string) bool {
	behind = strings.TrimLeft(behind, " ")
	return behind != "" && (behind[0] == ')' || behind[0] == ']')
}

func digitsOf(groups []group) string {
	if len(groups) == 1 {
		return groups[0].digits
	}
	var b strings.Builder
	for _, g := range groups {
		b.WriteString(g.digits)
	}
	return b.String()
}

// internal reads a text whose only digits are an extension of the PBX.
func (r *cellReader) internal() (Number, bool) {
	if len(r.chains) == 0 || len(r.chains) > 2 {
		return Number{}, false
	}
	groups := r.chains[0].groups
	if !r.plan.isInternal(digitsOf(groups)) {
		return Number{}, false
	}
	n := r.plan.slow(r.clean)
	if n.Kind != Internal || countDigits(fold(r.clean)) != countDigits(n.Local)+len(n.Extension) {
		return Number{}, false
	}
	next, _ := utf8.DecodeRuneInString(strings.TrimLeft(r.folded[groups[len(groups)-1].end:], "-."))
	return n, n.Extension != "" || !unicode.IsLetter(next)
}

// readAll reads all numbers. What is local is completed with the plan's area only where nothing in the text names
// another area or country.
func (r *cellReader) readAll() {
	r.read(true)
	if r.usedHome && (r.otherArea || r.hasOtherArea()) {
		r.read(false)
	}
	if len(r.found) == 0 && len(r.chains) == 1 {
		r.readOutsideLine()
	}
	if len(r.found) == 0 {
		r.readWithPlaces()
	}
}

// readWithPlaces reads a text without numbers again, with the digits beside the words for floors and rooms: in
// "8 495 000 00 11 office" they are the last ones of the number.
func (r *cellReader) readWithPlaces() {
	folded := hideNotes(r.whole, false)
	if folded == r.folded {
		return
	}
	other := *r
	other.folded, other.chains = folded, nil
	other.cutChains()
	other.read(false)
	if len(other.found) > 0 {
		*r = other
	}
}

// readOutsideLine reads the only digits of a text as a number behind a digit for an outside line, which stands apart or
// among digits without signs.
func (r *cellReader) readOutsideLine() {
	groups := r.chains[0].groups
	if len(groups) > 1 && len(groups[0].digits) > 1 {
		return
	}
	n, ok := r.plan.afterOutsideLine(runsOf(r.folded))
	if !ok {
		return
	}
	r.unread = nil
	r.found = []foundNumber{{e164: n.E164, start: groups[0].start, end: groups[len(groups)-1].end, how: readTrunk}}
}

func (r *cellReader) read(allowHome bool) {
	r.allowHome, r.usedHome, r.otherArea, r.tries = allowHome, false, false, 0
	r.found, r.unread, r.area, r.short = nil, nil, nil, nil
	for i := range r.chains {
		r.readChain(&r.chains[i])
	}
	if r.area != nil {
		// Behind the last number it may be a note as well.
		groups := r.area.groups
		r.leave(groups, len(r.found) == 0 || groups[0].plus || r.plan.hasArea(digitsOf(groups)))
	}
}

// readChain reads the numbers of one chain.
func (r *cellReader) readChain(c *chain) {
	groups := r.takeExtension(c)
	if len(groups) == 0 {
		return
	}
	if noPhoneLabel.MatchString(c.before) {
		return
	}
	if r.isArea(c, groups) {
		if r.area != nil {
			r.leave(r.area.groups, true)
		}
		r.area, r.short = &chain{groups: groups, before: c.before}, nil
		return
	}
	if r.area != nil {
		if r.joinArea(groups) {
			return
		}
		r.leave(r.area.groups, true)
		r.area = nil
	}
	s := solver{r: r, groups: groups, marked: strings.HasSuffix(strings.TrimRight(c.before, " "), "№"),
		counts: strings.HasSuffix(c.before, "№")}
	if last := r.last(); last != nil {
		s.joined = strings.Trim(r.folded[last.end:groups[0].start], " ,;/") == ""
	}
	best := s.solve(0, r.last())
	if best.cost >= unsolved || best.ambiguous {
		r.leave(groups, groups[0].plus || len(digitsOf(groups)) > longestLocal)
		return
	}
	if r.short != nil && len(best.found) > 0 && best.found[0].how == readHome && r.joins(r.short.groups, groups) {
		r.otherArea = true
		r.leave(append(append([]group(nil), r.short.groups...), groups...), true)
		r.short = nil
		return
	}
	r.short = nil
	if len(best.found) == 0 {
		if n := len(digitsOf(groups)); n >= 3 && n <= 5 {
			r.short = &chain{groups: groups}
		}
	}
	for _, f := range best.found {
		r.usedHome = r.usedHome || f.how == readHome
		r.found = append(r.found, f)
	}
	for _, left := range best.unread {
		r.leave(left, false)
	}
}

func (r *cellReader) last() *foundNumber {
	if len(r.found) == 0 {
		return nil
	}
	return &r.found[len(r.found)-1]
}

// leave keeps digits that could not be read when they are as many as a number has. other states that they name an
// area or a country.
func (r *cellReader) leave(groups []group, other bool) {
	r.otherArea = r.otherArea || other
	digits := len(digitsOf(groups))
	if digits < 2 || digits < fewestDigits && len(r.found) == 0 {
		return
	}
	from := groups[0].start
	for from > 0 && strings.IndexByte("+([", r.folded[from-1]) >= 0 {
		from--
	}
	to := groups[len(groups)-1].end
	if groups[len(groups)-1].open && to < len(r.folded) && strings.IndexByte(")]", r.folded[to]) >= 0 {
		to++
	}
	r.unread = append(r.unread, cut(strings.TrimSpace(r.clean[r.at[from]:r.at[to]])))
}

// takeExtension makes the first digits of a chain the extension of the number before when a word or a sign between
// them shows that they are, and returns the rest.
func (r *cellReader) takeExtension(c *chain) []group {
	groups, last := c.groups, r.last()
	if last == nil || r.area != nil || last.extension != "" || strings.IndexByte(c.before, mask) >= 0 {
		return groups
	}
	first := groups[0]
	if countDigits(r.folded[last.end:first.start]) > 0 {
		return groups // the word belongs to digits that were not read
	}
	switch {
	case extensionLead.MatchString(c.before):
		if len(groups) > 1 && !breaks(r.folded[first.end:groups[1].start]) {
			return groups
		}
	case dialledBehind.MatchString(c.before):
		if len(groups) > 1 || len(first.digits) >= fewestDigits {
			return groups
		}
	default:
		return groups
	}
	if len(first.digits) > longestExtension {
		return groups
	}
	last.extension, last.end = first.digits, first.end
	return groups[1:]
}

// breaks reports whether one number may end and another begin at a gap.
func breaks(gap string) bool { return strings.ContainsAny(gap, ` /\()[]~:#*_`) }

// isArea reports whether a chain is an area code that stands apart from its number: "(843)", "+7 843", "код 843".
func (r *cellReader) isArea(c *chain, groups []group) bool {
	digits := digitsOf(groups)
	if len(digits) < 2 || len(digits) > 6 {
		return false
	}
	if _, how := r.plan.complete(digits, "", groups[0].plus); how != notRead {
		return false // a whole country has numbers as short
	}
	if len(groups) == 1 && groups[0].open && groups[0].shut || groups[0].plus {
		return true
	}
	last := groups[len(groups)-1]
	isTrunk := r.plan.trunk != "" && len(groups) > 1 && groups[0].digits == r.plan.trunk
	if isTrunk && (last.open && last.shut || len(digits) <= 5) {
		return true
	}
	return areaLabel.MatchString(c.before)
}

// joinArea reads a local number behind the area code that stands apart.
func (r *cellReader) joinArea(groups []group) bool {
	area := r.area.groups
	between := r.folded[area[len(area)-1].end:groups[0].start]
	if strings.Contains(between, "\n") || groups[0].plus {
		return false
	}
	e164, how := r.plan.complete(digitsOf(area)+digitsOf(groups), "", area[0].plus)
	if how == notRead || how == readForeign {
		return false
	}
	r.found = append(r.found, foundNumber{e164: e164, start: area[0].start, end: groups[len(groups)-1].end,
		local: []int{len(digitsOf(groups))}, how: how})
	r.area, r.short = nil, nil
	return true
}

// joins reports whether digits would be a number behind a short group that may be its area code.
func (r *cellReader) joins(short, groups []group) bool {
	_, how := r.plan.complete(digitsOf(short)+digitsOf(groups), "", false)
	return how != notRead && how != readForeign
}

// textOf returns the text of a found number with the notes that stand beside it.
func (r *cellReader) textOf(i int) string {
	from, to := 0, len(r.folded)
	if i > 0 {
		from = r.border(r.found[i-1].end, r.found[i].start)
	}
	if i+1 < len(r.found) {
		to = r.border(r.found[i].end, r.found[i+1].start)
	}
	text := strings.TrimSpace(r.clean[r.at[from]:r.at[to]])
	for {
		shorter := strings.TrimSpace(joinWord.ReplaceAllString(text, ""))
		if i == 0 && strings.HasSuffix(text, shorter) && shorter != text {
			shorter = text // what precedes the first number is no joint
		}
		if shorter == text {
			return text
		}
		text = shorter
	}
}

// border returns where the text of one number ends and that of the next begins: at the first sign that separates
// values, else right before the next.
func (r *cellReader) border(end, start int) int {
	for i := end; i < start; i++ {
		if strings.IndexByte(",;|/\\\n", r.folded[i]) >= 0 {
			return i
		}
	}
	for start > end && strings.IndexByte("+([", r.folded[start-1]) >= 0 {
		start--
	}
	return start
}
