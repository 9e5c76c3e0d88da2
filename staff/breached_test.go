package staff

import (
	"bytes"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"callhue/internal/store"
)

var breachedFile = flag.String("breached", "", "a file of breached passwords, one a line, to make breached.bin from")

func TestBreachedPasswordsAreRefused(t *testing.T) {
	if *breachedFile != "" {
		writeBreached(t, *breachedFile)
	}
	for _, c := range []struct {
		password string
		refused  bool
	}{
		{"1qaz2wsx3edc", true},
		{"qwertyuiop", true},
		{"QwErTyUiOp", true},
		{"Manchester", true},
		{"password2026!", true},
		{"correct horse", false},
		{"battery staple", false},
		{"3 blue herons", false},
		{"8402861597", false},
	} {
		if got := passwordFault(c.password) == "breached"; got != c.refused {
			t.Errorf("%q is refused as breached: %v", c.password, got)
		}
	}
}

func writeBreached(t *testing.T, file string) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var hashes [][]byte
	for line := range strings.Lines(string(text)) {
		if word := store.Fold(strings.TrimRight(line, "\r\n")); word != "" {
			hashes = append(hashes, breachedHash(word))
		}
	}
	slices.SortFunc(hashes, bytes.Compare)
	hashes = slices.CompactFunc(hashes, bytes.Equal)
	if err := os.WriteFile("breached.bin", bytes.Join(hashes, nil), 0o644); err != nil {
		t.Fatal(err)
	}
	breachedHashes = bytes.Join(hashes, nil)
}
