package importexport

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"golang.org/x/text/transform"

	"callhue/internal/fault"
)

// inputFile is a file on disk. It is scanned once to detect its charset and format, then read row
// by row.
type inputFile struct {
	path            string
	size            int64 // bytes
	hash            string
	charset         string // see charset.go; UTF-8 for a workbook
	carriageReturns bool   // lines end with CR alone, as on old Macs
	format          fileFormat

	file      *os.File
	book      *workbook    // of a workbook that is read
	bytesRead atomic.Int64 // bytes read so far; one goroutine writes it, another reads it for the progress
}

// fileFormat is how the rows of a file are stored.
type fileFormat string

const (
	formatCSV   fileFormat = "csv"
	formatVCard fileFormat = "vcard"
	formatXLSX  fileFormat = "xlsx"
)

// Byte order marks.
var (
	markUTF8    = []byte("\xef\xbb\xbf")
	markUTF16LE = []byte("\xff\xfe")
	markUTF16BE = []byte("\xfe\xff")
)

// openFile opens and scans a file. charset overrules what its bytes show, "" does not. The caller closes it. Faults:
// invalid_input (charset: unknown_charset; file: not_readable, or what else it is than rows).
func openFile(path, charset string) (*inputFile, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fault.Invalid("file", "not_readable").Because(err)
	}
	s := &inputFile{path: path, file: file}
	err = s.overrideCharset(charset)
	if err == nil {
		err = s.scan()
	}
	if err == nil {
		return s, nil
	}
	_ = file.Close()
	var named *fault.Error
	if !errors.As(err, &named) {
		named = fault.Invalid("file", "not_readable").Because(err)
	}
	return nil, named.With("file", filepath.Base(path))
}

func (s *inputFile) close() {
	if s.book != nil {
		s.book.close()
	}
	_ = s.file.Close()
}

// openTable returns the rows of a table as CSV text.
func (s *inputFile) openTable() (io.Reader, error) {
	if s.format != formatXLSX {
		return s.open()
	}
	var err error
	s.book, err = openWorkbook(s)
	return s.book, err
}

// startBytes is how much of a file shows its format.
const startBytes = 64 << 10

