package live

import (
	"cmp"
	"slices"
	"time"

	"callhue/journal"
)

const (
	maxRecent      = 40_000  // entries in memory
	maxRecentBytes = 4 << 20 // of their details; of older ones only the heads are kept
)

// recent holds what was delivered last, so that a thousand browsers which come back at once do not read the journal a
// thousand times. It is complete from a time on.
type recent struct {
	list  []*remembered
	from  time.Time // every entry since then that was delivered is in list
	bytes int       // of details
	bare  int       // the first entries of list have no details any more
}

// remembered is an entry with those who get it.
type remembered struct {
	entry    journal.Entry
	audience *journal.Audience // nil: only for who asked for the verb
	maySee   *journal.Audience // nil: every one of these
	asked    bool              // its verb can be asked for
	bare     bool              // the details are not kept
}

// remember describes an entry once for all streams.
func remember(info journal.VerbInfo, e journal.Entry) *remembered {
	r := &remembered{entry: e, asked: info.Event == ""}
	if info.Audience != nil {
		a := info.Audience(e)
		r.audience = &a
	}
	if r.asked && info.MaySee != nil {
		a := info.MaySee(e)
		r.maySee = &a
	}
	return r
}

// isFor reports whether an entry is for a stream.
func (r *remembered) isFor(s *Subscription) bool {
	if r.audience != nil && r.audience.Includes(s.listener) {
		return true
	}
	return r.asked && s.asksFor(r.entry.Verb) && (r.maySee == nil || r.maySee.Includes(s.listener))
}

// add appends an entry and drops what is too much.
func (r *recent) add(e *remembered) {
	r.list = append(r.list, e)
	r.bytes += len(e.entry.Details)
	r.trim()
}

func (r *recent) trim() {
	for r.bytes > maxRecentBytes && r.bare < len(r.list) {
		old := *r.list[r.bare] // readers may hold the old one
		r.bytes -= len(old.entry.Details)
		old.entry.Details, old.bare = nil, true
		r.list[r.bare] = &old
		r.bare++
	}
	if len(r.list) <= maxRecent+maxRecent/8 {
		return
	}
	gone := len(r.list) - maxRecent
	for _, e := range r.list[:gone] {
		r.bytes -= len(e.entry.Details)
		if e.entry.At.After(r.from) {
			r.from = e.entry.At
		}
	}
	r.from = r.from.Add(time.Millisecond)
	r.list = append([]*remembered(nil), r.list[gone:]...)
	r.bare = max(0, r.bare-gone)
}

// find returns an entry by its id; nil when it is not in memory.
func (r *recent) find(id int64) *remembered {
	for i := len(r.list) - 1; i >= 0; i-- {
		if r.list[i].entry.ID == id {
			return r.list[i]
		}
	}
	return nil
}

// since returns the entries for a stream that were written at a time or later, in the order in which they came.
func (r *recent) since(at time.Time, sub *Subscription) []*remembered {
	first := len(r.list)
	for first > 0 && !r.list[first-1].entry.At.Before(at.Add(-journal.LongAgo)) {
		first--
	}
	var found []*remembered
	for _, e := range r.list[first:] {
		if !e.entry.At.Before(at) && e.isFor(sub) {
			found = append(found, e)
		}
	}
	return found
}

// merge adds entries that were read from the journal from a time on; those that are known are left out. It returns
// the ids of the others.
func (r *recent) merge(from time.Time, older []*remembered) map[int64]bool {
	known := make(map[int64]bool, len(r.list))
	for _, e := range r.list {
		known[e.entry.ID] = true
	}
	added := map[int64]bool{}
	all := make([]*remembered, 0, len(older)+len(r.list))
	for _, e := range older {
		if !known[e.entry.ID] {
			all = append(all, e)
			added[e.entry.ID] = true
			r.bytes += len(e.entry.Details)
		}
	}
	r.list, r.from, r.bare = append(all, r.list...), from, 0
	slices.SortStableFunc(r.list, byTime) // some of what was read is younger than what was delivered
	r.trimBare()
	return added
}

func byTime(a, b *remembered) int {
	return cmp.Or(a.entry.At.Compare(b.entry.At), cmp.Compare(a.entry.ID, b.entry.ID))
}

// trimBare counts the entries without details again, and drops the details of the oldest.
func (r *recent) trimBare() {
	for i, e := range r.list {
		if e.bare {
			continue
		}
		if r.bytes <= maxRecentBytes {
			break
		}
		old := *e
		r.bytes -= len(old.entry.Details)
		old.entry.Details, old.bare = nil, true
		r.list[i] = &old
	}
	r.bare = 0
	for r.bare < len(r.list) && r.list[r.bare].bare {
		r.bare++
	}
}
