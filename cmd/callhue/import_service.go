package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"callhue/calls"
	"callhue/importexport"
)

// uploads has the flags of files that are uploaded to be imported. Several servers on one database need a folder that
// they share.
type uploads struct {
	ImportFolder string `env:"CALLHUE_IMPORT_FOLDER" placeholder:"FOLDER" help:"${import_folder}"`
	ImportMaxMB  int    `env:"CALLHUE_IMPORT_MAX_MB" default:"256" help:"The largest file to upload, in MB."`
}

const importFolderHelp = "Where uploaded files wait for their import; several servers on one database need a folder " +
	"that they share. Default: beside the SQLite file, else in the folder for temporary files."

// importFolder returns where uploaded files wait for their import.
func importFolder(g *globals) string {
	if g.ImportFolder != "" {
		return g.ImportFolder
	}
	if file, lite := strings.CutPrefix(g.DB, "sqlite:"); lite {
		return strings.TrimPrefix(file, "//") + ".imports"
	}
	return filepath.Join(os.TempDir(), "callhue-imports")
}

// importTrial begins a trial of the last calls, for the dry run of an import.
func (a *app) importTrial(ctx context.Context) (importexport.CallTrial, error) {
	trial, err := a.tracker.NewImportTrial(ctx)
	return callTrial{trial}, err
}

// callTrial shows the trial of package calls as importexport, which stands below it, needs it.
type callTrial struct{ *calls.ImportTrial }

// Result judges the last calls both ways.
func (t callTrial) Result(ctx context.Context) (importexport.CallColors, error) {
	out := importexport.CallColors{Counts: []importexport.ColorsChange{}}
	dry, err := t.Judge(ctx)
	out.Looked = dry.Looked
	for _, c := range dry.Counts {
		if c.Old != c.New {
			out.Changed += c.Count
			out.Counts = append(out.Counts, importexport.ColorsChange{Old: c.Old, New: c.New, Count: c.Count})
		}
	}
	return out, err
}
