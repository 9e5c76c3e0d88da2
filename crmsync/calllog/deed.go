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

// toldState is where a call of ours stands with a CRM.
type toldState string

// The states; "" is a call that the CRM was told nothing of.
const (
	toldBeginning toldState = "beginning" // we are about to tell, or do not know whether it was heard
	toldOpen      toldState = "open"
	toldFinished  toldState = "finished"
	toldGivenUp   toldState = "given_up"
)

// Times of telling.
const (
	// registerWithin is how old a call may be that a CRM hears of for the first time.
	registerWithin = 5 * time.Minute
	// finishWithin is for how long it is tried to tell how a call ended.
	finishWithin = 24 * time.Hour
	// recordingWithin is how long the end waits for a recording: PBXs tell it a little
	// later, and an end is told once.
	recordingWithin = 5 * time.Second
)

// deedKind is what is to be told next.
type deedKind string

// The kinds; "" is nothing now.
const (
	deedRegister deedKind = "register"
	deedShow     deedKind = "show"
	deedHide     deedKind = "hide"
	deedFinish   deedKind = "finish"
	deedGiveUp   deedKind = "give_up"
)

// step is the next thing to tell a CRM of a call.
type step struct {
	kind  deedKind
	users []string  // to show it to, or to hide it from
	wait  time.Time // nothing now, but look again then; zero: when something happens
}

// nextDeed compares how a call stands with what the CRM was told. theirs are the CRM's
// names of our users. It looks at nothing else, so that it does not matter how often
// and by which process it is asked.
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

// usersOn gives the CRM's names of those on a call: before whom it stands now, who
// answered, and everybody.
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

// callFor words a call for a CRM.
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
		c.AnsweredBy = answered[len(answered)-1] // whoever it was passed on to
	}
	return c
}

// backoff is for how long a CRM is left alone that has not taken something of a call.
func backoff() jobs.Backoff { return jobs.Doubling(2*time.Second, time.Minute) }

// due sets when a call is to be looked at again.
func (r *toldRow) due(at time.Time) { r.DueAt = store.Millis(at) }

// over says that there is nothing more to tell of a call.
func (r *toldRow) over() bool { return r.State == toldFinished || r.State == toldGivenUp }

// owed is what a call that is given up was still to be told.
func (r *toldRow) owed() deedKind {
	if r.State == toldBeginning {
		return deedRegister
	}
	return deedFinish
}
