package sources

import (
	"io"
	"slices"
	"strings"

	"callhue/internal/fault"
	"callhue/internal/secrets"
	"callhue/webhooks/dialects"
)

// Bounds of a secret in bytes. One that the other side chose may be shorter.
const (
	minSecret = 8
	maxSecret = 200
)

// chooseSecret checks a given secret, or generates one where the dialect lets us; generated reports which.
func chooseSecret(d *dialects.Dialect, given string, random io.Reader) (secret string, generated bool, err error) {
	switch {
	case given == "" && d.VendorSecret:
		return "", false, fault.Invalid("secret", "required")
	case given == "":
		secret, err := secrets.New(random)
		return secret, true, err
	case len(given) < minSecret && !d.VendorSecret:
		return "", false, fault.Invalid("secret", "too_short")
	case len(given) > maxSecret:
		return "", false, fault.Invalid("secret", "too_long")
	case strings.TrimSpace(given) != given, strings.ContainsAny(given, "\x00\r\n"),
		slices.Contains([]rune(given), '\uFFFD'):
		return "", false, fault.Invalid("secret", "malformed")
	}
	return given, false, nil
}
