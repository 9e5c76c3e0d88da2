package bitrix24

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// refusal is the error of a method.
type refusal struct {
	status      int
	code, words string
	operating   *spent
}

func refuse(status int, code, words string) *refusal { return &refusal{status, code, words, nil} }

// invalid is the refusal of most methods for most mistakes.
func invalid(words string) *refusal { return refuse(http.StatusBadRequest, "ERROR_CORE", words) }

// caller is the user of a request.
type caller struct {
	user        *User
	application bool // with an access token, not by a webhook
}

// result is the result of a method.
type result struct {
	value any
	total int // -1 where it is no list
	next  int // 0 for none
}

func plain(value any) (result, *refusal) { return result{value: value, total: -1}, nil }

// method is a REST method.
type method struct {
	do          func(p *Portal, by caller, in *array) (result, *refusal)
	application bool // refused to a webhook
	admin       bool // refused to others
}

// methods by their names in lower case.
var methods = map[string]method{
	"profile":                       {do: (*Portal).profile},
	"user.current":                  {do: (*Portal).userCurrent},
	"user.admin":                    {do: (*Portal).userAdmin},
	"user.get":                      {do: (*Portal).userGet},
	"department.get":                {do: (*Portal).departmentGet},
	"crm.status.list":               {do: (*Portal).statusList},
	"crm.company.userfield.list":    {do: (*Portal).userFieldList},
	"crm.company.list":              {do: classicList(Company)},
	"crm.contact.list":              {do: classicList(Contact)},
	"crm.lead.list":                 {do: classicList(Lead)},
	"crm.item.list":                 {do: (*Portal).itemList},
	"crm.company.get":               {do: classicGet(Company)},
	"crm.contact.get":               {do: classicGet(Contact)},
	"crm.lead.get":                  {do: classicGet(Lead)},
	"crm.item.get":                  {do: (*Portal).itemGet},
	"crm.contact.company.items.get": {do: (*Portal).contactCompanies},
	"crm.duplicate.findbycomm":      {do: (*Portal).findByComm},
	"event.get":                     {do: (*Portal).eventGet, application: true},
	"event.bind":                    {do: (*Portal).eventBind, application: true},
	"placement.bind":                {do: (*Portal).placementBind, application: true, admin: true},

	"telephony.externalcall.register":          {do: (*Portal).register, application: true},
	"telephony.externalcall.show":              {do: (*Portal).show, application: true},
	"telephony.externalcall.hide":              {do: (*Portal).hide, application: true},
	"telephony.externalcall.finish":            {do: (*Portal).finish, application: true},
	"telephony.externalcall.searchcrmentities": {do: (*Portal).searchEntities, application: true},
}

// writes reports whether a method would change a record of the CRM.
func writes(name string) bool {
	if !strings.HasPrefix(name, "crm.") {
		return false
	}
	last := name[strings.LastIndexByte(name, '.')+1:]
	switch last {
	case "list", "get", "fields", "findbycomm", "types", "items":
		return false
	}
	return true
}

// rest answers /rest/<method> and /rest/<user>/<secret>/<method>.
func (p *Portal) rest(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return
	}
	name, webhook := methodOf(r.URL.Path)
	in, no := parameters(r, body)
	p.mu.Lock()
	log := Request{Method: name}
	fault := p.fault(name, false)
	var out any
	var after []func()
	if no == nil && fault != nil {
		no = fault.refused(p)
	}
	if no == nil {
		out, after, no = p.answer(name, webhook, r, in, &log)
	}
	status := http.StatusOK
	if no != nil {
		status = no.status
		out = map[string]any{"error": no.code, "error_description": no.words, "time": p.timing(no.operating)}
	}
	log.Status = status
	p.requests = append(p.requests, log)
	p.mu.Unlock()
	for _, do := range after {
		do()
	}
	if fault != nil && fault.spoil(w, r) {
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(out)
}

// methodOf reads the path: the method's name, and user and secret of a webhook.
func methodOf(path string) (name string, webhook []string) {
	parts := strings.Split(strings.Trim(strings.TrimPrefix(path, "/rest/"), "/"), "/")
	name = strings.TrimSuffix(parts[len(parts)-1], ".json")
	if len(parts) == 3 {
		webhook = parts[:2]
	}
	return name, webhook
}

