package bitrix24

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"time"
)

// The kinds of records.
const (
	Lead    = "LEAD"
	Contact = "CONTACT"
	Company = "COMPANY"
)

// Multi is a telephone or mail address of a record.
type Multi struct {
	ID    int
	Type  string // WORK, MOBILE, HOME, FAX, OTHER
	Value string
}

// Record is a company, contact or lead; each has those fields that the real one has.
type Record struct {
	ID                                      int
	Title, Name, SecondName, LastName, Post string
	Owner                                   int // a user
	Phones, Emails                          []Multi
	Company                                 int   // the primary one
	Companies                               []int // of a contact, all of them
	Contact                                 int   // of a lead
	Stage, Source                           string
	UF                                      map[string]any // user fields: string, int or []any
	Created, Changed                        time.Time
	CreatedBy, ChangedBy                    int
}

// User of the portal.
type User struct {
	ID                    int
	Name, LastName, Email string
	Extension, Mobile     string
	Departments           []int
	Active, Admin         bool
	Type                  string // employee if ""; extranet, email, bot, imconnector, shop
}

// Department of the portal.
type Department struct {
	ID, Parent, Head int
	Name             string
}

// Entry of a directory (crm.status.list).
type Entry struct{ Value, Name, Semantics string }

// UserField of companies.
type UserField struct {
	Code, Type, Label string
	Directory         string      // of a crm_status
	List              []ListEntry // of an enumeration
}

// ListEntry is one value of an enumeration.
type ListEntry struct {
	ID    int
	Value string
}

// shelf holds the records of one kind in the order of their ids.
type shelf struct {
	records []*Record
	last    int
}

func (s *shelf) at(id int) (int, bool) {
	return sort.Find(len(s.records), func(i int) int { return id - s.records[i].ID })
}

// phone returns one of the invented numbers, each in another spelling.
func phone(n int) string {
	n %= 10000
	a, b := n/100, n%100
	switch n % 4 {
	case 0:
		return fmt.Sprintf("+7 495 000-%02d-%02d", a, b)
	case 1:
		return fmt.Sprintf("8 (495) 000-%02d-%02d", a, b)
	case 2:
		return fmt.Sprintf("7495000%02d%02d", a, b)
	}
	return fmt.Sprintf("+7495000%02d%02d", a, b)
}

var familyNames = []string{"Ivanov", "Petrov", "Sidorov", "Smirnov", "Volkov", "Orlov", "Popov", "Sokolov"}

// seed fills the portal.
func (p *Portal) seed() {
	p.kinds = map[string]*shelf{Lead: {}, Contact: {}, Company: {}}
	p.directories = map[string][]Entry{
		"STATUS": {{"NEW", "Не обработан", ""}, {"IN_PROCESS", "В работе", ""}, {"PROCESSED", "Обработан", ""},
			{"UC_CALL", "Перезвонить", ""}, {"CONVERTED", "Качественный лид", "S"}, {"JUNK", "Некачественный лид", "F"},
			{"UC_SPAM", "Спам", "F"}},
		"SOURCE":       {{"CALL", "Звонок", ""}, {"WEB", "Веб-сайт", ""}},
		"CLIENT_STATE": {{"FREE", "Свободен", ""}, {"WORK", "В работе", ""}, {"WAIT", "Ждём", ""}},
	}
	p.fields = []UserField{
		{Code: "UF_CRM_STATE", Type: "crm_status", Label: "Состояние клиента", Directory: "CLIENT_STATE"},
		{Code: "UF_CRM_GRADE", Type: "enumeration", Label: "Категория",
			List: []ListEntry{{101, "A"}, {102, "B"}, {103, "C"}}},
		{Code: "UF_CRM_NOTE", Type: "string", Label: "Заметка"},
	}
	for i := 1; i <= p.opt.Departments; i++ {
		p.departments = append(p.departments, Department{ID: i, Parent: i / 2, Head: min(i, p.opt.Users),
			Name: fmt.Sprintf("Department %d", i)})
	}
	for i := 1; i <= p.opt.Users; i++ {
		p.users = append(p.users, &User{ID: i, Name: fmt.Sprintf("User%d", i),
			LastName: familyNames[i%len(familyNames)], Email: fmt.Sprintf("user%d@portal.example", i),
			Extension: strconv.Itoa(100 + i), Mobile: phone(9000 + i),
			Departments: []int{1 + i%p.opt.Departments}, Active: i < 5 || i%7 != 5, Admin: i == 1})
	}
	began := p.now().Add(-24 * time.Hour).Truncate(time.Second)
	for i := 1; i <= p.opt.Companies; i++ {
		p.put(Company, Record{Title: fmt.Sprintf("Company %d", i), Owner: 1 + i%p.opt.Users, Phones: work(i),
			UF: map[string]any{"UF_CRM_STATE": []string{"FREE", "WORK", "WAIT"}[i%3], "UF_CRM_GRADE": 101 + i%3}}, 1,
			began)
	}
	for i := 1; i <= p.opt.Contacts; i++ {
		r := Record{Name: fmt.Sprintf("Person%d", i), LastName: familyNames[i%len(familyNames)],
			Owner: 1 + i%p.opt.Users, Phones: work(i + 3000)}
		if p.opt.Companies > 0 {
			r.Company = 1 + (i-1)%p.opt.Companies
			if r.Companies = []int{r.Company}; i%5 == 0 && p.opt.Companies > 1 {
				r.Companies = append(r.Companies, 1+i%p.opt.Companies)
			}
		}
		p.put(Contact, r, 1, began)
	}
	stages := p.directories["STATUS"]
	for i := 1; i <= p.opt.Leads; i++ {
		p.put(Lead, Record{Title: fmt.Sprintf("Lead %d", i), Name: fmt.Sprintf("Asker%d", i), Owner: 1 + i%p.opt.Users,
			Stage: stages[i%len(stages)].Value, Source: "WEB", Phones: work(i + 6000)}, 1, began)
	}
}

