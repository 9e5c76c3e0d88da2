package dialects

import (
	"strings"

	"callhue/calls"
)

// causes are why calls end, in the words and numbers of Q.850, FreeSWITCH, Zammad, Asterisk's DIALSTATUS and SIP,
// without signs between the words. A normal end tells nothing about an answer: an earlier event has it.
var causes = map[string]calls.Result{
	"answer": calls.ResultAnswered, "answered": calls.ResultAnswered, "completed": calls.ResultAnswered,
	"success": calls.ResultAnswered,

	"normalclearing": "", "16": "", "200": "", "none": "", "unspecified": "", "normalunspecified": "", "31": "",
	"forwarded": "", "callforwarded": "",
	"blindtransfer": "", "attendedtransfer": "", "managerrequest": "", "mediatimeout": "",

	"busy": calls.ResultBusy, "userbusy": calls.ResultBusy, "17": calls.ResultBusy, "486": calls.ResultBusy,
	"600": calls.ResultBusy, "callrejected": calls.ResultBusy, "rejected": calls.ResultBusy,
	"declined": calls.ResultBusy, "21": calls.ResultBusy, "603": calls.ResultBusy,

	"noanswer": calls.ResultMissed, "missed": calls.ResultMissed, "nouserresponse": calls.ResultMissed,
	"18": calls.ResultMissed, "19": calls.ResultMissed, "408": calls.ResultMissed, "480": calls.ResultMissed,
	"subscriberabsent": calls.ResultMissed, "20": calls.ResultMissed, "usernotregistered": calls.ResultMissed,
	"allottedtimeout": calls.ResultMissed, "progresstimeout": calls.ResultMissed, "timeout": calls.ResultMissed,
	"voicemail": calls.ResultMissed,

	"cancel": calls.ResultCancelled, "canceled": calls.ResultCancelled, "cancelled": calls.ResultCancelled,
	"originatorcancel": calls.ResultCancelled, "487": calls.ResultCancelled, "abandoned": calls.ResultCancelled,
}

// elsewhere are the causes of a leg whose call goes on at another one.
var elsewhere = map[string]bool{"loserace": true, "pickedoff": true, "answeredelsewhere": true, "26": true}

// causeWord returns a cause as causes and elsewhere spell it.
func causeWord(text string) string {
	return strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(text))
}

// resultOfCause maps why a call ended; unknown causes are failures, as most are, and "" tells nothing.
func resultOfCause(text string) calls.Result {
	word := causeWord(text)
	if word == "" || elsewhere[word] {
		return ""
	}
	if result, known := causes[word]; known {
		return result
	}
	return calls.ResultFailed
}

// goesOn reports whether a leg ended because another one has the call.
func goesOn(cause string) bool { return elsewhere[causeWord(cause)] }

// isVoicemail reports whether the name of who answered is that of a machine.
func isVoicemail(name string) bool {
	switch causeWord(name) {
	case "voicemail", "mailbox", "voicebox", "answeringmachine", "anrufbeantworter", "автоответчик", "голосоваяпочта":
		return true
	}
	return false
}

// people returns the names without those of machines.
func people(names []string) []string {
	var list []string
	for _, name := range names {
		if !isVoicemail(name) {
			list = append(list, name)
		}
	}
	return list
}
