package dialects

import (
	"encoding/json"
	"net/http"
	"net/url"
)

// yeastarAnswer is the answer to every request of Yeastar's API.
type yeastarAnswer struct {
	Code    int    `json:"errcode"`
	Message string `json:"errmsg"`
	Token   string `json:"access_token"`
	CallID  string `json:"call_id"`
}

// dialYeastar has the PBX ring the agent and call the number. A PBX has at most 8 tokens that are valid: the one that
// is taken for a call is given back at once.
// https://help.yeastar.com/en/p-series-cloud-edition/developer-guide/make-a-call.html, 2026-03
func dialYeastar(d DialRequest, send Sender) (string, error) {
	api := d.api("") + "/openapi/v1.0/"
	granted, err := askYeastar(api+"get_token", send, map[string]string{
		"username": d.Setting(yeastarClient, ""), "password": d.Setting(yeastarKey, "")})
	if err != nil {
		return "", err
	}
	token := "?access_token=" + url.QueryEscape(granted.Token)
	dialled, err := askYeastar(api+"call/dial"+token, send, map[string]string{
		"caller": d.Extension, "callee": d.Dialled, "dial_permission": d.Extension, "auto_answer": "no"})
	_, _ = askYeastar(api+"del_token"+token, send, nil) // it ends by itself in 30 minutes
	return dialled.CallID, err
}

// askYeastar posts a request. The PBX does not answer one without a User-Agent.
func askYeastar(address string, send Sender, body map[string]string) (yeastarAnswer, error) {
	if body == nil {
		body = map[string]string{}
	}
	r, err := postJSON(address, body)
	if err != nil {
		return yeastarAnswer{}, err
	}
	r.Header.Set("User-Agent", "OpenAPI")
	response, err := send(r)
	if err != nil {
		return yeastarAnswer{}, err
	}
	var answer yeastarAnswer
	if response.Status != http.StatusOK || json.Unmarshal(response.Body, &answer) != nil {
		return yeastarAnswer{}, PBXRefused(response.Status, "")
	}
	if answer.Code != 0 {
		return yeastarAnswer{}, PBXRefused(0, answer.Message)
	}
	return answer, nil
}
