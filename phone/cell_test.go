package phone

import (
	"os"
	"strings"
	"testing"
)

// cellCase is a line of testdata/cells.txt.
type cellCase struct {
	line    int
	plan    *Plan
	text    string
	numbers string
	unread  string
	kind    string
}

func cellCases(t testing.TB) (list []cellCase) {
	t.Helper()
	data, err := os.ReadFile("testdata/cells.txt")
	if err != nil {
		t.Fatal(err)
	}
	escapes := strings.NewReplacer(`\x7c`, "|", `\n`, "\n", `\r`, "\r")
	for i, line := range strings.Split(string(data), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		cells := strings.Split(line, " | ")
		for len(cells) < 5 {
			// An empty cell at the end of a line has lost its blank.
			cells = strings.Split(strings.Replace(strings.Join(cells, " | "), "| |", "|  |", 1), " | ")
			if len(cells) < 5 && !strings.Contains(strings.Join(cells, " | "), "| |") {
				t.Fatalf("line %d has %d cells: %q", i+1, len(cells), line)
			}
		}
		country, area, _ := strings.Cut(cells[0], "/")
		list = append(list, cellCase{i + 1, plan(t, country, area), escapes.Replace(cells[1]),
			strings.TrimSpace(cells[2]), strings.TrimSpace(cells[3]), cells[4]})
	}
	return list
}

// shownCell spells what was read as the corpus does.
func shownCell(c Cell) (numbers, unread string) {
	var list []string
	for _, part := range c.Parts {
		text := part.Number.String()
		if part.Number.Kind == Internal {
			text = "i:" + part.Number.Local
		}
		if part.Number.Extension != "" {
			text += "x" + part.Number.Extension
		}
		list = append(list, text)
	}
	if c.None {
		list = append(list, "none")
	}
	return strings.Join(list, " "), strings.Join(c.Unread, "; ")
}

func TestCells(t *testing.T) {
	cases := cellCases(t)
	if len(cases) < 300 {
		t.Errorf("%d cells, 300 are promised", len(cases))
	}
	for _, c := range cases {
		cell := c.plan.ParseCell(c.text)
		if numbers, unread := shownCell(cell); numbers != c.numbers || unread != c.unread {
			t.Errorf("line %d %s/%s %q: read %q unread %q, want %q and %q: %s", c.line, c.plan.country, c.plan.area,
				c.text, numbers, unread, c.numbers, c.unread, c.kind)
		}
		checkCell(t, c.plan, c.text, cell)
	}
}

// checkCell proves what holds for every cell: each part is read on its own as it was read in the cell, and its text is
// UTF-8 of a bounded length.
func checkCell(t *testing.T, p *Plan, text string, cell Cell) {
	t.Helper()
	for i, part := range cell.Parts {
		alone := p.ParseCell(part.Text)
		if len(alone.Parts) != 1 {
			t.Errorf("%s/%s %q: part %q holds %d numbers", p.country, p.area, text, part.Text, len(alone.Parts))
			continue
		}
		got, want := alone.Parts[0].Number, part.Number
		got.Raw, want.Raw = "", ""
		if got != want {
			t.Errorf("%s/%s %q: part %d %q is read as %+v alone, as %+v in the cell", p.country, p.area, text, i,
				part.Text, got, want)
		}
		checkShape(t, text, part.Number)
	}
	if cell.None && len(cell.Parts)+len(cell.Unread) > 0 {
		t.Errorf("%q: both none and %+v", text, cell)
	}
}
