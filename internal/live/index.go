package live

import (
	"slices"

	"callhue/internal/access"
	"callhue/journal"
)

// member is one open stream.
type member struct {
	sub    *Subscription
	sink   sink
	seen   uint64         // the entry for which it was visited last
	behind bool           // it is sent what it missed; frames wait in pending
	known  map[int64]bool // entries that it was sent and that may be delivered once more
	queue  []pending      // while it is behind
}

// sink is where the frames of a stream go. Neither function waits.
type sink interface {
	Push(frame []byte, wide bool)
	End()
}

// pending is a frame that waits for those that the stream has missed.
type pending struct {
	id    int64
	frame []byte
}

// index finds the streams of an audience: what an event costs grows with those who get it, not with all that are
// open.
type index struct {
	all    map[*member]struct{}
	byUser map[int64][]*member
	byTeam map[int64]map[*member]struct{} // of a department: streams of its heads and of those above
	admins map[*member]struct{}
	heads  map[*member]struct{}                  // streams of heads, and those for whole departments
	asked  map[journal.Verb]map[*member]struct{} // by what they asked for
	round  uint64
	visits uint64 // of streams: what all entries have cost
}

func newIndex() index {
	return index{
		all:    map[*member]struct{}{},
		byUser: map[int64][]*member{},
		byTeam: map[int64]map[*member]struct{}{},
		admins: map[*member]struct{}{},
		heads:  map[*member]struct{}{},
		asked:  map[journal.Verb]map[*member]struct{}{},
	}
}

func (x *index) add(m *member) {
	l := &m.sub.listener
	x.all[m] = struct{}{}
	x.byUser[l.User.ID] = append(x.byUser[l.User.ID], m)
	if l.User.Has(access.Admin) {
		x.admins[m] = struct{}{}
	}
	if l.WithTeam || len(l.Leads) > 0 {
		x.heads[m] = struct{}{}
	}
	for _, department := range l.Leads {
		put(x.byTeam, department, m)
	}
	for _, verb := range m.sub.listed {
		put(x.asked, verb, m)
	}
}

func (x *index) remove(m *member) {
	l := &m.sub.listener
	delete(x.all, m)
	delete(x.admins, m)
	delete(x.heads, m)
	own := slices.DeleteFunc(x.byUser[l.User.ID], func(other *member) bool { return other == m })
	if x.byUser[l.User.ID] = own; len(own) == 0 {
		delete(x.byUser, l.User.ID)
	}
	for _, department := range l.Leads {
		take(x.byTeam, department, m)
	}
	for _, verb := range m.sub.listed {
		take(x.asked, verb, m)
	}
}

func put[K comparable](sets map[K]map[*member]struct{}, key K, m *member) {
	if sets[key] == nil {
		sets[key] = map[*member]struct{}{}
	}
	sets[key][m] = struct{}{}
}

func take[K comparable](sets map[K]map[*member]struct{}, key K, m *member) {
	if delete(sets[key], m); len(sets[key]) == 0 {
		delete(sets, key)
	}
}

// begin starts the visits of one entry, in which each stream is visited once.
func (x *index) begin() { x.round++ }

// visit calls f for the streams of an audience. It finds what Audience.Includes defines.
func (x *index) visit(a journal.Audience, f func(*member)) {
	if a.Everyone {
		x.visitAll(x.all, f)
		return
	}
	for _, user := range a.Users {
		if user != 0 {
			for _, m := range x.byUser[user] {
				x.once(m, f)
			}
		}
	}
	if a.Admins {
		x.visitAll(x.admins, f)
	}
	if a.Heads != 0 {
		x.visitAll(x.byTeam[a.Heads], f)
	}
	if a.AllHeads {
		x.visitAll(x.heads, f)
	}
	if a.ByDepartment {
		x.visitFollowers(a.Follows, f)
	}
}

// visitFollowers calls f for the streams for whole departments that cover one.
func (x *index) visitFollowers(department int64, f func(*member)) {
	for _, set := range []map[*member]struct{}{x.byTeam[department], x.admins} {
		for m := range set {
			if m.sub.listener.WithTeam {
				x.once(m, f)
			}
		}
	}
}

// visitAsked calls f for the streams that asked for a verb, as far as they may see the entry.
func (x *index) visitAsked(verb journal.Verb, maySee *journal.Audience, f func(*member)) {
	asked := x.asked[verb]
	if len(asked) == 0 {
		return
	}
	if maySee == nil || maySee.Everyone {
		x.visitAll(asked, f)
		return
	}
	x.visit(*maySee, func(m *member) {
		if _, wants := asked[m]; wants {
			f(m)
		}
	})
}

func (x *index) visitAll(set map[*member]struct{}, f func(*member)) {
	for m := range set {
		x.once(m, f)
	}
}

func (x *index) once(m *member, f func(*member)) {
	if m.seen != x.round {
		m.seen = x.round
		x.visits++
		f(m)
	}
}
