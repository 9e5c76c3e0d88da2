package importexport

import (
	"bufio"
	"errors"
	"io"
	"mime/quotedprintable"
	"slices"
	"strings"
	"unicode/utf8"

	"callhue/phone"
)

// vcards reads vCards 2.1, 3.0 and 4.0 (RFC 2426, RFC 6350) as phones and address books write them.
// The libraries that exist read 3.0 and 4.0: of 2.1 they silently drop types without a name
// (TEL;CELL:) and lines folded by quoted-printable.
type vcards struct {
	header
	numbers    *phone.Plan
	charset    string // of the lines
	dropped    []cell // values of the card that are not imported
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
//
// charset is that of the lines; a property that names its own is decoded with that.
func openVCards(text io.Reader, charset string, kind Kind, overrides []string, numbers *phone.Plan) (*vcards, error) {
	c := &vcards{numbers: numbers, charset: charset, in: bufio.NewReaderSize(text, 64<<10)}
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
	head = strings.ToUpper(head)
	quoted := strings.Contains(head, "QUOTED-PRINTABLE")
	isBinary := strings.Contains(head, "BASE64") || strings.Contains(head, "ENCODING=B")
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
		case isBinary && isBase64(next): // version 2.1 does not fold pictures
		default:
			c.pending, c.hasPending = next, true
			return string(line), nil
		}
		line = append(line, next[:min(len(next), max(0, longestLine-len(line)))]...)
	}
}

// isBase64 reports whether a line is part of a picture: it has no sign of a property.
func isBase64(line string) bool {
	return line != "" && strings.IndexFunc(line, func(r rune) bool {
		isLetter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		return !isLetter && !strings.ContainsRune("+/= \t", r)
	}) < 0
}

// next returns the next card as a draft. An unreadable card, or text between two cards, is a
// refused draft. BEGIN always starts a card.
func (c *vcards) next() (*draft, error) {
	var list []property
	begun, at := c.begun, c.lastLine()
	c.begun = false
	broken := false
	end := func() (*draft, error) {
		c.dropped = nil
		d := newDraft(at, c.cellsOf(list), c.columns, c.numbers)
		for _, left := range c.dropped {
			d.note(left.column, left.text, "not_an_email")
		}
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
		p, ok := parseProperty(line, c.charset)
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
func parseProperty(line, fileCharset string) (p property, ok bool) {
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
	p.value = decodeValue(value, quoted, charset, fileCharset)
	return p, p.name != ""
}

// decodeValue returns a value as UTF-8. What a property in quoted-printable names as its charset is right; for other
// values the file is right when it is UTF-8, since programs copy the name of a charset and change the text.
func decodeValue(value string, quoted bool, named, fileCharset string) string {
	if quoted {
		if raw, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(value))); err == nil {
			value = string(raw)
		}
	}
	charset := charsetNamed(named)
	isText := utf8.ValidString(value)
	switch {
	case isASCII(value) || isText && (!quoted || charset == "" || charset == charsetUTF8):
		return value
	case charset == "" || charset == charsetUTF8:
		if charset = fileCharset; charset == charsetUTF8 {
			charset = guessSingleByte([]byte(value))
		}
	}
	return decodeBytes([]byte(value), charset)
}

func isASCII(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
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
	isCompany := c.isCompany(list)
	for _, p := range list {
		i := slices.IndexFunc(c.columns, func(col Column) bool { return col.Header == p.name })
		c.samples.add(i, p.value)
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
			switch name := value[0]; { // the other parts are departments
			case !isCompany:
				add(f, name)
			case valueOf(list, "FN") == "":
				add(fieldName, name)
			}
		case fieldEmail:
			address := mailAddress(strings.Join(value, ";"))
			if address != "" && !isMailAddress(address) {
				c.dropped = append(c.dropped, cell{f, p.name, address})
				continue
			}
			add(f, address)
		default:
			add(f, strings.Join(value, ";"))
		}
	}
	return cells
}

// isCompany reports whether the card of a contact is that of a company: it is shown as one, or has no name but that of
// its organisation. Such a card is not linked to a company: it is one.
func (c *vcards) isCompany(list []property) bool {
	if strings.EqualFold(strings.TrimSpace(valueOf(list, "X-ABSHOWAS")), "COMPANY") {
		return true
	}
	organisation, name := valueOf(list, "ORG"), valueOf(list, "FN")
	return organisation != "" && valueOf(list, "N") == "" && (name == "" || strings.EqualFold(name, organisation))
}

// valueOf returns the first text of a property, without its other parts when they are empty.
func valueOf(list []property, name string) string {
	for _, p := range list {
		if p.name == name {
			return strings.Trim(strings.Join(splitValue(p.value), ";"), "; ")
		}
	}
	return ""
}

// isMailAddress reports whether a text has the form of one e-mail address.
func isMailAddress(text string) bool {
	name, host, found := strings.Cut(text, "@")
	return found && name != "" && host != "" && !strings.ContainsAny(text, " ,;<>\n")
}

// mailAddress returns an address without what stands around it: mailto:, a name before angle brackets.
func mailAddress(text string) string {
	if open := strings.LastIndexByte(text, '<'); open >= 0 {
		text, _, _ = strings.Cut(text[open+1:], ">")
	}
	text = strings.TrimSpace(text)
	const scheme = "mailto:"
	if len(text) > len(scheme) && strings.EqualFold(text[:len(scheme)], scheme) {
		text = text[len(scheme):]
	}
	return text
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
