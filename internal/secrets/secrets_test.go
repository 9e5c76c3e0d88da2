package secrets

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// counting is a source of randomness that tests can foresee.
type counting struct{ next byte }

func (c *counting) Read(p []byte) (int, error) {
	for i := range p {
		c.next++
		p[i] = c.next
	}
	return len(p), nil
}

func TestSeal(t *testing.T) {
	seal, err := NewSeal(bytes.Repeat([]byte{7}, 32), &counting{})
	if err != nil {
		t.Fatal(err)
	}
	first, err := seal.Close([]byte("text"), "here")
	if err != nil {
		t.Fatal(err)
	}
	second, _ := seal.Close([]byte("text"), "here")
	if first == second || strings.Contains(first, "text") {
		t.Errorf("sealed to %q and %q", first, second)
	}
	if text, err := seal.Open(first, "here"); err != nil || string(text) != "text" {
		t.Errorf("opened %q, %v", text, err)
	}
	changed := []byte(first)
	changed[len(changed)-1] ^= 1
	other, _ := NewSeal(make([]byte, 32), &counting{})
	for name, open := range map[string]func() ([]byte, error){
		"elsewhere":   func() ([]byte, error) { return seal.Open(first, "there") },
		"changed":     func() ([]byte, error) { return seal.Open(string(changed), "here") },
		"another key": func() ([]byte, error) { return other.Open(first, "here") },
		"plain text":  func() ([]byte, error) { return seal.Open("text", "here") },
		"nothing":     func() ([]byte, error) { return seal.Open(sealVersion, "here") },
	} {
		if text, err := open(); err == nil {
			t.Errorf("%s: opened %q", name, text)
		}
	}
	if _, err := NewSeal(make([]byte, 16), &counting{}); err == nil {
		t.Error("a key of 16 bytes is taken")
	}
}

func TestSecrets(t *testing.T) {
	s := Set{"one", "two"}
	for text, want := range map[string]bool{"one": true, "two": true, "three": false, "on": false, "onetwo": false,
		"": false} {
		if s.Has(text) != want {
			t.Errorf("Has(%q) is not %v", text, want)
		}
	}
	if (Set{""}).Has("") {
		t.Error("an empty text opens")
	}
}

// FuzzSignatureHeader: no header but one with the right sum proves anything.
func FuzzSignatureHeader(f *testing.F) {
	f.Add("t=1773306965,v1=", "{}")
	f.Add("t=1773306965", "")
	f.Add(",,t=,v1=v1,=", "x")
	f.Fuzz(func(t *testing.T, header, body string) {
		if (Set{"a secret that nobody guesses"}).Prove(header, []byte(body), noon) == nil {
			t.Errorf("%q proves %q", header, body)
		}
		right := Set{"s3cret-s3cret"}.Signature(noon, []byte(body))
		if err := (Set{"s3cret-s3cret"}).Prove(right, []byte(body), noon); err != nil {
			t.Errorf("%q does not prove %q: %v", right, body, err)
		}
	})
}

var noon = time.Unix(1773306965, 0)
