package mapping

import (
	"strings"

	"callhue/calls"
)

// unansweredWords are why a telephone rang in vain, in the words and numbers of Q.850, FreeSWITCH, Asterisk's
// DIALSTATUS and SIP, without signs between the words.
var unansweredWords = map[calls.Unanswered]string{
	calls.UnansweredBusy:     `busy userbusy busyeverywhere 17 486 600`,
	calls.UnansweredDeclined: `declined decline rejected callrejected callreject userrejected 21 603`,
	calls.UnansweredUnreachable: `usernotregistered notregistered subscriberabsent absent offline unreachable
		chanunavail nouserresponse 18 20 27 408 destinationoutoforder recoveryontimerexpire`,
	calls.UnansweredElsewhere: `loserace pickedoff answeredelsewhere 26`,
	calls.UnansweredMissed: `noanswer missed nopickup 19 allottedtimeout progresstimeout timeout cancel canceled
		cancelled originatorcancel 487 abandoned`,
}

// UnansweredOf returns why a telephone rang in vain by the cause with which it ended; "" when the cause tells nothing.
func UnansweredOf(cause string) calls.Unanswered {
	word := strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(cause))
	if word == "" {
		return ""
	}
	for reason, words := range unansweredWords {
		for _, one := range strings.Fields(words) {
			if one == word {
				return reason
			}
		}
	}
	return ""
}
