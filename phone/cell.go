package phone

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"
)

// Cell is what a text holds that a person typed: the cell of a file, a field of a record.
//
// Two doors lead to the same readings. Parse is for what machines send: one number, strictly. ParseCell and ParseTyped
// are for what people type: several numbers, notes, list marks, markup. What Parse would complete with the area of the
// plan, they complete only when the text itself names no other area or country.
type Cell struct {
	Parts  []Part   // the numbers in their order
	Unread []string // stretches of digits that may be numbers and cannot be read
	None   bool     // the text states that there is no phone: "-", "нет", "n/a"
}

// Part is one number of a cell.
type Part struct {
	Number Number
	// Text is the number on its own: ParseTyped reads it as Number, whatever stood beside it.
	Text string
}

const (
	longestCell = 4096 // bytes; nothing longer is read
	longestPart = 100  // characters that a part keeps of its text

	fewestDigits = 5 // of a number of its own, beside another one
)

// ParseTyped reads a text that a person typed as one number: the first of its cell. A text without one is Hidden when
// it states that there is none, Internal when an extension is all that it holds, and otherwise Invalid.
func (p *Plan) ParseTyped(text string) Number {
	if n, ok := p.Quick(text); ok {
		return n
	}
	cell := p.ParseCell(text)
	switch {
	case len(cell.Parts) > 0:
		n := cell.Parts[0].Number
		n.Raw = cut(text)
		return n
	case cell.None:
		return Number{Raw: cut(text), Kind: Hidden}
	}
	n := Number{Raw: cut(text)}
	for _, unread := range cell.Unread {
		digits := onlyDigits(fold(unread))
		if len(digits) >= shortestDigits && len(digits) <= longestE164 {
			n.Digits, _ = strconv.ParseInt(digits, 10, 64) // 15 digits always fit
			break
		}
	}
	return n
}

// Quick reads one of the most frequent spellings of a whole number, without memory of its own. It reports false for
// texts that only ParseTyped and ParseCell can read.
func (p *Plan) Quick(text string) (Number, bool) {
	if len(p.rules) > 0 {
		return Number{}, false
	}
	e164, ok := p.fast(text)
	if !ok {
		return Number{}, false
	}
	return Number{Raw: text, Kind: External, E164: e164}, true
}

// Split takes the numbers of a typed text apart. Each is a text that ParseTyped reads on its own as it was meant: a
// number that took its area from the one before it carries that area. A text without numbers comes back as it is, one
// that states that there is none as an empty list.
func (p *Plan) Split(text string) []string {
	cell := p.ParseCell(text)
	if cell.None {
		return nil
	}
	if len(cell.Parts) == 0 {
		return []string{text}
	}
	list := make([]string, len(cell.Parts))
	for i, part := range cell.Parts {
		list[i] = part.Text
	}
	return list
}

// ParseCell reads all numbers of a typed text. An extension of the PBX is a part only when it is all that the text
// holds.
func (p *Plan) ParseCell(text string) Cell {
	if len(p.rules) > 0 {
		if n, ok := p.rewritten(text); ok {
			return Cell{Parts: []Part{{n, text}}}
		}
	}
	if e164, ok := p.fast(text); ok {
		return Cell{Parts: []Part{{Number{Raw: text, Kind: External, E164: e164}, text}}}
	}
	if len(text) > longestCell {
		return Cell{Unread: []string{cut(text)}}
	}
	clean := cleanCell(text)
	if !strings.ContainsAny(clean, "\n") {
		clean = Plain(clean)
	}
	if IsNone(clean) {
		return Cell{None: true}
	}
	if isAddress(clean) {
		return p.addressCell(clean)
	}
	if isQuantity(fold(clean)) {
		return Cell{Unread: []string{cut(clean)}}
	}
	return p.readCell(clean)
}

// addressCell reads a text that is one address or one code as a whole: tel:, sip:, user@host, *67...
func (p *Plan) addressCell(text string) Cell {
	switch n := p.slow(text); n.Kind {
	case External, Internal:
		return Cell{Parts: []Part{{n, text}}}
	case Hidden:
		return Cell{None: true}
	default:
		if n.Digits != 0 {
			return Cell{Unread: []string{n.Raw}}
		}
		return Cell{}
	}
}

// readCell reads cleaned text that is no address.
func (p *Plan) readCell(clean string) Cell {
	r := newCellReader(p, clean)
	if n, ok := r.internal(); ok {
		return Cell{Parts: []Part{{n, clean}}}
	}
	if r.vanity() {
		return r.cell()
	}
	r.readAll()
	return r.cell()
}

// cell turns what was found into parts whose texts stand on their own.
func (r *cellReader) cell() Cell {
	cell := Cell{Unread: r.unread}
	for i, f := range r.found {
		n := Number{Kind: External, E164: f.e164, Extension: f.extension}
		text := r.textOf(i)
		if !r.standsAlone(text, f) {
			text = canonical(n)
		}
		n.Raw = cut(text)
		cell.Parts = append(cell.Parts, Part{n, text})
	}
	return cell
}

// standsAlone reports whether the text of a found number is read as that number and nothing else on its own.
func (r *cellReader) standsAlone(text string, f foundNumber) bool {
	if utf8.RuneCountInString(text) > longestPart {
		return false
	}
	if text == r.clean {
		return len(r.found) == 1
	}
	if e164, ok := r.plan.fast(text); ok && len(r.plan.rules) == 0 {
		return e164 == f.e164 && f.extension == ""
	}
	if cleanCell(text) != text || Plain(text) != text || IsNone(text) || isAddress(text) || isQuantity(fold(text)) {
		return false
	}
	alone := newCellReader(r.plan, text)
	if _, ok := alone.internal(); ok || alone.vanity() {
		return false
	}
	alone.readAll()
	return len(alone.found) == 1 && alone.found[0].e164 == f.e164 && alone.found[0].extension == f.extension
}

// canonical is a number in the international spelling, with its extension.
func canonical(n Number) string {
	text := "+" + strconv.FormatInt(n.E164, 10)
	if number, err := phonenumbers.Parse(text, nowhere); err == nil {
		text = phonenumbers.Format(number, phonenumbers.INTERNATIONAL)
	}
	if n.Extension != "" {
		text += " ext. " + n.Extension
	}
	return text
}
