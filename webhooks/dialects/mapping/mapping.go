// Package mapping reads the webhooks of PBXs that have no dialect of their own: a Mapping is a JSON document, stored
// with its source, that names for each field of a call event where it stands in a request.
//
// A request of any form (query, form, multipart, JSON, XML, JWT, packed or not) becomes one tree (tree.go), in which
// paths find texts (path.go). A value of the document is a path, or paths with what to do with what they find: choose
// by direction, translate words, cut (value.go). Apply turns a request into call events (apply.go), Authenticate
// checks what the document says of proofs (proof.go), and Flatten lists the fields of a request for people who write a
// document (flat.go). Ready documents for the PBXs of some vendors are in presets.
//
// Everything here is a pure function of the request, the document and the Memory, in which the caller keeps what a PBX
// reports once per call.
package mapping

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"

	"callhue/internal/fault"
	"callhue/internal/web"
	"callhue/rules"
)

// MaxLength is the longest document in bytes.
const MaxLength = 16_000

// Mapping is a document that was read and checked.
type Mapping struct {
	Title     web.Words // of the PBX
	About     web.Words // what an administrator does at the PBX
	Published bool      // made by what the vendor publishes, not tried on the real service
	Theirs    bool      // the PBX chooses the secret

	proofs  []proof
	probes  []probe
	reply   *reply
	skip    []condition
	read    string // how the body is read; "" is by its look
	each    path   // the list whose elements are an event each; nil for one event per request
	nothing []string
	zone    *time.Location // of times without one; nil is the source's

	event, callID, leg, nextCall, direction value
	number, agent, line, result, recording  value
	aliases                                 []value
	at, duration, sequence                  timed
}

// Request is a request as a mapping sees it.
type Request struct {
	Method string
	URL    string // whole, as the other side knows it
	Rest   string // of the path behind the source's name
	Query  url.Values
	Header func(name string) string
	Body   []byte // as sent
	At     time.Time
	Zone   *time.Location // of times that name none; nil is UTC
}

// Memory keeps what a PBX reported of a call, for later requests of it. It belongs to one source. Keys and texts are
// short, and old ones may be forgotten at any time.
type Memory interface {
	Get(key string) string
	Set(key, text string)
	// Direction returns the direction of a call that is known already; "" when it is not.
	Direction(callID string) rules.Direction
}

// Scratch is a Memory for one trial, or for a request that has no other.
type Scratch map[string]string

// Get returns what was set.
func (s Scratch) Get(key string) string { return s[key] }

// Set keeps a text.
func (s Scratch) Set(key, text string) { s[key] = text }

// Direction returns "": nothing but the scratch itself is known.
func (s Scratch) Direction(string) rules.Direction { return "" }

// SecretInPath reports whether the address at the PBX contains the secret.
func (m *Mapping) SecretInPath() bool {
	return slices.ContainsFunc(m.proofs, func(p proof) bool { return p.by == "path" })
}

// Parse reads a document. Faults are invalid and name the place in it: "event.map.ring: unknown_value"; "" is the
// document itself.
func Parse(text string) (*Mapping, error) {
	if len(text) > MaxLength {
		return nil, fault.Invalid("", "too_long")
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var document map[string]any
	if err := dec.Decode(&document); err != nil || dec.More() {
		return nil, fault.Invalid("", "malformed_json").Because(err)
	}
	d := &decoder{}
	m := d.mapping(document)
	if err := d.wrong.OrNil(); err != nil {
		return nil, err
	}
	return m, nil
}
