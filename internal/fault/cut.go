package fault

import "strings"

// Cut returns the beginning of a text that someone else wrote, at most n bytes of
// it with an ellipsis where it was cut; what is no UTF-8 is replaced.
func Cut(text string, n int) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if len(text) <= n {
		return text
	}
	n -= len("…")
	for n > 0 && text[n]&0xC0 == 0x80 {
		n--
	}
	return text[:n] + "…"
}
