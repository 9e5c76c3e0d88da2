package text

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// legalForms are the words for the legal form of a company, in capitals without dots. Those of several words are
// written with blanks.
var legalForms = legalFormSet(`
	ООО|ОАО|ЗАО|ПАО|НАО|АО|ИП|ТОО|ЧП|ЧУП|УП|РУП|ОДО|ФГУП|ГУП|МУП|ФГБУ|ГБУ|МБУ|ГБОУ|АНО|НКО|СНТ|ТСЖ|КФХ|СПК
	ТОВ|ТДВ|ПП|ФОП|ПРАТ|ПАТ|ОСОО|ДООО|СООО|ЧТУП|ЧУТП|ИНДИВИДУАЛЬНЫЙ ПРЕДПРИНИМАТЕЛЬ|АКЦИОНЕРНОЕ ОБЩЕСТВО
	ОБЩЕСТВО С ОГРАНИЧЕННОЙ ОТВЕТСТВЕННОСТЬЮ|ОБЩЕСТВО С ДОПОЛНИТЕЛЬНОЙ ОТВЕТСТВЕННОСТЬЮ
	ПУБЛИЧНОЕ АКЦИОНЕРНОЕ ОБЩЕСТВО|ЗАКРЫТОЕ АКЦИОНЕРНОЕ ОБЩЕСТВО|ОТКРЫТОЕ АКЦИОНЕРНОЕ ОБЩЕСТВО
	НЕПУБЛИЧНОЕ АКЦИОНЕРНОЕ ОБЩЕСТВО|ТОВАРИЩЕСТВО С ОГРАНИЧЕННОЙ ОТВЕТСТВЕННОСТЬЮ
	УНИТАРНОЕ ПРЕДПРИЯТИЕ|ЧАСТНОЕ УНИТАРНОЕ ПРЕДПРИЯТИЕ|ЧАСТНОЕ ПРЕДПРИЯТИЕ|ЧАСТНОЕ ТОРГОВОЕ УНИТАРНОЕ ПРЕДПРИЯТИЕ
	ТОВАРИСТВО З ОБМЕЖЕНОЮ ВІДПОВІДАЛЬНІСТЮ|ПРИВАТНЕ ПІДПРИЄМСТВО|ФІЗИЧНА ОСОБА ПІДПРИЄМЕЦЬ
	LIMITED LIABILITY COMPANY|LIMITED LIABILITY PARTNERSHIP|PUBLIC LIMITED COMPANY|JOINT STOCK COMPANY
	GESELLSCHAFT MIT BESCHRÄNKTER HAFTUNG|AKTIENGESELLSCHAFT|SOCIETÀ A RESPONSABILITÀ LIMITATA|SOCIETÀ PER AZIONI
	SOCIÉTÉ ANONYME|SOCIÉTÉ À RESPONSABILITÉ LIMITÉE|SOCIEDAD ANÓNIMA|SOCIEDAD LIMITADA
	SOCIEDAD DE RESPONSABILIDAD LIMITADA|SPÓŁKA AKCYJNA
	LLC|LLP|LP|PLC|LTD|LIMITED|INC|INCORPORATED|CORP|CORPORATION|CO|PTY|PTE|PVT
	GMBH|GGMBH|MBH|AG|KG|KGAA|OHG|GBR|UG|EK|EV|HAFTUNGSBESCHRÄNKT|SE
	SA|SAS|SASU|SARL|SRL|SRLS|SPA|SL|SLU|SLL|LDA|LTDA|BV|NV|VOF|CV|AB|AS|A/S|ASA|OY|OYJ|APS|IVS|KFT|ZRT|NYRT|BT
	DOO|DD|AD
	OOD|EOOD|SRO|SP Z OO|SP Z O O|S R O|SPÓŁKA Z OO|OU|OÜ|SIA
	UAB|ООД|ЕООД|АД|OOO|OAO|ZAO|PAO|TOO|TOV`)

// longForms are the first words of the forms of several words.
var longForms = firstWords(legalForms)

// leadingForms are those in Latin letters that stand before the name; in Cyrillic letters nearly all do.
var leadingForms = legalFormSet(`OOO|OAO|ZAO|PAO|TOO|TOV|UAB|SIA|LIMITED LIABILITY COMPANY|JOINT STOCK COMPANY`)

// wordForms are forms that are words or names too, unless they are written in capitals: S.p.A. and Day Spa.
var wordForms = legalFormSet(`SPA|SE|AS|AD|DD|SL|CV|BT|SA|LP|AB|AG|UG|EK|EV|BV|NV`)

// connectors stand between two forms: GmbH & Co. KG.
var connectors = []string{"&", "UND", "AND", "+", "И"}

func legalFormSet(text string) map[string]bool {
	set := map[string]bool{}
	for line := range strings.Lines(text) {
		for form := range strings.SplitSeq(strings.TrimSpace(line), "|") {
			if form != "" {
				set[form] = true
			}
		}
	}
	return set
}

// firstWords returns the first words of the forms that have several.
func firstWords(forms map[string]bool) map[string]bool {
	set := map[string]bool{}
	for form := range forms {
		if first, _, several := strings.Cut(form, " "); several {
			set[first] = true
		}
	}
	return set
}

// longestForm is how many words a legal form has at most.
const longestForm = 4

// WithoutLegalForm returns the name of a company as people say it: without its legal form and the quotation marks. A
// name of nothing else stays as it is.
func WithoutLegalForm(name string) string {
	plain := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`"«»„“”‟(),`, r) {
			return ' '
		}
		return r
	}, name)
	words := strings.Fields(plain)
	folded := make([]string, len(words))
	for i, word := range words {
		if word = strings.ReplaceAll(word, ".", ""); !isPlainWord(word) {
			folded[i] = strings.ToUpper(word)
		}
	}
	from, to := 0, len(words)
	for n := formAt(folded[from:to], false); n > 0 && n < to-from; n = formAt(folded[from:to], false) {
		from += n
	}
	for n := formAt(folded[from:to], true); n > 0 && n < to-from; n = formAt(folded[from:to], true) {
		to -= n
		for to-from > 1 && slices.Contains(connectors, folded[to-1]) {
			to--
		}
	}
	if from == 0 && to == len(words) && !strings.ContainsAny(name, `"«»„“”‟`) {
		return strings.TrimSpace(name)
	}
	return strings.Join(words[from:to], " ")
}

// isPlainWord reports whether a word that could be a legal form is spelled as a word.
func isPlainWord(word string) bool {
	capitals := 0
	for _, r := range word {
		if unicode.IsUpper(r) {
			capitals++
		}
	}
	return capitals < 2 && wordForms[strings.ToUpper(word)]
}

// formAt returns how many words at the beginning, or at the end, are a legal form.
func formAt(words []string, atEnd bool) int {
	for n := min(longestForm, len(words)); n > 0; n-- {
		part := words[:n]
		if atEnd {
			part = words[len(words)-n:]
		}
		if n > 1 && !longForms[part[0]] {
			continue
		}
		form := strings.Join(part, " ")
		if legalForms[form] && (atEnd || leadingForms[form] || form[0] >= utf8.RuneSelf) {
			return n
		}
	}
	return 0
}
