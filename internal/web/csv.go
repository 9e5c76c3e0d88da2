package web

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"callhue/internal/fault"
)

// CSV is a list as a file. The rows are read while they are sent, so a file may
// be longer than memory: Rows should read page by page and hold no transaction
// between two rows. A fault before the first row is answered as a problem; a
// later one cuts the answer off, so that half a list is never taken for a whole
// one.
type CSV struct {
	Name   string   // of the file, without ".csv"
	Header []string // the names of the columns
	Rows   func(ctx context.Context) iter.Seq2[[]any, error]
}

// CSVWriter writes rows that spreadsheets open well: UTF-8 with a byte order
// mark, commas, CRLF, and no cell that a spreadsheet would take for a formula.
type CSVWriter struct {
	to    io.Writer
	out   *csv.Writer
	begun bool
	cells []string
}

// NewCSVWriter returns a writer; nothing is written before the first row.
func NewCSVWriter(to io.Writer) *CSVWriter {
	w := &CSVWriter{to: to, out: csv.NewWriter(to)}
	w.out.UseCRLF = true
	return w
}

// Row writes one row. A cell is a string, which is made safe (SafeCell), an int,
// an int64, a bool, a time.Time (RFC 3339; empty when zero), a pointer to a
// time.Time or nil (empty); any other type panics.
func (w *CSVWriter) Row(cells ...any) error {
	if !w.begun {
		w.begun = true
		if _, err := io.WriteString(w.to, "\ufeff"); err != nil {
			return err
		}
	}
	w.cells = w.cells[:0]
	for _, cell := range cells {
		w.cells = append(w.cells, cellText(cell))
	}
	return w.out.Write(w.cells)
}

// Flush writes what is still held back and returns the first fault of writing.
func (w *CSVWriter) Flush() error {
	w.out.Flush()
	return w.out.Error()
}

