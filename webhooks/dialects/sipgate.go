package dialects

import (
	"cmp"
	"encoding/xml"

	"callhue/calls"
	"callhue/internal/web"
)

// sipgate is the push language of sipgate.io: forms, with the secret in the path. The events answer and hangup are sent
// only to the addresses that the reply to newCall names.
func sipgate() Dialect {
	return Dialect{
		Name:         "sipgate",
		Title:        web.Say("sipgate.io", "sipgate.io"),
		Settings:     []Setting{rejectSetting},
		Authenticate: authenticateByPath,
		Parse:        parseSipgate,
		Reply:        replySipgate,
		Setup: func(a Address) Setup {
			return Setup{URL: a.Hook(a.Secret), Steps: []Step{
				enter(a.Hook(a.Secret),
					"«Administration → Webhooks (sipgate.io)»: вставьте адрес для входящих и для исходящих звонков.",
					"Under Administration > Webhooks (sipgate.io), paste the URL for incoming and for outgoing calls."),
				secretInURL,
			}}
		},
	}
}

// parseSipgate reads an event. user is the person's name, userId (w0) and fullUserId (1000000w0) name the telephone;
// they are lists on newCall, single on answer. A forwarded call has a new callId, and the old one in origCallId.
func parseSipgate(req *Request) (Parsed, error) {
	f := req.Form
	e := calls.Event{CallID: f.Need("callId"), Duration: -1}
	switch event := f.Need("event"); event {
	case "newCall":
		zammadParties(f, &e)
		e.Kind = calls.Ringing
		fullIDs, ids := f.All("fullUserId"), f.All("userId")
		aliases := func(n int) []string { return append(nth(fullIDs, n), nth(ids, n)...) }
		parsed := ringEach(e, people(f.All("user")), aliases)
		if f.Has("origCallId") {
			parsed.Note = "passed on from call " + f.Text("origCallId")
		}
		return parsed, f.Fault()
	case "answer":
		zammadParties(f, &e)
		number := answeredAt(f, e.Direction)
		e.Kind, e.Agent = calls.Answered, cmp.Or(f.First("user", "fullUserId", "userId"), number)
		parsed := zammadAnswer(f, e, e.Agent, number)
		if parsed.Aliases != nil {
			parsed.Aliases = aliasesOf(e.Agent, f.Text("fullUserId"), f.Text("userId"), number)
		}
		return parsed, f.Fault()
	case "hangup":
		zammadParties(f, &e)
		return zammadHangup(f, e), f.Fault()
	case "":
		return Parsed{}, f.Fault()
	default:
		return Parsed{Ignored: event}, nil // dtmf
	}
}

// nth returns the element at n by itself; nil when there is none.
func nth(list []string, n int) []string {
	if n >= len(list) {
		return nil
	}
	return list[n : n+1]
}

// replySipgate asks for the further events of a new call, and may reject it. Replies to those events are not read.
func replySipgate(req *Request, _ Parsed, result Result) Reply {
	type reject struct {
		Reason string `xml:"reason,attr"`
	}
	reply := struct {
		XMLName  xml.Name `xml:"Response"`
		OnAnswer string   `xml:"onAnswer,attr,omitempty"`
		OnHangup string   `xml:"onHangup,attr,omitempty"`
		Reject   *reject  // nil lets it ring
	}{}
	if req.Form.Text("event") == "newCall" {
		reply.OnAnswer = req.URL()
		reply.OnHangup = reply.OnAnswer
	}
	if rejects(req, result) {
		reply.Reject = &reject{"busy"}
	}
	document, err := xml.Marshal(reply)
	if err != nil {
		panic("dialects: a reply that is no XML: " + err.Error())
	}
	return xmlReply(string(document))
}
