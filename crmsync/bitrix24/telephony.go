package bitrix24

import (
	"context"
	"errors"
	"time"

	"callhue/crmsync"
	"callhue/internal/fault"
)

// wrongAuthType is the portal's code for a webhook that calls what only an application may call.
const wrongAuthType = "WRONG_AUTH_TYPE"

// callTelephony calls a method of the telephony.
func (p *Portal) callTelephony(ctx context.Context, method string, params map[string]any, into any) error {
	err := p.call(ctx, method, params, into)
	var refused *refusal
	if errors.As(err, &refused) && refused.is(wrongAuthType) {
		return crmsync.Refused(wrongAuthType + ": only an installed application may report calls, a webhook may not").
			Because(refused)
	}
	return err
}

// Register reports a call that begins. Our id identifies it: without one, the portal takes a second call of
// the same number within half an hour for the first. With CRM_CREATE 0 the portal adds no lead.
func (p *Portal) Register(ctx context.Context, c crmsync.Call) (string, error) {
	if len(c.Users) == 0 {
		return "", fault.Invalid("users", "required")
	}
	params := map[string]any{"USER_ID": c.Users[0], "PHONE_NUMBER": c.Number, "TYPE": 1, "CRM_CREATE": 0, "SHOW": 1,
		"ADD_TO_CHAT": 0, "EXTERNAL_CALL_ID": c.ID}
	if c.Incoming {
		params["TYPE"] = 2
	}
	if c.Result != "" {
		params["SHOW"] = 0
	}
	if c.Line != "" {
		params["LINE_NUMBER"] = c.Line
	}
	if !c.StartedAt.IsZero() {
		params["CALL_START_DATE"] = formatTime(c.StartedAt, nil)
	}
	var registered struct {
		ID text `json:"CALL_ID"`
	}
	if err := p.callTelephony(ctx, "telephony.externalCall.register", params, &registered); err != nil {
		return "", err
	}
	if registered.ID == "" {
		return "", malformed("a call without an id")
	}
	if c.Result != "" {
		return string(registered.ID), nil
	}
	return string(registered.ID), p.Show(ctx, string(registered.ID), c.Users[1:])
}

// Show opens the card of a call for users.
func (p *Portal) Show(ctx context.Context, id string, users []string) error {
	return p.changeCard(ctx, "telephony.externalCall.show", id, users)
}

// Hide closes the card of a call for users.
func (p *Portal) Hide(ctx context.Context, id string, users []string) error {
	return p.changeCard(ctx, "telephony.externalCall.hide", id, users)
}

func (p *Portal) changeCard(ctx context.Context, method, id string, users []string) error {
	if len(users) == 0 {
		return nil
	}
	var done any
	return p.callTelephony(ctx, method, map[string]any{"CALL_ID": id, "USER_ID": users}, &done)
}

// statusCodes maps our results to STATUS_CODE.
var statusCodes = map[string]string{"answered": "200", "missed": "304", "busy": "486", "cancelled": "603-S"}

// Finish reports how a call ended.
func (p *Portal) Finish(ctx context.Context, id string, c crmsync.Call) error {
	user := c.AnsweredBy
	if user == "" && len(c.Users) > 0 {
		user = c.Users[0]
	}
	if user == "" {
		return fault.Invalid("users", "required")
	}
	code, known := statusCodes[c.Result]
	if !known {
		code = "OTHER"
	}
	params := map[string]any{"CALL_ID": id, "USER_ID": user, "DURATION": int64(c.Talked / time.Second),
		"STATUS_CODE": code, "ADD_TO_CHAT": 0}
	if c.Recording != "" {
		params["RECORD_URL"] = c.Recording
	}
	var done any
	return p.callTelephony(ctx, "telephony.externalCall.finish", params, &done)
}
