package demo

import (
	"callhue/rules"
	"callhue/statuses"
)

// caseList collects the curated cases: the records that they need, and
// what to try on them. Their numbers are ru(0) to ru(99) and en(0) to en(19).
type caseList struct {
	records
	tries []Try
}

// try adds an outgoing call; both directions have the same colour, so only a
// few cases show the other one.
func (s *caseList) try(row, number, agent string, expect rules.Color, why rules.Why, text Words) *Try {
	s.tries = append(s.tries, Try{Row: row, Number: number, Agent: agent, Direction: rules.Out, Expect: expect,
		Why: why, Text: text})
	return &s.tries[len(s.tries)-1]
}

// bannered is try for a card with a banner.
func (s *caseList) bannered(row, number, agent string, expect rules.Color, why rules.Why, text Words) {
	s.try(row, number, agent, expect, why, text).Banner = true
}

// cases puts up everything that can be tried.
func cases() (records, []Try) {
	s := &caseList{}
	s.acme()
	s.noClient()
	s.red()
	s.shared()
	s.free()
	s.helped()
	s.contactsOfOne()
	s.contactsOfSeveral()
	s.besideCompany()
	s.mixed()
	s.leadsOnly()
	return s.records, s.tries
}

// acme is the case on which everything is explained.
func (s *caseList) acme() {
	acme := s.company(company{name: "Acme Ltd", owner: ivanov, status: statuses.InWork, numbers: []string{ru(11)}})
	s.contact(contact{name: "Белкина Анна", post: "Закупки", owner: ivanov, numbers: []string{ru(12)},
		companies: []int{acme}})
	s.lead(lead{title: "Заявка с сайта: Acme", name: "Acme Ltd", owner: petrov, wave: thisWeek, number: ru(11),
		company: noCompany})

	s.try("5", ru(11), petrov, rules.Red, rules.WhyForeignInWork, Words{
		"Acme в работе у Иванова. Петров сидит в соседнем ряду, но и для него она чужая; и заявка с этим номером ничего не меняет.",
		"Ivanov has Acme in work. Petrov sits in the next row, and it is foreign to him all the same; his lead with that number changes nothing."})
	s.try("4", ru(11), ivanov, rules.None, rules.WhyOwn, Words{
		"Та же Acme, звонит её ответственный: обычная карточка.",
		"The same Acme, called by its owner: the standard look."})
	s.try("21", ru(11), smirnov, rules.Red, rules.WhySupervisor, Words{
		"Звонит руководитель Иванова: тоже красная, но нарушением это не считается.",
		"Ivanov's head calls: red as well, but never an incident."})
	s.try("21", ru(11), orlova, rules.Red, rules.WhySupervisor, Words{
		"Руководитель руководителя: то же самое на любом уровне.",
		"The head's head: the same at any level."})
	s.try("22", ru(11), admin, rules.Red, rules.WhyAdmin, Words{
		"Администратор, никем больше Иванову не приходящийся.",
		"An admin who is nothing else to Ivanov."})
	s.try("5", "8 (495) 000-00-11", fedorov, rules.Red, rules.WhyForeignInWork, Words{
		"Тот же номер в другом написании, звонят из другого отдела.",
		"The same number spelled otherwise, called from another department."})
	s.try("5", ru(11), petrov, rules.Red, rules.WhyForeignInWork, Words{
		"Acme звонит сама, трубку снимает Петров: тот же цвет, другие слова - предложить перевести на Иванова.",
		"Acme calls, Petrov picks up: the same colour, other words - offer to put through to Ivanov."}).Direction = rules.In
	s.try("8", ru(12), petrov, rules.Red, rules.WhyForeignInWorkViaContact, Words{
		"Номер только у контакта Acme: компания всё равно чужая и в работе.",
		"The number stands on a contact of Acme only: the company is foreign and in work all the same."})
	s.try("9", ru(12), ivanov, rules.Yellow, rules.WhyContactOwnCompany, Words{
		"Контакт своей компании: номер найден среди контактов, карточка жёлтая.",
		"A contact of one's own company: found among contacts, so yellow."})
}

