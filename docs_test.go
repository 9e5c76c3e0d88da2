package callhue_test

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	goProof = regexp.MustCompile("`([a-z/0-9]+)\\.((?:Test|Fuzz)[A-Za-z0-9]+)`")
	uiProof = regexp.MustCompile("`([a-z0-9/.]+\\.(?:mjs|ts)): ([^`]+)`")
	// go test with a package before or after the name of a test
	scriptRun = regexp.MustCompile(`go test (?:\./(\w+) )?[^\n]*?-run '?(\w+)\$?'?(?: \./(\w+))?`)
	mdLink    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
)

// TestProofsInTheDocsExist: a page that names a test as proof is wrong when that
// test is gone.
func TestProofsInTheDocsExist(t *testing.T) {
	for page, least := range map[string]int{"docs/asked-elsewhere.md": 35, "docs/crm-surprises.md": 30} {
		checkProofs(t, page, least)
	}
}

// TestScriptsRunTestsThatExist: go test is content when -run names no test.
func TestScriptsRunTestsThatExist(t *testing.T) {
	scripts, err := filepath.Glob("scripts/*.sh")
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, script := range scripts {
		for _, m := range scriptRun.FindAllStringSubmatch(read(t, script), -1) {
			named++
			tests, err := filepath.Glob(m[1] + m[3] + "/*_test.go")
			if err != nil {
				t.Fatal(err)
			}
			name := regexp.MustCompile(`func Test\w*` + m[2])
			if !slices.ContainsFunc(tests, func(file string) bool { return name.MatchString(read(t, file)) }) {
				t.Errorf("%s runs %s, which is not there", script, m[2])
			}
		}
	}
	if named < 5 {
		t.Errorf("the scripts name %d tests: the pattern is wrong", named)
	}
}

// checkProofs checks that the tests that a page names exist, and that it names some.
func checkProofs(t *testing.T, page string, least int) {
	t.Helper()
	text := read(t, page)
	named := 0
	for _, m := range goProof.FindAllStringSubmatch(text, -1) {
		named++
		tests, err := filepath.Glob(m[1] + "/*_test.go")
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, file := range tests {
			found = found || strings.Contains(read(t, file), "\nfunc "+m[2]+"(")
		}
		if !found {
			t.Errorf("%s: %s has no %s", page, m[1], m[2])
		}
	}
	for _, m := range uiProof.FindAllStringSubmatch(text, -1) {
		named++
		if !strings.Contains(read(t, m[1]), m[2]) {
			t.Errorf("%s: %s says nothing of %q", page, m[1], m[2])
		}
	}
	if named < least {
		t.Errorf("%s names %d proofs", page, named)
	}
}

// TestLinksInTheDocsLead: a link to a file of ours leads to one.
func TestLinksInTheDocsLead(t *testing.T) {
	err := filepath.WalkDir(".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := entry.Name(); entry.IsDir() && (name == "node_modules" || name == "testdata" ||
			name[0] == '.' && name != ".") {
			return fs.SkipDir
		}
		if path.Ext(file) != ".md" {
			return nil
		}
		for _, m := range mdLink.FindAllStringSubmatch(read(t, file), -1) {
			to, _, _ := strings.Cut(m[1], "#")
			if to == "" || strings.Contains(to, "://") || strings.HasPrefix(to, "mailto:") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(file), to)); err != nil {
				t.Errorf("%s links to %s, which is not there", file, to)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// TestDecisionsAreNumberedWithoutGaps: pages are 1, 2, 3 ..., their titles have the number, the index has each one.
func TestDecisionsAreNumberedWithoutGaps(t *testing.T) {
	pages, err := filepath.Glob("docs/decisions/[0-9]*.md")
	if err != nil {
		t.Fatal(err)
	}
	index := read(t, "docs/decisions/README.md")
	for i, page := range pages {
		name := filepath.Base(page)
		if !strings.HasPrefix(name, fmt.Sprintf("%04d-", i+1)) {
			t.Fatalf("%s should have the number %d", page, i+1)
		}
		title, _, _ := strings.Cut(strings.TrimPrefix(read(t, page), "# "), "\n")
		title = strings.TrimPrefix(title, fmt.Sprintf("%d. ", i+1))
		if want := fmt.Sprintf("\n%d. [%s](%s)\n", i+1, title, name); !strings.Contains(index+"\n", want) {
			t.Errorf("docs/decisions/README.md lacks the line %q", strings.TrimSpace(want))
		}
	}
}
