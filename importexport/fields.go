package importexport

import (
	"slices"
	"strings"
	"unicode"

	"callhue/internal/store"
)

// field is what a column can mean, as --map names it.
type field string

// The fields. A phone field may name the phone's kind: phone.mobile.
const (
	fieldCode         field = "code" // id of the record in the system that the file comes from
	fieldName         field = "name"
	fieldLastName     field = "last_name"
	fieldFirstName    field = "first_name"
	fieldMiddleName   field = "middle_name"
	fieldPost         field = "post"
	fieldPhone        field = "phone" // one or several, separated by line ends, ; or ,
	fieldPhoneMobile  field = "phone.mobile"
	fieldPhoneHome    field = "phone.home"
	fieldPhoneFax     field = "phone.fax"
	fieldPhoneKinds   field = "phone_kinds"  // of the phones, in their order
	fieldPhoneType    field = "phone_type"   // label of the number in a column beside it
	fieldCallingCode  field = "calling_code" // of the number in a column beside it, as +44 or GB
	fieldSince        field = "since"        // date of each number, in their order, or one date for all
	fieldEmail        field = "email"
	fieldOwner        field = "owner"
	fieldTeam         field = "team"
	fieldStatus       field = "status"
	fieldCompany      field = "company"       // names, one per line
	fieldCompanyCode  field = "company_code"  // codes of the companies
	fieldCompanySince field = "company_since" // date of each company link
	fieldContactCode  field = "contact_code"
	fieldTitle        field = "title"
	fieldStage        field = "stage"
	fieldSource       field = "source"
	fieldLogin        field = "login"
	fieldRoles        field = "roles"
	fieldDepartment   field = "department"
	fieldExtension    field = "extension"
	fieldLanguage     field = "language"
)

// knownField is a field with the headers that mean it, as plainHeader returns them. The first of two headers in a file
// that stands earlier in the list is the field, unless several columns may be.
type knownField struct {
	field   field
	several bool // several columns may map to it
	headers string
}

// Headers of common CRMs, address books and spreadsheets in Russian and English, separated by |.
var (
	headersOfName = knownField{fieldName, false, "name|full name|display name|complete name|contact name|" +
		"person name|person|contact|имя|фио|ф и о|полное имя|полное имя контакта|имя контакта|наименование|название|" +
		"контакт|контактное лицо|клиент|client|customer|file as"}
	headersOfParts = []knownField{
		{fieldLastName, false, "last name|lastname|surname|family name|фамилия"},
		{fieldFirstName, false, "first name|firstname|given name|имя"},
		{fieldMiddleName, false, "middle name|middlename|second name|additional name|patronymic|отчество"},
	}
	headersOfAll = []knownField{
		{fieldCode, false, "code|id|uid|guid|uuid|record id|external id|external code|xml id|ид|код|внешний код|" +
			"внешний ид|идентификатор|номер записи|ссылка|ref"},
		{fieldPhone, true, "phone|phones|telephone|tel|phone number|work phone|work phone number|direct work phone|" +
			"work direct phone|direct phone|business phone|business number|office phone|phone office|company phone|" +
			"company main phone|primary phone|primary phone number|alternate phone|phone alternate|other phone|" +
			"phone other|phone work|other phone number|callback|телефон|телефоны|тел|номер телефона|" +
			"номера телефонов|рабочий телефон|рабочий прямой телефон|рабочий|контактный телефон|контактные телефоны|" +
			"другой телефон|телефон рабочий|телефон другой|телефон прочий|телефон для рассылок|whatsapp|viber"},
		{fieldPhoneMobile, true, "mobile|mobile phone|mobile phone number|mobile number|mobile no|cell|cell phone|" +
			"cellular|phone mobile|мобильный|мобильный телефон|моб|моб тел|моб телефон|сотовый|сотовый телефон|" +
			"телефон мобильный|телефон сотовый"},
		{fieldPhoneHome, true, "home phone|home number|phone home|домашний телефон|телефон домашний"},
		{fieldPhoneFax, true, "fax|fax number|business fax|home fax|other fax|phone fax|факс|телефон факс"},
		{fieldPhoneKinds, false, "phone kinds|phone kind|phone type|тип телефона|виды телефонов"},
		{fieldPhoneType, true, ""},
		{fieldCallingCode, true, "calling code|dialling code|dialing code|dial code|телефонный код|телефонный код " +
			"страны|код телефона"},
		{fieldSince, false, "since|phone since|number since|дата привязки|номер с"},
		{fieldEmail, true, "email|emails|e mail|e mail address|email address|email id|mail|work email|home email|" +
			"personal email|other email|additional email|secondary email|email work|email home|email other|" +
			"электронная почта|эл почта|почта|рабочий email|личный email|другой email|рабочий e mail|частный e mail|" +
			"личный e mail|адрес электронной почты|e mail рабочий|e mail частный|e mail для рассылок|другой e mail"},
		{fieldOwner, false, "owner|record owner|responsible|responsible user|responsible person|account owner|" +
			"contact owner|assigned to|assigned user name|assigned user|assignee|salesperson|sales person|sales rep|" +
			"account manager|manager|assigned by name|owner name|ответственный|ответственный пользователь|" +
			"ответственный сотрудник|ответственный менеджер|основной менеджер|персональный менеджер|менеджер|" +
			"владелец|куратор|owner id|assigned user id|assigned by id|responsible user id"},
	}
	headersOfLinks = []knownField{
		{fieldCompany, false, "company|companies|associated company|company name|organization|organisation|" +
			"organization name|account|account name|company account|related company|customer name|employer|parent id|" +
			"компания|компании|организация|название компании|наименование компании|компания контакта|контрагент|" +
			"место работы"},
		{fieldCompanyCode, false, "company code|company codes|company id|associated company ids|" +
			"associated company id|primary associated company id|account id|organization id|organisation id|" +
			"код компании|ид компании|id компании"},
		{fieldCompanySince, false, "company since|linked since|в компании с"},
	}
	headersOfPost = knownField{fieldPost, false, "post|position|job title|job position|designation|" +
		"organization title|title|job|function|должность"}
)

