package dialects

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
)

// Reply is the answer to a request.
type Reply struct {
	Status int
	Type   string // content type
	Body   []byte
	// Headers are further headers of the answer; nil for none.
	Headers map[string]string
}

// JSONReply answers 200 with JSON. It panics when v cannot be encoded.
func JSONReply(v any) Reply {
	body, err := json.Marshal(v)
	if err != nil {
		panic("dialects: a reply that is no JSON: " + err.Error())
	}
	return Reply{Status: http.StatusOK, Type: "application/json", Body: body}
}

// xmlReply answers 200 with an XML document.
func xmlReply(document string) Reply {
	return Reply{Status: http.StatusOK, Type: "application/xml; charset=utf-8", Body: []byte(xml.Header + document)}
}

// textReply answers 200 with plain text.
func textReply(text string) Reply {
	return Reply{Status: http.StatusOK, Type: "text/plain; charset=utf-8", Body: []byte(text)}
}
