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

// attend sends one call until nothing more is due, and searches the CRM for its number at the same time.
func (t *teller) attend(ctx context.Context, call int64) error {
	var asking sync.WaitGroup
	defer asking.Wait()
	for range 20 { // a call that keeps changing lets others go first
		p, err := t.progress(ctx, call)
		switch {
		case err != nil:
			return err
		case p == nil:
			return t.forgotten(ctx, call)
		}
		asking.Go(func() {
			if err := t.ask(ctx, p); err != nil && ctx.Err() == nil {
				t.Log.Info("a CRM was not asked for a number", "source", t.source.Name, "error", err)
			}
		})
		more, err := t.step(ctx, p)
		if err != nil || !more {
			return err
		}
	}
	t.stir(call)
	return nil
}

func (t *teller) progress(ctx context.Context, call int64) (*calls.Progress, error) {
	list, err := t.Tracker.Progress(ctx, []int64{call})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// forgotten returns up a call that was removed here.
func (t *teller) forgotten(ctx context.Context, call int64) error {
	told, err := toldCall(t.DB.Read(ctx), t.source.ID, call)
	if err != nil || told.ID == 0 || told.over() {
		return err
	}
	t.meter.count(told.owed(), resultGivenUp)
	t.waits(call, false)
	told.State, told.NumberKey = toldGivenUp, 0
	return t.keep(ctx, told)
}

// askAgain is the pause before the CRM is searched again for a number that is still unknown.
const askAgain = time.Minute

// ask imports the records of a number that is unknown here from the CRM; the card follows.
func (t *teller) ask(ctx context.Context, p *calls.Progress) error {
	if p.Number.Kind != phone.External || p.State == calls.StateEnded || !t.firstAsk(p.Number.Key()) {
		return nil
	}
	known, err := t.Tracker.Knows(ctx, p.Number)
	if err != nil || known {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, tellerTimeout)
	defer cancel()
	return t.Syncer.ImportByNumber(ctx, t.source.ID, p.Number)
}

// firstAsk reports whether a number was not searched recently.
func (t *teller) firstAsk(number int64) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.DB.Clock()
	for other, at := range t.asked {
		if now.Sub(at) >= askAgain {
			delete(t.asked, other)
		}
	}
	if _, lately := t.asked[number]; lately {
		return false
	}
	t.asked[number] = now
	return true
}

// step sends the next step of a call; more reports whether another one may be due.
func (t *teller) step(ctx context.Context, p *calls.Progress) (more bool, err error) {
	if t.source.Phone == nil {
		return false, nil
	}
	if own, err := t.source.Own(ctx, p); err != nil || own {
		return false, err
	}
	told, err := toldCall(t.DB.Read(ctx), t.source.ID, p.ID)
	if err != nil {
		return false, err
	}
	now := t.DB.Clock()
	if told.Attempts > 0 && now.Before(store.Time(told.DueAt)) {
		return false, nil
	}
	theirs := map[int64]string{}
	for _, part := range p.Agents {
		if name, known := t.Syncer.TheirUser(ctx, t.source.ID, part.User); known {
			theirs[part.User] = name
		}
	}
	next := nextDeed(p, &told, theirs, now)
	switch {
	case next.kind == "" && told.State == toldOpen && now.Before(store.Time(told.DueAt)) && next.wait.IsZero():
		return false, nil
	case next.kind == "" && told.State == toldOpen:
		told.due(now.Add(finishWithin)) // a change of the call marks it earlier
		if !next.wait.IsZero() {
			told.due(next.wait)
		}
		return false, t.keep(ctx, told)
	case next.kind == "":
		return false, nil
	case told.ID == 0:
		if told, err = t.begin(ctx, told, p); err != nil || told.ID == 0 {
			return false, err
		}
	}
	return t.do(ctx, p, told, next, theirs)
}

