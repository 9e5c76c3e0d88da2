package jobs

import "time"

// Backoff returns how long to wait after so many failed attempts, counted from 1, and
// whether there is another attempt at all.
type Backoff func(failed int) (wait time.Duration, again bool)

// Schedule is the back-off of a fixed list: waits[0] passes before the first attempt,
// waits[1] between the first and the second, and so on. There are len(waits) attempts.
func Schedule(waits ...time.Duration) Backoff {
	return func(failed int) (time.Duration, bool) {
		if failed >= len(waits) {
			return 0, false
		}
		return waits[max(failed, 0)], true
	}
}

// Doubling is the back-off without an end: first after the first failure, twice as
// long after each further one, and at most longest.
func Doubling(first, longest time.Duration) Backoff {
	return func(failed int) (time.Duration, bool) {
		wait := first
		for n := 1; n < failed && wait < longest; n++ {
			wait *= 2
		}
		return min(wait, longest), true
	}
}

// Next returns when to try again after so many failed attempts, at least pause from
// now, and whether to try again at all. pause is what the other side asked for.
func (b Backoff) Next(now time.Time, failed int, pause time.Duration) (due time.Time, again bool) {
	wait, again := b(failed)
	if !again {
		return time.Time{}, false
	}
	return now.Add(max(wait, pause)), true
}
