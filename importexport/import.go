package importexport

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"path/filepath"
	"slices"
	"time"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
)

// Options describe one import.
type Options struct {
	File string
	Kind Kind // "" to guess it
	// Charset overrules what the bytes of the file show: the name of a charset, "" for none.
	Charset string
	Map     []string // "column=field" where the guess is wrong; field "-" ignores a column
	By      *access.User
	DryRun  *DryRun // validate everything, write only the report
	Again   bool    // start from the beginning even if the file was imported before
	Report  string  // path of the report; FILE.refused.csv if empty

	Owners map[string]int64 // users by names in the file, folded; 0 for no owner; kept for later imports
	ID     int64            // of an uploaded import; 0 to find or add the import of the file
	Calls  CallTrial        // judges past calls in a dry run; nil for none

	OnStart    func(Format)   // called before the first row
	OnProgress func(Progress) // called after each batch
}

// DryRun is a dry run of one or several files. It remembers the companies that earlier files would
// have added, 8 bytes each.
type DryRun struct {
	seed      maphash.Seed
	companies map[uint64]bool // by folded name and by code
}

// NewDryRun starts a dry run.
func NewDryRun() *DryRun {
	return &DryRun{maphash.MakeSeed(), map[uint64]bool{}}
}

func (r *DryRun) add(nameOrCode string) {
	if r != nil && nameOrCode != "" {
		r.companies[maphash.String(r.seed, store.Fold(nameOrCode))] = true
	}
}

// has reports whether the company would exist by now; always false outside of a dry run.
func (r *DryRun) has(nameOrCode string) bool {
	return r != nil && nameOrCode != "" && r.companies[maphash.String(r.seed, store.Fold(nameOrCode))]
}

// Progress is the state of an import, earlier runs included.
type Progress struct {
	Rows    int64 `json:"rows"`
	Added   int64 `json:"added"`
	Changed int64 `json:"changed"`
	Same    int64 `json:"same"` // already there, nothing new
	Refused int64 `json:"refused"`
	Bytes   int64 `json:"-"` // of the file
	Size    int64 `json:"-"`
}

// Result is the outcome of an import.
type Result struct {
	Format
	Progress
	DryRun      bool   `json:"dry_run"`
	AlreadyDone bool   `json:"already"`          // imported before: nothing was read
	Report      string `json:"report,omitempty"` // path, if rows were refused

	OwnersUnknown []UnknownOwner   `json:"owners_unknown"` // names that are no users', the most frequent first
	Warnings      []*Refusal       `json:"warnings"`       // what rows are imported without, the first ones
	Dropped       map[string]int64 `json:"dropped"`        // number of warnings by code

	faults []*Refusal // the first ones
}

// batchSize is the number of rows that are read together. A transaction writes as many of them as pace allows.
const batchSize = 5000

// run is one running import.
type run struct {
	*Importer
	ctx         context.Context
	options     Options
	kind        Kind
	file        *inputFile
	tag         string // of this installation
	state       importRow
	report      report
	nameIndexes map[Kind]*nameIndex
	mapped      map[string]int64 // users by mapped names of owners
	owners      *ownerIndex      // nil before the first batch
	noOwners    map[string]int64 // rows by the name of an unknown owner
	warnings    []*Refusal       // the first ones
	dropped     map[string]int64 // warnings by code
	pace        pace
	faults      []*Refusal // the first ones
}

func (c *Importer) newRun(ctx context.Context, o Options, src *inputFile) *run {
	return &run{Importer: c, ctx: ctx, options: o, kind: o.Kind, file: src, nameIndexes: map[Kind]*nameIndex{},
		pace: newPace(), noOwners: map[string]int64{}, warnings: []*Refusal{}, dropped: map[string]int64{}}
}

// Import reads a file and writes its rows, one transaction per batch. Refused rows go to the
// report, the others are imported. Faults: invalid_input for an unreadable file or a mapping that
// does not fit it, import_runs_elsewhere.
func (c *Importer) Import(ctx context.Context, o Options) (out Result, err error) {
	src, err := openFile(o.File, o.Charset)
	if err != nil {
		return out, err
	}
	defer src.close()
	r := c.newRun(ctx, o, src)
	r.report.path = cmp.Or(o.Report, o.File+".refused.csv")
	defer func() { err = errors.Join(err, r.report.close()) }()
	reader, opening, err := r.detectFormat()
	if err != nil {
		return out, err
	}
	out.DryRun = o.DryRun != nil
	if err := r.resume(opening.Columns); err != nil {
		return out, err
	}
	opening.Resumed = r.state.Rows
	out.Format, out.AlreadyDone = opening, r.state.DoneAt != 0
	if !out.AlreadyDone {
		if o.OnStart != nil {
			o.OnStart(opening)
		}
		if err = r.readAndWrite(reader); err != nil {
			r.stopped()
		}
	}
	out.Progress, out.OwnersUnknown = r.progress(), r.unknownOwners()
	out.Warnings, out.Dropped = r.warnings, r.dropped
	out.faults = r.faults
	if r.state.ReportSize > 0 {
		out.Report = r.report.path
	}
	return out, err
}

