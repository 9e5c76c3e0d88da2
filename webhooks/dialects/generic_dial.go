package dialects

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// dialGeneric requests an address that the administrator made up. The placeholders in it and in the body are filled
// with the call, escaped for the place where they stand.
func dialGeneric(d DialRequest, send Sender) (string, error) {
	fill := func(text string, escape func(string) string) string {
		return strings.NewReplacer(
			"{extension}", escape(d.Extension),
			"{number}", escape(d.Dialled),
			"{plus}", escape(cmp.Or(d.Number.String(), d.Dialled)),
			"{id}", escape(d.CallID),
		).Replace(text)
	}
	address := fill(d.Setting(dialURL, ""), url.QueryEscape)
	body := d.Setting(dialBody, "")
	r, err := http.NewRequest(http.MethodGet, address, nil)
	switch {
	case strings.HasPrefix(strings.TrimSpace(body), "{"):
		r, err = post(address, "application/json", []byte(fill(body, escapeJSON)))
	case body != "":
		r, err = post(address, "application/x-www-form-urlencoded", []byte(fill(body, url.QueryEscape)))
	}
	if err != nil {
		return "", PBXRefused(0, err.Error())
	}
	if auth := d.Setting(dialAuth, ""); auth != "" {
		r.Header.Set("Authorization", auth)
	}
	answer, err := send(r)
	if err != nil {
		return "", err
	}
	if !answer.OK() {
		return "", PBXRefused(answer.Status, "")
	}
	if strings.Contains(d.Setting(dialURL, "")+body, "{id}") {
		return d.CallID, nil // the PBX uses the id that it was given
	}
	return "", nil
}

// escapeJSON escapes a text for the inside of a JSON string.
func escapeJSON(text string) string {
	raw, err := json.Marshal(text)
	if err != nil {
		return ""
	}
	return strings.Trim(string(raw), `"`)
}
