package importexport

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"callhue/crm"
	"callhue/internal/fault"
	"callhue/internal/text"
	"callhue/internal/web"
	"callhue/phone"
)

// draft is a row of a file on its way to becoming a record.
type draft struct {
	line    int
	cells   []cell
	columns []Column   // of its file
	row     []string   // all cells of its row, nil for a card
	refusal *Refusal   // the first fault found, nil for a valid row
	notes   []*Refusal // what was dropped: the row is imported without it

	code, name   string
	post, title  string
	phones       []crm.Phone
	phonesRead   []phoneRead
	keys         []int64 // of the phones
	emails       []string
	owner, team  string
	status       string
	stage        string
	source       string
	companies    []string // names
	companyCodes []string
	companySince []time.Time
	contactCode  string
	user         userDraft

	ownerID    int64
	teamIDs    []int64
	companyIDs []int64
	contactID  int64
}

type userDraft struct{ login, roles, department, language, extensions string }

// cell is a non-empty cell of a known column.
type cell struct {
	field  field
	column string
	text   string
}

// Refusal is why a row was refused. Line is where the row begins; Column and Value are empty when
// the row as a whole is refused; Code is stable, Sentence explains it.
type Refusal struct {
	Line     int    `json:"line"`
	Column   string `json:"column"`
	Value    string `json:"value"`
	Code     string `json:"code"`
	Sentence string `json:"sentence"`

	of *draft
}

// refuse keeps the first fault of a row.
func (d *draft) refuse(f field, code string) {
	if d.refusal == nil {
		d.refusal = d.newRefusal(f, code)
	}
}

// noteField reports the value of a field that the row is imported without.
func (d *draft) noteField(f field, value, code string) {
	d.notes = append(d.notes, d.newNote(f, value, code))
}

// newNote returns the report of a value, the first one of the field if it is empty.
func (d *draft) newNote(f field, value, code string) *Refusal {
	n := d.newRefusal(f, code)
	if value != "" {
		n.Value = shorten(value)
	}
	return n
}

// newRefusal returns the refusal of a row with the column and value of the field.
func (d *draft) newRefusal(f field, code string) *Refusal {
	r := &Refusal{Line: d.line, Code: code, Sentence: sentence(code), of: d}
	if f == "" {
		return r
	}
	means := func(g string) bool { return g == string(f) || strings.HasPrefix(g, string(f)+".") }
	for _, c := range d.cells {
		if means(string(c.field)) {
			r.Column, r.Value = c.column, shorten(c.text)
			return r
		}
	}
	r.Column = string(f)
	if at := slices.IndexFunc(d.columns, func(c Column) bool { return means(c.Field) }); at >= 0 {
		r.Column = d.columns[at].Header
	}
	return r
}

// newRefusalFrom converts a fault of crm or staff.
func (d *draft) newRefusalFrom(err error) *Refusal {
	f := fault.Of(err)
	if len(f.Fields) == 0 {
		return d.newRefusal(fieldOfAction[f.Key], f.Key)
	}
	name, _, _ := strings.Cut(f.Fields[0].Field, ".")
	return d.newRefusal(fieldOfInput[name], f.Fields[0].Code)
}

// fieldOfAction maps forbidden actions to the field of the row that asked for them.
var fieldOfAction = map[string]field{
	"status_change_forbidden": fieldStatus, "owner_change_forbidden": fieldOwner, "team_change_forbidden": fieldTeam,
	"number_change_forbidden": fieldPhone, "login_taken": fieldLogin, "identity_taken": fieldExtension,
}

// fieldOfInput maps the input fields of crm and staff to fields of a file.
var fieldOfInput = map[string]field{
	"name": fieldName, "post": fieldPost, "title": fieldTitle, "stage": fieldStage, "source": fieldSource,
	"status": fieldStatus,
	"phones": fieldPhone, "emails": fieldEmail, "owner_id": fieldOwner, "team_ids": fieldTeam,
	"company_ids": fieldCompany, "company_id": fieldCompany,
	"contact_id": fieldContactCode, "login": fieldLogin, "roles": fieldRoles, "department_id": fieldDepartment,
	"extensions": fieldExtension, "language": fieldLanguage,
}

// shorten limits a value for the report.
func shorten(text string) string {
	const most = 100 // characters
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most]) + "…"
}

// newDraft fills a draft from the cells of a row. numbers takes cells with several phones apart.
func newDraft(line int, cells []cell, columns []Column, numbers *phone.Plan) *draft {
	d := &draft{line: line, cells: cells, columns: columns}
	d.repairCells()
	var last, first, middle string
	var kinds, since []string
	var phones []cell
	for _, c := range cells {
		if text := d.textField(c.field); text != nil {
			*text = c.text
			continue
		}
		switch c.field {
		case fieldLastName:
			last = c.text
		case fieldFirstName:
			first = c.text
		case fieldMiddleName:
			middle = c.text
		case fieldPhone:
			phones = append(phones, c)
		case fieldPhoneKinds:
			kinds = splitLines(c.text)
		case fieldSince:
			since = splitLines(c.text)
		case fieldEmail:
			d.addEmails(c)
		case fieldCompany:
			d.companies = splitLines(c.text)
		case fieldCompanyCode:
			d.companyCodes = splitLines(c.text)
		case fieldCompanySince:
			d.companySince = d.parseTimes(fieldCompanySince, splitLines(c.text))
		case fieldExtension:
			d.user.extensions += " " + c.text
		default:
			if strings.HasPrefix(string(c.field), phoneKindPrefix) {
				phones = append(phones, c)
			}
		}
	}
	for _, c := range phones {
		d.addPhones(c, kinds, numbers)
	}
	if d.name == "" {
		d.name = text.Tidy(last + " " + first + " " + middle)
	}
	d.setPhoneDetails(kinds, d.parseTimes(fieldSince, since))
	d.emails = withoutRepeats(d.emails)
	d.code, d.contactCode = codeIn(d.code), codeIn(d.contactCode)
	for i, code := range d.companyCodes {
		d.companyCodes[i] = codeIn(code)
	}
	d.dropRepeatedPhones(numbers)
	if len(d.code) > longestCode {
		d.refuse(fieldCode, "too_long")
	}
	return d
}

