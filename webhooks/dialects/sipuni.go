package dialects

import (
	"net/http"
	"strings"
	"unicode"

	"callhue/calls"
	"callhue/internal/web"
	"callhue/rules"
	"callhue/webhooks/ami"
)

// sipuni is Sipuni's language: a query or a form, with the secret in the path. Sipuni may stop sending when the answer is
// not {"success":true}.
func sipuni() Dialect {
	return Dialect{
		Name:         "sipuni",
		Title:        web.Say("Sipuni", "Sipuni"),
		Authenticate: authenticateByPath,
		Parse:        parseSipuni,
		Reply:        func(*Request, Parsed, Result) Reply { return JSONReply(sipuniReply{true}) },
		Refusal:      refusalSipuni,
		Setup: func(a Address) Setup {
			return Setup{URL: a.Hook(a.Secret), Steps: []Step{
				enter(a.Hook(a.Secret), "«Настройки → Интеграция → API, события звонков»: вставьте адрес.",
					"Under Settings > Integration > API, call events, paste the URL."),
				secretInURL,
			}}
		},
	}
}

type sipuniReply struct {
	Success bool `json:"success"`
}

// refusalSipuni keeps Sipuni sending when one event of a known sender cannot be read, comes too fast or fails here: the
// source's log shows it.
func refusalSipuni(status int) Reply {
	unreadable, tooFast := status == http.StatusUnprocessableEntity, status == http.StatusTooManyRequests
	if unreadable || tooFast || status >= 500 {
		return JSONReply(sipuniReply{true})
	}
	return Reply{}
}

// parseSipuni reads an event: 1 is a call, 3 an answer, 2 the end of the call, 4 the end of one leg.
func parseSipuni(req *Request) (Parsed, error) {
	f := req.Form
	e := calls.Event{CallID: f.Need("call_id"), At: f.Moment("timestamp"), Duration: -1}
	aliases := sipuniParties(f, &e)
	switch event := f.Need("event"); event {
	case "1":
		e.Kind = calls.Ringing
	case "3":
		if e.Kind = calls.Answered; e.Agent == "" && e.Line != "" && e.Line == f.First("short_dst_num", "dst_num") {
			return Parsed{Note: "answered by the menu"}, f.Fault()
		}
	case "4":
		if e.Kind = calls.Ended; e.Agent == "" {
			return Parsed{Note: "a leg of nobody's ended"}, f.Fault()
		}
	case "2":
		e.Kind, e.Result, e.Recording = calls.Summary, ami.ResultOf(f.Text("status")), f.Link("call_record_link")
		answered := f.Moment("call_answer_timestamp")
		if !answered.IsZero() && !e.At.Before(answered) && e.Result == calls.ResultAnswered {
			e.Duration = e.At.Sub(answered)
		}
	case "":
		return Parsed{}, f.Fault()
	default:
		return Parsed{Ignored: event}, nil
	}
	return Parsed{Events: []calls.Event{e}, Aliases: aliases}, f.Fault()
}

// sipuniParties sets agent, number and line and returns the agent's aliases. The documentation of src_type and dst_type
// contradicts itself, so the length decides: fewer than seven digits are an extension. dst_num may have the account
// before the extension; short_dst_num has not.
func sipuniParties(f *Form, e *calls.Event) map[string][]string {
	from, to := f.First("short_src_num", "src_num"), f.First("short_dst_num", "dst_num")
	switch ours, theirs := isSipuniExtension(from), isSipuniExtension(to); {
	case ours && theirs:
		e.Direction, e.Agent, e.Number = rules.Out, from, to // a colleague
	case ours:
		e.Direction, e.Agent, e.Number = rules.Out, from, to
		return aliasesOf(from, f.Text("src_num"), f.Text("user_id"))
	case theirs:
		e.Direction, e.Agent, e.Number, e.Line = rules.In, to, from, f.Text("pbxdstnum")
		return aliasesOf(to, f.Text("dst_num"), f.Text("user_id"))
	default:
		e.Direction, e.Number, e.Line = rules.In, from, f.First("pbxdstnum", "dst_num") // no telephone rings yet
	}
	return nil
}

func isSipuniExtension(text string) bool {
	return text != "" && len(text) < 7 && !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsDigit(r) })
}
