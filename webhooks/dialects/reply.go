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
}

// JSONReply answers 200 with JSON. It panics when v cannot be encoded.
func JSONReply(v any) Reply {
	body, err := json.Marshal(v)
	if err != nil {
		panic("dialects: a reply that is no JSON: " + err.Error())
	}
	return Reply{http.StatusOK, "application/json", body}
}

// xmlReply answers 200 with an XML document.
func xmlReply(document string) Reply {
	return Reply{http.StatusOK, "application/xml; charset=utf-8", []byte(xml.Header + document)}
}

// textReply answers 200 with plain text.
func textReply(text string) Reply {
	return Reply{http.StatusOK, "text/plain; charset=utf-8", []byte(text)}
}
