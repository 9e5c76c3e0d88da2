package mapping

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// template is a text with places in braces: {body}, {url}, {method}, {secret}, {header:NAME}, {field:PATH}, and in
// answers {hmac:PATH}, the signature of a field in hex. {field_url:PATH} is escaped as in a URL.
type template []part

type part struct {
	text  string // when what is ""
	what  string
	where value
}

// template reads a text with places.
func (d *decoder) template(at, text string) (t template) {
	for text != "" {
		before, rest, found := strings.Cut(text, "{")
		if before != "" {
			t = append(t, part{text: before})
		}
		if !found {
			break
		}
		inside, after, closed := strings.Cut(rest, "}")
		what, name, _ := strings.Cut(inside, ":")
		switch {
		case !closed || strings.ContainsAny(inside, "\" \n"): // a brace of JSON
			t, text = append(t, part{text: "{"}), rest
			continue
		case what == "secret" && !d.signing: // it never leaves the server
			d.refuse(at, "unknown_value")
		case slices.Contains([]string{"body", "url", "method", "secret"}, what) && name == "":
			t = append(t, part{what: what})
		case what == "header" && name != "":
			t = append(t, part{what: what, where: d.path(at, "$header."+name)})
		case slices.Contains([]string{"field", "field_url", "hmac"}, what):
			t = append(t, part{what: what, where: d.path(at, name)})
		default:
			d.refuse(at, "unknown_value")
		}
		text = after
	}
	return t
}

// fill returns the text for a request.
func (t template) fill(s *scope, secret string) string {
	var b strings.Builder
	for _, p := range t {
		b.WriteString(p.in(s, secret))
	}
	return b.String()
}

func (p *part) in(s *scope, secret string) string {
	switch p.what {
	case "":
		return p.text
	case "body":
		return string(s.req.Body)
	case "url":
		return s.req.URL
	case "method":
		return s.req.Method
	case "secret":
		return secret
	case "field_url":
		return url.QueryEscape(s.raw(p.where))
	case "hmac":
		return hex.EncodeToString(sumOf(sha256.New, secret, []byte(s.raw(p.where))))
	}
	return s.raw(p.where)
}

// raw returns the first text that a path finds, as it was sent.
func (s *scope) raw(v value) string {
	if p, ok := v.(path); ok {
		for _, text := range s.texts(p) {
			return text
		}
	}
	return ""
}

// Reply is an answer that a document words.
type Reply struct {
	Status  int
	Type    string
	Headers map[string]string
	Body    []byte
}

// reply is the wording of an answer.
type reply struct {
	status  int
	kind    string
	headers map[string]template
	body    template
	json    map[string]template // an object of texts, instead of body
}

// probe is an answer to requests that only try the address.
type probe struct {
	when  []condition
	reply *reply
}

// headerName matches the headers that an answer may have.
var headerName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,60}$`)

// takenHeaders are set by the server alone.
var takenHeaders = []string{"content-type", "content-length", "transfer-encoding", "connection", "set-cookie",
	"location"}

func (d *decoder) reply(at string, raw any) *reply {
	fields := d.object(at, raw)
	d.known(at, fields, "status", "type", "headers", "body", "json")
	r := &reply{status: http.StatusOK, kind: "text/plain; charset=utf-8", headers: map[string]template{}}
	if text := d.text(below(at, "status"), fields["status"]); text != "" {
		status, err := strconv.Atoi(text)
		if err != nil || status < 200 || status > 299 {
			d.refuse(below(at, "status"), "unknown_value")
		}
		r.status = status
	}
	if kind := d.text(below(at, "type"), fields["type"]); kind != "" {
		d.choice(below(at, "type"), kind, "text/plain", "application/json", "application/xml", "text/xml")
		r.kind = kind
	}
	r.body = d.template(below(at, "body"), d.text(below(at, "body"), fields["body"]))
	if fields["headers"] != nil {
		for name, text := range d.object(below(at, "headers"), fields["headers"]) {
			place := below(at, "headers."+name)
			if !headerName.MatchString(name) || slices.Contains(takenHeaders, strings.ToLower(name)) {
				d.refuse(place, "unknown_value")
			}
			r.headers[name] = d.template(place, d.text(place, text))
		}
	}
	if fields["json"] != nil {
		r.json, r.kind = map[string]template{}, "application/json"
		for name, text := range d.object(below(at, "json"), fields["json"]) {
			place := below(at, "json."+name)
			r.json[name] = d.template(place, d.text(place, text))
		}
	}
	return r
}

func (d *decoder) probes(at string, raw any) (list []probe) {
	items, ok := raw.([]any)
	if !ok && raw != nil {
		items = []any{raw}
	}
	for n, item := range items {
		place := at
		if ok {
			place = below(at, strconv.Itoa(n))
		}
		fields := d.object(place, item)
		d.known(place, fields, "when", "reply")
		p := probe{when: d.conditions(below(place, "when"), fields["when"]), reply: &reply{status: http.StatusOK,
			kind: "text/plain; charset=utf-8"}}
		if p.when == nil {
			d.refuse(below(place, "when"), "required")
		}
		if fields["reply"] != nil {
			p.reply = d.reply(below(place, "reply"), fields["reply"])
		}
		list = append(list, p)
	}
	return list
}

// word returns the answer to a request.
func (r *reply) word(s *scope, secret string) *Reply {
	worded := &Reply{Status: r.status, Type: r.kind, Body: []byte(r.body.fill(s, secret))}
	for _, name := range slices.Sorted(maps.Keys(r.headers)) {
		text := strings.NewReplacer("\r", "", "\n", "").Replace(r.headers[name].fill(s, secret))
		if text == "" {
			continue
		}
		if worded.Headers == nil {
			worded.Headers = map[string]string{}
		}
		worded.Headers[name] = text
	}
	if r.json != nil {
		texts := map[string]string{}
		for name, t := range r.json {
			texts[name] = t.fill(s, secret)
		}
		body, err := json.Marshal(texts)
		if err != nil {
			body = nil // texts always encode
		}
		worded.Body = body
	}
	return worded
}
