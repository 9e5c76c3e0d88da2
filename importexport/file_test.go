package importexport

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"callhue/internal/fault"
)

// temporary writes a file.
func temporary(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	must(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// rowsOf reads a table as an import does.
func rowsOf(t testing.TB, s *inputFile) (rows [][]string) {
	t.Helper()
	text, err := s.openTable()
	must(t, err)
	sheet, err := openCSV(text)
	must(t, err)
	sheet.inWorkbook = s.format == formatXLSX
	sheet.fields[0] = fieldName
	for i := range sheet.fields {
		sheet.fields[i] = fieldName
	}
	var names []string
	for _, c := range sheet.columns {
		names = append(names, c.Header)
	}
	rows = append(rows, names)
	for {
		_, row, err := sheet.csvRows.next()
		if err == io.EOF {
			return rows
		}
		must(t, err)
		var texts []string
		for _, c := range sheet.cellsOf(row) {
			texts = append(texts, c.text)
		}
		rows = append(rows, texts)
	}
}

func encoded(t testing.TB, enc encoding.Encoding, text string) string {
	t.Helper()
	out, err := enc.NewEncoder().String(text)
	must(t, err)
	return out
}

func TestCharsetsAreFoundByEvidence(t *testing.T) {
	const russian = "Название;Телефон\r\nООО «Вектор»;+7 495 000-00-11\r\nБелкина Анна;+7 495 000-00-12\r\n"
	const german = "Name;Telefon\r\nMüller GmbH;030 23125000\r\nJürgen Größe;030 23125001\r\n"
	utf16 := func(order unicode.Endianness, mark unicode.BOMPolicy) encoding.Encoding {
		return unicode.UTF16(order, mark)
	}
	for _, c := range []struct{ why, text, want, row string }{
		{"UTF-8", russian, charsetUTF8, "ООО «Вектор»"},
		{"UTF-8 with a mark", "\ufeff" + russian, charsetUTF8, "ООО «Вектор»"},
		{"plain ASCII", "name;phone\nAcme;1\n", charsetUTF8, "Acme"},
		{"windows-1251", encoded(t, charmap.Windows1251, russian), charset1251, "ООО «Вектор»"},
		{"KOI8-R", encoded(t, charmap.KOI8R, strings.NewReplacer("«", `'`, "»", `'`).Replace(russian)), charsetKOI8,
			"ООО 'Вектор'"},
		{"the charset of DOS",
			encoded(t, charmap.CodePage866, strings.NewReplacer("«", `'`, "»", `'`).Replace(russian)),
			charset866, "ООО 'Вектор'"},
		{"windows-1252", encoded(t, charmap.Windows1252, german), charset1252, "Müller GmbH"},
		{"one umlaut", "Name;Telefon\nM\xfcller;1\n", charset1252, "Müller"},
		{"capitals in windows-1251",
			encoded(t, charmap.Windows1251, "НАЗВАНИЕ;ТЕЛЕФОН\nВЕКТОР;1\n"), charset1251, "ВЕКТОР"},
		{"capitals in KOI8-R", encoded(t, charmap.KOI8R, "НАЗВАНИЕ;ТЕЛЕФОН\nВЕКТОР;1\n"), charsetKOI8, "ВЕКТОР"},
		{"a number sign only", "name;phone\nAcme \xb95;1\n", charset1251, "Acme №5"},
		{"UTF-16 with a mark", encoded(t, utf16(unicode.LittleEndian, unicode.UseBOM), russian), charsetUTF16,
			"ООО «Вектор»"},
		{"UTF-16, the other order, with a mark",
			encoded(t, utf16(unicode.BigEndian, unicode.UseBOM), russian), charsetUTF16,
			"ООО «Вектор»"},
		{"UTF-16 without a mark", encoded(t, utf16(unicode.LittleEndian, unicode.IgnoreBOM), russian), charsetUTF16LE,
			"ООО «Вектор»"},
		{"UTF-16, the other order", encoded(t, utf16(unicode.BigEndian, unicode.IgnoreBOM), russian), charsetUTF16BE,
			"ООО «Вектор»"},
		{"one broken byte in UTF-8", strings.Replace(russian, "Белкина", "Белки\xd0", 1), charsetUTF8, "ООО «Вектор»"},
		{"cut in the middle of a letter", russian + "Д\xd0", charsetUTF8, "ООО «Вектор»"},
	} {
		s, err := openFile(temporary(t, "c.csv", c.text), "")
		must(t, err)
		if s.charset != c.want {
			t.Errorf("%s: %s, want %s", c.why, s.charset, c.want)
		} else if rows := rowsOf(t, s); rows[1][0] != c.row {
			t.Errorf("%s: %q, want %q", c.why, rows[1][0], c.row)
		}
		s.close()
	}
}

func TestTheCharsetCanBeNamed(t *testing.T) {
	path := temporary(t, "c.csv", "name;phone\nZa\xbf\xf3\xb3\xe6;1\n")
	for name, want := range map[string]string{"windows-1250": "Zażółć", "cp1250": "Zażółć", "ISO-8859-2": "Zażółć"} {
		if name == "ISO-8859-2" {
			path = temporary(t, "d.csv", "name;phone\nZa\xbf\xf3\xb3\xe6;1\n")
		}
		s, err := openFile(path, name)
		must(t, err)
		if rows := rowsOf(t, s); rows[1][0] != want {
			t.Errorf("%s: %q", name, rows[1][0])
		}
		s.close()
	}
	_, err := openFile(path, "klingon")
	wantCode(t, "an unknown charset", err, "unknown_charset")
}

func wantCode(t *testing.T, why string, err error, code string) {
	t.Helper()
	if f := fault.Of(err); err == nil || len(f.Fields) == 0 || f.Fields[0].Code != code {
		t.Errorf("%s: %v, want %s", why, err, code)
	}
}

func TestWhatIsNoTableIsNamed(t *testing.T) {
	for _, c := range []struct{ why, text, code string }{
		{"a workbook of the old Excel", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600), "old_excel"},
		{"a page that is called .xls", "<html><body><table><tr><td>Name</td></tr></table></body></html>",
			"html_not_a_table"},
		{"a page with a mark", "\ufeff\r\n<table><tr><td>Name</td></tr></table>", "html_not_a_table"},
		{"a page in UTF-16",
			encoded(t, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "<html><table></table></html>"),
			"html_not_a_table"},
		{"the XML of Excel 2003", `<?xml version="1.0"?><Workbook></Workbook>`, "xml_not_a_table"},
		{"a workbook with a password",
			"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + encoded(t, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM),
				"EncryptedPackage"), "workbook_with_password"},
		{"a PDF", "%PDF-1.7", "not_a_table"},
	} {
		_, err := openFile(temporary(t, "c.xls", c.text), "")
		wantCode(t, c.why, err, c.code)
	}
}

