package phone

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// Plan is how raw text is read: the country whose national spelling is
// understood, the area code that completes a local number, and how long an
// internal number is. It comes from the source of the call, else from the
// installation. A Plan never changes after it was made, so one may be used by
// many goroutines at once.
type Plan struct {
	country                  string // ISO 3166 code, upper case
	area                     string // may be empty
	trunk                    string // what is dialled before a national number: "8", "0"; may be empty
	internalMin, internalMax int    // digits of an internal number
	rules                    []compiledRule
}

// The default length of internal numbers, in digits, and the longest that may be configured.
const (
	internalMin     = 2
	internalMax     = 5
	internalLongest = 8
)

// NewPlan makes a plan for a country (ISO 3166 code such as "RU") and an area
// code in digits ("495"), which may be empty: then a local number cannot be
// completed. Internal numbers have 2 to 5 digits; WithInternal changes that. An
// unknown country and an area code of anything but 1 to 6 digits are refused.
func NewPlan(country, area string) (*Plan, error) {
	code := strings.ToUpper(strings.TrimSpace(country))
	if phonenumbers.GetCountryCodeForRegion(code) == 0 {
		return nil, fmt.Errorf("unknown country %q: an ISO 3166 code such as RU is wanted", country)
	}
	area = strings.TrimSpace(area)
	if len(area) > 6 || strings.Trim(area, "0123456789") != "" {
		return nil, fmt.Errorf("area code %q: at most 6 digits are wanted", area)
	}
	p := &Plan{
		country: code, area: area, trunk: phonenumbers.GetNddPrefixForRegion(code, true),
		internalMin: internalMin, internalMax: internalMax,
	}
	// People write the area code of London both as 20 and as 020.
	if p.trunk == "0" {
		p.area = strings.TrimPrefix(area, p.trunk)
	}
	return p, nil
}

// WithInternal returns a copy of the plan in which an internal number has from
// shortest to longest digits. Both lie between 1 and 8.
func (p *Plan) WithInternal(shortest, longest int) (*Plan, error) {
	if shortest < 1 || longest > internalLongest || shortest > longest {
		return nil, fmt.Errorf("internal numbers of %d to %d digits: 1 to %d are possible", shortest, longest,
			internalLongest)
	}
	changed := *p
	changed.internalMin, changed.internalMax = shortest, longest
	return &changed, nil
}

// Elsewhere returns the plan of another country or area with internal numbers of the
// same length. The faults are NewPlan's.
func (p *Plan) Elsewhere(country, area string) (*Plan, error) {
	other, err := NewPlan(country, area)
	if err != nil {
		return nil, err
	}
	return other.WithInternal(p.internalMin, p.internalMax)
}

// Country returns the plan's ISO 3166 code in upper case.
func (p *Plan) Country() string { return p.country }

// Area returns the plan's area code without a trunk prefix; it may be empty.
func (p *Plan) Area() string { return p.area }

func (p *Plan) isInternal(digits string) bool {
	return len(digits) >= p.internalMin && len(digits) <= p.internalMax
}

// Dialled returns what is dialled in the plan's country to reach an E.164 number:
// the national form for one of that country (84950000011 in Russia), else the
// prefix for calls abroad before it (810447700900123). It is "" for 0 and less.
func (p *Plan) Dialled(e164 int64) string {
	if e164 <= 0 {
		return ""
	}
	number, err := phonenumbers.Parse("+"+strconv.FormatInt(e164, 10), nowhere)
	if err != nil {
		return ""
	}
	return onlyDigits(phonenumbers.FormatOutOfCountryCallingNumber(number, p.country))
}

// Significant returns the digits of an E.164 number behind its country code (4950000011 of +74950000011). It is "" for
// 0 and less, and for what is no number of any country.
func Significant(e164 int64) string {
	if e164 <= 0 {
		return ""
	}
	number, err := phonenumbers.Parse("+"+strconv.FormatInt(e164, 10), nowhere)
	if err != nil {
		return ""
	}
	return phonenumbers.GetNationalSignificantNumber(number)
}
