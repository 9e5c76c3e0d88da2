package phone

import (
	"slices"
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// reading is how digits were read.
type reading uint8

const (
	notRead     reading = iota
	readPlus            // with a plus or a prefix for calls abroad
	readTrunk           // with the trunk prefix or the country code of the plan's country
	readBare            // a whole national number of the plan's country
	readForeign         // with the country code of another country, without a plus
	readContext         // completed by the number before it
	readHome            // completed with the plan's area
)

// complete reads digits that need no area: with a plus, with a trunk prefix, or a whole national number.
func (p *Plan) complete(digits, zero string, plus bool) (int64, reading) {
	if len(digits) > longestDigits {
		return 0, notRead
	}
	if e164, how := p.fastDigits(digits, plus); how != notRead {
		return e164, how
	}
	if plus {
		if e164, ok := p.afterPlus(digits, zero); ok {
			return e164, readPlus
		}
		return 0, notRead
	}
	if p.isInternal(digits) {
		return 0, notRead
	}
	if e164, ok := p.afterPrefix(digits, zero); ok {
		return e164, readPlus
	}
	for _, d := range []string{digits, zero} {
		if d == "" {
			continue
		}
		if e164, ok := p.national(d); ok {
			return e164, p.howNational(d, e164)
		}
		if len(d) >= 10 {
			if e164, ok := international(d); ok {
				return e164, readForeign
			}
		}
	}
	return 0, notRead
}

// fastDigits reads digits the short way; it declines what that does not know.
func (p *Plan) fastDigits(digits string, plus bool) (int64, reading) {
	text := digits
	if plus {
		text = "+" + digits
	}
	e164, ok := p.fast(text)
	switch {
	case !ok:
		return 0, notRead
	case plus:
		return e164, readPlus
	case len(digits) == 10:
		return e164, readBare
	default:
		return e164, readTrunk
	}
}

// howNational states how a number of the plan's country was written.
func (p *Plan) howNational(digits string, e164 int64) reading {
	switch whole := strconv.FormatInt(e164, 10); {
	case digits == whole && p.countryCode() != "" && strings.HasPrefix(digits, p.countryCode()):
		return readTrunk
	case digits == National(e164):
		return readBare
	default:
		return readTrunk
	}
}

func (p *Plan) countryCode() string {
	return strconv.Itoa(phonenumbers.GetCountryCodeForRegion(p.country))
}

// after reads a partial number by the one before it, whose country and area it shares. It returns 0 where those are
// not certain: behind a mobile or a toll-free number, or with another count of digits.
func (f *foundNumber) after(digits string) int64 {
	before := strconv.FormatInt(f.e164, 10)
	number, err := phonenumbers.Parse("+"+before, nowhere)
	if err != nil {
		return 0
	}
	national := phonenumbers.GetNationalSignificantNumber(number)
	country := strings.TrimSuffix(before, national)
	region := phonenumbers.GetRegionCodeForNumber(number)
	trunk := phonenumbers.GetNddPrefixForRegion(region, true)
	if trunk != "" && strings.HasPrefix(digits, trunk) && len(digits) > len(trunk) {
		if e164, ok := valid(digits, region); ok && strings.HasPrefix(strconv.FormatInt(e164, 10), country) {
			return e164
		}
	}
	if len(digits) == len(national) {
		if e164, ok := international(country + digits); ok {
			return e164
		}
		return 0
	}
	if !isGeographic(number, f.e164) {
		return 0
	}
	isShort := len(digits) < fewestDigits || len(digits) >= len(national)
	if isShort || !slices.Contains(f.localLengths(number), len(digits)) {
		return 0
	}
	e164, ok := international(before[:len(before)-len(digits)] + digits)
	if !ok {
		return 0
	}
	return e164
}

// isGeographic reports whether a number has an area code.
func isGeographic(number *phonenumbers.PhoneNumber, e164 int64) bool {
	kind := phonenumbers.GetNumberType(number)
	return kind == phonenumbers.FIXED_LINE || kind == phonenumbers.FIXED_LINE_OR_MOBILE || isDramaArea(e164)
}

// localLengths returns how many digits a local number beside f can have: as the groups of f show it, else as long as
// its country's plan makes those behind its area code.
func (f *foundNumber) localLengths(number *phonenumbers.PhoneNumber) []int {
	if len(f.local) > 0 {
		return f.local
	}
	area := phonenumbers.GetLengthOfGeographicalAreaCode(number)
	if area == 0 {
		return nil
	}
	return []int{len(phonenumbers.GetNationalSignificantNumber(number)) - area}
}

// hasArea reports whether digits can be an area code of the plan's country.
func (p *Plan) hasArea(digits string) bool {
	const local = "20000000"
	for n := 5; n <= len(local); n++ {
		if _, how := p.complete(digits+local[:n], "", false); how == readBare || how == readTrunk {
			return true
		}
	}
	return false
}

// isElsewhere reports whether a number belongs to another country than the plan's.
func (p *Plan) isElsewhere(e164 int64) bool {
	return !strings.HasPrefix(strconv.FormatInt(e164, 10), p.countryCode())
}

// hasOtherArea reports whether a number that was found lies in another country or area than the plan's.
func (r *cellReader) hasOtherArea() bool {
	for _, f := range r.found {
		if f.how == readHome {
			continue
		}
		if r.plan.isElsewhere(f.e164) {
			return true
		}
		number, err := phonenumbers.Parse("+"+strconv.FormatInt(f.e164, 10), nowhere)
		if err != nil {
			return true
		}
		national := phonenumbers.GetNationalSignificantNumber(number)
		if isGeographic(number, f.e164) && !strings.HasPrefix(national, r.plan.area) {
			return true
		}
	}
	return false
}
