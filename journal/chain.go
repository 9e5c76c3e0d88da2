package journal

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"time"

	"callhue/internal/store"
)

// The chain seals the journal: each block has the digests of the entries behind the block before it, and the hash of
// that block. An entry that is changed, added, removed or exchanged afterwards is found by Verify. Blocks are
// written a minute or two after their entries, by one process, so that recording an entry costs nothing and waits for
// nothing. All digests are keyed by the installation: the database alone is not enough to write a chain that fits.
//
// An erasure changes the details of entries, and old calls take their entries with them. Both leave a row in
// journal_gone, which only holders of the key can write.

const (
	blockSize  = 1000 // entries
	digestSize = 8    // bytes of an entry's digest that a block has
	// blockAge is how old the newest entry of a block is at least. Ids are no order of commits, but no transaction
	// takes as long.
	blockAge = longAgo
	// blocksAtOnce bounds a run of Seal: the first one after an upgrade has the whole history before it.
	blocksAtOnce = 200
)

// UseKey sets the key of the chain. It is called during wiring, before any entry is erased or sealed.
func (j *Journal) UseKey(key []byte) { j.key = key }

// Head is the end of the chain. A copy of it outside of the database pins everything up to there.
type Head struct {
	Block int64     `json:"block"` // 0 for an empty chain
	Entry int64     `json:"entry"` // the last entry of the block
	Hash  string    `json:"hash"`
	At    time.Time `json:"at"` // when it was sealed
}

// FindHead returns the end of the chain.
func FindHead(tx *store.Tx) (Head, error) {
	b, err := lastBlock(tx)
	return Head{b.ID, b.Last, b.Hash, store.Time(b.At)}, err
}

// Seal writes the blocks of the entries that have been there for a minute. It is due every half minute; several
// processes at once write each block once.
func (j *Journal) Seal(ctx context.Context) error {
	marked, at, err := markOf(j.db.Read(ctx))
	if err != nil {
		return err
	}
	now := j.db.Clock()
	if now.Sub(at) < blockAge {
		return nil
	}
	sealed, err := j.sealThrough(ctx, marked)
	if err != nil || !sealed {
		return err
	}
	if err := j.logHead(ctx); err != nil {
		return err
	}
	return j.db.Write(ctx, func(tx *store.Tx) error {
		newest, err := newestID(tx)
		if err != nil {
			return err
		}
		return mark(tx, newest)
	})
}

// logHead logs the end of the chain once an hour: a log that is kept elsewhere pins it.
func (j *Journal) logHead(ctx context.Context) error {
	hour := j.db.Clock().Unix() / 3600
	if j.headLogged.Swap(hour) == hour {
		return nil
	}
	head, err := FindHead(j.db.Read(ctx))
	if err == nil && head.Block > 0 {
		j.log.Info("the head of the journal", "head", fmt.Sprintf("%d:%s", head.Block, head.Hash), "entry", head.Entry)
	}
	return err
}

// sealThrough writes the blocks up to an entry, and reports whether it came that far.
func (j *Journal) sealThrough(ctx context.Context, last int64) (done bool, err error) {
	for range blocksAtOnce {
		before, err := lastBlock(j.db.Read(ctx))
		if err != nil || before.Last >= last {
			return true, err
		}
		rows, err := rowsBehind(j.db.ReadSlow(ctx), before.Last, last, blockSize)
		if err != nil || len(rows) == 0 {
			return true, err
		}
		// Read after the entries: an entry that is erased in between is sealed as it was.
		gone, err := goneBetween(j.db.ReadSlow(ctx), before.Last, rows[len(rows)-1].ID)
		if err != nil {
			return false, err
		}
		block := j.blockOf(before, rows, gone)
		err = j.db.Write(ctx, func(tx *store.Tx) error {
			block.At = store.Millis(tx.Now())
			j.close(before.Hash, &block)
			return insertBlock(tx, block)
		})
		if err != nil {
			return false, err
		}
	}
	return false, nil
}

// blockOf returns the block of some entries, not closed yet.
func (j *Journal) blockOf(before block, rows []row, gone map[int64]goneRow) block {
	var digests []byte
	last := before.Last
	for _, r := range rows {
		then := j.detailsDigest(r.ID, r.Words)
		if g, erased := gone[r.ID]; erased && !g.Dropped {
			then = g.Then
		}
		digests = binary.AppendUvarint(digests, uint64(r.ID-last))
		digests = append(digests, j.entryDigest(r, then)...)
		last = r.ID
	}
	return block{ID: before.ID + 1, Last: last, Entries: int64(len(rows)),
		Digests: base64.RawStdEncoding.EncodeToString(digests)}
}

// close sets the hash of a block, which contains that of the block before, and its proof that we have written it.
func (j *Journal) close(before string, b *block) {
	b.Hash = b.sum(before)
	b.MAC = j.sign("block", func(h hash.Hash) { h.Write([]byte(b.Hash)) })
}

func (b block) sum(before string) string {
	h := sha256.New()
	h.Write([]byte(before))
	for _, n := range []int64{b.ID, b.Last, b.Entries, b.At} {
		number(h, n)
	}
	h.Write([]byte(b.Digests))
	return hex.EncodeToString(h.Sum(nil))
}

// sealedEntry is an entry as a block has it.
type sealedEntry struct {
	id     int64
	digest string
}

// entries returns the entries of a block behind the last one of the block before.
func (b block) entries(before int64) ([]sealedEntry, error) {
	raw, err := base64.RawStdEncoding.DecodeString(b.Digests)
	if err != nil {
		return nil, err
	}
	var list []sealedEntry
	for id := before; len(raw) > 0; {
		step, n := binary.Uvarint(raw)
		if n <= 0 || len(raw) < n+digestSize {
			return nil, errors.New("journal: a block that is cut off")
		}
		id += int64(step)
		list = append(list, sealedEntry{id, string(raw[n : n+digestSize])})
		raw = raw[n+digestSize:]
	}
	return list, nil
}

// entryDigest returns the digest of an entry: of what stays when it is erased, and of its details as they were
// recorded.
func (j *Journal) entryDigest(r row, details string) []byte {
	h := hmac.New(sha256.New, j.key)
	h.Write([]byte("entry"))
	for _, n := range []int64{r.ID, r.At, r.ActorID, r.TeamID, r.SubjectID, r.ClientID, r.Amount} {
		number(h, n)
	}
	for _, text := range []string{r.Verb, r.SubjectKind, r.ClientKind, details} {
		number(h, int64(len(text)))
		h.Write([]byte(text))
	}
	return h.Sum(nil)[:digestSize]
}

// detailsDigest returns the digest of the details of an entry. Without the key no one can try texts against it.
func (j *Journal) detailsDigest(id int64, words string) string {
	return j.sign("details", func(h hash.Hash) {
		number(h, id)
		h.Write([]byte(words))
	})
}

// sign returns the keyed hash of something of a kind.
func (j *Journal) sign(kind string, write func(hash.Hash)) string {
	h := hmac.New(sha256.New, j.key)
	h.Write([]byte(kind))
	write(h)
	return hex.EncodeToString(h.Sum(nil))
}

func number(h hash.Hash, n int64) {
	var bytes [8]byte
	binary.BigEndian.PutUint64(bytes[:], uint64(n))
	h.Write(bytes[:])
}

// goneProof returns the proof that we have erased or dropped an entry.
func (j *Journal) goneProof(g goneRow) string {
	return j.sign("gone", func(h hash.Hash) {
		number(h, g.Entry)
		if g.Dropped {
			h.Write([]byte("dropped"))
		}
		h.Write([]byte(g.Then + g.Now))
	})
}
