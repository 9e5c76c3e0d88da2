package importexport

import (
	"bufio"
	"io"
	"slices"
	"strings"

	"callhue/internal/fault"
	"callhue/internal/text"
)

// Column is a column of a file and the field it maps to.
type Column struct {
	Header  string   `json:"column"`
	Field   string   `json:"field"`             // "" for an unknown column: its cells are ignored
	Samples []string `json:"samples,omitempty"` // its first different values
}

// header holds the columns of a file.
type header struct {
	columns []Column
	fields  []field // of each column, "" for none
	samples samples

	described map[int]*described // by column of phones; nil if no column describes another
}

// names returns the names of the columns.
func (h *header) names() []string {
	list := make([]string, len(h.columns))
	for i, c := range h.columns {
		list[i] = c.Header
	}
	return list
}

// csvFile is a CSV file after its header.
type csvFile struct {
	*csvRows
	header
	separator  byte
	inWorkbook bool // line ends in cells are lineInCell
}

// headerPeek is how many bytes are inspected to find the separator.
const headerPeek = 64 << 10

// openCSV reads a CSV text up to its header, the first line in which columns are known; mapped are names of columns
// that the user knows. Fault: invalid_input (file: no_header).
func openCSV(file io.Reader, mapped ...string) (*csvFile, error) {
	in := bufio.NewReaderSize(file, headerPeek)
	start, err := in.Peek(headerPeek)
	if err != nil && err != io.EOF {
		return nil, err
	}
	// Excel reads the separator from such a first line.
	sep, named := namedSeparator(start)
	start = start[named:]
	if sep == 0 {
		sep = guessSeparator(start, mapped)
	}
	s := &csvFile{csvRows: newCSVRows(in, sep), separator: sep}
	if named > 0 {
		_, _ = in.Discard(named) // as much was peeked
		s.line++
	}
	sample := sampleRows(start, sep)
	above := findHeader(sample, mapped)
	var names []string
	for range above + 1 {
		if _, names, err = s.next(); err != nil {
			return nil, fault.Invalid("file", "no_header")
		}
	}
	for _, cell := range names {
		s.columns = append(s.columns, Column{Header: headerOf(cell)})
	}
	s.fields = make([]field, len(s.columns))
	s.takeSamples(sample[min(above+1, len(sample)):])
	return s, nil
}

// override applies mappings of the user, "column=field" or "column=-" to ignore a column, and
// returns the columns it has set. Faults: invalid_input (map: malformed, unknown_field,
// unknown_column).
func (h *header) override(kind Kind, overrides []string) (fixed map[int]bool, err error) {
	fixed = map[int]bool{}
	for _, override := range overrides {
		at := strings.LastIndexByte(override, '=')
		if at < 0 {
			return nil, fault.Invalid("map", "malformed").With("map", override)
		}
		name, f := text.Tidy(override[:at]), field(strings.TrimSpace(override[at+1:]))
		if f == "-" {
			f = ""
		} else if !slices.Contains(fieldsOf(kind), f) {
			return nil, fault.Invalid("map", "unknown_field").With("field", f).With("fields", fieldsOf(kind))
		}
		column := slices.IndexFunc(h.columns, func(c Column) bool { return strings.EqualFold(c.Header, name) })
		if column < 0 {
			return nil, fault.Invalid("map", "unknown_column").With("column", name)
		}
		fixed[column] = true
		h.fields[column] = f
	}
	return fixed, nil
}

// mappedColumns returns the columns that overrides name.
func mappedColumns(overrides []string) (names []string) {
	for _, override := range overrides {
		if at := strings.LastIndexByte(override, '='); at > 0 {
			names = append(names, text.Tidy(override[:at]))
		}
	}
	return names
}

// nameFields copies the fields into the columns shown to the user.
func (h *header) nameFields() {
	for i, f := range h.fields {
		h.columns[i].Field = string(f)
	}
}

// guessMeanings maps every column to a field, except those that overrides set. Faults: those of
// override, and invalid_input (file: no_known_column).
func (s *csvFile) guessMeanings(kind Kind, overrides []string) error {
	fixed, err := s.override(kind, overrides)
	if err != nil {
		return err
	}
	g := guess{header: &s.header, kind: kind, fixed: fixed, taken: map[field]bool{}}
	for i := range fixed {
		g.taken[s.fields[i]] = true
	}
	g.skipJobTitle()
	// Headers with one meaning choose first: beside "Фамилия", "Имя" is the first name; alone, it
	// is the full name.
	g.choose(func(list []meaning) bool { return len(list) == 1 && !list[0].weak })
	g.choose(func(list []meaning) bool { return len(list) > 1 })
	if !slices.ContainsFunc(s.fields, field.isPhone) {
		g.choose(func(list []meaning) bool { return len(list) == 1 && list[0].weak })
	}
	s.nameFields()
	s.findDescribed()
	if !slices.ContainsFunc(s.fields, func(f field) bool { return f != "" }) {
		return fault.Invalid("file", "no_known_column")
	}
	return nil
}