// begin stores that a call is about to be sent: after a crash it is known that it may have been. ID 0 means
// that another process was faster.
func (t *teller) begin(ctx context.Context, told toldRow, p *calls.Progress) (toldRow, error) {
	told.State, told.NumberKey, told.Shown = toldBeginning, p.Number.Key(), "[]"
	err := t.DB.Write(ctx, func(tx *store.Tx) error {
		told.due(tx.Now())
		id, fresh, err := insertTold(tx, told)
		if told.ID = id; !fresh {
			told.ID = 0
		}
		return err
	})
	return told, err
}

// do sends one step and stores its result. A step in progress has a moment to finish when the process
// stops: what the CRM received is stored, not sent again.
func (t *teller) do(ctx context.Context, p *calls.Progress, told toldRow, next step, theirs map[int64]string) (more bool, err error) {
	begun, stop := context.WithTimeout(context.WithoutCancel(ctx), tellerTimeout+t.grace)
	defer stop()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(t.grace, stop) })()
	asked, cancel := context.WithTimeout(begun, tellerTimeout)
	defer cancel()
	shown := told.users()
	switch next.kind {
	case deedRegister:
		var id string
		if id, err = t.source.Phone.Register(asked, callFor(p, t.idOf(p), next.users, theirs)); err == nil {
			told.TheirID, told.NumberKey, told.State, shown = id, 0, toldOpen, next.users
		}
	case deedShow:
		if err = t.source.Phone.Show(asked, told.TheirID, next.users); err == nil {
			shown = append(shown, next.users...)
		}
	case deedHide:
		if err = t.source.Phone.Hide(asked, told.TheirID, next.users); err == nil {
			shown = without(shown, next.users)
		}
	case deedFinish:
		if err = t.source.Phone.Finish(asked, told.TheirID, callFor(p, t.idOf(p), nil, theirs)); err == nil {
			told.State, shown = toldFinished, nil
		}
	case deedGiveUp:
		t.meter.count(told.owed(), resultGivenUp)
		told.State, told.NumberKey = toldGivenUp, 0
	}
	if err != nil && ctx.Err() != nil { // the process stops; another one continues
		return false, ctx.Err()
	}
	if err != nil {
		return false, t.failed(begun, told, next, err)
	}
	if next.kind != deedGiveUp {
		t.meter.count(next.kind, resultDone)
	}
	t.waits(told.CallID, false)
	told.show(shown)
	told.Attempts = 0
	told.due(t.DB.Clock())
	return ctx.Err() == nil, t.keep(begun, told)
}

// idOf returns our id of a call, which never changes.
func (t *teller) idOf(p *calls.Progress) string { return "callhue-" + strconv.FormatInt(p.ID, 10) }

// refusals is how often a CRM may refuse a step before the call is given up.
const refusals = 3

// failed stores when to retry, or that it is pointless. A CRM that does not know a call whose end was sent
// before has received the end.
func (t *teller) failed(ctx context.Context, told toldRow, next step, err error) error {
	f := fault.Of(err)
	told.Attempts++
	became := resultOf(f)
	switch {
	case f.Key == "crm_refused" && next.kind == deedFinish && told.Attempts > 1:
		told.State = toldFinished
	case (f.Key == "crm_refused" || f.Kind == fault.KindInvalid) && told.Attempts >= refusals:
		told.State, told.NumberKey, became = toldGivenUp, 0, resultGivenUp
	default:
		due, _ := backoff().Next(t.DB.Clock(), told.Attempts, f.RetryAfter)
		told.due(due)
	}
	t.meter.count(next.kind, became)
	t.waits(told.CallID, !told.over())
	t.source.Refused(string(next.kind)+" call "+strconv.FormatInt(told.CallID, 10), f)
	return t.keep(ctx, told)
}

func (t *teller) keep(ctx context.Context, told toldRow) error {
	return t.DB.Write(ctx, func(tx *store.Tx) error { return updateTold(tx, told) })
}
