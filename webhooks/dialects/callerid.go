package dialects

import (
	"strconv"
	"strings"

	"callhue/calls"
)

// Lengths of a caller name in characters.
const (
	DefaultNameLength = 15 // that of CNAM
	maxNameLength     = 64
)

// ParseNameLength reads the wanted length of a caller name; it reports whether the text is one.
func ParseNameLength(text string) (int, bool) {
	if text == "" {
		return 0, false
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 1 && n <= maxNameLength
}

// NameLength returns the source's longest caller name, or otherwise when none is set.
func (req *Request) NameLength(otherwise int) int {
	if n, ok := ParseNameLength(req.Setting("max")); ok {
		return n
	}
	return otherwise
}

// ASCIIOnly reports whether the source's phones show Latin letters only.
func (req *Request) ASCIIOnly() bool { return req.Setting(asciiSetting.Name) == "true" }

// firstDigits returns the first target that a PBX can ring by digits; "" when there is none.
func firstDigits(r calls.Routing) string {
	for _, target := range r.Targets {
		if strings.Trim(target.Extension, "0123456789") == "" {
			return target.Extension
		}
	}
	return ""
}
