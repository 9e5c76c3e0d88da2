package crmsync

import (
	"context"
	"encoding/json"
	"time"

	"callhue/internal/fault"
	"callhue/internal/jobs"
	"callhue/internal/store"
)

// work is one process at work for a source that it holds the lease of.
type work struct {
	*Syncer
	source  Source
	lease   *jobs.Lease
	row     sourceRow
	known   known
	whole   fullSync
	counts  tally
	mapping mapping
	met     time.Time        // when the CRM was asked who it is; zero since this process took the lease
	fresh   bool             // nobody has caught up since then
	look    *incrementalScan // that is under way, nil for none
	barred  bool             // the CRM has refused the grant since then
}

// meetEvery is how often the CRM is asked for its fields and stages: they change seldom.
const meetEvery = time.Hour

// backoff is for how long a CRM, or one of its records, is left alone after it failed.
func backoff() jobs.Backoff { return jobs.Doubling(time.Second, 5*time.Minute) }

// step does the next small thing. more says that there may be another one at once.
func (w *work) step(ctx context.Context) (more bool, err error) {
	if err := w.read(ctx); err != nil {
		return false, err
	}
	now := w.DB.Clock()
	switch {
	case w.barred && w.row.RefusedGrant == w.row.GrantVersion:
		return false, nil
	case now.Before(store.Time(w.row.RetryAt)):
		return false, nil
	}
	more, err = w.next(ctx, now)
	switch {
	case ctx.Err() != nil:
		return false, ctx.Err()
	case err != nil:
		return false, w.failed(ctx, err)
	case w.row.Tries > 0: // what failed has not failed this time
		w.well()
		return more, w.saveNow(ctx)
	}
	return more, nil
}

// next is step when nothing stands in the way: who the CRM is, then what we were
// told of, then the next page of a whole import, then what nobody told of.
func (w *work) next(ctx context.Context, now time.Time) (more bool, err error) {
	if now.Sub(w.met) >= meetEvery {
		return true, w.connect(ctx, now)
	}
	if begun, err := w.begin(ctx, now); begun || err != nil || w.whole.Number == 0 {
		return begun, err
	}
	if done, err := w.changes(ctx); err != nil || done && !w.whole.running() {
		return done, err
	}
	if w.whole.running() {
		return true, w.bringMore(ctx)
	}
	if w.look != nil || w.fresh || now.Sub(store.Time(w.row.CaughtUpAt)) >= w.source.Every {
		return true, w.catchUp(ctx, now)
	}
	return false, nil
}

// read reads the row anew: others write the mapping, the grant and what is wanted.
func (w *work) read(ctx context.Context) (err error) {
	if w.row, err = sourceOf(w.DB.Read(ctx), w.source.ID); err != nil {
		return err
	}
	w.known, w.whole, w.counts = known{}, fullSync{}, tally{}
	if w.mapping, err = mappingOf(w.row.Mapping); err != nil {
		return err
	}
	return w.row.read(&w.known, &w.whole, &w.counts)
}

// put gives the row what changed in it.
func (w *work) put() error {
	for _, of := range []struct {
		from any
		text *string
	}{{w.known, &w.row.Known}, {w.whole, &w.row.Whole}, {w.counts, &w.row.Counts}} {
		text, err := json.Marshal(of.from)
		if err != nil {
			return err
		}
		*of.text = string(text)
	}
	return nil
}

// save writes the row in a transaction that may write more.
func (w *work) save(tx *store.Tx) error {
	if err := w.put(); err != nil {
		return err
	}
	return w.saveRow(tx, w.row)
}

// saveRow writes a row. It fails with the conflict lease_lost when another process works
// for the source by now, or the source was removed.
func (w *work) saveRow(tx *store.Tx, row sourceRow) error {
	if err := w.lease.Guard(tx); err != nil {
		return err
	}
	return saveSource(tx, row)
}

func (w *work) saveNow(ctx context.Context) error {
	return w.DB.Write(ctx, w.save)
}

// connect asks the CRM who it is and what can be mapped.
func (w *work) connect(ctx context.Context, now time.Time) error {
	about, err := w.source.Portal.About(ctx)
	if err != nil {
		return err
	}
	fields, err := w.source.Portal.StatusFields(ctx)
	if err != nil {
		return err
	}
	stages, err := w.source.Portal.Stages(ctx)
	if err != nil {
		return err
	}
	w.met = now
	w.known = known{About: &about, Fields: fields, Stages: stages}
	if w.row.StaffAt == 0 { // so that somebody can say who is who before anybody is made
		all, err := w.source.Portal.Staff(ctx)
		if err != nil {
			return err
		}
		w.known.Users = all.Users
	}
	w.well()
	return w.saveNow(ctx)
}

// well takes back what a failure left.
func (w *work) well() {
	w.row.ErrorCode, w.row.ErrorText, w.row.ErrorAt, w.row.Tries, w.row.RetryAt, w.row.RefusedGrant = "", "", 0, 0, 0, -1
	switch {
	case w.whole.running():
		w.row.State = stateImporting
	case w.whole.Number > 0:
		w.row.State = stateFollowing
	default:
		w.row.State = stateConnecting
	}
}

// failed writes down that the CRM or the database did not do what was asked, and
// when to try again. A CRM that is only busy has not failed, but it may be so for an
// hour: whoever looks why nothing goes on is told.
func (w *work) failed(ctx context.Context, cause error) error {
	f := fault.Of(cause)
	if f.Key == jobs.LeaseLost {
		return cause
	}
	w.barred = f.Key == signInAgain
	if w.row.ErrorCode != f.Key && f.Key != crmBusy {
		w.Log.Warn("a CRM does not do what it is asked", "source", w.source.Name, "error", cause)
	}
	return w.DB.Write(ctx, func(tx *store.Tx) error {
		row := w.row
		row.Tries++
		due, _ := backoff().Next(tx.Now(), row.Tries, f.RetryAfter)
		row.RetryAt = store.Millis(due)
		switch {
		case f.Key == signInAgain:
			row.State, row.RefusedGrant, row.RetryAt = stateNotInstalled, row.GrantVersion, 0
		case f.Key == crmBusy:
		default:
			row.State = stateFailed
		}
		row.ErrorCode, row.ErrorText, row.ErrorAt = f.Key, fault.Cut(textOf(f), 1000), store.Millis(tx.Now())
		return w.saveRow(tx, row)
	})
}

// The faults of a Portal that the work asks about.
const (
	signInAgain = "crm_sign_in_again"
	crmBusy     = "crm_busy"
)

// textOf gives what the CRM said; an error of ours is nobody's business but the
// log's.
func textOf(f *fault.Error) string {
	what, _ := f.Args["what"].(string)
	return what
}
