package journal

import (
	"bytes"
	"encoding/json"
	"slices"

	"callhue/internal/store"
)

// An erasure finds the entries of a person outside of any transaction, and then changes a few of them at a time.

// scanned is how many entries one statement searches for words.
const scanned = 5000

// NewestID returns the id of the last entry, 0 in an empty journal.
func NewestID(tx *store.Tx) (int64, error) { return newestID(tx) }

// FindAbout returns the ids of the entries about some records.
func FindAbout(tx *store.Tx, about []Ref) ([]int64, error) { return idsAbout(tx, about) }

// FindWords returns the ids of the entries behind one id, up to another, whose details contain one of some words:
// numbers and e-mails that only one person has. It reads all of these entries, some thousand at a time, and calls
// progress after each part, which may be nil.
func FindWords(tx *store.Tx, words []string, after, last int64, progress func(read int64, found []int64) error) error {
	for len(words) > 0 && after < last {
		end := min(after+scanned, last)
		found, err := idsWithWords(tx, words, after, end)
		if err == nil {
			err = progress(end, found)
		}
		if err != nil {
			return err
		}
		after = end
	}
	return nil
}

// EraseEntries replaces the details of some entries by what redact leaves of them, and returns the number of entries
// that became different. Who did what when stays, and the chain keeps the digest of what was there.
func (j *Journal) EraseEntries(tx *store.Tx, ids []int64,
	redact func(Entry) json.RawMessage) (changed int64, err error) {
	list, err := byIDs(tx, ids)
	if err != nil {
		return 0, err
	}
	before, err := goneOf(tx, ids)
	if err != nil {
		return 0, err
	}
	var gone []goneRow
	for _, e := range list {
		now := redact(e)
		if bytes.Equal(now, e.Details) {
			continue
		}
		if err := rewrite(tx, e.ID, now); err != nil {
			return changed, err
		}
		g := before[e.ID]
		if g.Then == "" {
			g = goneRow{Entry: e.ID, Then: j.detailsDigest(e.ID, string(e.Details))}
		}
		g.Now = j.detailsDigest(e.ID, string(now))
		g.MAC = j.goneProof(g)
		gone = append(gone, g)
		changed++
	}
	return changed, saveGone(tx, gone)
}

// Drop removes the entries about subjects of a kind, for subjects that are themselves removed. It
// is the only way in which entries go. Readers by id see a gap, as after a transaction that was
// rolled back; the chain notes that they were dropped.
func (j *Journal) Drop(tx *store.Tx, kind string, subjects []int64) error {
	ids, err := idsOfSubjects(tx, kind, subjects)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(ids, 500) {
		gone := make([]goneRow, len(part))
		for i, id := range part {
			gone[i] = goneRow{Entry: id, Dropped: true}
			gone[i].MAC = j.goneProof(gone[i])
		}
		if err := saveGone(tx, gone); err != nil {
			return err
		}
		if err := removeEntries(tx, part); err != nil {
			return err
		}
	}
	return nil
}

// About returns the entries that an erasure would look at, oldest first.
func About(tx *store.Tx, about []Ref, words []string) ([]Entry, error) {
	list := []Entry{}
	last, err := newestID(tx)
	if err != nil {
		return list, err
	}
	ids, err := idsAbout(tx, about)
	if err != nil {
		return list, err
	}
	err = FindWords(tx, words, 0, last, func(_ int64, found []int64) error {
		ids = append(ids, found...)
		return nil
	})
	if err != nil {
		return list, err
	}
	slices.Sort(ids)
	for part := range slices.Chunk(slices.Compact(ids), 200) {
		some, err := byIDs(tx, part)
		if err != nil {
			return list, err
		}
		list = append(list, some...)
	}
	return list, nil
}