// scan reads the whole file once for its hash and charset: a file that begins with plain ASCII may
// have other characters at its end.
func (s *inputFile) scan() error {
	if info, err := s.file.Stat(); err != nil {
		return err
	} else if !info.Mode().IsRegular() {
		return errors.New("not a regular file: it has to be read twice")
	}
	sum := sha256.New()
	var seen charsetEvidence
	var start []byte
	buf := make([]byte, 256<<10)
	for {
		n, err := s.file.Read(buf)
		part := buf[:n]
		_, _ = sum.Write(part)
		s.size += int64(n)
		seen.add(part)
		if room := startBytes - len(start); room > 0 {
			start = append(start, part[:min(room, n)]...)
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
	}
	s.hash = hex.EncodeToString(sum.Sum(nil))
	if s.charset == "" {
		s.charset = seen.charset()
	}
	return s.detect(start)
}

// detect sets what the first bytes show: the format and the line ends. Fault: invalid_input (file: old_excel,
// workbook_with_password, html_not_a_table, xml_not_a_table, not_a_table).
func (s *inputFile) detect(start []byte) error {
	if code := foreignFormat(start); code != "" {
		return formatFault(code)
	}
	if bytes.HasPrefix(start, zipMark) {
		s.format, s.charset = formatXLSX, charsetUTF8
		return nil
	}
	text := decodeBytes(bytes.TrimPrefix(start, markUTF8), s.charset)
	s.carriageReturns = !strings.Contains(text, "\n") && strings.Contains(text, "\r")
	text = strings.TrimLeft(text, "\ufeff \t\r\n")
	if code := foreignMarkup(text); code != "" {
		return formatFault(code).With("charset", s.charset)
	}
	s.format = formatCSV
	const card = "BEGIN:VCARD"
	if len(text) >= len(card) && strings.EqualFold(text[:len(card)], card) {
		s.format = formatVCard
	}
	return nil
}

// Beginnings of files that are no text.
var (
	zipMark = []byte("PK\x03\x04")
	oleMark = []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")

	encryptedPackage = []byte("E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00")
)

// formatFault is the fault of a file that is no table, with what to do instead.
func formatFault(code string) *fault.Error {
	instead := "open it in a spreadsheet program and store it as .xlsx or CSV"
	switch code {
	case "workbook_with_password":
		instead = "store it without a password"
	case "not_a_table":
		instead = "export a CSV, .xlsx or vCard file"
	case "too_large":
		instead = "store the sheet with the clients as CSV"
	}
	return fault.Invalid("file", code).With("instead", instead)
}

// foreignFormat returns the code of a file that is no text and no workbook, "" for others. A workbook of the old
// Excel and one with a password have the same beginning.
func foreignFormat(start []byte) string {
	switch {
	case bytes.HasPrefix(start, oleMark) && bytes.Contains(start, encryptedPackage):
		return "workbook_with_password"
	case bytes.HasPrefix(start, oleMark):
		return "old_excel"
	case bytes.HasPrefix(start, []byte("%PDF")), bytes.HasPrefix(start, []byte("\x1f\x8b")),
		bytes.HasPrefix(start, []byte("Rar!")), bytes.HasPrefix(start, []byte("7z\xbc\xaf")),
		bytes.HasPrefix(start, []byte("\x89PNG")), bytes.HasPrefix(start, []byte("\xff\xd8\xff")):
		return "not_a_table"
	}
	return ""
}

// foreignMarkup returns the code of a text that is a page or a document and no table, "" for others. Many programs
// write pages and call them .xls.
func foreignMarkup(text string) string {
	head := strings.ToLower(text[:min(len(text), 4096)])
	switch {
	case !strings.HasPrefix(head, "<"):
		return ""
	case strings.Contains(head, "<html"), strings.Contains(head, "<!doctype html"), strings.Contains(head, "<table"),
		strings.HasPrefix(head, "<meta"), strings.HasPrefix(head, "<head"), strings.HasPrefix(head, "<style"):
		return "html_not_a_table"
	case strings.HasPrefix(head, "<?xml"), strings.Contains(head, "<workbook"):
		return "xml_not_a_table"
	}
	return ""
}

// open returns the file from its beginning as UTF-8 without a byte order mark.
func (s *inputFile) open() (io.Reader, error) {
	in, err := s.openRaw()
	if err != nil {
		return nil, err
	}
	return decode(in, s.charset, s.carriageReturns), nil
}

// openRaw returns the bytes of the file from its beginning.
func (s *inputFile) openRaw() (io.Reader, error) {
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	s.bytesRead.Store(0)
	return counting{s}, nil
}

// openLines returns what open does, except that the characters of a charset of one byte are left as they are: a
// property of a card may name another charset. left is the charset that its lines still have.
func (s *inputFile) openLines() (in io.Reader, left string, err error) {
	if isWide(s.charset) {
		in, err = s.open()
		return in, charsetUTF8, err
	}
	if in, err = s.openRaw(); err != nil {
		return nil, "", err
	}
	return decode(in, charsetUTF8, s.carriageReturns), s.charset, nil
}

func decode(in io.Reader, charset string, macEnds bool) io.Reader {
	if enc := encodingOf(charset); enc != nil {
		in = transform.NewReader(in, enc.NewDecoder())
	} else {
		in = &skipMark{in: in}
	}
	if macEnds {
		in = carriageReturnReader{in}
	}
	return in
}

// counting counts the bytes read, for the progress.
type counting struct{ *inputFile }

func (c counting) Read(p []byte) (int, error) {
	n, err := c.file.Read(p)
	c.bytesRead.Add(int64(n))
	return n, err
}

// skipMark drops a byte order mark at the beginning.
type skipMark struct {
	in    io.Reader
	begun bool
}

func (w *skipMark) Read(p []byte) (int, error) {
	if w.begun || len(p) < len(markUTF8) {
		return w.in.Read(p)
	}
	w.begun = true
	n, err := io.ReadFull(w.in, p[:len(markUTF8)])
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	if bytes.Equal(p[:n], markUTF8) {
		if n, err = w.in.Read(p); n == 0 && err == nil {
			err = io.ErrNoProgress
		}
	}
	return n, err
}

// carriageReturnReader replaces CR by LF.
type carriageReturnReader struct{ in io.Reader }

func (l carriageReturnReader) Read(p []byte) (int, error) {
	n, err := l.in.Read(p)
	for i, c := range p[:n] {
		if c == '\r' {
			p[i] = '\n'
		}
	}
	return n, err
}
