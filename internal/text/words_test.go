package text

import (
	"slices"
	"testing"
)

func TestSkeleton(t *testing.T) {
	for _, c := range []struct{ why, one, other string }{
		{"a diacritic", "Müller", "muller"},
		{"a decomposed diacritic", "Mu\u0308ller", "müller"},
		{"ё and е", "ЁЛКА", "елка"},
		{"й and и", "Андрей", "андреи"},
		{"Latin capitals that look Cyrillic", "BEKTOP", "вектор"},
		{"and small ones", "вeктoр", "вектор"},
		{"a ligature", "Straße", "STRASSE"},
		{"a stroke", "Łódź", "lodz"},
		{"a wide letter", "Ａcme", "acme"},
		{"Ukrainian letters", "Їжак", "iжак"},
	} {
		if Skeleton(c.one) != Skeleton(c.other) {
			t.Errorf("%s: %q is %q, %q is %q", c.why, c.one, Skeleton(c.one), c.other, Skeleton(c.other))
		}
	}
	if Skeleton("Vector") == Skeleton("Вектор") {
		t.Error("words that are spelled differently must stay different")
	}
}

func TestWords(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{`ООО "Вектор–Плюс"`, []string{"ооо", "вектор", "плюс"}},
		{"O'Neil & Sons", []string{Skeleton("oneil"), Skeleton("sons")}},
		{"А.Б. Иванов", []string{"а", "б", "иванов"}},
		{" _%! ", nil},
		{"24/7", []string{"24", "7"}},
	} {
		if got := Words(c.text); !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
	if !HasWords(Words("Белкина Анна Ивановна"), Words("анна бел")) || HasWords(Words("Белкина"), Words("анна")) {
		t.Error("each word begins one, in any order")
	}
}
