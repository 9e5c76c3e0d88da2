package phone

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzParse: no text panics, every answer is consistent, and the spelling of an
// external number is read as that number again, in every plan.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"8 (495) 000-00-11 доб. 12", "+447700900123", "sip:anonymous@anonymous.invalid",
		"123 (Name)", "tel:0000011;phone-context=+7495", "+39 (0)6 9000 0011", "*67 84950000011"} {
		f.Add(seed)
	}
	plans := []*Plan{plan(f, "RU", "495"), plan(f, "GB", "20"), plan(f, "US", "202"), plan(f, "IT", "06"),
		plan(f, "DE", "30"), plan(f, "AR", ""), plan(f, "KZ", "7272")}
	f.Fuzz(func(t *testing.T, raw string) {
		for _, p := range plans {
			n := p.Parse(raw)
			checkShape(t, raw, n)
			if n.Kind != External {
				continue
			}
			for _, other := range plans {
				if again := other.Parse(n.String()); again.Kind != External || again.E164 != n.E164 {
					t.Fatalf("%s reads %q as %s, %s reads that as %+v", p.country, raw, n, other.country, again)
				}
			}
		}
	})
}

func checkShape(t *testing.T, raw string, n Number) {
	t.Helper()
	switch {
	case (n.E164 != 0) != (n.Kind == External), (n.Local != "") != (n.Kind == Internal),
		n.Digits != 0 && n.Kind != Invalid, n.E164 < 0 || n.E164 > 999_999_999_999_999, n.Digits < 0 ||
			n.Digits > 999_999_999_999_999,
		len(n.Extension) > longestExtension || strings.Trim(n.Extension, "0123456789") != "":
		t.Fatalf("%q: %+v does not hold together", raw, n)
	case !utf8.ValidString(n.Raw) || utf8.RuneCountInString(n.Raw) > longestRaw:
		t.Fatalf("%q: raw is kept as %q", raw, n.Raw)
	}
}

// FuzzFastAgrees: where the short way answers, the long way answers the same.
// Text of the fuzzer's own making is seldom a number, so each input is tried as
// it is and as ten digits behind one of the prefixes that the short way knows,
// with the text's signs among the digits.
func FuzzFastAgrees(f *testing.F) {
	for i, seed := range []string{"+74950000011", "+7 (495) 000-00-11", "8(0)950000011", "8123456789", "81012345678",
		"()- "} {
		f.Add(seed, uint64(4950000011+i*500_000_000), uint8(i))
	}
	prefixes := []string{"+7", "7", "8", "", "+8", "00", "+"}
	plans := []*Plan{plan(f, "RU", "495"), plan(f, "RU", ""), plan(f, "GB", "20"), plan(f, "KZ", "7272")}
	f.Fuzz(func(t *testing.T, raw string, national uint64, form uint8) {
		signs := strings.Map(func(r rune) rune {
			if strings.ContainsRune(" -()+", r) {
				return r
			}
			return -1
		}, raw)
		made := fmt.Sprintf("%s%010d", prefixes[int(form)%len(prefixes)], national%10_000_000_000)
		for i, sign := range signs {
			at := (i*3 + int(form)) % len(made)
			made = made[:at] + string(sign) + made[at:]
		}
		for _, p := range plans {
			for _, text := range []string{raw, made} {
				e164, ok := p.fast(text)
				if !ok {
					continue
				}
				if slow, want := p.slow(text), (Number{Raw: text, Kind: External, E164: e164}); slow != want {
					t.Fatalf("%s %q: short way %+v, long way %+v", p.country, text, want, slow)
				}
			}
		}
	})
}

// FuzzSeparators: what stands between the digits never changes the number.
func FuzzSeparators(f *testing.F) {
	f.Add("4950000011", true, "()- ")
	f.Add("84950000011", false, "/..")
	f.Add("101", false, "--")
	f.Add("00447700900123", false, "~ ")
	separators := []string{" ", "-", ".", "/", "(", ")", "\u00a0", "\u2009", "\u2013", "·", "_", "", "  ", "\u200b"}
	plans := []*Plan{plan(f, "RU", "495"), plan(f, "GB", "20")}
	f.Fuzz(func(t *testing.T, digits string, plus bool, choice string) {
		if digits = onlyDigits(digits); digits == "" || len(digits) > 20 || choice == "" {
			return
		}
		plain, written := digits, new(strings.Builder)
		if plus {
			plain = "+" + digits
			written.WriteByte('+')
		}
		for i := range len(digits) {
			written.WriteString(separators[int(choice[i%len(choice)])%len(separators)])
			written.WriteByte(digits[i])
		}
		if strings.Contains(written.String(), "(0)") {
			return // says more than a separator: a zero that is not dialled
		}
		for _, p := range plans {
			a, b := p.Parse(plain), p.Parse(written.String())
			a.Raw, b.Raw = "", ""
			if a != b {
				t.Fatalf("%s: %q is %+v, %q is %+v", p.country, plain, a, written, b)
			}
		}
	})
}
