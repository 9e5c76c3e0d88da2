package importexport

import (
	"slices"
	"strings"
	"time"

	"callhue/crm"
	"callhue/phone"
)

// phoneKindPrefix begins the fields of phones of one kind: "phone.fax".
const phoneKindPrefix = "phone."

// addPhones adds the numbers of one cell. A cell that states that there is no phone adds none; what cannot be read
// beside a number becomes a note; a cell without a number is kept as it is. A cell with a kind for each of its lines is
// our own export and has one phone a line.
func (d *draft) addPhones(c cell, kinds []string, numbers *phone.Plan) {
	kind := ""
	if c.field != fieldPhone {
		kind = strings.TrimPrefix(string(c.field), phoneKindPrefix)
	}
	if lines := splitLines(c.text); len(kinds) > 1 && len(lines) == len(kinds) {
		for _, line := range lines {
			d.phones = append(d.phones, crm.Phone{Value: line, Kind: kind})
		}
		return
	}
	if _, ok := numbers.Quick(c.text); ok {
		d.phones = append(d.phones, crm.Phone{Value: c.text, Kind: kind})
		return
	}
	read := numbers.ParseCell(c.text)
	if read.None {
		return
	}
	if len(read.Parts) == 0 {
		d.phones = append(d.phones, crm.Phone{Value: c.text, Kind: kind})
		return
	}
	for _, part := range read.Parts {
		d.phones = append(d.phones, crm.Phone{Value: part.Text, Kind: kind})
		d.phonesRead = append(d.phonesRead, phoneRead{part.Text, part.Number})
	}
	for _, unread := range read.Unread {
		d.note(c.column, unread, "phone_not_read")
	}
}

// phoneRead is a number that was read from a text.
type phoneRead struct {
	text   string
	number phone.Number
}

// readPhone parses a phone of the draft, each text once.
func (d *draft) readPhone(text string, numbers *phone.Plan) phone.Number {
	if n, ok := numbers.Quick(text); ok {
		return n
	}
	for _, known := range d.phonesRead {
		if known.text == text {
			return known.number
		}
	}
	n := numbers.ParseTyped(text)
	d.phonesRead = append(d.phonesRead, phoneRead{text, n})
	return n
}

// dropRepeatedPhones keeps each number of the row once, in its first spelling; one with another extension stays.
func (d *draft) dropRepeatedPhones(numbers *phone.Plan) {
	type dialled struct {
		key       int64
		extension string
	}
	if len(d.phones) < 2 {
		return
	}
	had := make([]dialled, 0, len(d.phones))
	d.phones = slices.DeleteFunc(d.phones, func(p crm.Phone) bool {
		n := d.readPhone(p.Value, numbers)
		one := dialled{n.Key(), n.Extension}
		if one.key > 0 && slices.Contains(had, one) {
			return true
		}
		had = append(had, one)
		return false
	})
}

// setPhoneDetails sets the kinds and dates that other columns hold, in the order of the phones; a
// single date applies to all.
func (d *draft) setPhoneDetails(kinds []string, since []time.Time) {
	for i := range d.phones {
		if i < len(kinds) && kinds[i] != "" {
			d.phones[i].Kind = kinds[i]
		}
		switch {
		case i < len(since):
			d.phones[i].Since = since[i]
		case len(since) == 1:
			d.phones[i].Since = since[0]
		}
	}
}
