package staff

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // breached.bin
	"sort"
	"strings"
	"unicode"

	"callhue/internal/store"
)

// breachedHashes are the first five bytes of the SHA-256 of 49 233 passwords that are common in published breaches,
// folded and sorted: 246 kB. The list is that of @zxcvbn-ts/language-common 4.1.3 (MIT licence); go test ./staff -run
// Breached -breached FILE makes the file from one with a password a line.
//
//go:embed breached.bin
var breachedHashes []byte

const breachedSize = 5

// isBreached reports whether a password is among those that are tried first, in any case, or one of them with digits
// and signs behind it.
func isBreached(password string) bool {
	folded := store.Fold(password)
	stem := strings.TrimRightFunc(folded, func(r rune) bool { return !unicode.IsLetter(r) })
	return isListed(folded) || stem != "" && isListed(stem)
}

func isListed(folded string) bool {
	hash := breachedHash(folded)
	at := sort.Search(len(breachedHashes)/breachedSize, func(i int) bool {
		return bytes.Compare(breachedHashes[i*breachedSize:(i+1)*breachedSize], hash) >= 0
	}) * breachedSize
	return at < len(breachedHashes) && bytes.Equal(breachedHashes[at:at+breachedSize], hash)
}

func breachedHash(folded string) []byte {
	sum := sha256.Sum256([]byte(folded))
	return sum[:breachedSize]
}
