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

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
)

// Order is what somebody wants imported.
type Order struct {
	File   string
	Kind   Kind     // "": guessed
	Map    []string // "column=field", where the guess is wrong; the field "-" leaves a column out
	By     *access.User
	DryRun *Rehearsal // read and check everything, write nothing but the report
	Again  bool       // from the beginning, also if the file was imported already
	Report string     // file for the refused rows; FILE.refused.csv if empty

	Begun func(Opening)  // told before the first row
	Moved func(Progress) // told after each batch
}

// Rehearsal is a dry run of one file, or of several after each other: it remembers
// what the files before would have added, 8 bytes for each company.
type Rehearsal struct {
	seed      maphash.Seed
	companies map[uint64]bool // by folded name, and by code
}

// NewRehearsal begins a dry run.
func NewRehearsal() *Rehearsal {
	return &Rehearsal{maphash.MakeSeed(), map[uint64]bool{}}
}

func (r *Rehearsal) add(word string) {
	if r != nil && word != "" {
		r.companies[maphash.String(r.seed, store.Fold(word))] = true
	}
}

// has says whether the company would be there by now; outside of a dry run none is.
func (r *Rehearsal) has(word string) bool {
	return r != nil && word != "" && r.companies[maphash.String(r.seed, store.Fold(word))]
}

// Opening is what the clerk understood of a file before he began.
type Opening struct {
	File      string   `json:"file"`
	Kind      Kind     `json:"kind"`
	Format    string   `json:"format"` // csv or vcard
	Charset   string   `json:"charset"`
	Separator string   `json:"separator,omitempty"`
	Columns   []Column `json:"columns,omitempty"`
	Resumed   int64    `json:"resumed"` // rows that an earlier run has done
}

// Progress is how far an import has come, earlier runs included.
type Progress struct {
	Rows    int64 `json:"rows"`
	Added   int64 `json:"added"`
	Changed int64 `json:"changed"`
	Same    int64 `json:"same"` // there already, and nothing new in them
	Refused int64 `json:"refused"`
	Bytes   int64 `json:"-"` // of the file
	Size    int64 `json:"-"`
}

// Outcome is how an import ended.
type Outcome struct {
	Opening
	Progress
	DryRun  bool   `json:"dry_run"`
	Already bool   `json:"already"`          // it was done before: nothing was read
	Report  string `json:"report,omitempty"` // the file of the refused rows, if there are any
}

// batchSize is how many rows are written in one transaction.
const batchSize = 5000

// run is one import on its way.
type run struct {
	*Importer
	ctx    context.Context
	order  Order
	kind   Kind
	source *source
	tag    string // of this installation
	state  importRow
	report report
	names  map[Kind]*register
	owners map[string][]int64 // users by folded name
}

// Import takes a file in. The rows that are refused are told in the report, the
// rest is imported, a batch in one transaction. Faults: a file that cannot be
// read, a mapping that does not fit it, an import of the same file elsewhere.
func (c *Importer) Import(ctx context.Context, o Order) (out Outcome, err error) {
	src, err := openSource(o.File)
	if err != nil {
		return out, err
	}
	defer src.close()
	r := &run{Importer: c, ctx: ctx, order: o, kind: o.Kind, source: src, names: map[Kind]*register{}, owners: map[string][]int64{}}
	r.report.path = cmp.Or(o.Report, o.File+".refused.csv")
	defer func() { err = errors.Join(err, r.report.close()) }()
	feed, opening, err := r.open()
	if err != nil {
		return out, err
	}
	out.DryRun = o.DryRun != nil
	if err := r.resume(opening.Columns); err != nil {
		return out, err
	}
	opening.Resumed = r.state.Rows
	out.Opening, out.Already = opening, r.state.DoneAt != 0
	if !out.Already {
		if o.Begun != nil {
			o.Begun(opening)
		}
		err = r.all(feed)
	}
	out.Progress = r.progress()
	if r.state.ReportSize > 0 {
		out.Report = r.report.path
	}
	return out, err
}

// feed gives the rows of a file, refused ones included; io.EOF at the end.
type feed interface{ next() (*draft, error) }

// open understands the file.
func (r *run) open() (feed, Opening, error) {
	o := Opening{File: filepath.Base(r.source.path), Format: "csv", Charset: r.source.charset}
	text, err := r.source.text()
	if err != nil {
		return nil, o, err
	}
	var f feed
	var h header
	if r.source.vcard {
		r.kind = cmp.Or(r.kind, Contacts)
		cards, err := openCards(text, r.kind, r.order.Map)
		if err != nil {
			return nil, o, err
		}
		f, h, o.Format = cards, cards.header, "vcard"
	} else {
		sheet, err := openSheet(text)
		if err != nil {
			return nil, o, err
		}
		r.kind = cmp.Or(r.kind, kindOf(sheet.columns))
		if err := sheet.guess(r.kind, r.order.Map); err != nil {
			return nil, o, err
		}
		f, h, o.Separator = sheetFeed{sheet}, sheet.header, string(sheet.separator)
	}
	o.Kind, o.Columns = r.kind, h.columns
	return f, o, r.allowed(h)
}

// allowed refuses what only admins may bring.
func (r *run) allowed(h header) error {
	if r.order.By.Has(access.Admin) {
		return nil
	}
	if r.kind == Users {
		return fault.Forbidden("role_missing").With("roles", access.Admins)
	}
	if slices.Contains(h.fields, fieldSince) || slices.Contains(h.fields, fieldCompanySince) {
		return fault.Forbidden("since_forbidden")
	}
	return nil
}