func TestTheSeparatorIsFound(t *testing.T) {
	for _, c := range []struct{ why, text string }{
		{"semicolons", "Название;Телефон\nАкме;1\n"},
		{"commas", "Название,Телефон\nАкме,1\n"},
		{"tabs", "Название\tТелефон\nАкме\t1\n"},
		{"bars", "Название|Телефон\r\nАкме|1\r\n"},
		{"bars, and commas in the cells", "Название|Телефон\nАкме|1\n\"a, b, c\"|2\n"},
		{"a title with commas above", "Отчёт, 2026, клиенты\nНазвание;Телефон\nАкме;1\n"},
		{"sep=", "sep=;\nНазвание;Телефон\nАкме;1\n"},
		{"SEP=", "SEP=;\r\nНазвание;Телефон\r\nАкме;1\r\n"},
		{"in quotes", "\"sep=;\"\r\nНазвание;Телефон\r\nАкме;1\r\n"},
		{"the sign alone in quotes", "sep=\";\"\nНазвание;Телефон\nАкме;1\n"},
		{"with a mark", "\ufeffsep=;\r\nНазвание;Телефон\r\nАкме;1\r\n"},
		{"with a mark in quotes", "\ufeff\"sep=;\"\r\nНазвание;Телефон\r\nАкме;1\r\n"},
		{"stored again", "sep=;;;\r\nНазвание;Телефон\r\nАкме;1\r\n"},
		{"with blanks", "sep = ;\nНазвание;Телефон\nАкме;1\n"},
		{"a bar", "sep=|\nНазвание|Телефон\nАкме|1\n"},
		{"a tab", "sep=\t\nНазвание\tТелефон\nАкме\t1\n"},
		{"a tab by its name", "sep=\\t\nНазвание\tТелефон\nАкме\t1\n"},
		{"none is named", "sep=\nНазвание;Телефон\nАкме;1\n"},
		{"UTF-16", encoded(t, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
			"sep=;\r\nНазвание;Телефон\r\nАкме;1\r\n")},
		{"another sign", "sep=^\nНазвание^Телефон\nАкме^1\n"},
	} {
		s, err := openFile(temporary(t, "c.csv", c.text), "")
		must(t, err)
		rows := rowsOf(t, s)
		if !slices.Equal(rows[0], []string{"Название", "Телефон"}) || !slices.Equal(rows[1], []string{"Акме", "1"}) {
			t.Errorf("%s: %q", c.why, rows)
		}
		s.close()
	}
}

