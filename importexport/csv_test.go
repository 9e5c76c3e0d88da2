package importexport

import (
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// readAll returns the rows of a text, with a broken line as its code.
func readAll(t testing.TB, in io.Reader, sep byte) (all [][]string, lines []int) {
	t.Helper()
	r := newCSVRows(in, sep)
	for {
		line, cells, err := r.next()
		var b *brokenRow
		switch {
		case err == io.EOF:
			return all, lines
		case errors.As(err, &b):
			all, lines = append(all, []string{"!" + b.code}), append(lines, b.line)
		case err != nil:
			t.Fatal(err)
		default:
			all, lines = append(all, slices.Clone(cells)), append(lines, line)
		}
	}
}

func TestRowsOfTheWild(t *testing.T) {
	long := strings.Repeat("x", 10_000)
	endless := strings.Repeat("y", longestRow)
	for _, c := range []struct {
		why, in string
		want    [][]string
		lines   []int
	}{
		{"an empty file", "", nil, nil},
		{"only line ends", "\r\n\n\r\n", nil, nil},
		{"no line end at the end", "a;b", [][]string{{"a", "b"}}, []int{1}},
		{"CRLF, empty cells", "a;;\r\n;b\r\n", [][]string{{"a", "", ""}, {"", "b"}}, []int{1, 2}},
		{"a cell of several lines", "a;\"one\r\ntwo\"\r\nb;c", [][]string{{"a", "one\ntwo"}, {"b", "c"}}, []int{1, 3}},
		{"doubled quotes", `"a ""b"" c";d`, [][]string{{`a "b" c`, "d"}}, []int{1}},
		{"a quote inside a bare cell", `Shop "Sun";1`, [][]string{{`Shop "Sun"`, "1"}}, []int{1}},
		{"a quote that closes too early", `"Sun" Ltd;1`, [][]string{{`"Sun" Ltd`, "1"}}, []int{1}},
		{"a quote that nobody closes costs its line", "a;\"b\nc;d\ne;f",
			[][]string{{"!quote_not_closed"}, {"c", "d"}, {"e", "f"}}, []int{1, 2, 3}},
		{"a quote that the next line closes by accident", "\"Sun;1\n\"Moon\";2\n",
			[][]string{{"!quote_not_closed"}, {"Moon", "2"}}, []int{1, 2}},
		{"a long cell", "a;" + long + "\nb;c", [][]string{{"a", long}, {"b", "c"}}, []int{1, 2}},
		{"a row that never ends", endless + endless + "\nb", [][]string{{"!row_too_long"}, {"b"}}, []int{1, 2}},
		{"a quoted cell that never ends", "\"" + endless + "\nb", [][]string{{"!quote_not_closed"}, {"b"}},
			[]int{1, 2}},
		{"NUL bytes are somebody else's business", "a\x00;b", [][]string{{"a\x00", "b"}}, []int{1}},
	} {
		for name, in := range map[string]io.Reader{"at once": strings.NewReader(c.in),
			"byte by byte": iotest.OneByteReader(strings.NewReader(c.in))} {
			if name != "at once" && len(c.in) > 20_000 {
				continue
			}
			got, lines := readAll(t, in, ';')
			if !slices.EqualFunc(got, c.want, slices.Equal) || !slices.Equal(lines, c.lines) {
				t.Errorf("%s, %s: %.200q at %v, want %.200q at %v", c.why, name, got, lines, c.want, c.lines)
			}
		}
	}
}

// FuzzRows compares the reader with encoding/csv wherever that reads the whole text, and with
// itself reading in parts: no byte is lost silently.
func FuzzRows(f *testing.F) {
	for _, seed := range []string{"a,b\n1,2\n", "\"a\"\"b\",c\r\n", "\"x\ny\",z", "\"a\" b,c\n", "\"a,b\nc", "\r\n\r",
		",\n\"\"\n", "a\rb,c\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got, lines := readAll(t, strings.NewReader(in), ',')
		again, _ := readAll(t, iotest.HalfReader(strings.NewReader(in)), ',')
		if !slices.EqualFunc(got, again, slices.Equal) {
			t.Fatalf("%q read at once: %q, in parts: %q", in, got, again)
		}
		if !slices.IsSorted(lines) {
			t.Fatalf("the lines are %v", lines)
		}
		std := csv.NewReader(strings.NewReader(in))
		std.FieldsPerRecord = -1
		want, err := std.ReadAll()
		if err != nil {
			return
		}
		if !slices.EqualFunc(got, want, slices.Equal) {
			t.Fatalf("%q: %q, encoding/csv gives %q", in, got, want)
		}
	})
}
