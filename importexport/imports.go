package importexport

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"slices"
	"time"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/jobs"
	"callhue/internal/paging"
	"callhue/internal/secrets"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/staff"
)

// State is where an import stands.
type State string

// The states of an import.
const (
	Uploaded State = "uploaded" // the file is there and recognised
	Checking State = "checking" // a dry run is under way
	Ready    State = "ready"    // a dry run has ended
	Running  State = "running"
	Stopped  State = "stopped" // the command line was cut off; the same command goes on
	Done     State = "done"
	Failed   State = "failed" // see FileImport.Error; running it again goes on where it stopped
	Undoing  State = "undoing"
	Undone   State = "undone"
)

// Values lists the states.
func (State) Values() []string {
	return []string{"uploaded", "checking", "ready", "running", "stopped", "done", "failed", "undoing", "undone"}
}

// Service is what imports over the API need beside the database.
type Service struct {
	Jobs    *jobs.Runner
	Journal *journal.Journal
	Folder  string // of the uploaded files
	Most    int64  // bytes of a file
	Log     *slog.Logger
	Seal    *secrets.Seal // of erasures under way
	// Calls returns what judges the last calls as if the records of a dry run were there; nil for no judgement.
	Calls func(ctx context.Context) (CallTrial, error)
}

// Serve lets the importer take files over the API. It is called during wiring, before the runner of the jobs begins.
func (c *Importer) Serve(s Service) {
	c.service = s
	s.Journal.Register(Verbs()...)
	s.Jobs.Handle(jobs.Kind{Name: jobKind, Run: c.work, AtOnce: 2, Backoff: jobBackoff})
	s.Jobs.Handle(jobs.Kind{Name: erasureKind, Run: c.resumeErasure, AtOnce: 1,
		Backoff: jobs.Doubling(time.Second, time.Minute)})
}

// FileImport is an import as the API shows it.
type FileImport struct {
	ID    int64         `json:"id"`
	State State         `json:"state"`
	Error string        `json:"error"` // the code of the fault that ended a failed one
	File  string        `json:"file"`
	Size  int64         `json:"size"` // bytes
	Kind  RowKind       `json:"kind"`
	User  *staff.Person `json:"user"` // who imports; null for the command line
	Progress
	Dropped  int64           `json:"dropped"`  // fields that were left out of records that came in
	Share    float64         `json:"share"`    // of the file or the undo that is done, from 0 to 1
	Format   *ImportFormat   `json:"format"`   // what was recognised; null for the command line
	Settings *ImportSettings `json:"settings"` // what was decided; null for the command line
	DryRun   *Trial          `json:"dry_run"`  // null before a dry run
	Undone   int64           `json:"undone"`   // records that an undo took back
	Kept     int64           `json:"kept"`     // records that it had to leave as they are
	CanUndo  bool            `json:"can_undo"`
	// begun, last moved, ended, taken back
	BegunAt   store.Moment `json:"begun_at"`
	UpdatedAt store.Moment `json:"updated_at"`
	DoneAt    store.Moment `json:"done_at" null:"it has not ended"`
	UndoneAt  store.Moment `json:"undone_at" null:"it was not undone"`
}

// ImportFormat is what was recognised in an uploaded file.
type ImportFormat struct {
	Format    string         `json:"format"`
	Charset   string         `json:"charset"`
	Separator string         `json:"separator"`
	Columns   []SampleColumn `json:"columns"`
	Fields    []string       `json:"fields"`  // what a column of this kind may mean
	Owners    []UnknownOwner `json:"owners"`  // names in the file that are no users, the most frequent first
	Rows      int64          `json:"rows"`    // that were looked at
	Earlier   int64          `json:"earlier"` // an import of the same file that was done before; 0 for none
}

// SampleColumn is a column with its meaning and some values.
type SampleColumn struct {
	Column
	Samples []string `json:"samples"`
}

// ImportSettings are what a user decides about an import.
type ImportSettings struct {
	Kind    RowKind           `json:"kind,omitempty"` // guessed when missing
	Charset string            `json:"charset"`        // empty to guess it
	Columns map[string]string `json:"columns"`        // what a column means where the guess is wrong; "-" leaves it out
	Owners  map[string]int64  `json:"owners"`         // users by the names in the file; 0 for no owner
}

// overrides returns the column mapping as Options.Map takes it.
func (s ImportSettings) overrides() []string {
	list := []string{}
	for column, field := range s.Columns {
		if field == "" {
			field = "-"
		}
		list = append(list, column+"="+field)
	}
	slices.Sort(list)
	return list
}

// Trial is the result of a dry run.
type Trial struct {
	Progress
	Dropped int64       `json:"dropped"` // fields that would be left out of records that come in
	Faults  []*Refusal  `json:"faults"`  // the first ones
	Calls   *CallColors `json:"calls"`   // null where calls are not judged
}

// UndoDays is how long an import can be undone, in days.
const UndoDays = 30

// FindImport returns an import. Fault: not_found, also for one that the user may not see.
func (c *Importer) FindImport(ctx context.Context, by *access.User, id int64) (FileImport, error) {
	tx := c.db.Read(ctx)
	row, org, err := c.find(ctx, by, id)
	if err != nil {
		return FileImport{}, err
	}
	plan, err := findPlan(tx, id)
	if err != nil {
		return FileImport{}, err
	}
	return c.view(org, by, row, plan), nil
}

