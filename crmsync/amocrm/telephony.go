package amocrm

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"callhue/crmsync"
	"callhue/internal/text"
)

// Call statuses of the account.
const (
	callTalked    = 4
	callNoAnswer  = 6
	callBusy      = 7
	callUndefined = 8
)

// noRecord is the code for a call that was not logged because no record has its number.
const noRecord = 263

var callStatuses = map[string]int{
	"answered": callTalked, "missed": callNoAnswer, "cancelled": callNoAnswer, "busy": callBusy,
}

// Register announces a call to its users. The account returns no id, so the id is ours, with the number in
// front for Show.
func (p *Portal) Register(ctx context.Context, c crmsync.Call) (string, error) {
	id := digitsOf(c.Number) + ":" + c.ID
	if c.Result != "" {
		return id, nil
	}
	return id, p.Show(ctx, id, c.Users)
}

// Show announces a call to more users. Without users nothing is sent: the account would announce it to
// everyone.
func (p *Portal) Show(ctx context.Context, id string, users []string) error {
	number, _, named := strings.Cut(id, ":")
	if !named || number == "" || len(users) == 0 {
		return nil
	}
	type popup struct {
		Type   string   `json:"type"`
		Number string   `json:"phone_number"`
		Users  []string `json:"users"`
	}
	body := struct {
		Add []popup `json:"add"`
	}{[]popup{{"phone_call", number, users}}}
	return p.post(ctx, postPopup, body, nil)
}

// Hide does nothing: the account's popups close by themselves.
func (p *Portal) Hide(context.Context, string, []string) error { return nil }

// theirCall is a call to log. Empty texts are omitted: the account refuses some of them.
type theirCall struct {
	Direction   string `json:"direction"`
	Seconds     int64  `json:"duration"`
	Source      string `json:"source"`
	Phone       string `json:"phone"`
	Unique      string `json:"uniq"`
	Link        string `json:"link,omitempty"`
	Status      int    `json:"call_status"`
	Responsible any    `json:"call_responsible,omitempty"` // a user's id, or a name
	CreatedAt   int64  `json:"created_at,omitempty"`       // Unix seconds
}

// Finish logs a call in the history of the record that the account finds by the number. If it finds none,
// there is nothing to log and nothing to retry.
func (p *Portal) Finish(ctx context.Context, _ string, c crmsync.Call) error {
	call := theirCall{
		Direction: "outbound", Seconds: int64(c.Talked / time.Second), Source: p.opt.Name, Phone: c.Number,
		Unique: c.ID, Link: c.Recording, Status: callUndefined, Responsible: responsible(c),
	}
	if c.Incoming {
		call.Direction = "inbound"
	}
	if status, known := callStatuses[c.Result]; known {
		call.Status = status
	}
	if !c.StartedAt.IsZero() {
		call.CreatedAt = c.StartedAt.Unix()
	}
	var refused callErrors
	err := p.post(ctx, postCalls, []theirCall{call}, &refused)
	if err != nil {
		return err
	}
	return refused.fault()
}

// responsible returns the user who answered, or else the first who was rung; nil if there is none.
func responsible(c crmsync.Call) any {
	user := c.AnsweredBy
	if user == "" && len(c.Users) > 0 {
		user = c.Users[0]
	}
	if user == "" {
		return nil
	}
	if n, err := strconv.ParseInt(user, 10, 64); err == nil {
		return n
	}
	return user
}

// callErrors are the errors of calls that were not accepted, with HTTP 400 if none was.
type callErrors struct {
	Errors []struct {
		Title  string      `json:"title"`
		Detail string      `json:"detail"`
		Status json.Number `json:"status"`
	} `json:"errors"`
}

// fault returns the first error other than a number without a record.
func (r callErrors) fault() error {
	for _, e := range r.Errors {
		if code, _ := e.Status.Int64(); code != noRecord {
			return crmsync.Refused(text.Cut(strings.TrimSpace(e.Title+" "+e.Detail), maxRefusal))
		}
	}
	return nil
}

// isNoRecord reports whether an answer refuses calls only because no record has their numbers.
func isNoRecord(response answer) bool {
	var refused callErrors
	return response.status == http.StatusBadRequest && json.Unmarshal(response.body, &refused) == nil &&
		len(refused.Errors) > 0 && refused.fault() == nil
}

func digitsOf(number string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, number)
}
