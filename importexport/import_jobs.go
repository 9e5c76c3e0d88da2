package importexport

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/jobs"
	"callhue/internal/store"
	"callhue/journal"
)

// jobKind is the kind of the jobs that check, run and undo imports. The key is the import.
const jobKind = "imports"

// jobTries is how often a job is run whose database or file is away.
const jobTries = 8

func jobBackoff(failed int) (time.Duration, bool) {
	return time.Duration(failed) * 2 * time.Second, failed < jobTries
}

// order is the payload of a job.
type order struct {
	Import int64 `json:"import"`
	What   State `json:"what"` // Checking, Running or Undoing
	By     int64 `json:"by"`
}

// StartDryRun begins a dry run of an uploaded import. Fault: import_state, and those of ChangeImport.
func (c *Importer) StartDryRun(ctx context.Context, by *access.User, id int64) (FileImport, error) {
	if row, _, err := c.findUploaded(ctx, by, id); err != nil {
		return FileImport{}, err
	} else if row.Rows > 0 {
		return FileImport{}, fault.Conflict("import_state")
	}
	return c.start(ctx, by, id, Checking, []State{Uploaded, Ready, Failed}, nil)
}

// StartImport begins to write the rows of an uploaded import, or goes on where a failed one stopped.
func (c *Importer) StartImport(ctx context.Context, by *access.User, id int64) (FileImport, error) {
	row, _, err := c.findUploaded(ctx, by, id)
	if err != nil {
		return FileImport{}, err
	}
	if row.DoneAt != 0 || row.UndoBelow != 0 {
		return FileImport{}, fault.Conflict("import_state")
	}
	return c.start(ctx, by, id, Running, []State{Uploaded, Ready, Failed}, func(tx *store.Tx) error {
		if row.Rows > 0 { // it goes on
			return nil
		}
		return c.record(tx, by.ID, ImportBegun, row)
	})
}

// StartUndo begins to take back what an import added and changed. Faults: import_state, not_your_import, undo_too_late,
// users_stay for an import of users.
func (c *Importer) StartUndo(ctx context.Context, by *access.User, id int64) (FileImport, error) {
	if err := c.checkUndo(ctx, by, id); err != nil {
		return FileImport{}, err
	}
	return c.start(ctx, by, id, Undoing, undoable, func(tx *store.Tx) error { return beginUndo(tx, id, by.ID) })
}

func (c *Importer) checkUndo(ctx context.Context, by *access.User, id int64) error {
	row, _, err := c.find(ctx, by, id)
	switch { // the same as FileImport.CanUndo, with the reason
	case err != nil:
		return err
	case row.UserID != by.ID && !by.Has(access.Admin):
		return fault.Forbidden("not_your_import")
	case Kind(row.Kind) == Users:
		return fault.Conflict("users_stay")
	case c.db.Clock().Sub(row.UpdatedAt.Time()) >= UndoDays*24*time.Hour:
		return fault.Conflict("undo_too_late")
	}
	return nil
}

// start moves an import to the state of its work and adds the job, in one transaction.
func (c *Importer) start(ctx context.Context, by *access.User, id int64, what State, from []State,
	also func(*store.Tx) error) (FileImport, error) {
	err := c.db.Write(ctx, func(tx *store.Tx) error {
		if err := moveImport(tx, id, what, from...); err != nil {
			return err
		}
		if also != nil {
			if err := also(tx); err != nil {
				return err
			}
		}
		return c.service.Jobs.Set(tx, jobKind, strconv.FormatInt(id, 10), order{id, what, by.ID}, tx.Now())
	})
	if err != nil {
		return FileImport{}, err
	}
	return c.FindImport(ctx, by, id)
}

// work runs one job. What cannot succeed by being tried again ends the import as failed.
func (c *Importer) work(ctx context.Context, job *jobs.Job) error {
	var o order
	if err := job.Decode(&o); err != nil {
		return err
	}
	by, err := c.userByID(ctx, o.By)
	if err == nil {
		switch o.What {
		case Checking:
			err = c.check(ctx, job, by, o.Import)
		case Running:
			err = c.runImport(ctx, job, by, o.Import)
		case Undoing:
			err = c.undo(ctx, job, by, o.Import)
		}
	}
	if err == nil || ctx.Err() != nil || fault.Is(err, fault.KindConflict) && fault.Of(err).Key == jobs.JobLost {
		return err
	}
	f := fault.Of(err)
	final := f.Kind != fault.KindInternal && f.Kind != fault.KindUnavailable && f.Key != "file_is_elsewhere"
	if !final && job.Attempt < jobTries {
		return err
	}
	c.service.Log.Error("an import failed", "import", o.Import, "what", string(o.What), "error", err)
	return c.db.Write(ctx, func(tx *store.Tx) error {
		if err := job.Finish(tx); err != nil {
			return err
		}
		return failImport(tx, o.Import, codeOf(f))
	})
}

// codeOf returns the code that a failed import shows: that of the first wrong field, else that of the fault.
func codeOf(f *fault.Error) string {
	if len(f.Fields) > 0 {
		return f.Fields[0].Field + ":" + f.Fields[0].Code
	}
	return f.Key
}

// userByID returns the user of a job, with the roles of today; 0 is the command line. Fault: role_missing.
func (c *Importer) userByID(ctx context.Context, id int64) (*access.User, error) {
	if id == 0 {
		return c.UserByLogin(ctx, "")
	}
	org, err := c.roster.Org(ctx)
	if err != nil {
		return nil, err
	}
	u := org.User(id)
	if u == nil || !u.Active {
		return nil, fault.Forbidden("role_missing").With("roles", access.Staff)
	}
	return c.UserByLogin(ctx, u.Login)
}

