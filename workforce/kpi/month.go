package kpi

import "time"

// Month is a calendar month as 2026-03.
type Month string

// JSONType is the type of a month in the API reference: its values are no closed list.
func (Month) JSONType() string { return "string" }

const monthLayout = "2006-01"

// monthOf reads a month from 2000 to 2199.
func monthOf(text string) (Month, bool) {
	at, err := time.Parse(monthLayout, text)
	return Month(text), err == nil && at.Year() >= 2000 && at.Year() < 2200
}

// span returns when the month begins and when it is over, in a time zone.
func (m Month) span(zone *time.Location) (from, till time.Time) {
	at, err := time.Parse(monthLayout, string(m))
	if err != nil {
		panic("floor: no month: " + string(m))
	}
	return time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, zone),
		time.Date(at.Year(), at.Month()+1, 1, 0, 0, 0, 0, zone)
}
