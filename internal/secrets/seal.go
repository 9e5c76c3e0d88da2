package secrets

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Seal keeps secrets unreadable at rest: AES-256-GCM with a random nonce. The
// key is the installation's and never lies in the database.
type Seal struct {
	aead   cipher.AEAD
	random io.Reader
	key    []byte
}

// sealVersion is the prefix of what is sealed, so that another method can follow.
const sealVersion = "v1:"

// IsSealed reports whether a text looks like what Close returns; a Seal alone knows whether it can be opened.
func IsSealed(text string) bool { return strings.HasPrefix(text, sealVersion) }

// NewSeal makes a seal of a key of 32 bytes; random makes the nonces.
func NewSeal(key []byte, random io.Reader) (*Seal, error) {
	if len(key) != 32 {
		return nil, fmt.Errorf("the key of the seal has %d bytes, want 32", len(key))
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	return &Seal{aead, random, bytes.Clone(key)}, nil
}

// Derive returns a key of 32 bytes for one purpose, from which neither this key nor one of another purpose follows.
func (s *Seal) Derive(purpose string) []byte {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte("derive " + purpose))
	return mac.Sum(nil)
}

// Close seals a text for one place, the name of a source: elsewhere it cannot be
// opened.
func (s *Seal) Close(text []byte, place string) (string, error) {
	nonce := make([]byte, s.aead.NonceSize())
	if _, err := io.ReadFull(s.random, nonce); err != nil {
		return "", err
	}
	return sealVersion + base64.RawStdEncoding.EncodeToString(s.aead.Seal(nonce, nonce, text, []byte(place))), nil
}

// Open returns what Close sealed with the same key for the same place.
func (s *Seal) Open(sealed, place string) ([]byte, error) {
	text, found := strings.CutPrefix(sealed, sealVersion)
	raw, err := base64.RawStdEncoding.DecodeString(text)
	if !found || err != nil || len(raw) < s.aead.NonceSize() {
		return nil, errors.New("this is not sealed")
	}
	return s.aead.Open(nil, raw[:s.aead.NonceSize()], raw[s.aead.NonceSize():], []byte(place))
}
