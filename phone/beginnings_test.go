package phone

import (
	"slices"
	"testing"
)

func TestBeginnings(t *testing.T) {
	for _, c := range []struct {
		country, text string
		want          []string
	}{
		{"RU", "8495000", []string{"7495000", "78495000", "8495000"}},
		{"RU", "8 (495)", []string{"7495", "78495", "8495"}},
		{"RU", "+7 495", []string{"7495"}},
		{"RU", "495", []string{"495", "7495"}},
		{"GB", "020 79", []string{"442079", "4402079"}},
		{"GB", "0044 20", []string{"4420"}},
		{"RU", "words", nil},
	} {
		plan, err := NewPlan(c.country, "")
		if err != nil {
			t.Fatal(err)
		}
		got := plan.Beginnings(c.text)
		slices.Sort(c.want)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s %q: %q, want %q", c.country, c.text, got, c.want)
		}
	}
}
