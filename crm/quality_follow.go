package crm

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"callhue/internal/jobs"
	"callhue/internal/store"
	"callhue/journal"
)

// The follower of data quality. Each write adds to record_changes which records it wrote, in its own transaction. One
// process at a time takes these, compares the keys that a record has now with those that it had, and brings the counts
// and the groups of duplicates up to date, all in one transaction with the removal of what was taken. A process that is
// killed leaves nothing half done, and the next one goes on.

const (
	// followAtOnce is how many records the follower takes in one transaction. SQLite has one writer: a transaction must
	// be short enough for a call to wait for it.
	followAtOnce = 200

	// followPause is the longest pause after a transaction while there is more to do. The follower works half of the
	// time.
	followPause = 200 * time.Millisecond

	// followWait is how long a reader waits for the follower to have seen what was written before.
	followWait = 250 * time.Millisecond

	qualityLease = "crm.quality"
)

// FollowQuality keeps duplicates and reports up to date until the context ends. Of several processes one does it.
func (b *Records) FollowQuality(ctx context.Context, runner *jobs.Runner, log *slog.Logger) error {
	stop := b.journal.Listen(func([]journal.Entry) { b.changed.Notify() })
	defer stop()
	for ctx.Err() == nil {
		runner.RunWhileLeased(ctx, qualityLease, func(ctx context.Context, lease *jobs.Lease) {
			loop := jobs.Loop{Name: "following the quality of records", Every: time.Second, Wake: b.changed, Log: log,
				Do: func(ctx context.Context) error { return b.followAll(ctx, lease.Guard) }}
			_ = loop.Run(ctx)
		})
	}
	return nil
}

// followAll looks at all records that were written. guard may be nil.
func (b *Records) followAll(ctx context.Context, guard func(*store.Tx) error) error {
	for {
		began := time.Now()
		n, err := b.followSome(ctx, guard)
		if err != nil || n == 0 {
			return err
		}
		if n < followAtOnce {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(min(time.Since(began), followPause)):
		}
	}
}

// followSome looks at some of the records that were written and returns how many.
func (b *Records) followSome(ctx context.Context, guard func(*store.Tx) error) (int, error) {
	rows, err := recordChanges(b.db.Read(ctx), followAtOnce)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	work := takeChanges(rows, followAtOnce)
	// What is read here is at least as new as the rows above: what is written later leaves rows of its own.
	records, err := examine(b.db.Read(ctx), work.kind, work.ids)
	if err != nil {
		return 0, err
	}
	var keys []recordValue
	for _, r := range records {
		keys = append(keys, r.keys(work.kind)...)
	}
	err = b.db.Write(ctx, func(tx *store.Tx) error {
		if guard != nil {
			if err := guard(tx); err != nil {
				return err
			}
		}
		if err := removeRecordChanges(tx, work.done); err != nil {
			return err
		}
		if work.cut != 0 {
			if err := cutRecordChange(tx, work.cut, work.next); err != nil {
				return err
			}
		}
		return rekey(tx, work.kind, work.ids, keys)
	})
	return max(len(work.ids), 1), err
}

// changeWork is a part of the written records: some of one kind.
type changeWork struct {
	kind Kind
	ids  []int64 // in order, each once
	done []int64 // rows that are done with
	cut  int64   // a row of which a part remains, 0 for none
	next int64   // where that part begins
}

func takeChanges(rows []recordChange, most int) (w changeWork) {
	w.kind = rows[0].Kind
	for _, r := range rows {
		if r.Kind != w.kind {
			continue
		}
		room := int64(most - len(w.ids))
		if room == 0 {
			break
		}
		last := min(r.Last, r.First+room-1)
		for id := r.First; id <= last; id++ {
			w.ids = append(w.ids, id)
		}
		if last < r.Last {
			w.cut, w.next = r.ID, last+1
			break
		}
		w.done = append(w.done, r.ID)
	}
	slices.Sort(w.ids)
	w.ids = slices.Compact(w.ids)
	return w
}

