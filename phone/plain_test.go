package phone

import "testing"

func TestPlain(t *testing.T) {
	tests := []struct{ text, want, why string }{
		{"74950000011.0", "74950000011", "a float"},
		{"+74950000011.00", "+74950000011", "two places"},
		{"102.0", "102", "an extension"},
		{"7.4950000011e10", "74950000011", "scientific"},
		{"7.4950000011E+10", "74950000011", "scientific, as C prints it"},
		{"7.495000001e+10", "74950000010", "it ends with a zero"},
		{"7.495E+10", "7.495E+10", "a spreadsheet lost the rest"},
		{"7.49500000115e10", "7.49500000115e10", "no whole number"},
		{"8.495.000.00.11", "8.495.000.00.11", "dots between groups"},
		{"495.000", "495.000", "a group of three"},
		{"petrov", "petrov", "a login"},
		{"7.4950000011e99", "7.4950000011e99", "longer than any number"},
	}
	p, err := NewPlan("RU", "495")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		if got := Plain(tt.text); got != tt.want {
			t.Errorf("%s: %q, want %q: %s", tt.text, got, tt.want, tt.why)
		}
	}
	for text, want := range map[string]int64{
		"74950000011.0": 74950000011, "7.4950000011e10": 74950000011, "7.495E+10": 0,
	} {
		if got := p.Parse(text); got.E164 != want {
			t.Errorf("%s is read as %+v", text, got)
		}
	}
}

func TestHiddenInManyLanguages(t *testing.T) {
	p, err := NewPlan("RU", "495")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		"Unbekannt", "Anonym", "unbekannter Anrufer", "Rufnummer unterdrückt", "Privat",
		"Inconnu", "Numéro masqué", "numero prive", "Anonyme", "Desconocido", "Número privado", "ANONIMO", "Oculto",
		"Sconosciuto", "Numero riservato", "Desconhecido", "Anônimo", "Onbekend", "Anoniem", "Privénummer",
		"Nieznany", "Numer zastrzeżony", "Neznámé číslo", "Skryté číslo", "Невідомий номер", "Прихований",
		"Bilinmeyen", "Gizli numara", "Okänt nummer", "Hemligt nummer", "Skjult nummer", "Ukjent", "Tuntematon",
		"Ismeretlen", "Necunoscut", "Белгісіз", "Анонім", "未知", "匿名", "非通知", "Номер скрыт", "Неизвестный абонент",
		"<unknown>", "Caller ID withheld",
	} {
		if got := p.Parse(text); got.Kind != Hidden {
			t.Errorf("%s is %v", text, got.Kind)
		}
	}
	for _, text := range []string{"Ivanov", "number", "Private Bank 24", "Anonymous 7", "Acme GmbH"} {
		if got := p.Parse(text); got.Kind == Hidden {
			t.Errorf("%s is hidden", text)
		}
	}
}
