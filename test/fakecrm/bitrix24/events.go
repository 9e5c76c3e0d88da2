package bitrix24

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// handler is an address that is bound to an event.
type handler struct{ event, url string }

// placement is a page of the application inside of the portal.
type placement struct{ place, url, title string }

// Delivery is an event that was sent. Nothing is sent twice.
type Delivery struct {
	Event, URL string
	Status     int // of the answer; 0 without one
}

// Deliveries returns the events that were sent, when none is under way any more.
func (p *Portal) Deliveries() []Delivery {
	p.events.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Delivery(nil), p.deliveries...)
}

// Finish reports that the installation of the application is done, as its page does
// with BX24.installFinish. No event is sent before.
func (p *Portal) Finish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.finished = true
}

// Finished reports whether it is.
func (p *Portal) Finished() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.finished
}

// Bound returns what is bound: event or placement, and its URL.
func (p *Portal) Bound() map[string][]string {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := map[string][]string{}
	for _, h := range p.handlers {
		out[h.event] = append(out[h.event], h.url)
	}
	for _, at := range p.placements {
		out[at.place] = append(out[at.place], at.url)
	}
	return out
}

func (p *Portal) eventGet(_ caller, _ *array) (result, *refusal) {
	rows := []map[string]any{}
	for _, h := range p.handlers {
		rows = append(rows, map[string]any{"event": h.event, "handler": h.url, "auth_type": "0", "offline": 0})
	}
	return plain(rows)
}

func (p *Portal) eventBind(_ caller, in *array) (result, *refusal) {
	h := handler{strings.ToUpper(in.text("event")), in.text("handler")}
	if h.event == "" || !reachable(h.url) {
		return result{}, refuse(http.StatusBadRequest, "ERROR_ARGUMENT", "Argument 'handler' is null or empty")
	}
	for _, had := range p.handlers {
		if had == h {
			return result{}, refuse(http.StatusBadRequest, "ERROR_EVENT_BINDING_EXISTS",
				"Unable to set event handler: Handler already binded")
		}
	}
	p.handlers = append(p.handlers, h)
	return plain(true)
}

func (p *Portal) placementBind(_ caller, in *array) (result, *refusal) {
	at := placement{strings.ToUpper(in.text("PLACEMENT")), in.text("HANDLER"), in.text("TITLE")}
	if at.place != "CALL_CARD" || !reachable(at.url) {
		return result{}, refuse(http.StatusBadRequest, "ERROR_PLACEMENT_NOT_FOUND", "Placement not found")
	}
	for _, had := range p.placements {
		if had.place == at.place && had.url == at.url {
			return result{}, invalid("Unable to set placement handler: Handler already binded")
		}
	}
	p.placements = append(p.placements, at)
	return plain(true)
}

func reachable(handler string) bool {
	at, err := url.Parse(handler)
	return err == nil && at.Host != "" && (at.Scheme == "http" || at.Scheme == "https")
}

// sendChange sends the event of a record that was added, changed or removed.
func (p *Portal) sendChange(kind, what string, id int) {
	p.Send("ONCRM"+kind+what, map[string]string{"FIELDS][ID": strconv.Itoa(id)})
}

// sendAfterAnswer sends an event when the request that caused it was answered; p.mu is held.
func (p *Portal) sendAfterAnswer(event string, data map[string]string) {
	p.later = append(p.later, func() { p.Send(event, data) })
}

// Send sends an event to the bound address, without waiting. The keys of data stand
// in data[...].
func (p *Portal) Send(event string, data map[string]string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.finished {
		return
	}
	form := url.Values{"event": {event}, "event_handler_id": {"41"}, "ts": {strconv.FormatInt(p.opt.Now().Unix(), 10)},
		"auth[domain]": {p.host()}, "auth[client_endpoint]": {p.address + "/rest/"},
		"auth[server_endpoint]": {p.address + "/oauth/rest/"},
		"auth[member_id]":       {Member}, "auth[application_token]": {ApplicationToken}, "auth[status]": {"L"}}
	for key, value := range data {
		form.Set("data["+key+"]", value)
	}
	for _, h := range p.handlers {
		if h.event == event {
			p.events.Add(1)
			go p.deliver(h, form.Encode())
		}
	}
}

func (p *Portal) host() string {
	at, err := url.Parse(p.address)
	if err != nil {
		return ""
	}
	return at.Host
}

// deliver sends one event, once.
func (p *Portal) deliver(h handler, form string) {
	defer p.events.Done()
	d := Delivery{Event: h.event, URL: h.url}
	answer, err := p.opt.Deliver.Post(h.url, "application/x-www-form-urlencoded", strings.NewReader(form))
	if err == nil {
		io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10))
		answer.Body.Close()
		d.Status = answer.StatusCode
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.deliveries = append(p.deliveries, d)
}

// Ring has the portal's own telephony report a call, ONVOXIMPLANTCALLINIT, and returns the call's id.
func (p *Portal) Ring(number string, incoming bool) string {
	p.mu.Lock()
	p.made++
	id := fmt.Sprintf("%016X.%d.%d", p.made, p.opt.Now().Unix(), 8740000+p.made)
	p.mu.Unlock()
	line := phone(1)
	data := map[string]string{"CALL_ID": id, "CALL_TYPE": "1", "ACCOUNT_SEARCH_ID": normal(line),
		"PHONE_NUMBER": number, "CALLER_ID": normal(line)}
	if incoming {
		data["CALL_TYPE"], data["PHONE_NUMBER"], data["CALLER_ID"] = "2", normal(line), number
	}
	p.Send("ONVOXIMPLANTCALLINIT", data)
	return id
}

// Answer has a call of Ring answered by a user.
func (p *Portal) Answer(id string, user int) {
	p.Send("ONVOXIMPLANTCALLSTART", map[string]string{"CALL_ID": id, "USER_ID": strconv.Itoa(user)})
}

// HangUp ends a call of Ring; code is such as 200 or 304.
func (p *Portal) HangUp(id, number string, user, seconds int, code string) {
	p.Send("ONVOXIMPLANTCALLEND", map[string]string{"CALL_ID": id, "CALL_TYPE": "2", "PHONE_NUMBER": number,
		"PORTAL_NUMBER": normal(phone(1)), "PORTAL_USER_ID": strconv.Itoa(user), "CALL_DURATION": strconv.Itoa(seconds),
		"CALL_START_DATE":  stamp(p.opt.Now()),
		"CALL_FAILED_CODE": code, "CALL_FAILED_REASON": "", "COST": "0", "CRM_ACTIVITY_ID": "0"})
}
