package amocrm

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"callhue/crmsync"
	"callhue/internal/fault"
)

// Statuses of a call, as the account numbers them.
const (
	callTalked    = 4
	callNoAnswer  = 6
	callBusy      = 7
	callUndefined = 8
)

// noRecord is the code with which the account refuses to write a call down: it has
// no record with that number.
const noRecord = 263

var callStatuses = map[string]int{
	"answered": callTalked, "missed": callNoAnswer, "cancelled": callNoAnswer, "busy": callBusy,
}

// Register has the account tell the users of a call that it begins. The account
// gives no id, so the id is ours, with the number in front: Show needs it.
func (p *Portal) Register(ctx context.Context, c crmsync.Call) (string, error) {
	id := digitsOf(c.Number) + ":" + c.ID
	if c.Result != "" {
		return id, nil
	}
	return id, p.Show(ctx, id, c.Users)
}

// Show tells more users of a call. Nobody at all would be everybody for the
// account: then nothing is sent.
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

// Hide does nothing: what the account shows of a call goes away by itself.
func (p *Portal) Hide(context.Context, string, []string) error { return nil }

// theirCall is a call to write down. Empty texts are left out: the account
// refuses some of them.
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

// Finish has the account write a call into the history of the record that it
// finds by the number. Where it finds none, there is nothing to write to and
// nothing to repeat.
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
	var said theirRefusals
	err := p.post(ctx, postCalls, []theirCall{call}, &said)
	if err != nil {
		return err
	}
	return said.fault()
}

// responsible is who answered, or else who was first rung; nil for nobody.
func responsible(c crmsync.Call) any {
	who := c.AnsweredBy
	if who == "" && len(c.Users) > 0 {
		who = c.Users[0]
	}
	if who == "" {
		return nil
	}
	if n, err := strconv.ParseInt(who, 10, 64); err == nil {
		return n
	}
	return who
}

// theirRefusals is what the account says of calls that it did not take, with HTTP
// 400 when it took none.
type theirRefusals struct {
	Errors []struct {
		Title  string      `json:"title"`
		Detail string      `json:"detail"`
		Status json.Number `json:"status"`
	} `json:"errors"`
}

// fault gives the first refusal that is not of a number without a record.
func (r theirRefusals) fault() error {
	for _, e := range r.Errors {
		if code, _ := e.Status.Int64(); code != noRecord {
			return crmsync.Refused(fault.Cut(strings.TrimSpace(e.Title+" "+e.Detail), maxRefusal))
		}
	}
	return nil
}

// noSuchRecord says whether an answer refuses calls only because their numbers are
// nobody's.
func noSuchRecord(said answer) bool {
	var refused theirRefusals
	return said.status == http.StatusBadRequest && json.Unmarshal(said.body, &refused) == nil &&
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
