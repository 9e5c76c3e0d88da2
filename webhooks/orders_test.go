package webhooks

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"callhue/internal/secrets"
	"callhue/internal/store"
	"callhue/webhooks/sources"
)

const formType = "application/x-www-form-urlencoded"

// story is one whole call as a PBX reports it: {id} stands for its id. Ivanov has the
// telephone 101, Petrov 102; the client is Ivanov's.
type story struct {
	why    string
	draft  sources.NewSource
	common string   // fields of each event
	events []string // in the order in which it happened; rung are those that ring
	rung   int      // how many of them only begin the call
	want   outcomeOfCall
	short  string // the cards when its ringing was not reported; "" where the call is not known without
}

// tell posts an event as the PBX of a story would.
func (h *app) tell(s *story, id, event string) (int, string) {
	h.t.Helper()
	if s.common != "" {
		event += "&" + s.common
	}
	event = strings.ReplaceAll(event, "{id}", id)
	secret, path, body := s.draft.Secret, "/hooks/"+s.draft.Name, event
	form, err := url.ParseQuery(body)
	if err != nil {
		h.t.Fatal(err)
	}
	switch s.draft.Dialect {
	case "generic":
		return h.post(path, "application/json", event, secrets.SignatureHeader, signature(secret, h.now, event))
	case "uis":
		return h.post(path+"/"+secret, "application/json", event)
	case "mango":
		end, text, _ := strings.Cut(event, " ")
		signed := url.Values{"vpbx_api_key": {"KEY"}, "json": {text}, "sign": {mangoSign("KEY", text, secret)}}
		return h.post(path+"/events/"+end, formType, signed.Encode())
	case "zadarma":
		return h.post(path, formType, body, "Signature", zadarmaSign(secret, zadarmaSigned(form)))
	case "placetel":
		return h.post(path, formType, body, "X-PLACETEL-SIGNATURE", placetelSign(secret, body))
	case "twilio":
		return h.post(path, formType, body, "X-Twilio-Signature", twilioSign(secret, "https://callhue.example"+path, form))
	case "bitrix24", "itoolabs":
		return h.post(path, formType, body)
	}
	return h.post(path+"/"+secret, formType, body)
}

// play sends a story under an id of its own and returns what became of the call.
func (h *app) play(s *story, id string, events []string) outcomeOfCall {
	h.t.Helper()
	for _, e := range events {
		h.now = h.now.Add(2 * time.Second)
		if status, said := h.tell(s, id, e); status != 200 {
			h.t.Fatalf("%s: %s: %d %s", s.why, e, status, said)
		}
	}
	o := h.call(s.draft.Name, id)
	if s.want.Duration < 0 {
		o.Duration = s.want.Duration // the PBX does not say it, and the times of arrival are other ones each time
	}
	return o
}

// TestNoOrderMatters: whatever the order in which events arrive, and how often, the call
// ends as it happened, also without its beginning.
func TestNoOrderMatters(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		h := realApp(t, db)
		for n, s := range stories() {
			if _, err := h.sources.Find(ctx, s.draft.Name); err != nil {
				h.add(s.draft)
			}
			reversed, often := slices.Clone(s.events), []string{}
			slices.Reverse(reversed)
			for _, e := range s.events {
				often = append(often, slices.Repeat([]string{e}, 10)...)
			}
			whole := slices.Concat(s.events, s.events)
			for how, events := range map[string][]string{"as it happened": s.events, "reversed": reversed, "ten times": often, "and again from the start": whole} {
				if diff := cmp.Diff(s.want, h.play(&s, itoa(int64(n))+strings.ReplaceAll(how, " ", "-"), events)); diff != "" {
					t.Errorf("%s: %s, %s (-want +got):\n%s", s.draft.Dialect, s.why, how, diff)
				}
			}
			if s.short == "" {
				continue
			}
			want := s.want
			want.Cards = s.short
			if diff := cmp.Diff(want, h.play(&s, itoa(int64(n))+"unheard", s.events[s.rung:])); diff != "" {
				t.Errorf("%s: %s, without its beginning (-want +got):\n%s", s.draft.Dialect, s.why, diff)
			}
		}
	})
}