func work(n int) []Multi { return []Multi{{Type: "WORK", Value: phone(n)}} }

// put adds a record as a user, at a time.
func (p *Portal) put(kind string, r Record, by int, at time.Time) int {
	s := p.kinds[kind]
	s.last++
	r.ID = s.last
	r.Created, r.Changed, r.CreatedBy, r.ChangedBy = at, at, by, by
	if r.Companies == nil && r.Company != 0 {
		r.Companies = []int{r.Company}
	}
	p.numberMulti(&r)
	s.records = append(s.records, &r)
	return r.ID
}

func (p *Portal) numberMulti(r *Record) {
	for _, of := range [][]Multi{r.Phones, r.Emails} {
		for i := range of {
			if of[i].ID == 0 {
				p.made++
				of[i].ID = p.made
			}
		}
	}
}

// Add adds a record as a user, and sends its event.
func (p *Portal) Add(kind string, by int, r Record) int {
	p.mu.Lock()
	id := p.put(kind, r, by, p.now())
	p.mu.Unlock()
	p.sendChange(kind, "ADD", id)
	return id
}

// Change changes a record as a user, and sends its event. False: there is none.
func (p *Portal) Change(kind string, by, id int, change func(*Record)) bool {
	p.mu.Lock()
	i, found := p.kinds[kind].at(id)
	if found {
		r := p.kinds[kind].records[i]
		change(r)
		r.ID, r.Changed, r.ChangedBy = id, p.now(), by
		p.numberMulti(r)
	}
	p.mu.Unlock()
	if found {
		p.sendChange(kind, "UPDATE", id)
	}
	return found
}

// Remove removes a record, and sends its event. False: there is none.
func (p *Portal) Remove(kind string, id int) bool {
	p.mu.Lock()
	s := p.kinds[kind]
	i, found := s.at(id)
	if found {
		s.records = slices.Delete(s.records, i, i+1)
	}
	p.mu.Unlock()
	if found {
		p.sendChange(kind, "DELETE", id)
	}
	return found
}

// Record returns a record as it is.
func (p *Portal) Record(kind string, id int) (Record, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if i, found := p.kinds[kind].at(id); found {
		return *p.kinds[kind].records[i], true
	}
	return Record{}, false
}

// Hire adds a user and returns their id.
func (p *Portal) Hire(u User) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	u.ID = len(p.users) + 1
	p.users = append(p.users, &u)
	return u.ID
}

// ChangeUser changes a user, for example dismisses him.
func (p *Portal) ChangeUser(id int, change func(*User)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if u := p.user(id); u != nil {
		change(u)
		u.ID = id
	}
}

func (p *Portal) user(id int) *User {
	if id < 1 || id > len(p.users) {
		return nil
	}
	return p.users[id-1]
}
