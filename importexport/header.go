package importexport

import (
	"bufio"
	"bytes"
	"io"
	"slices"
	"strings"

	"callhue/internal/fault"
)

// Column is a column of a file and what it means.
type Column struct {
	Header string `json:"column"`
	Field  string `json:"field"` // "": nothing that we know, its cells are left out
}

// header is the columns of a file.
type header struct {
	columns []Column
	fields  []field // of each column, "" for none
}

// sheet is a CSV text behind its header.
type sheet struct {
	*rows
	header
	separator byte
}

// headerPeek is how much of a text is looked at to find its separator.
const headerPeek = 64 << 10

// openSheet reads the header of a CSV text. Faults: a text without one.
func openSheet(text io.Reader) (*sheet, error) {
	in := bufio.NewReaderSize(text, headerPeek)
	begin, err := in.Peek(headerPeek)
	if err != nil && err != io.EOF {
		return nil, err
	}
	sep := separatorOf(begin)
	s := &sheet{rows: newRows(in, sep), separator: sep}
	// Excel takes the separator from a first line like this, and so do we.
	if bytes.HasPrefix(begin, []byte("sep=")) {
		if _, _, err := s.next(); err != nil {
			return nil, fault.Invalid("file", "no_header")
		}
	}
	_, header, err := s.next()
	if err != nil {
		return nil, fault.Invalid("file", "no_header")
	}
	for _, cell := range header {
		s.columns = append(s.columns, Column{Header: fault.Tidy(strings.TrimPrefix(cell, "\ufeff"))})
	}
	s.fields = make([]field, len(s.columns))
	return s, nil
}

// separatorOf guesses what stands between the cells: what the header has most of
// outside of quotes. A header of one column has none of them; then it is the one
// that its rows have least of, so that they stay whole.
func separatorOf(begin []byte) byte {
	if len(begin) > 4 && bytes.HasPrefix(begin, []byte("sep=")) {
		return begin[4]
	}
	candidates := []byte{';', ',', '\t'}
	header := countOutsideQuotes(begin)
	best := slices.MaxFunc(candidates, func(a, b byte) int { return header[a] - header[b] })
	if header[best] > 0 {
		return best
	}
	return slices.MinFunc([]byte{'\t', ';', ','}, func(a, b byte) int {
		return bytes.Count(begin, []byte{a}) - bytes.Count(begin, []byte{b})
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

// kindOf guesses what the rows are from their headers.
func kindOf(columns []Column) Kind {
	has := func(kind Kind, fields ...field) bool {
		return slices.ContainsFunc(columns, func(c Column) bool {
			return slices.ContainsFunc(meaning(kind, c.Header), func(k known) bool { return slices.Contains(fields, k.field) })
		})
	}
	switch {
	case has(Users, fieldLogin) && has(Users, fieldRoles, fieldExtension, fieldDepartment):
		return Users
	case has(Leads, fieldSource) || slices.ContainsFunc(columns, func(c Column) bool {
		return slices.ContainsFunc(strings.Fields(plainHeader(c.Header)), func(word string) bool { return word == "lead" || strings.HasPrefix(word, "лид") })
	}):
		return Leads
	case has(Contacts, fieldLastName, fieldPost, fieldCompanyCode), has(Contacts, fieldCompany) && has(Contacts, fieldName):
		return Contacts
	}
	return Companies
}

// override gives columns the meaning that somebody wants: "column=field", or
// "column=-" to leave it out. Faults: a column or field that is not there.
func (h *header) override(kind Kind, overrides []string) (fixed map[int]bool, err error) {
	fixed = map[int]bool{}
	for _, override := range overrides {
		at := strings.LastIndexByte(override, '=')
		if at < 0 {
			return nil, fault.Invalid("map", "malformed").With("map", override)
		}
		name, f := fault.Tidy(override[:at]), field(strings.TrimSpace(override[at+1:]))
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

// name tells the meanings with the columns.
func (h *header) name() {
	for i, f := range h.fields {
		h.columns[i].Field = string(f)
	}
}

// guess says what the columns mean, those apart that overrides say. Faults: a
// column or field that is not there, a file of which we know no column.
func (s *sheet) guess(kind Kind, overrides []string) error {
	fixed, err := s.override(kind, overrides)
	if err != nil {
		return err
	}
	taken := map[field]bool{}
	for i := range fixed {
		taken[s.fields[i]] = true
	}
	// The headers with one meaning choose first: beside "Фамилия", "Имя" is the
	// first name, alone it is the whole one.
	for _, single := range []bool{true, false} {
		for i, c := range s.columns {
			means := meaning(kind, c.Header)
			if fixed[i] || (len(means) == 1) != single {
				continue
			}
			if at := slices.IndexFunc(means, func(k known) bool { return k.several || !taken[k.field] }); at >= 0 {
				fixed[i], s.fields[i], taken[means[at].field] = true, means[at].field, true
			}
		}
	}
	s.name()
	if !slices.ContainsFunc(s.fields, func(f field) bool { return f != "" }) {
		return fault.Invalid("file", "no_known_column")
	}
	return nil
}
