package bitrix24

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"callhue/crm"
	"callhue/crmsync"
	"callhue/internal/fault"
)

// perList is how many records one list returns, and perPage how many lists a page has at most: a thousand
// records. A batch allows more, but on a large portal a list takes a second, a request that takes a minute
// is cut off, and other users of the database should not wait longer.
const (
	perList = 50
	perPage = 20
)

// cursor is the position of the next page.
type cursor struct {
	after int64 // the id of the last record returned
	count int64 // records returned until now
	total int64 // all records, as counted by the portal with the first page

	// byPosition is set where lists are not ordered: count is the position then, and after the first id of the list
	// before.
	byPosition bool
}

// positional begins a cursor by position.
const positional = "p"

func (at cursor) String() string {
	written := fmt.Sprintf("%d-%d-%d", at.after, at.count, at.total)
	if at.byPosition {
		return positional + written
	}
	return written
}

func parseCursor(written string) (at cursor, err error) {
	if written == "" {
		return at, nil
	}
	written, byPosition := strings.CutPrefix(written, positional)
	fields := strings.Split(written, "-")
	var parts [3]int64
	if len(fields) != len(parts) {
		return at, fault.Invalid("after", "invalid")
	}
	for i := range parts {
		if parts[i] = parseID(fields[i]); parts[i] < 0 {
			return at, fault.Invalid("after", "invalid")
		}
	}
	return cursor{parts[0], parts[1], parts[2], byPosition}, nil
}

