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

// source is a file as it lies on the disk: read once from end to end, to know
// what it is, and then row by row.
type source struct {
	path    string
	size    int64 // bytes
	hash    string
	charset string // "UTF-8", "UTF-16" or "windows-1251"
	macEnds bool   // lines end with CR alone
	vcard   bool

	file *os.File
	read atomic.Int64 // bytes of the file so far; one goroutine reads, another tells how far
}

// The marks that a file may begin with.
var (
	markUTF8    = []byte("\xef\xbb\xbf")
	markUTF16LE = []byte("\xff\xfe")
	markUTF16BE = []byte("\xfe\xff")
)

// openSource looks through a file. Whoever has got it closes it.
func openSource(path string) (*source, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fault.Invalid("file", "not_readable").Because(err)
	}
	s := &source{path: path, file: file}
	if err := s.survey(); err != nil {
		_ = file.Close()
		return nil, fault.Invalid("file", "not_readable").With("file", filepath.Base(path)).Because(err)
	}
	return s, nil
}

func (s *source) close() { _ = s.file.Close() }

// survey reads the whole file once: its hash, and whether it is UTF-8 to the end.
// A beginning in plain English says nothing about what comes later.
func (s *source) survey() error {
	if info, err := s.file.Stat(); err != nil {
		return err
	} else if !info.Mode().IsRegular() {
		return errors.New("not a regular file: it has to be read twice")
	}
	sum, valid := sha256.New(), true
	buf := make([]byte, 256<<10)
	held := 0 // bytes of a character that the last read cut
	for first := true; ; first = false {
		n, err := io.ReadFull(s.file, buf[held:])
		part := buf[:held+n]
		_, _ = sum.Write(part[held:])
		s.size += int64(n)
		if first {
			s.look(part)
		}
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			return err
		}
		last := err != nil
		cut := 0
		if valid {
			cut = cutTail(part, last)
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

// look tells what the beginning of a file says of it.
func (s *source) look(begin []byte) {
	s.charset = "UTF-8"
	if bytes.HasPrefix(begin, markUTF16LE) || bytes.HasPrefix(begin, markUTF16BE) {
		s.charset = "UTF-16"
	}
	s.macEnds = s.charset != "UTF-16" && bytes.IndexByte(begin, '\n') < 0 && bytes.IndexByte(begin, '\r') >= 0
	begin = bytes.TrimLeft(bytes.TrimPrefix(begin, markUTF8), " \t\r\n")
	const card = "BEGIN:VCARD"
	s.vcard = len(begin) >= len(card) && bytes.EqualFold(begin[:len(card)], []byte(card))
}

// cutTail is how many bytes at the end of a part are the beginning of a
// character that goes on in the next part.
func cutTail(part []byte, last bool) int {
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

// text gives the file from its beginning as UTF-8 without a byte order mark.
func (s *source) text() (io.Reader, error) {
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	s.read.Store(0)
	return decoded(counting{s}, s.charset, s.macEnds), nil
}

func decoded(in io.Reader, charset string, macEnds bool) io.Reader {
	switch charset {
	case "UTF-16":
		in = transform.NewReader(in, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder())
	case "windows-1251":
		in = transform.NewReader(in, charmap.Windows1251.NewDecoder())
	default:
		in = &withoutMark{in: in}
	}
	if macEnds {
		in = lineEnds{in}
	}
	return in
}

// counting counts what is read from the file, for the progress.
type counting struct{ *source }

func (c counting) Read(p []byte) (int, error) {
	n, err := c.file.Read(p)
	c.read.Add(int64(n))
	return n, err
}

// withoutMark drops the byte order mark at the beginning.
type withoutMark struct {
	in    io.Reader
	begun bool
}

func (w *withoutMark) Read(p []byte) (int, error) {
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

// lineEnds turns the line ends of old Macs into ours.
type lineEnds struct{ in io.Reader }

func (l lineEnds) Read(p []byte) (int, error) {
	n, err := l.in.Read(p)
	for i, c := range p[:n] {
		if c == '\r' {
			p[i] = '\n'
		}
	}
	return n, err
}