// parameters reads what was sent: JSON or a form, and the query for what neither
// says. A GET with JSON finds no parameters, as the real one does not.
func parameters(r *http.Request, body []byte) (*array, *refusal) {
	wrong := refuse(http.StatusBadRequest, "", "The request cannot be read")
	in, err := parseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, wrong
	}
	if r.Method == http.MethodGet || len(body) == 0 {
		return in, nil
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	var sent *array
	if kind == "application/json" {
		sent, err = parseJSON(body)
	} else {
		sent, err = parseQuery(string(body))
	}
	if err != nil {
		return nil, wrong
	}
	for _, key := range sent.keys {
		in.set(key, sent.of[key])
	}
	return in, nil
}

// answer does one request; p.mu is held. after is what has to happen behind it.
func (p *Portal) answer(name string, webhook []string, r *http.Request, in *array,
	log *Request) (any, []func(), *refusal) {
	if p.bucket.overflows(p.opt.Now(), p.opt.Rate, p.opt.Burst) {
		p.busy++
		return nil, nil, refuse(http.StatusServiceUnavailable, "QUERY_LIMIT_EXCEEDED", "Too many requests")
	}
	by, no := p.authorise(webhook, in)
	if no != nil {
		return nil, nil, no
	}
	log.User = by.user.ID
	p.later = nil
	defer func() { p.later = nil }()
	if strings.EqualFold(name, "batch") {
		value, no := p.batch(by, in, log)
		told := map[string]any{"result": value, "time": p.timing(nil)}
		if parts, is := value.(map[string]any); is {
			p.spoilBatch(parts)
		}
		p.spoilTop(told)
		return told, p.later, no
	}
	out, s, no := p.do(by, name, in)
	if no != nil {
		return nil, p.later, no
	}
	told := map[string]any{"result": out.value, "time": p.timing(s)}
	if out.total >= 0 {
		told["total"] = out.total
	}
	if out.next > 0 {
		told["next"] = out.next
	}
	p.spoilTop(told)
	return told, p.later, nil
}

// do does one method.
func (p *Portal) do(by caller, name string, in *array) (result, *spent, *refusal) {
	lower := strings.ToLower(name)
	if writes(lower) {
		p.writes++
		return result{}, nil, refuse(http.StatusForbidden, "ACCESS_DENIED", "Access denied!")
	}
	m, known := methods[lower]
	if !known || p.opt.NoItems && strings.HasPrefix(lower, "crm.item.") {
		return result{}, nil, refuse(http.StatusNotFound, "ERROR_METHOD_NOT_FOUND", "Method not found!")
	}
	switch {
	case m.application && !by.application:
		return result{}, nil, refuse(http.StatusForbidden, "WRONG_AUTH_TYPE",
			"Current authorization type is denied for this method")
	case m.admin && !by.user.Admin:
		return result{}, nil, refuse(http.StatusForbidden, "ACCESS_DENIED", "Access denied!")
	}
	s, ok := p.spend(lower)
	if !ok {
		return result{}, nil, &refusal{http.StatusTooManyRequests, "OPERATION_TIME_LIMIT",
			"Method is blocked due to operation time limit.", s}
	}
	out, no := m.do(p, by, in)
	if no == nil {
		out.value = p.spoil(lower, out.value)
	} else if no.code == "" && p.unkind[CodelessNo] {
		no = refuse(http.StatusBadRequest, "", "Unknown error")
	}
	return out, s, no
}

// authorise finds the user of a request.
func (p *Portal) authorise(webhook []string, in *array) (caller, *refusal) {
	if webhook != nil {
		id, _ := strconv.Atoi(webhook[0])
		if u := p.user(id); u != nil && u.Active && webhook[1] == WebhookSecret {
			return caller{user: u}, nil
		}
		return caller{}, refuse(http.StatusUnauthorized, "INVALID_CREDENTIALS", "Invalid request credentials")
	}
	t, known := p.access[in.text("auth")]
	switch {
	case !known:
		return caller{}, refuse(http.StatusUnauthorized, "NO_AUTH_FOUND", "Wrong authorization data")
	case !p.opt.Now().Before(t.until):
		return caller{}, refuse(http.StatusUnauthorized, "expired_token", "The access token provided has expired.")
	}
	return caller{user: p.user(t.user), application: true}, nil
}
