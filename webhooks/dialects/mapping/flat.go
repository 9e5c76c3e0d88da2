package mapping

import (
	"strconv"
	"strings"

	plain "callhue/internal/text"
)

// RequestField is a text of a request, with the path that finds it.
type RequestField struct {
	Path string `json:"path"`
	Text string `json:"text"`
}

// Bounds of what is shown of a request.
const (
	maxFlat     = 300
	maxFlatText = 300
)

// Flatten lists the texts of a request in the order in which they were sent, at most 300 of them, cut to 300 bytes. m
// says how the body is read; nil reads it by its look. Faults are those of reading a body.
func Flatten(m *Mapping, req *Request) ([]RequestField, error) {
	if m == nil {
		m = &Mapping{}
	}
	root, err := m.tree(req)
	if err != nil {
		return nil, err
	}
	list := []RequestField{}
	flatten(&list, root, "")
	return list, nil
}

func flatten(list *[]RequestField, n *node, at string) {
	for _, name := range n.names {
		if len(*list) == maxFlat {
			return
		}
		kid, place := n.kids[name], placeOf(at, name, n.list)
		if len(kid.names) == 0 {
			*list = append(*list, RequestField{place, plain.Cut(plain.OneLine(kid.text), maxFlatText)})
			continue
		}
		if kid.text != "" && kid.kids["@"] == nil && !looksLikeJSON(kid.text) {
			*list = append(*list, RequestField{place, plain.Cut(plain.OneLine(kid.text), maxFlatText)})
		}
		flatten(list, kid, place)
	}
}

func looksLikeJSON(text string) bool {
	text = strings.TrimSpace(text)
	return strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[")
}

// placeOf returns the path of a field.
func placeOf(at, name string, element bool) string {
	switch {
	case element:
		return at + "[" + name + "]"
	case strings.ContainsAny(name, ".[]=^$") || name == "":
		return at + `["` + name + `"]`
	case at == "":
		return name
	}
	return at + "." + name
}

func itoa(n int) string { return strconv.Itoa(n) }
