package importexport

import (
	"bufio"
	"bytes"
	"io"
	"slices"
	"strings"

	"callhue/internal/fault"
	"callhue/internal/text"
)

// Column is a column of a file and the field it maps to.
type Column struct {
	Header string `json:"column"`
	Field  string `json:"field"` // "" for an unknown column: its cells are ignored
}

// header holds the columns of a file.
type header struct {
	columns []Column
	fields  []field // of each column, "" for none
}

// csvFile is a CSV file after its header.
type csvFile struct {
	*csvRows
	header
	separator byte
}

// headerPeek is how many bytes are inspected to find the separator.
const headerPeek = 64 << 10

// openCSV reads the header of a CSV text. Fault: invalid_input (file: no_header).
func openCSV(file io.Reader) (*csvFile, error) {
	in := bufio.NewReaderSize(file, headerPeek)
	start, err := in.Peek(headerPeek)
	if err != nil && err != io.EOF {
		return nil, err
	}
	sep := guessSeparator(start)
	s := &csvFile{csvRows: newCSVRows(in, sep), separator: sep}
	// Excel reads the separator from such a first line.
	if bytes.HasPrefix(start, []byte("sep=")) {
		if _, _, err := s.next(); err != nil {
			return nil, fault.Invalid("file", "no_header")
		}
	}
	_, header, err := s.next()
	if err != nil {
		return nil, fault.Invalid("file", "no_header")
	}
	for _, cell := range header {
		s.columns = append(s.columns, Column{Header: text.Tidy(strings.TrimPrefix(cell, "\ufeff"))})
	}
	s.fields = make([]field, len(s.columns))
	return s, nil
}

// guessSeparator returns the candidate that is most frequent in the header outside of quotes. In a
// header of one column none occurs; then the one that is least frequent in the rows keeps them
// whole.
func guessSeparator(start []byte) byte {
	if len(start) > 4 && bytes.HasPrefix(start, []byte("sep=")) {
		return start[4]
	}
	candidates := []byte{';', ',', '\t'}
	header := countOutsideQuotes(start)
	best := slices.MaxFunc(candidates, func(a, b byte) int { return header[a] - header[b] })
	if header[best] > 0 {
		return best
	}
	return slices.MinFunc([]byte{'\t', ';', ','}, func(a, b byte) int {
		return bytes.Count(start, []byte{a}) - bytes.Count(start, []byte{b})
	})
}

// countOutsideQuotes counts the bytes of the first line that is not empty.
func countOutsideQuotes(text []byte) (counts [256]int) {
	quoted := false
	for _, c := range bytes.TrimLeft(text, "\r\n") {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '\n':
			return counts
		default:
			counts[c]++
		}
	}
	return counts
}

// guessKind guesses the kind of the rows from their headers.
func guessKind(columns []Column) Kind {
	has := func(kind Kind, fields ...field) bool {
		return slices.ContainsFunc(columns, func(c Column) bool {
			return slices.ContainsFunc(meanings(kind, c.Header),
				func(k knownField) bool { return slices.Contains(fields, k.field) })
		})
	}
	switch {
	case has(Users, fieldLogin) && has(Users, fieldRoles, fieldExtension, fieldDepartment):
		return Users
	case has(Leads, fieldSource) || slices.ContainsFunc(columns, func(c Column) bool {
		return slices.ContainsFunc(strings.Fields(plainHeader(c.Header)),
			func(word string) bool { return word == "lead" || strings.HasPrefix(word, "лид") })
	}):
		return Leads
	case has(Contacts, fieldLastName, fieldPost, fieldCompanyCode), has(Contacts, fieldCompany) &&
		has(Contacts, fieldName):
		return Contacts
	}
	return Companies
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
	taken := map[field]bool{}
	for i := range fixed {
		taken[s.fields[i]] = true
	}
	// Headers with one meaning choose first: beside "Фамилия", "Имя" is the first name; alone, it
	// is the full name.
	for _, single := range []bool{true, false} {
		for i, c := range s.columns {
			fields := meanings(kind, c.Header)
			if fixed[i] || (len(fields) == 1) != single {
				continue
			}
			if at := slices.IndexFunc(fields, func(k knownField) bool {
				return k.several ||
					!taken[k.field]
			}); at >= 0 {
				fixed[i], s.fields[i], taken[fields[at].field] = true, fields[at].field, true
			}
		}
	}
	s.nameFields()
	if !slices.ContainsFunc(s.fields, func(f field) bool { return f != "" }) {
		return fault.Invalid("file", "no_known_column")
	}
	return nil
}