func cellText(cell any) string {
	switch v := cell.(type) {
	case nil:
		return ""
	case string:
		return SafeCell(v)
	case int:
		return strconv.Itoa(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case bool:
		return strconv.FormatBool(v)
	case *time.Time:
		if v == nil {
			return ""
		}
		return cellText(*v)
	case time.Time:
		if v.IsZero() {
			return ""
		}
		return v.UTC().Format(time.RFC3339Nano)
	}
	if v := reflect.ValueOf(cell); v.Kind() == reflect.String { // a package's own kind of text
		return SafeCell(v.String())
	}
	panic(fmt.Sprintf("web: a cell of type %T", cell))
}

// formulaSigns begin a formula, or hide one, in some spreadsheet; the wide ones
// do so in Japanese editions (owasp.org/www-community/attacks/CSV_Injection).
const formulaSigns = "=+-@\t\r\n＝＋－＠"

// SafeCell puts an apostrophe before a text that a spreadsheet would take for a
// formula. A phone number begins with "+" and gets one, too.
func SafeCell(text string) string {
	if looksFormula(text) {
		return "'" + text
	}
	return text
}

// PlainCell undoes SafeCell: for files of ours that come in again.
func PlainCell(text string) string {
	if rest, quoted := strings.CutPrefix(text, "'"); quoted && looksFormula(rest) {
		return rest
	}
	return text
}

// looksFormula also finds a formula behind apostrophes, so that what was typed
// with one comes back with one.
func looksFormula(text string) bool {
	return strings.IndexAny(strings.TrimLeft(text, "'"), formulaSigns) == 0
}

// Sheet is embedded in the input of a list that can also be had as a file.
type Sheet struct {
	Format string `query:"format" json:"-" doc:"json; csv or xlsx: a file with every row."`
}

// fileFormat returns the format of the file that is wanted, "" for an answer in JSON.
func (s Sheet) fileFormat() (string, error) {
	switch s.Format {
	case "", "json":
		return "", nil
	case formatCSV, formatXLSX:
		return s.Format, nil
	}
	return "", fault.Invalid("format", "unknown_value")
}

// The formats of files.
const (
	formatCSV  = "csv"
	formatXLSX = "xlsx"
)

// DoSheet is Do for a list that is answered as a file with ?format=csv or xlsx, or with
// such an Accept header. Its input embeds Sheet. Both functions check rights and
// filters; file reads no row yet.
func DoSheet[In interface{ fileFormat() (string, error) },
	Out any](list func(*Request, In) (Out, error), file func(*Request, In) (CSV, error)) Handler {
	in := reflect.TypeFor[In]()
	bind := bindingOf(in)
	return Handler{in: in, out: reflect.TypeFor[Out](), bind: bind, sheet: true,
		run: func(r *Request, status int) error {
			var input In
			if err := bind.fill(r.C, reflect.ValueOf(&input).Elem()); err != nil {
				return err
			}
			format, err := input.fileFormat()
			if err != nil {
				return err
			}
			if format == "" {
				format = acceptedFile(r.C.Get(fiber.HeaderAccept))
			}
			if format != "" {
				sheet, err := file(r, input)
				if err != nil {
					return err
				}
				sheet.Rows = r.maskedRows(r.budgeted(sheet.Rows))
				if format == formatXLSX {
					return r.sendXLSX(sheet)
				}
				return r.SendCSV(sheet)
			}
			out, err := read(r, &input, list)
			if err != nil {
				return err
			}
			return answer(r.C, status, out)
		}}
}

// fileLimit is how long a file may take to be read and sent.
const fileLimit = 15 * time.Minute

const csvType = "text/csv; charset=utf-8"

// SendCSV answers with a file.
func (r *Request) SendCSV(file CSV) error {
	ctx, cancel := context.WithTimeout(r.server.life, fileLimit)
	s := &csvStream{cancel: cancel, log: r.server.cutOff}
	s.rows = NewCSVWriter(&s.buf)
	s.next, s.stop = iter.Pull2(file.Rows(ctx))
	header := make([]any, len(file.Header))
	for i, name := range file.Header {
		header[i] = name
	}
	if err := s.rows.Row(header...); err != nil {
		_ = s.Close()
		return err
	}
	if s.fill(); s.end != nil && s.end != io.EOF {
		_ = s.Close()
		return s.end
	}
	r.C.Set(fiber.HeaderContentType, csvType)
	r.C.Set(fiber.HeaderContentDisposition, `attachment; filename="`+file.Name+`.csv"`)
	r.C.Context().SetBodyStream(s, -1)
	return nil
}

// cutOff notes that an answer broke in the middle.
func (s *Server) cutOff(err error) { s.opt.Log.Error("a file was cut off", "error", err) }

// csvStream is the body of a file: reading it pulls the rows. It runs in
// the connection's own goroutine, after the handler.
type csvStream struct {
	next   func() ([]any, error, bool)
	stop   func()
	cancel context.CancelFunc
	log    func(error)
	rows   *CSVWriter
	buf    bytes.Buffer
	end    error // io.EOF after the last row
}

// fill writes one more row into the buffer.
func (s *csvStream) fill() {
	defer func() { // no one else recovers what happens after the handler
		if p := recover(); p != nil {
			s.end = fmt.Errorf("panic: %v", p)
		}
	}()
	row, err, more := s.next()
	switch {
	case err != nil:
		s.end = err
	case !more:
		s.end = io.EOF
	default:
		if err := s.rows.Row(row...); err != nil {
			s.end = err
		}
	}
	if err := s.rows.Flush(); err != nil && s.end == nil {
		s.end = err
	}
}

// Read implements io.Reader.
func (s *csvStream) Read(p []byte) (int, error) {
	for s.end == nil && s.buf.Len() < len(p) {
		if s.fill(); s.end != nil && s.end != io.EOF {
			s.log(s.end)
		}
	}
	if s.buf.Len() > 0 {
		return s.buf.Read(p)
	}
	return 0, s.end
}

// Close implements io.Closer: the file was sent, or its reader is gone.
func (s *csvStream) Close() error {
	s.stop()
	s.cancel()
	return nil
}
