package webhooks

import (
	"context"
	"strings"
	"time"
	"unicode"

	"callhue/calls"
	"callhue/internal/fault"
	"callhue/internal/text"
	"callhue/rules"
	"callhue/webhooks/dialects"
)

// callerNameTimeout is how long a caller name may take: FreeSWITCH waits two seconds, and an empty name in time is
// better than a good one too late.
const callerNameTimeout = time.Second

// NameQuestion asks for a caller's name, or where to ring. User and Password are those of HTTP Basic, for a user named
// like the source; without them the secret is in the path.
type NameQuestion struct {
	User, Password    string
	Number, Agent     string
	Direction, Length string // "out", and how many characters; "" as usual
	Name              string // the name that the PBX has already; it is kept when there is none to show
}

// CallerName returns the caller in one line, for the display of a desk phone. It is "" when there is nothing to show
// and on any failure: PBXs show whatever is answered.
func (rc *Receiver) CallerName(ctx context.Context, name string, req *dialects.Request, question NameQuestion,
	head func() requestHead) string {
	in, err := rc.accept(ctx, name, req, head)
	if err != nil {
		rc.logUnlessMissing("caller name", name, err)
		return ""
	}
	line, err := rc.callerName(ctx, in, question)
	if fault.Is(err, fault.KindInternal) {
		rc.opt.Log.Error("caller name", "source", name, "error", err)
	}
	if err == nil && rc.log.full(in.source) {
		rc.countRequest(in, nil)
		return line // there are hundreds a second, and they look alike
	}
	rc.logRequest(in, 200, fault.Of(err))
	return line
}

func (rc *Receiver) logUnlessMissing(what, source string, err error) {
	if !fault.Is(err, fault.KindMissing) {
		rc.opt.Log.Error(what, "source", source, "error", err)
	}
}

func (rc *Receiver) callerName(ctx context.Context, in *inbound, question NameQuestion) (string, error) {
	card, err := rc.cardOf(ctx, in, question, true)
	if err != nil {
		return "", err
	}
	limit := in.req.NameLength(dialects.DefaultNameLength)
	if n, ok := dialects.ParseNameLength(question.Length); ok {
		limit = n
	}
	if line := displayLine(rc.opt.Tracker.CallerName(card, limit, in.req.ASCIIOnly()), limit); line != "" {
		return line, nil
	}
	// FreePBX replaces the name that the network sent by whatever is answered, so it gets that name back.
	return displayLine(text.OneLine(question.Name), limit), nil
}

// mayAsk checks who asks for a name, or where to ring.
func (in *inbound) mayAsk(question NameQuestion) error {
	switch {
	case !in.source.Active:
		return fault.Forbidden("source_inactive")
	case !in.source.Dialect.CallerID:
		return fault.Forbidden("no_names_in_dialect")
	}
	rest, valid := in.req.Rest, in.source.Secrets.At(in.req.At)
	switch {
	case rest == "" && question.Password == "":
		return fault.Unauthorised("secret_missing")
	case rest != "" && valid.Has(rest):
		return nil
	case rest == "" && question.User == in.source.Name && valid.Has(question.Password):
		return nil
	}
	return fault.Unauthorised("wrong_secret")
}

// cardOf checks who asks and returns the card of the number.
func (rc *Receiver) cardOf(ctx context.Context, in *inbound, question NameQuestion, wordless bool) (calls.Card, error) {
	if err := in.mayAsk(question); err != nil {
		return calls.Card{}, err
	}
	query := dialects.NameQuery{
		Number:    text.OneLine(question.Number),
		Agent:     text.OneLine(question.Agent),
		Direction: rules.In,
	}
	if question.Direction == string(rules.Out) {
		query.Direction = rules.Out
	}
	in.parsed.Query = &query
	card, err := rc.check(ctx, in.source, query, wordless)
	if err == nil {
		in.shown = shownCard(&card)
	}
	return card, err
}

// displayLine makes a caller name fit for a dialplan, a SIP header and a display of max characters, 0 for no limit. A
// divider at the end of what was cut is dropped.
func displayLine(name string, max int) string {
	name = dialplanSafe(name)
	characters := 0
	for at := range name {
		if characters++; max > 0 && characters > max {
			name = name[:at]
			break
		}
	}
	return strings.TrimRight(name, " -")
}

// dialplanSigns are what a dialplan or a SIP header would interpret: dividers of arguments, quotes, brackets,
// variables.
const dialplanSigns = `,;"'\{}$|<>`

// dialplanSafe replaces in a caller name what a dialplan would interpret.
func dialplanSafe(name string) string {
	if isDialplanSafe(name) { // nearly all are
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

// isDialplanSafe reports whether there is nothing to replace: no sign of a dialplan, and only single blanks between
// words.
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
