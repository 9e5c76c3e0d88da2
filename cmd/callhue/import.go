package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/term"

	"callhue/importexport"
	"callhue/internal/fault"
)

// importCmd are the commands of imports; the first is what `callhue import FILE` means.
type importCmd struct {
	Run  importRunCmd  `cmd:"" default:"withargs" help:"Import files."`
	List importListCmd `cmd:"" help:"List imports."`
	Undo importUndoCmd `cmd:"" help:"Take back what an import added and changed, unless it was changed since."`
}

// Help shows the short form: run is what import does without another word.
func (importCmd) Help() string {
	return `Example: callhue import companies.csv contacts.csv --dry-run

callhue import run --help shows the flags.`
}

type importRunCmd struct {
	numbering
	Files   []string `arg:"" name:"file" type:"existingfile" help:"CSV, vCard or .xlsx files."`
	Kind    string   `enum:",company,contact,lead,user" default:"" help:"What the rows are: company, contact, lead or user; guessed from the columns."`
	Map     []string `sep:"none" placeholder:"COLUMN=FIELD" help:"What a column means, where the guess is wrong; COLUMN=- leaves it out. May be given several times."`
	Charset string   `placeholder:"NAME" help:"Charset of the files, if the guess is wrong: windows-1250."`
	Owner   []string `sep:"none" placeholder:"NAME=LOGIN" help:"The user that an owner's name means."`
	As      string   `placeholder:"LOGIN" help:"In whose name, with the rights they have by hand; an admin's without it."`
	DryRun  bool     `name:"dry-run" help:"Read and check everything, write nothing but the report of refused rows."`
	Create  bool     `help:"Make the database when there is none."`
	Again   bool     `help:"Read the files from their beginning, also if they were imported already."`
	Report  string   `placeholder:"FILE" help:"Where the refused rows are told, with line, column and reason; FILE.refused.csv beside each file if not given."`
	JSON    bool     `name:"json" help:"Print the outcome as JSON."`
}

func (importRunCmd) Help() string {
	return `Example: callhue import run companies.csv contacts.csv --dry-run
Example: callhue import phonebook.vcf --kind contact --as petrov
Example: callhue import clients.csv --map "Кто ведёт=owner" --map "Комментарий=-"
Example: callhue import clients.csv --owner "Петрова Анна=petrova" --owner "Уволенный="

An owner is found by login, extension, e-mail or name. A row whose owner is not found comes in without one, and the name
is reported: --owner maps it, for later imports too; "NAME=" means no owner.

A file that was cut off goes on where it stopped when the same command is given again. Records that are there
already are known by their code, or by name and number: what a file says of them is added, nothing is taken away.`
}

// Run imports the files one after the other.
func (c *importRunCmd) Run(e *env) error {
	if c.Report != "" && len(c.Files) > 1 {
		return fault.Invalid("report", "one_for_several_files")
	}
	may := existing
	if c.Create {
		may = creating
	}
	return e.withAppIn(may, c.numbering, func(a *app) error {
		by, err := a.importer.UserByLogin(e.ctx, c.As)
		if err != nil {
			return err
		}
		order := importexport.Options{Kind: importexport.Kind(c.Kind), Map: c.Map, By: by, Again: c.Again,
			Report: c.Report, Charset: c.Charset}
		if order.Owners, err = a.importer.OwnersByLogin(e.ctx, c.Owner); err != nil {
			return err
		}
		if c.DryRun {
			order.DryRun = importexport.NewDryRun()
		}
		outcomes := []importexport.Result{}
		for _, file := range c.Files {
			bar := newBar(e)
			order.File, order.OnProgress = file, bar.moved
			order.OnStart = func(o importexport.Format) {
				bar.begin(o.Resumed)
				printFormat(e, o)
			}
			out, err := a.importer.Import(e.ctx, order)
			bar.end()
			if err != nil {
				if out.Rows > 0 && !c.DryRun {
					fmt.Fprintf(e.err, "callhue: %s stopped after row %d; the same command goes on from there\n", file,
						out.Rows)
				}
				return err
			}
			outcomes = append(outcomes, out)
			if !c.JSON {
				printResult(e, out, bar.rate())
			}
		}
		if c.JSON {
			return printJSON(e, outcomes)
		}
		return nil
	})
}

