package crm

import (
	"slices"
	"testing"

	"callhue/phone"
)

func TestWhatARecordIsFoundBy(t *testing.T) {
	search := searchText([]string{`ООО "Вектор-Плюс"`, "Директор"},
		[]phoneLine{{Raw: "8 (495) 000-00-11", Key: 74950000011}, {Raw: "вн. 123"}}, []string{"Info@Vektor.example"})
	words, ends := indexed(search)
	var list []string
	for _, w := range words {
		list = append(list, w.Word)
		if w.Weight != 1 {
			t.Errorf("%q is not the whole name", w.Word)
		}
	}
	slices.Sort(list)
	want := append([]string{"вектор", "плюс", "директор", "123"}, addressWords("info@vektor.example")...)
	slices.Sort(want)
	if !slices.Equal(list, want) {
		t.Errorf("words %q, want %q", list, want)
	}
	if !slices.Equal(ends, []int64{1100000594, 3210000000}) {
		t.Errorf("ends %d", ends)
	}
	words, _ = indexed(searchText([]string{"ООО Вектор"}, nil, nil))
	if !slices.Equal(words, []wordRow{{"вектор", 0}}) {
		t.Errorf("a name of one word: %v", words)
	}
	if words, ends := indexed("вектор 84950000011"); words != nil || ends != nil {
		t.Errorf("a text of an older version has rows: %v %v", words, ends)
	}
}

func TestQueriesAndTexts(t *testing.T) {
	plan, err := phone.NewPlan("RU", "495")
	if err != nil {
		t.Fatal(err)
	}
	lines := []phoneLine{{Raw: "8 (495) 000-00-11", Key: 74950000011}}
	for _, c := range []struct {
		why, name, q string
		want         bool
	}{
		{"words in any order", "Белкина Анна Ивановна", "анна бел", true},
		{"a word that is not there", "Белкина Анна Ивановна", "анна синицына", false},
		{"the middle of a word is no beginning", "Вектор", "ектор", false},
		{"quotation marks and dashes", `ООО "Вектор-Плюс"`, "«Вектор – Плюс» ООО", true},
		{"another legal form", "ООО Вектор", "АО Вектор", true},
		{"a legal form alone", "ООО Вектор", "ООО", true},
		{"a diacritic", "Müller GmbH", "muller", true},
		{"letters that look alike", "ВЕКТОР", "BEKTOP", true},
		{"a number with 8", "Вектор", "8 (495) 000-00-11", true},
		{"the beginning of a number", "Вектор", "8495000", true},
		{"the beginning without the country", "Вектор", "495000", true},
		{"an international beginning", "Вектор", "+7 495", true},
		{"the last digits", "Вектор", "00-11", true},
		{"digits in the middle", "Вектор", "950000", false},
		{"another number", "Вектор", "84950000012", false},
		{"a word and a number", "Вектор", "век 8495", true},
		{"a name with a dot", "Вектор.Рус", "вектор.рус", true},
		{"a name of digits", "1000 мелочей", "1000", true},
	} {
		search := searchText([]string{c.name}, lines, nil)
		if got := hasTerms(search, parseQuery(plan, c.q)); got != c.want {
			t.Errorf("%s: %q in %q is %v", c.why, c.q, search, got)
		}
	}
}
