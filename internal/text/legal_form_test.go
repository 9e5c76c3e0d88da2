package text

import "testing"

func TestWithoutLegalForm(t *testing.T) {
	for _, c := range []struct{ why, name, want string }{
		{"Russia", "ООО «Вектор»", "Вектор"},
		{"spelled out", "Общество с ограниченной ответственностью Вектор", "Вектор"},
		{"Kazakhstan", "ТОО Вектор", "Вектор"},
		{"Kazakhstan, spelled out", "Товарищество с ограниченной ответственностью «Вектор»", "Вектор"},
		{"Belarus", "ЧТУП Вектор", "Вектор"},
		{"Ukraine", "Товариство з обмеженою відповідальністю Вектор", "Вектор"},
		{"behind the name", "Zeta LLP", "Zeta"},
		{"with dots", "Rossi S.r.l.", "Rossi"},
		{"two of them", "Weber GmbH & Co. KG", "Weber"},
		{"Germany, spelled out", "Weber Gesellschaft mit beschränkter Haftung", "Weber"},
		{"England", "Acme Limited", "Acme"},
		{"Poland", "Zeta Sp. z o.o.", "Zeta"},
		{"America, spelled out", "Acme Limited Liability Company", "Acme"},
		{"a word that could be one", "Day Spa", "Day Spa"},
		{"nothing else", "ООО", "ООО"},
	} {
		if got := WithoutLegalForm(c.name); got != c.want {
			t.Errorf("%s: %q is called %q, want %q", c.why, c.name, got, c.want)
		}
	}
}
