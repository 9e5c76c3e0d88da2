package importexport

import (
	"bufio"
	"errors"
	"io"
	"mime/quotedprintable"
	"slices"
	"strings"

	"golang.org/x/text/encoding/htmlindex"

	"callhue/phone"
)

// vcards reads vCards 2.1, 3.0 and 4.0 (RFC 2426, RFC 6350) as phones and address books write them.
// The libraries that exist read 3.0 and 4.0: of 2.1 they silently drop types without a name
// (TEL;CELL:) and lines folded by quoted-printable.
type vcards struct {
	header
	numbers    *phone.Plan
	in         *bufio.Reader
	line       int    // lines read so far
	pending    string // a line read ahead, if hasPending
	hasPending bool
	begun      bool // the BEGIN of the next card was read
}

// vcardColumns are the imported properties and their fields.
var vcardColumns = []struct {
	property string
	field    field
}{{"UID", fieldCode}, {"FN", fieldName}, {"N", fieldLastName}, {"ORG", fieldCompany}, {"TITLE", fieldPost},
	{"TEL", fieldPhone}, {"EMAIL", fieldEmail}}

// openVCards prepares reading. Properties that are not imported appear as columns without a field.
func openVCards(text io.Reader, kind Kind, overrides []string, numbers *phone.Plan) (*vcards, error) {
	c := &vcards{numbers: numbers, in: bufio.NewReaderSize(text, 64<<10)}
	mine := fieldsOf(kind)
	for _, column := range vcardColumns {
		f := column.field
		if kind == Companies && f == fieldLastName || !slices.Contains(mine, f) {
			f = ""
		}
		c.columns, c.fields = append(c.columns, Column{Header: column.property}), append(c.fields, f)
	}
	if _, err := c.override(kind, overrides); err != nil {
		return nil, err
	}
	c.nameFields()
	return c, nil
}

// property is one unfolded line of a card.
type property struct {
	name  string
	types []string // lower case
	value string
}

// longestLine limits a line in bytes; only pictures are longer.
const longestLine = 64 << 10

// readLine reads one physical line.
func (c *vcards) readLine() (string, error) {
	if c.hasPending {
		c.hasPending = false
		return c.pending, nil
	}
	var line []byte
	for {
		part, err := c.in.ReadSlice('\n')
		if room := longestLine - len(line); room > 0 {
			line = append(line, part[:min(room, len(part))]...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && (err != io.EOF || len(line) == 0) {
			return "", err
		}
		c.line++
		return strings.TrimRight(string(line), "\r\n"), nil
	}
}

// readUnfolded reads a line with its folded continuation lines.
func (c *vcards) readUnfolded() (string, error) {
	first, err := c.readLine()
	if err != nil {
		return "", err
	}
	head, _, _ := strings.Cut(first, ":")
	quoted := strings.Contains(strings.ToUpper(head), "QUOTED-PRINTABLE")
	line := []byte(first)
	for {
		next, err := c.readLine()
		if err == io.EOF {
			return string(line), nil
		}
		if err != nil {
			return "", err
		}
		switch {
		case quoted && len(line) > 0 && line[len(line)-1] == '=':
			line = line[:len(line)-1]
		case next != "" && (next[0] == ' ' || next[0] == '\t'):
			next = next[1:]
		default:
			c.pending, c.hasPending = next, true
			return string(line), nil
		}
		line = append(line, next[:min(len(next), max(0, longestLine-len(line)))]...)
	}
}

// next returns the next card as a draft. An unreadable card, or text between two cards, is a
// refused draft. BEGIN always starts a card.
func (c *vcards) next() (*draft, error) {
	var list []property
	begun, at := c.begun, c.lastLine()
	c.begun = false
	broken := false
	end := func() (*draft, error) {
		d := newDraft(at, c.cellsOf(list), c.columns, c.numbers)
		if broken {
			d.refuse("", "card_not_readable")
		}
		return d, nil
	}
	for {
		line, err := c.readUnfolded()
		if err == io.EOF && (begun || broken) {
			broken = true
			return end()
		}
		if err != nil {
			return nil, err
		}
		p, ok := parseProperty(line)
		switch {
		case strings.TrimSpace(line) == "":
		case ok && p.name == "BEGIN" && (begun || broken):
			c.begun, broken = true, true
			return end()
		case ok && p.name == "BEGIN":
			begun, at = true, c.lastLine()
		case ok && p.name == "END" && begun:
			return end()
		case !begun:
			if !broken {
				broken, at = true, c.lastLine()
			}
		case !ok:
			broken = true
		default:
			list = append(list, p)
		}
	}
}

// lastLine returns the number of the line just returned.
func (c *vcards) lastLine() int {
	if c.hasPending {
		return c.line - 1
	}
	return c.line
}

// parseProperty parses group.NAME;TYPE=work;HOME:value.
func parseProperty(line string) (p property, ok bool) {
	at := indexOutsideQuotes(line, ':')
	if at < 0 {
		return p, false
	}
	head, value := line[:at], line[at+1:]
	charset, quoted := "", false
	for i := 0; head != ""; i++ {
		part := head
		if at := indexOutsideQuotes(head, ';'); at >= 0 {
			part, head = head[:at], head[at+1:]
		} else {
			head = ""
		}
		if i == 0 {
			p.name = strings.ToUpper(strings.TrimSpace(part[strings.LastIndexByte(part, '.')+1:]))
			continue
		}
		key, set, named := strings.Cut(part, "=")
		switch key = strings.ToUpper(key); {
		case key == "CHARSET":
			charset = set
		case key == "ENCODING" && strings.EqualFold(set, "QUOTED-PRINTABLE"), key == "QUOTED-PRINTABLE":
			quoted = true
		case key == "TYPE":
			for one := range strings.SplitSeq(strings.Trim(set, `"`), ",") {
				p.types = append(p.types, strings.ToLower(one))
			}
		case !named:
			p.types = append(p.types, strings.ToLower(part))
		}
	}
	p.value = decodeValue(value, quoted, charset)
	return p, p.name != ""
}

// decodeValue decodes the encodings of version 2.1; a value with a wrong encoding stays as it is.
func decodeValue(value string, quoted bool, charset string) string {
	if quoted {
		if raw, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(value))); err == nil {
			value = string(raw)
		}
	}
	if charset == "" || strings.EqualFold(charset, "UTF-8") || !quoted { // unless quoted, it was decoded with the file
		return value
	}
	if enc, err := htmlindex.Get(charset); err == nil {
		if text, err := enc.NewDecoder().String(value); err == nil {
			return text
		}
	}
	return value
}

