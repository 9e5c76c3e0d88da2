package dialects

import (
	"strconv"
	"strings"
	"time"

	"callhue/internal/fault"
	"callhue/internal/secrets"
	"callhue/internal/web"
	"callhue/lookup/query"
	"callhue/webhooks/dialects/mapping"
)

// Names of the settings of lookup sources.
const (
	lookupEngine   = "engine"
	lookupHost     = "host"
	lookupDatabase = "database"
	lookupUser     = "user"
	lookupPassword = "password"
	lookupTLS      = "tls"
	lookupQuery    = "query"

	lookupURL           = "url"
	lookupMethod        = "method"
	lookupBody          = "body"
	lookupType          = "content_type"
	lookupAuthorization = "authorization"
	lookupHeader        = "header"
	lookupHeaderValue   = "header_value"
	lookupItems         = "items"
	lookupUnknown404    = "unknown_404"

	lookupForm     = "number_form"
	lookupStatuses = "statuses"
	lookupPriority = "priority"
	lookupBudget   = "budget_ms"
	lookupFresh    = "fresh"
)

// fieldPrefix begins the settings that say where a field stands.
const fieldPrefix = "field_"

// Defaults and bounds of a lookup source.
const (
	usualPriority = 1
	usualBudget   = 200 * time.Millisecond
	leastBudget   = 20 * time.Millisecond
	mostBudget    = 2 * time.Second // a lookup ends after 300 ms unless the policy allows more
	usualFresh    = 30 * time.Second
	mostFresh     = time.Hour
	maxPriority   = 9
)

// lookupField is a field of a record in the settings of a lookup source.
type lookupField struct {
	name  string
	label web.Words
}

func lookupFields() []lookupField {
	return []lookupField{
		{"kind", web.Say("Вид записи", "Kind of the record")},
		{"id", web.Say("Код записи", "Id of the record")},
		{"name", web.Say("Название или имя", "Name")},
		{"owner", web.Say("Ответственный", "Owner")},
		{"status", web.Say("Статус", "Status")},
		{"company_id", web.Say("Код компании", "Id of the company")},
		{"company_name", web.Say("Название компании", "Name of the company")},
		{"company_owner", web.Say("Ответственный компании", "Owner of the company")},
		{"company_status", web.Say("Статус компании", "Status of the company")},
		{"team", web.Say("Помощники", "Team")},
		{"since", web.Say("С какого времени номер у записи", "Since when the record has the number")},
		{"url", web.Say("Ссылка на запись", "Link to the record")},
		{"company_url", web.Say("Ссылка на компанию", "Link to the company")},
	}
}

// fieldSettings are the settings of the fields; place is what stands in them.
func fieldSettings(place web.Words, valid func(string) bool) (list []Setting) {
	for _, f := range lookupFields() {
		s := Setting{Name: fieldPrefix + f.name, Kind: KindText, Topic: TopicFields, Label: f.label, Default: f.name,
			valid: valid}
		switch f.name {
		case "kind":
			s.Default = "=company"
			s.Hint = web.Say(place.RU+" с company, contact или lead; =company — всегда компания.",
				place.EN+" with company, contact or lead; =company: always a company.")
		case "owner":
			s.Hint = web.Say("Логин, почта, внутренний номер или имя, как на странице «Сотрудники», "+
				"либо то, что записано у сотрудника для этого источника.",
				"Login, e-mail, extension or name as on the page Staff, or what a user is called by this source.")
		case "team":
			s.Hint = web.Say("Логины через запятую.", "Logins with commas between them.")
		}
		list = append(list, s)
	}
	return list
}