// mangoEvent is an event of Mango's on a leg of {id}.
func mangoEvent(leg, state string, from, to map[string]string, more ...any) string {
	fields := map[string]any{"entry_id": "{id}", "call_id": leg, "timestamp": noon.Unix(), "call_state": state, "location": "abonent", "from": from, "to": to}
	for i := 0; i < len(more); i += 2 {
		fields[more[i].(string)] = more[i+1]
	}
	text, err := json.Marshal(fields)
	if err != nil {
		panic(err)
	}
	return "call " + string(text)
}

func stories() []story {
	const (
		client = "74950000011"
		line   = "74950000001"
	)
	of := func(dialect string, settings ...string) sources.NewSource {
		d := sources.NewSource{Name: "story-" + dialect, Dialect: dialect, Secret: "SECRET-of-story-" + dialect}
		for i := 0; i < len(settings); i += 2 {
			d.Settings = map[string]string{settings[i]: settings[i+1]}
		}
		return d
	}
	in := func(duration int64, cards string) outcomeOfCall {
		return outcomeOfCall{"in", "ended", "answered", duration, line, cards}
	}
	const group, one = "101 none ended, 102 red ended", "102 red ended"
	agent, outside := map[string]string{"extension": "102"}, map[string]string{"number": client}
	taken := func(party map[string]string, leg string) map[string]string {
		return map[string]string{"extension": party["extension"], "number": party["number"], "taken_from_call_id": leg}
	}
	const mangoTold = `summary {"entry_id":"{id}","create_time":1773306900,"talk_time":1773306923,"end_time":1773306965,"entry_result":1,"disconnect_reason":1110,`
	return []story{
		{"a group is rung, one answers", of("itoolabs"), "phone=" + client + "&diversion=" + line + "&callid={id}&crm_token=SECRET-of-story-itoolabs", []string{
			"cmd=event&type=INCOMING&user=101", "cmd=event&type=INCOMING&user=102", "cmd=event&type=ACCEPTED&user=102", "cmd=event&type=CANCELLED&user=101",
			"cmd=event&type=COMPLETED&user=102", "cmd=history&type=in&user=102&duration=42&status=Success"}, 2, in(42, group), group},
		{"a group is rung, one answers", of("mango"), "", []string{
			mangoEvent("L1", "Appeared", outside, map[string]string{"line_number": line}, "location", "ivr"),
			mangoEvent("L2", "Appeared", outside, map[string]string{"extension": "101", "line_number": line}), mangoEvent("L3", "Appeared", outside, agent),
			mangoEvent("L3", "Connected", outside, agent), mangoEvent("L2", "Disconnected", outside, map[string]string{"extension": "101"}, "disconnect_reason", 1110),
			mangoEvent("L3", "Disconnected", outside, agent, "disconnect_reason", 1110),
			mangoTold + `"call_direction":1,"from":{"number":"` + client + `"},"to":{"extension":"102"},"line_number":"` + line + `"}`}, 3, in(42, group), group},
		{"click-to-call: the agent's telephone first", of("mango"), "", []string{
			mangoEvent("L1", "Appeared", outside, agent, "command_id", "c"), mangoEvent("L1", "Connected", outside, agent, "command_id", "c"),
			mangoEvent("L1", "Disconnected", outside, agent, "command_id", "c", "disconnect_reason", "1000"),
			mangoEvent("L2", "Appeared", taken(agent, "L1"), outside, "command_id", "c"), mangoEvent("L2", "Connected", taken(agent, "L1"), outside, "command_id", "c"),
			mangoEvent("L2", "Disconnected", taken(agent, "L1"), outside, "command_id", "c", "disconnect_reason", "1120"),
			mangoTold + `"call_direction":2,"from":{"extension":"102"},"to":{"number":"` + client + `"},"line_number":"` + line + `"}`}, 4,
			outcomeOfCall{"out", "ended", "answered", 42, line, one}, one},
		{"a colleague is asked and takes over", of("mango"), "", []string{
			mangoEvent("L1", "Appeared", outside, agent), mangoEvent("L1", "Connected", outside, agent),
			mangoEvent("L2", "Appeared", taken(agent, "L1"), map[string]string{"extension": "101"}), mangoEvent("L2", "Connected", taken(agent, "L1"), map[string]string{"extension": "101"}),
			mangoEvent("L1", "Disconnected", outside, agent, "disconnect_reason", "1120"),
			mangoEvent("L2", "Connected", taken(outside, "L1"), map[string]string{"extension": "101"}),
			mangoEvent("L2", "Disconnected", taken(outside, "L1"), map[string]string{"extension": "101"}, "disconnect_reason", "1110"),
			mangoTold + `"call_direction":1,"from":{"number":"` + client + `"},"to":{"extension":"101"},"line_number":"` + line + `"}`}, 1, in(42, group), group},
		{"a group is rung, one answers", of("zadarma", "timezone", "UTC"), "pbx_call_id={id}&caller_id=" + client + "&called_did=" + line + "&call_start=2026-03-12+09:16:04", []string{
			"event=NOTIFY_START", "event=NOTIFY_INTERNAL&internal=101", "event=NOTIFY_INTERNAL&internal=102", "event=NOTIFY_ANSWER&internal=102&destination=102",
			"event=NOTIFY_END&internal=102&duration=42&disposition=answered", "event=NOTIFY_RECORD&call_id_with_rec=rec-1"}, 3, in(42, group), one},
		{"a group is rung, one answers", of("telphin"), "CallID={id}&CallFlow=in&CallerIDNum=" + client + "&CalledDID=" + line, []string{
			"EventType=dial-in&SubCallID=901-{id}&CalledExtension=0000*101@sip.example&EventTime=1773306960000000",
			"EventType=dial-in&SubCallID=902-{id}&CalledExtension=0000*102@sip.example&EventTime=1773306960000000",
			"EventType=answer&SubCallID=902-{id}&CalledExtension=0000*102@sip.example&EventTime=1773306962000000",
			"EventType=hangup&SubCallID=901-{id}&CalledExtension=0000*101@sip.example&CallStatus=CANCEL&EventTime=1773306962000000",
			"EventType=hangup&SubCallID=902-{id}&CalledExtension=0000*102@sip.example&CallStatus=ANSWER&Duration=42000000&EventTime=1773307004000000"}, 2, in(42, group), group},
		{"a group is rung, one answers", of("uis"), "", []string{
			`{"event":"call","direction":"in","call_session_id":"{id}","contact_phone_number":"` + client + `","virtual_phone_number":"` + line + `"}`,
			`{"event":"ringing","direction":"in","call_session_id":"{id}","contact_phone_number":"` + client + `","virtual_phone_number":"` + line + `","employee_id":101}`,
			`{"event":"ringing","direction":"in","call_session_id":"{id}","contact_phone_number":"` + client + `","virtual_phone_number":"` + line + `","employee_id":102}`,
			`{"event":"answered","direction":"in","call_session_id":"{id}","contact_phone_number":"` + client + `","virtual_phone_number":"` + line + `","employee_id":"102"}`,
			`{"event":"left","direction":"in","call_session_id":"{id}","contact_phone_number":"` + client + `","virtual_phone_number":"` + line + `","employee_id":102}`,
			`{"event":"ended","direction":"in","call_session_id":"{id}","contact_phone_number":"` + client + `","virtual_phone_number":"` + line + `","employee_id":102,"talk_time_duration":42}`,
			`{"event":"record","call_session_id":"{id}","contact_phone_number":"` + client + `","employee_id":102,"file_link":"https://rec.example/1.mp3"}`}, 3, in(42, group), one},
		{"a group is rung, one answers", of("sipuni"), "call_id={id}&src_num=" + client + "&pbxdstnum=" + line, []string{
			"event=1&short_dst_num=101&dst_num=012345101&timestamp=1773306920", "event=1&short_dst_num=102&dst_num=012345102&timestamp=1773306920",
			"event=3&short_dst_num=102&dst_num=012345102&timestamp=1773306923", "event=4&short_dst_num=101&dst_num=012345101&timestamp=1773306923",
			"event=2&short_dst_num=102&dst_num=012345102&timestamp=1773306965&status=ANSWER&call_answer_timestamp=1773306923"}, 2, in(42, group), group},
		{"a group is rung, one answers", of("zammad"), "callId={id}&direction=in&from=" + client + "&to=" + line, []string{
			"event=newCall&user[]=101&user[]=102", "event=answer&user=Petrov&answeringNumber=102", "event=hangup&cause=normalClearing"}, 1, in(-1, group), one},
		{"a group is rung, one answers", of("sipgate"), "callId={id}&direction=in&from=" + client + "&to=" + line, []string{
			"event=newCall&user[]=101&user[]=102", "event=answer&user=102&userId=w1", "event=hangup&cause=normalClearing"}, 1, in(-1, group), one},
		{"the agent dials, and nobody says who of us is on it when the client answers", of("sipgate"), "callId={id}&direction=out&from=" + line + "&to=" + client, []string{
			"event=newCall&user[]=102&userId[]=w1", "event=answer&answeringNumber=" + client, "event=hangup&cause=normalClearing"}, 1,
			outcomeOfCall{"out", "ended", "answered", -1, line, one}, ""},
		{"the telephone that rings is not told", of("placetel"), "call_id={id}&direction=in&from=" + client + "&to=" + line, []string{
			"event=IncomingCall", "event=CallAccepted&peer=102@voip.example", "event=HungUp&type=accepted&duration=42"}, 1, in(42, "102@voip.example red ended"), "102@voip.example red ended"},
		{"a browser is called through the number", of("twilio"), "From=%2B" + client + "&Timestamp=Thu,+12+Mar+2026+09:16:05+%2B0000", []string{
			"CallSid={id}&Direction=inbound&To=%2B" + line + "&CallStatus=ringing", "CallSid=CA2&ParentCallSid={id}&Direction=outbound-dial&To=client:102&CallStatus=ringing",
			"CallSid=CA2&ParentCallSid={id}&Direction=outbound-dial&To=client:102&CallStatus=in-progress",
			"CallSid=CA2&ParentCallSid={id}&Direction=outbound-dial&To=client:102&CallStatus=completed&CallDuration=42",
			"CallSid={id}&Direction=inbound&To=%2B" + line + "&CallStatus=completed&CallDuration=60"}, 2,
			outcomeOfCall{"in", "ended", "answered", 42, "+" + line, one}, one},
		{"the agent dials", of("bitrix24"), "data[CALL_ID]={id}&auth[application_token]=SECRET-of-story-bitrix24", []string{
			"event=ONVOXIMPLANTCALLINIT&data[CALL_TYPE]=1&data[PHONE_NUMBER]=%2B" + client + "&data[CALLER_ID]=" + line, "event=ONVOXIMPLANTCALLSTART&data[USER_ID]=102",
			"event=ONVOXIMPLANTCALLEND&data[CALL_TYPE]=1&data[PHONE_NUMBER]=%2B" + client + "&data[PORTAL_NUMBER]=" + line + "&data[PORTAL_USER_ID]=102&data[CALL_DURATION]=42&data[CALL_FAILED_CODE]=200"}, 1,
			outcomeOfCall{"out", "ended", "answered", 42, line, one}, one},
		{"a group is rung, one answers", of("generic"), "", []string{
			`{"event":"ringing","call_id":"{id}","direction":"in","number":"` + client + `","line":"` + line + `","agent":"101"}`,
			`{"event":"ringing","call_id":"{id}","direction":"in","number":"` + client + `","line":"` + line + `","agent":"102"}`,
			`{"event":"answered","call_id":"{id}","direction":"in","number":"` + client + `","line":"` + line + `","agent":"102"}`,
			`{"event":"ended","call_id":"{id}","direction":"in","number":"` + client + `","line":"` + line + `","duration":42,"result":"answered"}`}, 2, in(42, group), one},
	}
}
