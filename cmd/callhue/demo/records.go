package demo

import (
	"fmt"
	"strings"
	"time"
)

// records are clients that are not in the database yet. They name their owners
// by login, and companies by their place in the list.
type records struct {
	companies []company
	contacts  []contact
	leads     []lead
}

// The waves in which records came. A record's numbers and links are as old as
// itself: on a shared number the wave decides who was first.
const (
	longAgo = iota
	lastYear
	lately
	thisWeek
)

// ages returns the age of each wave at the first start.
func ages() []time.Duration {
	const day = 24 * time.Hour
	return []time.Duration{longAgo: 700 * day, lastYear: 300 * day, lately: 40 * day, thisWeek: 3 * day}
}

type company struct {
	name    string
	owner   string // login, "" for no one
	status  string // code
	wave    int
	numbers []string
	team    []string // logins
}

type contact struct {
	name, post string
	owner      string
	wave       int
	numbers    []string
	companies  []int // the first is the primary one
}

// lead is a lead; a lost one has failed.
type lead struct {
	title, name string
	owner       string
	wave        int
	number      string
	company     int // or noCompany
	lost        bool
}

// noCompany stands for the company of a lead without one.
const noCompany = -1

func (r *records) company(c company) int {
	r.companies = append(r.companies, c)
	return len(r.companies) - 1
}

func (r *records) contact(c contact) { r.contacts = append(r.contacts, c) }

func (r *records) lead(l lead) { r.leads = append(r.leads, l) }

// ru returns one of the 10 000 numbers from +7 495 000-00-00 on, en one of the
// 1 000 from +44 7700 900000 on: no one has any of them.
func ru(n int) string { return fmt.Sprintf("+7 495 000-%02d-%02d", n/100, n%100) }

func en(n int) string { return fmt.Sprintf("+44 7700 900%03d", n) }

func isEnglish(number string) bool { return strings.HasPrefix(number, "+44") }