// numberHeaders mean a phone where a file has no other column of phones and its values look like phones: beside a
// phone they are the number of the row or of an order.
const numberHeaders = "number|numbers|номер|номера|no"

// knownFields lists the fields of each kind of row.
var knownFields = map[Kind][]knownField{
	Companies: slices.Concat(headersOfAll, []knownField{
		{fieldName, false, "name|company name|account name|customer name|organization name|organisation name|" +
			headersOfName.headers +
			"|company|title|organization|organisation|account|название компании|наименование компании|компания|" +
			"организация|контрагент|рабочее наименование|юридическое название|полное наименование|" +
			"наименование полное"},
		{fieldTeam, false, "team|helpers|co workers|команда|помощники|соисполнители|наблюдатели"},
		{fieldStatus, false, "status|company status|статус|статус компании|состояние"},
	}),
	Contacts: slices.Concat(headersOfAll, headersOfParts, []knownField{headersOfName, headersOfPost}, headersOfLinks),
	Leads: slices.Concat(headersOfAll, headersOfParts, []knownField{headersOfName,
		{fieldTitle, false, "lead title|lead name|lead|название лида|название сделки|deal title|deal name|title|" +
			"subject|deal|лид|тема|сделка|заявка|название"},
		{fieldContactCode, false, "contact code|contact id|person id|код контакта|ид контакта|id контакта"},
		{fieldStage, false, "stage|status|lead status|lead stage|стадия|статус|этап|этап сделки|статус лида"},
		{fieldSource, false, "source|lead source|источник|канал"},
	}, headersOfLinks),
	Users: {
		{fieldLogin, false, "login|user|username|user name|account|логин|учетная запись|пользователь"},
		headersOfName,
		headersOfParts[0], headersOfParts[1], headersOfParts[2],
		{fieldRoles, false, "roles|role|роль|роли"},
		{fieldDepartment, false, "department|team|group|отдел|подразделение|группа"},
		{fieldExtension, true, "extension|extensions|ext|internal number|внутренний номер|внутренний|добавочный|" +
			"внутренний телефон"},
		{fieldLanguage, false, "language|lang|язык"},
		{fieldPhone, true, "phone|phones|own phone|own phones|mobile|телефон|телефоны|личный телефон|мобильный|" +
			"мобильный телефон"},
	},
}

// ownPrefixes are words that exports put before the name of a column to say whose it is, by kind: "Person - Phone".
var ownPrefixes = map[Kind][]string{
	Companies: {"organization", "organisation", "company", "account", "customer"},
	Contacts:  {"person", "contact"},
	Leads:     {"lead", "deal"},
}

// fieldsOf lists the fields of a kind, for --map.
func fieldsOf(kind Kind) []field {
	var list []field
	for _, k := range knownFields[kind] {
		list = append(list, k.field)
	}
	return list
}

// meaning is a field that a header may mean.
type meaning struct {
	field   field
	several bool // several columns may map to it
	rank    int  // the lowest goes first when only one column may map to it
	weak    bool // only when no other column has a phone
}

// headerIndex finds the meanings of plain headers by kind.
var headerIndex = indexHeaders()

func indexHeaders() map[Kind]map[string][]meaning {
	index := map[Kind]map[string][]meaning{}
	for kind, fields := range knownFields {
		index[kind] = map[string][]meaning{}
		add := func(header string, m meaning) {
			known := func(other meaning) bool { return other.field == m.field }
			if header != "" && !slices.ContainsFunc(index[kind][header], known) {
				index[kind][header] = append(index[kind][header], m)
			}
		}
		for _, k := range fields {
			for rank, header := range strings.Split(k.headers, "|") {
				add(header, meaning{field: k.field, several: k.several, rank: rank})
			}
		}
		if kind != Users {
			for _, header := range strings.Split(numberHeaders, "|") {
				add(header, meaning{field: fieldPhone, several: true, weak: true})
			}
		}
	}
	return index
}

