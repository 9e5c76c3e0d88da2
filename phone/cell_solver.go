package phone

import (
	"slices"
	"strconv"
	"strings"
)

// What a reading of a chain costs: the cheapest wins, two of the same cost leave the digits unread.
const (
	costNumber    = 10
	costBare      = 10
	costPartial   = 20
	costForeign   = 30
	costExtension = 5
	costBracketed = -5 // an extension in brackets at the end is more likely than a longer number
	costLead      = 30
	costMark      = 5  // a count that touches the sign for "number"
	costCount     = 20 // one that does not: as likely as a country code without its plus
	costRest      = 20 // and as much as a number for each digit: no number is left to read a longer rest
	unsolved      = 1000

	longestChain = 40 // groups
)

// solver takes a chain of groups apart into numbers.
type solver struct {
	r      *cellReader
	groups []group
	marked bool // a sign for "number" precedes: the first group may be its count
	counts bool // that sign touches the first group
	joined bool // only signs stand between the number before and the chain
}

// solution is one way to read the groups from one on.
type solution struct {
	found     []foundNumber
	unread    [][]group
	cost      int
	ambiguous bool
}

// mostTries bounds the work for one cell; what is left then stays unread.
const mostTries = 500

// solve reads the groups from i on, behind the number before.
func (s *solver) solve(i int, before *foundNumber) solution {
	if i == len(s.groups) {
		return solution{}
	}
	best := solution{cost: unsolved}
	consider := func(c solution) {
		switch {
		case c.cost < best.cost:
			best = c
		case c.cost == best.cost && c.cost < unsolved && !slices.EqualFunc(c.found, best.found, sameNumber):
			best.ambiguous = true
		}
	}
	if len(s.groups) > longestChain {
		return best
	}
	for j := len(s.groups); j > i; j-- {
		if j < len(s.groups) && !breaks(s.gap(j)) {
			continue
		}
		if s.r.tries++; s.r.tries > mostTries {
			return solution{cost: unsolved}
		}
		f, cost := s.number(i, j, before)
		if cost >= unsolved {
			continue
		}
		if j == len(s.groups) && cost == costNumber && !s.endsInBrackets() {
			return solution{}.behind(f, cost) // nothing is cheaper
		}
		rest := s.solve(j, &f)
		if f.how != readHome || len(rest.found) == 0 || rest.found[0].how == readHome {
			consider(rest.behind(f, cost))
		}
		if tail, cost2 := s.extension(j, f); cost2 < unsolved {
			rest := s.solve(j+1, &tail)
			consider(rest.behind(tail, cost+cost2))
		}
	}
	if i > 0 {
		if rest, ok := s.leftOver(i, before); ok {
			consider(rest)
		}
		return best
	}
	s.dropLead(before, consider)
	if n := len(digitsOf(s.groups)); n < fewestDigits && best.cost >= unsolved {
		// Too few for a number: a count, a floor, a house.
		left := solution{cost: costRest}
		if n == 4 && len(s.groups) > 1 && before != nil && s.joined {
			left.unread = [][]group{s.groups}
		}
		return left
	}
	return best
}

func sameNumber(a, b foundNumber) bool { return a.e164 == b.e164 && a.extension == b.extension }

func (rest solution) behind(f foundNumber, cost int) solution {
	rest.found = append([]foundNumber{f}, rest.found...)
	rest.cost += cost
	return rest
}

// endsInBrackets reports whether the last group may be an extension in brackets.
func (s *solver) endsInBrackets() bool {
	last := s.groups[len(s.groups)-1]
	return len(s.groups) > 1 && last.open && last.shut
}

// gap returns the signs before group j.
func (s *solver) gap(j int) string { return s.r.folded[s.groups[j-1].end:s.groups[j].start] }

