package importexport

import (
	"bytes"
	"io"
	"strings"
)

// csvRows reads CSV text row by row. It agrees with encoding/csv on all text that follows RFC 4180
// and is lenient otherwise: a quote inside a bare cell is literal, so is one that closes before the
// cell ends ("Acme" Ltd), and a quote that is never closed costs its own line, not the rest of the
// file.
type csvRows struct {
	in       io.Reader
	sep      byte
	buf      []byte
	pos, end int // the part of buf that is not parsed yet
	line     int // line number of buf[pos], from 1
	eof      bool
	cells    []string
}

// longestRow limits a row in bytes, line ends inside quotes included.
const longestRow = 256 << 10

func newCSVRows(in io.Reader, sep byte) *csvRows {
	return &csvRows{in: in, sep: sep, buf: make([]byte, 64<<10), line: 1}
}

// brokenRow is the error for a line that is not a row; reading continues after it.
type brokenRow struct {
	line int
	code string
}

func (b *brokenRow) Error() string { return b.code }

// next returns the next row that is not empty, and the line where it begins. It returns io.EOF at
// the end and *brokenRow for an unreadable line. The cells are valid until the next call.
func (r *csvRows) next() (line int, cells []string, err error) {
	for {
		n, state := r.parse(r.buf[r.pos:r.end])
		switch {
		case state == parsed:
			line = r.line
			blank := isBlank(r.buf[r.pos : r.pos+n])
			r.skip(n)
			if n == 0 {
				return 0, nil, io.EOF
			}
			if blank {
				continue
			}
			return line, r.cells, nil
		case state == misquoted || state == unclosed && (r.eof || r.end-r.pos >= longestRow):
			line = r.line
			if err := r.dropLine(); err != nil {
				return 0, nil, err
			}
			return 0, nil, &brokenRow{line, "quote_not_closed"}
		case state == cutOff && r.end-r.pos >= longestRow:
			line = r.line
			if err := r.dropLine(); err != nil {
				return 0, nil, err
			}
			return 0, nil, &brokenRow{line, "row_too_long"}
		}
		if err := r.fill(); err != nil {
			return 0, nil, err
		}
	}
}

func isBlank(line []byte) bool {
	return len(line) <= 2 && (string(line) == "\n" || string(line) == "\r\n" || string(line) == "\r")
}

// rowState is how parsing a row ended.
type rowState uint8

const (
	parsed    rowState = iota
	cutOff             // the text ends before the line does
	unclosed           // the text ends inside a quoted cell
	misquoted          // a quoted cell of several lines is not followed by a separator
)

// parse reads one row from the beginning of data into r.cells and returns the number of bytes used.
func (r *csvRows) parse(data []byte) (int, rowState) {
	r.cells = r.cells[:0]
	if end := bytes.IndexByte(data, '\n'); end >= 0 && bytes.IndexByte(data[:end], '"') < 0 {
		r.split(string(bytes.TrimSuffix(data[:end], []byte{'\r'})))
		return end + 1, parsed
	}
	for at := 0; ; {
		cell, n, state := r.cell(data[at:])
		if state != parsed {
			return 0, state
		}
		at += n
		r.cells = append(r.cells, cell)
		if at == len(data) {
			if !r.eof {
				return 0, cutOff
			}
			return at, parsed
		}
		if data[at] == r.sep {
			at++
			continue
		}
		at++ // CR or LF
		if data[at-1] == '\r' && at < len(data) {
			at++
		}
		return at, parsed
	}
}

// split parses a line without quotes.
func (r *csvRows) split(line string) {
	for {
		at := strings.IndexByte(line, r.sep)
		if at < 0 {
			r.cells = append(r.cells, line)
			return
		}
		r.cells = append(r.cells, line[:at])
		line = line[at+1:]
	}
}

// cell reads one cell, up to the separator or line end after it.
func (r *csvRows) cell(data []byte) (string, int, rowState) {
	if len(data) == 0 || data[0] != '"' {
		return r.bare(data)
	}
	at, doubled := 1, false
	for {
		quote := bytes.IndexByte(data[at:], '"')
		if quote < 0 {
			return "", 0, unclosed
		}
		at += quote + 1
		if at < len(data) && data[at] == '"' {
			at, doubled = at+1, true
			continue
		}
		break
	}
	if at == len(data) && !r.eof {
		return "", 0, unclosed // the quote may be the first of two
	}
	if !r.ends(data[at:]) {
		if at+1 == len(data) && data[at] == '\r' && !r.eof {
			return "", 0, cutOff
		}
		if bytes.IndexByte(data[:at], '\n') >= 0 {
			return "", 0, misquoted
		}
		return r.bare(data)
	}
	text := string(data[1 : at-1])
	if doubled {
		text = strings.ReplaceAll(text, `""`, `"`)
	}
	return strings.ReplaceAll(text, "\r\n", "\n"), at, parsed
}

// bare reads a cell without quotes around it.
func (r *csvRows) bare(data []byte) (string, int, rowState) {
	end := bytes.IndexAny(data, string([]byte{r.sep, '\n'}))
	if end < 0 {
		if !r.eof {
			return "", 0, cutOff
		}
		end = len(data)
	}
	if end > 0 && data[end-1] == '\r' && (end == len(data) || data[end] == '\n') {
		end--
	}
	return string(data[:end]), end, parsed
}

// ends reports whether a cell may end here.
func (r *csvRows) ends(data []byte) bool {
	return len(data) == 0 || data[0] == r.sep || data[0] == '\n' ||
		data[0] == '\r' && (len(data) == 1 && r.eof || len(data) > 1 && data[1] == '\n')
}

// skip advances over bytes in the buffer.
func (r *csvRows) skip(n int) {
	r.line += bytes.Count(r.buf[r.pos:r.pos+n], []byte{'\n'})
	r.pos += n
}

// dropLine advances to the next line, however long this one is.
func (r *csvRows) dropLine() error {
	for {
		if at := bytes.IndexByte(r.buf[r.pos:r.end], '\n'); at >= 0 {
			r.skip(at + 1)
			return nil
		}
		r.pos = r.end
		if r.eof {
			return nil
		}
		if err := r.fill(); err != nil {
			return err
		}
	}
}

// fill reads more into the buffer, which grows up to the longest row.
func (r *csvRows) fill() error {
	if r.pos > 0 {
		r.end = copy(r.buf, r.buf[r.pos:r.end])
		r.pos = 0
	}
	if r.end == len(r.buf) {
		r.buf = append(r.buf, make([]byte, len(r.buf))...)
	}
	n, err := r.in.Read(r.buf[r.end:])
	r.end += n
	if err == io.EOF {
		r.eof = true
		return nil
	}
	return err
}