// sheetFeed makes drafts of the rows of a sheet.
type sheetFeed struct{ *sheet }

func (s sheetFeed) next() (*draft, error) {
	line, row, err := s.rows.next()
	var b *broken
	if errors.As(err, &b) {
		d := &draft{line: b.line}
		d.refuse("", b.code)
		return d, nil
	}
	if err != nil {
		return nil, err
	}
	d := draftOf(line, s.cellsOf(row), s.columns)
	if s.overflow(row) {
		d.refuse("", "too_many_cells")
	}
	return d, nil
}

// resume finds out how far this very import has come before: the same content,
// meaning the same, in the name of the same user.
func (r *run) resume(columns []Column) error {
	tx := r.db.Read(r.ctx)
	var err error
	if r.tag, err = installationIn(tx); err != nil {
		return err
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %q %d", r.source.hash, r.kind, columns, r.order.By.ID))
	seal := hex.EncodeToString(sum[:])
	if r.order.DryRun != nil {
		return r.report.begin(0)
	}
	err = r.db.Write(r.ctx, func(tx *store.Tx) (err error) {
		if r.order.Again {
			if err := forgetImport(tx, seal); err != nil {
				return err
			}
		}
		r.state, err = importOf(tx, seal, filepath.Base(r.source.path), r.kind, r.order.By.ID)
		return err
	})
	if err == nil && r.state.DoneAt == 0 {
		err = r.report.begin(r.state.ReportSize)
	}
	return err
}

// all reads the file in one goroutine and writes it in another.
func (r *run) all(feed feed) error {
	ctx, stop := context.WithCancel(r.ctx)
	defer stop()
	batches, failed := make(chan []*draft, 1), make(chan error, 1)
	done := r.state.Rows // by an earlier run; the writer counts on from there
	go func() {
		defer close(batches)
		failed <- read(ctx, feed, done, batches)
	}()
	for batch := range batches {
		if err := r.write(batch); err != nil {
			stop()
			for range batches { // let the reader end
			}
			return err
		}
		if r.order.Moved != nil {
			r.order.Moved(r.progress())
		}
	}
	if err := <-failed; err != nil {
		return err
	}
	if err := r.ctx.Err(); err != nil {
		return err
	}
	if r.order.DryRun != nil {
		return nil
	}
	return r.db.Write(r.ctx, func(tx *store.Tx) error {
		done := r.state
		done.DoneAt = store.Millis(tx.Now())
		return saveImport(tx, r.state.Rows, done)
	})
}

// read gives the rows of a feed behind those that are done, batch by batch.
func read(ctx context.Context, feed feed, done int64, batches chan<- []*draft) error {
	batch := make([]*draft, 0, batchSize)
	for row := int64(0); ; row++ {
		d, err := feed.next()
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

func (r *run) progress() Progress {
	s := r.state
	return Progress{Rows: s.Rows, Added: s.Added, Changed: s.Changed, Same: s.Same, Refused: s.Refused, Bytes: r.source.read.Load(), Size: r.source.size}
}

// register gives the names of the records of a kind, read when they are first
// asked for.
func (r *run) register(kind Kind) (*register, error) {
	if r.names[kind] == nil {
		names, err := readRegister(r.db.Read(r.ctx), kind.of())
		if err != nil {
			return nil, err
		}
		r.names[kind] = names
	}
	return r.names[kind], nil
}

// errRehearsed ends the transaction of a dry run: nothing of it stays.
var errRehearsed = errors.New("exchange: a dry run")

// write brings a batch into the database. When others change what it stands on
// at the same moment it is tried again.
func (r *run) write(batch []*draft) error {
	if r.kind == Users {
		return r.writeUsers(batch)
	}
	const tries = 5
	for try := 1; ; try++ {
		a, err := r.attempt(batch)
		if err != nil {
			return err
		}
		err = r.book.Batch(r.ctx, r.order.By, a.held, a.write)
		if r.order.DryRun != nil && errors.Is(err, errRehearsed) {
			err = nil
		}
		if err == nil {
			a.done()
			return nil
		}
		if again := fault.Of(err).Key; try == tries || again != "stale_version" && again != "record_exists" {
			return err
		}
	}
}

// write is one try within the transaction.
func (a *attempt) write(b *crm.Batch) error {
	fails := append([]*Refusal(nil), a.fails...)
	a.count = a.state
	err := a.rows(b, fails)
	if err != nil {
		return err
	}
	var refused []*Refusal
	for _, f := range fails {
		if f != nil {
			refused = append(refused, f)
		}
	}
	a.count.Refused += int64(len(refused))
	a.count.Rows += int64(len(a.drafts))
	if a.count.ReportSize, err = a.run.report.put(a.state.ReportSize, refused); err != nil {
		return err
	}
	if a.order.DryRun != nil {
		return errRehearsed
	}
	return saveImport(b.Tx(), a.state.Rows, a.count)
}

// done takes over what the transaction has committed.
func (a *attempt) done() {
	a.run.state = a.count
	for i, d := range a.drafts {
		if a.kind == Companies && a.added[i] != 0 {
			a.order.DryRun.add(d.name)
			a.order.DryRun.add(d.code)
		}
		if names := a.names[a.kind]; names != nil && a.added[i] != 0 && a.order.DryRun == nil {
			names.add(a.added[i], d.called())
		}
	}
}
