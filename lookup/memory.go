package lookup

import (
	"encoding/binary"
	"encoding/json"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/patrickmn/go-cache"

	"callhue/crm"
	"callhue/journal"
	"callhue/statuses"
)

// memory holds the matches of hot numbers and drops those that the journal mentions.
//
// A match that was read before a commit must not be stored after memory has seen that commit. A reader therefore
// takes the age before it reads, and a match of an older age is not stored.
type memory struct {
	matches *cache.Cache // number key -> *Match
	most    int          // matches

	age atomic.Uint64 // rises with every entry that may change a match

	mu      sync.Mutex
	mention map[journal.Ref]map[string]struct{} // record -> number keys whose match holds it
	order   []stored                            // oldest first; some are gone already
}

// stored is a match in the order in which matches leave at the bound.
type stored struct {
	key   string
	match *Match
}

// How long a match stays. A known number may stay long, because the journal drops it; an unknown one is not worth the
// memory.
const (
	keepKnown   = 5 * time.Minute
	keepUnknown = 30 * time.Second
	sweepEvery  = time.Minute
)

func newMemory(most int) *memory {
	k := &memory{matches: cache.New(keepKnown, sweepEvery), most: most, mention: map[journal.Ref]map[string]struct{}{}}
	k.matches.OnEvicted(func(key string, match any) { k.unmention(key, match.(*Match)) })
	return k
}

// cacheKey returns the key of a number for go-cache.
func cacheKey(number int64) string {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(number))
	return string(b[:])
}

func (k *memory) find(key string) *Match {
	if m, ok := k.matches.Get(key); ok {
		return m.(*Match)
	}
	return nil
}

// add stores a match that was read at an age. At the bound the oldest matches leave, only as many as are needed: if all
// of them left, every hot number would be looked up in the database in the same second.
func (k *memory) add(key string, m *Match, age uint64) {
	for _, oldest := range k.store(key, m, age) {
		k.matches.Delete(oldest) // locks mu
	}
}

// store stores a match and returns the keys that must leave because of the bound.
func (k *memory) store(key string, m *Match, age uint64) []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.most <= 0 || k.age.Load() != age {
		return nil
	}
	life := keepKnown
	if m.Empty() {
		life = keepUnknown
	}
	m.each(func(ref journal.Ref) {
		if k.mention[ref] == nil {
			k.mention[ref] = map[string]struct{}{}
		}
		k.mention[ref][key] = struct{}{}
	})
	k.matches.Set(key, m, life)
	k.order = append(k.order, stored{key, m})
	if len(k.order) > 2*k.most {
		k.order = slices.DeleteFunc(k.order, func(s stored) bool { return k.find(s.key) != s.match })
	}
	return k.oldest(k.matches.ItemCount() - k.most)
}

// oldest removes the n oldest matches from the order and returns their keys. The caller holds mu.
func (k *memory) oldest(n int) (keys []string) {
	for len(keys) < n && len(k.order) > 0 {
		if s := k.order[0]; k.find(s.key) == s.match {
			keys = append(keys, s.key)
		}
		k.order = k.order[1:]
	}
	return keys
}

// clear drops every match. The caller holds mu.
func (k *memory) clear() {
	k.matches.Flush()
	clear(k.mention)
	k.order = nil
}

// unmention runs when go-cache drops a match, by itself or on Delete.
func (k *memory) unmention(key string, m *Match) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.find(key) != nil {
		return // a newer match has taken its place
	}
	m.each(func(ref journal.Ref) {
		delete(k.mention[ref], key)
		if len(k.mention[ref]) == 0 {
			delete(k.mention, ref)
		}
	})
}

// each calls f for every record of a match.
func (m *Match) each(f func(journal.Ref)) {
	for i := range m.Companies {
		f(journal.Ref{Kind: "company", ID: m.Companies[i].ID})
	}
	for i := range m.Contacts {
		f(journal.Ref{Kind: "contact", ID: m.Contacts[i].ID})
	}
	for i := range m.Leads {
		f(journal.Ref{Kind: "lead", ID: m.Leads[i].ID})
	}
}

// invalidate drops the matches that new entries of the journal may have changed.
func (k *memory) invalidate(entries []journal.Entry) {
	for i := range entries {
		switch e := &entries[i]; e.Verb {
		case statuses.StatusAdded, statuses.StatusChanged, statuses.StatusRemoved:
			k.mu.Lock()
			k.age.Add(1)
			k.clear()
			k.mu.Unlock()
		case crm.RecordAdded, crm.RecordChanged, crm.RecordRemoved, crm.RecordErased, crm.RecordMerged, crm.MergeUndone,
			crm.OwnerChanged, crm.CompanyStatus, crm.CompanyTouched, crm.LeadConverted, crm.NumbersChanged, crm.DoNotCallAdded, crm.DoNotCallRemoved:
			k.drop(e)
		}
	}
}

func (k *memory) drop(e *journal.Entry) {
	var words struct {
		Numbers []int64 `json:"numbers"` // numbers that came to or left the record or the list
	}
	k.mu.Lock()
	k.age.Add(1)
	var keys []string
	for _, ref := range []journal.Ref{e.Subject, e.Client} {
		for key := range k.mention[ref] {
			keys = append(keys, key)
		}
	}
	k.mu.Unlock()
	if json.Unmarshal(e.Details, &words) == nil {
		for _, n := range words.Numbers {
			keys = append(keys, cacheKey(n))
		}
	}
	for _, key := range keys {
		k.matches.Delete(key)
	}
}
