package importexport

import (
	"bytes"
	"regexp"
	"slices"
)

// separatorLine is a first line that names the separator, as Excel reads it and programs write it: sep=; in capitals
// or quotes, and with the empty cells that a spreadsheet adds when it stores the file again.
var separatorLine = regexp.MustCompile(`^(?i)[ \t]*"?[ \t]*sep[ \t]*=[ \t]*(\\t|[^\r\n" ])?"?[;,|\t "]*\r?(?:\n|$)`)

// namedSeparator returns the separator that the first line names and how long that line is; 0 where there is none. A
// line that names no separator has a length only.
func namedSeparator(start []byte) (separator byte, length int) {
	m := separatorLine.FindSubmatchIndex(start)
	if m == nil {
		return 0, 0
	}
	if m[2] < 0 {
		return 0, m[1]
	}
	named := start[m[2]:m[3]]
	if string(named) == `\t` {
		return '\t', m[1]
	}
	if len(named) != 1 {
		return 0, m[1]
	}
	return named[0], m[1]
}

// separators are the signs between cells that are tried, the most likely first.
var separators = [...]byte{';', ',', '\t', '|'}

// guessSeparator returns the sign by which the most columns of a header are known. Where two know as many, or none
// does, the one that is most frequent in the first line outside of quotes wins; in a header of one column none occurs,
// then the one that is least frequent in the rows keeps them whole.
func guessSeparator(start []byte, mapped []string) byte {
	counts := countOutsideQuotes(start)
	most := func(a, b byte) int { return counts[a] - counts[b] }
	best := slices.MaxFunc(separators[:], most)
	known := 1
	for _, s := range separators {
		if !bytes.Contains(start, []byte{s}) {
			continue
		}
		if n := knownColumns(sampleRows(start, s), mapped); n > known || n == known && n > 1 && most(s, best) > 0 {
			best, known = s, n
		}
	}
	if known > 1 || counts[best] > 0 {
		return best
	}
	return slices.MinFunc([]byte{'\t', ';', '|', ','}, func(a, b byte) int {
		return bytes.Count(start, []byte{a}) - bytes.Count(start, []byte{b})
	})
}

// knownColumns returns how many columns of the header among some rows mean something.
func knownColumns(rows [][]string, mapped []string) (n int) {
	at := findHeader(rows, mapped)
	if at >= len(rows) {
		return 0
	}
	for _, cell := range rows[at] {
		if name := headerOf(cell); name != "" && (isKnown(name) || slices.Contains(mapped, name)) {
			n++
		}
	}
	return n
}

// countOutsideQuotes counts the bytes of the first line that is not empty.
func countOutsideQuotes(text []byte) (counts [256]int) {
	quoted := false
	for _, c := range bytes.TrimLeft(text, "\r\n") {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '\n':
			return counts
		default:
			counts[c]++
		}
	}
	return counts
}
