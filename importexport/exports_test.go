package importexport

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"callhue/crm"
)

// TestExportsOfOtherSystems imports invented files with the columns that other systems export, each system into a
// database of its own, and compares kind, meanings and records with a golden file that a person can read.
func TestExportsOfOtherSystems(t *testing.T) {
	systems, err := os.ReadDir("testdata/exports")
	must(t, err)
	for _, system := range systems {
		if !system.IsDir() {
			continue
		}
		t.Run(system.Name(), func(t *testing.T) {
			inWorlds(t, func(w *world) { w.importSystem(filepath.Join("testdata/exports", system.Name())) })
		})
	}
}

func (w *world) importSystem(folder string) {
	w.Helper()
	files, err := filepath.Glob(folder + "/*.csv")
	must(w.TB, err)
	var b strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		must(w.TB, err)
		out := w.take(Options{File: w.file(filepath.Base(file), string(text))})
		fmt.Fprintf(&b, "%s: rows of kind %s, %d added, %d changed, %d refused\n", filepath.Base(file), out.Kind,
			out.Added, out.Changed, out.Refused)
		for _, c := range out.Columns {
			if c.Field != "" {
				fmt.Fprintf(&b, "    %-14s <- %s\n", c.Field, c.Header)
			}
		}
		var left []string
		for _, c := range out.Columns {
			if c.Field == "" {
				left = append(left, c.Header)
			}
		}
		if len(left) > 0 {
			fmt.Fprintf(&b, "    left out: %s\n", strings.Join(left, ", "))
		}
		if out.Report != "" {
			report, err := os.ReadFile(out.Report)
			must(w.TB, err)
			fmt.Fprintf(&b, "    %s\n", report)
		}
	}
	b.WriteString(w.allRecords())
	golden := folder + ".golden"
	if *update {
		must(w.TB, os.WriteFile(golden, []byte(b.String()), 0o600))
	}
	want, err := os.ReadFile(golden)
	must(w.TB, err)
	if b.String() != string(want) {
		w.Errorf("%s differs; if that is meant: go test ./importexport -run Exports -update\n%s", golden, &b)
	}
}

// allRecords returns a line for each record.
func (w *world) allRecords() string {
	w.Helper()
	org, err := w.roster.Org(w.TB.Context())
	must(w.TB, err)
	var b strings.Builder
	line := func(kind, name string, r crm.Record, more ...string) {
		for _, p := range r.Phones {
			number := p.Number
			if number == "" {
				number = "?" + p.Value
			}
			more = append(more, p.Kind+" "+number)
		}
		more = append(more, r.Emails...)
		if owner := org.User(r.OwnerID); owner != nil {
			more = append(more, "of "+owner.Login)
		}
		more = slices.DeleteFunc(more, func(text string) bool { return text == "" })
		fmt.Fprintf(&b, "%s %s: %s\n", kind, name, strings.Join(more, ", "))
	}
	companies := w.companies()
	slices.Reverse(companies)
	for _, c := range companies {
		line("company", c.Name, c.Record)
	}
	contacts, err := w.records.ListContacts(w.TB.Context(), crm.Filter{})
	must(w.TB, err)
	slices.Reverse(contacts.Items)
	for _, c := range contacts.Items {
		more := []string{c.Post}
		for _, link := range c.Companies {
			more = append(more, "at "+link.Name)
		}
		line("contact", c.Name, c.Record, more...)
	}
	leads, err := w.records.ListLeads(w.TB.Context(), crm.Filter{})
	must(w.TB, err)
	slices.Reverse(leads.Items)
	for _, l := range leads.Items {
		line("lead", l.Title, l.Record, l.Name, string(l.Stage), l.Source)
	}
	return b.String()
}
