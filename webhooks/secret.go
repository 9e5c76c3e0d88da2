package webhooks

import (
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"time"

	"callhue/fault"
)

// Secrets are what a request may prove itself with: one, or two while a
// rotation lasts.
type Secrets []string

// Has says whether a text is one of the secrets, in constant time for its
// length. An empty text never is.
func (s Secrets) Has(text string) bool {
	found := 0
	for _, secret := range s {
		found |= subtle.ConstantTimeCompare([]byte(secret), []byte(text))
	}
	return found == 1 && text != ""
}

// Sign says whether sum of one of the secrets is what was sent, in constant time.
func (s Secrets) Sign(sent string, sum func(secret string) string) bool {
	found := 0
	for _, secret := range s {
		found |= subtle.ConstantTimeCompare([]byte(sum(secret)), []byte(sent))
	}
	return found == 1
}

// keepRotated is how long the old secret still opens after a rotation.
const keepRotated = 24 * time.Hour

// Bounds of a secret in bytes, and how many random bytes one of ours has.
const (
	minSecret    = 8
	maxSecret    = 200
	randomSecret = 24 // 192 bit
)

// keptSecret is a secret as it is sealed.
type keptSecret struct {
	Secret string `json:"secret"`
	Until  int64  `json:"until"` // ms; 0 for the one that stays
}

// keptSecrets has the present secret first.
type keptSecrets []keptSecret

// at gives the secrets that hold at a time.
func (k keptSecrets) at(now time.Time) Secrets {
	list := make(Secrets, 0, len(k))
	for _, s := range k {
		if s.Until == 0 || now.UnixMilli() < s.Until {
			list = append(list, s.Secret)
		}
	}
	return list
}

// rotated puts a new secret in front; the one before stays valid for a day.
func (k keptSecrets) rotated(secret string, now time.Time) keptSecrets {
	next := keptSecrets{{Secret: secret}}
	for _, old := range k {
		if old.Until == 0 && old.Secret != secret {
			next = append(next, keptSecret{old.Secret, now.Add(keepRotated).UnixMilli()})
		}
	}
	return next
}

func (s *Seal) closeSecrets(k keptSecrets, source string) (string, error) {
	raw, err := json.Marshal(k)
	if err != nil {
		return "", err
	}
	return s.Close(raw, source)
}

func (s *Seal) openSecrets(sealed, source string) (k keptSecrets, err error) {
	raw, err := s.Open(sealed, source)
	if err != nil {
		return nil, err
	}
	err = json.Unmarshal(raw, &k)
	return k, err
}

// secretFor checks a given secret, or makes one where we may choose it.
func (d *Dialect) secretFor(given string, random io.Reader) (secret string, made bool, err error) {
	switch {
	case given == "" && d.Theirs:
		return "", false, fault.Invalid("secret", "required")
	case given == "":
		raw := make([]byte, randomSecret)
		if _, err := io.ReadFull(random, raw); err != nil {
			return "", false, err
		}
		return base64.RawURLEncoding.EncodeToString(raw), true, nil
	case len(given) < minSecret && !d.Theirs:
		return "", false, fault.Invalid("secret", "too_short")
	case len(given) > maxSecret:
		return "", false, fault.Invalid("secret", "too_long")
	case strings.TrimSpace(given) != given || slices.Contains([]rune(given), '\uFFFD') || strings.ContainsAny(given, "\x00\r\n"):
		return "", false, fault.Invalid("secret", "malformed")
	}
	return given, false, nil
}