// textField returns where the text of a field is stored unchanged, nil for fields that need
// parsing.
func (d *draft) textField(f field) *string {
	switch f {
	case fieldCode:
		return &d.code
	case fieldName:
		return &d.name
	case fieldPost:
		return &d.post
	case fieldOwner:
		return &d.owner
	case fieldTeam:
		return &d.team
	case fieldStatus:
		return &d.status
	case fieldContactCode:
		return &d.contactCode
	case fieldTitle:
		return &d.title
	case fieldStage:
		return &d.stage
	case fieldSource:
		return &d.source
	case fieldLogin:
		return &d.user.login
	case fieldRoles:
		return &d.user.roles
	case fieldDepartment:
		return &d.user.department
	case fieldLanguage:
		return &d.user.language
	}
	return nil
}

// longestCode limits a code in bytes: it is an indexed column.
const longestCode = 190

// severalValues separates the values of one cell in the exports of Google.
const severalValues = " ::: "

// cellsOf returns the non-empty cells of known columns.
func (s *csvFile) cellsOf(row []string) []cell {
	list := make([]cell, 0, len(row))
	for i, text := range row {
		if i >= len(s.fields) || s.fields[i] == "" {
			continue
		}
		if s.inWorkbook {
			text = strings.ReplaceAll(text, lineInCell, "\n")
		}
		if text = strings.TrimSpace(web.PlainCell(text)); text == "" {
			continue
		}
		text = strings.ReplaceAll(text, severalValues, "\n")
		f := s.fields[i]
		if f.isPhone() {
			f, text = s.describe(i, f, text, row)
		}
		list = append(list, cell{f, s.columns[i].Header, text})
	}
	return list
}

// hasExtraCells reports whether a row has text beyond the last column: then its cells are shifted.
func (s *csvFile) hasExtraCells(row []string) bool {
	for i := len(s.fields); i < len(row); i++ {
		if strings.TrimSpace(row[i]) != "" {
			return true
		}
	}
	return false
}

// addEmails adds the addresses of a cell, also from "mailto:a@example.com" and "Anna <a@example.com>". A cell without
// an address is dropped, and so is an address that is none.
func (d *draft) addEmails(c cell) {
	parts := strings.FieldsFunc(c.text, func(r rune) bool { return strings.ContainsRune("\n\t;, ", r) })
	found := 0
	var wrong []string
	for _, part := range parts {
		part = strings.Trim(part, `<>()[]"'`)
		if at := strings.IndexByte(part, ':'); at > 0 && strings.EqualFold(part[:at], "mailto") {
			part = part[at+1:]
		}
		fitted, faults := crm.NewContact{Emails: []string{part}}.Fit()
		found += len(fitted.Emails)
		d.emails = append(d.emails, fitted.Emails...)
		if len(faults) > 0 && strings.Contains(part, "@") {
			wrong = append(wrong, part)
		}
	}
	if found == 0 {
		wrong = []string{c.text}
	}
	for _, value := range wrong {
		d.note(c.column, value, "not_an_email")
	}
}

// withoutRepeats removes texts that differ from an earlier one in case only.
func withoutRepeats(list []string) []string {
	var kept []string
	for _, text := range list {
		if !slices.ContainsFunc(kept, func(had string) bool { return strings.EqualFold(had, text) }) {
			kept = append(kept, text)
		}
	}
	return kept
}

func splitLines(text string) []string {
	var list []string
	for line := range strings.SplitSeq(text, "\n") {
		list = append(list, strings.TrimSpace(line))
	}
	return list
}

// note reports a part of a row that could not be used; the row is imported without it.
func (d *draft) note(column, value, code string) {
	d.notes = append(d.notes,
		&Refusal{Line: d.line, Column: column, Value: shorten(value), Code: code, Sentence: sentence(code)})
}

// repairCells replaces bytes that are no character of the file's charset, and reports the cells that had them.
func (d *draft) repairCells() {
	for i := range d.cells {
		c := &d.cells[i]
		isText := utf8.ValidString(c.text)
		if !isText {
			c.text = strings.ToValidUTF8(c.text, replacement)
		}
		if !isText || strings.Contains(c.text, replacement) {
			d.note(c.column, c.text, "not_in_charset")
		}
	}
}

// timeForms are the accepted date formats; a day without a time is midnight UTC.
var timeForms = [...]string{time.RFC3339Nano, "2006-01-02 15:04:05", "2006-01-02", "02.01.2006 15:04:05",
	"02.01.2006 15:04", "02.01.2006"}

// parseTimes parses dates; an empty text is the zero time.
func (d *draft) parseTimes(f field, texts []string) []time.Time {
	list := make([]time.Time, len(texts))
	for i, text := range texts {
		if text == "" {
			continue
		}
		for _, form := range timeForms {
			if at, err := time.Parse(form, text); err == nil {
				list[i] = at.UTC()
				break
			}
		}
		if list[i].IsZero() {
			d.noteField(f, text, "not_a_date")
		}
	}
	return list
}
