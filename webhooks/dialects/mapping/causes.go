package mapping

import (
	"strings"

	"callhue/calls"
)

// causesByResult are the hangup causes of FreeSWITCH and Q.850 by what they mean for a call. A normal clearing tells
// nothing: whether the call was answered is known from earlier events. Causes with which only one telephone stops
// ringing, or with which the call goes on elsewhere, tell nothing either.
var causesByResult = map[calls.Result]string{
	"": `NORMAL_CLEARING 16 NORMAL_UNSPECIFIED 31 SUCCESS NONE LOSE_RACE 26 PICKED_OFF BLIND_TRANSFER ATTENDED_TRANSFER
		REDIRECTION_TO_NEW_DESTINATION 23 BOWOUT`,
	calls.ResultBusy: `USER_BUSY 17 BUSY_EVERYWHERE CALL_REJECTED 21 DECLINE`,
	calls.ResultMissed: `NO_ANSWER 19 NO_USER_RESPONSE 18 ALLOTTED_TIMEOUT PROGRESS_TIMEOUT RECOVERY_ON_TIMER_EXPIRE 102
		NO_PICKUP SUBSCRIBER_ABSENT 20 USER_NOT_REGISTERED`,
	calls.ResultCancelled: `ORIGINATOR_CANCEL 487`,
}

// causes returns the map named "causes". A cause that is in neither list tells nothing.
func causes() map[string]string {
	words := map[string]string{}
	for result, names := range causesByResult {
		for _, name := range strings.Fields(strings.ToLower(names)) {
			words[name] = string(result)
		}
	}
	for _, name := range strings.Fields(failures) {
		words[strings.ToLower(name)] = string(calls.ResultFailed)
	}
	return words
}

// ResultOf returns what a hangup cause of FreeSWITCH or Q.850, by its name or number, means for a call; "" when it
// tells nothing.
func ResultOf(cause string) calls.Result { return calls.Result(causes()[strings.ToLower(cause)]) }

const failures = `UNALLOCATED_NUMBER 1 NO_ROUTE_TRANSIT_NET 2 NO_ROUTE_DESTINATION 3 CHANNEL_UNACCEPTABLE 6
	INVALID_NUMBER_FORMAT 28 FACILITY_REJECTED 29 NORMAL_CIRCUIT_CONGESTION 34 NETWORK_OUT_OF_ORDER 38
	NORMAL_TEMPORARY_FAILURE 41 SWITCH_CONGESTION 42 REQUESTED_CHAN_UNAVAIL 44 FACILITY_NOT_SUBSCRIBED 50
	OUTGOING_CALL_BARRED 52 INCOMING_CALL_BARRED 54 BEARERCAPABILITY_NOTAUTH 57 BEARERCAPABILITY_NOTAVAIL 58
	SERVICE_UNAVAILABLE 63 FACILITY_NOT_IMPLEMENTED 69 SERVICE_NOT_IMPLEMENTED 79 INCOMPATIBLE_DESTINATION 88
	DESTINATION_OUT_OF_ORDER 27 INTERWORKING 127 GATEWAY_DOWN INVALID_GATEWAY MEDIA_TIMEOUT CRASH INVALID_PROFILE
	NOT_ALLOWED_BY_IYS`
