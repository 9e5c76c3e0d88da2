package dialects

import (
	"strings"

	"callhue/calls"
	"callhue/internal/fault"
	"callhue/internal/secrets"
	"callhue/internal/web"
	"callhue/rules"
)

// bitrix24 is the language of Bitrix24's outgoing events: forms with PHP bracket keys, authenticated by the application
// token alone. The reply is not read, and nothing is sent twice.
func bitrix24() Dialect {
	return Dialect{
		Name:         Bitrix24,
		Title:        web.Say("Битрикс24: только события телефонии", "Bitrix24: telephony events only"),
		VendorSecret: true,
		Settings: []Setting{
			{Name: bitrix24Member, Kind: KindText, Topic: TopicConnection,
				Label: web.Say("member_id портала", "The portal's member_id"), Hint: otherPortalsRefused},
			portalSetting(otherPortalsRefused),
		},
		Authenticate: authenticateBitrix24,
		Parse:        parseBitrix24,
		Setup: func(a Address) Setup {
			return Setup{URL: a.Hook(), Steps: []Step{
				enter(a.Hook(), "«Разработчикам → Другое → Исходящий вебхук»: вставьте адрес обработчика.",
					"Under Developer resources > Other > Outgoing webhook, paste the URL as the handler."),
				enter(bitrix24CallEvents, "Выберите события звонков:", "Select the events of calls:"),
				note("Секрет источника — токен приложения (application_token), который Битрикс24 покажет там же.",
					"The secret of this source is the application token (application_token), which Bitrix24 shows there."),
			}}
		},
	}
}

var otherPortalsRefused = web.Say("Если указан, события других порталов отклоняются.",
	"When set, events of other portals are refused.")

const bitrix24Member = "member_id"

// The events that an administrator selects for an outgoing webhook: those of calls, and those of records that are
// synced.
const (
	bitrix24CallEvents   = "ONVOXIMPLANTCALLINIT, ONVOXIMPLANTCALLSTART, ONVOXIMPLANTCALLEND, ONEXTERNALCALLSTART"
	bitrix24RecordEvents = "ONCRMLEADADD, ONCRMLEADUPDATE, ONCRMLEADDELETE, " +
		"ONCRMCONTACTADD, ONCRMCONTACTUPDATE, ONCRMCONTACTDELETE, " +
		"ONCRMCOMPANYADD, ONCRMCOMPANYUPDATE, ONCRMCOMPANYDELETE"
)

func authenticateBitrix24(req *Request, valid secrets.Set) error {
	f := req.Form
	token := f.Raw("auth[application_token]")
	switch {
	case token == "":
		return fault.Unauthorised("token_missing")
	case !valid.Has(token):
		return fault.Unauthorised("wrong_token")
	case isOtherPortal(req.Setting(bitrix24Member), f.Text("auth[member_id]")),
		isOtherPortal(req.Setting(bitrix24Portal), f.Text("auth[domain]")):
		return fault.Unauthorised("wrong_portal")
	}
	return nil
}

// isOtherPortal reports whether an event names another portal than ours; any may send events where ours is "".
func isOtherPortal(ours, named string) bool { return ours != "" && !strings.EqualFold(ours, named) }

func parseBitrix24(req *Request) (Parsed, error) {
	f := req.Form
	event := strings.ToUpper(f.Need("event"))
	var e calls.Event
	switch {
	case event == "":
		return Parsed{}, f.Fault()
	case event == "ONVOXIMPLANTCALLINIT":
		e = bitrix24Init(f)
	case event == "ONVOXIMPLANTCALLSTART":
		agent := bitrix24User(f.Single("data[USER_ID]"))
		e = calls.Event{Kind: calls.Answered, Agent: agent, At: f.Moment("ts"), Duration: -1}
	case event == "ONVOXIMPLANTCALLEND":
		e = bitrix24End(f)
	case event == "ONEXTERNALCALLSTART":
		e = calls.Event{
			Kind:      calls.Ringing,
			Direction: rules.Out,
			Agent:     bitrix24User(f.Single("data[USER_ID]")),
			Number:    f.First("data[PHONE_NUMBER_INTERNATIONAL]", "data[PHONE_NUMBER]"),
			Line:      f.Text("data[LINE_NUMBER]"),
			At:        f.Moment("ts"),
			Duration:  -1,
		}
	default:
		return bitrix24Other(event, f), nil
	}
	e.CallID = f.Need("data[CALL_ID]")
	return Parsed{Events: []calls.Event{e}}, f.Fault()
}

