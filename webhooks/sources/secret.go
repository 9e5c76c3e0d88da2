package sources

import (
	"io"
	"slices"
	"strings"

	"callhue/internal/fault"
	"callhue/internal/secrets"
)

// Bounds of a secret in bytes. One that the other side chose may be shorter.
const (
	minSecret = 8
	maxSecret = 200
)

// chooseSecret checks a given secret, or generates one where it is not theirs, the other side's, to choose; generated
// reports which.
func chooseSecret(theirs bool, given string, random io.Reader) (secret string, generated bool, err error) {
	switch {
	case given == "" && theirs:
		return "", false, fault.Invalid("secret", "required")
	case given == "":
		secret, err := secrets.New(random)
		return secret, true, err
	case len(given) < minSecret && !theirs:
		return "", false, fault.Invalid("secret", "too_short")
	case len(given) > maxSecret:
		return "", false, fault.Invalid("secret", "too_long")
	case strings.TrimSpace(given) != given, strings.ContainsAny(given, "\x00\r\n"),
		slices.Contains([]rune(given), '\uFFFD'):
		return "", false, fault.Invalid("secret", "malformed")
	}
	return given, false, nil
}