// workbookOf writes a workbook.
func workbookOf(t testing.TB, fill func(f *excelize.File)) string {
	t.Helper()
	f := excelize.NewFile()
	fill(f)
	path := filepath.Join(t.TempDir(), "clients.xlsx")
	must(t, f.SaveAs(path))
	return path
}

func TestWorkbooks(t *testing.T) {
	path := workbookOf(t, func(f *excelize.File) {
		set := func(sheet, at string, value any) { must(t, f.SetCellValue(sheet, at, value)) }
		style := func(sheet, at, form string) {
			id, err := f.NewStyle(&excelize.Style{CustomNumFmt: &form})
			must(t, err)
			must(t, f.SetCellStyle(sheet, at, at, id))
		}
		set("Sheet1", "A1", " ")
		for _, sheet := range []string{"Hidden", "Clients"} {
			_, err := f.NewSheet(sheet)
			must(t, err)
		}
		set("Hidden", "A1", "Название")
		set("Hidden", "A2", "wrong")
		must(t, f.SetSheetVisible("Hidden", false))
		for at, value := range map[string]any{
			"A1": "Клиенты на 2026 год",
			"A3": "Название", "B3": "Телефон", "C3": "Код", "D3": "С даты",
			"A4": "Акме", "B4": 79160000011, "C4": 7, "D4": "12.03.2026",
			"A5": "Бета", "B5": 79160000012, "C5": 1.5,
			"A7": "Гамма \"Юг\"\tОО", "B7": "8 495 000-00-13\n8 495 000-00-14", "C7": true,
			"A8": "Дельта", "B8": 9160000015, "A9": "Эхо", "B9": 79160000016,
		} {
			set("Clients", at, value)
		}
		must(t, f.MergeCell("Clients", "A1", "D1"))
		style("Clients", "B5", "0.00E+00")
		style("Clients", "B8", "+7 (000) 000-00-00")
		style("Clients", "B9", "#,##0")
	})
	s, err := openFile(path, "")
	must(t, err)
	defer s.close()
	if s.format != formatXLSX {
		t.Fatalf("it is %s", s.format)
	}
	want := [][]string{{"Название", "Телефон", "Код", "С даты"}, {"Акме", "79160000011", "7", "12.03.2026"},
		{"Бета", "79160000012", "1.5"}, {"Гамма \"Юг\"\tОО", "8 495 000-00-13\n8 495 000-00-14", "TRUE"},
		{"Дельта", "9160000015"}, {"Эхо", "79160000016"}}
	rows := rowsOf(t, s)
	for i := range want {
		if i >= len(rows) || !slices.Equal(rows[i], want[i]) {
			if i == 4 && slices.Equal(rows[i], []string{"Дельта", "+7 (916) 000-00-15"}) {
				continue
			}
			t.Errorf("row %d of %q, want %q", i, rows, want[i])
		}
	}
}

