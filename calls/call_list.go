package calls

import (
	"context"
	"slices"
	"strconv"
	"time"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/web"
	"callhue/rules"
	"callhue/staff"
)

// Call is a line of the call journal.
type Call struct {
	ID         int64           `json:"id"`
	Source     string          `json:"source"`
	CallID     string          `json:"call_id"`
	Also       []string        `json:"also,omitempty"` // other sources that reported it
	Direction  rules.Direction `json:"direction"`
	State      State           `json:"state"`
	Result     Result          `json:"result"` // "" until it ended
	Number     NumberPart      `json:"number"`
	Line       string          `json:"line"`
	StartedAt  time.Time       `json:"started_at"`
	AnsweredAt *time.Time      `json:"answered_at"`
	EndedAt    *time.Time      `json:"ended_at"`
	Duration   int64           `json:"duration"` // of the talk, seconds
	// EndUnknown says that the end was not seen: the call lasted at least until ended_at.
	EndUnknown bool        `json:"end_unknown"`
	Recording  string      `json:"recording_url"`
	Note       string      `json:"note"`
	NoteNumber int64       `json:"note_version"` // how often the note was written
	Agents     []CallAgent `json:"agents"`
}

// CallAgent is one agent's part of a call, with the verdict as it was shown.
type CallAgent struct {
	Agent   *staff.Person `json:"agent"` // null for an unknown agent
	Name    string        `json:"name"`  // the agent as the PBX named them
	State   State         `json:"state"`
	Verdict VerdictPart   `json:"verdict"`
	Subject *Record       `json:"subject"`
	Reason  string        `json:"reason"` // why they went on although the card was red
	// Unanswered is why their telephone rang in vain; "" for a talk, or where that is not known.
	Unanswered Unanswered `json:"unanswered"`
	Shown      []Shown    `json:"shown,omitempty"` // verdict after verdict; only where one call is asked for
}

// colors are all that a card can have.
var colors = [...]rules.Color{rules.Red, rules.Yellow, rules.Blue, rules.None, rules.Grey}

// ListInput filters the call journal.
type ListInput struct {
	web.Paging
	Source string `query:"source" json:"-"`
	Agent  string `query:"agent" json:"-"` // "me", an id, a login or another identity
	Number string `query:"number" json:"-"`
	Color  string `query:"color" json:"-"`
	From   string `query:"from" json:"-"`  // RFC 3339
	Until  string `query:"until" json:"-"` // RFC 3339, exclusive
}

// readPersonByPerson is how many people's calls are read from the end of each one's index; those of more are found
// among all calls, of which they are a large part.
const readPersonByPerson = 64

// visible returns which parts of a call are in a scope.
func visible(scope staff.Scope) func(*cardRow) bool {
	return func(c *cardRow) bool { return scope.Sees(c.AgentID) }
}

// scopeOf returns what a user sees now, and the organisation.
func (d *Tracker) scopeOf(ctx context.Context, user *access.User) (*staff.Org, staff.Scope, error) {
	org, err := d.Roster.Org(ctx)
	if err != nil {
		return nil, staff.Scope{}, err
	}
	return org, org.ScopeOf(user, d.DB.Clock()), nil
}

func (d *Tracker) filterOf(org *staff.Org, scope staff.Scope, user *access.User, in ListInput) (filter, error) {
	f := filter{Source: in.Source, Color: in.Color, Limit: in.Size() + 1}
	var wrong *fault.Error
	if in.Agent != "" {
		if f.Agent = agentIn(org, user, in.Agent); f.Agent == 0 {
			wrong = wrong.And("agent", "unknown_agent")
		}
	}
	switch {
	case f.Agent != 0:
		if !scope.Sees(f.Agent) {
			return f, fault.Forbidden("own_calls_only")
		}
	case !scope.All():
		f.Of = scope.Where()
		if people := scope.People(); len(people) <= readPersonByPerson {
			f.People = people
		}
	}
	if in.Number != "" {
		if f.Number = d.Plan.ParseTyped(cut(in.Number, maxNumber)).Key(); f.Number == 0 {
			wrong = wrong.And("number", "invalid_number")
		}
	}
	for _, t := range []struct {
		name, text string
		ms         *int64
	}{{"from", in.From, &f.From}, {"until", in.Until, &f.Until}} {
		if t.text == "" {
			continue
		}
		at, err := time.Parse(time.RFC3339, t.text)
		if err != nil {
			wrong = wrong.And(t.name, "malformed")
		}
		*t.ms = store.Millis(at)
	}
	if in.Color != "" && !slices.Contains(colors[:], rules.Color(in.Color)) {
		wrong = wrong.And("color", "unknown_value")
	}
	if err := wrong.OrNil(); err != nil {
		return f, err
	}
	err := in.After(&f.Before)
	return f, err
}

// agentIn returns the agent of a filter, 0 when there is no such user.
func agentIn(org *staff.Org, user *access.User, text string) int64 {
	if text == "me" {
		return user.ID
	}
	if u := org.ByIdentity("", text); u != nil {
		return u.ID
	}
	if id, err := strconv.ParseInt(text, 10, 64); err == nil && org.User(id) != nil {
		return id
	}
	return 0
}

func callsOf(tx *store.Tx, rows []*callRow, visible func(*cardRow) bool) ([]Call, error) {
	ids := make([]int64, len(rows))
	for i, c := range rows {
		ids[i] = c.ID
	}
	cards, err := cardsOfAll(tx, ids)
	if err != nil {
		return nil, err
	}
	calls := make([]Call, len(rows))
	for i, c := range rows {
		calls[i] = c.call()
		for _, card := range cards {
			if card.CallID == c.ID && visible(card) {
				shown := card.shown()
				calls[i].Agents = append(calls[i].Agents, CallAgent{
					Agent:      shown.Agent,
					Name:       card.AgentName,
					State:      card.State,
					Verdict:    shown.Verdict,
					Subject:    shown.Subject,
					Reason:     card.Reason,
					Unanswered: card.Unanswered,
				})
			}
		}
	}
	return calls, nil
}

func (c *callRow) call() Call {
	n := c.number()
	return Call{ID: c.ID, Source: c.Source, CallID: c.CallID, Also: c.alsoReported(), Direction: c.direction(), State: c.State, Result: Result(c.Result),
		Number: numberPart(n), Line: c.Line, StartedAt: store.Time(c.StartedAt), AnsweredAt: timeOrNil(c.AnsweredAt),
		EndedAt: timeOrNil(c.EndedAt), Duration: c.Duration, EndUnknown: c.EndUnknown, Recording: c.Recording, Note: c.Note, NoteNumber: c.NoteVersion, Agents: []CallAgent{}}
}

type callPath struct {
	ID int64 `path:"id" json:"-"`
}

// CardInput names one agent's card of a call.
type CardInput struct {
	ID      int64  `path:"id" json:"-"`
	Agent   string `query:"agent" json:"-"` // the asking user when empty
	Related bool   `query:"related" json:"-"`
}

// LiveCards returns the live cards of a user, the newest first.
func (d *Tracker) LiveCards(ctx context.Context, user int64) ([]Card, error) {
	rows, err := liveCards(d.DB.Read(ctx), user)
	cards := make([]Card, len(rows))
	for i, c := range rows {
		cards[i] = c.shown()
	}
	return cards, err
}