func indexOutsideQuotes(text string, sign byte) int {
	quoted := false
	for i := range len(text) {
		switch {
		case text[i] == '"':
			quoted = !quoted
		case text[i] == sign && !quoted:
			return i
		}
	}
	return -1
}

// splitValue splits a value at semicolons and removes the escaping.
func splitValue(value string) []string {
	list := []string{""}
	for i := 0; i < len(value); i++ {
		last := &list[len(list)-1]
		switch c := value[i]; {
		case c == '\\' && i+1 < len(value):
			i++
			if value[i] == 'n' || value[i] == 'N' {
				*last += "\n"
			} else {
				*last += value[i : i+1]
			}
		case c == ';':
			list = append(list, "")
		default:
			*last += value[i : i+1]
		}
	}
	for i := range list {
		list[i] = strings.TrimSpace(list[i])
	}
	return list
}

// cellsOf returns the properties that map to a field.
func (c *vcards) cellsOf(list []property) []cell {
	var cells []cell
	for _, p := range list {
		i := slices.IndexFunc(c.columns, func(col Column) bool { return col.Header == p.name })
		if i < 0 || c.fields[i] == "" {
			continue
		}
		add := func(f field, text string) {
			if text = strings.TrimSpace(text); text != "" {
				cells = append(cells, cell{f, p.name, text})
			}
		}
		value := splitValue(p.value)
		switch f := c.fields[i]; f {
		case fieldLastName: // family; given; additional
			for n, part := range [...]field{fieldLastName, fieldFirstName, fieldMiddleName} {
				if n < len(value) {
					add(part, value[n])
				}
			}
		case fieldPhone:
			add(phoneField(p.types), strings.TrimPrefix(strings.Join(value, ";"), "tel:"))
		case fieldCompany:
			add(f, value[0]) // the other parts are departments
		default:
			add(f, strings.Join(value, ";"))
		}
	}
	return cells
}

// phoneField returns the phone field for the types of a number.
func phoneField(types []string) field {
	for _, kind := range []struct{ word, field string }{{"fax", "fax"}, {"cell", "mobile"}, {"home", "home"},
		{"work", "work"}} {
		if slices.Contains(types, kind.word) {
			return field("phone." + kind.field)
		}
	}
	for _, word := range types {
		if kind, found := strings.CutPrefix(word, "x-"); found {
			return field("phone." + kind)
		}
	}
	return fieldPhone
}
