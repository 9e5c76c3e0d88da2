package dialects

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"
)

// TestTemplateOf3CX: the file that we ship can be read, and asks at our addresses.
func TestTemplateOf3CX(t *testing.T) {
	for dec := xml.NewDecoder(strings.NewReader(threecxTemplate)); ; {
		_, err := dec.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, address := range []string{`"[Server]/lookup/[Source]?number=`, `"[Server]/hooks/[Source]"`, "contacts.phone"} {
		if !strings.Contains(threecxTemplate, address) {
			t.Errorf("the template lacks %s", address)
		}
	}
}
