package calllog

import (
	"context"
	"strconv"
	"sync"
	"time"

	"callhue/calls"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/phone"
)

// logCall sends one call until nothing more is due, and searches the CRM for its number at the same time.
func (s *sender) logCall(ctx context.Context, call int64) error {
	var asking sync.WaitGroup
	defer asking.Wait()
	for range 20 { // a call that keeps changing lets others go first
		p, err := s.progress(ctx, call)
		switch {
		case err != nil:
			return err
		case p == nil:
			return s.giveUpRemoved(ctx, call)
		}
		asking.Go(func() {
			if err := s.importCaller(ctx, p); err != nil && ctx.Err() == nil {
				s.Log.Info("a CRM was not asked for a number", "source", s.source.Name, "error", err)
			}
		})
		more, err := s.advance(ctx, p)
		if err != nil || !more {
			return err
		}
	}
	s.markDirty(call)
	return nil
}

func (s *sender) progress(ctx context.Context, call int64) (*calls.Progress, error) {
	list, err := s.Tracker.Progress(ctx, []int64{call})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// giveUpRemoved gives up a call that was removed here.
func (s *sender) giveUpRemoved(ctx context.Context, call int64) error {
	log, err := findLogged(s.DB.Read(ctx), s.source.ID, call)
	if err != nil || log.ID == 0 || log.isDone() {
		return err
	}
	s.meter.count(log.missingStep(), resultGivenUp)
	s.setWaiting(call, false)
	log.State, log.NumberKey = logGivenUp, 0
	return s.save(ctx, log)
}

// searchAgain is the pause before the CRM is searched again for a number that is still unknown.
const searchAgain = time.Minute

// importCaller imports the records of a number that is unknown here from the CRM; the card follows.
func (s *sender) importCaller(ctx context.Context, p *calls.Progress) error {
	if p.Number.Kind != phone.External || p.State == calls.StateEnded || !s.claimSearch(p.Number.Key()) {
		return nil
	}
	known, err := s.Tracker.Knows(ctx, p.Number)
	if err != nil || known {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, stepTimeout)
	defer cancel()
	return s.Syncer.ImportByNumber(ctx, s.source.ID, p.Number)
}

// claimSearch reports whether a number was not searched recently, and remembers that it is searched now.
func (s *sender) claimSearch(number int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.DB.Clock()
	for other, at := range s.searched {
		if now.Sub(at) >= searchAgain {
			delete(s.searched, other)
		}
	}
	if _, lately := s.searched[number]; lately {
		return false
	}
	s.searched[number] = now
	return true
}

// advance sends the next step of a call; more reports whether another one may be due.
func (s *sender) advance(ctx context.Context, p *calls.Progress) (more bool, err error) {
	if s.source.Phone == nil {
		return false, nil
	}
	if own, err := s.source.Own(ctx, p); err != nil || own {
		return false, err
	}
	log, err := findLogged(s.DB.Read(ctx), s.source.ID, p.ID)
	if err != nil {
		return false, err
	}
	now := s.DB.Clock()
	if log.Attempts > 0 && now.Before(store.Time(log.DueAt)) {
		return false, nil
	}
	crmUsers := map[int64]string{}
	for _, part := range p.Agents {
		if name, known := s.Syncer.TheirUser(ctx, s.source.ID, part.User); known {
			crmUsers[part.User] = name
		}
	}
	next := nextStep(p, &log, crmUsers, now)
	switch {
	case next.kind == "" && log.State == logOpen && now.Before(store.Time(log.DueAt)) && next.wait.IsZero():
		return false, nil
	case next.kind == "" && log.State == logOpen:
		log.setDue(now.Add(finishWithin)) // a change of the call marks it earlier
		if !next.wait.IsZero() {
			log.setDue(next.wait)
		}
		return false, s.save(ctx, log)
	case next.kind == "":
		return false, nil
	case log.ID == 0:
		if log, err = s.begin(ctx, log, p); err != nil || log.ID == 0 {
			return false, err
		}
	}
	return s.send(ctx, p, log, next, crmUsers)
}

// begin stores that a call is about to be sent: after a crash it is known that it may have been. ID 0 means
// that another process was faster.
func (s *sender) begin(ctx context.Context, log loggedCall, p *calls.Progress) (loggedCall, error) {
	log.State, log.NumberKey, log.Shown = logRegistering, p.Number.Key(), "[]"
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		log.setDue(tx.Now())
		id, fresh, err := insertLogged(tx, log)
		if log.ID = id; !fresh {
			log.ID = 0
		}
		return err
	})
	return log, err
}

