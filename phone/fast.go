package phone

import "strings"

// The short way. Reading a number through the library costs some 15 us, half of
// a cached lookup; nearly all calls of a Russian installation carry one of a
// few spellings that can be decided by counting digits. The rule of this file:
// it may decline, but where it answers, it answers what the long way would
// (FuzzFastAgrees and TestRussianAreas hold it to that).

// longestFast bounds a text that is worth the short way, in bytes; it is also
// short enough to be kept as Raw uncut.
const longestFast = 32

// fast reads digits, blanks, brackets and dashes with at most one leading plus:
// +7 and ten digits in any plan; 8 or 7 and ten digits, or ten digits alone, in
// a Russian one.
func (p *Plan) fast(raw string) (e164 int64, ok bool) {
	if len(raw) < 10 || len(raw) > longestFast {
		return 0, false
	}
	var digits int
	var plus bool
	for i := range len(raw) {
		switch c := raw[i]; {
		case c >= '0' && c <= '9':
			e164 = e164*10 + int64(c-'0')
			digits++
		case c == ' ' || c == '-' || c == '(' || c == ')':
		case c == '+' && digits == 0 && !plus:
			plus = true
		default:
			return 0, false
		}
	}
	const tenDigits = 10_000_000_000
	prefix, national := e164/tenDigits, e164%tenDigits
	switch {
	case digits == 11 && plus && prefix == 7:
	case digits == 11 && !plus && (prefix == 7 || prefix == 8) && p.country == "RU":
	case digits == 10 && !plus && p.country == "RU":
	default:
		return 0, false
	}
	if !russianAreas[national/10_000_000] {
		return 0, false
	}
	return 7*tenDigits + national, true
}

// russianAreas knows the area codes under which every number of ten digits is
// valid, so that the first three digits decide. Kazakhstan (7xx) is left to the
// library: there the fourth and fifth digit matter too.
var russianAreas = func() (known [1000]bool) {
	const fixed = `
		301 302 336 341 342 343 345 346 347 349 351 352 353 365 381 382 383 384 385 388 390 391 394 395
		401 411 413 415 416 421 423 424 426 427 471 472 473 474 475 481 482 483 484 485 486 487
		491 492 493 494 495 496 498 499
		800 803 804 808 809 811 812 813 814 815 816 817 818 820 821 831 833 834 835 836 840 841 842 843 844 845 846 847 848
		851 855 856 857 860 861 862 863 865 866 867 869 871 872 873 877 878 879`
	for _, area := range strings.Fields(fixed) {
		known[int(area[0]-'0')*100+int(area[1]-'0')*10+int(area[2]-'0')] = true
	}
	for mobile := 900; mobile <= 999; mobile++ {
		known[mobile] = true
	}
	return known
}()