// number reads the groups from i to j as one number.
func (s *solver) number(i, j int, before *foundNumber) (foundNumber, int) {
	groups := s.groups[i:j]
	digits := digitsOf(groups)
	f := foundNumber{start: groups[0].start, end: groups[len(groups)-1].end, local: suffixes(groups)}
	if len(digits) < fewestDigits || len(digits) > longestDigits {
		return f, unsolved
	}
	p := s.r.plan
	isPartial := !groups[0].plus && len(digits) <= longestLocal && (p.area != "" || before != nil)
	if isPartial {
		if s.isTorn(i, j) {
			return f, unsolved
		}
		if f.e164, f.how = s.partial(groups, digits, before); f.how != notRead {
			f.local = []int{len(digits)}
			return f, costNumber + costPartial
		}
		if p.area != "" {
			if before != nil || len(digits) < 7 || !s.r.allowHome {
				return f, unsolved
			}
		}
	}
	f.e164, f.how = p.complete(digits, withoutZero(groups), groups[0].plus)
	if before != nil && !groups[0].plus && p.isElsewhere(before.e164) && f.how != readPlus && f.how != readTrunk {
		if e164 := before.after(digits); e164 != 0 {
			f.e164, f.how = e164, readContext
		} else if f.how == notRead {
			return f, unsolved
		}
	}
	switch f.how {
	case notRead:
		return f, unsolved
	case readForeign:
		if i > 0 || j < len(s.groups) || s.counts || !s.isOneNumber() {
			return f, unsolved
		}
		return f, costNumber + costForeign
	case readBare:
		if i > 0 && before != nil && strings.TrimSpace(s.gap(i)) == "" && !hasFixedLength(before.e164) {
			return f, unsolved // nothing shows where the number before ends
		}
		return f, costNumber + costBare
	case readContext:
		return f, costNumber + costPartial
	default:
		return f, costNumber
	}
}

// isTorn reports whether only a blank parts the groups from i to j from their neighbours while blanks stand among them
// too: then nothing shows that they are a number of their own.
func (s *solver) isTorn(i, j int) bool {
	isBlank := func(k int) bool { return strings.TrimSpace(s.gap(k)) == "" }
	if (i == 0 || !isBlank(i)) && (j == len(s.groups) || !isBlank(j)) {
		return false
	}
	for k := i + 1; k < j; k++ {
		if breaks(s.gap(k)) {
			return true
		}
	}
	return false
}

// isOneNumber reports whether nothing in the chain shows that a number ends before the chain does: a sign that
// separates numbers, or a whole number of the plan's country at its beginning. A country code without its plus is only
// believed then.
func (s *solver) isOneNumber() bool {
	for j := 1; j < len(s.groups); j++ {
		gap := s.gap(j)
		if strings.ContainsAny(gap, `/\~_:*#`) {
			return false
		}
		if !breaks(gap) {
			continue
		}
		if _, how := s.r.plan.complete(digitsOf(s.groups[:j]), "", false); how == readBare || how == readTrunk {
			return false
		}
	}
	return true
}

// partial completes a local number: by the number before it, else with the plan's area.
func (s *solver) partial(groups []group, digits string, before *foundNumber) (int64, reading) {
	p := s.r.plan
	if before != nil {
		if e164 := before.after(digits); e164 != 0 {
			if before.how == readHome {
				return e164, readHome
			}
			return e164, readContext
		}
		return 0, notRead
	}
	if s.r.allowHome && p.isLocal(digits) && !p.isInternal(digits) && !p.namesArea(groups) {
		if e164, ok := p.inCountry(p.area + digits); ok {
			return e164, readHome
		}
	}
	return 0, notRead
}

// namesArea reports whether groups begin as a whole number does, with an area code in brackets or a trunk prefix: what
// is as short as a local number then lacks digits.
func (p *Plan) namesArea(groups []group) bool {
	if len(groups) < 2 {
		return false
	}
	first := groups[0]
	return first.open && first.shut || p.trunk != "" && first.digits == p.trunk && len(groups[1].digits) >= 3
}

// suffixes returns how many digits the last groups have together, from the last on.
func suffixes(groups []group) (list []int) {
	sum := 0
	for i := len(groups) - 1; i > 0; i-- {
		sum += len(groups[i].digits)
		list = append(list, sum)
	}
	return list
}

