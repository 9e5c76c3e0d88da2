package importexport

import (
	"slices"
	"strings"
)

// evidence is what the headers of a file say about its rows.
type evidence struct {
	columns []Column
	plain   []string
}

// anyOf reports whether a header is one of these, separated by |.
func (e evidence) anyOf(headers string) bool {
	list := strings.Split(headers, "|")
	return slices.ContainsFunc(e.plain, func(plain string) bool { return slices.Contains(list, plain) })
}

// begins reports whether a header begins with one of these words.
func (e evidence) begins(words ...string) bool {
	return slices.ContainsFunc(e.plain, func(plain string) bool {
		first, rest, _ := strings.Cut(plain, " ")
		return rest != "" && slices.Contains(words, first)
	})
}

// word reports whether a word of a header is of a sort.
func (e evidence) word(is func(string) bool) bool {
	return slices.ContainsFunc(e.plain, func(plain string) bool {
		return slices.ContainsFunc(strings.Fields(plain), is)
	})
}

// means reports whether a header may mean one of the fields in the rows of a kind.
func (e evidence) means(kind Kind, fields ...field) bool {
	return slices.ContainsFunc(e.columns, func(c Column) bool {
		return slices.ContainsFunc(meanings(kind, c.Header),
			func(m meaning) bool { return slices.Contains(fields, m.field) })
	})
}

// Headers that only the rows of one kind have.
const (
	// what a lead is called and whose it is, and what becomes of it
	leadHeaders = "lead|lead id|lead name|lead title|lead owner|lead type|lead person|lead organization|" +
		"lead source description|refered by|referred by lead|converted|is converted|converted date|convert date|" +
		"лид|id лида|ид лида|название лида|стадия лида|deal name|deal title|название сделки"
	personHeaders = "contact id|contact name|contact owner|contact type|person id|person name|person|full name|фио|" +
		"ф и о|полное имя|полное имя контакта|имя контакта|тип контакта|имя|is a company|is company|дата рождения|" +
		"birthday|birthdate|date of birth"
	companyHeaders = "company name|account name|account id|account owner|company owner|customer name|" +
		"customer group|customer type|organization name|organization owner|organization id|company type|" +
		"название компании|наименование компании|тип компании|инн|кпп|огрн|полное наименование|" +
		"наименование полное|юр физ лицо|inn|vat|tax id|company domain name|компания|организация|контрагент"
	loginHeaders  = "login|username|user name|логин|учетная запись"
	clientHeaders = "company|company name|organization|organisation|account name|компания|организация|street|city|" +
		"zip|address|vip|web|website|город|адрес|сайт"
)

// guessKind guesses the kind of the rows from their headers. One column that many exports have decides nothing: an
// address book has a column of departments, and contacts have a lead's status.
func guessKind(columns []Column) Kind {
	e := evidence{columns: columns}
	for _, c := range columns {
		e.plain = append(e.plain, plainHeader(c.Header))
	}
	person := e.anyOf(personHeaders) || e.begins("person") ||
		e.means(Contacts, fieldLastName, fieldMiddleName) || e.anyOf("first name|firstname|given name")
	leadish := e.means(Leads, fieldSource) || e.word(func(word string) bool {
		return word == "lead" || strings.HasPrefix(word, "лид")
	})
	switch {
	case e.anyOf(loginHeaders) && e.means(Users, fieldRoles, fieldExtension, fieldDepartment) &&
		!e.anyOf(clientHeaders) && !leadish:
		return Users
	case e.anyOf(leadHeaders) && !e.anyOf("customer group|customer type"):
		return Leads
	case person:
		return Contacts
	case e.means(Contacts, fieldPost) && !e.anyOf("title") || e.means(Contacts, fieldCompany) && e.anyOf("name"):
		return Contacts
	case e.anyOf(companyHeaders) || e.begins("organization", "company", "account"):
		return Companies
	case leadish:
		return Leads
	}
	return Companies
}
