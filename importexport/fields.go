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
	fieldPhoneKinds   field = "phone_kinds" // of the phones, in their order
	fieldSince        field = "since"       // date of each number, in their order, or one date for all
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

// knownField is a field with the headers that mean it, folded, without punctuation and trailing
// number.
type knownField struct {
	field   field
	several bool // several columns may map to it
	headers string
}

// Headers of common CRMs, address books and spreadsheets in Russian and English, separated by |.
var (
	headersOfName = knownField{fieldName, false, "name|full name|display name|file as|contact name|contact|имя|фио|" +
		"ф и о|полное имя|наименование|название|контакт|имя контакта|контактное лицо|клиент|client|customer"}
	headersOfParts = []knownField{
		{fieldLastName, false, "last name|lastname|surname|family name|фамилия"},
		{fieldFirstName, false, "first name|firstname|given name|имя"},
		{fieldMiddleName, false, "middle name|additional name|patronymic|отчество"},
	}
	headersOfAll = []knownField{
		{fieldCode, false, "code|id|uid|guid|uuid|external id|external code|xml id|ид|код|внешний код|внешний ид|" +
			"идентификатор|номер записи"},
		{fieldPhone, true, "phone|phones|telephone|tel|phone number|number|work phone|business phone|company phone|" +
			"company main phone|primary phone|other phone|телефон|телефоны|тел|номер|номер телефона|рабочий телефон|" +
			"рабочий|контактный телефон|контактные телефоны|другой телефон|телефон рабочий|телефон другой|" +
			"телефон прочий"},
		{fieldPhoneMobile, true, "mobile|mobile phone|cell|cell phone|cellular|phone mobile|мобильный|" +
			"мобильный телефон|моб|моб тел|моб телефон|сотовый|сотовый телефон|телефон мобильный|телефон сотовый"},
		{fieldPhoneHome, true, "home phone|phone home|домашний телефон|телефон домашний"},
		{fieldPhoneFax, true, "fax|business fax|phone fax|факс|телефон факс"},
		{fieldPhoneKinds, false, "phone kinds|phone kind|phone type|тип телефона|виды телефонов"},
		{fieldSince, false, "since|phone since|number since|дата привязки|номер с"},
		{fieldEmail, true, "email|emails|e mail|e mail address|email address|mail|work email|электронная почта|" +
			"эл почта|почта|рабочий e mail|частный e mail|адрес электронной почты|e mail рабочий|e mail частный|" +
			"e mail для рассылок|другой e mail"},
		{fieldOwner, false, "owner|responsible|responsible person|assignee|assigned to|assigned user|account owner|" +
			"manager|ответственный|ответственный пользователь|менеджер|владелец|куратор"},
	}
	headersOfLinks = []knownField{
		{fieldCompany, false, "company|companies|company name|organization|organisation|organization name|account|" +
			"account name|employer|компания|компании|организация|название компании|место работы"},
		{fieldCompanyCode, false, "company code|company codes|company id|account id|код компании|ид компании|" +
			"id компании"},
		{fieldCompanySince, false, "company since|linked since|в компании с"},
	}
	headersOfPost = knownField{fieldPost, false, "post|position|job title|title|job|должность"}
)

// knownFields lists the fields of each kind of row.
var knownFields = map[Kind][]knownField{
	Companies: slices.Concat(headersOfAll, []knownField{
		{fieldName, false, headersOfName.headers +
			"|company|company name|title|organization|organisation|account|account name|компания|название компании|" +
			"организация|юридическое название|полное наименование"},
		{fieldTeam, false, "team|helpers|co workers|команда|помощники|соисполнители|наблюдатели"},
		{fieldStatus, false, "status|company status|статус|статус компании|состояние"},
	}),
	Contacts: slices.Concat(headersOfAll, headersOfParts, []knownField{headersOfName, headersOfPost}, headersOfLinks),
	Leads: slices.Concat(headersOfAll, headersOfParts, []knownField{headersOfName,
		{fieldTitle, false, "title|lead|lead name|lead title|subject|deal|название лида|лид|тема|сделка|заявка|" +
			"название"},
		{fieldContactCode, false, "contact code|contact id|код контакта|ид контакта|id контакта"},
		{fieldStage, false, "stage|status|lead status|стадия|статус|этап"},
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

// fieldsOf lists the fields of a kind, for --map.
func fieldsOf(kind Kind) []field {
	var list []field
	for _, k := range knownFields[kind] {
		list = append(list, k.field)
	}
	return list
}

// meanings returns the fields that a header may mean, best first, none for an unknown one. An
// ambiguous header (Имя, Title) takes the first field that no other column claims.
func meanings(kind Kind, header string) []knownField {
	plain := plainHeader(header)
	var found []knownField
	for _, k := range knownFields[kind] {
		if slices.Contains(strings.Split(k.headers, "|"), plain) {
			found = append(found, k)
		}
	}
	if len(found) == 0 && plain != "" {
		found = roughMeanings(kind, " "+plain+" ")
	}
	return found
}

// roughMeanings finds phones and e-mails in headers such as "Phone (other, 2)".
func roughMeanings(kind Kind, plain string) []knownField {
	for _, try := range []struct {
		field field
		words []string
	}{
		{fieldPhoneMobile, []string{" mobile ", " cell ", " моб ", " мобильный ", " сотовый "}},
		{fieldPhoneFax, []string{" fax ", " факс "}},
		{fieldPhoneHome, []string{" home phone ", " домашний "}},
		{fieldEmail, []string{" e mail ", " email ", " почта "}},
		{fieldPhone, []string{" phone ", " телефон ", " тел "}},
	} {
		if !slices.ContainsFunc(try.words, func(word string) bool { return strings.Contains(plain, word) }) {
			continue
		}
		for _, k := range knownFields[kind] {
			if k.field == try.field {
				return []knownField{k}
			}
		}
	}
	return nil
}

// plainHeader removes case, punctuation and the trailing number: "Phone 2 - Value" becomes "phone".
func plainHeader(header string) string {
	header = strings.Map(func(c rune) rune {
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			return c
		}
		return ' '
	}, header)
	words := strings.Fields(store.Fold(header))
	words = slices.DeleteFunc(words, func(word string) bool {
		return strings.Trim(word, "0123456789") == "" || word == "value" || word == "значение"
	})
	return strings.Join(words, " ")
}
