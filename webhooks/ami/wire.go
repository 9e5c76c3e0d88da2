package ami

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"callhue/internal/text"
)

// Message is one block of the manager's stream: an event or a response. Its fields are read when they are asked for,
// since an event has about forty of them and few matter.
type Message struct {
	// At is when the message arrived, for events of a manager that sends no times.
	At    time.Time
	block string // its lines of the block
}

// NewMessage returns the message of a block of lines.
func NewMessage(block string) Message { return Message{block: block} }

// Bounds of a block, far above anything that Asterisk sends.
const (
	maxLine  = 64 << 10
	maxBlock = 256 << 10
)

// ErrTooLong is the error of a stream that no manager interface would send.
var ErrTooLong = errors.New("ami: a message has no end")

// IsZero reports whether there is no message.
func (m Message) IsZero() bool { return m.block == "" }

// Text returns the lines of the block as they were sent.
func (m Message) Text() string { return m.block }

// Get returns a field, "" when it is missing or <unknown>, which Asterisk writes for no value. Of a name that comes
// twice the first value counts. Characters that do not belong into a line are removed.
func (m Message) Get(name string) string {
	value, _ := m.find(name)
	if value == "<unknown>" {
		return ""
	}
	return value
}

// Has reports whether a field was sent, with or without a value.
func (m Message) Has(name string) bool {
	_, found := m.find(name)
	return found
}

func (m Message) find(name string) (value string, found bool) {
	for rest := m.block; rest != ""; {
		line := rest
		if end := strings.IndexByte(rest, '\n'); end >= 0 {
			line, rest = rest[:end], rest[end+1:]
		} else {
			rest = ""
		}
		if len(line) > len(name) && line[len(name)] == ':' && line[:len(name)] == name {
			return clean(line[len(name)+1:]), true
		}
	}
	return "", false
}

// clean returns a value without the blanks around it and without control characters.
func clean(value string) string {
	value = strings.TrimSpace(value)
	for i := range len(value) {
		if value[i] < ' ' || value[i] >= 0x7f {
			return text.OneLine(value)
		}
	}
	return value
}

// Time returns when the event happened: by the manager's clock where it sends times (timestampevents), else when it
// arrived.
func (m Message) Time() time.Time {
	seconds, err := strconv.ParseFloat(m.Get("Timestamp"), 64)
	if err != nil || !(seconds > 0 && seconds < 1<<33) {
		return m.At
	}
	return time.UnixMicro(int64(seconds * 1e6)).UTC()
}

// Reader reads the manager's stream block by block. It returns the responses and the events that a Follower uses; all
// others are skipped without being read.
type Reader struct {
	in    *bufio.Reader
	block []byte
	long  []byte // a line that is longer than the buffer
}

// NewReader returns a reader of what a manager interface sends.
func NewReader(r io.Reader) *Reader { return &Reader{in: bufio.NewReader(r)} }

// Banner reads the first line, such as "Asterisk Call Manager/11.0.0". The error is io.EOF at the end of the stream.
func (r *Reader) Banner() (string, error) {
	line, err := r.line()
	return string(bytes.TrimRight(line, "\r\n")), err
}

// line reads a line with its end. A last line without an end was cut off. The bytes are valid until the next read.
func (r *Reader) line() ([]byte, error) {
	line, err := r.in.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return line, err
	}
	r.long = r.long[:0]
	for errors.Is(err, bufio.ErrBufferFull) {
		if r.long = append(r.long, line...); len(r.long) > maxLine {
			return nil, ErrTooLong
		}
		line, err = r.in.ReadSlice('\n')
	}
	return append(r.long, line...), err
}

var eventField = []byte("Event:")

// Next reads the next block that is used. Lines without a field, the output of commands, are skipped. Errors are
// ErrTooLong, io.EOF and those of the connection.
func (r *Reader) Next() (Message, error) {
	r.block = r.block[:0]
	skipped := false
	for {
		line, err := r.line()
		if err != nil {
			return Message{}, err
		}
		if len(bytes.TrimRight(line, "\r\n")) == 0 {
			if len(r.block) > 0 {
				return Message{block: string(r.block)}, nil
			}
			skipped = false
			continue
		}
		if skipped || bytes.IndexByte(line, ':') < 0 {
			continue
		}
		if name, isEvent := bytes.CutPrefix(line, eventField); isEvent && len(r.block) == 0 && !used(name) {
			skipped = true
			continue
		}
		if len(r.block)+len(line) > maxBlock {
			return Message{}, ErrTooLong
		}
		r.block = append(r.block, line...)
	}
}

// used reports whether an event is one that a Follower or an action of ours waits for.
func used(name []byte) bool {
	name = bytes.TrimSpace(name)
	if string(name) == OriginateResponse {
		return true
	}
	_, handled := handlers[string(name)]
	return handled
}

// OriginateResponse is the event that says what became of an order to place a call.
const OriginateResponse = "OriginateResponse"

// Unused returns a filter for the Filter action of the manager: the most frequent events that we do not use. A manager
// that refuses it sends them, and they are skipped here.
func Unused() string {
	frequent := []string{
		"Newstate", "NewConnectedLine", "Newexten", "VarSet", "DialState", "HangupRequest", "SoftHangupRequest",
		"BridgeCreate", "MusicOnHoldStart", "MusicOnHoldStop", "DTMFBegin", "DTMFEnd", "RTCPSent", "RTCPReceived",
		"DeviceStateChange", "ExtensionStatus", "QueueMemberStatus",
	}
	slices.Sort(frequent)
	return "!Event: (" + strings.Join(frequent, "|") + ")"
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
