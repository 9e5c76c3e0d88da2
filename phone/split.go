package phone

import "strings"

const (
	fewestDigits = 5 // of a number of its own, beside another one
	fewestWhole  = 9 // of one before a slash: "02204/123456" is one number, with the code of its town
)

// Split takes a text with several numbers apart, as people and CRMs write them into
// one field: at line ends, and at commas, semicolons, bars, slashes and plus signs
// where a number of its own follows. Behind the sign of an extension (", ext. 12",
// ";ext=12", ",123") none does. A text with one number comes back as it is.
func Split(text string) []string {
	if !strings.ContainsAny(text, "\n;,|/+") {
		return []string{text}
	}
	var list []string
	for line := range strings.SplitSeq(text, "\n") {
		begin := 0
		for i, sign := range line {
			if i < begin || !strings.ContainsRune(";,|/+", sign) || !another(line[begin:i], sign, line[i+1:]) {
				continue
			}
			list = addPart(list, line[begin:i])
			if begin = i; sign != '+' {
				begin = i + 1
			}
		}
		list = addPart(list, line[begin:])
	}
	if len(list) < 2 {
		return []string{text}
	}
	return list
}

// another reports whether another number begins at a sign, between what stands before
// and after it.
func another(before string, sign rune, after string) bool {
	if end := strings.IndexAny(after, ";,|/+"); end >= 0 && countDigits(after[:end]) > 0 {
		after = after[:end]
	}
	if countDigits(after) < fewestDigits {
		return false
	}
	switch sign {
	case ';', ',', '|':
		return !extends(after)
	case '/':
		return countDigits(before) >= fewestWhole
	case '+':
		return countDigits(before) >= fewestDigits
	}
	return false
}

// extends reports whether a text begins as an extension does.
func extends(text string) bool {
	text = strings.TrimLeft(strings.ToLower(text), " .\u00a0")
	for _, word := range []string{"ext", "доб", "вн", "x", "х"} {
		if strings.HasPrefix(text, word) {
			return true
		}
	}
	return false
}

func addPart(list []string, part string) []string {
	if part = strings.Trim(part, " ;,|/\t\r\u00a0"); part != "" {
		list = append(list, part)
	}
	return list
}
