package crmsync

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"callhue/internal/fault"
	"callhue/internal/jobs"
	"callhue/internal/store"
	"callhue/internal/text"
)

// work is the work of one process for a source whose lease it holds.
type work struct {
	*Syncer
	source       Source
	lease        *jobs.Lease
	row          sourceRow
	portal       portalInfo
	full         fullSync
	counts       tally
	mapping      mapping
	connectedAt  time.Time        // when the CRM last described itself; zero since this process took the lease
	scanDue      bool             // no scan has finished since this process took the lease
	scan         *incrementalScan // in progress, nil for none
	tokenRefused bool             // the CRM has refused the token since this process took the lease
}

// reconnectEvery is how often the CRM is asked for its fields and stages, which seldom change.
const reconnectEvery = time.Hour

// backoff is the pause after a failure of the CRM or of one of its records.
func backoff() jobs.Backoff { return jobs.Doubling(time.Second, 5*time.Minute) }

// step does the next piece of work. more reports whether another one may be ready at once.
func (w *work) step(ctx context.Context) (more bool, err error) {
	if err := w.load(ctx); err != nil {
		return false, err
	}
	now := w.DB.Clock()
	switch {
	case w.tokenRefused && w.row.RefusedToken == w.row.TokenVersion:
		return false, nil
	case now.Before(store.Time(w.row.RetryAt)):
		return false, nil
	}
	more, err = w.next(ctx, now)
	switch {
	case ctx.Err() != nil:
		return false, ctx.Err()
	case err != nil:
		return false, w.recordFailure(ctx, err)
	case w.row.Tries > 0: // the retry succeeded
		w.clearFailure()
		return more, w.saveNow(ctx)
	}
	return more, nil
}

// next does the next piece of work in order of priority: connect to the CRM, read reported changes, import
// the next page of a full sync, scan for unreported changes.
func (w *work) next(ctx context.Context, now time.Time) (more bool, err error) {
	if now.Sub(w.connectedAt) >= reconnectEvery {
		return true, w.connect(ctx, now)
	}
	if begun, err := w.beginFullSync(ctx, now); begun || err != nil || w.full.Number == 0 {
		return begun, err
	}
	if done, err := w.readQueue(ctx); err != nil || done && !w.full.running() {
		return done, err
	}
	if w.full.running() {
		return true, w.continueFullSync(ctx)
	}
	if w.scanIsDue(now) {
		return true, w.continueScan(ctx, now)
	}
	return false, nil
}

// load reads the row again: others change its mapping, token and requested full syncs.
func (w *work) load(ctx context.Context) (err error) {
	if w.row, err = findSource(w.DB.Read(ctx), w.source.ID); err != nil {
		return err
	}
	w.portal, w.full, w.counts = portalInfo{}, fullSync{}, tally{}
	if w.mapping, err = mappingOf(w.row.Mapping); err != nil {
		return err
	}
	return w.row.decode(&w.portal, &w.full, &w.counts)
}

// encode writes the decoded parts back into the row.
func (w *work) encode() error {
	for _, of := range []struct {
		from any
		text *string
	}{{w.portal, &w.row.Portal}, {w.full, &w.row.FullSync}, {w.counts, &w.row.Counts}} {
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
	if err := w.encode(); err != nil {
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
	w.portal.About = &about
	w.noteMove(about)
	if err := w.saveNow(ctx); err != nil { // a busy CRM may return the rest much later
		return err
	}
	fields, err := w.source.Portal.StatusFields(ctx)
	if err != nil {
		return err
	}
	w.portal.Fields = append([]StatusField{}, fields...)
	w.noteStatusField()
	if err := w.saveNow(ctx); err != nil {
		return err
	}
	if w.portal.Stages, err = w.source.Portal.Stages(ctx); err != nil {
		return err
	}
	w.portal.Users = nil
	if w.row.StaffAt == 0 { // an admin can then match users before any are added
		all, err := w.source.Portal.Staff(ctx)
		if err != nil {
			return err
		}
		w.portal.Users = all.Users
	}
	w.connectedAt = now
	w.clearFailure()
	return w.saveNow(ctx)
}

// noteMove notes that the CRM names another address than the one that it is asked at.
func (w *work) noteMove(about About) {
	if about.MovedTo != "" {
		w.note(noteMoved, about.MovedTo)
	} else {
		w.removeNote(noteMoved)
	}
}

// noteStatusField notes that the mapped field is not among those that the CRM has: a mapping may be saved before the
// CRM has named its fields, and a field may be removed there.
func (w *work) noteStatusField() {
	code := w.mapping.StatusField
	if code == "" || slices.ContainsFunc(w.portal.Fields, func(f StatusField) bool { return f.Code == code }) {
		w.removeNote(noteStatusField)
	} else {
		w.note(noteStatusField, code)
	}
}

// clearFailure resets what a failure left in the row.
func (w *work) clearFailure() {
	w.row.ErrorCode, w.row.ErrorText, w.row.ErrorAt = "", "", 0
	w.row.Tries, w.row.RetryAt, w.row.RefusedToken = 0, 0, -1
	switch {
	case w.full.running():
		w.row.State = stateImporting
	case w.full.Number > 0:
		w.row.State = stateFollowing
	default:
		w.row.State = stateConnecting
	}
}

// recordFailure stores the error of the last attempt and when to retry. A CRM that is only busy has not
// failed and keeps its state, but its error is shown: it may stay busy for an hour.
func (w *work) recordFailure(ctx context.Context, cause error) error {
	f := fault.Of(cause)
	if f.Key == jobs.LeaseLost {
		return cause
	}
	w.tokenRefused = f.Key == signInAgain
	portal := w.row.Portal
	if f.Key == crmMoved {
		w.note(noteMoved, crmText(f))
		text, err := json.Marshal(w.portal)
		if err != nil {
			return err
		}
		portal = string(text)
	}
	if w.row.ErrorCode != f.Key && f.Key != crmBusy {
		w.Log.Warn("the sync of a CRM failed", "source", w.source.Name, "error", cause)
	}
	return w.DB.Write(ctx, func(tx *store.Tx) error {
		row := w.row
		row.Portal = portal
		row.Tries++
		due, _ := backoff().Next(tx.Now(), row.Tries, f.RetryAfter)
		row.RetryAt = store.Millis(due)
		switch {
		case f.Key == signInAgain:
			row.State, row.RefusedToken, row.RetryAt = stateNotInstalled, row.TokenVersion, 0
		case f.Key == crmBusy:
		default:
			row.State = stateFailed
		}
		row.ErrorCode, row.ErrorText, row.ErrorAt = f.Key, text.Cut(crmText(f), 1000), store.Millis(tx.Now())
		return w.saveRow(tx, row)
	})
}

// The faults of a Portal that the work distinguishes.
const (
	signInAgain = "crm_sign_in_again"
	crmBusy     = "crm_busy"
	crmMoved    = "crm_moved"
)

// crmText returns the text of the CRM's answer. The text of our own errors goes to the log only.
func crmText(f *fault.Error) string {
	what, _ := f.Args["what"].(string)
	return what
}
