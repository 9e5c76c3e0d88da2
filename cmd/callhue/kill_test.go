package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"callhue/internal/store"
)

// asCallhue has the test's own binary be callhue: the only way to a process that
// can be killed.
const asCallhue = "CALLHUE_TEST_AS_ITSELF"

func TestMain(m *testing.M) {
	if os.Getenv(asCallhue) != "" {
		os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
	}
	// A loaded machine must not look like a database that does not answer.
	_ = os.Setenv("CALLHUE_DATABASE_TIMEOUT", "20s")
	os.Exit(m.Run())
}

// TestAnImportThatIsKilledGoesOn: an import that dies by kill -9 again and again ends
// where an undisturbed one does: every row once, every refused row told once.
func TestAnImportThatIsKilledGoesOn(t *testing.T) {
	t.Parallel()
	const rows, bad = 12_000, 40
	store.Test(t, func(t *testing.T, db *store.DB) {
		file := filepath.Join(t.TempDir(), "companies.csv")
		var text strings.Builder
		text.WriteString("name,phone,email\n")
		for i := range rows {
			name := fmt.Sprintf("Company %d", i)
			if i%(rows/bad) == 0 {
				name = "" // a row without a name is refused
			}
			fmt.Fprintf(&text, "%s,+7 495 %03d-%02d-%02d,office%d@acme.example\n", name, i/10_000, i/100%100, i%100, i)
		}
		if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		killed := 0
		for wait := 100 * time.Millisecond; ; wait += wait/4 + rand.N(wait/4) {
			command := exec.Command(os.Args[0], "import", file, "--db", db.URL)
			command.Env = append(os.Environ(), asCallhue+"=1", "CALLHUE_KEY="+t.TempDir()+"/key")
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			done := make(chan error, 1)
			go func() { done <- command.Wait() }()
			select {
			case err := <-done:
				if killed == 0 {
					t.Fatal("nothing was killed: this test proves nothing")
				}
				if command.ProcessState.ExitCode() > 1 { // 1: some rows were refused
					t.Fatal(err)
				}
			case <-time.After(wait):
				_ = command.Process.Signal(syscall.SIGKILL)
				<-done
				killed++
				continue
			}
			break
		}
		for query, want := range map[string]int{
			"SELECT COUNT(*) FROM companies":                                    rows - bad,
			"SELECT COUNT(DISTINCT name) FROM companies":                        rows - bad,
			"SELECT COUNT(*) FROM phones":                                       rows - bad,
			"SELECT COUNT(*) FROM numbers":                                      rows - bad,
			"SELECT COUNT(*) FROM emails":                                       rows - bad,
			"SELECT COUNT(*) FROM journal WHERE verb = 'record.added'":          rows - bad,
			"SELECT COALESCE(SUM(row_count), 0) FROM imports WHERE done_at > 0": rows,
		} {
			var n int
			if err := db.Read(t.Context()).Get(&n, query); err != nil {
				t.Fatal(err)
			}
			if n != want {
				t.Errorf("after %d kills %s is %d, want %d", killed, query, n, want)
			}
		}
		report, err := os.ReadFile(file + ".refused.csv")
		if err != nil {
			t.Fatal(err)
		}
		if lines := strings.Count(string(report), "\n"); lines != bad+1 {
			t.Errorf("the report has %d lines, want a header and %d", lines, bad)
		}
		t.Logf("killed %d times", killed)
	})
}