// noClient are the calls that lead to no one.
func (s *caseList) noClient() {
	s.try("1", "103", petrov, rules.None, rules.WhyInternal, Words{
		"Внутренний номер Сидоровой: коллега, ничего не ищется.",
		"Sidorova's extension: a colleague, nothing is looked up."})
	s.try("2", "anonymous", petrov, rules.None, rules.WhyHidden, Words{
		"Номер скрыт: искать нечего.",
		"The number is withheld: there is nothing to look up."}).Direction = rules.In
	s.bannered("2a", "1234567890123456", petrov, rules.None, rules.WhyInvalid, Words{
		"Столько цифр в номере не бывает. Полоса говорит, что проверки не было.",
		"No number has that many digits. The banner says that nothing was checked."})
	s.try("26", ru(98), petrov, rules.None, rules.WhyEmployee, Words{
		"Личный телефон Сидоровой: коллега, и ничей клиент.",
		"Sidorova's own phone: a colleague, and nobody's client."})
	s.try("3", ru(97), petrov, rules.None, rules.WhyUnknown, Words{
		"Номера нет ни в одной записи: можно завести лид или контакт.",
		"The number is on no record: make a lead or a contact of it."})
}

// red are companies in work under other circumstances than Acme's.
func (s *caseList) red() {
	s.company(company{name: "Harbour Tea Ltd", owner: brown, status: client, numbers: []string{en(11)}})
	s.try("5", en(11), taylor, rules.Red, rules.WhyForeignInWork, Words{
		"Статус «Клиент» тоже защищает; карточка на языке агента, здесь английском.",
		"The status of a client protects as well; the card speaks the agent's language, here English."})

	s.company(company{name: "Лесная сказка", owner: belov, status: statuses.InWork, numbers: []string{ru(41)}})
	s.try("25", ru(41), petrov, rules.Red, rules.WhyOwnerInactive, Words{
		"Ответственный Белов уволен, но компания не ничья: решает его руководитель.",
		"Its owner Belov has left, but the company is not free: his head decides."})
}

// shared are numbers that companies of several owners have.
func (s *caseList) shared() {
	s.company(company{name: "Вектор", owner: ivanov, status: statuses.InWork, numbers: []string{ru(37)}})
	s.company(company{name: "Дельта", owner: petrov, status: statuses.InWork, wave: lately, numbers: []string{ru(37)}})
	s.try("17", ru(37), petrov, rules.Red, rules.WhySharedNumber, Words{
		"Номер стоит и на «Векторе» Иванова, и, позже, на «Дельте» Петрова: дописать номер себе не помогает.",
		"On Ivanov's Вектор and, later, on Petrov's Дельта: to add a number to one's own card does not help."})
	s.bannered("17", ru(37), ivanov, rules.None, rules.WhySharedNumber, Words{
		"Тот же номер у Иванова: его связь старше, но полоса говорит, что номер общий.",
		"The same number for Ivanov: his link is older, but the banner says that it is shared."})

	both := s.company(company{name: "Маяк", owner: petrov, status: statuses.InWork, numbers: []string{ru(38)}})
	s.company(company{name: "Маяк-Сервис", owner: ivanov, status: statuses.InWork, wave: lately,
		numbers: []string{ru(38)}})
	s.contact(contact{name: "Рябинин Олег", post: "Директор", owner: petrov, wave: lastYear, numbers: []string{ru(38)},
		companies: []int{both}})
	s.bannered("17", ru(38), petrov, rules.Yellow, rules.WhySharedNumber, Words{
		"Номер у двух компаний и у контакта, связь Петрова старшая: жёлтая с полосой.",
		"On two companies and a contact, Petrov's link is the oldest: yellow with a banner."})
}

