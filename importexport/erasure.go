package importexport

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/jobs"
	"callhue/internal/store"
	"callhue/journal"
)

// An erasure begins with one transaction that removes the person's records and notes, in the table erasures, who is to
// be erased: from then on the person is not found any more. What is stored elsewhere is found on connections of its
// own and erased in small transactions, so that no call waits. The process that was asked does that at once; if it
// dies, a job of another one goes on.

const (
	erasureKind = "erasures"
	// eraseTogether is how many rows a transaction erases.
	eraseTogether = 25
	// erasureWait is how long the request for an erasure waits for its end.
	erasureWait = 20 * time.Second
	// erasureRetry is when a job takes an erasure over, unless its process is at work on it.
	erasureRetry = 15 * time.Second
)

// erasure is an erasure under way, as the table keeps it.
type erasure struct {
	Subject crm.DataSubject    `json:"subject"`
	Own     []journal.Ref      `json:"own"`  // records that were theirs alone
	Rows    map[string][]int64 `json:"rows"` // by source, once they are found
	Read    int64              `json:"read"` // the entry up to which the journal was searched
	Last    int64              `json:"last"` // the last entry that is searched; 0 before the search
	Out     Erasure            `json:"out"`

	id int64
}

func (c *Importer) erase(ctx context.Context, by *access.User, reason string, find findSubject) (Erasure, error) {
	if err := c.writePending(ctx); err != nil {
		return Erasure{}, err
	}
	var e *erasure
	_, err := c.records.Erase(ctx, by, reason, find, func(tx *store.Tx, subject crm.DataSubject) (err error) {
		e, err = c.beginErasure(tx, subject)
		return err
	})
	if err != nil {
		return Erasure{}, err
	}
	wait, cancel := context.WithTimeout(ctx, erasureWait)
	defer cancel()
	finished, err := c.finishErasure(wait, e)
	if err != nil && c.service.Jobs != nil { // the job goes on
		c.service.Log.Warn("an erasure was not finished and will be resumed", "erasure", e.id, "error", err)
		err = nil
	}
	e.Out.Finished = finished
	return e.Out, err
}

// beginErasure notes an erasure, and erases at once what is to go together with the records.
func (c *Importer) beginErasure(tx *store.Tx, subject crm.DataSubject) (*erasure, error) {
	e := &erasure{Subject: subject, Rows: map[string][]int64{},
		Out: Erasure{Records: append([]journal.Ref{}, subject.Records...), Erased: map[string]int64{"journal": 0}}}
	for _, k := range c.erasureSources {
		if !k.atOnce {
			continue
		}
		rows, own, err := k.FindRows(tx, subject)
		if err == nil {
			err = k.EraseRows(tx, subject, rows)
		}
		if err != nil {
			return nil, err
		}
		e.Own, e.Out.Erased[k.name] = append(e.Own, own...), int64(len(rows))
	}
	var err error
	if e.Out.Stays, err = staysOf(tx, subject); err != nil {
		return nil, err
	}
	state, err := c.sealErasure(e)
	if err != nil {
		return nil, err
	}
	row := &erasureRow{At: store.MomentOf(tx.Now()), State: state}
	if err := erasuresTable.Insert(tx, row); err != nil {
		return nil, err
	}
	e.id = row.ID
	if c.service.Jobs == nil {
		return e, nil
	}
	return e, c.service.Jobs.Set(tx, erasureKind, e.key(), e.id, tx.Now().Add(erasureRetry))
}

func (e *erasure) key() string { return strconv.FormatInt(e.id, 10) }

// resumeErasure runs the job of an erasure whose process has died, or is still at work.
func (c *Importer) resumeErasure(ctx context.Context, job *jobs.Job) error {
	id, err := strconv.ParseInt(job.Key, 10, 64)
	if err != nil {
		return err
	}
	row, err := erasuresTable.First(c.db.Read(ctx), store.Equal("id", id))
	if err != nil || row == nil {
		return err
	}
	e, err := c.openErasure(row)
	if err != nil {
		return err
	}
	finished, err := c.finishErasure(ctx, e)
	if err == nil && !finished { // another process is at work on it
		err = c.db.Write(ctx, func(tx *store.Tx) error {
			return c.service.Jobs.Set(tx, erasureKind, e.key(), e.id, tx.Now().Add(erasureRetry))
		})
	}
	return err
}

// finishErasure does what is left of an erasure under its lease. It reports false while another process has the lease.
func (c *Importer) finishErasure(ctx context.Context, e *erasure) (finished bool, err error) {
	answer := ctx
	if c.service.Jobs != nil {
		lease, err := c.service.Jobs.TryAcquire(store.Apart(ctx), "erasure/"+e.key())
		if err != nil || lease == nil {
			return false, err
		}
		defer lease.Release()
		ctx = lease.Context()
	}
	ctx = store.Apart(ctx)
	if err := c.eraseSources(ctx, e); err != nil {
		return false, err
	}
	if err := c.eraseJournal(ctx, e); err != nil {
		return false, err
	}
	if err := c.eraseLate(ctx, e); err != nil {
		return false, err
	}
	if err := c.eraseFiles(ctx, e.Subject); err != nil {
		return false, err
	}
	if err := c.db.Scrub(ctx); err != nil {
		return false, err
	}
	e.Out.Finished = true
	err = c.db.Write(answer, func(tx *store.Tx) error {
		tx.Answer(e.Out)
		if _, err := erasuresTable.RemoveAll(tx, store.Equal("id", e.id)); err != nil || c.service.Jobs == nil {
			return err
		}
		_, err := c.service.Jobs.Cancel(tx, erasureKind, e.key())
		return err
	})
	return err == nil, err
}

