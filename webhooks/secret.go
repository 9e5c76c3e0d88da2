package webhooks

import (
	"io"
	"slices"
	"strings"

	"callhue/internal/fault"
	"callhue/internal/secrets"
)

// Bounds of a secret in bytes.
const (
	minSecret = 8
	maxSecret = 200
)

// secretFor checks a given secret, or makes one where we may choose it.
func (d *Dialect) secretFor(given string, random io.Reader) (secret string, made bool, err error) {
	switch {
	case given == "" && d.Theirs:
		return "", false, fault.Invalid("secret", "required")
	case given == "":
		secret, err := secrets.New(random)
		return secret, true, err
	case len(given) < minSecret && !d.Theirs:
		return "", false, fault.Invalid("secret", "too_short")
	case len(given) > maxSecret:
		return "", false, fault.Invalid("secret", "too_long")
	case strings.TrimSpace(given) != given || slices.Contains([]rune(given), '\uFFFD') || strings.ContainsAny(given, "\x00\r\n"):
		return "", false, fault.Invalid("secret", "malformed")
	}
	return given, false, nil
}