// commonLookupSettings are those of every lookup source.
func commonLookupSettings() []Setting {
	return []Setting{
		{Name: lookupForm, Kind: KindChoice, Choices: query.Forms(), Topic: TopicConnection, Default: query.Forms()[0],
			Label: web.Say("В каком виде у вас записан номер", "How numbers are written in your system"),
			Hint: web.Say("digits 74950000011, e164 +74950000011, national 84950000011, local10 4950000011, last10 — "+
				"последние десять цифр.",
				"digits 74950000011, e164 +74950000011, national 84950000011, local10 4950000011, last10: the last "+
					"ten digits.")},
		{Name: lookupStatuses, Kind: KindLines, Topic: TopicConnection,
			Label: web.Say("Соответствие статусов", "Mapping of statuses"),
			Hint: web.Say("По строке на статус: ваш статус = код статуса здесь, например «В работе = IN_WORK».",
				"A line each: your status = code of a status here, such as In progress = IN_WORK."),
			valid: isStatusMap},
		{Name: lookupPriority, Kind: KindText, Topic: TopicRare, Default: strconv.Itoa(usualPriority),
			Label: web.Say("Порядок", "Priority"),
			Hint: web.Say("1–9: чьи записи показать раньше, меньшее раньше; -9…-1 — раньше записей Callhue.",
				"1 to 9: whose records are shown first, the smaller first; -9 to -1: before the records of Callhue."),
			valid: isNumberIn(-maxPriority, maxPriority, true)},
		{Name: lookupBudget, Kind: KindText, Topic: TopicRare, Default: "200",
			Label: web.Say("Сколько ждать ответа, мс", "Time to answer, ms"),
			Hint: web.Say("Не ответил — карточка серая. Всё вместе не дольше, чем в политике (300 мс).",
				"Without an answer the card is grey. All together take no longer than the policy allows (300 ms)."),
			valid: isNumberIn(int(leastBudget.Milliseconds()), int(mostBudget.Milliseconds()), false)},
		{Name: lookupFresh, Kind: KindText, Topic: TopicRare, Default: "30",
			Label: web.Say("Сколько секунд верен ответ", "Seconds for which an answer is fresh"),
			Hint: web.Say("Изменения в вашей системе видны не позже чем через два таких срока.",
				"Changes in your system are seen after at most twice this time."),
			valid: isNumberIn(1, int(mostFresh.Seconds()), false)},
	}
}

func isNumberIn(least, most int, notZero bool) func(string) bool {
	return func(value string) bool {
		n, err := strconv.Atoi(value)
		return err == nil && n >= least && n <= most && !(notZero && n == 0)
	}
}

// isStatusMap reports whether each line of a text is "theirs = OURS".
func isStatusMap(value string) bool {
	for line := range strings.Lines(value) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		theirs, ours, found := cutLast(line, "=")
		if !found || strings.TrimSpace(theirs) == "" || strings.TrimSpace(ours) == "" {
			return false
		}
	}
	return true
}

func cutLast(text, mark string) (before, after string, found bool) {
	at := strings.LastIndex(text, mark)
	if at < 0 {
		return text, "", false
	}
	return text[:at], text[at+len(mark):], true
}

// isJSONPlace reports whether a text is a path of JSON, or "=text".
func isJSONPlace(value string) bool {
	if strings.HasPrefix(value, "=") {
		return true
	}
	_, ok := mapping.ParsePath(value)
	return ok
}

// LookupSettings are the settings of a source of dialect sql or http.
type LookupSettings struct {
	Form     string
	Statuses map[string]string // as entered: theirs -> our code
	Fields   map[string]string // by the name of the field
	Priority int
	Budget   time.Duration
	Fresh    time.Duration

	Engine                  query.Engine // sql
	Host, Database, User    string
	Password, TLS, Query    string
	URL, Method, Body, Type string // http
	Authorization           string
	HeaderName, HeaderValue string
	Items                   string
	Unknown404              bool
}

