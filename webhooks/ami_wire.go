package webhooks

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
)

// amiMessage is one block of the manager's stream: an event or a response. Of a
// name that comes twice the last one counts.
type amiMessage map[string]string

// Bounds of a block, far above anything that Asterisk sends.
const (
	amiMaxLine  = 64 << 10
	amiMaxLines = 1000
)

var errAMITooLong = errors.New("ami: a message has no end")

// get gives a field; Asterisk writes <unknown> for nothing.
func (m amiMessage) get(name string) string {
	text := tidy(m[name])
	if text == "<unknown>" {
		return ""
	}
	return text
}

// amiReader reads the stream block by block.
type amiReader struct{ lines *bufio.Scanner }

func newAMIReader(r io.Reader) *amiReader {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 4096), amiMaxLine)
	lines.Split(func(data []byte, _ bool) (int, []byte, error) {
		// A last line without an end is not one: it was cut.
		if end := bytes.IndexByte(data, '\n'); end >= 0 {
			return end + 1, bytes.TrimRight(data[:end], "\r"), nil
		}
		return 0, nil, nil
	})
	return &amiReader{lines}
}

// banner reads the first line, such as "Asterisk Call Manager/11.0.0".
func (r *amiReader) banner() (string, error) { return r.line() }

func (r *amiReader) line() (string, error) {
	switch {
	case r.lines.Scan():
		return r.lines.Text(), nil
	case errors.Is(r.lines.Err(), bufio.ErrTooLong):
		return "", errAMITooLong
	case r.lines.Err() != nil:
		return "", r.lines.Err()
	}
	return "", io.EOF
}

// next reads a block. Lines that are no field are skipped: the output of commands.
func (r *amiReader) next() (amiMessage, error) {
	m := amiMessage{}
	for n := 0; ; n++ {
		if n > amiMaxLines {
			return nil, errAMITooLong
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

// amiAction words a request. No value may bring lines of its own.
func amiAction(name, id string, fields ...[2]string) []byte {
	var b strings.Builder
	b.WriteString("Action: " + name + "\r\nActionID: " + id + "\r\n")
	for _, f := range fields {
		b.WriteString(f[0] + ": " + tidy(f[1]) + "\r\n")
	}
	b.WriteString("\r\n")
	return []byte(b.String())
}
