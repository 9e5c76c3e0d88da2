package journal

import (
	"time"

	"callhue/internal/store"
)

// tail reads the ids of new entries. It remembers which ids below its end it has not seen: they belong to transactions
// that have not committed yet, or never will, and are asked for until longAgo.
//
// On Galera and TiDB many ids below the end are missing for good or come later. There the tail is sparse: each time it
// reads again what was written in the last seconds, and now and then what was written since longAgo.
type tail struct {
	end     int64           // the highest id seen
	missing map[int64]int64 // ids below end -> since when, ms
	sparse  bool
	reads   int
}

const (
	// maxMissing is how many single ids are asked for before the tail counts as sparse.
	maxMissing = 500
	// longLookEvery is how many reads there are to one that looks back further: one in five seconds.
	longLookEvery = 25
)

// newTail returns a tail that ends at the newest id. What is missing among the ids since longAgo may still come.
func newTail(newest int64, recent []int64, now time.Time) tail {
	t := tail{end: newest, missing: map[int64]int64{}}
	if len(recent) > 0 {
		t.end = recent[0] - 1
	}
	t.advance(recent, nil, now)
	t.end = max(t.end, newest)
	return t
}

// read returns ids that may be new, in their order; some were delivered before. Every id up to floor was delivered
// longAgo.
func (t *tail) read(tx *store.Tx, floor int64) ([]int64, error) {
	t.reads++
	switch looksBack := t.reads%longLookEvery == 0; {
	case t.sparse && looksBack:
		return idsSince(tx, floor, tx.Now().Add(-longAgo).UnixMilli())
	case t.sparse, looksBack:
		return idsSince(tx, t.end, tx.Now().Add(-overlap).UnixMilli())
	}
	ids, err := idsAbove(tx, t.end)
	if err != nil || len(t.missing) == 0 {
		return ids, err
	}
	asked := make([]int64, 0, len(t.missing))
	for id := range t.missing {
		asked = append(asked, id)
	}
	late, err := idsAmong(tx, asked)
	return append(late, ids...), err
}

// advance moves the end over ids that were read, of which some had not been delivered before.
func (t *tail) advance(ids, undelivered []int64, now time.Time) {
	for _, id := range undelivered {
		if _, awaited := t.missing[id]; id < t.end && !awaited {
			t.sparse = true // an id that no one could expect: another server hands out lower ones
		}
	}
	for _, id := range ids {
		delete(t.missing, id)
		if id <= t.end {
			continue
		}
		if id-t.end > maxMissing {
			t.sparse = true
		}
		for absent := t.end + 1; absent < id && !t.sparse; absent++ {
			t.missing[absent] = now.UnixMilli()
		}
		t.end = id
	}
	for id, since := range t.missing {
		if since < now.Add(-longAgo).UnixMilli() {
			delete(t.missing, id)
		}
	}
	if t.sparse = t.sparse || len(t.missing) > maxMissing; t.sparse {
		clear(t.missing)
	}
}