// bitrix24Init reads the beginning of a call. The client is in CALLER_ID of incoming calls, in PHONE_NUMBER of the
// others, and always in CALLER_ID where a telephony application registered the call. The agent is not named here.
func bitrix24Init(f *Form) calls.Event {
	callType, id := f.Single("data[CALL_TYPE]"), f.Text("data[CALL_ID]")
	caller, called := f.Text("data[CALLER_ID]"), f.Text("data[PHONE_NUMBER]")
	e := calls.Event{Kind: calls.Ringing, Direction: bitrix24Direction(callType), At: f.Moment("ts"), Duration: -1}
	switch {
	case f.Has("data[REST_APP_ID]") || strings.HasPrefix(id, externalCall):
		e.Number, e.Line = caller, f.Text("data[ACCOUNT_SEARCH_ID]")
	case e.Direction == rules.In:
		e.Number, e.Line = caller, called
	default:
		e.Number, e.Line = called, caller
	}
	return e
}

// externalCall begins the ids of calls that an application registered.
const externalCall = "externalCall."

// IsExternalCall reports whether a Bitrix24 call id is of a call that an application registered, such as ours.
func IsExternalCall(callID string) bool { return strings.HasPrefix(callID, externalCall) }

// bitrix24Direction maps CALL_TYPE: 2 and 3 come from outside; 1 is dialled by a user, 4 is a callback, 5 an info call.
func bitrix24Direction(callType string) rules.Direction {
	switch callType {
	case "1", "4", "5":
		return rules.Out
	case "2", "3":
		return rules.In
	}
	return ""
}

// bitrix24End reads the end of a call. PHONE_NUMBER is the client in both directions here.
func bitrix24End(f *Form) calls.Event {
	e := calls.Event{
		Kind:      calls.Summary,
		Direction: bitrix24Direction(f.Text("data[CALL_TYPE]")),
		Number:    f.Text("data[PHONE_NUMBER]"),
		Line:      f.Text("data[PORTAL_NUMBER]"),
		Agent:     bitrix24User(f.Text("data[PORTAL_USER_ID]")),
		At:        f.Moment("ts"),
		Duration:  f.Seconds("data[CALL_DURATION]"),
		Result:    bitrix24Result(f.Text("data[CALL_FAILED_CODE]")),
	}
	if start := f.Moment("data[CALL_START_DATE]"); !start.IsZero() {
		e.At = start.Add(max(e.Duration, 0)) // ts is when the event was sent, which may be later
	}
	return e
}

// bitrix24User returns a user's id; 0 is no user.
func bitrix24User(id string) string {
	if id == "0" {
		return ""
	}
	return id
}

// bitrix24Result maps CALL_FAILED_CODE, which follows SIP with exceptions: 304 is a missed call, 603-S one that the
// caller cancelled.
func bitrix24Result(code string) calls.Result {
	switch strings.ToUpper(code) {
	case "":
		return ""
	case "200":
		return calls.ResultAnswered
	case "304", "480":
		return calls.ResultMissed
	case "486", "603":
		return calls.ResultBusy
	case "603-S":
		return calls.ResultCancelled
	}
	return calls.ResultFailed // 402, 403, 404, 423, 484, 503, OTHER
}

// bitrix24Other reads events that are no calls: they are noted in the log.
func bitrix24Other(event string, f *Form) Parsed {
	if kind, action := bitrix24Change(event); action != "" {
		return Parsed{Note: "crm change: " + strings.ToLower(kind+" "+f.Text("data[FIELDS][ID]")+" "+action)}
	}
	switch event {
	case "ONEXTERNALCALLBACKSTART":
		return Parsed{Note: "a visitor asks to be called back"}
	case "ONAPPINSTALL", "ONAPPUPDATE", "ONAPPUNINSTALL", "ONAPPTEST":
		return Parsed{Note: "application: " + strings.ToLower(strings.TrimPrefix(event, "ONAPP"))}
	}
	return Parsed{Ignored: event}
}
