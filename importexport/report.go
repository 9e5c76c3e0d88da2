package importexport

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"slices"

	"callhue/internal/fault"
	"callhue/internal/web"
)

// report is the file of refused rows: why each is refused, and all its cells, which can be corrected and imported
// again. Its valid length is stored in the transaction of each batch,
// so an interrupted report continues without gaps or repeated rows.
type report struct {
	path    string
	file    *os.File // nil before the first refusal
	columns []string // of the file that is imported
}

// reasonColumns stand before the columns of the file. They mean nothing to an import.
var reasonColumns = []string{"refused_line", "refused_column", "refused_value", "refused_code", "refused_reason"}

// write writes refusals at an offset and returns the offset after them. Text beyond the offset
// belongs to a batch that was not committed and is overwritten.
func (r *report) write(at int64, list []*Refusal) (int64, error) {
	if len(list) == 0 {
		return at, nil
	}
	if r.file == nil {
		file, err := os.OpenFile(r.path, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return at, fault.Invalid("report", "not_writable").Because(err)
		}
		r.file = file
	}
	var text bytes.Buffer
	out := web.NewCSVWriter(&text)
	if at == 0 {
		_ = out.Row(anyOf(slices.Concat(reasonColumns, r.columns))...) // a buffer does not fail
	}
	for _, f := range list {
		_ = out.Row(append([]any{f.Line, f.Column, f.Value, f.Code, f.Sentence}, anyOf(f.of.reportRow())...)...)
	}
	_ = out.Flush()
	added := text.Bytes()
	if at > 0 {
		added = bytes.TrimPrefix(added, markUTF8)
	}
	if err := r.file.Truncate(at); err != nil {
		return at, err
	}
	_, err := r.file.WriteAt(added, at)
	return at + int64(len(added)), err
}

func anyOf(cells []string) []any {
	list := make([]any, len(cells))
	for i, text := range cells {
		list[i] = text
	}
	return list
}

// cardColumn is a column of the report of cards.
type cardColumn struct {
	header string
	field  field
}

// cardColumns are the columns of a report of cards: an import reads them as it reads the cards.
var cardColumns = []cardColumn{{"code", fieldCode}, {"name", fieldName}, {"last name", fieldLastName},
	{"first name", fieldFirstName}, {"middle name", fieldMiddleName}, {"company", fieldCompany}, {"post", fieldPost},
	{"phone", fieldPhone}, {"mobile phone", fieldPhoneMobile}, {"home phone", fieldPhoneHome}, {"fax", fieldPhoneFax},
	{"email", fieldEmail}}

// cardHeaders returns the names of cardColumns.
func cardHeaders() []string {
	list := make([]string, len(cardColumns))
	for i, c := range cardColumns {
		list[i] = c.header
	}
	return list
}

// reportRow returns the cells of a row, those of a card in the order of cardColumns.
func (d *draft) reportRow() []string {
	if d.row != nil {
		return d.row
	}
	row := make([]string, len(cardColumns))
	for _, c := range d.cells {
		means := func(f field) func(cardColumn) bool {
			return func(column cardColumn) bool { return column.field == f }
		}
		at := slices.IndexFunc(cardColumns, means(c.field))
		if at < 0 && c.field.isPhone() {
			at = slices.IndexFunc(cardColumns, means(fieldPhone))
		}
		switch {
		case at < 0:
		case row[at] == "":
			row[at] = c.text
		default:
			row[at] += "\n" + c.text
		}
	}
	return row
}

// removeEarlier removes the report of an earlier import, unless this import resumes one.
func (r *report) removeEarlier(at int64) error {
	if at > 0 {
		return nil
	}
	if err := os.Remove(r.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fault.Invalid("report", "not_writable").Because(err)
	}
	return nil
}

func (r *report) close() error {
	if r.file == nil {
		return nil
	}
	return r.file.Close()
}
