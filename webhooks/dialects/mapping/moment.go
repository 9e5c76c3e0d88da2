package mapping

import (
	"strconv"
	"strings"
	"time"
)

// timed is a value that stands for a time or a duration, with its unit.
type timed struct {
	value value
	as    string
}

// The units of times and durations. Without one a time in digits is read by its size, and a duration is in seconds.
var (
	momentUnits   = []string{"s", "ms", "us", "gregorian", "iso", "local"}
	durationUnits = []string{"s", "ms", "us", "hms"}
)

// gregorianEpoch is 1970 in seconds of the Gregorian calendar.
const gregorianEpoch = 62_167_219_200

// maxDuration is the longest duration that is accepted.
const maxDuration = 7 * 24 * time.Hour

// Layouts of times with a zone and without.
var (
	zonedLayouts = []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700",
		"2006-01-02T15:04:05.999999999 Z0700",
		"2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999 Z0700",
		"2006-01-02 15:04:05.999999999 Z07:00",
		time.RFC1123Z}
	localLayouts = []string{"2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999", "2006-01-02 15:04",
		"02.01.2006 15:04:05", "02.01.2006 15:04", "02/01/2006 15:04:05", "2006/01/02 15:04:05", "20060102150405"}
)

// moment reads a time; ok is false when the text is none.
func moment(text, as string, zone *time.Location) (at time.Time, ok bool) {
	number, err := strconv.ParseFloat(text, 64)
	isDigits := err == nil && as != "iso" && as != "local" && !(as == "" && len(text) == 14)
	if isDigits {
		return numbered(number, as)
	}
	if as != "local" {
		for _, layout := range zonedLayouts {
			if at, err := time.Parse(layout, text); err == nil {
				return usable(at)
			}
		}
	}
	if zone == nil {
		zone = time.UTC
	}
	for _, layout := range localLayouts {
		if at, err := time.ParseInLocation(layout, text, zone); err == nil {
			return usable(at)
		}
	}
	return time.Time{}, false
}

// numbered reads a time in digits; without a unit by its size.
func numbered(number float64, as string) (time.Time, bool) {
	if !(number > 0 && number < 1e17) {
		return time.Time{}, false
	}
	switch {
	case as == "gregorian":
		number -= gregorianEpoch
	case as == "ms", as == "" && number >= 1e11 && number < 1e14:
		number /= 1e3
	case as == "us", as == "" && number >= 1e14:
		number /= 1e6
	}
	if !(number >= 0 && number < 1<<33) {
		return time.Time{}, false
	}
	return usable(time.UnixMilli(int64(number * 1000)))
}

// usable refuses times before a day after the beginning of 1970: PBXs send that for nothing, in any zone.
func usable(at time.Time) (time.Time, bool) {
	return at.UTC(), at.Unix() > 24*3600 && at.Year() < 2200
}

// duration reads how long something took; ok is false when the text is none, or more than a week.
func duration(text, as string) (d time.Duration, ok bool) {
	if as == "hms" || as == "" && strings.Contains(text, ":") {
		return clockDuration(text)
	}
	number, err := strconv.ParseFloat(text, 64)
	unit := time.Second
	switch as {
	case "ms":
		unit = time.Millisecond
	case "us":
		unit = time.Microsecond
	}
	if err != nil || !(number >= 0 && number*float64(unit) <= float64(maxDuration)) {
		return 0, false
	}
	return time.Duration(number * float64(unit)).Round(time.Millisecond), true
}

// clockDuration reads h:m:s or m:s.
func clockDuration(text string) (d time.Duration, ok bool) {
	parts := strings.Split(text, ":")
	if len(parts) < 2 || len(parts) > 3 {
		return 0, false
	}
	for _, part := range parts {
		n, err := strconv.ParseFloat(part, 64)
		if err != nil || !(n >= 0 && n < 10_000) {
			return 0, false
		}
		d = d*60 + time.Duration(n*float64(time.Second))
	}
	return d, d <= maxDuration
}
