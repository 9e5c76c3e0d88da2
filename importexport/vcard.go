package importexport

import (
	"bufio"
	"errors"
	"io"
	"mime/quotedprintable"
	"slices"
	"strings"

	"golang.org/x/text/encoding/htmlindex"
)

// cards reads vCards of the versions 2.1, 3.0 and 4.0 (RFC 2426, RFC 6350), as
// phones and address books write them. The readers that exist know 3.0 and 4.0:
// of 2.1 they drop the types without a name (TEL;CELL:) and the lines that quoted
// printable folds, without a word.
type cards struct {
	header
	in   *bufio.Reader
	line int    // lines read so far
	held string // a line that was read too early, if has says so
	has  bool
	open bool // a card has begun: the line that said so was read
}

// cardColumns are the properties that we take, with what they mean.
var cardColumns = []struct {
	property string
	field    field
}{{"UID", fieldCode}, {"FN", fieldName}, {"N", fieldLastName}, {"ORG", fieldCompany}, {"TITLE", fieldPost}, {"TEL", fieldPhone}, {"EMAIL", fieldEmail}}

// openCards prepares the reading of cards; the properties that we do not take are
// told as columns without a meaning.
func openCards(text io.Reader, kind Kind, overrides []string) (*cards, error) {
	c := &cards{in: bufio.NewReaderSize(text, 64<<10)}
	mine := fieldsOf(kind)
	for _, column := range cardColumns {
		f := column.field
		if kind == Companies && f == fieldLastName || !slices.Contains(mine, f) {
			f = ""
		}
		c.columns, c.fields = append(c.columns, Column{Header: column.property}), append(c.fields, f)
	}
	if _, err := c.override(kind, overrides); err != nil {
		return nil, err
	}
	c.name()
	return c, nil
}

// property is one line of a card, unfolded.
type property struct {
	name  string
	types []string // lower case
	value string
}

// longestLine is how much of a line is kept; only pictures are longer.
const longestLine = 64 << 10

// physical reads a line as it stands in the file.
func (c *cards) physical() (string, error) {
	if c.has {
		c.has = false
		return c.held, nil
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

// logical reads a line with what is folded to it.
func (c *cards) logical() (string, error) {
	first, err := c.physical()
	if err != nil {
		return "", err
	}
	head, _, _ := strings.Cut(first, ":")
	quoted := strings.Contains(strings.ToUpper(head), "QUOTED-PRINTABLE")
	line := []byte(first)
	for {
		next, err := c.physical()
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
			c.held, c.has = next, true
			return string(line), nil
		}
		line = append(line, next[:min(len(next), max(0, longestLine-len(line)))]...)
	}
}

// next gives the next card as a draft; one that cannot be read, and what stands
// between two cards, as a refused one. BEGIN always begins a card.
func (c *cards) next() (*draft, error) {
	var list []property
	begun, at := c.open, c.before()
	c.open = false
	broken := false
	end := func() (*draft, error) {
		d := draftOf(at, c.cellsOf(list), c.columns)
		if broken {
			d.refuse("", "card_not_readable")
		}
		return d, nil
	}
	for {
		line, err := c.logical()
		if err == io.EOF && (begun || broken) {
			broken = true
			return end()
		}
		if err != nil {
			return nil, err
		}
		p, ok := readProperty(line)
		switch {
		case strings.TrimSpace(line) == "":
		case ok && p.name == "BEGIN" && (begun || broken):
			c.open, broken = true, true
			return end()
		case ok && p.name == "BEGIN":
			begun, at = true, c.before()
		case ok && p.name == "END" && begun:
			return end()
		case !begun:
			if !broken {
				broken, at = true, c.before()
			}
		case !ok:
			broken = true
		default:
			list = append(list, p)
		}
	}
}

// before is the number of the line that was just given.
func (c *cards) before() int {
	if c.has {
		return c.line - 1
	}
	return c.line
}

// readProperty reads group.NAME;TYPE=work;HOME:value.
func readProperty(line string) (p property, ok bool) {
	at := outsideQuotes(line, ':')
	if at < 0 {
		return p, false
	}
	head, value := line[:at], line[at+1:]
	charset, quoted := "", false
	for i := 0; head != ""; i++ {
		part := head
		if at := outsideQuotes(head, ';'); at >= 0 {
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
	p.value = plainValue(value, quoted, charset)
	return p, p.name != ""
}

// plainValue takes the encodings of version 2.1 off a value; a value that says a
// wrong encoding stays as it is.
func plainValue(value string, quoted bool, charset string) string {
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

func outsideQuotes(text string, sign byte) int {
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

// parts takes a value apart at its semicolons and takes the backslashes off.
func parts(value string) []string {
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

// cellsOf picks the properties that mean something.
func (c *cards) cellsOf(list []property) []cell {
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
		value := parts(p.value)
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
			add(f, value[0]) // the units behind it are its departments
		default:
			add(f, strings.Join(value, ";"))
		}
	}
	return cells
}

// phoneField says what kind of phone the types of a number mean.
func phoneField(types []string) field {
	for _, kind := range []struct{ word, field string }{{"fax", "fax"}, {"cell", "mobile"}, {"home", "home"}, {"work", "work"}} {
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