// find returns the row of an import that a user may see.
func (c *Importer) find(ctx context.Context, by *access.User, id int64) (*importRow, *staff.Org, error) {
	org, err := c.roster.Org(ctx)
	if err != nil {
		return nil, nil, err
	}
	row, err := importsTable.Find(c.db.Read(ctx), id)
	if err != nil {
		return nil, nil, err
	}
	if users := visibleUsers(org, by); users != nil && !slices.Contains(users, row.UserID) {
		return nil, nil, fault.Missing("import")
	}
	return row, org, nil
}

// visibleUsers returns the users whose imports a user sees: their own and those of the people they head; nil for all.
func visibleUsers(org *staff.Org, by *access.User) []int64 {
	if by.Has(access.Admin) {
		return nil
	}
	users, teams := []int64{by.ID}, org.TeamsOf(by.ID)
	for _, u := range org.Users() {
		if slices.Contains(teams, u.DepartmentID) {
			users = append(users, u.ID)
		}
	}
	return users
}

// ListImports returns a page of the imports that a user may see, the newest first.
func (c *Importer) ListImports(ctx context.Context, by *access.User,
	page paging.Query) (out paging.List[FileImport], err error) {
	org, err := c.roster.Org(ctx)
	if err != nil {
		return out, err
	}
	rows, err := listImports(c.db.Read(ctx), visibleUsers(org, by), page)
	if err != nil {
		return out, err
	}
	out.NextPageToken, out.Items = rows.NextPageToken, make([]FileImport, len(rows.Items))
	for i, row := range rows.Items {
		out.Items[i] = c.view(org, by, row, nil)
	}
	return out, nil
}

// silence is how long a run of the command line may be silent before it is taken for one that was cut off.
const silence = 60_000 // milliseconds

func (c *Importer) view(org *staff.Org, by *access.User, row *importRow, plan *planRow) FileImport {
	out := FileImport{ID: row.ID, State: State(row.State), Error: row.Error, File: row.File, Size: row.Size,
		Kind: RowKind(row.Kind), User: org.Person(row.UserID),
		Progress: Progress{Rows: row.Rows, Added: row.Added, Changed: row.Changed, Same: row.Same,
			Refused: row.Refused},
		Dropped: row.Dropped, Undone: row.Undone, Kept: row.Kept, BegunAt: row.BegunAt,
		UpdatedAt: row.UpdatedAt, DoneAt: row.DoneAt,
		UndoneAt: row.UndoneAt}
	now := store.MomentOf(c.db.Clock())
	switch out.State {
	case Done, Undone:
		out.Share = 1
	case Undoing:
		out.Share = float64(row.Undone+row.Kept) / float64(max(row.Added+row.Changed, 1))
	default:
		out.Share = float64(row.BytesDone) / float64(max(row.Size, 1))
	}
	if row.Fingerprint[0] != uploadSign && out.State == Running && now-row.UpdatedAt > silence {
		out.State = Stopped
	}
	out.Share = min(out.Share, 1)
	out.CanUndo = slices.Contains(undoable, out.State) && row.Added+row.Changed > 0 && Kind(row.Kind) != Users &&
		now-row.UpdatedAt < UndoDays*24*3600*1000 && (row.UserID == by.ID || by.Has(access.Admin))
	if plan == nil {
		return out
	}
	out.Settings, out.Format = &ImportSettings{}, &ImportFormat{}
	_ = json.Unmarshal([]byte(plan.Options), out.Settings) // we wrote them
	if out.Settings.Columns == nil {
		out.Settings.Columns = map[string]string{}
	}
	if out.Settings.Owners == nil {
		out.Settings.Owners = map[string]int64{}
	}
	_ = json.Unmarshal([]byte(plan.Format), out.Format)
	if plan.Trial != "" {
		out.DryRun = &Trial{}
		_ = json.Unmarshal([]byte(plan.Trial), out.DryRun)
	}
	return out
}

// undoable are the states in which an import can be undone.
var undoable = []State{Done, Failed, Stopped}

// Sweep removes uploaded files a week after their import moved last, and what undoing needs after UndoDays.
func (c *Importer) Sweep(ctx context.Context) error {
	now := store.MomentOf(c.db.Clock())
	const day = 24 * 3600 * 1000
	old, err := findOldFiles(c.db.Read(ctx), now-7*day)
	if err != nil {
		return err
	}
	for _, f := range old {
		removeFiles(f.Stored)
		if err := c.db.Write(ctx, func(tx *store.Tx) error { return forgetFile(tx, f.ID) }); err != nil {
			return err
		}
	}
	for more := true; more; {
		err := c.db.Write(ctx, func(tx *store.Tx) (err error) {
			more, err = removeUndoData(tx, now-UndoDays*day)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// removeFiles removes an uploaded file and its reports.
func removeFiles(stored string) {
	for _, path := range []string{stored, reportOf(stored), trialReportOf(stored)} {
		_ = os.Remove(path) // another node may have it, or it was removed before
	}
}

func reportOf(stored string) string      { return stored + ".refused.csv" }
func trialReportOf(stored string) string { return stored + ".trial.csv" }

// droppedFields counts the fields that were left out.
func (r Result) droppedFields() (n int64) {
	for _, count := range r.Dropped {
		n += count
	}
	return n
}