// free are companies that no status protects against others.
func (s *caseList) free() {
	s.company(company{name: "Ромашка", owner: sidorova, status: statuses.Waiting, numbers: []string{ru(13)}})
	s.bannered("6", ru(13), petrov, rules.None, rules.WhyForeignFree, Words{
		"Чужая, но «В ожидании»: полоса называет ответственную и статус.",
		"Foreign but waiting: the banner names owner and status."})
	s.company(company{name: "Стройгород", owner: sidorova, status: tender, wave: lastYear, numbers: []string{ru(14)}})
	s.bannered("6", ru(14), petrov, rules.Yellow, rules.WhyForeignFree, Words{
		"Чужая, и её статус просит жёлтого.",
		"Foreign, and its status asks for yellow."})
	s.company(company{name: "Городской каталог", owner: sidorova, status: anyone, numbers: []string{ru(15)}})
	s.try("6", ru(15), petrov, rules.None, rules.WhyForeignFree, Words{
		"Чужая, но её статус ничего не велит показывать.",
		"Foreign, and its status wants nothing shown."})
	s.company(company{name: "Ничейный двор", status: statuses.Waiting, numbers: []string{ru(16)}})
	s.bannered("7", ru(16), petrov, rules.None, rules.WhyUnassigned, Words{
		"Ответственного нет: назначает руководитель.",
		"It has no owner: a head assigns one."})
	s.company(company{name: "Архивная база", owner: ivanov, status: unset, numbers: []string{ru(39)}})
	s.bannered("19", ru(39), petrov, rules.None, rules.WhyStatusMissing, Words{
		"Статуса нет совсем, старые данные: как статус по умолчанию.",
		"No status at all, old data: as the default status."})
	s.company(company{name: "Прежний порядок", owner: ivanov, status: old, numbers: []string{ru(40)}})
	s.bannered("20", ru(40), petrov, rules.None, rules.WhyStatusUnknown, Words{
		"Статус «Старая база» выключен: как компания без статуса.",
		"Its status was switched off: as a company without one."})
	s.company(company{name: "Голубой вагон", owner: fedorov, status: statuses.Waiting, wave: lately,
		numbers: []string{ru(46)}})
	s.lead(lead{title: "Заявка: голубой вагон", name: "Вагонов Роман", owner: petrov, wave: thisWeek, number: ru(46),
		company: noCompany})
	s.bannered("6", ru(46), petrov, rules.None, rules.WhyForeignFree, Words{
		"Строка 15: лид рядом с компанией ничего не меняет, решает компания.",
		"Row 15: a lead beside a company changes nothing, the company decides."})
}

// helped are companies whose owner the agent helps.
func (s *caseList) helped() {
	team := s.company(company{name: "Большая стройка", owner: ivanov, status: statuses.InWork,
		numbers: []string{ru(42)}, team: []string{petrov}})
	s.contact(contact{name: "Каменев Юрий", post: "Прораб", owner: ivanov, numbers: []string{ru(44)},
		companies: []int{team}})
	s.try("23", ru(42), petrov, rules.None, rules.WhyTeam, Words{
		"Петров в команде этой компании: как своя.",
		"Petrov is in this company's team: as his own."})
	s.try("23", ru(44), petrov, rules.Yellow, rules.WhyTeam, Words{
		"Контакт компании, в команде которой Петров: жёлтая, как у своей.",
		"A contact of a company in whose team Petrov is: yellow, as of his own."})

	away := s.company(company{name: "Кузнечный ряд", owner: kuznecov, status: statuses.InWork,
		numbers: []string{ru(43)}})
	s.contact(contact{name: "Молотова Инна", post: "Бухгалтер", owner: kuznecov, numbers: []string{ru(45)},
		companies: []int{away}})
	s.try("23", ru(43), sidorova, rules.None, rules.WhyDeputy, Words{
		"Сидорова замещает Кузнецова: как своя.",
		"Sidorova stands in for Kuznetsov: as her own."})
	s.try("23", ru(45), sidorova, rules.Yellow, rules.WhyDeputy, Words{
		"Контакт компании Кузнецова, которого замещает Сидорова.",
		"A contact of a company of Kuznetsov, for whom Sidorova stands in."})
	s.try("5", ru(43), petrov, rules.Red, rules.WhyForeignInWork, Words{
		"А Петров Кузнецова не замещает.",
		"Petrov does not stand in for Kuznetsov."})
}