// examine reads records of a kind; removed ones are absent.
func examine(tx *store.Tx, kind Kind, ids []int64) ([]examined, error) {
	list, err := examinedRows(tx, kind, ids)
	if err != nil {
		return nil, err
	}
	phones, err := phonesOf(tx, kind, ids)
	if err != nil {
		return nil, err
	}
	emails, err := emailsOf(tx, kind, ids)
	if err != nil {
		return nil, err
	}
	linked := map[int64]bool{}
	if kind == KindContact {
		if linked, err = contactsWithCompany(tx, ids); err != nil {
			return nil, err
		}
	}
	byID := make(map[int64]*examined, len(list))
	for i := range list {
		byID[list[i].ID] = &list[i]
		list[i].linked = linked[list[i].ID]
	}
	for _, p := range phones {
		if r := byID[p.Entity]; r != nil {
			r.phones = append(r.phones, p.phoneLine)
		}
	}
	for _, e := range emails {
		if r := byID[e.Entity]; r != nil {
			r.emails = append(r.emails, e.Address)
		}
	}
	return list, markReferences(tx, kind, list)
}

// markReferences marks the companies that stand for ones of lookup sources: they have no phones on purpose.
func markReferences(tx *store.Tx, kind Kind, list []examined) error {
	var silent []int64
	for i := range list {
		if kind == KindCompany && len(list[i].phones) == 0 {
			silent = append(silent, list[i].ID)
		}
	}
	if len(silent) == 0 {
		return nil
	}
	external, err := FindExternalIDs(tx, kind, silent)
	for i := range list {
		list[i].reference = slices.ContainsFunc(external[list[i].ID], ExternalID.isReference)
	}
	return err
}

// rekey replaces the keys of records of a kind, and what follows from them.
func rekey(tx *store.Tx, kind Kind, ids []int64, want []recordValue) error {
	have, err := keysOfRecords(tx, kind, ids)
	if err != nil {
		return err
	}
	type place struct {
		id    int64
		sort  keySort
		value int64
	}
	had := make(map[place]int64, len(have))
	for _, v := range have {
		had[place{v.ID, v.Sort, v.Value}] = v.N
	}
	counts, touched := counts{}, newKeySet()
	var added [][]any
	for _, v := range want {
		touched.add(v.Sort, v.Value)
		at := place{v.ID, v.Sort, v.Value}
		n, found := had[at]
		delete(had, at)
		counts.add(v.Sort, v.Value, v.N-n)
		switch {
		case !found:
			added = append(added, []any{int64(v.Kind), v.ID, int64(v.Sort), v.Value, v.N})
		case n != v.N:
			if err := changeKey(tx, v); err != nil {
				return err
			}
		}
	}
	for at, n := range had {
		touched.add(at.sort, at.value)
		counts.add(at.sort, at.value, -n)
		if err := removeKey(tx, kind, at.id, at.sort, at.value); err != nil {
			return err
		}
	}
	if err := insertRows(tx, recordKeysTable, added); err != nil {
		return err
	}
	if err := regroup(tx, touched, counts); err != nil {
		return err
	}
	return counts.store(tx)
}

// counts are changes of record_counts.
type counts map[keyValue]int64

// keyValue is a key that records may have in common.
type keyValue struct {
	sort  keySort
	value int64
}

// add counts n more of a key, if keys of its sort are counted.
func (c counts) add(sort keySort, value, n int64) {
	if sort > keyName && n != 0 {
		c[keyValue{sort, value}] += n
	}
}

func (c counts) store(tx *store.Tx) error {
	for key, n := range c {
		if n == 0 {
			continue
		}
		if err := addCount(tx, key, n); err != nil {
			return err
		}
	}
	return nil
}

// awaitFollower waits until the follower has seen what is written now, but not longer than followWait, and not for what
// was written in bulk.
func (b *Records) awaitFollower(ctx context.Context) error {
	newest, err := newestRecordChange(b.db.Read(ctx))
	if err != nil || newest == 0 {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, followWait)
	defer cancel()
	_ = jobs.Until(ctx, 15*time.Millisecond, func(ctx context.Context) (bool, error) {
		oldest, err := oldestRecordChange(b.db.Read(ctx))
		return oldest == 0 || oldest > newest, err
	})
	return nil
}

// RecountQuality has the follower look at all records once more: the command line offers it.
func (b *Records) RecountQuality(ctx context.Context) error {
	return b.db.Write(ctx, func(tx *store.Tx) error {
		for _, kind := range []Kind{KindCompany, KindContact, KindLead} {
			last, err := lastID(tx, kind)
			if err != nil {
				return err
			}
			if err := markChanges(tx, kind, 1, last, true); err != nil {
				return err
			}
		}
		return nil
	})
}
