package ami

import (
	"strings"

	"callhue/calls"
)

// ResultOf maps Asterisk's DIALSTATUS, which other PBXs use too.
func ResultOf(status string) calls.Result {
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
	return calls.ResultFailed // CONGESTION, CHANUNAVAIL, ABORT
}

func unlessAnswered(r calls.Result) calls.Result {
	if r == calls.ResultAnswered {
		return ""
	}
	return r
}

// causes are the hang-up causes of Q.850 that say why a channel was not answered. DIALSTATUS says less: a number that
// does not exist is NOANSWER there. The others, such as normal clearing and answered elsewhere, say nothing.
var causes = map[string]calls.Result{
	"1":  calls.ResultFailed, // no such number
	"2":  calls.ResultFailed, // no route
	"3":  calls.ResultFailed, // no route
	"17": calls.ResultBusy,
	"18": calls.ResultMissed, // no response
	"19": calls.ResultMissed, // no answer
	"20": calls.ResultFailed, // not registered
	"21": calls.ResultMissed, // declined
	"22": calls.ResultFailed, // the number was changed
	"27": calls.ResultFailed, // out of order
	"28": calls.ResultFailed, // incomplete number
	"34": calls.ResultFailed, // no line is free
	// the network
	"38": calls.ResultFailed, "41": calls.ResultFailed, "42": calls.ResultFailed, "44": calls.ResultFailed,
	// not allowed, incompatible
	"50": calls.ResultFailed, "57": calls.ResultFailed, "58": calls.ResultFailed, "65": calls.ResultFailed,
	"88":  calls.ResultFailed,
	"102": calls.ResultFailed, // timed out
}

func resultOfCause(cause string) calls.Result { return causes[cause] }

// reasons are the hang-up causes that say why a telephone of ours rang in vain. Normal clearing says nothing.
var reasons = map[string]calls.Unanswered{
	"17": calls.UnansweredBusy,
	"18": calls.UnansweredUnreachable, // it does not respond
	"19": calls.UnansweredMissed,
	"20": calls.UnansweredUnreachable, // not registered
	"21": calls.UnansweredDeclined,
	"26": calls.UnansweredElsewhere,
	"27": calls.UnansweredUnreachable, // out of order
}

func unansweredOfCause(cause string) calls.Unanswered { return reasons[cause] }

// unansweredOf maps the DIALSTATUS of one telephone.
func unansweredOf(status string) calls.Unanswered {
	switch strings.ToUpper(status) {
	case "BUSY":
		return calls.UnansweredBusy
	case "NOANSWER":
		return calls.UnansweredMissed
	case "CHANUNAVAIL", "CONGESTION":
		return calls.UnansweredUnreachable
	}
	return ""
}
