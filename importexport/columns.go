package importexport

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"

	"callhue/internal/store"
	"callhue/internal/text"
	"callhue/internal/web"
)

// guess maps the columns of a file to fields.
type guess struct {
	*header
	kind  Kind
	fixed map[int]bool // columns that have their field
	taken map[field]bool
}

// choose sets the fields of the columns whose meanings are of a sort, the best headers first.
func (g *guess) choose(sort func([]meaning) bool) {
	type candidate struct {
		column int
		list   []meaning
	}
	var candidates []candidate
	for i, c := range g.columns {
		if list := meanings(g.kind, c.Header); !g.fixed[i] && len(list) > 0 && sort(list) {
			candidates = append(candidates, candidate{i, list})
		}
	}
	slices.SortStableFunc(candidates, func(a, b candidate) int { return cmp.Compare(a.list[0].rank, b.list[0].rank) })
	for _, c := range candidates {
		for _, m := range c.list {
			if m.weak && !looksLikePhones(g.columns[c.column].Samples) || !m.several && g.taken[m.field] {
				continue
			}
			g.fixed[c.column], g.fields[c.column], g.taken[m.field] = true, m.field, true
			break
		}
	}
}

// skipJobTitle leaves out the column Title of leads that have a last name: it is the job of the person.
func (g *guess) skipJobTitle() {
	means := func(f field) func(Column) bool {
		return func(c Column) bool {
			list := meanings(g.kind, c.Header)
			return len(list) == 1 && list[0].field == f
		}
	}
	if g.kind != Leads || !slices.ContainsFunc(g.columns, means(fieldLastName)) {
		return
	}
	for i, c := range g.columns {
		if plainHeader(c.Header) == "title" {
			g.fixed[i] = true
		}
	}
}

// looksLikePhones reports whether most values have at least seven digits.
func looksLikePhones(samples []string) bool {
	long := 0
	for _, text := range samples {
		digits := 0
		for _, c := range text {
			if c >= '0' && c <= '9' {
				digits++
			}
		}
		if digits >= 7 {
			long++
		}
	}
	return len(samples) > 0 && long*2 > len(samples)
}

// isPhone reports whether a column of the field holds phones.
func (f field) isPhone() bool {
	return f == fieldPhone || strings.HasPrefix(string(f), string(fieldPhone)+".")
}

// sampleSize is how many rows are looked at before the file is read, samplesShown how many values of a column are
// shown.
const (
	sampleSize   = 200
	samplesShown = 3
	longestShown = 60 // characters
)

// sampleRows returns the first rows of a text, unreadable ones as empty rows.
func sampleRows(start []byte, separator byte) (rows [][]string) {
	r := newCSVRows(bytes.NewReader(start), separator)
	for len(rows) < sampleSize {
		_, cells, err := r.next()
		if _, broken := err.(*brokenRow); err != nil && !broken {
			break
		}
		rows = append(rows, slices.Clone(cells))
	}
	return rows
}

// highestHeader is how many rows may stand above the header.
const highestHeader = 30

// findHeader returns the index of the header: the first row in which columns are known, the first one if there is
// none. A title is a row of one cell.
func findHeader(rows [][]string, mapped []string) int {
	title := -1
	for i, row := range rows[:min(len(rows), highestHeader)] {
		known, filled := 0, 0
		for _, cell := range row {
			name := headerOf(cell)
			if name == "" {
				continue
			}
			filled++
			named := func(other string) bool { return strings.EqualFold(name, other) }
			if isKnown(name) || slices.ContainsFunc(mapped, named) {
				known++
			}
		}
		switch {
		case known > 0 && (filled > 1 || len(row) == 1 && i == 0):
			return i
		case known > 0 && title < 0:
			title = i
		}
	}
	return max(title, 0)
}

// isKnown reports whether a header means something in the rows of any kind.
func isKnown(name string) bool {
	for kind := range knownFields {
		if len(meanings(kind, name)) > 0 {
			return true
		}
	}
	return false
}

// headerOf returns the name of a column as a cell has it.
func headerOf(cell string) string { return text.Tidy(strings.TrimPrefix(cell, "\ufeff")) }

// isHeader reports whether a row is the header once more, as in two files that were put together.
func (h *header) isHeader(row []string) bool {
	same := 0
	for i, cell := range row {
		name := headerOf(cell)
		switch {
		case i >= len(h.columns):
			if name != "" {
				return false
			}
		case name != h.columns[i].Header:
			return false
		case name != "":
			same++
		}
	}
	return same > 1 || same == 1 && len(h.columns) == 1
}