func TestAWorkbookIsImported(t *testing.T) {
	inWorlds(t, func(w *world) {
		path := workbookOf(t, func(f *excelize.File) {
			for at, value := range map[string]any{"A1": "Название", "B1": "Телефон", "A2": "Акме", "B2": 74950000011,
				"A3": "Бета", "B3": "нет", "A5": "", "B5": "8 495 000-00-12", "A6": "Гамма", "B6": 74950000013.0} {
				must(t, f.SetCellValue("Sheet1", at, value))
			}
		})
		out := w.take(Options{File: path})
		w.counts("a workbook", out, 4, 3, 0, 0, 1)
		if out.Type != "xlsx" || w.company("Акме").Phones[0].Number != "+74950000011" {
			t.Errorf("%+v", out)
		}
		report, err := os.ReadFile(out.Report)
		must(t, err)
		if !strings.Contains(string(report), "\n5,") {
			t.Errorf("the report does not name row 5: %q", report)
		}
	})
}

func TestABombIsRefused(t *testing.T) {
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(w, flate.BestSpeed)
	})
	part, err := z.Create("xl/worksheets/sheet1.xml")
	must(t, err)
	zeros := make([]byte, 1<<20)
	for range 300 {
		_, err := part.Write(zeros)
		must(t, err)
	}
	must(t, z.Close())
	s, err := openFile(temporary(t, "bomb.xlsx", buf.String()), "")
	must(t, err)
	defer s.close()
	_, err = s.openTable()
	wantCode(t, "a bomb", err, "too_large")
	s, err = openFile(temporary(t, "b.xlsx", "PK\x03\x04nothing"), "")
	must(t, err)
	defer s.close()
	_, err = s.openTable()
	wantCode(t, "a broken zip", err, "not_a_table")
}

func TestAFaultNamesWhatWasSeen(t *testing.T) {
	inWorlds(t, func(w *world) {
		_, err := w.Import(t.Context(), Options{File: w.file("c.csv", "foo;bar\n1;2\n"), By: w.as("")})
		if text := err.Error(); !strings.Contains(text, "[foo bar]") || !strings.Contains(text, "charset=UTF-8") {
			t.Errorf("the fault is %s", text)
		}
	})
}

func TestABrokenByteSpoilsOneCell(t *testing.T) {
	inWorlds(t, func(w *world) {
		out := w.take(Options{File: w.file("c.csv",
			"Название;Телефон\nАкме;+7 495 000-00-11\nБе\xd0та;+7 495 000-00-12\n")})
		w.counts("a broken byte", out, 2, 2, 0, 0, 0)
		w.warned(out, "3,Название,Бе\uFFFDта,not_in_charset")
	})
}

// FuzzFile: no file panics; what is opened as a table has rows of UTF-8, none of them without an end.
func FuzzFile(f *testing.F) {
	for _, seed := range []string{"name;phone\nAcme;1\n", "sep=;\n\"a\";b\n", "\xff\xfen\x00;\x00",
		"BEGIN:VCARD\nFN:A\nEND:VCARD\n",
		"PK\x03\x04", "<html>", "\xd0\xcf\x11\xe0", "n|p\r1|2\r", "\xcf\xd2;\xee\n"} {
		f.Add([]byte(seed), "")
	}
	f.Add([]byte("a;b\n1;2"), "koi8-r")
	plan := moscow(f)
	f.Fuzz(func(t *testing.T, text []byte, charset string) {
		s, err := openFile(temporary(t, "f", string(text)), charset)
		if err != nil {
			return
		}
		defer s.close()
		var reader rowReader
		if s.format == formatVCard {
			in, left, err := s.openLines()
			must(t, err)
			cards, err := openVCards(in, left, Contacts, nil, plan)
			must(t, err)
			reader = cards
		} else {
			in, err := s.openTable()
			if err != nil {
				return
			}
			sheet, err := openCSV(in)
			if err != nil {
				return
			}
			for i := range sheet.fields {
				sheet.fields[i] = fieldName
			}
			reader = csvReader{sheet, plan}
		}
		for rows := 0; ; rows++ {
			d, err := reader.next()
			if err != nil {
				return
			}
			for _, c := range d.cells {
				if !utf8.ValidString(c.text) {
					t.Fatalf("%q holds %q", text, c.text)
				}
			}
			if rows > len(text)+1 {
				t.Fatalf("%q has no end", text)
			}
		}
	})
}