// parseID parses an id; -1 if it is invalid.
func parseID(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// Page returns the next records of a kind in the order of their ids. The first page is one list with a
// count; each further one is a batch of lists, each continuing after the last id of the previous one. So
// ten thousand companies take eleven requests, and records that are added or removed meanwhile shift
// nothing.
//
// Classic lists lack a contact's further companies. crm.item.list has them, for fifty contacts at once, so
// each list of contacts is followed by one of their companies; crm.contact.company.items.get for each
// contact, which a portal without crm.item.list needs, would take fifty times as many.
func (p *Portal) Page(ctx context.Context, q crmsync.Query) (crmsync.Page, error) {
	if _, known := kinds[q.Kind]; !known {
		return crmsync.Page{}, fault.Invalid("kind", "unknown")
	}
	at, err := parseCursor(q.After)
	if err != nil {
		return crmsync.Page{}, err
	}
	switch {
	case q.After == "":
		page, err := p.firstPage(ctx, q)
		return p.orByPosition(page, err)
	case at.byPosition:
		return p.pageAt(ctx, q, at)
	}
	page, err := p.nextPage(ctx, q, at)
	return p.orByPosition(page, err)
}

// orByPosition begins again, by position, when a list turns out not to be ordered: what stands behind an id is not all
// that is left then.
func (p *Portal) orByPosition(page crmsync.Page, err error) (crmsync.Page, error) {
	if !errors.Is(err, errUnordered) {
		return page, err
	}
	return crmsync.Page{Unordered: true, Next: cursor{byPosition: true}.String(), Total: -1}, nil
}

// pageAt reads one list by its position. Records that are removed meanwhile shift it: what is missed is read at the end
// of a full sync. A list that begins as the one before makes no progress.
func (p *Portal) pageAt(ctx context.Context, q crmsync.Query, at cursor) (crmsync.Page, error) {
	list := p.listCommand(q, cursor{}, "")
	list.params["start"] = at.count
	delete(list.params["filter"].(map[string]any), p.idFilter())
	got, err := p.runLists(ctx, []command{list})
	if err != nil {
		return crmsync.Page{}, err
	}
	out, err := p.decodeRecords(q.Kind, q.StatusField, got[0].Result)
	if err != nil {
		return crmsync.Page{}, err
	}
	page := crmsync.Page{Records: out.records, Unreadable: out.unreadable, Unordered: true, Total: int64(got[0].Total)}
	next := cursor{byPosition: true, count: at.count + int64(out.rows)}
	if len(out.order) > 0 {
		next.after = out.order[0]
	}
	if at.count > 0 && next.after == at.after {
		return crmsync.Page{}, malformed("a list that makes no progress")
	}
	if out.rows >= perList {
		page.Next = next.String()
	}
	if page.Total == 0 {
		page.Total = -1
	}
	for i := range page.Records {
		if p.needsCompanyList(q.Kind) {
			page.Records[i].Unknown |= crmsync.UnknownCompanies
		}
	}
	return page, p.completeCompanies(ctx, q.Kind, page.Records)
}

// idFilter is the filter of lists that begin behind an id.
func (p *Portal) idFilter() string {
	if p.opt.Lists == Items {
		return ">id"
	}
	return ">ID"
}

// firstPage reads one list, with the count.
func (p *Portal) firstPage(ctx context.Context, q crmsync.Query) (crmsync.Page, error) {
	commands := []command{p.listCommand(q, cursor{}, "")}
	commands[0].params["start"] = 0
	if p.needsCompanyList(q.Kind) {
		commands = append(commands, p.companyListCommand(q, cursor{}, ""))
	}
	got, err := p.runLists(ctx, commands)
	if p.lacksItemList(err) {
		return p.firstPage(ctx, q)
	}
	if err != nil {
		return crmsync.Page{}, err
	}
	total := max(int64(got[0].Total), 0)
	return p.collectPage(ctx, q, cursor{total: total}, got)
}

// nextPage reads as many lists as are missing, as far as one batch holds them. The last one must not be
// full: only then it is known to be the last.
func (p *Portal) nextPage(ctx context.Context, q crmsync.Query, at cursor) (crmsync.Page, error) {
	step := 1
	if p.needsCompanyList(q.Kind) {
		step = 2
	}
	wanted := min(int64(perPage), max(0, at.total-at.count)/perList+1)
	commands := make([]command, 0, perBatch)
	reference := ""
	for range wanted {
		commands = append(commands, p.listCommand(q, at, reference))
		if step == 2 {
			commands = append(commands, p.companyListCommand(q, at, reference))
		}
		reference = p.lastIDOf(len(commands) - step)
	}
	got, err := p.runLists(ctx, commands)
	if p.lacksItemList(err) {
		return p.nextPage(ctx, q, at)
	}
	if err != nil {
		return crmsync.Page{}, err
	}
	return p.collectPage(ctx, q, at, got)
}

// lastIDOf returns a reference, within a batch, to the id of the last record of a full list. For a list
// that is not full it refers to nothing, and the filter that uses it is empty: the list after it starts
// over. collectPage stops before that.
func (p *Portal) lastIDOf(list int) string {
	if p.opt.Lists == Items {
		return fmt.Sprintf("$result[%s][items][%d][id]", commandName(list), perList-1)
	}
	return fmt.Sprintf("$result[%s][%d][ID]", commandName(list), perList-1)
}

// runLists reads lists, a single one without a batch.
func (p *Portal) runLists(ctx context.Context, commands []command) ([]answer, error) {
	if len(commands) > 1 {
		answers, err := p.batch(ctx, commands)
		if err != nil || len(answers[0].Result) > 0 {
			return answers, err
		}
		// A batch that lacks the very first result: asked by itself, it may have one.
		first, err := p.request(ctx, p.rest, p.signer(), commands[0].method, commands[0].params)
		if err == nil {
			answers = append([]answer{*first}, make([]answer, len(commands)-1)...)
		}
		return answers, err
	}
	got, err := p.request(ctx, p.rest, p.signer(), commands[0].method, commands[0].params)
	if err != nil {
		return nil, err
	}
	return []answer{*got}, nil
}

// listCommand returns the list after a cursor, or after what a reference refers to.
func (p *Portal) listCommand(q crmsync.Query, at cursor, reference string) command {
	names := kinds[q.Kind]
	if p.opt.Lists == Items {
		// Phones come only with all fields: fm cannot be selected.
		return command{"crm.item.list", map[string]any{"entityTypeId": names.entity, "useOriginalUfNames": "Y",
			"order": map[string]any{
				"id": "ASC",
			}, "filter": filterAfter("id", "updatedTime", q, at, reference, p.zone.Load()), "start": -1}}
	}
	return command{names.list, map[string]any{"select": selectFields(q.Kind, q.StatusField),
		"order": map[string]any{
			"ID": "ASC",
		}, "filter": filterAfter("ID", "DATE_MODIFY", q, at, reference, p.zone.Load()), "start": -1}}
}

// filterAfter returns the filter of a list.
//
// A time is written in the portal's own zone: some versions read over the offset that is written with it.
func filterAfter(id, changed string, q crmsync.Query, at cursor, reference string,
	zone *time.Location) map[string]any {
	filter := map[string]any{">" + id: strconv.FormatInt(at.after, 10)}
	if reference != "" {
		filter[">"+id] = reference
	}
	if !q.Since.IsZero() {
		filter[">="+changed] = formatTime(q.Since, zone)
	}
	return filter
}

// needsCompanyList reports whether each list of a kind is followed by one of companies.
func (p *Portal) needsCompanyList(kind crm.Kind) bool {
	return kind == crm.KindContact && p.opt.Lists == Classic && !p.noItemList.Load()
}

// companyListCommand returns the list of the companies of the contacts in a list.
func (p *Portal) companyListCommand(q crmsync.Query, at cursor, reference string) command {
	return command{
		"crm.item.list",
		map[string]any{"entityTypeId": kinds[crm.KindContact].entity, "select": []string{"id", "companyIds"},
			"order": map[string]any{
				"id": "ASC",
			}, "filter": filterAfter("id", "updatedTime", q, at, reference, p.zone.Load()), "start": -1},
	}
}

// lacksItemList notes that the portal does not know crm.item.list; the request then has to be repeated
// without it.
func (p *Portal) lacksItemList(err error) bool {
	var refused *refusal
	return errors.As(err, &refused) && refused.method == "crm.item.list" && refused.is(noMethod...) &&
		p.opt.Lists == Classic &&
		!p.noItemList.Swap(true)
}

// errUnordered is a list that is not ordered by id.
var errUnordered = errors.New("a list that is not ordered by id")

// collectPage decodes the lists of a page up to the first one that is not full. Fault: errUnordered.
func (p *Portal) collectPage(ctx context.Context, q crmsync.Query, at cursor, got []answer) (crmsync.Page, error) {
	step := 1
	if p.needsCompanyList(q.Kind) {
		step = 2
	}
	page := crmsync.Page{Total: at.total}
	full := true
	for i := 0; i < len(got) && full; i += step {
		if len(got[i].Result) == 0 && i > 0 {
			break // an answer that lacks a result: the next page begins there
		}
		list, err := p.decodeRecords(q.Kind, q.StatusField, got[i].Result)
		if err != nil {
			return crmsync.Page{}, err
		}
		if i > 0 && len(list.order) > 0 && list.order[0] <= at.after {
			break // the list before ended with a record without an id, and this one starts over
		}
		if !ascending(list.order, at.after) {
			return crmsync.Page{}, errUnordered
		}
		if len(list.order) > 0 {
			at.after = list.order[len(list.order)-1]
		}
		if step == 2 && i+1 < len(got) {
			addCompanies(list.records, got[i+1].Result)
		}
		page.Records = append(page.Records, list.records...)
		page.Unreadable = append(page.Unreadable, list.unreadable...)
		at.count += int64(list.rows)
		full = list.rows >= perList && len(list.order) > 0
	}
	page.Total = max(page.Total, at.count)
	if full {
		page.Next = at.String()
	}
	return page, p.completeCompanies(ctx, q.Kind, page.Records)
}

// ascending reports whether ids grow, beginning behind one.
func ascending(order []int64, after int64) bool {
	for _, id := range order {
		if id <= after {
			return false
		}
		after = id
	}
	return true
}

// decoded is a list of records.
type decoded struct {
	records    []crmsync.Record
	unreadable []crmsync.Unreadable
	order      []int64 // the ids of all records that have one
	rows       int
}

// decodeRecords decodes a list of records. One that cannot be understood is set aside.
func (p *Portal) decodeRecords(kind crm.Kind, statusField string, result json.RawMessage) (out decoded, err error) {
	all, err := rows(result)
	if err != nil {
		return out, err
	}
	out.rows = len(all)
	for _, raw := range all {
		r, zone, err := p.decodeRecord(kind, statusField, raw)
		if err != nil {
			id := idOf(raw)
			if id > 0 {
				out.order = append(out.order, id)
			}
			out.unreadable = append(out.unreadable, unreadable(id, err))
			continue
		}
		if zone != nil {
			p.zone.Store(zone)
		}
		out.order = append(out.order, parseID(r.ID))
		out.records = append(out.records, r)
	}
	return out, nil
}

// idOf returns the id of a record that cannot be understood, 0 if it has none.
func idOf(raw json.RawMessage) int64 {
	var of struct {
		ID text `json:"ID"` // id too: names are matched in either case
	}
	if json.Unmarshal(raw, &of) != nil {
		return 0
	}
	return max(0, parseID(string(of.ID)))
}

// unreadable names a record that was set aside.
func unreadable(id int64, why error) crmsync.Unreadable {
	u := crmsync.Unreadable{Why: why.Error()}
	if cause := errors.Unwrap(why); cause != nil {
		u.Why = cause.Error()
	}
	if id > 0 {
		u.ID = strconv.FormatInt(id, 10)
	}
	return u
}