// plan reads how an uploaded file is to be read. Fault: file_is_elsewhere when another node has the file.
func (c *Importer) plan(ctx context.Context, by *access.User, id int64) (*planRow, Options, error) {
	plan, err := findPlan(c.db.Read(ctx), id)
	if err == nil && plan == nil {
		err = fault.Missing("import")
	}
	if err != nil {
		return nil, Options{}, err
	}
	if _, err := os.Stat(plan.Stored); err != nil {
		return nil, Options{}, fault.Conflict("file_is_elsewhere").Because(err)
	}
	var s ImportSettings
	if err := unmarshal(plan.Options, &s); err != nil {
		return nil, Options{}, err
	}
	return plan, Options{File: plan.Stored, Kind: Kind(s.Kind), Map: s.overrides(), By: by, Owners: s.Owners,
		Charset: s.Charset}, nil
}

// check makes the dry run of an import.
func (c *Importer) check(ctx context.Context, job *jobs.Job, by *access.User, id int64) error {
	plan, o, err := c.plan(ctx, by, id)
	if err != nil {
		return err
	}
	o.DryRun, o.Report = NewDryRun(), trialReportOf(plan.Stored)
	if c.service.Calls != nil {
		if o.Calls, err = c.service.Calls(ctx); err != nil {
			return err
		}
	}
	next := time.Now()
	o.OnProgress = func(p Progress) {
		if time.Now().After(next) { // a dry run that cannot note where it is still goes on
			next = time.Now().Add(time.Second)
			_ = c.db.Write(ctx, func(tx *store.Tx) error { return noteBytes(tx, id, p.Bytes) })
		}
	}
	result, err := c.Import(ctx, o)
	if err != nil {
		return err
	}
	trial := Trial{Progress: result.Progress, Dropped: result.droppedFields(), Faults: result.faults}
	if o.Calls != nil {
		colors, err := o.Calls.Result(ctx)
		if err != nil {
			return err
		}
		trial.Calls = &colors
	}
	var format ImportFormat
	if err := unmarshal(plan.Format, &format); err != nil {
		return err
	}
	format.Owners = result.OwnersUnknown
	plan.Format, plan.Trial = asJSON(format), asJSON(trial)
	return c.db.Write(ctx, func(tx *store.Tx) error {
		if err := job.Finish(tx); err != nil {
			return err
		}
		if err := savePlan(tx, id, *plan); err != nil {
			return err
		}
		return moveImport(tx, id, Ready, Checking)
	})
}

// runImport writes the rows of an import, and goes on where an earlier run was cut off.
func (c *Importer) runImport(ctx context.Context, job *jobs.Job, by *access.User, id int64) error {
	plan, o, err := c.plan(ctx, by, id)
	if err != nil {
		return err
	}
	o.ID, o.Report = id, reportOf(plan.Stored)
	steps := newSteps(time.Now)
	o.OnProgress = func(p Progress) {
		if steps.next(p) {
			if err := c.recordProgress(ctx, by.ID, id); err != nil {
				c.service.Log.Warn("the progress of an import was not recorded", "import", id, "error", err)
			}
		}
	}
	if _, err := c.Import(ctx, o); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return c.db.Write(ctx, job.Finish)
}

func (c *Importer) recordProgress(ctx context.Context, by, id int64) error {
	return c.db.Write(ctx, func(tx *store.Tx) error {
		row, err := importsTable.Find(tx, id)
		if err != nil {
			return err
		}
		return c.record(tx, by, ImportProgress, row)
	})
}

// record writes an entry about an import. The name of the file stays out of it: people name files after people.
func (c *Importer) record(tx *store.Tx, by int64, verb journal.Verb, row *importRow) error {
	if c.service.Journal == nil { // an importer that serves no one
		return nil
	}
	org, err := c.roster.OrgIn(tx)
	if err != nil {
		return err
	}
	_, err = c.service.Journal.Record(tx, journal.Entry{
		Actor:   by,
		Team:    org.DepartmentOf(by),
		Verb:    verb,
		Subject: journal.Ref{Kind: "import", ID: row.ID},
		Amount:  row.Rows,
		Details: journal.Details(map[string]any{
			"kind": row.Kind, "rows": row.Rows, "added": row.Added, "changed": row.Changed, "same": row.Same,
			"refused": row.Refused, "undone": row.Undone, "kept": row.Kept,
			"share": min(1, float64(row.BytesDone)/float64(max(row.Size, 1))),
		}),
	})
	return err
}

// steps decides when the progress of an import is worth an entry: 20 times at most, and once a second at most.
type steps struct {
	now  func() time.Time
	last int64
	at   time.Time
}

const mostSteps = 20

func newSteps(now func() time.Time) *steps { return &steps{now: now, at: now()} }

func (s *steps) next(p Progress) bool {
	step := p.Bytes * mostSteps / max(p.Size, 1)
	if step <= s.last || s.now().Sub(s.at) < time.Second {
		return false
	}
	s.last, s.at = step, s.now()
	return true
}

var errNoJSON = errors.New("importexport: what was stored of an import is no JSON")

func unmarshal(text string, into any) error {
	if err := json.Unmarshal([]byte(text), into); err != nil {
		return fault.Internal(fmt.Errorf("%w: %w", errNoJSON, err))
	}
	return nil
}
