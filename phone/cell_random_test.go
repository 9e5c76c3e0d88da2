package phone

import (
	"math/rand/v2"
	"strconv"
	"testing"
)

// composer writes cells as people do, and knows the numbers in them.
type composer struct {
	*rand.Rand
	country  string // calling code
	prefixes []string
	areas    []string
	national int // digits of a national number
}

func (c *composer) pick(list ...string) string { return list[c.IntN(len(list))] }

// number returns a number and one of its spellings.
func (c *composer) number() (e164 int64, text string) {
	area, prefix := c.pick(c.areas...), c.pick(c.prefixes...)
	local := strconv.Itoa(2000000 + c.IntN(999999))[:c.national-len(area)]
	e164, _ = strconv.ParseInt(c.country+area+local, 10, 64)
	n := len(local)
	dashes := local[:n-4] + "-" + local[n-4:n-2] + "-" + local[n-2:]
	blanks := local[:n-4] + " " + local[n-4:n-2] + " " + local[n-2:]
	switch c.IntN(6) {
	case 0:
		return e164, prefix + " (" + area + ") " + dashes
	case 1:
		return e164, prefix + area + local
	case 2:
		return e164, prefix + " " + area + " " + blanks
	case 3:
		return e164, prefix + " " + area + "-" + dashes
	case 4:
		return e164, prefix + "(" + area + ")" + local
	default:
		return e164, prefix + " " + area + " " + dashes
	}
}

// cell returns a text with one to three numbers and notes around them.
func (c *composer) cell() (text string, numbers map[int64]bool) {
	numbers = map[int64]bool{}
	text = c.pick("", "", "", "", "тел. ", "Иванов: ", "1) ", "моб.: ", "☎ ", "2 эт. ", "г. Москва, д. 5, ",
		"пн-пт 9-18 ", "№1 ", "офис 12, ", "ООО Вектор 2000, ", "24/7 ")
	for k := range 1 + c.IntN(3) {
		if k > 0 {
			text += c.pick(", ", "; ", " / ", "\n", " и ", " или ", " ", "\\", " | ", ", факс ", ", доб. 12, ",
				" (Анна), ", " (доб. 5); ",
				" 2) ", ", 2 эт., ")
		}
		e164, spelled := c.number()
		numbers[e164] = true
		text += spelled
	}
	return text + c.pick("", "", "", " доб. 123", " (Иванов)", " - секретарь", " (123)", " ИНН 7701234567",
		" ivan@example.com", " с 9 до 18", " 12", " 1", " 123", " 12.05.2023", " / 12", "., "), numbers
}

// TestComposedCells: a composed cell holds no number but its own, and nearly all of those are read.
func TestComposedCells(t *testing.T) {
	const cells = 150 // several thousand found nothing more
	for i, c := range []struct {
		plan *Plan
		by   composer
	}{
		{plan(t, "RU", "495"), composer{country: "7", prefixes: []string{"+7", "8", "8", "7", ""}, national: 10,
			areas: []string{"495", "812", "843", "916", "903", "8442", "3952"}}},
		{plan(t, "US", "202"), composer{country: "1", prefixes: []string{"+1", "1", ""}, national: 10,
			areas: []string{"202", "312", "415"}}},
		{plan(t, "BY", "17"), composer{country: "375", prefixes: []string{"+375", "80", "8 0"}, national: 9,
			areas: []string{"17", "29", "33"}}},
		{plan(t, "ES", ""), composer{country: "34", prefixes: []string{"+34", "0034", ""}, national: 9,
			areas: []string{"91", "93"}}},
	} {
		c.by.Rand = rand.New(rand.NewPCG(uint64(i), 1))
		numbers, missing := 0, 0
		for range cells {
			text, want := c.by.cell()
			cell := c.plan.ParseCell(text)
			got := map[int64]bool{}
			for _, part := range cell.Parts {
				got[part.Number.E164] = true
				if !want[part.Number.E164] {
					shown, unread := shownCell(cell)
					t.Errorf("%s: %q is read as %s, unread %s", c.plan.country, text, shown, unread)
				}
			}
			for e164 := range want {
				numbers++
				if !got[e164] {
					missing++
				}
			}
			checkCell(t, c.plan, text, cell)
		}
		if missing*10 > numbers {
			t.Errorf("%s: %d of %d numbers are not read", c.plan.country, missing, numbers)
		}
	}
}
