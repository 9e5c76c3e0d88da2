package calls

import (
	"bytes"
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/permits"
	"callhue/phone"
	"callhue/staff"
)

// Mask hides the numbers of colleagues' clients in an answer, where the policy demands it: all doors pass their JSON
// through it, and no package has to think of it. A number stays plain for those whose client it belongs to (relates),
// if no client has it or no one owns them, if the user typed it in this request (asked is its body), and on the card
// of a call that is not over.
func (d *Tracker) Mask(ctx context.Context, user *access.User, asked, answer []byte) ([]byte, error) {
	policy, err := d.Policy.Active(ctx)
	if err != nil || !policy.MaskForeignNumbers {
		return answer, err
	}
	_, scope, err := d.scopeOf(ctx, user)
	if err != nil || scope.All() {
		return answer, err
	}
	found := d.numbersIn(answer)
	if len(found) == 0 {
		return answer, nil
	}
	plain := d.liveNumbers(answer)
	for _, n := range d.numbersIn(asked) {
		plain[n.key] = true
	}
	hidden, err := d.foreignNumbers(ctx, scope, user.ID, found, plain)
	if err != nil || len(hidden) == 0 {
		return answer, err
	}
	var out bytes.Buffer
	at := 0
	for _, n := range found {
		if !hidden[n.key] {
			continue
		}
		out.Write(answer[at:n.from])
		if n.bare {
			out.WriteString(`"` + phone.Mask(n.key) + `"`)
		} else {
			out.WriteString(phone.Mask(n.key))
		}
		at = n.until
	}
	out.Write(answer[at:])
	return out.Bytes(), nil
}

// shownNumber is a number in a text: its key, and where it stands.
type shownNumber struct {
	key         int64
	from, until int
	bare        bool // it is a number of JSON, not a part of a string
}

// likeNumber matches what may be a number. What stands in one text without a comma between may be two of them.
var likeNumber = regexp.MustCompile(`\+?[0-9(][0-9() \x{00a0}./-]{4,28}[0-9]`)

// bareNumber matches the digits of a number where JSON has it as a number.
var bareNumber = regexp.MustCompile(`[0-9]{8,15}`)

// numbersIn returns the external numbers in a JSON text, each with the places where it stands, in their order.
func (d *Tracker) numbersIn(text []byte) (list []shownNumber) {
	before := 0
	addBare := func(until int) {
		for _, at := range bareNumber.FindAllIndex(text[before:until], -1) {
			if key, err := strconv.ParseInt(string(text[before+at[0]:before+at[1]]), 10, 64); err == nil {
				list = append(list, shownNumber{key, before + at[0], before + at[1], true})
			}
		}
	}
	defer func() { addBare(len(text)) }()
	for _, span := range stringsOf(text) {
		addBare(span[0])
		before = span[1]
		for _, at := range likeNumber.FindAllIndex(text[span[0]:span[1]], -1) {
			list = d.addNumbers(list, text, span[0]+at[0], span[0]+at[1])
		}
	}
	return list
}

// addNumbers adds the number that a text is, or else those that it consists of, word by word.
func (d *Tracker) addNumbers(list []shownNumber, text []byte, from, until int) []shownNumber {
	part := string(text[from:until])
	if n := d.Plan.ParseTyped(part); n.Kind == phone.External {
		return append(list, shownNumber{n.E164, from, until, false})
	}
	words := strings.FieldsFunc(part, func(r rune) bool { return r == ' ' || r == '\u00a0' })
	if len(words) < 2 || len(words) > 8 {
		return list
	}
	for first := range words { // the longest run of words from here that is a number
		for last := len(words); last > first; last-- {
			if first == 0 && last == len(words) {
				continue
			}
			begin := strings.Index(part, words[first])
			end := begin
			for _, word := range words[first:last] {
				end += strings.Index(part[end:], word) + len(word)
			}
			n := d.Plan.ParseTyped(part[begin:end])
			if n.Kind != phone.External {
				continue
			}
			list = append(list, shownNumber{n.E164, from + begin, from + end, false})
			if end < len(part) {
				return d.addNumbers(list, text, from+end, until)
			}
			return list
		}
	}
	return list
}

// stringsOf returns where the strings of a JSON text begin and end, without their quotes.
func stringsOf(text []byte) (spans [][2]int) {
	for i := 0; i < len(text); i++ {
		if text[i] != '"' {
			continue
		}
		from := i + 1
		for i++; i < len(text) && text[i] != '"'; i++ {
			if text[i] == '\\' {
				i++
			}
		}
		spans = append(spans, [2]int{from, min(i, len(text))})
	}
	return spans
}

// liveNumbers returns the numbers on the cards of calls that are not over: those that an answer is, or lists. Cards
// inside an entry of the journal are of the past.
func (d *Tracker) liveNumbers(answer []byte) map[int64]bool {
	type card struct {
		Call struct {
			State State `json:"state"`
		} `json:"call"`
		Number struct {
			E164 string `json:"e164"`
		} `json:"number"`
	}
	var shown struct {
		card
		Items []card `json:"items"`
	}
	live := map[int64]bool{}
	if json.Unmarshal(answer, &shown) != nil {
		return live // an answer of another shape has no cards
	}
	for _, c := range append(shown.Items, shown.card) {
		if c.Call.State == StateRinging || c.Call.State == StateTalking {
			live[d.Plan.ParseTyped(c.Number.E164).E164] = true
		}
	}
	return live
}

// foreignNumbers returns which numbers are of colleagues' clients alone.
func (d *Tracker) foreignNumbers(ctx context.Context, scope staff.Scope, user int64, found []shownNumber,
	plain map[int64]bool) (map[int64]bool, error) {
	var keys []int64
	for _, n := range found {
		if !plain[n.key] {
			keys = append(keys, n.key)
		}
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	held, err := d.Permits.Held(ctx)
	if err != nil {
		return nil, err
	}
	whose := reader{scope, user, held, d.DB.Clock()}
	hidden := map[int64]bool{}
	for part := range slices.Chunk(keys, crm.MostReached) {
		reached, err := crm.Reach(d.DB.Read(ctx), part...)
		if err != nil {
			return nil, err
		}
		for key, rows := range reached {
			hidden[key] = whose.isForeign(rows)
		}
	}
	return hidden, nil
}

// reader is who reads an answer.
type reader struct {
	scope staff.Scope
	user  int64
	held  *permits.Held
	now   time.Time
}

// isForeign reports whether the records of a number have owners, and none of them is the reader's client.
func (r reader) isForeign(rows []crm.Reached) bool {
	owned := false
	for _, row := range rows {
		if row.DoNotCall != nil {
			continue
		}
		owned = owned || row.Owner != 0 || row.CompanyOwner != 0
		if r.scope.Sees(row.Owner) || r.scope.Sees(row.CompanyOwner) || r.scope.Helps(row.CompanyTeam) {
			return false
		}
		if _, permitted := r.held.Find(r.user, row.CompanyID, row.CompanyOwner, r.now); permitted {
			return false
		}
	}
	return owned
}