// resume loads the progress of the same import: same content, mapping and user.
func (r *run) resume(columns []Column) error {
	tx := r.db.Read(r.ctx)
	var err error
	if r.tag, err = findInstallation(tx); err != nil {
		return err
	}
	if err := r.mapOwners(tx); err != nil {
		return err
	}
	if r.options.DryRun != nil {
		return r.report.removeEarlier(0)
	}
	err = r.db.Write(r.ctx, func(tx *store.Tx) error {
		if err := r.keepOwners(tx); err != nil {
			return err
		}
		row, err := r.findOrAdd(tx, r.fingerprint(columns))
		if err == nil {
			r.state = *row
		}
		return err
	})
	if err == nil && r.state.DoneAt == 0 {
		err = r.report.removeEarlier(r.state.ReportSize)
	}
	return err
}

// findOrAdd returns the import that this run is about: the uploaded one, or that of the same content, mapping and user.
func (r *run) findOrAdd(tx *store.Tx, fingerprint string) (*importRow, error) {
	if r.options.ID != 0 {
		if err := beginImport(tx, r.options.ID, r.kind); err != nil {
			return nil, err
		}
		return importsTable.Find(tx, r.options.ID)
	}
	known, err := findByFingerprint(tx, fingerprint)
	if err != nil {
		return nil, err
	}
	if known != nil && !r.options.Again && known.State != string(Undone) {
		if known.DoneAt != 0 {
			return known, nil
		}
		known.State = string(Running)
		return known, moveImport(tx, known.ID, Running, Running, Stopped, Failed)
	}
	if known != nil {
		other := sha256.Sum256(fmt.Appendf(nil, "%s %d", fingerprint, known.ID))
		if err := retireFingerprint(tx, known.ID, hex.EncodeToString(other[:])); err != nil {
			return nil, err
		}
	}
	row := &importRow{Fingerprint: fingerprint, File: filepath.Base(r.file.path), Kind: string(r.kind),
		UserID: r.options.By.ID, State: string(Running), Size: r.file.size}
	return row, addImport(tx, row)
}

// stopped notes that a run of the command line ended early.
func (r *run) stopped() {
	if r.options.ID != 0 || r.options.DryRun != nil || r.state.ID == 0 || r.state.DoneAt != 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.ctx), 2*time.Second)
	defer cancel()
	_ = r.db.Write(ctx, func(tx *store.Tx) error { return moveImport(tx, r.state.ID, Stopped, Running) })
}

// readAndWrite reads the file in one goroutine and writes the batches in another.
func (r *run) readAndWrite(reader rowReader) error {
	ctx, stop := context.WithCancel(r.ctx)
	defer stop()
	batches, failed := make(chan []*draft, 1), make(chan error, 1)
	done := r.state.Rows // the writer advances r.state meanwhile
	go func() {
		defer close(batches)
		failed <- read(ctx, reader, done, batches)
	}()
	for batch := range batches {
		if err := r.writePaced(ctx, batch); err != nil {
			stop()
			for range batches { // let the reader end
			}
			return err
		}
	}
	if err := <-failed; err != nil {
		return err
	}
	if err := r.ctx.Err(); err != nil {
		return err
	}
	if r.options.DryRun != nil {
		return nil
	}
	return r.db.Write(r.ctx, func(tx *store.Tx) error {
		done := r.state
		done.DoneAt, done.State, done.BytesDone = store.MomentOf(tx.Now()), string(Done), r.file.size
		if err := changeImport(tx, r.state.Rows, done); err != nil {
			return err
		}
		return r.record(tx, r.options.By.ID, ImportDone, &done)
	})
}

