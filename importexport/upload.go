package importexport

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
)

// uploadSign begins the fingerprint of an uploaded import: each upload is an import of its own.
const uploadSign = 'u'

// UploadedFile is a file that was uploaded.
type UploadedFile struct {
	Path string // where it is stored
	Name string // as its user calls it
	Size int64
}

// AddImport registers an uploaded file and recognises what is in it. Faults: those of Import for a file that cannot be
// read or settings that do not fit it; the file is removed then.
func (c *Importer) AddImport(ctx context.Context, by *access.User, file UploadedFile,
	s ImportSettings) (out FileImport, err error) {
	defer func() {
		if err != nil {
			_ = os.Remove(file.Path)
		}
	}()
	format, kind, err := c.inspect(ctx, by, file.Path, s)
	if err != nil {
		return out, err
	}
	tag := make([]byte, 24)
	if _, err := io.ReadFull(c.random, tag); err != nil {
		return out, fault.Internal(err)
	}
	row := importRow{Fingerprint: string(uploadSign) + hex.EncodeToString(tag), File: file.Name, Kind: string(kind),
		UserID: by.ID, State: string(Uploaded), Size: file.Size}
	plan := planRow{Stored: file.Path, Options: asJSON(s), Format: asJSON(format)}
	err = c.db.Write(ctx, func(tx *store.Tx) error {
		if err := addImport(tx, &row); err != nil {
			return err
		}
		return savePlan(tx, row.ID, plan)
	})
	if err != nil {
		return out, err
	}
	return c.FindImport(ctx, by, row.ID)
}

// ChangeImport decides how an uploaded file is read. The dry run made before is forgotten. Faults: those of AddImport,
// and import_state for an import that has begun.
func (c *Importer) ChangeImport(ctx context.Context, by *access.User, id int64,
	s ImportSettings) (out FileImport, err error) {
	row, plan, err := c.findUploaded(ctx, by, id)
	if err != nil {
		return out, err
	}
	if row.Rows > 0 {
		return out, fault.Conflict("import_state")
	}
	format, kind, err := c.inspect(ctx, by, plan.Stored, s)
	if err != nil {
		return out, err
	}
	plan.Options, plan.Format, plan.Trial = asJSON(s), asJSON(format), ""
	err = c.db.Write(ctx, func(tx *store.Tx) error {
		if err := moveImport(tx, id, Uploaded, Uploaded, Ready, Failed); err != nil {
			return err
		}
		if err := beginImport(tx, id, kind); err != nil {
			return err
		}
		return savePlan(tx, id, *plan)
	})
	if err != nil {
		return out, err
	}
	return c.FindImport(ctx, by, id)
}

// RemoveImport discards an uploaded file that was not imported. Fault: import_state for one that has begun.
func (c *Importer) RemoveImport(ctx context.Context, by *access.User, id int64) error {
	row, plan, err := c.findUploaded(ctx, by, id)
	if err != nil {
		return err
	}
	if row.Rows > 0 {
		return fault.Conflict("import_state")
	}
	err = c.db.Write(ctx, func(tx *store.Tx) error {
		if err := moveImport(tx, id, Uploaded, Uploaded, Ready, Failed); err != nil {
			return err
		}
		return removeUploaded(tx, id)
	})
	if err == nil {
		removeFiles(plan.Stored)
	}
	return err
}

// findUploaded returns an import that a user uploaded, or that an admin may act on, with its plan. Faults: not_found,
// import_state for one of the command line, file not_found when the file is not here any more.
func (c *Importer) findUploaded(ctx context.Context, by *access.User, id int64) (*importRow, *planRow, error) {
	row, _, err := c.find(ctx, by, id)
	if err != nil {
		return nil, nil, err
	}
	if row.UserID != by.ID && !by.Has(access.Admin) {
		return nil, nil, fault.Forbidden("not_your_import")
	}
	plan, err := findPlan(c.db.Read(ctx), id)
	if err != nil {
		return nil, nil, err
	}
	if plan == nil {
		return nil, nil, fault.Conflict("import_state")
	}
	if _, err := os.Stat(plan.Stored); plan.Stored == "" || err != nil {
		return nil, nil, fault.Missing("file")
	}
	return row, plan, nil
}

// Limits of the look that a file gets before its import.
const (
	lookRows = 20_000
	lookTime = 3 * time.Second
)

