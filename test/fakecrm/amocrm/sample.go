package amocrm

import "fmt"

// SampleSize is the size of an account that FillSample makes.
type SampleSize struct{ Users, Companies, Contacts, Leads int }

// What FillSample makes: the field of a company that holds its status, and its entries.
const (
	StateField = 9200
	InWork     = 77001
	Waiting    = 77002
	Free       = 77003
)

// FillSample fills an account with an invented world: users 301 and on in two groups,
// companies 1001 and on that are in work, waiting or free in turn, contacts 2001 and
// on of those companies, leads 3001 and on of those contacts. The numbers of a
// company and of a contact are +7 495 000-xx-xx, spelled in several ways.
func (a *Account) FillSample(s SampleSize) {
	a.AddGroup(Group{5, "Partners"})
	for i := range s.Users {
		a.AddUser(User{ID: int64(301 + i), Name: fmt.Sprintf("User %d", i+1),
			Email: fmt.Sprintf("user%d@portal.example", i+1), Active: true, Group: int64(i % 2 * 5)})
	}
	a.AddField(Field{StateField, "State", "select", []Entry{{InWork, "In work"}, {Waiting, "Waiting"}, {Free, "Free"}}})
	for i := range s.Companies {
		a.Fill(Companies, Record{ID: int64(1001 + i), Name: fmt.Sprintf("Acme %d", i+1), Responsible: a.owner(i, s),
			UpdatedBy: 300, Phones: []Value{{spelled(i), "WORK"}},
			Entries: map[int64]int64{StateField: []int64{InWork, Waiting, Free}[i%3]}})
	}
	for i := range s.Contacts {
		r := Record{ID: int64(2001 + i), Name: fmt.Sprintf("Ivanov %d", i+1), Responsible: a.owner(i, s),
			UpdatedBy: 300, Phones: []Value{{spelled(5000 + i), "MOB"}}}
		if s.Companies > 0 {
			r.Companies = []int64{int64(1001 + i%s.Companies)}
		}
		a.Fill(Contacts, r)
	}
	for i := range s.Leads {
		r := Record{ID: int64(3001 + i), Name: fmt.Sprintf("Deal %d", i+1), Responsible: a.owner(i, s), UpdatedBy: 300,
			Pipeline: 3100, Status: []int64{31001, 31002, 142, 143}[i%4]}
		if s.Contacts > 0 {
			r.Contacts = []int64{int64(2001 + i%s.Contacts)}
		}
		a.Fill(Leads, r)
	}
}

// owner of the i-th record: the users in turn.
func (a *Account) owner(i int, s SampleSize) int64 {
	if s.Users == 0 {
		return a.current
	}
	return int64(301 + i%s.Users)
}

// spelled returns the n-th number of the invented world as a person writes it.
func spelled(n int) string {
	n %= 10000
	formats := []string{"+7495000%04d", "8 (495) 000-%02d-%02d", "7 495 000 %02d %02d", "495000%04d"}
	format := formats[n%len(formats)]
	if n%len(formats)%3 == 0 {
		return fmt.Sprintf(format, n)
	}
	return fmt.Sprintf(format, n/100, n%100)
}