// LookupSettingsOf reads the settings of a source of dialect sql or http.
func LookupSettingsOf(settings map[string]string) LookupSettings {
	s := LookupSettings{
		Form:          settings[lookupForm],
		Statuses:      map[string]string{},
		Fields:        map[string]string{},
		Priority:      numberOr(settings[lookupPriority], usualPriority),
		Budget:        durationOr(settings[lookupBudget], time.Millisecond, usualBudget),
		Fresh:         durationOr(settings[lookupFresh], time.Second, usualFresh),
		Engine:        query.Engine(settings[lookupEngine]),
		Host:          settings[lookupHost],
		Database:      settings[lookupDatabase],
		User:          settings[lookupUser],
		Password:      settings[lookupPassword],
		TLS:           settings[lookupTLS],
		Query:         settings[lookupQuery],
		URL:           settings[lookupURL],
		Method:        settings[lookupMethod],
		Body:          settings[lookupBody],
		Type:          settings[lookupType],
		Authorization: settings[lookupAuthorization],
		HeaderName:    settings[lookupHeader],
		HeaderValue:   settings[lookupHeaderValue],
		Items:         settings[lookupItems],
		Unknown404:    settings[lookupUnknown404] == "true",
	}
	for _, f := range lookupFields() {
		if place := settings[fieldPrefix+f.name]; place != "" {
			s.Fields[f.name] = place
		}
	}
	for line := range strings.Lines(settings[lookupStatuses]) {
		if theirs, ours, found := cutLast(line, "="); found {
			s.Statuses[strings.TrimSpace(theirs)] = strings.TrimSpace(ours)
		}
	}
	return s
}

func durationOr(text string, unit, usual time.Duration) time.Duration {
	return time.Duration(numberOr(text, int(usual/unit))) * unit
}

func numberOr(text string, usual int) int {
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	return usual
}

// IsLookup reports whether sources of a dialect are asked whose a number is.
func IsLookup(dialect string) bool { return dialect == SQL || dialect == HTTP }

// authenticateChange accepts the report that clients changed: by the secret in the path.
func authenticateChange(req *Request, valid secrets.Set) error { return authenticateByPath(req, valid) }

// parseChange reads the report that clients changed. It needs no content: what was found so far is forgotten.
func parseChange(*Request) (Parsed, error) {
	return Parsed{ClientsChanged: true, Note: "clients changed: earlier answers are forgotten"}, nil
}

// tryStep is the last step of every lookup source.
var tryStep = note("Проверьте номер известного клиента на странице источника или командой callhue source try.",
	"Try the number of a known client on the page of the source, or by callhue source try.")

// changeSteps tell how the system may report changes.
func changeSteps(a Address) []Step {
	address := a.Hook(a.Secret)
	return []Step{enter(address,
		"Необязательно: если система умеет вызывать адрес при изменении клиента, вставьте этот — тогда карточка "+
			"изменится сразу, а не когда ответ устареет (тело запроса не нужно):",
		"Optional: where your system can call an address when a client changes, paste this one; cards then change at "+
			"once, not when an answer is too old (no body is needed):")}
}

// checkLookupQuery returns what is wrong with the query of a source.
func checkLookupQuery(settings map[string]string) []fault.Field {
	text := settings[lookupQuery]
	if text == "" || settings[lookupEngine] == "" {
		return nil // they are required, and missed elsewhere
	}
	if _, err := query.Parse(query.Engine(settings[lookupEngine]), text); err != nil {
		return fault.Of(err).Fields
	}
	return nil
}

// checkLookupRequest returns what is wrong with the request of a source.
func checkLookupRequest(settings map[string]string) (wrong []fault.Field) {
	address := settings[lookupURL]
	if address == "" {
		return nil
	}
	if err := query.CheckRequest(address, settings[lookupBody]); err != nil {
		wrong = append(wrong, fault.Of(err).Fields...)
	}
	if (settings[lookupHeader] == "") != (settings[lookupHeaderValue] == "") {
		wrong = append(wrong, fault.Field{Field: lookupHeader, Code: "required"})
	}
	return wrong
}
