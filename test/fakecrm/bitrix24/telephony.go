package bitrix24

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Call is one that an application registered.
type Call struct {
	ID, ExternalID, Number, Line string
	Type                         int // 1 outgoing, 2 incoming
	User                         int
	Shown                        []int // whose cards are open
	Registered                   time.Time
	Finished                     bool
	FinishedBy, Duration         int
	Code, Recording              string
}

// Calls returns the registered calls, the finished ones too, in their order.
func (p *Portal) Calls() []Call {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.allCalls()
}

func (p *Portal) allCalls() []Call {
	all := []Call{}
	for _, c := range p.calls {
		all = append(all, *c)
	}
	slices.SortFunc(all, func(a, b Call) int { return a.Registered.Compare(b.Registered)*2 + compareText(a.ID, b.ID) })
	return all
}

func compareText(a, b string) int {
	if a < b {
		return -1
	}
	return 1
}

// caller finds the user that a request names; otherwise it returns the refusal.
func (p *Portal) caller(in *array) (*User, *refusal) {
	id, inner := in.text("USER_ID"), in.text("USER_PHONE_INNER")
	if id == "" && inner == "" {
		return nil, invalid("USER_ID or USER_PHONE_INNER should be set")
	}
	for _, u := range p.users {
		if u.Active && (id == strconv.Itoa(u.ID) || id == "" && inner == u.Extension) {
			return u, nil
		}
	}
	return nil, invalid("User is not found or is not active")
}

// register is telephony.externalCall.register. Within half an hour the same number,
// type, user, line and external id are the same call.
func (p *Portal) register(_ caller, in *array) (result, *refusal) {
	u, no := p.caller(in)
	if no != nil {
		return result{}, no
	}
	kind, _ := strconv.Atoi(in.text("TYPE"))
	number := in.text("PHONE_NUMBER")
	switch {
	case kind < 1 || kind > 5:
		return result{}, invalid("Unknown TYPE")
	case normal(number) == "":
		return result{}, invalid("Unsupported phone number format")
	}
	if date := in.text("CALL_START_DATE"); date != "" {
		if _, err := time.Parse(time.RFC3339, date); err != nil {
			return result{}, invalid("CALL_START_DATE should be in the ISO-8601 format")
		}
	}
	if in.text("CRM_CREATE") == "1" {
		p.writes++
	}
	now := p.opt.Now()
	for _, c := range p.calls {
		if c.Number == number && c.Type == kind && c.User == u.ID && c.Line == in.text("LINE_NUMBER") &&
			c.ExternalID == in.text("EXTERNAL_CALL_ID") && now.Sub(c.Registered) < 30*time.Minute {
			return p.registered(c)
		}
	}
	p.made++
	c := &Call{ID: fmt.Sprintf("externalCall.%032x.%d", p.made, now.Unix()), ExternalID: in.text("EXTERNAL_CALL_ID"),
		Number: number, Line: in.text("LINE_NUMBER"), Type: kind, User: u.ID, Registered: now}
	p.calls[c.ID] = c
	if in.text("SHOW") != "0" {
		c.Shown = []int{u.ID}
	}
	p.sendAfterAnswer("ONVOXIMPLANTCALLINIT", map[string]string{"CALL_ID": c.ID, "CALL_TYPE": strconv.Itoa(kind),
		"CALLER_ID": number, "REST_APP_ID": "1"})
	return p.registered(c)
}

func (p *Portal) registered(c *Call) (result, *refusal) {
	return plain(map[string]any{"CALL_ID": c.ID, "CRM_CREATED_LEAD": nil, "CRM_CREATED_ENTITIES": []any{},
		"CRM_ENTITY_TYPE": "", "CRM_ENTITY_ID": nil})
}

// open finds a call that is not finished.
func (p *Portal) open(in *array) (*Call, *refusal) {
	c := p.calls[in.text("CALL_ID")]
	if c == nil || c.Finished {
		return nil, invalid("Call is not found (call should be registered prior to finishing)")
	}
	return c, nil
}

func (p *Portal) show(_ caller, in *array) (result, *refusal) {
	c, no := p.open(in)
	if no != nil {
		return result{}, no
	}
	for _, text := range texts(in.get("USER_ID")) {
		if id, _ := strconv.Atoi(text); p.user(id) != nil && !slices.Contains(c.Shown, id) {
			c.Shown = append(c.Shown, id)
		}
	}
	return plain(true)
}

func (p *Portal) hide(_ caller, in *array) (result, *refusal) {
	c, no := p.open(in)
	if no != nil {
		return result{}, no
	}
	for _, text := range texts(in.get("USER_ID")) {
		c.Shown = slices.DeleteFunc(c.Shown, func(id int) bool { return strconv.Itoa(id) == text })
	}
	return plain(true)
}

// finish is telephony.externalCall.finish.
func (p *Portal) finish(_ caller, in *array) (result, *refusal) {
	u, no := p.caller(in)
	if no != nil {
		return result{}, no
	}
	c, no := p.open(in)
	if no != nil {
		return result{}, no
	}
	c.Finished, c.FinishedBy, c.Shown = true, u.ID, nil
	c.Duration, _ = strconv.Atoi(in.text("DURATION"))
	c.Code, c.Recording = in.text("STATUS_CODE"), in.text("RECORD_URL")
	if c.Code == "" {
		c.Code = "304"
		if c.Duration > 0 {
			c.Code = "200"
		}
	}
	p.sendAfterAnswer("ONVOXIMPLANTCALLEND", map[string]string{"CALL_ID": c.ID, "CALL_TYPE": strconv.Itoa(c.Type),
		"PHONE_NUMBER": c.Number, "PORTAL_NUMBER": "REST_APP:1", "PORTAL_USER_ID": strconv.Itoa(u.ID),
		"CALL_DURATION":   strconv.Itoa(c.Duration),
		"CALL_START_DATE": stamp(c.Registered), "CALL_FAILED_CODE": c.Code, "CALL_FAILED_REASON": "", "COST": "0",
		"CRM_ACTIVITY_ID": "0"})
	return plain(map[string]any{"CALL_ID": c.ID, "EXTERNAL_CALL_ID": c.ExternalID, "PORTAL_USER_ID": u.ID,
		"PHONE_NUMBER": c.Number, "CALL_DURATION": c.Duration, "CALL_FAILED_CODE": c.Code, "CRM_ACTIVITY_ID": 0,
		"CALL_START_DATE": object{}})
}