// meanings returns the fields that a header may mean, best first, none for an unknown one. An ambiguous header (Имя,
// Title) takes the first field that no other column claims.
func meanings(kind Kind, header string) []meaning {
	plain := plainHeader(header)
	if plain == "" {
		return nil
	}
	if describesNumber(plain, header) {
		return only(kind, fieldPhoneType)
	}
	if found := headerIndex[kind][plain]; len(found) > 0 {
		return found
	}
	first, rest, _ := strings.Cut(plain, " ")
	if slices.Contains(ownPrefixes[kind], first) {
		if found := headerIndex[kind][rest]; len(found) > 0 {
			return found
		}
	}
	return roughMeanings(kind, plain)
}

// only returns the meaning of a field that several columns may have, none if the kind has no such field.
func only(kind Kind, f field) []meaning {
	for _, k := range knownFields[kind] {
		if k.field == f {
			return []meaning{{field: f, several: k.several, rank: len(k.headers)}}
		}
	}
	return nil
}

// roughMeanings finds phones and e-mails in headers such as "Phone (other, 2)", and what belongs to a phone. A column
// that says something about a value, such as "E-mail Display Name", is no value.
func roughMeanings(kind Kind, plain string) []meaning {
	words := strings.Fields(plain)
	has := func(list []string) bool {
		return slices.ContainsFunc(words, func(word string) bool { return slices.Contains(list, word) })
	}
	phone := has(phoneWords)
	if phone && strings.Contains(plain, "code") || phone && strings.Contains(plain, "код") {
		return only(kind, fieldCallingCode)
	}
	if has(descriptions) {
		return nil
	}
	plain = " " + plain + " "
	for _, try := range []struct {
		field field
		words []string
	}{
		{fieldPhoneMobile, []string{" mobile ", " cell ", " моб ", " мобильный ", " сотовый "}},
		{fieldPhoneFax, []string{" fax ", " факс "}},
		{fieldPhoneHome, []string{" home phone ", " phone home ", " домашний "}},
		{fieldEmail, []string{" e mail ", " email ", " почта "}},
		{fieldPhone, []string{" phone ", " телефон ", " тел ", " телефона ", " contact numbers "}},
	} {
		if slices.ContainsFunc(try.words, func(word string) bool { return strings.Contains(plain, word) }) {
			return only(kind, try.field)
		}
	}
	return nil
}

// phoneWords are the words of a header by which it has to do with a phone.
var phoneWords = []string{"phone", "phones", "mobile", "cell", "fax", "tel", "telephone", "телефон", "телефона",
	"телефоны", "тел", "моб", "мобильный", "сотовый", "факс"}

// typeWords say that a column holds the label of a value.
var typeWords = []string{"type", "label", "kind", "тип", "метка", "вид"}

// descriptions are words of a header by which the column says something about a phone or an e-mail and holds none.
var descriptions = slices.Concat(typeWords, []string{"types", "labels", "verified", "valid", "invalid", "validated",
	"confirmed", "status", "code", "country", "display", "date", "time", "opt", "out", "opted", "optout", "domain",
	"bounce", "bounced", "bounces", "unsubscribed", "subscribed", "subscription", "marketing", "sends", "opened",
	"open", "opens", "clicked", "delivered", "replied", "count", "owner", "consent", "template", "is", "do", "not",
	"provider", "operator", "carrier", "region", "extension", "ext", "comment", "note", "notes", "quarantined",
	"recipient", "подтвержден", "проверен", "статус", "код", "страна", "отображаемое",
	"дата", "время", "домен", "оператор",
	"регион", "комментарий", "добавочный", "внутренний", "согласие", "подписка"})

// describesNumber reports whether a column holds the label of one numbered phone: "Phone 1 - Type".
func describesNumber(plain, header string) bool {
	words := strings.Fields(plain)
	if len(words) < 2 || !slices.Contains(typeWords, words[len(words)-1]) ||
		!slices.ContainsFunc(words, func(word string) bool { return slices.Contains(phoneWords, word) }) {
		return false
	}
	return strings.ContainsAny(header, "0123456789") || !slices.Contains([]string{"phone type", "phone kind",
		"тип телефона"}, plain)
}

// plainHeader returns the words of a header without case, punctuation and numbers: "Phone 2 - Value", "Phone_2" and
// "Phone2Value" become "phone".
func plainHeader(header string) string {
	var b strings.Builder
	var last rune
	runes := []rune(strings.ReplaceAll(header, "IDs", "Ids"))
	for i, c := range runes {
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			c = ' '
		}
		next := i+1 < len(runes) && unicode.IsLower(runes[i+1])
		switch { // words that are written together: CompanyName, XMLId, Phone2
		case unicode.IsUpper(c) && (unicode.IsLower(last) || unicode.IsDigit(last)),
			unicode.IsUpper(c) && unicode.IsUpper(last) && next,
			unicode.IsDigit(c) && unicode.IsLetter(last), unicode.IsLower(c) && unicode.IsDigit(last):
			b.WriteByte(' ')
		}
		b.WriteRune(c)
		last = c
	}
	words := strings.Fields(store.Fold(b.String()))
	words = slices.DeleteFunc(words, func(word string) bool {
		return strings.Trim(word, "0123456789") == "" || word == "value" || word == "значение"
	})
	return strings.Join(words, " ")
}