// withoutZero returns the digits without a "(0)" that is not dialled behind a country code, "" where there is none.
func withoutZero(groups []group) string {
	for i, g := range groups {
		if i > 0 && g.digits == "0" && g.open && g.shut {
			return digitsOf(groups[:i]) + digitsOf(groups[i+1:])
		}
	}
	return ""
}

// extension reads group j as the extension of the number before it, by the signs between them.
func (s *solver) extension(j int, f foundNumber) (foundNumber, int) {
	if j >= len(s.groups) {
		return f, unsolved
	}
	g, gap, isLast := s.groups[j], s.gap(j), j == len(s.groups)-1
	f.extension, f.end = g.digits, g.end
	digits, signs := len(g.digits), strings.TrimSpace(gap)
	switch {
	case g.open && g.shut && digits <= 5 && (isLast || strings.ContainsAny(s.gap(j+1), `/\\`)):
		if isLast {
			return f, costBracketed
		}
		return f, costExtension
	case signs == "-" && strings.HasPrefix(gap, " ") && isLast && digits >= 2 && digits <= 5,
		signs == "/" && isLast && digits >= 3 && digits <= 5,
		signs == "~" && digits <= 5,
		signs != "" && strings.Trim(signs, "#*") == "" && digits <= longestExtension:
		return f, costExtension
	}
	return f, unsolved
}

// leftOver leaves the groups from i on unread, where a sign or the plan shows that the number before them has ended.
func (s *solver) leftOver(i int, before *foundNumber) (solution, bool) {
	rest := s.groups[i:]
	if before == nil {
		return solution{}, false
	}
	digits := len(digitsOf(rest))
	left := solution{cost: costRest + costNumber*digits, unread: [][]group{rest}}
	switch gap := s.gap(i); {
	case strings.ContainsAny(gap, `/\`) && digits <= longestLocal:
		return left, true
	case strings.Contains(gap, "(") && len(rest) == 1:
		return left, true
	case breaks(gap) && (digits >= 3 && before.isExplicit() || s.isCompact(i)):
		return left, before.how != readHome && before.how != readContext && hasFixedLength(before.e164)
	}
	return left, false
}

// isExplicit reports whether a number was written with a plus or a trunk prefix.
func (f *foundNumber) isExplicit() bool { return f.how == readPlus || f.how == readTrunk }

// isCompact reports whether the digits before group i, a local number of them at least, have no blank among them: a
// blank behind them is then more than one between groups.
func (s *solver) isCompact(i int) bool {
	digits := len(s.groups[i-1].digits)
	for k := i - 1; k > 0 && !strings.Contains(s.gap(k), " "); k-- {
		digits += len(s.groups[k-1].digits)
	}
	return digits >= 7
}

// hasFixedLength reports whether neither a digit more nor one less would make another number of it.
func hasFixedLength(e164 int64) bool {
	digits := strconv.FormatInt(e164, 10)
	for _, other := range []string{digits[:len(digits)-1], digits + "0", digits + "5"} {
		if _, ok := international(other); ok {
			return false
		}
	}
	return true
}

// dropLead leaves the first groups out, when they are short and the number behind them shows where it begins.
func (s *solver) dropLead(before *foundNumber, consider func(solution)) {
	digits := 0
	for k := 1; k < len(s.groups) && k <= 3; k++ {
		g := s.groups[k-1]
		if digits += len(g.digits); len(g.digits) > 2 || g.plus || digits > 4 {
			return
		}
		if !breaks(s.gap(k)) {
			continue
		}
		rest := s.solve(k, before)
		if rest.cost >= unsolved || rest.ambiguous || len(rest.found) == 0 {
			continue
		}
		first := rest.found[0]
		isMarked := k == 1 && (s.marked || strings.HasPrefix(s.gap(1), ". "))
		opens := s.groups[k].open && first.how == readBare
		if first.how != readTrunk && first.how != readPlus && !opens && !(isMarked && first.how == readBare) {
			continue
		}
		switch {
		case k == 1 && s.counts:
			rest.cost += costMark
		case k == 1 && s.marked && first.how == readBare:
			rest.cost += costCount
		default:
			rest.cost += costLead
		}
		consider(rest)
	}
}
