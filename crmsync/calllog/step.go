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

// logState is the state of one of our calls in a CRM.
type logState string

// The states; "" is a call that was not sent to the CRM.
const (
	logRegistering logState = "beginning" // about to be sent, or sent without a known result
	logOpen        logState = "open"
	logFinished    logState = "finished"
	logGivenUp     logState = "given_up"
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

// stepKind is the kind of the next step.
type stepKind string

// The kinds; "" means nothing now.
const (
	stepRegister stepKind = "register"
	stepShow     stepKind = "show"
	stepHide     stepKind = "hide"
	stepFinish   stepKind = "finish"
	stepGiveUp   stepKind = "give_up"
)

// step is the next step of a call in a CRM.
type step struct {
	kind  stepKind
	users []string  // to show it to, or to hide it from
	wait  time.Time // nothing now, but check again then; zero: when the call changes
}

// nextStep compares the state of a call with what was sent to the CRM. crmUsers has the CRM's ids of our
// users. It depends on nothing else, so it may be called any number of times by any process.
func nextStep(p *calls.Progress, log *loggedCall, crmUsers map[int64]string, now time.Time) step {
	live, answered, all := usersOn(p, crmUsers)
	switch log.State {
	case "", logRegistering:
		users := live
		if p.State == calls.StateEnded {
			if users = answered; len(users) == 0 {
				users = all
			}
		}
		switch {
		case now.Sub(p.StartedAt) > registerWithin && log.State == logRegistering:
			return step{kind: stepGiveUp}
		case p.Number.Kind != phone.External || len(users) == 0 || now.Sub(p.StartedAt) > registerWithin:
			return step{}
		}
		return step{kind: stepRegister, users: users}
	case logOpen:
	default:
		return step{}
	}
	shown := log.users()
	if p.State == calls.StateEnded {
		switch late := p.EndedAt.Add(recordingWithin); {
		case now.Sub(p.EndedAt) > finishWithin:
			return step{kind: stepGiveUp}
		case p.Answered && p.Recording == "" && now.Before(late):
			return step{wait: late}
		}
		return step{kind: stepFinish}
	}
	if more := without(live, shown); len(more) > 0 {
		return step{kind: stepShow, users: more}
	}
	if gone := without(shown, live); len(gone) > 0 {
		return step{kind: stepHide, users: gone}
	}
	return step{}
}

// usersOn returns the CRM's ids of the users on a call: those with an open card, those who answered, and
// all.
func usersOn(p *calls.Progress, crmUsers map[int64]string) (live, answered, all []string) {
	for _, part := range p.Agents {
		name := crmUsers[part.User]
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
func callFor(p *calls.Progress, id string, users []string, crmUsers map[int64]string) crmsync.Call {
	c := crmsync.Call{ID: id, Number: p.Number.String(), Line: p.Line, Incoming: p.Direction == rules.In, Users: users,
		StartedAt: p.StartedAt}
	if p.State != calls.StateEnded {
		return c
	}
	_, answered, all := usersOn(p, crmUsers)
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

// setDue sets when a call is checked again.
func (r *loggedCall) setDue(at time.Time) { r.DueAt = store.Millis(at) }

// isDone reports whether nothing more has to be sent.
func (r *loggedCall) isDone() bool { return r.State == logFinished || r.State == logGivenUp }

// missingStep returns the step that was still missing when a call was given up.
func (r *loggedCall) missingStep() stepKind {
	if r.State == logRegistering {
		return stepRegister
	}
	return stepFinish
}
