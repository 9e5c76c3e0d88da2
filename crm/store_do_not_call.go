package crm

import "callhue/internal/store"

var doNotCalls = store.NewTable[DoNotCall]("do_not_call", "do_not_call").Unique("number", "number_listed")

// overAt holds for expired entries.
func overAt(now store.Moment) store.Where {
	return store.Condition("till_at <> 0 AND till_at <= ?", now)
}

// like holds for entries that contain these words.
func (f DoNotCallFilter) like() store.Where {
	if f.Q == "" {
		return store.Where{}
	}
	return store.Condition("search LIKE ? ESCAPE '!'", searchFor(f.Q))
}
