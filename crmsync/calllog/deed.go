package calllog

import (
	"slices"
	"time"

	"callhue/calls"
	"callhue/crmsync"
	"callhue/internal/jobs"
	"callhue/internal/store"
	"callhue/phone"
	"callhue/rules"
)

// toldState is the state of one of our calls in a CRM.
type toldState string

// The states; "" is a call that was not sent to the CRM.
const (
	toldBeginning toldState = "beginning" // about to be sent, or sent without a known result
	toldOpen      toldState = "open"
	toldFinished  toldState = "finished"
	toldGivenUp   toldState = "given_up"
)

// Time limits.
const (
	// registerWithin is how old a call may be when it is first sent to a CRM.
	registerWithin = 5 * time.Minute
	// finishWithin is how long the end of a call is retried.
	finishWithin = 24 * time.Hour
	// recordingWithin is how long the end waits for a recording: PBXs report it a little later, and an end
	// is sent once.
	recordingWithin = 5 * time.Second
)

// deedKind is the kind of the next step.
type deedKind string

// The kinds; "" means nothing now.
const (
	deedRegister deedKind = "register"
	deedShow     deedKind = "show"
	deedHide     deedKind = "hide"
	deedFinish   deedKind = "finish"
	deedGiveUp   deedKind = "give_up"
)

// step is the next step of a call in a CRM.
type step struct {
	kind  deedKind
	users []string  // to show it to, or to hide it from
	wait  time.Time // nothing now, but check again then; zero: when the call changes
}

// nextDeed compares the state of a call with what was sent to the CRM. theirs are the CRM's ids of our
// users. It depends on nothing else, so it may be called any number of times by any process.
func nextDeed(p *calls.Progress, told *toldRow, theirs map[int64]string, now time.Time) step {
	live, answered, all := usersOn(p, theirs)
	switch told.State {
	case "", toldBeginning:
		users := live
		if p.State == calls.StateEnded {
			if users = answered; len(users) == 0 {
				users = all
			}
		}
		switch {
		case now.Sub(p.StartedAt) > registerWithin && told.State == toldBeginning:
			return step{kind: deedGiveUp}
		case p.Number.Kind != phone.External || len(users) == 0 || now.Sub(p.StartedAt) > registerWithin:
			return step{}
		}
		return step{kind: deedRegister, users: users}
	case toldOpen:
	default:
		return step{}
	}
	shown := told.users()
	if p.State == calls.StateEnded {
		switch late := p.EndedAt.Add(recordingWithin); {
		case now.Sub(p.EndedAt) > finishWithin:
			return step{kind: deedGiveUp}
		case p.Answered && p.Recording == "" && now.Before(late):
			return step{wait: late}
		}
		return step{kind: deedFinish}
	}
	if more := without(live, shown); len(more) > 0 {
		return step{kind: deedShow, users: more}
	}
	if gone := without(shown, live); len(gone) > 0 {
		return step{kind: deedHide, users: gone}
	}
	return step{}
}

// usersOn returns the CRM's ids of the users on a call: those with an open card, those who answered, and
// all.
func usersOn(p *calls.Progress, theirs map[int64]string) (live, answered, all []string) {
	for _, part := range p.Agents {
		name := theirs[part.User]
		if name == "" || slices.Contains(all, name) {
			continue
		}
		all = append(all, name)
		if part.State != calls.StateEnded {
			live = append(live, name)
		}
		if part.Answered {
			answered = append(answered, name)
		}
	}
	return live, answered, all
}

func without(list, others []string) (rest []string) {
	for _, one := range list {
		if !slices.Contains(others, one) {
			rest = append(rest, one)
		}
	}
	return rest
}

// callFor converts a call for a CRM.
func callFor(p *calls.Progress, id string, users []string, theirs map[int64]string) crmsync.Call {
	c := crmsync.Call{ID: id, Number: p.Number.String(), Line: p.Line, Incoming: p.Direction == rules.In, Users: users, StartedAt: p.StartedAt}
	if p.State != calls.StateEnded {
		return c
	}
	_, answered, all := usersOn(p, theirs)
	c.Result, c.Talked, c.Recording = string(p.Result), p.Talked, p.Recording
	if len(users) == 0 {
		c.Users = all
	}
	if len(answered) > 0 {
		c.AnsweredBy = answered[len(answered)-1] // the user it was transferred to
	}
	return c
}

// backoff is the pause after a CRM did not accept a step of a call.
func backoff() jobs.Backoff { return jobs.Doubling(2*time.Second, time.Minute) }

// due sets when a call is checked again.
func (r *toldRow) due(at time.Time) { r.DueAt = store.Millis(at) }

// over reports whether nothing more has to be sent.
func (r *toldRow) over() bool { return r.State == toldFinished || r.State == toldGivenUp }

// owed returns the step that was still missing when a call was given up.
func (r *toldRow) owed() deedKind {
	if r.State == toldBeginning {
		return deedRegister
	}
	return deedFinish
}
