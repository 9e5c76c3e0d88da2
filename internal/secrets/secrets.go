// Package secrets stores secrets that have to be read again: those it shares with PBXs, CRMs and receivers of webhooks.
//
// A Seal keeps them unreadable in the database, a Ring is a present secret with
// the one before it while a rotation lasts, a Set is what holds at a moment and
// compares in constant time. SignatureHeader is how we sign and are signed.
// Passwords and tokens, which no one has to read again, are hashed in staff.
//
// Read next: seal.go, signature.go.
package secrets

import (
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"io"
	"time"
)

// Set is what a request may prove itself with: one secret, or two while a
// rotation lasts.
type Set []string

// Has reports whether a text is one of the secrets, in constant time for its
// length. An empty text never is.
func (s Set) Has(text string) bool {
	found := 0
	for _, secret := range s {
		found |= subtle.ConstantTimeCompare([]byte(secret), []byte(text))
	}
	return found == 1 && text != ""
}

// Sign reports whether sum of one of the secrets is what was sent, in constant time.
func (s Set) Sign(sent string, sum func(secret string) string) bool {
	found := 0
	for _, secret := range s {
		found |= subtle.ConstantTimeCompare([]byte(sum(secret)), []byte(sent))
	}
	return found == 1
}

// KeptRotated is how long the old secret still opens after a rotation.
const KeptRotated = 24 * time.Hour

// randomBytes is how many random bytes a secret of ours has: 192 bit.
const randomBytes = 24

// New makes a secret.
func New(random io.Reader) (string, error) {
	raw := make([]byte, randomBytes)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(raw), nil
}

// Kept is a secret as it is sealed.
type Kept struct {
	Secret string `json:"secret"`
	Until  int64  `json:"until"` // ms; 0 for the one that stays
}

// Ring has the present secret first.
type Ring []Kept

// At returns the secrets that hold at a time.
func (r Ring) At(now time.Time) Set {
	list := make(Set, 0, len(r))
	for _, s := range r {
		if s.Until == 0 || now.UnixMilli() < s.Until {
			list = append(list, s.Secret)
		}
	}
	return list
}

// Rotated puts a new secret in front; the one before stays valid for a day.
func (r Ring) Rotated(secret string, now time.Time) Ring {
	next := Ring{{Secret: secret}}
	for _, old := range r {
		if old.Until == 0 && old.Secret != secret {
			next = append(next, Kept{old.Secret, now.Add(KeptRotated).UnixMilli()})
		}
	}
	return next
}

// CloseRing seals a ring for a place.
func (s *Seal) CloseRing(r Ring, place string) (string, error) {
	raw, err := json.Marshal(r)
	if err != nil {
		return "", err
	}
	return s.Close(raw, place)
}

// OpenRing returns what CloseRing sealed for the same place.
func (s *Seal) OpenRing(sealed, place string) (r Ring, err error) {
	raw, err := s.Open(sealed, place)
	if err != nil {
		return nil, err
	}
	err = json.Unmarshal(raw, &r)
	return r, err
}
