package bitrix24

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

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
}

func (at cursor) String() string { return fmt.Sprintf("%d-%d-%d", at.after, at.count, at.total) }

func parseCursor(written string) (at cursor, err error) {
	if written == "" {
		return at, nil
	}
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
	return cursor{parts[0], parts[1], parts[2]}, nil
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
	if q.After == "" {
		return p.firstPage(ctx, q)
	}
	return p.nextPage(ctx, q, at)
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
	total := max(got[0].Total, 0)
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
		return p.batch(ctx, commands)
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
			}, "filter": filterAfter("id", "updatedTime", q, at, reference), "start": -1}}
	}
	return command{names.list, map[string]any{"select": selectFields(q.Kind, q.StatusField),
		"order": map[string]any{
			"ID": "ASC",
		}, "filter": filterAfter("ID", "DATE_MODIFY", q, at, reference), "start": -1}}
}

// filterAfter returns the filter of a list.
func filterAfter(id, changed string, q crmsync.Query, at cursor, reference string) map[string]any {
	filter := map[string]any{">" + id: strconv.FormatInt(at.after, 10)}
	if reference != "" {
		filter[">"+id] = reference
	}
	if !q.Since.IsZero() {
		filter[">="+changed] = formatTime(q.Since)
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
			}, "filter": filterAfter("id", "updatedTime", q, at, reference), "start": -1},
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

// collectPage decodes the lists of a page up to the first one that is not full.
func (p *Portal) collectPage(ctx context.Context, q crmsync.Query, at cursor, got []answer) (crmsync.Page, error) {
	step := 1
	if p.needsCompanyList(q.Kind) {
		step = 2
	}
	page := crmsync.Page{Total: at.total}
	full := true
	for i := 0; i < len(got) && full; i += step {
		records, err := p.decodeRecords(q.Kind, q.StatusField, got[i].Result)
		if err != nil {
			return crmsync.Page{}, err
		}
		for _, r := range records {
			n := parseID(r.ID)
			if n <= at.after {
				return crmsync.Page{}, malformed("a list that makes no progress")
			}
			at.after = n
		}
		if step == 2 {
			if err := addCompanies(records, got[i+1].Result); err != nil {
				return crmsync.Page{}, err
			}
		}
		page.Records = append(page.Records, records...)
		full = len(records) >= perList
	}
	at.count += int64(len(page.Records))
	page.Total = max(page.Total, at.count)
	if full {
		page.Next = at.String()
	}
	return page, p.addCompaniesOneByOne(ctx, q.Kind, page.Records)
}

func (p *Portal) decodeRecords(kind crm.Kind, statusField string, result json.RawMessage) ([]crmsync.Record, error) {
	all, err := rows(result)
	if err != nil {
		return nil, err
	}
	records := make([]crmsync.Record, len(all))
	for i, raw := range all {
		if records[i], err = decodeRecord(kind, p.opt.Lists, statusField, raw); err != nil {
			return nil, err
		}
	}
	return records, nil
}
