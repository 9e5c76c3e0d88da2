package mapping

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"callhue/internal/fault"
)

// node is a value of a request: a text, or fields or elements in the order in which they were sent. A text that is
// itself JSON has both.
type node struct {
	text  string
	list  bool
	names []string
	kids  map[string]*node
}

// Bounds of a request.
const (
	maxBody  = 1 << 20 // bytes, when it is unpacked
	maxNodes = 5000
	maxDepth = 32
)

// reader builds a tree and counts its nodes.
type reader struct{ left int }

var (
	errTooMany = fault.Invalid("body", "too_many_fields")
	errTooDeep = fault.Invalid("body", "json_too_deep")
)

func malformed(code string, cause error) error { return fault.Invalid("body", code).Because(cause) }

// add returns the field of a name, which is new when there was none.
func (r *reader) add(to *node, name string) (*node, error) {
	if kid := to.kids[name]; kid != nil {
		return kid, nil
	}
	if r.left--; r.left < 0 {
		return nil, errTooMany
	}
	if to.kids == nil {
		to.kids = map[string]*node{}
	}
	kid := &node{}
	to.kids[name] = kid
	to.names = append(to.names, name)
	return kid, nil
}

// tree reads what a request carries: the fields of its URL, and over them those of its body. Faults are invalid, of
// "body": malformed_json, malformed_form, malformed_xml, malformed_gzip, json_too_deep, too_many_fields, too_large.
func (m *Mapping) tree(req *Request) (*node, error) {
	r, root := &reader{left: maxNodes}, &node{}
	if err := r.values(root, req.Query); err != nil {
		return nil, err
	}
	body, err := unpack(req)
	if err != nil {
		return nil, err
	}
	return root, r.body(root, body, req.Header("Content-Type"), m.read)
}

// gzipMagic begins every packed body.
var gzipMagic = []byte{0x1f, 0x8b}

// unpack returns the body without its packing. One that is not packed although its header says it is, as in the
// source's log, stays as it is.
func unpack(req *Request) ([]byte, error) {
	encoding := req.Header("Content-Encoding")
	if encoding != "" && !bytes.HasPrefix(req.Body, gzipMagic) {
		encoding = ""
	}
	switch encoding {
	case "", "identity":
		return req.Body, nil
	case "gzip", "x-gzip":
	default:
		return nil, fault.Invalid("Content-Encoding", "unknown_value")
	}
	unpacker, err := gzip.NewReader(bytes.NewReader(req.Body))
	if err != nil {
		return nil, malformed("malformed_gzip", err)
	}
	body, err := io.ReadAll(io.LimitReader(unpacker, maxBody+1))
	switch {
	case len(body) > maxBody:
		return nil, fault.Invalid("body", "too_large")
	case err != nil:
		return nil, malformed("malformed_gzip", err)
	}
	return body, nil
}

// Unpacked returns a body as people can read it: without gzip, where it is packed and can be unpacked.
func Unpacked(body []byte) []byte {
	if !bytes.HasPrefix(body, gzipMagic) {
		return body
	}
	plain, err := unpack(&Request{Body: body, Header: func(string) string { return "gzip" }})
	if err != nil {
		return body
	}
	return plain
}

// body reads a body by its content type, and by its look where that is wrong.
func (r *reader) body(root *node, body []byte, contentType, read string) error {
	body = bytes.TrimPrefix(bytes.TrimSpace(body), []byte("\ufeff"))
	kind, params, _ := mime.ParseMediaType(contentType)
	switch {
	case len(body) == 0:
		return nil
	case read == "jwt" && body[0] != '{':
		_, payload, _, ok := splitJWT(string(body))
		if !ok {
			return malformed("malformed_jwt", nil)
		}
		return r.jsonDocument(root, payload)
	case read == "json", read == "" && (body[0] == '{' || body[0] == '[' || strings.HasSuffix(kind, "json")):
		return r.jsonDocument(root, body)
	case read == "xml", read == "" && body[0] == '<':
		return r.xmlDocument(root, body)
	case kind == "multipart/form-data":
		return r.parts(root, body, params["boundary"])
	}
	return r.form(root, string(body))
}

// form reads a urlencoded form. A broken escape stays as it is: PHP does that, and senders rely on it.
func (r *reader) form(root *node, text string) error {
	for pair := range strings.SplitSeq(text, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if name == "" {
			continue
		}
		if err := r.field(root, unescape(name), restorePlus(unescape(value))); err != nil {
			return err
		}
	}
	return nil
}