// inspect recognises a file and looks through its first rows for samples and for owners that are no users.
func (c *Importer) inspect(ctx context.Context, by *access.User, path string,
	s ImportSettings) (ImportFormat, Kind, error) {
	format := ImportFormat{Columns: []SampleColumn{}, Owners: []UnknownOwner{}}
	src, err := openFile(path, s.Charset)
	if err != nil {
		return format, "", err
	}
	defer src.close()
	r := c.newRun(ctx, Options{Kind: Kind(s.Kind), Map: s.overrides(), By: by, Owners: s.Owners,
		Charset: s.Charset, DryRun: NewDryRun()}, src)
	reader, opened, err := r.detectFormat()
	if err == nil {
		err = r.mapOwners(c.db.Read(ctx))
	}
	if err != nil {
		return format, "", err
	}
	sample := &samples{}
	if from, ok := reader.(interface{ sampled() *samples }); ok {
		sample = from.sampled()
	}
	sample.wanted = true
	if format.Rows, err = r.lookThrough(reader); err != nil {
		return format, "", err
	}
	format.Format, format.Charset, format.Separator = opened.Type, opened.Charset, opened.Separator
	for i, column := range opened.Columns {
		format.Columns = append(format.Columns, SampleColumn{column, sample.of(i)})
	}
	for _, f := range fieldsOf(r.kind) {
		format.Fields = append(format.Fields, string(f))
	}
	format.Owners = r.unknownOwners()
	format.Earlier, err = c.earlier(ctx, r, opened)
	return format, r.kind, err
}

// lookThrough reads the first rows and resolves their owners.
func (r *run) lookThrough(reader rowReader) (rows int64, err error) {
	var batch []*draft
	for end := time.Now().Add(lookTime); rows < lookRows && time.Now().Before(end); rows++ {
		d, err := reader.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return rows, fault.Invalid("file", "not_readable").Because(err)
		}
		if batch = append(batch, d); len(batch) == 1000 {
			if err := r.lookAtPeople(batch); err != nil {
				return rows, err
			}
			batch = nil
		}
	}
	return rows, r.lookAtPeople(batch)
}

func (r *run) lookAtPeople(batch []*draft) error {
	if r.kind == Users || len(batch) == 0 {
		return nil
	}
	n := len(batch)
	a := &attempt{run: r, tx: r.db.Read(r.ctx), drafts: batch, refusals: make([]*Refusal, n), match: make([]int64, n),
		sameAs: make([]int, n), named: make([]bool, n), newCodes: make([]bool, n), notes: make([][]*Refusal, n)}
	err := a.resolvePeople()
	a.countOwners()
	return err
}

// earlier returns the import of the same content, kind and user that was done before, 0 for none.
func (c *Importer) earlier(ctx context.Context, r *run, opened Format) (int64, error) {
	known, err := findByFingerprint(c.db.Read(ctx), r.fingerprint(opened.Columns))
	if err != nil || known == nil || known.State != string(Done) {
		return 0, err
	}
	return known.ID, nil
}

// fingerprint identifies content, mapping and user.
func (r *run) fingerprint(columns []Column) string {
	mapping := make([]struct{ header, field string }, len(columns))
	for i, c := range columns {
		mapping[i].header, mapping[i].field = c.Header, c.Field
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %q %d%s", r.file.hash, r.kind, mapping, r.options.By.ID,
		r.options.Charset))
	return hex.EncodeToString(sum[:])
}

// asJSON encodes what the database keeps of an import.
func asJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic("importexport: settings that are no JSON: " + err.Error())
	}
	return string(text)
}

// check refuses settings that no file could fit.
func (s ImportSettings) check() error {
	var wrong *fault.Error
	if s.Kind != "" && !slices.Contains(s.Kind.Values(), string(s.Kind)) {
		wrong = wrong.And("kind", "unknown_value")
	}
	return wrong.OrNil()
}

// storedReport is an open report.
type storedReport struct {
	*os.File
	size int
}

// openReport opens the report of refused rows of an import, or of its dry run before the import, and returns the name
// under which it is downloaded. Fault: not_found (report) when no row was refused, or the report is not here any more.
func (c *Importer) openReport(ctx context.Context, by *access.User,
	id int64) (report storedReport, name string, err error) {
	row, _, err := c.find(ctx, by, id)
	if err != nil {
		return report, "", err
	}
	plan, err := findPlan(c.db.Read(ctx), id)
	if err != nil {
		return report, "", err
	}
	if plan == nil || plan.Stored == "" {
		return report, "", fault.Missing("report")
	}
	path := reportOf(plan.Stored)
	if row.Rows == 0 {
		path = trialReportOf(plan.Stored)
	}
	file, err := os.Open(path)
	if err != nil {
		return report, "", fault.Missing("report").Because(err)
	}
	info, err := file.Stat()
	if err != nil {
		_ = file.Close()
		return report, "", fault.Internal(err)
	}
	size := info.Size()
	if row.Rows > 0 && row.ReportSize < size {
		size = row.ReportSize // the rest belongs to a batch that was not committed
	}
	return storedReport{file, int(size)}, strings.TrimSuffix(row.File, filepath.Ext(row.File)) + ".refused.csv", nil
}
