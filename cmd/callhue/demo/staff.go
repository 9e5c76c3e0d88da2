package demo

import (
	"context"
	"time"

	"callhue/internal/access"
	"callhue/internal/store"
	"callhue/staff"
)

// group is a department below the company's; head is a login.
type group struct{ name, above, head string }

// person is an employee; one who has left is dismissed.
type person struct {
	login, name, group, extension, language string
	roles                                   access.Roles
	left                                    bool
	phones                                  []string // private ones
}

// The departments.
const (
	wholeCompany = "Компания"
	moscow       = "Продажи, Москва"
	regions      = "Продажи, регионы"
	keyAccounts  = "Key accounts"
)

// The logins of the curated cases.
const (
	ivanov   = "ivanov"   // owner of Acme and of most other companies of the cases
	petrov   = "petrov"   // the demo agent: Ivanov's colleague, who sees red
	sidorova = "sidorova" // stands in for Kuznetsov
	kuznecov = "kuznetsov"
	smirnov  = "smirnov" // head of Moscow
	orlova   = "orlova"  // head of the whole company
	fedorov  = "fedorov"
	taylor   = "taylor"
	brown    = "brown"
	belov    = "belov" // dismissed, still owns a company in work
	admin    = "admin"
)

func groups() []group {
	return []group{
		{wholeCompany, "", orlova},
		{moscow, wholeCompany, smirnov},
		{regions, wholeCompany, "volkova"},
		{keyAccounts, wholeCompany, "harper"},
	}
}

func people() []person {
	agent := access.Roles{access.Agent}
	head := access.Roles{access.Agent, access.Supervisor}
	return []person{
		{ivanov, "Иванов Сергей", moscow, "101", "ru", agent, false, nil},
		{petrov, "Петров Андрей", moscow, "102", "ru", agent, false, nil},
		{sidorova, "Сидорова Елена", moscow, "103", "ru", agent, false, []string{ru(98)}},
		{kuznecov, "Кузнецов Дмитрий", moscow, "104", "ru", agent, false, nil},
		{fedorov, "Фёдоров Илья", regions, "105", "ru", agent, false, nil},
		{"morozova", "Морозова Ольга", regions, "106", "ru", agent, false, nil},
		{"egorov", "Егоров Максим", regions, "107", "ru", agent, false, nil},
		{"nikitina", "Никитина Вера", regions, "108", "ru", agent, false, nil},
		{taylor, "Emma Taylor", keyAccounts, "109", "en", agent, false, nil},
		{brown, "Oliver Brown", keyAccounts, "110", "en", agent, false, nil},
		{"wilson", "Grace Wilson", keyAccounts, "111", "en", agent, false, nil},
		{"walker", "Henry Walker", keyAccounts, "112", "en", agent, false, nil},
		{smirnov, "Смирнов Павел", moscow, "201", "ru", head, false, nil},
		{"volkova", "Волкова Наталья", regions, "202", "ru", head, false, nil},
		{"harper", "Alice Harper", keyAccounts, "203", "en", head, false, nil},
		{orlova, "Орлова Марина", wholeCompany, "200", "ru", head, false, nil},
		{"supervisor", "Соколова Ирина", wholeCompany, "210", "ru", access.Roles{access.Supervisor}, false, nil},
		{admin, "Администратор", "", "", "ru", access.Roles{access.Admin}, false, nil},
		{belov, "Белов Николай", moscow, "", "ru", agent, true, nil},
	}
}

// addStaff adds departments and users. What an interrupted start has left is found by name and login, and completed.
func (l *loader) addStaff(ctx context.Context) error {
	for _, g := range groups() {
		if err := l.addDepartment(ctx, g); err != nil {
			return err
		}
	}
	for _, p := range people() {
		if err := l.addUser(ctx, p); err != nil {
			return err
		}
	}
	for _, g := range groups() {
		if err := l.setHead(ctx, g); err != nil {
			return err
		}
	}
	return nil
}

func (l *loader) addDepartment(ctx context.Context, g group) error {
	org, err := l.Roster.Org(ctx)
	if err != nil || departmentNamed(org, g.name) != nil {
		return err
	}
	in := staff.NewDepartment{Name: g.name}
	if above := departmentNamed(org, g.above); above != nil {
		in.ParentID = above.ID
	}
	_, err = l.Roster.AddDepartment(ctx, access.System(), in)
	return err
}

func (l *loader) addUser(ctx context.Context, p person) error {
	org, err := l.Roster.Org(ctx)
	if err != nil {
		return err
	}
	user := org.ByLogin(p.login)
	if user == nil {
		in := staff.NewUser{Login: p.login, Name: p.name, Roles: p.roles, Extension: p.extension, Phones: p.phones,
			Language: p.language}
		if d := departmentNamed(org, p.group); d != nil {
			in.DepartmentID = d.ID
		}
		if user, err = l.Roster.AddUser(ctx, access.System(), in); err != nil {
			return err
		}
	}
	if p.left && user.Active {
		return l.Roster.Disable(ctx, access.System(), user.ID)
	}
	return nil
}

func (l *loader) setHead(ctx context.Context, g group) error {
	org, err := l.Roster.Org(ctx)
	if err != nil {
		return err
	}
	d, head := departmentNamed(org, g.name), org.ByLogin(g.head)
	if d.HeadID == head.ID {
		return nil
	}
	_, err = l.Roster.ChangeDepartment(ctx, access.System(), d.ID,
		staff.DepartmentChange{Version: d.Version, HeadID: &head.ID})
	return err
}

// deputyFor is how long Sidorova stands in for Kuznetsov.
const deputyFor = 90 * 24 * time.Hour

// addDeputy names the deputy, again at the first start after the deputy's time is over: otherwise the cases with a deputy
// would no longer hold.
func (l *loader) addDeputy(ctx context.Context) error {
	org, err := l.Roster.Org(ctx)
	if err != nil {
		return err
	}
	away, deputy := org.ByLogin(kuznecov), org.ByLogin(sidorova)
	now := l.DB.Clock()
	if away == nil || deputy == nil || !deputy.Active || org.Deputises(deputy.ID, away.ID, now) {
		return nil
	}
	_, err = l.Roster.AddDeputy(ctx, access.System(), away.ID,
		staff.NewDeputy{DeputyID: deputy.ID, From: store.MomentOf(now.Add(-24 * time.Hour)),
			Until: store.MomentOf(now.Add(deputyFor))})
	return err
}

func departmentNamed(org *staff.Org, name string) *staff.Department {
	for _, d := range org.Departments() {
		if d.Name == name {
			return d
		}
	}
	return nil
}
