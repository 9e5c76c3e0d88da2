package bitrix24app

import "callhue/crmsync/bitrix24"

// language is a language of the pages inside a portal.
type language int

// The languages.
const (
	russian language = iota
	english
)

// languageOf parses a portal's LANG.
func languageOf(lang string) language {
	if bitrix24.ReadsRussian(lang) {
		return russian
	}
	return english
}

// code is the language as HTML names it.
func (t language) code() string { return [...]string{"ru", "en"}[t] }

// The sentences of the pages, in Russian and English; %s is filled in.
var (
	sayNotThere = words{"Эта страница открывается внутри Битрикс24.", "This page opens inside Bitrix24."}
	sayNoPortal = words{"Этот портал не подключён к Callhue. Администратор Callhue добавляет его в разделе «Источники».", "This portal is not connected to Callhue. An administrator of Callhue adds it under Sources."}
	sayTooOften = words{"Слишком много запросов подряд. Откройте карточку ещё раз через минуту.",
		"Too many requests at once. Open the card again in a minute."}
	sayOver = words{"Портал не подтвердил ваш вход: он устарел. Обновите страницу Битрикс24.",
		"The portal did not confirm who you are: the sign-in has expired. Reload the page of Bitrix24."}
	sayUnreachable = words{"Портал не отвечает, проверить номер нельзя. Попробуйте ещё раз.",
		"The portal does not answer, the number cannot be checked. Try again."}
	sayUnknownUser = words{"Вас нет в Callhue. Попросите администратора Callhue: Люди, ваше имя, имена в АТС, источник «%s», значение «%s».",
		"You are not known in Callhue. Ask an administrator of Callhue: People, your name, names in PBXs, source “%s”, value “%s”."}
	sayFailed = words{"Проверить номер не удалось. Попробуйте ещё раз.", "The number could not be checked. Try again."}

	sayInstallTitle = words{"Callhue подключён", "Callhue is connected"}
	sayNotInstalled = words{"Callhue не подключён", "Callhue is not connected"}
	sayOnlyAdmin    = words{"Подключить приложение может только администратор портала. Ничего не изменено.",
		"Only an administrator of the portal can connect the application. Nothing was changed."}
	sayRefused = words{"Портал отказал: %s. Ничего не изменено.", "The portal refused: %s. Nothing was changed."}
	sayMissing = words{"Портал прислал не всё, что нужно для подключения: %s. Откройте приложение заново.",
		"The portal did not send all that is needed: %s. Open the application again."}
	sayReads = words{"Клиенты и сотрудники портала читаются в Callhue; здесь ничего не меняется.",
		"Clients and staff of the portal are read into Callhue; nothing is changed here."}
	sayEvents = words{"О звонках и изменениях портал сообщает по адресу %s", "The portal sends calls and changes to %s"}
	sayCard   = words{"В карточке звонка есть вкладка «%s». Она появится после обновления страницы портала.",
		"The call card has a tab “%s”. It appears once the page of the portal is reloaded."}
	sayNext = words{"Дальше: в Callhue, Источники, «%s», сопоставьте статусы компаний и сотрудников.",
		"Next: in Callhue, Sources, “%s”, map the statuses of companies and the staff."}
)

// words is a sentence in every language.
type words [2]string
