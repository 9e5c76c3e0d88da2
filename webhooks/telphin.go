package webhooks

import (
	"strconv"
	"strings"
	"time"

	"callhue/calls"
	"callhue/rules"
)

// telphin is the language of Telphin's RingMe API: a query or a form for each
// event of an extension, the secret in the path. The spelling of the names is
// not sure: they are read in any case.
func telphin() Dialect {
	return Dialect{
		Name:       "telphin",
		Title:      "Telphin (RingMe API)",
		Settings:   nameSettings[:],
		prove:      byPath,
		understand: understandTelphin,
		paste: func(p Address) Paste {
			return Paste{URL: p.Hook(p.Secret), Lines: []string{
				"Extensions > each employee > API events: the URL for dial-in, dial-out, answer and hangup; or POST it to /api/ver1.0/extension/{id}/event/.",
				"The secret is a part of the URL: use https.",
			}}
		},
	}
}

// understandTelphin reads an event of one extension: CallID is the call,
// SubCallID its leg at this extension.
func understandTelphin(q *Query) (Heard, error) {
	f := q.Form.AnyCase()
	e := calls.Event{CallID: f.Need("callid"), Leg: f.Single("subcallid"), At: telphinMoment(f, "eventtime"), Duration: -1}
	switch event := strings.ToLower(f.Need("eventtype")); event {
	case "dial-in", "dial-out":
		e.Kind = calls.Ringing
	case "answer":
		e.Kind = calls.Answered
	case "hangup":
		e.Kind, e.Result = calls.Ended, asteriskResult(f.Text("callstatus"))
		if e.Result == calls.ResultAnswered {
			e.Duration = telphinSpan(f, "bridgedduration", "duration")
		}
	case "":
		return Heard{}, f.Fault()
	default:
		return Heard{Ignored: event}, nil
	}
	telphinParties(f, &e)
	return Heard{Events: []calls.Event{e}}, f.Fault()
}

func telphinParties(f *Form, e *calls.Event) {
	caller, called := telphinExtension(f.Text("callerextension")), telphinExtension(f.Text("calledextension"))
	switch strings.ToLower(f.Text("callflow")) {
	case "in":
		e.Direction, e.Agent, e.Number, e.Line = rules.In, called, f.First("calleridnum", "remotenumber"), f.Text("calleddid")
	case "out":
		e.Direction, e.Agent, e.Number = rules.Out, caller, f.First("callednumber", "remotenumber")
		if called != "" {
			e.Number = called // a colleague's extension, with the account before it
		}
	case "":
		e.Agent, e.Number = called, f.Text("remotenumber")
		if called == "" {
			e.Agent = caller
		}
	default:
		f.Refuse("callflow", "unknown_value")
	}
}

// telphinExtension takes the extension out of "0000*101@sipproxy.example".
func telphinExtension(text string) string {
	text, _, _ = strings.Cut(text, "@")
	if _, extension, found := strings.Cut(text, "*"); found {
		return extension
	}
	return text
}

// telphinMoment reads microseconds since 1970.
func telphinMoment(f *Form, name string) time.Time {
	micros, ok := telphinMicros(f, name)
	if !ok {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}

// telphinSpan reads microseconds of the first field that is there.
func telphinSpan(f *Form, names ...string) time.Duration {
	for _, name := range names {
		if micros, ok := telphinMicros(f, name); ok && micros <= maxSeconds*1e6 {
			return time.Duration(micros) * time.Microsecond
		}
	}
	return -1
}

func telphinMicros(f *Form, name string) (int64, bool) {
	text := f.Single(name)
	if text == "" {
		return 0, false
	}
	micros, err := strconv.ParseInt(text, 10, 64)
	if err != nil || micros < 0 || micros > 1<<53 {
		f.Refuse(name, "wrong_type")
		return 0, false
	}
	return micros, true
}

// asteriskResult maps Asterisk's DIALSTATUS, which several PBXs pass on.
func asteriskResult(status string) calls.Result {
	switch strings.ToUpper(status) {
	case "":
		return ""
	case "ANSWER", "ANSWERED":
		return calls.ResultAnswered
	case "BUSY":
		return calls.ResultBusy
	case "NOANSWER":
		return calls.ResultMissed
	case "CANCEL":
		return calls.ResultCancelled
	}
	return calls.ResultFailed // CONGESTION, CHANUNAVAIL
}
