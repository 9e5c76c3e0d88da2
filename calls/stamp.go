package calls

import "callhue/internal/store"

// stamp is when something happened, in ms: by the clock of the source, and by ours when it arrived. seen is negative
// where the source's time is missing or cannot be compared with its others, and 0 where nothing reported the moment.
type stamp struct{ at, seen int64 }

// stamp returns the time of an event. That an end was found missing says nothing of when it was: its arrival does not
// count.
func (e *Event) stamp() stamp {
	if at := store.Millis(e.At); e.EndUnknown {
		return stamp{at, at}
	}
	if e.dated {
		return stamp{store.Millis(e.At), e.seen}
	}
	return stamp{store.Millis(e.At), -e.seen}
}

// notBefore returns the stamp of an end that is no earlier than the beginning: a source whose clock differs from that
// of the beginning is not compared with it.
func (s stamp) notBefore(began int64) stamp {
	if s.at >= began {
		return s
	}
	return stamp{began, -s.arrived()}
}

// arrived returns when it arrived by our clock.
func (s stamp) arrived() int64 { return max(s.seen, -s.seen) }

// until returns how long it took from one stamp to another, in ms, and whether that is known. The source's clock counts
// where it dated both, unless it writes the same time on every event; else only our own can be compared.
func (s stamp) until(to stamp) (ms int64, known bool) {
	switch {
	case s.at == 0 || s.seen == 0 || to.at == 0 || to.seen == 0:
		return 0, false
	case s.comparable(to):
		return to.at - s.at, true
	}
	return to.arrived() - s.arrived(), true
}

// comparable reports whether the source's own clock tells how long it took from one stamp to another.
func (s stamp) comparable(to stamp) bool { return s.seen > 0 && to.seen > 0 && s.at != to.at }

// saidNone is what a source reports of a call on which no word was spoken, as callRow.Said.
const saidNone = -1

// rounding is how much longer than the talk that was followed a source may report it, in ms.
const rounding = 1000

// talk returns how long a talk was, in ms, from what was followed and what the source reports (Said). The report counts
// only up to what was followed: whole calls, ringing and handsets that are merely up are reported as talks.
func talk(started, answered, ended stamp, said int64) int64 {
	if said == saidNone {
		return 0
	}
	followed, known := answered.until(ended)
	if known && followed < 0 {
		known = false // the answer arrived after the end, and neither is dated
	}
	if known && said == 0 {
		return followed
	}
	if !known {
		// No answer was reported, but there was none before the call began.
		followed, known = started.until(ended)
		known = known && followed > 0
	}
	if known && said > followed+rounding {
		return followed
	}
	return said
}

// talkSeconds returns how long the call's talk was; of several agents, from the first answer to the end. It is what
// the call journal shows, so a report is compared with the source's own times only: events may arrive late.
func (c *callRow) talkSeconds() int64 {
	began := c.answered()
	if c.AnsweredAt == 0 {
		began = c.started()
	}
	if c.Said > 0 && !began.comparable(c.ended()) {
		return c.Said / 1000
	}
	return talk(c.started(), c.answered(), c.ended(), c.Said) / 1000
}
