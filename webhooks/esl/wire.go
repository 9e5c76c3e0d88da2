// Package esl follows the calls of a FreeSWITCH by its event socket.
//
// A Reader reads the blocks of the socket (wire.go), and a Follower turns its events into call events. It follows
// which legs are bridged, never what a transfer is said to do: a leg of a client, an agent's leg that is joined to it,
// and loopback legs between them (follow.go, call.go). After a reconnect its calls are compared with the channels that
// are there (reconcile.go). The socket itself is opened by package webhooks.
//
// The facts are those of mod_event_socket and switch_ivr_bridge.c of FreeSWITCH 1.10. Nothing here was tried against a
// real FreeSWITCH.
package esl

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// The types of blocks.
const (
	TypeAuth       = "auth/request"
	TypeReply      = "command/reply"
	TypeAPI        = "api/response"
	TypeEvent      = "text/event-json"
	TypeDisconnect = "text/disconnect-notice"
	TypeRejected   = "text/rude-rejection"
)

// Bounds of a block, in bytes. A list of channels may be long.
const (
	maxHead = 64 << 10
	maxBody = 8 << 20
)

var errTooLong = errors.New("esl: a block is too long")

// Block is one block of the socket.
type Block struct {
	Header map[string]string
	Body   []byte
}

// Type returns what the block is.
func (b *Block) Type() string { return b.Header["Content-Type"] }

// Reader reads blocks in the order in which they were sent.
type Reader struct{ in *bufio.Reader }

// NewReader reads from a connection.
func NewReader(in io.Reader) *Reader { return &Reader{bufio.NewReaderSize(in, 32<<10)} }

// Next returns the next block. Values of its header are without their URL escapes.
func (r *Reader) Next() (Block, error) {
	b := Block{Header: map[string]string{}}
	for size := 0; ; {
		line, err := r.in.ReadString('\n')
		if size += len(line); size > maxHead {
			return Block{}, errTooLong
		}
		if err != nil {
			return Block{}, err
		}
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			if len(b.Header) == 0 {
				continue // between two blocks
			}
			break
		}
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		if plain, err := url.PathUnescape(value); err == nil {
			value = plain
		}
		b.Header[name] = value
	}
	if length := b.Header["Content-Length"]; length != "" {
		n, err := strconv.Atoi(length)
		if err != nil || n < 0 || n > maxBody {
			return Block{}, errTooLong
		}
		b.Body = make([]byte, n)
		if _, err := io.ReadFull(r.in, b.Body); err != nil {
			return Block{}, err
		}
	}
	return b, nil
}

// Event is what happened, as headers with their values.
type Event map[string]string

// Event returns the event that a block holds.
func (b *Block) Event() (Event, error) {
	var fields map[string]any
	if err := json.Unmarshal(b.Body, &fields); err != nil {
		return nil, fmt.Errorf("esl: an event that is no JSON: %w", err)
	}
	e := make(Event, len(fields))
	for name, value := range fields {
		if text, ok := value.(string); ok {
			e[name] = text
		}
	}
	return e, nil
}

// Name returns the event's name.
func (e Event) Name() string { return e["Event-Name"] }

// At returns when it happened; zero when it does not say.
func (e Event) At() time.Time { return micros(e["Event-Date-Timestamp"]) }

func micros(text string) time.Time {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}

// first returns the first of several headers that is something.
func (e Event) first(names ...string) string {
	for _, name := range names {
		if text := e[name]; text != "" && text != "_undef_" {
			return text
		}
	}
	return ""
}

// Subscribe is the command that asks for the events that are used. What follows CUSTOM are subclasses: it is last.
const Subscribe = "event json CHANNEL_CREATE CHANNEL_ORIGINATE CHANNEL_PROGRESS CHANNEL_PROGRESS_MEDIA " +
	"CHANNEL_ANSWER CHANNEL_BRIDGE CHANNEL_UUID CHANNEL_HANGUP_COMPLETE BACKGROUND_JOB HEARTBEAT " +
	"CUSTOM conference::maintenance"

// ListChannels is the command whose answer Follower.Listed takes.
const ListChannels = "api show channels as json"

// Auth returns the command that signs in.
func Auth(password string) string { return "auth " + oneLine(password) }

// Originate returns the command that rings the agent and then calls the number from there, as a job whose result is an
// event. The agent's leg gets the id.
func Originate(job, id, endpoint, number, context string) string {
	return "bgapi originate {origination_uuid=" + oneLine(id) + ",callhue_number=" + oneLine(number) +
		",origination_caller_id_number=" + oneLine(number) + ",ignore_early_media=true,originate_timeout=30}" +
		oneLine(endpoint) + " " + oneLine(number) + " XML " + oneLine(context) + "\nJob-UUID: " + oneLine(job)
}

// oneLine returns a text without what ends a command or a list of variables.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == '}' || r == '{' {
			return -1
		}
		return r
	}, text)
}
