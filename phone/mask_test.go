package phone

import "testing"

func TestMask(t *testing.T) {
	for e164, want := range map[int64]string{
		74950000011:  "+7 495 ***-**-11",
		79160000011:  "+7 916 ***-**-11",
		447700900123: "+44 7700 ****23",
		12025550143:  "+1 202-***-**43",
		77270000011:  "+7 727 *** **11",
		999:          "+*99",
	} {
		if got := Mask(e164); got != want {
			t.Errorf("%d: %s, want %s", e164, got, want)
		}
	}
}
