package staff

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
)

// ReadingLimits are how many records a user may read in ReadingWindow through all routes together; 0 is no limit.
type ReadingLimits struct {
	Agents int
	Heads  int // supervisors, and heads of departments
	Admins int // admins, and service accounts
}

// DefaultReadingLimits returns limits that a busy day does not reach and that a copy of the client base does.
func DefaultReadingLimits() ReadingLimits {
	return ReadingLimits{Agents: 600, Heads: 3000, Admins: 100_000}
}

// ReadingWindow is the time in which the records of ReadingLimits are counted.
const ReadingWindow = readingSlots * readingSlot

// The window moves on by slots.
const (
	readingSlots = 10
	readingSlot  = time.Minute
)

// ReadingBudget bounds how many records each user reads. Users read through one process as a rule, so each process
// counts by itself; a user whose budget is exhausted in one of them is refused by all.
type ReadingBudget struct {
	// Limits may be set before use.
	Limits ReadingLimits

	db      *store.DB
	journal *journal.Journal
	roster  *Roster

	mu     sync.Mutex
	shares map[int64]*readingShare
}

// NewReadingBudget returns the budgets of a roster's users.
func NewReadingBudget(db *store.DB, j *journal.Journal, roster *Roster, limits ReadingLimits) *ReadingBudget {
	b := &ReadingBudget{Limits: limits, db: db, journal: j, roster: roster, shares: map[int64]*readingShare{}}
	j.Listen(b.follow)
	return b
}

// Take takes n records from the user's budget. The fault is busy "reading_limited" when fewer are left; the first one
// in a window is recorded in the journal, for the user's heads.
func (b *ReadingBudget) Take(ctx context.Context, user *access.User, n int) error {
	now := b.db.Clock()
	b.mu.Lock()
	share := b.share(user.ID)
	share.moveTo(now)
	if share.used+n <= b.Limits.least() && !now.Before(share.fullUntil) {
		share.add(n)
		b.mu.Unlock()
		return nil
	}
	b.mu.Unlock()
	limit, err := b.limitOf(ctx, user)
	if err != nil {
		return err
	}
	b.mu.Lock()
	if limit == 0 || share.used+n <= limit && !now.Before(share.fullUntil) {
		share.add(n)
		b.mu.Unlock()
		return nil
	}
	until := share.until(limit - n)
	if share.fullUntil.After(until) {
		until = share.fullUntil
	}
	first := now.Sub(share.recordedAt) >= ReadingWindow
	if first {
		share.recordedAt = now
	}
	b.mu.Unlock()
	if first {
		if err := b.record(ctx, user, limit, until); err != nil {
			return err
		}
	}
	return fault.Busy("reading_limited", until.Sub(now)).With("limit", limit)
}

// GiveBack returns what was taken and not read; a negative n takes what was read beyond it.
func (b *ReadingBudget) GiveBack(user *access.User, n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	share := b.share(user.ID)
	share.moveTo(b.db.Clock())
	share.add(-n)
}

// least is the lowest limit: who stays below it needs no look at what they are.
func (l ReadingLimits) least() int {
	least := int(^uint(0) >> 1)
	for _, n := range []int{l.Agents, l.Heads, l.Admins} {
		if n > 0 {
			least = min(least, n)
		}
	}
	return least
}

func (b *ReadingBudget) limitOf(ctx context.Context, user *access.User) (int, error) {
	if user.Has(access.Admin, access.Service) {
		return b.Limits.Admins, nil
	}
	org, err := b.roster.Org(ctx)
	if err != nil {
		return 0, err
	}
	if org.LeadsAny(user) {
		return b.Limits.Heads, nil
	}
	return b.Limits.Agents, nil
}

// limitedDetails are the details of an entry about an exhausted budget.
type limitedDetails struct {
	Limit   int          `json:"limit"`
	Minutes int          `json:"minutes"`
	Until   store.Moment `json:"until"` // when there is room again
	Heads   []int64      `json:"heads"` // of the user
}

// record records that a budget is exhausted.
func (b *ReadingBudget) record(ctx context.Context, user *access.User, limit int, until time.Time) error {
	org, err := b.roster.Org(ctx)
	if err != nil {
		return err
	}
	details := limitedDetails{Limit: limit, Minutes: int(ReadingWindow / time.Minute),
		Until: store.MomentOf(until), Heads: org.HeadsOf(user.ID)}
	entry := journal.Entry{Team: org.DepartmentOf(user.ID), Verb: ReadingLimited,
		Subject: journal.Ref{Kind: "user", ID: user.ID}}
	return b.journal.Write(store.Apart(ctx), b.db, user, func(a *journal.Act) error { return a.Record(entry, details) })
}

// follow refuses users here whose budget is exhausted in another process.
func (b *ReadingBudget) follow(list []journal.Entry) {
	for _, e := range list {
		var details limitedDetails
		if e.Verb != ReadingLimited || json.Unmarshal(e.Details, &details) != nil {
			continue
		}
		b.mu.Lock()
		share := b.share(e.Subject.ID)
		if e.At.Sub(share.recordedAt) >= ReadingWindow { // not an entry of our own
			share.recordedAt = e.At
			share.fullUntil = details.Until.Time()
		}
		b.mu.Unlock()
	}
}

// ownHeads returns the heads of the user, as the entry names them.
func ownHeads(e journal.Entry) journal.Audience {
	var details limitedDetails
	if json.Unmarshal(e.Details, &details) != nil {
		return journal.Audience{}
	}
	return journal.Audience{Users: details.Heads}
}

// readingShare is what a user has read in the last minutes.
type readingShare struct {
	slots      [readingSlots + 1]int // by minute: the whole ones of the window, and the one under way
	newest     int64                 // the number of the minute under way
	used       int                   // sum of slots
	recordedAt time.Time             // when the journal last got an entry about the user
	fullUntil  time.Time             // another process refuses the user until then
}

// share returns a user's share; the caller holds mu.
func (b *ReadingBudget) share(user int64) *readingShare {
	share := b.shares[user]
	if share == nil {
		share = &readingShare{}
		b.shares[user] = share
	}
	return share
}

// moveTo forgets the minutes that the window has left behind.
func (s *readingShare) moveTo(now time.Time) {
	minute := now.UnixMilli() / readingSlot.Milliseconds()
	for ; s.newest < minute && s.used > 0; s.newest++ {
		oldest := &s.slots[(s.newest+1)%int64(len(s.slots))]
		s.used -= *oldest
		*oldest = 0
	}
	s.newest = max(s.newest, minute)
}

// add counts n records; a negative n counts back, within the minute under way.
func (s *readingShare) add(n int) {
	slot := &s.slots[s.newest%int64(len(s.slots))]
	n = max(n, -*slot)
	*slot += n
	s.used += n
}

// until returns when no more than n records are in the window.
func (s *readingShare) until(n int) time.Time {
	used, minute := s.used, s.newest-readingSlots
	for ; used > n && minute <= s.newest; minute++ {
		used -= s.slots[minute%int64(len(s.slots))]
	}
	return time.UnixMilli((minute + readingSlots) * readingSlot.Milliseconds())
}
