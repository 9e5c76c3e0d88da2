package mapping

// Path is where in a document a value stands: owner.email, clients[0], phones[*].value. The empty path is the document.
type Path struct{ steps []step }

// ParsePath reads a path, and reports whether it is one.
func ParsePath(text string) (Path, bool) {
	if text == "" {
		return Path{}, true
	}
	p, ok := parsePath(text)
	return Path{p.steps}, ok && p.root == 0
}

// Document is a document of JSON, or a part of one.
type Document struct{ n *node }

// ParseJSON reads a document. The faults are those of a request's body: malformed_json, json_too_deep, too_many_fields.
func ParseJSON(body []byte) (Document, error) {
	r, root := &reader{left: maxNodes}, &node{}
	if err := r.jsonDocument(root, body); err != nil {
		return Document{}, err
	}
	return Document{root}, nil
}

// Find returns the parts at a path, in the order of the document.
func (d Document) Find(p Path) []Document {
	var found []Document
	for _, n := range find(d.n, p.steps) {
		found = append(found, Document{n})
	}
	return found
}

// Text returns the text of a value; "" for null, lists and objects.
func (d Document) Text() string { return d.n.text }

// IsList reports whether the part is a list.
func (d Document) IsList() bool { return d.n.list }

// IsEmpty reports whether the part is null, an empty text, list or object.
func (d Document) IsEmpty() bool { return d.n.text == "" && len(d.n.names) == 0 }

// Elements returns the elements of a list, or the values of an object.
func (d Document) Elements() []Document { return d.Find(Path{[]step{{all: true}}}) }