// printFormat shows what was detected in a file, before its first row. It prints
// to stderr: stdout may be JSON.
func printFormat(e *env, o importexport.Format) {
	separator := ""
	if o.Separator != "" {
		separator = fmt.Sprintf(", separated by %q", o.Separator)
	}
	fmt.Fprintf(e.err, "%s: rows of kind %s, %s in %s%s\n", o.File, o.Kind, o.Type, o.Charset, separator)
	table := tabwriter.NewWriter(e.err, 0, 0, 2, ' ', 0)
	var unknown []string
	for _, column := range o.Columns {
		if column.Field == "" {
			unknown = append(unknown, fmt.Sprintf("%q", column.Header))
			continue
		}
		fmt.Fprintf(table, "  %s\t<- %s\t%s\n", column.Field, column.Header, strings.Join(column.Samples, " | "))
	}
	_ = table.Flush()
	if len(unknown) > 0 {
		fmt.Fprintf(e.err, "  left out, their meaning is not known: %s (--map COLUMN=FIELD)\n",
			strings.Join(unknown, ", "))
	}
	if o.Resumed > 0 {
		fmt.Fprintf(e.err, "  going on after row %d\n", o.Resumed)
	}
}

func printResult(e *env, o importexport.Result, rate float64) {
	if o.AlreadyDone {
		fmt.Fprintf(e.out, "%s was imported before: %s (--again reads it once more)\n", o.File, counts(o.Progress))
		return
	}
	would := ""
	if o.DryRun {
		would = "dry run, nothing was written: "
	}
	fmt.Fprintf(e.out, "%s: %s%s, %.0f rows/s\n", o.File, would, counts(o.Progress), rate)
	printDropped(e, o)
	if o.Report != "" {
		fmt.Fprintf(e.out, "the refused rows with their reasons: %s\n", o.Report)
	}
}

// mostShown is how many owners and warnings are printed of each file.
const mostShown = 20

// printDropped shows what the rows came in without: owners who are no users, and values that cannot be used.
func printDropped(e *env, o importexport.Result) {
	if len(o.OwnersUnknown) > 0 {
		fmt.Fprintln(e.out, "owners who are no users here; their rows have no owner (--owner \"NAME=LOGIN\" --again):")
		for _, owner := range o.OwnersUnknown[:min(len(o.OwnersUnknown), mostShown)] {
			fmt.Fprintf(e.out, "  %s: %d rows\n", owner.Name, owner.Rows)
		}
	}
	if len(o.Dropped) == 0 {
		return
	}
	fmt.Fprintln(e.out, "values that were left out; their rows came in without them:")
	for _, code := range slices.Sorted(maps.Keys(o.Dropped)) {
		fmt.Fprintf(e.out, "  %s: %d\n", code, o.Dropped[code])
	}
	for _, w := range o.Warnings[:min(len(o.Warnings), mostShown)] {
		fmt.Fprintf(e.out, "  line %d, %s: %q. %s\n", w.Line, w.Column, w.Value, w.Sentence)
	}
}

func counts(p importexport.Progress) string {
	return fmt.Sprintf("%d rows: %d added, %d changed, %d the same as before, %d refused", p.Rows, p.Added, p.Changed,
		p.Same, p.Refused)
}

// bar shows how far an import is: a bar that moves on a terminal, a line every
// few seconds elsewhere.
type bar struct {
	e      *env
	moves  bool // a terminal
	began  time.Time
	first  int64 // rows that an earlier run had done
	rows   int64
	drawn  time.Time
	shown  bool
	length int
}

func newBar(e *env) *bar {
	file, ok := e.err.(*os.File)
	return &bar{e: e, moves: ok && term.IsTerminal(int(file.Fd())), began: time.Now(), drawn: time.Now(), length: 30}
}

// begin starts the clock: a file is looked through before its first row.
func (b *bar) begin(done int64) {
	b.began, b.drawn, b.first, b.rows = time.Now(), time.Now(), done, done
}

// moved draws the bar again.
func (b *bar) moved(p importexport.Progress) {
	b.rows = p.Rows
	share := 1.0
	if p.Size > 0 {
		share = float64(p.Bytes) / float64(p.Size)
	}
	pause := 5 * time.Second
	if b.moves {
		pause = 200 * time.Millisecond
	}
	if time.Since(b.drawn) < pause {
		return
	}
	b.drawn = time.Now()
	line := fmt.Sprintf("%3.0f%%  %d rows, %.0f/s, %s left, %d refused", share*100, p.Rows, b.rate(), b.left(share),
		p.Refused)
	if !b.moves {
		fmt.Fprintln(b.e.err, line)
		return
	}
	done := int(share * float64(b.length))
	fmt.Fprintf(b.e.err, "\r[%s%s] %s\x1b[K", strings.Repeat("#", done), strings.Repeat(".", b.length-done), line)
	b.shown = true
}

// left is how long the rest takes at the pace so far.
func (b *bar) left(share float64) string {
	if share <= 0 {
		return "?"
	}
	spent := time.Since(b.began)
	return time.Duration(float64(spent) * (1 - share) / share).Round(time.Second).String()
}

// rate is rows per second of this run.
func (b *bar) rate() float64 {
	return float64(b.rows-b.first) / max(time.Since(b.began).Seconds(), 0.001)
}

// end leaves the line of the bar.
func (b *bar) end() {
	if b.shown {
		fmt.Fprintln(b.e.err)
	}
}