// send sends one step and stores its result. A step in progress has a moment to finish when the process
// stops: what the CRM received is stored, not sent again.
func (s *sender) send(ctx context.Context, p *calls.Progress, log loggedCall, next step,
	crmUsers map[int64]string) (more bool, err error) {
	begun, stop := context.WithTimeout(context.WithoutCancel(ctx), stepTimeout+s.grace)
	defer stop()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(s.grace, stop) })()
	asked, cancel := context.WithTimeout(begun, stepTimeout)
	defer cancel()
	shown := log.users()
	switch next.kind {
	case stepRegister:
		var id string
		if id, err = s.source.Phone.Register(asked, callFor(p, s.idOf(p), next.users, crmUsers)); err == nil {
			log.TheirID, log.NumberKey, log.State, shown = id, 0, logOpen, next.users
		}
	case stepShow:
		if err = s.source.Phone.Show(asked, log.TheirID, next.users); err == nil {
			shown = append(shown, next.users...)
		}
	case stepHide:
		if err = s.source.Phone.Hide(asked, log.TheirID, next.users); err == nil {
			shown = without(shown, next.users)
		}
	case stepFinish:
		if err = s.source.Phone.Finish(asked, log.TheirID, callFor(p, s.idOf(p), nil, crmUsers)); err == nil {
			log.State, shown = logFinished, nil
		}
	case stepGiveUp:
		s.meter.count(log.missingStep(), resultGivenUp)
		log.State, log.NumberKey = logGivenUp, 0
	}
	if err != nil && ctx.Err() != nil { // the process stops; another one continues
		return false, ctx.Err()
	}
	if err != nil {
		return false, s.recordFailure(begun, log, next, err)
	}
	if next.kind != stepGiveUp {
		s.meter.count(next.kind, resultDone)
	}
	s.setWaiting(log.CallID, false)
	log.setUsers(shown)
	log.Attempts = 0
	log.setDue(s.DB.Clock())
	return ctx.Err() == nil, s.save(begun, log)
}

// idOf returns our id of a call, which never changes.
func (s *sender) idOf(p *calls.Progress) string { return "callhue-" + strconv.FormatInt(p.ID, 10) }

// maxRefusals is how often a CRM may refuse a step before the call is given up.
const maxRefusals = 3

// recordFailure stores when to retry, or that it is pointless. A CRM that does not know a call whose end was sent
// before has received the end.
func (s *sender) recordFailure(ctx context.Context, log loggedCall, next step, err error) error {
	f := fault.Of(err)
	log.Attempts++
	became := resultOf(f)
	switch {
	case f.Key == "crm_refused" && next.kind == stepFinish && log.Attempts > 1:
		log.State = logFinished
	case (f.Key == "crm_refused" || f.Kind == fault.KindInvalid) && log.Attempts >= maxRefusals:
		log.State, log.NumberKey, became = logGivenUp, 0, resultGivenUp
	default:
		due, _ := backoff().Next(s.DB.Clock(), log.Attempts, f.RetryAfter)
		log.setDue(due)
	}
	s.meter.count(next.kind, became)
	s.setWaiting(log.CallID, !log.isDone())
	s.source.Refused(string(next.kind)+" call "+strconv.FormatInt(log.CallID, 10), f)
	return s.save(ctx, log)
}

func (s *sender) save(ctx context.Context, log loggedCall) error {
	return s.DB.Write(ctx, func(tx *store.Tx) error { return updateLogged(tx, log) })
}