// eraseSources erases the rows of all sources that are not erased with the records.
func (c *Importer) eraseSources(ctx context.Context, e *erasure) error {
	for _, k := range c.allErasureSources() {
		rows, found := e.Rows[k.name]
		if !found {
			var own []journal.Ref
			var err error
			if rows, own, err = k.FindRows(c.db.ReadSlow(ctx), e.Subject); err != nil {
				return err
			}
			e.Rows[k.name], e.Own, e.Out.Erased[k.name] = rows, append(e.Own, own...), int64(len(rows))
			if err := c.saveErasure(ctx, e); err != nil {
				return err
			}
		}
		if err := c.eraseRows(ctx, k, e.Subject, rows); err != nil {
			return err
		}
	}
	return nil
}

func (c *Importer) eraseRows(ctx context.Context, k erasureSource, subject crm.DataSubject, rows []int64) error {
	for part := range slices.Chunk(rows, eraseTogether) {
		err := c.db.Write(ctx, func(tx *store.Tx) error { return k.EraseRows(tx, subject, part) })
		if err != nil {
			return err
		}
	}
	return nil
}

// eraseLate erases once more what was found in memory only: requests that had come in before the erasure are written to
// the log a moment later.
func (c *Importer) eraseLate(ctx context.Context, e *erasure) error {
	if err := c.writePending(ctx); err != nil {
		return err
	}
	for _, k := range c.allErasureSources() {
		if _, pending := k.ErasureSource.(PendingSource); !pending {
			continue
		}
		rows, _, err := k.FindRows(c.db.ReadSlow(ctx), e.Subject)
		if err == nil {
			err = c.eraseRows(ctx, k, e.Subject, rows)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *Importer) writePending(ctx context.Context) error {
	for _, k := range c.erasureSources {
		if source, ok := k.ErasureSource.(PendingSource); ok {
			if err := source.WritePending(store.Apart(ctx)); err != nil {
				return err
			}
		}
	}
	return nil
}

// eraseJournal redacts the entries about the person's records and calls, and all that contain a number of theirs.
func (c *Importer) eraseJournal(ctx context.Context, e *erasure) (err error) {
	tx := c.db.ReadSlow(ctx)
	if e.Last == 0 {
		if e.Last, err = journal.NewestID(tx); err != nil {
			return err
		}
	}
	about, err := journal.FindAbout(tx, slices.Concat(e.Own, e.Subject.Records))
	if err != nil {
		return err
	}
	if err := c.eraseEntries(ctx, e, about); err != nil {
		return err
	}
	const often = 100_000 // entries
	saved := e.Read
	return journal.FindWords(tx, searchWords(e.Subject), e.Read, e.Last, func(read int64, found []int64) error {
		if err := c.eraseEntries(ctx, e, found); err != nil {
			return err
		}
		if e.Read = read; read-saved < often {
			return nil
		}
		saved = read
		return c.saveErasure(ctx, e)
	})
}

func (c *Importer) eraseEntries(ctx context.Context, e *erasure, ids []int64) error {
	redact := func(entry journal.Entry) json.RawMessage { return redactDetails(e.Subject, e.Own, entry) }
	for part := range slices.Chunk(ids, eraseTogether) {
		changed := int64(0)
		err := c.db.Write(ctx, func(tx *store.Tx) (err error) {
			changed, err = c.records.Journal().EraseEntries(tx, part, redact)
			return err
		})
		if err != nil {
			return err
		}
		e.Out.Erased["journal"] += changed
	}
	return nil
}

// saveErasure stores how far an erasure is.
func (c *Importer) saveErasure(ctx context.Context, e *erasure) error {
	state, err := c.sealErasure(e)
	if err != nil {
		return err
	}
	return c.db.Write(ctx, func(tx *store.Tx) error {
		return erasuresTable.Update(tx, &erasureRow{ID: e.id, State: state})
	})
}

// sealErasure returns what the table keeps of an erasure: without the key of the installation it cannot be read.
func (c *Importer) sealErasure(e *erasure) (string, error) {
	text, err := json.Marshal(e)
	if err != nil || c.service.Seal == nil {
		return string(text), err
	}
	return c.service.Seal.Close(text, erasureKind)
}

func (c *Importer) openErasure(row *erasureRow) (*erasure, error) {
	text := []byte(row.State)
	if c.service.Seal != nil {
		var err error
		if text, err = c.service.Seal.Open(row.State, erasureKind); err != nil {
			return nil, err
		}
	}
	e := &erasure{id: row.ID}
	return e, json.Unmarshal(text, e)
}
