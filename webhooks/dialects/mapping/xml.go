package mapping

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"golang.org/x/text/encoding/htmlindex"
)

// xmlDocument reads an XML document: elements are fields by their names without a prefix, attributes are fields named
// @name, and an element that comes again makes a list. Entities that a document defines are not expanded.
func (r *reader) xmlDocument(root *node, body []byte) error {
	dec := xml.NewDecoder(bytes.NewReader(body))
	dec.CharsetReader = func(charset string, in io.Reader) (io.Reader, error) {
		encoding, err := htmlindex.Get(charset)
		if err != nil {
			return nil, err
		}
		return encoding.NewDecoder().Reader(in), nil
	}
	open := []*node{root}
	for {
		token, err := dec.Token()
		if err == io.EOF && len(open) == 1 {
			return nil
		}
		if err != nil {
			return malformed("malformed_xml", err)
		}
		at := open[len(open)-1]
		switch token := token.(type) {
		case xml.StartElement:
			if len(open) > maxDepth {
				return errTooDeep
			}
			kid, err := r.element(at, token)
			if err != nil {
				return err
			}
			open = append(open, kid)
		case xml.EndElement:
			at.text = strings.TrimSpace(at.text)
			if open = open[:len(open)-1]; len(open) == 0 {
				return malformed("malformed_xml", errors.New("an end without a beginning"))
			}
		case xml.CharData:
			if len(at.text) < maxBody {
				at.text += string(token)
			}
		}
	}
}

// element adds an element with its attributes.
func (r *reader) element(to *node, start xml.StartElement) (*node, error) {
	name := start.Name.Local
	kid, err := r.repeated(to, name)
	if err != nil {
		return nil, err
	}
	for _, a := range start.Attr {
		if a.Name.Space == "xmlns" || a.Name.Local == "xmlns" {
			continue
		}
		attribute, err := r.add(kid, "@"+a.Name.Local)
		if err != nil {
			return nil, err
		}
		attribute.text = a.Value
	}
	return kid, nil
}

// repeated returns a new field, which becomes an element of a list when there is one of its name.
func (r *reader) repeated(to *node, name string) (*node, error) {
	first := to.kids[name]
	switch {
	case first == nil:
		return r.add(to, name)
	case !first.list:
		list := &node{list: true, names: []string{"0"}, kids: map[string]*node{"0": first}}
		to.kids[name], first = list, list
	}
	return r.add(first, itoa(len(first.names)))
}
