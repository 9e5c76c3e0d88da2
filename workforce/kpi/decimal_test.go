package kpi

import (
	"encoding/json"
	"math/big"
	"testing"
)

func TestDecimals(t *testing.T) {
	for text, want := range map[string]string{"0": "0", "12.5": "12.5", "-12.50": "-12.5", "0.0001": "0.0001",
		"007": "7", "999999999999.9999": "999999999999.9999", "-0.5": "-0.5", "100": "100", `"12.25"`: "12.25"} {
		var d Decimal
		if err := json.Unmarshal([]byte(text), &d); err != nil && text != "007" || err == nil && d.String() != want {
			t.Errorf("%s is read as %s, %v", text, d, err)
		}
	}
	for _, text := range []string{"1e3", "0.00001", "1000000000000", `"1,5"`, `""`, `"."`, `"1."`, `".5"`, `"+1"`,
		`"--1"`, "true", "[]", `"٣"`} {
		var d Decimal
		if err := json.Unmarshal([]byte(text), &d); err == nil {
			t.Errorf("%s is read as %s", text, d)
		}
	}
}

func TestHalfUp(t *testing.T) {
	for _, c := range []struct {
		n, d, want int64
	}{
		{1, 2, 1}, {3, 2, 2}, {5, 2, 3}, {1, 3, 0}, {2, 3, 1}, {-1, 2, 0}, {-3, 2, -1}, {-2, 3, -1}, {7, 1, 7},
		{4999999, 10000000, 0}} {
		if got := halfUp(big.NewRat(c.n, c.d)); got != c.want {
			t.Errorf("%d/%d rounds to %d, want %d", c.n, c.d, got, c.want)
		}
	}
}

func FuzzDecimal(f *testing.F) {
	for _, seed := range []string{"0", "-12.5", "999999999999.9999", "1e3", "."} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, ok := decimalOf(text)
		if !ok {
			return
		}
		exact, ok := new(big.Rat).SetString(text)
		if !ok || exact.Cmp(d.rat()) != 0 {
			t.Fatalf("%q is read as %s", text, d)
		}
		if again, ok := decimalOf(d.String()); !ok || again != d {
			t.Fatalf("%s is written so that it is read as %s", d, again)
		}
	})
}
