package importexport

import (
	"context"
	"encoding/json"
	"io"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/store"
	"callhue/journal"
)

// allErasureSources returns the sources that are erased part by part, with those of this package.
func (c *Importer) allErasureSources() (list []erasureSource) {
	for _, k := range c.erasureSources {
		if !k.atOnce {
			list = append(list, k)
		}
	}
	return append(list,
		erasureSource{"imports", false, importedValues{}},
		erasureSource{"answers", false, storedAnswers{}})
}

// importedValues are the values that imports remember for their undo.
type importedValues struct{}

// FindData returns nothing: the values are those of the records.
func (importedValues) FindData(context.Context, crm.DataSubject) (any, error) { return nil, nil }

// FindRows returns two numbers for each row: the import and the record.
func (importedValues) FindRows(tx *store.Tx, subject crm.DataSubject) (rows []int64, _ []journal.Ref, err error) {
	for _, kind := range []Kind{Contacts, Leads} {
		list, err := findImported(tx, kind, idsOf(subject, kind))
		if err != nil {
			return nil, nil, err
		}
		for _, r := range list {
			rows = append(rows, r.Import, r.Record)
		}
	}
	return rows, nil, nil
}

// EraseRows implements ErasureSource.
func (importedValues) EraseRows(tx *store.Tx, _ crm.DataSubject, rows []int64) error {
	for i := 0; i+1 < len(rows); i += 2 {
		if err := eraseImported(tx, importedRecord{rows[i], rows[i+1]}); err != nil {
			return err
		}
	}
	return nil
}

// storedAnswers are the answers to requests with an Idempotency-Key.
type storedAnswers struct{}

// FindData returns nothing: the answers show what the tables have.
func (storedAnswers) FindData(context.Context, crm.DataSubject) (any, error) { return nil, nil }

// FindRows implements ErasureSource.
func (storedAnswers) FindRows(tx *store.Tx, subject crm.DataSubject) (rows []int64, _ []journal.Ref, err error) {
	rows, err = journal.FindAnswers(tx, subject.Mentions)
	return rows, nil, err
}

// EraseRows implements ErasureSource.
func (storedAnswers) EraseRows(tx *store.Tx, _ crm.DataSubject, rows []int64) error {
	return journal.RemoveAnswers(tx, rows)
}

// eraseFiles removes the stored files of imports that mention the person, with their reports, and masks the person in
// what was noted of such files. A file that cannot be read any more is removed too.
func (c *Importer) eraseFiles(ctx context.Context, subject crm.DataSubject) error {
	stored, err := findStoredImports(c.db.ReadSlow(ctx))
	if err != nil {
		return err
	}
	named, err := findNamedImports(c.db.ReadSlow(ctx))
	if err != nil {
		return err
	}
	for _, s := range named {
		if subject.Mentions(s.File) {
			rename := func(tx *store.Tx) error { return renameImport(tx, s.ID, crm.Masked) }
			if err := c.db.Write(ctx, rename); err != nil {
				return err
			}
		}
	}
	for _, s := range stored {
		if err := c.eraseFile(ctx, subject, s); err != nil {
			return err
		}
	}
	return nil
}

func (c *Importer) eraseFile(ctx context.Context, subject crm.DataSubject, s storedImport) error {
	inFile := s.Stored != "" && (c.fileMentions(ctx, subject, s) || subject.Mentions(s.File))
	if inFile {
		removeFiles(s.Stored)
		s.Stored = ""
	}
	changed := inFile
	for _, noted := range []*string{&s.Options, &s.Format, &s.Trial} {
		if *noted != "" && subject.Mentions(*noted) {
			*noted, changed = string(subject.Redact(json.RawMessage(*noted))), true
		}
	}
	masked := subject.Mentions(s.File)
	if !changed && !masked {
		return nil
	}
	return c.db.Write(ctx, func(tx *store.Tx) error {
		if masked {
			if err := renameImport(tx, s.ID, crm.Masked); err != nil {
				return err
			}
		}
		return savePlanTexts(tx, s)
	})
}

// fileMentions reports whether a stored file has a row with a value of the person, or cannot be read.
func (c *Importer) fileMentions(ctx context.Context, subject crm.DataSubject, s storedImport) bool {
	var settings ImportSettings
	if json.Unmarshal([]byte(s.Options), &settings) != nil {
		return true
	}
	src, err := openFile(s.Stored, settings.Charset)
	if err != nil {
		return true
	}
	defer src.close()
	r := c.newRun(ctx, Options{Kind: Kind(s.Kind), Map: settings.overrides(), By: access.System(),
		Charset: settings.Charset, DryRun: NewDryRun()}, src)
	reader, _, err := r.detectFormat()
	if err != nil {
		return true
	}
	for ctx.Err() == nil {
		d, err := reader.next()
		if err == io.EOF {
			return false
		}
		if err != nil {
			return true
		}
		for _, cell := range d.reportRow() {
			if subject.Mentions(cell) {
				return true
			}
		}
	}
	return false
}
