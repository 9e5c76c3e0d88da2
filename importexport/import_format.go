package importexport

import (
	"cmp"
	"errors"
	"path/filepath"
	"slices"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/web"
	"callhue/phone"
)

// Format is what was detected in a file before reading its rows.
type Format struct {
	File      string   `json:"file"`
	Kind      Kind     `json:"kind"`
	Type      string   `json:"format"` // csv, vcard or xlsx
	Charset   string   `json:"charset"`
	Separator string   `json:"separator,omitempty"`
	Columns   []Column `json:"columns,omitempty"`
	Resumed   int64    `json:"resumed"` // rows done by an earlier run
}

// rowReader returns the rows of a file, refused ones included, and io.EOF at the end.
type rowReader interface{ next() (*draft, error) }

// detectFormat opens the file as CSV, vCard or workbook and maps its columns. A fault names what was seen.
func (r *run) detectFormat() (rowReader, Format, error) {
	o := Format{File: filepath.Base(r.file.path), Type: string(r.file.format), Charset: r.file.charset}
	if r.file.format == formatVCard {
		return r.openCards(o)
	}
	text, err := r.file.openTable()
	if err != nil {
		return nil, o, err
	}
	sheet, err := openCSV(text, mappedColumns(r.options.Map)...)
	if err != nil {
		return nil, o, seen(err, o, nil)
	}
	r.kind = cmp.Or(r.kind, guessKind(sheet.columns))
	if err := sheet.guessMeanings(r.kind, r.options.Map); err != nil {
		return nil, o, seen(err, o, sheet.columns)
	}
	if o.Separator = string(sheet.separator); r.file.format == formatXLSX {
		o.Separator = ""
		sheet.inWorkbook = true
	}
	o.Kind, o.Columns, r.report.columns = r.kind, sheet.columns, sheet.names()
	return csvReader{sheet, r.numbers}, o, r.checkRights(sheet.header)
}

// openCards opens the file as vCards.
func (r *run) openCards(o Format) (rowReader, Format, error) {
	text, charset, err := r.file.openLines()
	if err != nil {
		return nil, o, err
	}
	r.kind = cmp.Or(r.kind, Contacts)
	cards, err := openVCards(text, charset, r.kind, r.options.Map, r.numbers)
	if err != nil {
		return nil, o, seen(err, o, nil)
	}
	o.Kind, o.Columns, r.report.columns = r.kind, cards.columns, cardHeaders()
	return cards, o, r.checkRights(cards.header)
}

// mostSeen is how many columns a fault names.
const mostSeen = 20

// seen adds to a fault of a file how it was read and which columns it has: a wrong charset shows in their names.
func seen(err error, o Format, columns []Column) error {
	named := fault.Of(err)
	if named.Kind != fault.KindInvalid {
		return err
	}
	names := []string{}
	for _, c := range columns[:min(len(columns), mostSeen)] {
		names = append(names, shorten(c.Header))
	}
	return named.With("charset", o.Charset).With("format", o.Type).With("columns", names)
}

// checkRights refuses users and link dates to anyone but admins.
func (r *run) checkRights(h header) error {
	if r.options.By.Has(access.Admin) {
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

// csvReader turns CSV rows into drafts.
type csvReader struct {
	*csvFile
	numbers *phone.Plan
}

func (s csvReader) next() (*draft, error) {
	line, row, err := s.csvRows.next()
	for err == nil && s.isHeader(row) {
		line, row, err = s.csvRows.next()
	}
	var broken *brokenRow
	if errors.As(err, &broken) {
		d := &draft{line: broken.line, row: []string{}}
		d.refuse("", broken.code)
		return d, nil
	}
	if err != nil {
		return nil, err
	}
	s.samples.addRow(row)
	d := newDraft(line, s.cellsOf(row), s.columns, s.numbers)
	d.row = plainCells(row)
	if s.hasExtraCells(row) {
		d.refuse("", "too_many_cells")
	}
	return d, nil
}

// plainCells returns a row that a reader may keep, without what makes formulas safe.
func plainCells(row []string) []string {
	cells := make([]string, len(row))
	for i, text := range row {
		cells[i] = web.PlainCell(text)
	}
	return cells
}
