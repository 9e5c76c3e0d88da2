package bitrix24

import (
	_ "embed"
	"encoding/json"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
)

//go:embed frame.html
var frameHTML string

//go:embed bx24.js
var bx24JS []byte

var frame = template.Must(template.New("frame").Parse(frameHTML))

// framed is a page of the portal that holds one of the application: the browser
// posts the form into the frame, as the real one does.
type framed struct {
	Title, Action string
	Fields        map[string]string
	State         any // what the script of the page begins with
}

// pages are those of the portal:
//
//	/crm/call?user=2&number=+74950000011   the call card, with our tab opened
//	/app/install?user=1&to=URL             the page on which an admin installs
//	/bx24.js                               what a page loads to talk to the portal
func (p *Portal) pages() {
	p.mux.HandleFunc("GET /crm/call", p.cardPage)
	p.mux.HandleFunc("GET /app/install", p.installPage)
	script := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		w.Write(bx24JS)
	}
	p.mux.HandleFunc("GET /bx24.js", script)
	p.mux.HandleFunc("GET /api/v1/", script) // where the real one is, at api.bitrix24.com
	p.mux.HandleFunc("POST /app/finished", func(w http.ResponseWriter, _ *http.Request) {
		p.Finish()
		w.WriteHeader(http.StatusNoContent)
	})
}

// posted are the fields that every page of the application gets, and its address
// with what stands in the query.
func (p *Portal) posted(user int, to, place string, options any) (action string, fields map[string]string) {
	t := p.Tokens(user)
	written, _ := json.Marshal(options) // plain maps
	p.mu.Lock()
	defer p.mu.Unlock()
	at, err := url.Parse(to)
	if err != nil {
		at = &url.URL{}
	}
	q := at.Query()
	for key, value := range map[string]string{"DOMAIN": p.host(), "PROTOCOL": "0", "LANG": "ru", "APP_SID": "appsid"} {
		q.Set(key, value)
	}
	at.RawQuery = q.Encode()
	return at.String(), map[string]string{"AUTH_ID": t.Access,
		"AUTH_EXPIRES": strconv.Itoa(int(p.opt.TokenLife.Seconds())), "REFRESH_ID": t.Refresh,
		"SERVER_ENDPOINT": p.address + "/oauth/rest/", "APPLICATION_TOKEN": ApplicationToken,
		"APPLICATION_SCOPE": "crm,telephony,placement,user",
		"member_id":         Member, "status": "L", "PLACEMENT": place, "PLACEMENT_OPTIONS": string(written)}
}

// InstallForm is what an admin's browser posts to the install page at to.
func (p *Portal) InstallForm(user int, to string) (action string, fields url.Values) {
	action, plain := p.posted(user, to, "DEFAULT", map[string]any{"any": "1/"})
	return action, valuesOf(plain)
}

// CardForm is what a user's browser posts to a page in the call card at to. call is
// the portal's id, direction incoming or outgoing, state idle, connecting or
// connected; a number of "" is unknown.
func (p *Portal) CardForm(user int, to, call, number, direction, state string) (action string, fields url.Values) {
	action, plain := p.posted(user, to, "CALL_CARD", cardOptions(call, number, direction, state))
	return action, valuesOf(plain)
}

func valuesOf(plain map[string]string) url.Values {
	fields := url.Values{}
	for key, value := range plain {
		fields.Set(key, value)
	}
	return fields
}

func cardOptions(call, number, direction, state string) map[string]any {
	options := map[string]any{"CALL_ID": call, "LINE_NUMBER": normal(phone(1)), "LINE_NAME": "Main",
		"CRM_ENTITY_TYPE": "", "CRM_ENTITY_ID": "0", "CRM_ACTIVITY_ID": "undefined", "CALL_DIRECTION": direction,
		"CALL_STATE": state, "CALL_LIST_MODE": "false"}
	if number != "" {
		options["PHONE_NUMBER"] = number
	}
	return options
}

func (p *Portal) cardPage(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	bound := p.Bound()["CALL_CARD"]
	if len(bound) == 0 {
		http.Error(w, "nothing is bound to CALL_CARD", http.StatusNotFound)
		return
	}
	user, _ := strconv.Atoi(or(q.Get("user"), "1"))
	options := cardOptions(or(q.Get("call"), "A1B2C3D4E5F60718.1773306964.1"), q.Get("number"),
		or(q.Get("direction"), "incoming"), or(q.Get("state"), "connecting"))
	action, fields := p.posted(user, bound[len(bound)-1], "CALL_CARD", options)
	p.writeFrame(w, framed{"Call card", action, fields, map[string]any{"placement": "CALL_CARD", "options": options}})
}

func (p *Portal) installPage(w http.ResponseWriter, r *http.Request) {
	user, _ := strconv.Atoi(or(r.URL.Query().Get("user"), "1"))
	options := map[string]any{"any": "1/"}
	action, fields := p.posted(user, r.URL.Query().Get("to"), "DEFAULT", options)
	p.writeFrame(w, framed{"Install", action, fields,
		map[string]any{"placement": "DEFAULT", "options": options, "first": !p.Finished()}})
}

func (p *Portal) writeFrame(w http.ResponseWriter, page framed) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := frame.Execute(w, page); err != nil {
		panic(err) // the template and its data are ours
	}
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
