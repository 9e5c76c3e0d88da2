package importexport

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

var update = flag.Bool("update", false, "write the golden file anew")

// TestMappings writes the guesses for headers of real files into a golden file that a person can
// read.
func TestMappings(t *testing.T) {
	const golden = "testdata/mappings.golden"
	var b strings.Builder
	for _, header := range []string{
		"ID;Название компании;Рабочий телефон;Мобильный телефон;Рабочий e-mail;Ответственный;Комментарий",
		"Наименование,ИНН,Телефон,Телефон 2,E-mail,Менеджер,Статус",
		"\"Company Name\",Phone,Fax,\"Account Owner\",Website",
		"Фамилия;Имя;Отчество;Должность;Телефон рабочий;Телефон мобильный;Компания;Эл. почта",
		"Имя;Компания;Телефон",
		"First Name,Last Name,Mobile Phone,Home Phone,E-mail Address,Company,Job Title,Notes",
		"Name,Given Name,Family Name,E-mail 1 - Value,Phone 1 - Type,Phone 1 - Value,Phone 2 - Value,Organization 1 " +
			"- Name",
		"Название лида;Имя;Телефон;Источник;Стадия;Ответственный",
		"Lead Name\tStatus\tLead Source\tPhone\tOwner",
		"login;ФИО;Роль;Отдел;Внутренний номер;Язык",
		"name",
		"Телефон;Телефон;Телефон;Имя;Имя",
		"foo;bar",
		"sep=;\nНазвание;Тел.",
	} {
		s, err := openCSV(strings.NewReader(header + "\n"))
		must(t, err)
		kind := guessKind(s.columns)
		fmt.Fprintf(&b, "%s\n    rows of kind %s, separated by %q\n", strings.ReplaceAll(header, "\n", "⏎"), kind,
			s.separator)
		if err := s.guessMeanings(kind, nil); err != nil {
			fmt.Fprintf(&b, "    %v\n", err)
		}
		for i, c := range s.columns {
			fmt.Fprintf(&b, "    %-14s <- %s\n", s.fields[i], c.Header)
		}
	}
	if *update {
		must(t, os.WriteFile(golden, []byte(b.String()), 0o600))
	}
	want, err := os.ReadFile(golden)
	must(t, err)
	if b.String() != string(want) {
		t.Errorf("the guesses differ from %s; if that is meant: go test ./importexport -run Mappings -update\n%s",
			golden,
			&b)
	}
}

func TestFilesThatHurt(t *testing.T) {
	inWorlds(t, func(w *world) {
		cp1251 := func(text string) string {
			coded, err := charmap.Windows1251.NewEncoder().String(text)
			must(t, err)
			return coded
		}
		utf16, err := unicode.UTF16(unicode.LittleEndian,
			unicode.UseBOM).NewEncoder().String("name\tphone\nЮникод\t+7 495 000-00-21\n")
		must(t, err)
		wide, cells := "name;phone", "Wide;+7 495 000-00-22"
		for i := range 300 {
			wide, cells = wide+fmt.Sprintf(";c%d", i), cells+";x"
		}
		for _, c := range []struct {
			why, text      string
			added, refused int64
			charset        string
		}{
			{"the encoding of old Windows", cp1251("Название;Телефон\r\nКириллица;+7 495 000-00-23\r\n"), 1, 0,
				"windows-1251"},
			{"a byte order mark before quotes", "\ufeff\"Название\";\"Телефон\"\r\n\"Акме\";\"+7 495 000-00-24\"\r\n",
				1, 0, "UTF-8"},
			{"English for 300 kB, then a letter of old Windows",
				"name;note\n" + strings.Repeat("Same;"+strings.Repeat("x", 300)+"\n", 1000) + cp1251("Конец;x\n"), 2, 0,
				"windows-1251"},
			{"UTF-16 with tabs, as Excel writes it", utf16, 1, 0, "UTF-16"},
			{"line ends of old Macs", "name;phone\rMac;+7 495 000-00-25\r", 1, 0, "UTF-8"},
			{"a cell of 10 000 characters", "name;phone\n" + strings.Repeat("x", 10_000) +
				";\nShort;+7 495 000-00-26\n", 1, 1, "UTF-8"},
			{"NUL bytes", "name;phone\nNu\x00l;+7 495 000-00-27\nGood;+7 495 000-00-28\n", 1, 1, "UTF-8"},
			{"300 columns", wide + "\n" + cells + "\n", 1, 0, "UTF-8"},
			{"more cells than columns", "name;phone\nA;+7 495 000-00-29;;\nB;;;C\n", 1, 1, "UTF-8"},
			{"a header alone", "name;phone\n", 0, 0, "UTF-8"},
			{"a formula that was made safe", "name;phone\n'=cmd;'+7 495 000-00-30\n", 1, 0, "UTF-8"},
			{"a quote that nobody closes", "name;phone\n\"Open;1\nNext;+7 495 000-00-31\n", 1, 1, "UTF-8"},
		} {
			out := w.take(Options{Kind: Companies, File: w.file("c.csv", c.text)})
			if out.Added != c.added || out.Refused != c.refused || out.Charset != c.charset {
				t.Errorf("%s: %+v", c.why, out)
			}
		}
		for _, name := range []string{"Кириллица", "Юникод", "Mac", "=cmd", "Конец"} {
			w.company(name)
		}
		for why, text := range map[string]string{"an empty file": "", "blank lines": "\r\n\r\n",
			"no column that we know": "foo;bar\n1;2\n"} {
			_, err := w.Import(t.Context(), Options{File: w.file("c.csv", text), By: w.as("")})
			wantFault(t, why, err, "invalid_input")
		}
		_, err = w.Import(t.Context(), Options{File: filepath.Join(t.TempDir(), "none"), By: w.as("")})
		wantFault(t, "no file", err, "invalid_input")
	})
}
