package importexport

import (
	"os"
	"strings"
	"testing"
)

// TestARefusedRowIsCorrectedAndImportedAgain corrects the report of refused rows as a person does, and imports it.
func TestARefusedRowIsCorrectedAndImportedAgain(t *testing.T) {
	inWorlds(t, func(w *world) {
		for name, text := range map[string]string{
			"c.csv": "Название;Телефон;Почта;Ответственный;Примечание\n" +
				"Акме;+7 495 000-00-11;a@example.com;anna;=1+1\n" +
				";+7 495 000-00-12;\"b@example.com\";boris;\"two\nlines\"\n",
			"p.vcf": "BEGIN:VCARD\nVERSION:3.0\nFN:Вера\nTEL:+7 495 000-00-13\nEND:VCARD\n" +
				"BEGIN:VCARD\nVERSION:3.0\nUID:7\nTEL;TYPE=CELL:+7 916 000-00-12\nEMAIL:b@example.com\nEND:VCARD\n",
		} {
			kind := map[string]Kind{"c.csv": Companies, "p.vcf": Contacts}[name]
			out := w.take(Options{File: w.file(name, text), Kind: kind})
			w.counts(name, out, 2, 1, 0, 0, 1)
			raw, err := os.ReadFile(out.Report)
			must(t, err)
			report := string(raw)
			header, row, _ := strings.Cut(strings.TrimPrefix(report, "\ufeff"), "\r\n")
			if !strings.HasPrefix(header, "refused_line,refused_column,refused_value,refused_code,refused_reason,") ||
				!strings.Contains(row, "required") || !strings.Contains(row, "b@example.com") {
				t.Errorf("%s: the report is %s", name, report)
			}
			corrected := strings.Replace(report, ",'+7 495 000-00-12", "Новая,'+7 495 000-00-12", 1)
			corrected = strings.Replace(corrected, "A value is required.\",7,", "A value is required.\",7,Новая", 1)
			corrected = strings.Replace(corrected, "A value is required.,7,", "A value is required.,7,Новая", 1)
			again := w.take(Options{File: w.file("again.csv", corrected), Kind: kind})
			w.counts(name+" corrected", again, 1, 1, 0, 0, 0)
		}
		if c := w.company("Новая"); c.OwnerID != w.boris || len(c.Phones) != 1 || len(c.Emails) != 1 {
			t.Errorf("the corrected company is %+v", c)
		}
		if c := w.contact("Новая"); len(c.Phones) != 1 || c.Phones[0].Kind != "mobile" {
			t.Errorf("the corrected contact is %+v", c)
		}
	})
}
