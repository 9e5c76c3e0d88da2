package demo

import (
	"callhue/rules"
	"callhue/statuses"
)

// contactsOfOne are numbers that stand on contacts of one company or of none.
func (s *caseList) contactsOfOne() {
	waiting := s.company(company{name: "Тихая гавань", owner: sidorova, status: statuses.Waiting, wave: lastYear})
	s.contact(contact{name: "Чайкин Антон", post: "Снабжение", owner: sidorova, wave: lastYear,
		numbers: []string{ru(17)}, companies: []int{waiting}})
	s.try("10", ru(17), petrov, rules.Yellow, rules.WhyContactForeignFree, Words{
		"Контакт чужой компании, которую статус не защищает.",
		"A contact of a foreign company that no status protects."})
	unowned := s.company(company{name: "Пустырь", status: statuses.Waiting, wave: lastYear})
	s.contact(contact{name: "Полынин Лев", owner: sidorova, wave: lastYear, numbers: []string{ru(18)},
		companies: []int{unowned}})
	s.try("10", ru(18), petrov, rules.Yellow, rules.WhyContactUnassigned, Words{
		"Контакт компании без ответственного.",
		"A contact of a company without an owner."})
	s.contact(contact{name: "Одинцова Вера", owner: sidorova, wave: lastYear, numbers: []string{ru(19)}})
	s.try("11", ru(19), petrov, rules.Yellow, rules.WhyContactNoCompany, Words{
		"Контакт сам по себе, без компании.",
		"A contact without a company."})
	s.contact(contact{name: "Вербин Яков", owner: sidorova, wave: lastYear, numbers: []string{ru(26)}})
	s.lead(lead{title: "Заявка: Вербин", name: "Вербин Яков", owner: ivanov, wave: thisWeek, number: ru(26),
		company: noCompany})
	s.try("14", ru(26), petrov, rules.Yellow, rules.WhyContactOverLead, Words{
		"Контакт без компании и лид: решает контакт, лид - «также найдено».",
		"A contact without a company, and a lead: the contact decides, the lead is also found."})
}

// contactsOfSeveral are numbers that lead to several companies, only through
// contacts.
func (s *caseList) contactsOfSeveral() {
	inWork := s.company(company{name: "Северный ветер", owner: ivanov, status: statuses.InWork})
	waiting := s.company(company{name: "Южный берег", owner: sidorova, status: statuses.Waiting})
	s.contact(contact{name: "Ветрова Нина", post: "Управляющая", owner: sidorova, numbers: []string{ru(20)},
		companies: []int{waiting, inWork}})
	s.try("12", ru(20), petrov, rules.Red, rules.WhyForeignInWorkViaContactMulti, Words{
		"Контакт двух компаний, вторая - чужая и в работе: этого хватает.",
		"A contact of two companies, the second foreign and in work: that is enough."})

	own := s.company(company{name: "Первый причал", owner: petrov, status: statuses.InWork})
	later := s.company(company{name: "Второй причал", owner: ivanov, status: statuses.InWork, wave: lately})
	s.contact(contact{name: "Якорев Глеб", owner: petrov, numbers: []string{ru(21)}, companies: []int{own}})
	s.contact(contact{name: "Якорев Г.", owner: ivanov, wave: lately, numbers: []string{ru(21)},
		companies: []int{later}})
	s.bannered("12", ru(21), petrov, rules.Yellow, rules.WhySharedNumber, Words{
		"Один человек заведён дважды: у Петрова раньше, у Иванова позже. Жёлтая с полосой.",
		"One person on two cards: Petrov's is the older one. Yellow with a banner."})

	second := s.company(company{name: "Третий причал", owner: petrov, status: statuses.Waiting, wave: lastYear})
	s.contact(contact{name: "Лоцманова Яна", owner: petrov, wave: lastYear, numbers: []string{ru(22)},
		companies: []int{own, second}})
	s.try("12", ru(22), petrov, rules.Yellow, rules.WhyContactOwnCompanyMulti, Words{
		"Контакт двух компаний Петрова.",
		"A contact of two companies, both Petrov's."})
	fourth := s.company(company{name: "Четвёртый причал", owner: fedorov, status: statuses.Waiting, wave: lastYear})
	s.contact(contact{name: "Шлюпкин Фома", owner: fedorov, wave: lastYear, numbers: []string{ru(23)},
		companies: []int{waiting, fourth}})
	s.try("12", ru(23), petrov, rules.Yellow, rules.WhyContactForeignFreeMulti, Words{
		"Контакт двух чужих компаний, обе не защищены.",
		"A contact of two foreign companies, neither protected."})
	left := s.company(company{name: "Левый берег", status: statuses.Waiting})
	right := s.company(company{name: "Правый берег", status: statuses.Waiting})
	s.contact(contact{name: "Мостовой Савва", numbers: []string{ru(24)}, companies: []int{left, right}})
	s.try("12", ru(24), petrov, rules.Yellow, rules.WhyContactUnassignedMulti, Words{
		"Контакт двух компаний, и у обеих нет ответственного.",
		"A contact of two companies, neither of which has an owner."})
}

