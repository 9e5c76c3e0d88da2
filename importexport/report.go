package importexport

import (
	"bytes"
	"errors"
	"io/fs"
	"os"

	"callhue/internal/fault"
	"callhue/internal/web"
)

// report is the file of refused rows. Its valid length is stored in the transaction of each batch,
// so an interrupted report continues without gaps or repeated rows.
type report struct {
	path string
	file *os.File // nil before the first refusal
}

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
