package bitrix24

import (
	"context"
	"errors"
	"time"

	"callhue/crmsync"
	"callhue/internal/fault"
)

// A portal's way to say that a webhook asked for what only an application may do.
const wrongAuthType = "WRONG_AUTH_TYPE"

// tell asks for a method of the telephony.
func (p *Portal) tell(ctx context.Context, method string, params map[string]any, into any) error {
	err := p.ask(ctx, method, params, into)
	var no *refusal
	if errors.As(err, &no) && no.is(wrongAuthType) {
		return crmsync.Refused(wrongAuthType + ": only an installed application may tell of calls, a webhook may not").Because(no)
	}
	return err
}

// Register tells of a call that begins. Its id of ours makes it one call: without,
// the portal takes a second call of the same number within half an hour for the
// first. CRM_CREATE is 0: the portal makes no lead of it.
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
		params["CALL_START_DATE"] = written(c.StartedAt)
	}
	var made struct {
		ID text `json:"CALL_ID"`
	}
	if err := p.tell(ctx, "telephony.externalCall.register", params, &made); err != nil {
		return "", err
	}
	if made.ID == "" {
		return "", senseless("a call without an id")
	}
	if c.Result != "" {
		return string(made.ID), nil
	}
	return string(made.ID), p.Show(ctx, string(made.ID), c.Users[1:])
}

// Show opens the card of a call for users.
func (p *Portal) Show(ctx context.Context, id string, users []string) error {
	return p.card(ctx, "telephony.externalCall.show", id, users)
}

// Hide closes it.
func (p *Portal) Hide(ctx context.Context, id string, users []string) error {
	return p.card(ctx, "telephony.externalCall.hide", id, users)
}

func (p *Portal) card(ctx context.Context, method, id string, users []string) error {
	if len(users) == 0 {
		return nil
	}
	var done any
	return p.tell(ctx, method, map[string]any{"CALL_ID": id, "USER_ID": users}, &done)
}

// codes are STATUS_CODE for our results.
var codes = map[string]string{"answered": "200", "missed": "304", "busy": "486", "cancelled": "603-S"}

// Finish tells how a call ended.
func (p *Portal) Finish(ctx context.Context, id string, c crmsync.Call) error {
	who := c.AnsweredBy
	if who == "" && len(c.Users) > 0 {
		who = c.Users[0]
	}
	if who == "" {
		return fault.Invalid("users", "required")
	}
	code, known := codes[c.Result]
	if !known {
		code = "OTHER"
	}
	params := map[string]any{"CALL_ID": id, "USER_ID": who, "DURATION": int64(c.Talked / time.Second),
		"STATUS_CODE": code, "ADD_TO_CHAT": 0}
	if c.Recording != "" {
		params["RECORD_URL"] = c.Recording
	}
	var done any
	return p.tell(ctx, "telephony.externalCall.finish", params, &done)
}