// besideCompany are numbers that stand on one company and on a contact of it or
// of none.
func (s *caseList) besideCompany() {
	own := s.company(company{name: "Дом с мезонином", owner: petrov, status: statuses.Waiting, wave: lastYear,
		numbers: []string{ru(28), ru(29)}})
	s.contact(contact{name: "Мезонина Лада", owner: petrov, wave: lastYear, numbers: []string{ru(28)}})
	s.try("15a", ru(28), petrov, rules.Yellow, rules.WhyContactNoCompany, Words{
		"Номер и на своей компании, и на контакте без компании: «среди контактов» значит жёлтая.",
		"On one's own company and on a contact of none: found among contacts, so yellow."})
	s.contact(contact{name: "Крыльцов Пахом", owner: petrov, wave: lastYear, numbers: []string{ru(29)},
		companies: []int{own}})
	s.try("15a", ru(29), petrov, rules.Yellow, rules.WhyContactOwnCompany, Words{
		"Номер на своей компании и на её контакте.",
		"On one's own company and on its contact."})
	s.try("15a", ru(29), ivanov, rules.Yellow, rules.WhyContactForeignFree, Words{
		"То же, звонит Иванов: компания чужая, но не защищена.",
		"The same, called by Ivanov: the company is foreign but not protected."})
	unowned := s.company(company{name: "Дикий сад", status: statuses.Waiting, numbers: []string{ru(30)}})
	s.contact(contact{name: "Садовая Роза", numbers: []string{ru(30)}, companies: []int{unowned}})
	s.try("15a", ru(30), petrov, rules.Yellow, rules.WhyContactUnassigned, Words{
		"Номер на компании без ответственного и на её контакте.",
		"On a company without an owner and on its contact."})
}

// mixed are numbers that stand on one company and on a contact of another one.
func (s *caseList) mixed() {
	inWork := s.company(company{name: "Гранит", owner: ivanov, status: statuses.InWork, numbers: []string{ru(31)}})
	waiting := s.company(company{name: "Мрамор", owner: sidorova, status: statuses.Waiting,
		numbers: []string{ru(32), ru(35)}})
	s.contact(contact{name: "Скалова Дина", owner: sidorova, wave: lastYear, numbers: []string{ru(31)},
		companies: []int{waiting}})
	s.try("16", ru(31), petrov, rules.Red, rules.WhyForeignInWork, Words{
		"Номер на «Граните», который в работе, и на контакте «Мрамора»: проверяются обе.",
		"On Гранит, which is in work, and on a contact of Мрамор: both are checked."})
	s.contact(contact{name: "Утёсов Март", owner: ivanov, wave: lately, numbers: []string{ru(32)},
		companies: []int{inWork}})
	s.try("16", ru(32), petrov, rules.Red, rules.WhyForeignInWorkViaContact, Words{
		"Номер на «Мраморе», а контакт с ним - «Гранита», который в работе.",
		"On Мрамор, and on a contact of Гранит, which is in work."})
	s.company(company{name: "Базальт", owner: petrov, status: statuses.InWork, numbers: []string{ru(33), ru(34)}})
	s.contact(contact{name: "Галькина Зоя", owner: ivanov, wave: lately, numbers: []string{ru(33)},
		companies: []int{inWork}})
	s.bannered("16", ru(33), petrov, rules.Yellow, rules.WhySharedNumber, Words{
		"Номер давно на «Базальте» Петрова, а недавно - у контакта чужого «Гранита».",
		"For long on Petrov's Базальт, lately on a contact of Гранит, which is foreign."})
	second := s.company(company{name: "Песчаник", owner: petrov, status: statuses.Waiting})
	s.contact(contact{name: "Дюнин Прохор", owner: petrov, wave: lately, numbers: []string{ru(34)},
		companies: []int{second}})
	s.try("16", ru(34), petrov, rules.Yellow, rules.WhyContactOwnCompany, Words{
		"Номер на одной компании Петрова и на контакте другой его компании.",
		"On one company of Petrov's and on a contact of another one of his."})
	other := s.company(company{name: "Известняк", owner: fedorov, status: statuses.Waiting})
	s.contact(contact{name: "Мелова Ася", owner: fedorov, wave: lately, numbers: []string{ru(35)},
		companies: []int{other}})
	s.try("16", ru(35), petrov, rules.Yellow, rules.WhyContactForeignFree, Words{
		"Две чужие компании, ни одна не защищена.",
		"Two foreign companies, neither protected."})
	s.company(company{name: "Карьер", status: statuses.Waiting, numbers: []string{ru(36)}})
	quarry := s.company(company{name: "Карьер-2", status: statuses.Waiting})
	s.contact(contact{name: "Щебнев Тит", wave: lately, numbers: []string{ru(36)}, companies: []int{quarry}})
	s.try("16", ru(36), petrov, rules.Yellow, rules.WhyContactUnassigned, Words{
		"Две компании, и у обеих нет ответственного.",
		"Two companies, neither of which has an owner."})
}

// leadsOnly are numbers that only leads have.
func (s *caseList) leadsOnly() {
	s.lead(lead{title: "Заявка 7", name: "Зимин Клим", owner: fedorov, wave: thisWeek, number: ru(25),
		company: noCompany})
	s.try("13", ru(25), petrov, rules.Blue, rules.WhyLeadOnly, Words{
		"Номер известен только по лиду.",
		"The number is known from a lead only."})
	repeated := s.company(company{name: "Повторный спрос", owner: ivanov, status: statuses.InWork, wave: lastYear})
	s.lead(lead{title: "Повторная заявка", name: "Летова Мила", owner: sidorova, wave: thisWeek, number: ru(27),
		company: repeated})
	s.try("18", ru(27), petrov, rules.Blue, rules.WhyLeadOnly, Words{
		"Повторный лид чужой компании: синяя, компания названа рядом.",
		"A repeat lead of a foreign company: blue, the company is named beside it."})
}
