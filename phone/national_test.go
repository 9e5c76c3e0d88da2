package phone

import "testing"

func TestNational(t *testing.T) {
	for _, c := range []struct {
		e164 int64
		want string
	}{
		{74950000011, "4950000011"}, {447700900123, "7700900123"}, {4930901820, "30901820"},
		{12015550123, "2015550123"},
		{390612345678, "0612345678"}, // in Italy the zero is part of the number
		{0, ""}, {-7, ""}, {999, ""},
	} {
		if got := National(c.e164); got != c.want {
			t.Errorf("%d: %q, not %q", c.e164, got, c.want)
		}
	}
}
