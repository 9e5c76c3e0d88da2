package webhooks

import (
	"context"
	"encoding/json"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"time"

	"callhue/internal/fault"
	"callhue/webhooks/dialects"
	"callhue/webhooks/dialects/mapping"
	"callhue/webhooks/sources"
)

// MappingTrial asks what a mapping makes of a request.
type MappingTrial struct {
	Mapping string `json:"mapping"`          // the document; "" only lists the fields
	LogID   int64  `json:"log_id,omitempty"` // a request of the source's log
	Raw     string `json:"raw,omitempty"`    // or one that is pasted: whole, or its body alone
}

// MappingTried is what a mapping makes of a request. Nothing of it was handled.
type MappingTried struct {
	Fields []mapping.RequestField `json:"fields"` // of the request, with their paths
	// Understood is an Understanding, as in the log; null when something is wrong.
	Understood json.RawMessage `json:"understood"`
	// Faults are what is wrong: with the mapping, by the place in it, or with the request, by its field.
	Faults []fault.Field `json:"faults"`
}

// maxRaw is the longest pasted request in bytes.
const maxRaw = 256 << 10

// TryMapping returns what a mapping makes of a request of the source's log, or of a pasted one. For a request of the
// log the older ones are read first, so that what the PBX reports once per call is known. Faults: not_found for a
// source or a request; invalid: raw, required and too_long. What is wrong with the mapping or the request is a part of
// the answer.
func (rc *Receiver) TryMapping(ctx context.Context, id int64, in MappingTrial) (MappingTried, error) {
	source, err := rc.opt.Sources.Live(ctx, id)
	if err != nil {
		return MappingTried{}, err
	}
	requests, err := rc.trialRequests(ctx, source, in)
	if err != nil {
		return MappingTried{}, err
	}
	tried := MappingTried{Fields: []mapping.RequestField{}, Faults: []fault.Field{}}
	m, err := mapping.Parse(in.Mapping)
	if in.Mapping == "" {
		m, err = nil, nil
	}
	tried.refuse("mapping", err)
	last := requests[len(requests)-1]
	fields, err := mapping.Flatten(m, last)
	if tried.refuse("", err); err == nil {
		tried.Fields = fields
	}
	if m == nil || err != nil {
		return tried, nil
	}
	scratch := mapping.Scratch{}
	for _, r := range requests[:len(requests)-1] {
		_, _ = m.Apply(r, "", scratch) // for what it leaves in the memory
	}
	result, err := m.Apply(last, "", scratch)
	if tried.refuse("", err); err != nil {
		return tried, nil
	}
	tried.Understood, err = json.Marshal(understandingOf(dialects.Parsed{
		Events:  result.Events,
		Aliases: result.Aliases,
		Ignored: result.Ignored,
		Note:    strings.Join(result.Notes, "; "),
	}))
	return tried, err
}

// refuse adds what is wrong; under is the name before the places.
func (t *MappingTried) refuse(under string, err error) {
	f := fault.Of(err)
	if f == nil {
		return
	}
	for _, field := range f.Fields {
		name := strings.Trim(under+"."+field.Field, ".")
		t.Faults = append(t.Faults, fault.Field{Field: name, Code: field.Code})
	}
}

// trialRequests returns the request that is tried, behind those that came before it.
func (rc *Receiver) trialRequests(ctx context.Context, source *sources.Live, in MappingTrial) ([]*mapping.Request,
	error) {
	zone := dialects.MappingZone(source.Settings)
	switch {
	case in.LogID != 0:
	case strings.TrimSpace(in.Raw) == "":
		return nil, fault.Invalid("raw", "required")
	case len(in.Raw) > maxRaw:
		return nil, fault.Invalid("raw", "too_long")
	default:
		return []*mapping.Request{rawRequest(in.Raw, rc.opt.Now().UTC(), zone)}, nil
	}
	lines, err := rc.Log(ctx, source.ID)
	if err != nil {
		return nil, err
	}
	var requests []*mapping.Request
	for _, line := range slices.Backward(lines) {
		requests = append(requests, line.request(zone))
		if line.ID == in.LogID {
			return requests, nil
		}
	}
	return nil, fault.Missing("request")
}

// request returns a line of the log as a mapping reads it. What is masked or cut in the log is missing.
func (l *LogLine) request(zone *time.Location) *mapping.Request {
	return mappingRequest(l.Method, l.Path, l.Body, l.At, zone, func(name string) string {
		return l.Headers[http.CanonicalHeaderKey(name)]
	})
}

// rawRequest reads a pasted request: with a request line and headers, or a body alone.
func rawRequest(text string, at time.Time, zone *time.Location) *mapping.Request {
	text = strings.ReplaceAll(strings.TrimLeft(text, " \t\r\n"), "\r\n", "\n")
	first, rest, _ := strings.Cut(text, "\n")
	words := strings.Fields(first)
	isWhole := len(words) >= 2 && slices.Contains([]string{"GET", "POST", "PUT"}, words[0])
	if !isWhole {
		return mappingRequest("POST", "", strings.TrimSpace(text), at, zone, func(string) string { return "" })
	}
	head, body, _ := strings.Cut(rest, "\n\n")
	headers := textproto.MIMEHeader{}
	for line := range strings.SplitSeq(head, "\n") {
		if name, value, found := strings.Cut(line, ":"); found {
			headers.Set(name, strings.TrimSpace(value))
		}
	}
	return mappingRequest(words[0], words[1], strings.TrimRight(body, "\n"), at, zone, headers.Get)
}

func mappingRequest(method, path, body string, at time.Time, zone *time.Location,
	header func(string) string) *mapping.Request {
	address, _, _ := strings.Cut(path, "#")
	_, query, _ := strings.Cut(address, "?")
	values, _ := url.ParseQuery(query) // keeps what could be read
	return &mapping.Request{
		Method: method,
		URL:    path,
		Query:  values,
		Header: header,
		Body:   []byte(body),
		At:     at,
		Zone:   zone,
	}
}
