package crm

import "testing"

func TestSameIdentity(t *testing.T) {
	for _, c := range []struct {
		name, other string
		want        bool
		why         string
	}{
		{"Анна Белкина", "Белкина Анна", true, "a portal writes the first name first, a file the last"},
		{"Белкина Анна Петровна", "анна петровна  БЕЛКИНА", true, "case and blanks"},
		{"Семёнов Пётр", "петр семенов", true, "ё is е"},
		{"Белкина, Анна", "Анна Белкина", true, "punctuation"},
		{`ООО "Вектор"`, "Вектор ООО", true, "quotes, and the legal form behind"},
		{"Белкина Анна", "Белкина Анна Петровна", false, "a mother and a daughter may share a number"},
		{"Вектор", "Вектор плюс", false, "another company"},
		{`ООО "Вектор"`, `АО "Вектор"`, false, "another legal person"},
		{"???", "!!!", false, "names without letters"},
		{"???", "???", true, "the same spelling"},
	} {
		if got := SameIdentity(c.name, c.other); got != c.want {
			t.Errorf("%s: %q and %q: %v, want %v", c.why, c.name, c.other, got, c.want)
		}
		if SameIdentity(c.other, c.name) != c.want {
			t.Errorf("%s: %q and %q: it is not symmetric", c.why, c.other, c.name)
		}
	}
}
