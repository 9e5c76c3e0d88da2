// Command callhue is the whole product in one binary: the server and the
// commands of the people who run it.
//
// This package only reads flags, wires the other packages together and prints. Every
// sub-command is a struct with a Run method in a file of its own; main.go holds
// what they share, app.go builds the application.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"callhue/internal/fault"
	"callhue/phone"
)

// version is set by the linker.
var version = "unknown"

// globals are the flags of every command; each can be set in the environment.
type globals struct {
	DB      string `name:"db" env:"CALLHUE_DB" default:"sqlite:callhue.db" placeholder:"URL" help:"Database: sqlite:FILE or mysql://user:pass@host:3306/name."`
	Key     string `name:"key" env:"CALLHUE_KEY" placeholder:"FILE" help:"File with the key that seals the secrets of sources; made when missing. Default: beside the SQLite file, else callhue/key in the user's configuration folder."`
	LogJSON bool   `name:"log-json" env:"CALLHUE_LOG_JSON" help:"Write the log as JSON."`

	uploads

	PrivateHooks bool `name:"allow-private-hooks" env:"CALLHUE_ALLOW_PRIVATE_HOOKS" help:"Let deliveries to subscriptions, orders to PBXs to dial, and questions to your own CRM by HTTP go to private addresses."`
}

// numbering has the flags of the commands that parse numbers: how to read a number without a country code.
type numbering struct {
	Country string `env:"CALLHUE_COUNTRY" default:"RU" help:"Country of numbers without a country code."`
	Area    string `env:"CALLHUE_AREA" default:"495" help:"Area code of local numbers."`

	Internal string `env:"CALLHUE_INTERNAL" default:"2-5" help:"How many digits an internal number has, from-to."`
}

// shipped is the numbering of an installation without flags.
var shipped = numbering{Country: "RU", Area: "495", Internal: "2-5"}

// plan parses the numbering; the fault names the flag.
func (n numbering) plan() (*phone.Plan, error) {
	plan, err := phone.NewPlan(n.Country, n.Area)
	if err != nil {
		return nil, fault.Invalid("country", "unknown_value").Because(err)
	}
	from, to, _ := strings.Cut(n.Internal, "-")
	shortest, err := strconv.Atoi(strings.TrimSpace(from))
	longest := shortest
	if err == nil && to != "" {
		longest, err = strconv.Atoi(strings.TrimSpace(to))
	}
	if err == nil {
		plan, err = plan.WithInternal(shortest, longest)
	}
	if err != nil {
		return nil, fault.Invalid("internal", "malformed").Because(err)
	}
	return plan, nil
}

type commands struct {
	globals
	Serve   serveCmd   `cmd:"" help:"Run the server."`
	Check   checkCmd   `cmd:"" help:"Show the verdict on a number, with its why."`
	Import  importCmd  `cmd:"" help:"Take records in from CSV and vCard files."`
	Export  exportCmd  `cmd:"" help:"Write records, calls or incidents as a file."`
	Recount recountCmd `cmd:"" help:"Have duplicates and the reports of data quality found again from all records."`
	Person  personCmd  `cmd:"" help:"What is kept about one person: export, erase."`
	User    userCmd    `cmd:"" help:"Users: add, list, disable, passwd, link."`
	Token   tokenCmd   `cmd:"" help:"API tokens: add, list, revoke."`
	MCP     mcpCmd     `cmd:"" name:"mcp" help:"Let an assistant read, by the Model Context Protocol."`
	Source  sourceCmd  `cmd:"" help:"PBXs and CRMs that speak to us: add, list, rotate, remove, test."`
	HookOut hookOutCmd `cmd:"" name:"hook-out" help:"Addresses that are told what happens: add, list, remove, test."`
	Journal journalCmd `cmd:"" help:"Whether the journal is as it was written: verify, head."`
	Migrate migrateCmd `cmd:"" help:"Bring the database's tables up to this version."`
	OpenAPI openapiCmd `cmd:"" name:"openapi" help:"Print the API as an OpenAPI document."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

// env is what a command works with besides its flags.
type env struct {
	ctx    context.Context
	global *globals
	out    io.Writer
	err    io.Writer
}

// The exit codes: good, failed, wrong usage.
const (
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is main without the process: tests call it.
func run(ctx context.Context, args []string, out, stderr io.Writer) (exit int) {
	var cli commands
	exited := -1
	parser, err := kong.New(&cli, kong.Name("callhue"), kong.Writers(out, stderr),
		kong.Vars{"import_folder": importFolderHelp},
		kong.Exit(func(code int) { exited = code }),
		kong.Description("The colour of a call, before you poach a colleague's client."),
		kong.UsageOnError(), kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		fmt.Fprintln(stderr, "callhue:", err)
		return exitFailed
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if exited >= 0 { // --help has been printed
		return exited
	}
	if err != nil {
		fmt.Fprintln(stderr, "callhue:", err, "(see callhue --help)")
		return exitUsage
	}
	if err := parsed.Run(&env{ctx: ctx, global: &cli.globals, out: out, err: stderr}); err != nil {
		return reportFault(stderr, err)
	}
	return 0
}

// reportFault prints a fault in one line and returns the exit code: wrong input is wrong usage.
func reportFault(stderr io.Writer, err error) int {
	if errors.Is(err, context.Canceled) {
		return 0
	}
	fmt.Fprintln(stderr, "callhue:", sentence(err))
	if fault.Is(err, fault.KindInvalid) {
		return exitUsage
	}
	return exitFailed
}

// sentence puts a fault into words for a terminal. Its codes are plain English, and an operator may see the cause.
func sentence(err error) string {
	f := fault.Of(err)
	if f.Kind == fault.KindInternal {
		return oneLine(err.Error())
	}
	plain := func(code string) string { return strings.ReplaceAll(code, "_", " ") }
	words := plain(f.Key)
	if f.Key == "no_database" {
		words = "there is no database yet: callhue serve or callhue migrate makes it"
	}
	if len(f.Fields) > 0 {
		parts := make([]string, len(f.Fields))
		for i, wrong := range f.Fields {
			parts[i] = wrong.Field + ": " + plain(wrong.Code)
		}
		words = strings.Join(parts, "; ")
	}
	for _, name := range slices.Sorted(maps.Keys(f.Args)) {
		words += fmt.Sprintf(" (%s %v)", plain(name), f.Args[name])
	}
	if cause := f.Unwrap(); cause != nil {
		words += ": " + oneLine(cause.Error())
	}
	return words
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