// writePaced writes a batch in transactions that are short enough for the other writers.
func (r *run) writePaced(ctx context.Context, batch []*draft) error {
	for len(batch) > 0 {
		n := min(len(batch), r.pace.size)
		began := time.Now()
		if err := r.write(batch[:n]); err != nil {
			return err
		}
		r.pace.took(n, time.Since(began))
		batch = batch[n:]
		if r.options.OnProgress != nil {
			r.options.OnProgress(r.progress())
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// read sends the rows after the first done ones, batch by batch.
func read(ctx context.Context, reader rowReader, done int64, batches chan<- []*draft) error {
	batch := make([]*draft, 0, batchSize)
	for row := int64(0); ; row++ {
		d, err := reader.next()
		if err != nil && err != io.EOF {
			return fault.Invalid("file", "not_readable").Because(err)
		}
		if err == nil && row >= done {
			batch = append(batch, d)
		}
		if len(batch) == batchSize || err == io.EOF && len(batch) > 0 {
			select {
			case batches <- batch:
			case <-ctx.Done():
				return nil
			}
			batch = make([]*draft, 0, batchSize)
		}
		if err == io.EOF {
			return nil
		}
	}
}

// mostWarnings is how many warnings a result holds; all are counted.
const mostWarnings = 1000

// warn reports a value that a row was imported without.
func (r *run) warn(w *Refusal) {
	r.dropped[w.Code]++
	if len(r.warnings) < mostWarnings {
		r.warnings = append(r.warnings, w)
	}
}

func (r *run) progress() Progress {
	s := r.state
	return Progress{Rows: s.Rows, Added: s.Added, Changed: s.Changed, Same: s.Same, Refused: s.Refused,
		Bytes: r.file.bytesRead.Load(), Size: r.file.size}
}

// nameIndex returns the names of the records of a kind, reading them on first use.
func (r *run) nameIndex(kind Kind) (*nameIndex, error) {
	if r.nameIndexes[kind] == nil {
		names, err := readNameIndex(r.db.Read(r.ctx), kind)
		if err != nil {
			return nil, err
		}
		r.nameIndexes[kind] = names
	}
	return r.nameIndexes[kind], nil
}

// errDryRun rolls back the transaction of a dry run.
var errDryRun = errors.New("importexport: dry run")

// write writes a batch. It tries again when another writer changed the same records meanwhile.
func (r *run) write(batch []*draft) error {
	if r.kind == Users {
		return r.writeUsers(batch)
	}
	const tries = 5
	for try := 1; ; try++ {
		a, err := r.newAttempt(batch)
		if err != nil {
			return err
		}
		err = r.records.Batch(r.ctx, r.options.By, a.locks, a.write)
		if r.options.DryRun != nil && errors.Is(err, errDryRun) {
			err = nil
		}
		if err == nil {
			a.committed()
			return nil
		}
		if again := fault.Of(err).Key; try == tries || again != "stale_version" && again != "record_exists" {
			return err
		}
	}
}

// write is one attempt inside the transaction.
func (a *attempt) write(b *crm.Batch) error {
	refusals := append([]*Refusal(nil), a.refusals...)
	a.progress = a.state
	a.changed = map[int64]journal.Changes{}
	b.Watch(a.noteChange)
	err := a.writeRows(b, refusals)
	if err != nil {
		return err
	}
	var refused []*Refusal
	a.warnings = nil
	for i, f := range refusals {
		if f != nil {
			refused = append(refused, f)
		} else {
			a.warnings = slices.Concat(a.warnings, a.drafts[i].notes, a.notes[i])
		}
	}
	a.progress.Refused += int64(len(refused))
	a.progress.Rows += int64(len(a.drafts))
	if a.progress.ReportSize, err = a.run.report.write(a.state.ReportSize, refused); err != nil {
		return err
	}
	a.newFaults = slices.Concat(refused, a.warnings)
	a.progress.Dropped += int64(len(a.warnings))
	if a.options.DryRun != nil {
		if err := a.judgeCalls(b.Tx); err != nil {
			return err
		}
		return errDryRun
	}
	if err := a.saveUndo(b.Tx); err != nil {
		return err
	}
	a.progress.BytesDone = a.file.bytesRead.Load()
	return changeImport(b.Tx, a.state.Rows, a.progress)
}

// committed keeps the results of a committed transaction.
func (a *attempt) committed() {
	a.run.state = a.progress
	a.countOwners()
	for _, w := range a.warnings {
		a.run.warn(w)
	}
	a.run.faults = append(a.run.faults, a.newFaults[:min(len(a.newFaults), mostFaults-len(a.run.faults))]...)
	for i, d := range a.drafts {
		if a.kind == Companies && a.added[i] != 0 {
			a.options.DryRun.add(d.name)
			a.options.DryRun.add(d.code)
		}
		if names := a.nameIndexes[a.kind]; names != nil && a.added[i] != 0 && a.options.DryRun == nil {
			names.add(a.added[i], d.displayName())
		}
	}
}
