package webhooks

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// Settings of orders that several dialects have.
const (
	apiURL  = "api_url"
	restKey = "rest_key"
)

func postForm(address string, form url.Values) (*http.Request, error) {
	return postTo(address, "application/x-www-form-urlencoded", []byte(form.Encode()))
}

func postJSON(address string, body any) (*http.Request, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	return postTo(address, "application/json", raw)
}

func postTo(address, kind string, body []byte) (*http.Request, error) {
	r, err := http.NewRequest(http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, pbxRefused(0, err.Error())
	}
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Accept", "application/json")
	return r, nil
}

// orderGeneric asks an address of the administrator's making. What stands for the
// call is escaped for the place where it stands.
func orderGeneric(o Order, send sender) (string, error) {
	fill := func(text string, escape func(string) string) string {
		return strings.NewReplacer("{extension}", escape(o.Extension), "{number}", escape(o.Dialled), "{plus}", escape(cmp.Or(o.Number.String(), o.Dialled)),
			"{id}", escape(o.ID)).Replace(text)
	}
	address := fill(o.Setting(dialURL, ""), url.QueryEscape)
	body := o.Setting(dialBody, "")
	r, err := http.NewRequest(http.MethodGet, address, nil)
	switch {
	case strings.HasPrefix(strings.TrimSpace(body), "{"):
		r, err = postTo(address, "application/json", []byte(fill(body, inJSON)))
	case body != "":
		r, err = postTo(address, "application/x-www-form-urlencoded", []byte(fill(body, url.QueryEscape)))
	}
	if err != nil {
		return "", pbxRefused(0, err.Error())
	}
	if auth := o.Setting(dialAuth, ""); auth != "" {
		r.Header.Set("Authorization", auth)
	}
	sent, err := send(r)
	if err != nil {
		return "", err
	}
	if sent.Status < 200 || sent.Status > 299 {
		return "", pbxRefused(sent.Status, "")
	}
	if strings.Contains(o.Setting(dialURL, "")+body, "{id}") {
		return o.ID, nil // the PBX was told how to call it
	}
	return "", nil
}

// inJSON escapes a text for the inside of a JSON string.
func inJSON(text string) string {
	raw, err := json.Marshal(text)
	if err != nil {
		return ""
	}
	return strings.Trim(string(raw), `"`)
}
