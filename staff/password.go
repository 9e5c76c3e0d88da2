package staff

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"callhue/internal/fault"
)

// argon2id with 19 MiB, two passes, one lane: OWASP's "Password Storage Cheat
// Sheet", first choice of parameters.
const (
	argonMemory = 19 << 10 // KiB
	argonPasses = 2
	argonLanes  = 1
	argonKey    = 32
	argonSalt   = 16
)

const (
	shortestPassword = 10   // characters
	longestPassword  = 1000 // bytes
)

func passwordFault(password string) string {
	switch {
	case utf8.RuneCountInString(password) < shortestPassword:
		return "too_short"
	case len(password) > longestPassword:
		return "too_long"
	case isBreached(password):
		return "breached"
	}
	return ""
}

// noPassword is what the password of an unknown login is compared with: the answer takes as long as for a known one. No
// password matches it, for its key is that of none.
var noPassword = phc(make([]byte, argonSalt), make([]byte, argonKey))

// hasher computes password hashes, two at once at most: each takes 19 MiB and a core.
type hasher struct {
	slots chan struct{}
}

func newHasher() hasher { return hasher{make(chan struct{}, 2)} }

// hash returns the stored form of a password, the PHC string of argon2id.
func (h hasher) hash(ctx context.Context, random io.Reader, password string) (string, error) {
	salt := make([]byte, argonSalt)
	if _, err := io.ReadFull(random, salt); err != nil {
		return "", fault.Internal(err)
	}
	key, err := h.argon(ctx, password, salt, argonPasses, argonMemory, argonLanes)
	if err != nil {
		return "", err
	}
	return phc(salt, key), nil
}

// matches reports whether a password is the one of a stored hash; "" is the hash of an unknown login.
func (h hasher) matches(ctx context.Context, password, stored string) (bool, error) {
	if stored == "" {
		stored = noPassword
	}
	if len(password) > longestPassword {
		password, stored = "", noPassword
	}
	var passes, memory uint32
	var lanes uint8
	parts := strings.Split(stored, "$") // "", argon2id, v=19, m=…,t=…,p=…, salt, key
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != "v=19" {
		return false, fault.Internal(fmt.Errorf("a stored password that is no argon2id"))
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &lanes); err != nil {
		return false, fault.Internal(err)
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false, fault.Internal(err)
	}
	want, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil {
		return false, fault.Internal(err)
	}
	got, err := h.argon(ctx, password, salt, passes, memory, lanes)
	return err == nil && subtle.ConstantTimeCompare(got, want) == 1, err
}

// argon computes a key. A caller that waits for more than five seconds gets the fault busy "sign_in_busy".
func (h hasher) argon(ctx context.Context, password string, salt []byte, passes, memory uint32,
	lanes uint8) ([]byte, error) {
	wait := time.NewTimer(5 * time.Second)
	defer wait.Stop()
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-wait.C:
		return nil, fault.Unavailable("sign_in_busy", 5*time.Second)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return argon2.IDKey([]byte(password), salt, passes, memory, lanes, argonKey), nil
}

func phc(salt, key []byte) string {
	encode := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonPasses, argonLanes,
		encode(salt), encode(key))
}
