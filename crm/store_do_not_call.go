package crm

import (
	"callhue/internal/store"
	"callhue/phone"
)

var doNotCalls = store.NewTable[DoNotCall]("do_not_call", "do_not_call").Unique("number", "number_listed")

// expired holds for the entry of a number when it is over.
func expired(number phone.E164, now store.Moment) store.Where {
	return store.Condition("number_key = ? AND till_at <> 0 AND till_at <= ?", number, now)
}
