package ami

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"

	"callhue/internal/text"
)

// Message is one block of the manager's stream: an event or a response. Of a name that comes twice the last value counts.
type Message map[string]string

// Bounds of a block, far above anything that Asterisk sends.
const (
	maxLine  = 64 << 10
	maxLines = 1000
)

// ErrTooLong is the error of a stream that no manager interface would send.
var ErrTooLong = errors.New("ami: a message has no end")

// Get returns a field, "" when it is missing or <unknown>, which Asterisk writes for no value.
func (m Message) Get(name string) string {
	text := text.OneLine(m[name])
	if text == "<unknown>" {
		return ""
	}
	return text
}

// Reader reads the manager's stream block by block.
type Reader struct{ lines *bufio.Scanner }

// NewReader returns a reader of what a manager interface sends.
func NewReader(r io.Reader) *Reader {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 4096), maxLine)
	lines.Split(func(data []byte, _ bool) (int, []byte, error) {
		// A last line without an end was cut off.
		if end := bytes.IndexByte(data, '\n'); end >= 0 {
			return end + 1, bytes.TrimRight(data[:end], "\r"), nil
		}
		return 0, nil, nil
	})
	return &Reader{lines}
}

// Banner reads the first line, such as "Asterisk Call Manager/11.0.0". The error is io.EOF at the end of the stream.
func (r *Reader) Banner() (string, error) { return r.line() }

func (r *Reader) line() (string, error) {
	switch {
	case r.lines.Scan():
		return r.lines.Text(), nil
	case errors.Is(r.lines.Err(), bufio.ErrTooLong):
		return "", ErrTooLong
	case r.lines.Err() != nil:
		return "", r.lines.Err()
	}
	return "", io.EOF
}

// Next reads a block. Lines without a field, the output of commands, are skipped. Errors are ErrTooLong, io.EOF and those
// of the connection.
func (r *Reader) Next() (Message, error) {
	m := Message{}
	for n := 0; ; n++ {
		if n > maxLines {
			return nil, ErrTooLong
		}
		line, err := r.line()
		if err != nil {
			return nil, err
		}
		if line == "" {
			if len(m) > 0 {
				return m, nil
			}
			continue
		}
		if name, value, found := strings.Cut(line, ":"); found {
			m[name] = strings.TrimPrefix(value, " ")
		}
	}
}

// Action returns the bytes of a request. Line breaks in values are removed.
func Action(name, id string, fields ...[2]string) []byte {
	var b strings.Builder
	b.WriteString("Action: " + name + "\r\nActionID: " + id + "\r\n")
	for _, f := range fields {
		b.WriteString(f[0] + ": " + text.OneLine(f[1]) + "\r\n")
	}
	b.WriteString("\r\n")
	return []byte(b.String())
}
