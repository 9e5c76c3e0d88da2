package external

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"

	"callhue/internal/web"
	"callhue/lookup/query"
	"callhue/webhooks/dialects/mapping"
)

// Endpoint is where a customer's system answers over HTTP.
type Endpoint struct {
	URL           string // a template
	Method        string // GET or POST; "" is GET
	Body          string // a template
	ContentType   string // of the body; "" is JSON
	Authorization string
	Header, Value string // one header more
	Items         string // the path to the records; "" for the whole answer
	Unknown404    bool   // 404 means that the number is unknown
	Fields        Mapping
}

// endpoint asks a customer's system.
type endpoint struct {
	Endpoint
	client *http.Client
	items  mapping.Path
	paths  map[Field]mapping.Path
}

// maxAnswer is the longest answer in bytes.
const maxAnswer = 256 << 10

// NewEndpoint returns what asks an endpoint by a client of package web, which refuses redirects and, unless they are
// allowed, private addresses.
func NewEndpoint(e Endpoint, client *http.Client) (Asker, error) {
	asker := &endpoint{Endpoint: e, client: client, paths: map[Field]mapping.Path{}}
	var ok bool
	if asker.items, ok = mapping.ParsePath(e.Items); !ok {
		return nil, failed(codeColumn, nil)
	}
	for _, field := range Fields() {
		if _, is := e.Fields.constant(field); is {
			continue
		}
		at, _ := e.Fields.place(field)
		if asker.paths[field], ok = mapping.ParsePath(at); !ok {
			return nil, failed(codeColumn, nil)
		}
	}
	return asker, nil
}

// Close does nothing: the connections are the client's.
func (*endpoint) Close() error { return nil }

// Ask sends the request.
func (e *endpoint) Ask(ctx context.Context, spell query.Spellings, watch *Watch) ([]Row, error) {
	req, err := e.request(ctx, spell)
	if err != nil {
		return nil, failed(codeFailed, web.Unaddressed(err))
	}
	resp, err := e.client.Do(req)
	if err != nil {
		return nil, requestFault(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, requestFault(err)
	case len(body) > maxAnswer:
		return nil, failed(codeTooLarge, nil)
	}
	watch.answer(resp.Status, body)
	switch resp.StatusCode {
	case http.StatusOK:
		return e.read(body)
	case http.StatusNoContent:
		return nil, nil
	case http.StatusNotFound:
		if e.Unknown404 {
			return nil, nil
		}
	case http.StatusUnauthorized, http.StatusForbidden:
		return nil, failed(codeRefused, errors.New(resp.Status))
	case http.StatusTooManyRequests:
		return nil, failed(codeBusy, errors.New(resp.Status))
	}
	return nil, failed(codeHTTP, errors.New(resp.Status))
}

func (e *endpoint) request(ctx context.Context, spell query.Spellings) (*http.Request, error) {
	method := e.Method
	if method == "" {
		method = http.MethodGet
	}
	contentType := e.ContentType
	if contentType == "" {
		contentType = "application/json"
	}
	var body io.Reader
	if e.Body != "" && method != http.MethodGet {
		body = strings.NewReader(query.Fill(e.Body, query.PlaceOf(contentType), spell))
	}
	req, err := http.NewRequestWithContext(ctx, method, query.Fill(e.URL, query.InURL, spell), body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "callhue")
	if body != nil {
		req.Header.Set("Content-Type", contentType)
	}
	if e.Authorization != "" {
		req.Header.Set("Authorization", e.Authorization)
	}
	if e.Header != "" {
		req.Header.Set(e.Header, e.Value)
	}
	return req, nil
}

func requestFault(err error) error {
	err = web.Unaddressed(err)
	switch {
	case errors.Is(err, web.ErrPrivate):
		return failed(codePrivate, err)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return failed(codeTimeout, err)
	}
	return failed(codeUnreachable, err)
}

// read reads the records of an answer. An answer that has none of our fields is a fault, and not an unknown number.
func (e *endpoint) read(body []byte) ([]Row, error) {
	doc, err := mapping.ParseJSON(body)
	if err != nil {
		return nil, failed(codeAnswer, err)
	}
	items, err := e.records(doc)
	if err != nil {
		return nil, err
	}
	if len(items) > maxRows {
		return nil, failed(codeTooMany, nil)
	}
	var rows []Row
	for _, item := range items {
		row := e.row(item)
		if row.isEmpty() {
			return nil, failed(codeColumn, errors.New("a record has neither an id nor a name at its path"))
		}
		rows = append(rows, row)
	}
	return usable(rows)
}

// records returns the records of an answer: the elements of a list, or one object.
func (e *endpoint) records(doc mapping.Document) ([]mapping.Document, error) {
	at := doc.Find(e.items)
	if len(at) == 0 {
		if doc.IsEmpty() {
			return nil, nil
		}
		return nil, failed(codeColumn, errors.New("there is nothing at "+e.Items))
	}
	var records []mapping.Document
	for _, part := range at {
		switch {
		case part.IsEmpty():
		case part.IsList():
			records = append(records, part.Elements()...)
		default:
			records = append(records, part)
		}
	}
	return records, nil
}

func (e *endpoint) row(item mapping.Document) Row {
	row := Row{}
	for _, field := range Fields() {
		if value, is := e.Fields.constant(field); is {
			row.set(field, value)
			continue
		}
		var texts []string
		for _, found := range item.Find(e.paths[field]) {
			if text := found.Text(); text != "" && !found.IsList() {
				texts = append(texts, text)
			}
		}
		switch {
		case len(texts) == 0:
		case field == Team:
			row.set(field, strings.Join(texts, ","))
		default:
			row.set(field, texts[0])
		}
	}
	return row
}