func unescape(text string) string {
	if plain, err := url.QueryUnescape(text); err == nil {
		return plain
	}
	return text
}

// restorePlus returns a number with its plus, which many senders do not escape and which then arrives as a blank.
func restorePlus(text string) string {
	if len(text) > 1 && text[0] == ' ' && text[1] >= '0' && text[1] <= '9' {
		return "+" + text[1:]
	}
	return text
}

func (r *reader) values(root *node, values url.Values) error {
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, text := range values[name] {
			if err := r.field(root, name, restorePlus(text)); err != nil {
				return err
			}
		}
	}
	return nil
}

// field adds a field of a form: user[0][name] stands for an object in a list, user[] for the next element of one.
func (r *reader) field(root *node, name, text string) error {
	first, brackets, _ := strings.Cut(name, "[")
	at, err := r.add(root, first)
	for depth := 0; err == nil && brackets != ""; depth++ {
		inside, rest, closed := strings.Cut(brackets, "]")
		if !closed {
			break
		}
		if depth > maxDepth {
			return errTooDeep
		}
		if inside == "" {
			inside = strconv.Itoa(len(at.names))
		}
		_, failed := strconv.Atoi(inside)
		at.list = failed == nil
		at, err = r.add(at, inside)
		brackets = strings.TrimPrefix(rest, "[")
	}
	if err != nil {
		return err
	}
	return r.setText(at, text, 1)
}

func (r *reader) parts(root *node, body []byte, boundary string) error {
	if boundary == "" {
		return malformed("malformed_form", errors.New("multipart without a boundary"))
	}
	parts := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		part, err := parts.NextPart()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return malformed("malformed_form", err)
		}
		text, err := io.ReadAll(part)
		if err != nil {
			return malformed("malformed_form", err)
		}
		if part.FormName() == "" || part.FileName() != "" {
			continue
		}
		if err := r.field(root, part.FormName(), string(text)); err != nil {
			return err
		}
	}
}

// setText sets the text of a node. JSON in a text is read too: Yeastar and others send an object as a string.
func (r *reader) setText(n *node, text string, depth int) error {
	n.text = text
	trimmed := strings.TrimSpace(text)
	if len(trimmed) < 2 || trimmed[0] != '{' && trimmed[0] != '[' || depth > maxDepth || !json.Valid([]byte(trimmed)) {
		return nil
	}
	return r.json(n, json.NewDecoder(strings.NewReader(trimmed)), depth+1)
}

func (r *reader) jsonDocument(root *node, body []byte) error {
	dec := json.NewDecoder(bytes.NewReader(body))
	if err := r.json(root, dec, 0); err != nil {
		return err
	}
	if _, err := dec.Token(); err != io.EOF {
		return malformed("malformed_json", errors.New("something follows the document"))
	}
	return nil
}

func (r *reader) json(n *node, dec *json.Decoder, depth int) error {
	if depth > maxDepth {
		return errTooDeep
	}
	dec.UseNumber()
	token, err := dec.Token()
	if err != nil {
		return malformed("malformed_json", err)
	}
	switch token := token.(type) {
	case string:
		return r.setText(n, token, depth)
	case json.Number:
		n.text = token.String()
	case bool:
		n.text = strconv.FormatBool(token)
	case json.Delim:
		return r.jsonInside(n, dec, token == '[', depth)
	}
	return nil // null is a text of nothing
}

func (r *reader) jsonInside(n *node, dec *json.Decoder, list bool, depth int) error {
	n.list = list
	for i := 0; dec.More(); i++ {
		name := strconv.Itoa(i)
		if !list {
			token, err := dec.Token()
			if err != nil {
				return malformed("malformed_json", err)
			}
			name, _ = token.(string)
		}
		kid, err := r.add(n, name)
		if err != nil {
			return err
		}
		*kid = node{}
		if err := r.json(kid, dec, depth+1); err != nil {
			return err
		}
	}
	if _, err := dec.Token(); err != nil {
		return malformed("malformed_json", err)
	}
	return nil
}

// splitJWT returns the parts of a compact JWT: what is signed, the payload, and the signature.
func splitJWT(text string) (signed string, payload, signature []byte, ok bool) {
	parts := strings.Split(strings.TrimSpace(text), ".")
	if len(parts) != 3 {
		return "", nil, nil, false
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return "", nil, nil, false
	}
	signature, err = base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[2], "="))
	return parts[0] + "." + parts[1], payload, signature, err == nil
}