// takeSamples keeps the first different values of each column, shortened.
func (h *header) takeSamples(rows [][]string) {
	for i := range h.columns {
		samples := &h.columns[i].Samples
		for _, row := range rows {
			if i >= len(row) || len(*samples) == samplesShown {
				continue
			}
			value := text.Tidy(text.OneLine(row[i]))
			if utf8.RuneCountInString(value) > longestShown {
				value = string([]rune(value)[:longestShown]) + "…"
			}
			if value != "" && !slices.Contains(*samples, value) && value != h.columns[i].Header {
				*samples = append(*samples, value)
			}
		}
	}
}

// described are the columns that say something about the number of another column: its label, its calling code.
type described struct {
	labels, codes []int
}

// findDescribed finds the columns that belong to a column of phones.
func (h *header) findDescribed() {
	h.described = nil
	for i, f := range h.fields {
		if f != fieldPhoneType && f != fieldCallingCode {
			continue
		}
		phone := h.phoneBeside(i)
		if phone < 0 {
			continue
		}
		if h.described == nil {
			h.described = map[int]*described{}
		}
		if h.described[phone] == nil {
			h.described[phone] = &described{}
		}
		d := h.described[phone]
		if f == fieldPhoneType {
			d.labels = append(d.labels, i)
		} else {
			d.codes = append(d.codes, i)
		}
	}
}

// phoneBeside returns the column of phones to which a column belongs, -1 if there is none: the one whose name begins
// like its own, else the nearest.
func (h *header) phoneBeside(column int) int {
	best, longest, nearest := -1, -1, 0
	name := store.Fold(h.columns[column].Header)
	for i, f := range h.fields {
		if !f.isPhone() {
			continue
		}
		common, distance := commonPrefix(name, store.Fold(h.columns[i].Header)), max(i-column, column-i)
		if common > longest || common == longest && distance < nearest {
			best, longest, nearest = i, common, distance
		}
	}
	return best
}

func commonPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// describe returns the field and text of a cell of phones with what the columns beside it say: the label becomes the
// kind of the number, the calling code its beginning.
func (h *header) describe(column int, f field, value string, row []string) (field, string) {
	d := h.described[column]
	if d == nil {
		return f, value
	}
	at := func(i int) string {
		if i < len(row) {
			return strings.TrimSpace(web.PlainCell(row[i]))
		}
		return ""
	}
	for _, i := range d.labels {
		if kind := phoneKind(at(i)); kind != "" {
			f = fieldPhone + "." + field(kind)
			break
		}
	}
	for _, i := range d.codes {
		if code := callingCode(at(i)); code != "" {
			return f, withCallingCode(code, value)
		}
	}
	return f, value
}

// phoneKind returns the kind of a phone by its label in another system, "" for one that says nothing.
func phoneKind(label string) string {
	plain := " " + plainHeader(label) + " "
	for _, k := range []struct{ kind, words string }{
		{"fax", "fax|факс"}, {"mobile", "mobile|cell|iphone|мобильный|мобильник|сотовый|моб"},
		{"home", "home|домашний|дом"}, {"work", "work|business|office|рабочий|работа|main|основной"},
	} {
		for word := range strings.SplitSeq(k.words, "|") {
			if strings.Contains(plain, " "+word+" ") {
				return k.kind
			}
		}
	}
	return ""
}

// callingCode returns the calling code of a cell as +44, also for a country as GB; "" if it is neither.
func callingCode(cell string) string {
	digits := strings.TrimLeft(cell, "+0")
	if digits != "" && len(digits) <= 4 && strings.Trim(digits, "0123456789") == "" {
		return "+" + digits
	}
	if len(cell) == 2 && strings.IndexFunc(cell, func(c rune) bool { return !unicode.IsLetter(c) }) < 0 {
		if code := phonenumbers.GetCountryCodeForRegion(strings.ToUpper(cell)); code != 0 {
			return "+" + strconv.Itoa(code)
		}
	}
	return ""
}

// withCallingCode puts a calling code before a number that has none.
func withCallingCode(code, number string) string {
	if strings.Contains(number, "+") || number == "" {
		return number
	}
	digits := strings.Map(func(c rune) rune {
		if c < '0' || c > '9' {
			return -1
		}
		return c
	}, number)
	bare := strings.TrimPrefix(code, "+")
	switch {
	case strings.HasPrefix(digits, "00"), len(digits) < 5: // international already; no number of a subscriber
		return number
	case strings.HasPrefix(digits, bare) && len(digits) >= len(bare)+10:
		return "+" + number
	case code == "+7" && len(digits) == 11 && digits[0] == '8':
		return "+7 " + digits[1:]
	}
	return code + " " + number
}
