package importexport

import (
	"bytes"
	"errors"
	"io/fs"
	"os"

	"callhue/internal/fault"
	"callhue/internal/web"
)

// report is the file of the rows that were refused. What it holds is counted in
// the transaction of its batch, so that a report that was cut off goes on without
// a gap and without a row twice.
type report struct {
	path string
	file *os.File // nil before the first refusal
}

// put writes refusals from a place on and gives the place behind them. What
// stood there before belongs to a batch that was not committed.
func (r *report) put(at int64, list []*Refusal) (int64, error) {
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
		_ = out.Row("line", "column", "value", "code", "sentence") // a buffer does not fail
	}
	for _, f := range list {
		_ = out.Row(f.Line, f.Column, f.Value, f.Code, f.Sentence)
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

// begin takes away the report of an earlier import that would be mistaken for
// that of this one.
func (r *report) begin(at int64) error {
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
