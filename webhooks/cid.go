package webhooks

import (
	"context"
	"strconv"
	"strings"
	"time"
	"unicode"

	"callhue/calls"
	"callhue/internal/fault"
	"callhue/rules"
)

// nameTimeout is how long a caller name may take: FreeSWITCH waits two seconds,
// and an empty name in time is better than a good one too late.
const nameTimeout = time.Second

// Lengths of a caller name in characters.
const (
	nameMax     = 15 // CNAM's length, unless told otherwise
	nameLongest = 64
)

// nameLength reads a wanted length of caller names.
func nameLength(text string) (int, bool) {
	if text == "" {
		return 0, false
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 1 && n <= nameLongest
}

// nameLimit is the source's longest caller name, otherwise when it has none set.
func (q *Query) nameLimit(otherwise int) int {
	if n, ok := nameLength(q.Setting("max")); ok {
		return n
	}
	return otherwise
}

// NameQuestion asks for a caller's name. User and Password are those of HTTP
// Basic, for a user who is named as the source; without them the secret is the
// query's Rest.
type NameQuestion struct {
	User, Password    string
	Number, Agent     string
	Direction, Length string // "out" and how many characters; "" as usual
	Name              string // what the PBX has for a name already; it keeps it when there is nothing to say
}

// CallerName is the caller in one line, for the display of a desk phone; ""
// when there is nothing to say, and on any failure: PBXs show whatever is
// answered.
func (d *Receiver) CallerName(ctx context.Context, name string, q *Query, wanted NameQuestion, t func() trace) string {
	b, err := d.book.Get(ctx)
	if err != nil {
		d.opt.Log.Error("caller name", "error", err)
		return ""
	}
	source := b.byName[name]
	if source == nil || source.dialect == nil {
		d.meter.count("unknown", outcomeRefused, "unknown_source")
		return ""
	}
	q.Source = source.Source
	c := &call{q: q, source: source, trace: t}
	line, err := d.callerName(ctx, c, wanted)
	if fault.Is(err, fault.KindInternal) {
		d.opt.Log.Error("caller name", "source", name, "error", err)
	}
	if err == nil && d.log.full(source) {
		d.count(c, nil)
		return line // hundreds a second look alike
	}
	d.record(c, 200, fault.Of(err))
	return line
}

func (d *Receiver) callerName(ctx context.Context, c *call, wanted NameQuestion) (string, error) {
	card, err := d.namedCard(ctx, c, wanted, true)
	if err != nil {
		return "", err
	}
	limit := c.q.nameLimit(nameMax)
	if n, ok := nameLength(wanted.Length); ok {
		limit = n
	}
	if line := phoneLine(d.opt.Desk.CallerName(card, c.q.Setting("ascii") == "true"), limit); line != "" {
		return line, nil
	}
	return phoneLine(fault.OneLine(wanted.Name), limit), nil // FreePBX would empty what the network told
}

// mayAsk checks who asks for a name, or where to ring.
func (c *call) mayAsk(wanted NameQuestion) error {
	q := c.q
	switch {
	case !c.source.Active:
		return fault.Forbidden("source_inactive")
	case !c.source.dialect.names:
		return fault.Forbidden("no_names_in_dialect")
	}
	secrets := c.source.secrets.At(q.At)
	switch {
	case q.Rest == "" && wanted.Password == "":
		return refused("secret_missing")
	case q.Rest != "" && secrets.Has(q.Rest):
	case q.Rest == "" && wanted.User == q.Source.Name && secrets.Has(wanted.Password):
	default:
		return refused("wrong_secret")
	}
	return nil
}

// namedCard checks who asks for a name, and gives the card.
func (d *Receiver) namedCard(ctx context.Context, c *call, wanted NameQuestion, wordless bool) (calls.Card, error) {
	if err := c.mayAsk(wanted); err != nil {
		return calls.Card{}, err
	}
	asked := NameQuery{Number: fault.OneLine(wanted.Number), Agent: fault.OneLine(wanted.Agent), Direction: rules.In}
	if wanted.Direction == string(rules.Out) {
		asked.Direction = rules.Out
	}
	c.heard.Asked = &asked
	card, err := d.ask(ctx, c.source, asked, wordless)
	if err == nil {
		c.shown = shownOf(&card)
	}
	return card, err
}

// phoneLine makes a caller name fit for a dialplan, a SIP header and a display of
// so many letters (0: no end). What was cut leaves no divider behind.
func phoneLine(name string, max int) string {
	name = dialplanSafe(name)
	letters := 0
	for at := range name {
		if letters++; max > 0 && letters > max {
			name = name[:at]
			break
		}
	}
	return strings.TrimRight(name, " -")
}

// dialplanSafe frees a caller name of what a dialplan or a SIP header would take
// for its own: dividers of arguments, quotes, brackets, variables.
func dialplanSafe(name string) string {
	if isDialplanSafe(name) { // nearly all
		return name
	}
	name = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || strings.ContainsRune(dialplanSigns, r) {
			return ' '
		}
		return r
	}, name)
	return strings.Join(strings.Fields(name), " ")
}

const dialplanSigns = `,;"'\{}$|<>`

// isDialplanSafe says that there is nothing to free a name of: no sign of a
// dialplan, no blank but single ones between words.
func isDialplanSafe(name string) bool {
	last := ' '
	for _, r := range name {
		if !unicode.IsPrint(r) || strings.ContainsRune(dialplanSigns, r) || r == ' ' && last == ' ' {
			return false
		}
		last = r
	}
	return last != ' ' || name == ""
}
