package importexport

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"callhue/internal/fault"
)

// inputFile is a file on disk. It is scanned once to detect its charset and format, then read row
// by row.
type inputFile struct {
	path            string
	size            int64 // bytes
	hash            string
	charset         string // "UTF-8", "UTF-16" or "windows-1251"
	carriageReturns bool   // lines end with CR alone, as on old Macs
	vcard           bool

	file      *os.File
	bytesRead atomic.Int64 // bytes read so far; one goroutine writes it, another reads it for the progress
}

// Byte order marks.
var (
	markUTF8    = []byte("\xef\xbb\xbf")
	markUTF16LE = []byte("\xff\xfe")
	markUTF16BE = []byte("\xfe\xff")
)

// openFile opens and scans a file. The caller closes it. Fault: invalid_input (file: not_readable).
func openFile(path string) (*inputFile, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fault.Invalid("file", "not_readable").Because(err)
	}
	s := &inputFile{path: path, file: file}
	if err := s.scan(); err != nil {
		_ = file.Close()
		return nil, fault.Invalid("file", "not_readable").With("file", filepath.Base(path)).Because(err)
	}
	return s, nil
}

func (s *inputFile) close() { _ = s.file.Close() }

// scan reads the whole file once for its hash and charset: a file that begins with plain ASCII may
// have other characters at its end.
func (s *inputFile) scan() error {
	if info, err := s.file.Stat(); err != nil {
		return err
	} else if !info.Mode().IsRegular() {
		return errors.New("not a regular file: it has to be read twice")
	}
	sum, valid := sha256.New(), true
	buf := make([]byte, 256<<10)
	held := 0 // bytes of a character that the last read cut in two
	for first := true; ; first = false {
		n, err := io.ReadFull(s.file, buf[held:])
		part := buf[:held+n]
		_, _ = sum.Write(part[held:])
		s.size += int64(n)
		if first {
			s.detect(part)
		}
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			return err
		}
		last := err != nil
		cut := 0
		if valid {
			cut = incompleteTail(part, last)
			valid = utf8.Valid(part[:len(part)-cut])
		}
		held = copy(buf, part[len(part)-cut:])
		if last {
			break
		}
	}
	s.hash = hex.EncodeToString(sum.Sum(nil))
	if !valid && s.charset == "UTF-8" {
		s.charset = "windows-1251"
	}
	return nil
}

// detect sets what the first bytes show: UTF-16, line ends and vCard.
func (s *inputFile) detect(start []byte) {
	s.charset = "UTF-8"
	if bytes.HasPrefix(start, markUTF16LE) || bytes.HasPrefix(start, markUTF16BE) {
		s.charset = "UTF-16"
	}
	s.carriageReturns = s.charset != "UTF-16" && bytes.IndexByte(start, '\n') < 0 && bytes.IndexByte(start, '\r') >= 0
	start = bytes.TrimLeft(bytes.TrimPrefix(start, markUTF8), " \t\r\n")
	const card = "BEGIN:VCARD"
	s.vcard = len(start) >= len(card) && bytes.EqualFold(start[:len(card)], []byte(card))
}

// incompleteTail returns how many bytes at the end of a part begin a character that continues in
// the next part.
func incompleteTail(part []byte, last bool) int {
	if last {
		return 0
	}
	for back := 1; back < utf8.UTFMax && back <= len(part); back++ {
		if c := part[len(part)-back]; utf8.RuneStart(c) {
			if !utf8.FullRune(part[len(part)-back:]) {
				return back
			}
			return 0
		}
	}
	return 0
}

// open returns the file from its beginning as UTF-8 without a byte order mark.
func (s *inputFile) open() (io.Reader, error) {
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	s.bytesRead.Store(0)
	return decode(counting{s}, s.charset, s.carriageReturns), nil
}

func decode(in io.Reader, charset string, macEnds bool) io.Reader {
	switch charset {
	case "UTF-16":
		in = transform.NewReader(in, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder())
	case "windows-1251":
		in = transform.NewReader(in, charmap.Windows1251.NewDecoder())
	default:
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
