package journal

import (
	"context"

	"callhue/internal/fault"
	"callhue/internal/store"
)

// Verified is what a check of the chain has found.
type Verified struct {
	Blocks   int64 `json:"blocks"`
	Entries  int64 `json:"entries"`  // that are sealed
	Unsealed int64 `json:"unsealed"` // entries behind the last block
	Head     Head  `json:"head"`
	Bad      *Bad  `json:"bad"` // the first thing that is wrong; null when nothing is
}

// Bad is something in the journal that is not as it was sealed.
type Bad struct {
	Block int64   `json:"block"`
	Entry int64   `json:"entry"` // 0 when the block itself is wrong
	Why   BadKind `json:"why"`
}

// BadKind is what is wrong.
type BadKind string

// What may be wrong.
const (
	BadChanged  BadKind = "entry_changed"
	BadMissing  BadKind = "entry_missing"
	BadAdded    BadKind = "entry_added"
	BadErasure  BadKind = "erasure_forged" // the row that says what was erased is not ours
	BadBlock    BadKind = "block_changed"
	BadNoBlock  BadKind = "block_missing"
	BadKey      BadKind = "block_not_ours" // written without the key of this installation
	BadHead     BadKind = "head_differs"   // the pinned block has another hash
	BadHeadGone BadKind = "head_missing"   // the pinned block is not there
)

// Verify checks the whole chain and returns the first thing that is wrong with it. pinned is a head that was kept
// outside of the database, the zero Head for none.
func (j *Journal) Verify(ctx context.Context, pinned Head) (v Verified, err error) {
	var before block
	for v.Bad == nil {
		blocks, err := blocksBehind(j.db.ReadSlow(ctx), before.ID, 20)
		if err != nil {
			return v, err
		}
		if len(blocks) == 0 {
			break
		}
		for _, b := range blocks {
			if v.Bad, err = j.verifyBlock(ctx, before, b, pinned); err != nil || v.Bad != nil {
				return v, err
			}
			v.Blocks, v.Entries = v.Blocks+1, v.Entries+b.Entries
			before = b
		}
	}
	v.Head = Head{before.ID, before.Last, before.Hash, store.Time(before.At)}
	if pinned.Block > before.ID {
		v.Bad = &Bad{Block: pinned.Block, Why: BadHeadGone}
		return v, nil
	}
	v.Unsealed, err = countBehind(j.db.ReadSlow(ctx), before.Last)
	return v, err
}

func (j *Journal) verifyBlock(ctx context.Context, before, b block, pinned Head) (*Bad, error) {
	wrong := func(why BadKind) (*Bad, error) { return &Bad{Block: b.ID, Why: why}, nil }
	closed := b
	j.close(before.Hash, &closed)
	sealed, broken := b.entries(before.Last)
	switch {
	case b.ID != before.ID+1:
		return &Bad{Block: before.ID + 1, Why: BadNoBlock}, nil
	case closed.Hash != b.Hash, broken != nil, int64(len(sealed)) != b.Entries:
		return wrong(BadBlock)
	case len(sealed) == 0 || sealed[len(sealed)-1].id != b.Last:
		return wrong(BadBlock)
	case closed.MAC != b.MAC:
		return wrong(BadKey)
	case b.ID == pinned.Block && b.Hash != pinned.Hash:
		return wrong(BadHead)
	}
	// What is erased or dropped while this reads is in the second list if it is not in the first one as it was.
	rows, err := rowsBehind(j.db.ReadSlow(ctx), before.Last, b.Last, 0)
	if err != nil {
		return nil, err
	}
	gone, err := goneBetween(j.db.ReadSlow(ctx), before.Last, b.Last)
	if err != nil {
		return nil, err
	}
	return j.compare(b, sealed, rows, gone), nil
}

// compare returns the first entry of a block that is not as it was sealed.
func (j *Journal) compare(b block, sealed []sealedEntry, rows []row, gone map[int64]goneRow) *Bad {
	bad := func(entry int64, why BadKind) *Bad { return &Bad{b.ID, entry, why} }
	i := 0
	for _, s := range sealed {
		if i < len(rows) && rows[i].ID < s.id {
			return bad(rows[i].ID, BadAdded)
		}
		g, isGone := gone[s.id]
		if isGone && j.goneProof(g) != g.MAC {
			return bad(s.id, BadErasure)
		}
		if i == len(rows) || rows[i].ID != s.id {
			if !g.Dropped {
				return bad(s.id, BadMissing)
			}
			continue
		}
		r := rows[i]
		i++
		now := j.detailsDigest(r.ID, r.Words)
		then := now
		if isGone && !g.Dropped {
			if then = g.Then; now != g.Now && now != g.Then {
				return bad(s.id, BadChanged)
			}
		}
		if string(j.entryDigest(r, then)) != s.digest {
			return bad(s.id, BadChanged)
		}
	}
	if i < len(rows) {
		return bad(rows[i].ID, BadAdded)
	}
	return nil
}

// ParseHead reads a head as "block:hash". Fault: invalid_input (head: malformed).
func ParseHead(text string) (h Head, err error) {
	if text == "" {
		return h, nil
	}
	if h.Block, h.Hash, err = splitHead(text); err != nil {
		return Head{}, fault.Invalid("head", "malformed").Because(err)
	}
	return h, nil
}
