package callhue_test

import (
	"bufio"
	"flag"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// banned are words that a reader from telephony or CRM does not expect in a comment: legal or old English, or a pronoun
// for a person where "the user", "the agent" or "they" says more.
var banned = regexp.MustCompile(`(?i)\b(whoever|whomever|whom|nobody|somebody|till|anew|whereto|wherefrom)\b|` +
	// "so" as a pronoun, and relative clauses for nouns
	`\b(is|are|does|says?|tells?) so\b|\b(says|tells) (whether|whose)\b|\bgives (what|whether|which|how)\b|` +
	// the code is made of packages, events are handled
	`\b(the|this|every) (house|room|rooms|room's)\b|\b(hears?|heard) of\b`)

// bannedVerb is a doc comment whose verb says less than returns, reports, records, sends or sets.
var bannedVerb = regexp.MustCompile(`^// [A-Za-z_]\w* (says|tells|hears|gives [^u])`)

// columns is the longest line, with a tab of four.
const columns = 120

// longLines is how many longer lines a file had when the limit was introduced. A file may lose some, never gain one; a
// file that is not listed has none.
const longLines = "testdata/long-lines.txt"

var updateLongLines = flag.Bool("update-long-lines", false, "write "+longLines)

func TestCommentsUsePlainWords(t *testing.T) {
	for _, file := range goFiles(t) {
		files := token.NewFileSet()
		parsed, err := parser.ParseFile(files, file, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, group := range parsed.Comments {
			for _, c := range group.List {
				if word := banned.FindString(c.Text); word != "" {
					t.Errorf("%s: a comment has the word %q", files.Position(c.Pos()), word)
				}
			}
			verb := bannedVerb.FindString(group.List[0].Text)
			if verb != "" && files.Position(group.Pos()).Column == 1 {
				t.Errorf("%s: a comment begins with %q", files.Position(group.Pos()), verb)
			}
		}
	}
}

func TestLinesAreShort(t *testing.T) {
	allowed := map[string]int{}
	for line := range strings.Lines(read(t, longLines)) {
		var n int
		var file string
		if _, err := fmt.Sscan(line, &n, &file); err != nil {
			t.Fatalf("%s: %q: %v", longLines, line, err)
		}
		allowed[file] = n
	}
	var found []string
	for _, file := range goFiles(t) {
		n := countLong(t, file)
		if n > 0 {
			found = append(found, fmt.Sprintf("%d %s\n", n, file))
		}
		if n > allowed[file] && !*updateLongLines {
			t.Errorf("%s: %d lines are longer than %d columns, %d are allowed", file, n, columns, allowed[file])
		}
	}
	if *updateLongLines {
		if err := os.WriteFile(longLines, []byte(strings.Join(found, "")), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func countLong(t *testing.T, file string) (n int) {
	t.Helper()
	in, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if utf8.RuneCountInString(strings.ReplaceAll(lines.Text(), "\t", "    ")) > columns {
			n++
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return n
}

// goFiles returns every Go file of ours, in order.
func goFiles(t *testing.T) (list []string) {
	t.Helper()
	err := filepath.WalkDir(".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && (name == "node_modules" || name == "testdata" || name[0] == '.' && name != ".") {
			return fs.SkipDir
		}
		if strings.HasSuffix(name, ".go") {
			list = append(list, filepath.ToSlash(file))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(list)
	return list
}
