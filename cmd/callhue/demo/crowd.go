package demo

import (
	"math/rand/v2"

	"callhue/statuses"
)

// How many records the whole world has, the curated cases included.
const (
	companiesInAll = 2000
	contactsInAll  = 3000
	leadsInAll     = 1500
)

// crowd draws the records around the cases. The same seed draws the same crowd.
type crowd struct {
	records
	curated int // the number of companies that belong to cases
	rand    *rand.Rand
	russian []string // numbers that no one has yet
	english []string
	names   []string // of Russian companies, not taken yet
	firms   []string // of English ones

	russians, britons vocabulary
}

// allRecords returns the cases and the crowd around them.
func allRecords() records {
	curated, _ := cases()
	c := &crowd{records: curated, curated: len(curated.companies), rand: rand.New(rand.NewPCG(495, 7700)),
		russians: russians(), britons: britons()}
	// Below 100 are the cases, from 9900 on numbers that no one has: for tests
	// and for trying out.
	c.russian = c.draw(100, 9900, ru)
	c.english = c.draw(20, 980, en)
	c.names = c.pairs(firmStems(), firmTails(), "-")
	c.firms = c.pairs(englishStems(), englishTails(), " ")
	for len(c.companies) < companiesInAll {
		c.addCompany()
	}
	for len(c.contacts) < contactsInAll {
		c.addContact()
	}
	for len(c.leads) < leadsInAll {
		c.addLead()
	}
	return c.records
}

// draw returns the numbers from one up to another in a random order.
func (c *crowd) draw(from, to int, spell func(int) string) []string {
	var numbers []string
	for n := from; n < to; n++ {
		numbers = append(numbers, spell(n))
	}
	return c.shuffled(numbers)
}

// pairs joins each of the first words with each of the second.
func (c *crowd) pairs(first, second []string, by string) []string {
	var all []string
	for _, a := range first {
		for _, b := range second {
			all = append(all, a+by+b)
		}
	}
	return c.shuffled(all)
}

func (c *crowd) shuffled(list []string) []string {
	c.rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

// addCompany adds a company; one of seven is a key account in Britain.
func (c *crowd) addCompany() {
	wave := c.wave(longAgo)
	if c.chance(14) && len(c.english) > 400 {
		c.company(company{name: shift(&c.firms) + " Ltd", owner: c.oneOf(taylor, brown, "wilson", "walker"),
			status: c.status(), wave: wave, numbers: []string{shift(&c.english)}})
		return
	}
	numbers := []string{shift(&c.russian)}
	if c.chance(15) {
		numbers = append(numbers, shift(&c.russian))
	}
	one := company{name: shift(&c.names), owner: c.owner(), status: c.status(), wave: wave, numbers: numbers}
	if c.chance(4) {
		one.team = []string{c.oneOf(fedorov, "morozova", "egorov", "nikitina")}
	}
	c.company(one)
}

// owner draws an agent; some companies have no one, some still have Belov.
func (c *crowd) owner() string {
	switch {
	case c.chance(3):
		return ""
	case c.chance(2):
		return belov
	}
	return c.oneOf(ivanov, petrov, sidorova, kuznecov, fedorov, "morozova", "egorov", "nikitina")
}

func (c *crowd) status() string {
	roll := c.rand.IntN(100)
	for _, part := range []struct {
		share int
		code  string
	}{
		{44, statuses.Waiting}, {28, statuses.InWork}, {12, client}, {7, paused}, {5, refused}, {2, tender},
		{1, anyone},
	} {
		if roll < part.share {
			return part.code
		}
		roll -= part.share
	}
	return unset // one of a hundred is old data
}

// addContact adds a contact: of one company mostly, of two or none sometimes.
// One of twelve shares the company's number.
func (c *crowd) addContact() {
	at := c.rand.IntN(len(c.companies))
	one := contact{companies: []int{at}}
	firm := c.companies[at]
	british := len(firm.numbers) > 0 && isEnglish(firm.numbers[0])
	who := c.vocabularyOf(british)
	one.name, one.post = c.person(who), c.oneOf(who.posts...)
	one.owner, one.wave = firm.owner, c.wave(firm.wave)
	switch {
	case c.mayShare(at) && c.chance(8):
		one.numbers = firm.numbers[:1]
	case british && len(c.english) > 0:
		one.numbers = []string{shift(&c.english)}
	default:
		one.numbers = []string{shift(&c.russian)}
	}
	switch {
	case c.chance(8):
		one.companies = nil
	case c.chance(6):
		if other := c.rand.IntN(len(c.companies)); other != at {
			one.companies = append(one.companies, other)
			one.wave = max(one.wave, c.companies[other].wave)
		}
	}
	c.contact(one)
}

// mayShare reports whether someone else may get a company's first number: those
// of the cases stay as they are.
func (c *crowd) mayShare(at int) bool {
	return at >= c.curated
}

// addLead adds a lead. Some came to nothing; some have a number that a company
// has as well, which a report of data quality should find.
func (c *crowd) addLead() {
	british := c.chance(6) && len(c.english) > 0
	who := c.vocabularyOf(british)
	one := lead{name: c.person(who), owner: c.owner(), wave: c.wave(lastYear), company: noCompany, lost: c.chance(25)}
	at := c.rand.IntN(len(c.companies))
	switch firm := c.companies[at]; {
	case c.mayShare(at) && c.chance(4):
		one.number = firm.numbers[0]
	case british:
		one.number = shift(&c.english)
	default:
		one.number = shift(&c.russian)
	}
	if c.chance(5) {
		one.company, one.wave = at, max(one.wave, c.companies[at].wave)
	}
	one.title = c.oneOf(who.errands...) + ": " + one.name
	c.lead(one)
}

func (c *crowd) vocabularyOf(british bool) *vocabulary {
	if british {
		return &c.britons
	}
	return &c.russians
}

// person draws a name, a surname first where that is the custom.
func (c *crowd) person(of *vocabulary) string {
	surname, first := c.oneOf(of.surnames...), c.oneOf(of.men...)
	if c.chance(50) {
		surname, first = surname+of.feminine, c.oneOf(of.women...)
	}
	if of == &c.britons {
		return first + " " + surname
	}
	return surname + " " + first
}

// wave draws a wave, none before the given one; old ones are likelier.
func (c *crowd) wave(from int) int {
	waves := thisWeek - from + 1
	return from + min(c.rand.IntN(waves), c.rand.IntN(waves))
}

func (c *crowd) chance(percent int) bool { return c.rand.IntN(100) < percent }

func (c *crowd) oneOf(list ...string) string { return list[c.rand.IntN(len(list))] }

// shift removes the first of a list and returns it.
func shift(list *[]string) string {
	first := (*list)[0]
	*list = (*list)[1:]
	return first
}
