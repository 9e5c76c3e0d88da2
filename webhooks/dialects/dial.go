package dialects

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"callhue/internal/fault"
	"callhue/internal/text"
	"callhue/phone"
)

// DialRequest is a call that a PBX should place: it rings the agent's telephone and connects it to the number.
type DialRequest struct {
	Settings  map[string]string // of the source
	Secret    string            // of the source
	Extension string            // of the agent
	Number    phone.Number
	Dialled   string // the number's digits, or an internal number
	CallID    string // our id of the call, where the PBX accepts one
}

// Setting returns a setting of the source, or otherwise when it is not set.
func (d *DialRequest) Setting(name, otherwise string) string {
	return cmp.Or(d.Settings[name], otherwise)
}

// api returns the address of the PBX's API, without a slash at the end.
func (d *DialRequest) api(otherwise string) string {
	return strings.TrimRight(d.Setting(apiURL, otherwise), "/")
}

// Response is a PBX's answer to a request of ours.
type Response struct {
	Status int
	Body   []byte
}

// OK reports whether the status is one of success.
func (r Response) OK() bool { return r.Status >= 200 && r.Status <= 299 }

// Sender sends one request to a PBX. Its errors are conflicts that can be shown.
type Sender func(*http.Request) (Response, error)

// Settings of placing calls that several dialects have.
const (
	apiURL  = "api_url"
	restKey = "rest_key"
)

// maxRefusal is how much of a PBX's own words is shown, in bytes.
const maxRefusal = 200

// PBXRefused returns the conflict pbx_refused of a call that the PBX did not place. answer is in the PBX's own words;
// without them the HTTP status stands for them.
func PBXRefused(status int, answer string) error {
	if answer == "" {
		answer = "HTTP " + strconv.Itoa(status)
	}
	return fault.Conflict("pbx_refused").With("what", text.Cut(text.OneLine(answer), maxRefusal))
}

func postForm(address string, form url.Values) (*http.Request, error) {
	return post(address, "application/x-www-form-urlencoded", []byte(form.Encode()))
}

func postJSON(address string, body any) (*http.Request, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	return post(address, "application/json", raw)
}

func post(address, contentType string, body []byte) (*http.Request, error) {
	r, err := http.NewRequest(http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, PBXRefused(0, err.Error())
	}
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("Accept", "application/json")
	return r, nil
}
